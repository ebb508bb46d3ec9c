//! Law 5: what does not carry our mark is left alone, and told of where it gives more than the policies.
//!
//! Facts of another project on the same platform play the part of somebody else's.

use std::collections::BTreeSet;

use grantc::backend::{Lowered, Observed, Op};
use grantc::diagnostic::Diagnostics;
use grantc::inventory::AccountId;
use grantc::inventory::directory::Access;
use grantc::pipeline::World;
use grantc::plan::{self, Order, Side};

use super::case::{each, names};

/// `keep` decides which of the other's facts are there.
pub fn hold(world: &World, other: &World, keep: &dyn Fn(usize) -> bool) {
    each(other, &mut |theirs| {
        each(world, &mut |case| {
            if case.integration != theirs.integration {
                return;
            }
            let mut case = super::round_trip::own(case);
            let foreign: Vec<_> = theirs
                .facts
                .iter()
                .enumerate()
                .filter(|(at, _)| keep(*at))
                .map(|(_, fact)| {
                    let mut fact = *fact;
                    for symbol in [
                        &mut fact.key.privilege,
                        &mut fact.key.object,
                        &mut fact.key.grantee,
                        &mut fact.body,
                        &mut fact.policies,
                    ] {
                        *symbol = case.symbols.intern(theirs.symbols.text(*symbol));
                    }
                    fact
                })
                .collect();
            let ours: Vec<_> = case
                .facts
                .iter()
                .enumerate()
                .filter(|(at, _)| !keep(at + 1))
                .map(|(_, fact)| *fact)
                .collect();
            let mine: BTreeSet<_> = ours.iter().map(|fact| fact.key).collect();
            let foreign: Vec<_> = foreign.into_iter().filter(|fact| !mine.contains(&fact.key)).collect();
            let observed = Observed { ours, foreign: foreign.clone(), present: true, open: false };
            let lowered = Lowered { facts: case.facts.clone(), gaps: Vec::new() };
            let side = || Side {
                integration: case.integration,
                backend: case.backend,
                accounts: &case.accounts,
                symbols: &case.symbols,
                lowered: &lowered,
                observed: &observed,
            };
            let diff = plan::diff::diff(&side(), false);
            let keys: BTreeSet<_> = foreign.iter().map(|fact| fact.key).collect();
            for change in diff.changes.iter().chain(&diff.withheld) {
                assert!(!keys.contains(&change.fact.key), "{}: touches {change:?}", case.name());
            }
            for change in &diff.changes {
                assert!(change.op != Op::Remove || mine.contains(&change.fact.key), "{change:?}");
            }
            let was = plan::exposure::all(&observed, &case.symbols);
            let after = plan::order::apply(&was, &diff.changes, &case.symbols);
            assert!(
                foreign.iter().all(|fact| after.contains(fact)),
                "{}: a foreign fact is gone",
                case.name()
            );
            // Whoever still has more than the reference is told of.
            let mut said = Diagnostics::new();
            let plan =
                plan::build(case.program, case.meaning, &[side()], Order::NeverWider, &mut said).unwrap();
            let permits = case.permits(&after);
            for securable in case.securables() {
                for access in Access::ALL {
                    let wanted = case.meaning.may(securable, access);
                    for name in names(permits.as_ref(), &permits.may(securable, access)) {
                        let users =
                            case.accounts.find(&name).map(|id: AccountId| &case.accounts.accounts[id].users);
                        let wider = users.is_none_or(|users| !users.is_subset(&wanted));
                        let told = plan.bypasses.iter().any(|bypass| {
                            bypass.object == case.shown(securable) && bypass.access == access.word()
                        });
                        assert!(
                            !wider || told,
                            "{}: {name} has {} untold",
                            case.name(),
                            case.shown(securable)
                        );
                    }
                }
            }
        });
    });
}
