//! What always holds, for random worlds. The judge is [`seen`], which reads facts as text.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::fake::{self, seen};
use super::{Order, steps, with_side, world};
use crate::backend::Symbols;
use crate::diagnostic::Diagnostics;
use crate::plan::{diff, exposure, order};

const USERS: [&str; 3] = ["alice", "bob", "carol"];
const COLUMNS: [&str; 3] = ["CUSTOMER.EMAIL", "CUSTOMER.PHONE", "SALES.REGION"];
const OPTIONAL: [&str; 17] = [
    "role R1",
    "role R2",
    "read CUSTOMER R1",
    "read CUSTOMER R2",
    "read SALES R1",
    "read SALES R2",
    "write SALES R1",
    "write SALES R2",
    "member R1 alice",
    "member R2 alice",
    "member R1 bob",
    "member R2 bob",
    "member R3 bob",
    "member R1 carol",
    "member R3 carol",
    "member R1 R2",
    "member R3 R2",
];

/// A random state: any of the optional facts, policies with any body, masks and filters on any place.
fn facts() -> impl Strategy<Value = String> {
    let role = || prop::sample::select(vec!["R1", "R2", "R3"]);
    let policy = || prop::option::of(prop::sample::select(vec!["P1", "P2"]));
    let filter = || prop::option::of(prop::sample::select(vec!["F1", "F2"]));
    (
        prop::sample::subsequence(OPTIONAL.to_vec(), 0..=OPTIONAL.len()),
        [role(), role()],
        [policy(), policy(), policy()],
        [filter(), filter()],
    )
        .prop_map(|(facts, bodies, masks, filters)| {
            let mut lines: Vec<String> = facts.iter().map(|fact| (*fact).to_owned()).collect();
            lines.extend([format!("policy P1 {}", bodies[0]), format!("policy P2 {}", bodies[1])]);
            for (column, policy) in COLUMNS.iter().zip(masks) {
                lines.extend(policy.map(|policy| format!("mask {column} {policy}")));
            }
            for (table, filter) in ["CUSTOMER", "SALES"].iter().zip(filters) {
                lines.extend(filter.map(|filter| format!("filter {table} {filter}")));
            }
            lines.join("\n")
        })
}

/// Two random states: unrelated, with the same access, or with the same protections; unrelated ones alone would seldom
/// have what makes a step unsafe.
fn pair() -> impl Strategy<Value = (String, String)> {
    (facts(), facts(), 0..3_u8).prop_map(|(before, after, same)| {
        let protects = |line: &&str| ["policy", "mask", "filter"].iter().any(|kind| line.starts_with(kind));
        let kept = |line: &&str| match same {
            0 => false,
            1 => !protects(line),
            _ => protects(line),
        };
        let other = after.lines().filter(|line| !kept(line));
        let after = before.lines().filter(kept).chain(other).collect::<Vec<_>>().join("\n");
        (before, after)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn no_prefix_of_a_plan_is_wider_than_both_ends((before, after) in pair(), narrow: bool) {
        let (program, id) = world();
        let mut symbols = Symbols::default();
        let (lowered, observed) = fake::state(&after, &before, &mut symbols);
        let wanted = if narrow { Order::NeverNarrower } else { Order::NeverWider };
        with_side(program, *id, &lowered, &observed, &symbols, |side| {
            let diff = diff::diff(side, false);
            let ordered = order::order(&program.inventory, side, &diff.changes, wanted, &mut Diagnostics::new());
            let Ok(steps) = ordered else {
                // Refused only where two policies change and columns trade them.
                let changed = ["P1", "P2"].iter().all(|policy| {
                    diff.changes.iter().any(|change| fake::line(&change.fact, &symbols).starts_with(&format!("policy {policy}")))
                });
                prop_assert!(changed, "{before}\n→\n{after}");
                return Ok(());
            };
            let start = exposure::all(side.observed, &symbols);
            let seen = |facts: &[crate::backend::Fact]| seen(facts, &symbols, &USERS, &COLUMNS);
            let ends: BTreeSet<String> = seen(&start).union(&seen(&lowered.facts)).cloned().collect();
            for count in 0..=steps.len() {
                let state = order::apply(&start, steps.iter().take(count).flatten(), &symbols);
                let wider: Vec<String> = seen(&state).difference(&ends).cloned().collect();
                prop_assert!(wider.is_empty(), "after {count} steps: {wider:?}\n{before}\n→\n{after}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn applying_a_diff_gives_the_desired_state(before in facts(), after in facts()) {
        let (program, id) = world();
        let mut symbols = Symbols::default();
        let (lowered, observed) = fake::state(&after, &before, &mut symbols);
        with_side(program, *id, &lowered, &observed, &symbols, |side| {
            let diff = diff::diff(side, false);
            let start = exposure::all(side.observed, &symbols);
            prop_assert_eq!(&order::apply(&start, &diff.changes, &symbols), &lowered.facts);
            Ok(())
        })?;
    }

    #[test]
    fn order_of_input_does_not_matter(before in facts(), after in facts()) {
        let turned = |text: &str| text.lines().rev().collect::<Vec<_>>().join("\n");
        prop_assert_eq!(
            steps(&after, &before, false, Order::NeverWider),
            steps(&turned(&after), &turned(&before), false, Order::NeverWider)
        );
    }

    #[test]
    fn foreign_facts_stay_as_they_are(before in facts(), after in facts()) {
        let foreign: String = before.lines().map(|line| format!("foreign {line}\n")).collect();
        let (program, id) = world();
        let mut symbols = Symbols::default();
        let (lowered, observed) = fake::state(&after, &foreign, &mut symbols);
        with_side(program, *id, &lowered, &observed, &symbols, |side| {
            let diff = diff::diff(side, false);
            let end = order::apply(&observed.foreign, &diff.changes, &symbols);
            prop_assert!(observed.foreign.iter().all(|fact| end.contains(fact)));
            Ok(())
        })?;
    }

    #[test]
    fn nobody_new_reads_what_a_foreign_fact_leaves_unprotected((before, after) in pair(), taken in 0..16_u8) {
        let place = |at: u8| ["mask CUSTOMER.EMAIL", "filter SALES", "policy P1", "role R1"].get(usize::from(at)).copied();
        let names: Vec<&str> = (0..4).filter(|at| taken & (1 << at) != 0).filter_map(place).collect();
        let ours = before.lines().filter(|line| !names.iter().any(|name| line.starts_with(name)));
        let foreign = names.iter().map(|name| format!("foreign {name} THEIRS"));
        let observed = ours.map(str::to_owned).chain(foreign).collect::<Vec<_>>().join("\n");
        let (program, id) = world();
        let mut symbols = Symbols::default();
        let (lowered, observed) = fake::state(&after, &observed, &mut symbols);
        with_side(program, *id, &lowered, &observed, &symbols, |side| {
            let diff = diff::diff(side, false);
            let start = exposure::all(side.observed, &symbols);
            let end = order::apply(&start, &diff.changes, &symbols);
            let seen = |facts: &[crate::backend::Fact]| seen(facts, &symbols, &USERS, &COLUMNS);
            let more: Vec<String> = seen(&end).difference(&seen(&start)).cloned().collect();
            for each in &diff.blocked {
                let line = fake::line(&each.desired, &symbols);
                let words: Vec<&str> = line.split(' ').collect();
                let table = match words.as_slice() {
                    ["mask", column, _] => column.split_once('.').unwrap().0,
                    ["filter", table, _] => table,
                    _ => continue,
                };
                let gained = more.iter().find(|line| line.ends_with(&format!(" read {table}")));
                prop_assert!(gained.is_none(), "{gained:?}\n{before}\n→\n{after}");
            }
            // Nobody comes to hold, through a role of somebody else, what was meant for ours.
            let theirs = diff.blocked.iter().any(|each| fake::line(&each.desired, &symbols) == "role R1");
            let given = diff.changes.iter().filter(|change| change.op != crate::backend::Op::Remove);
            for line in given.map(|change| fake::line(&change.fact, &symbols)) {
                prop_assert!(!theirs || !line.split(' ').any(|word| word == "R1") || line.starts_with("policy"), "{}", line);
            }
            // No dangling attachment.
            for fact in &end {
                let line = fake::line(fact, &symbols);
                if let ["mask", _, policy] = line.split(' ').collect::<Vec<_>>().as_slice()
                    && *policy != "THEIRS"
                {
                    let stands = end.iter().any(|fact| fake::line(fact, &symbols).starts_with(&format!("policy {policy} ")));
                    let stood = start.iter().any(|fact| fake::line(fact, &symbols).starts_with(&format!("policy {policy} ")));
                    prop_assert!(stands || !stood, "{}", line);
                }
            }
            Ok(())
        })?;
    }
}
