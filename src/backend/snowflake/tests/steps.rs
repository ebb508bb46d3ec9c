//! Law 4 on Snowflake: after any prefix of a plan nobody reads, or sees clear or unfiltered, what he could neither before nor after.
//!
//! Filters are told apart by name only: a filter whose rows change is swapped in one statement.

// A test may look ahead of its stage: the law is about what `plan` makes of these facts.
#[cfg(test)]
use std::collections::BTreeSet;

use super::bodies::{Dice, MORE, random_policies};
use super::{World, texts, world};
use crate::backend::contract::{Backend, Observed, RowsSeen};
use crate::backend::fact::{Fact, Symbols};
use crate::backend::snowflake::Snowflake;
use crate::diagnostic::Diagnostics;
use crate::inventory::directory::Access;
use crate::inventory::{ColumnId, Securable, TableId};
use crate::plan::diff::diff;
use crate::plan::order::{Order, apply, order};
use crate::plan::{Side, exposure};

/// What somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Has {
    May(TableId, Access, u32),
    Clear(ColumnId, u32),
}

struct Exposure {
    has: BTreeSet<Has>,
    /// Table, account, and the filters that bear.
    filtered: Vec<(TableId, u32, BTreeSet<String>)>,
}

fn exposure(world: &World, facts: &[Fact], symbols: &Symbols) -> Exposure {
    let inventory = &world.program.inventory;
    let permits = Snowflake.permits(inventory, world.integration, facts, symbols, &world.accounts);
    let mut found = Exposure { has: BTreeSet::new(), filtered: Vec::new() };
    for table in inventory.catalog.tables.ids() {
        for access in Access::ALL {
            let may = permits.may(Securable::Table(table), access);
            found.has.extend(may.iter().map(|account| Has::May(table, access, account)));
        }
        let readers = permits.may(Securable::Table(table), Access::Read);
        for column in &inventory.catalog.tables[table].columns {
            let clear = exposure::clear(permits.as_ref(), &readers, *column).sometimes;
            found.has.extend(clear.iter().map(|account| Has::Clear(*column, account)));
        }
        let rows = permits.rows(table);
        for account in &readers {
            let bear = rows.iter().find(|(_, accounts)| accounts.contains(account)).map(|(seen, _)| seen);
            let names = match bear {
                Some(RowsSeen::Filtered(names)) => names.iter().cloned().collect(),
                Some(RowsSeen::All) | None => BTreeSet::new(),
            };
            found.filtered.push((table, account, names));
        }
    }
    found
}

fn within(now: &Exposure, before: &Exposure, after: &Exposure) {
    for has in &now.has {
        assert!(before.has.contains(has) || after.has.contains(has), "{has:?} is new");
    }
    for (table, account, names) in &now.filtered {
        let covered = before
            .filtered
            .iter()
            .chain(&after.filtered)
            .any(|(other, who, few)| other == table && who == account && few.is_subset(names));
        assert!(covered, "{table:?} {account} is filtered by {names:?} alone");
    }
}

#[test]
fn no_prefix_of_a_plan_is_wider_than_both_ends() {
    let mut steps_seen = 0;
    for seed in 0..12 {
        let mut dice = Dice(1_000 + seed);
        let (first, second) = (random_policies(&mut dice), random_policies(&mut dice));
        let second = second.replace(r#"["staff", "curators"]"#, r#"["support", "curators"]"#);
        let (old, new) = (world(MORE, &first), world(MORE, &second));
        let mut symbols = Symbols::default();
        let (before, lowered) = (old.lower(&mut symbols, true), new.lower(&mut symbols, true));
        let observed = Observed { ours: before.facts.clone(), present: true, ..Observed::default() };
        let side = Side {
            integration: new.integration,
            backend: &Snowflake,
            accounts: &new.accounts,
            symbols: &symbols,
            lowered: &lowered,
            observed: &observed,
        };
        let changes = diff(&side, false).changes;
        let steps =
            order(&new.program.inventory, &side, &changes, Order::NeverWider, &mut Diagnostics::new())
                .unwrap();
        let (at_first, at_last) =
            (exposure(&new, &before.facts, &symbols), exposure(&new, &lowered.facts, &symbols));
        let mut facts = before.facts.clone();
        for (index, step) in steps.iter().enumerate() {
            facts = apply(&facts, step, &symbols);
            // Most steps are memberships: every third is looked at, and the last of them all.
            if index % 3 == 0 || index + 1 == steps.len() {
                within(&exposure(&new, &facts, &symbols), &at_first, &at_last);
                steps_seen += 1;
            }
        }
        crate::backend::fact::sort_by_text(&mut facts, &symbols);
        assert_eq!(texts(&facts, &symbols), texts(&lowered.facts, &symbols));
    }
    assert!(steps_seen > 50, "{steps_seen}");
}
