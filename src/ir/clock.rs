//! The next instant at which the clock alone changes something.
//!
//! Native grants have no clock, so a plan must say until when it is right. Candidates are the ends of windows and
//! of approvals; one counts only if the meaning differs from now on a securable that it touches.
//! Cost: candidates × the securables that each touches, until the first that counts.

use std::collections::BTreeMap;

use super::{Meaning, Program};
use crate::ids::Id;
use crate::inventory::catalog::SecurableSet;
use crate::inventory::directory::Access;
use crate::inventory::{Instant, Securable, TableId};

/// The first instant after the program's own at which somebody may or sees something else.
pub fn next_change(program: &Program) -> Option<Instant> {
    let catalog = &program.inventory.catalog;
    let mut touched: BTreeMap<Instant, SecurableSet> = BTreeMap::new();
    let mut touch = |instants: &mut dyn Iterator<Item = Instant>, on: &SecurableSet| {
        for instant in instants.filter(|instant| *instant > program.at) {
            let set = touched.entry(instant).or_default();
            set.tables |= &on.tables;
            set.data_sources |= &on.data_sources;
        }
    };
    for each in program.subscriptions.values() {
        touch(&mut each.head.window.ends(), &each.on);
    }
    for each in program.guardrails.values() {
        touch(&mut each.head.window.ends(), &each.on);
    }
    for each in program.filters.values() {
        touch(
            &mut each.head.window.ends(),
            &SecurableSet { tables: each.tables.clone(), ..SecurableSet::default() },
        );
    }
    for each in program.masks.values() {
        let columns = each.columns.iter().map(crate::inventory::ColumnId::from_raw);
        let tables = columns.map(|column| catalog.columns[column].table.raw()).collect();
        touch(&mut each.head.window.ends(), &SecurableSet { tables, ..SecurableSet::default() });
    }
    for each in &program.inventory.approvals {
        let mut on = SecurableSet::default();
        match each.securable {
            Securable::Table(table) => on.tables.insert(table.raw()),
            Securable::DataSource(id) => on.data_sources.insert(id.raw()),
        };
        touch(&mut each.until.into_iter(), &on);
    }
    let now = Meaning::new(program);
    touched
        .into_iter()
        .find(|(instant, on)| differs(&now, &Meaning::at(program, *instant), on))
        .map(|(at, _)| at)
}

fn differs(now: &Meaning<'_>, then: &Meaning<'_>, on: &SecurableSet) -> bool {
    on.iter().any(|securable| {
        Access::ALL.into_iter().any(|access| now.may(securable, access) != then.may(securable, access))
            || match securable {
                Securable::Table(table) => table_differs(now, then, table),
                Securable::DataSource(_) => false,
            }
    })
}

fn table_differs(now: &Meaning<'_>, then: &Meaning<'_>, table: TableId) -> bool {
    let catalog = &now.program().inventory.catalog;
    now.filters_on(table) != then.filters_on(table)
        || catalog.tables[table]
            .columns
            .iter()
            .any(|column| now.mask_choices(*column) != then.mask_choices(*column))
        || approvals_in_rows_differ(now, then, table)
}

/// Conditions inside `rows where` and `when` may read approvals, which end.
fn approvals_in_rows_differ(now: &Meaning<'_>, then: &Meaning<'_>, table: TableId) -> bool {
    let program = now.program();
    let subject = super::Subject { securable: Securable::Table(table), column: None, access: Access::Read };
    let catalog = &program.inventory.catalog;
    let mut conditions = Vec::new();
    let mut collect = |rows: &super::Rows| {
        rows.visit(&mut |node| {
            if let super::Rows::User(condition) = node {
                conditions.push(*condition);
            }
        });
    };
    for id in now.active_filters() {
        let filter = &program.filters[*id];
        if filter.tables.contains(table.raw()) {
            collect(&filter.rows);
        }
    }
    for id in now.active_masks() {
        let mask = &program.masks[*id];
        if let Some(rows) = &mask.when
            && catalog.tables[table].columns.iter().any(|column| mask.columns.contains(column.raw()))
        {
            collect(rows);
        }
    }
    conditions
        .into_iter()
        .filter(|condition| program.conditions.reads_subject(*condition))
        .any(|condition| now.holders(condition, subject) != then.holders(condition, subject))
}
