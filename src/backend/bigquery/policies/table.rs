//! What should stand on a table, before it is known who gets it.
//!
//! Invariant: whoever cannot be given a mask or filter is refused the table. Cost: columns of tables that are read.

use super::inline::Inline;
use super::masks::{self, Masked};
use super::rows::{self, Conjunct};
use crate::backend::bigquery::native::Home;
use crate::backend::body::{self, Asks};
use crate::backend::class::Refused;
use crate::backend::contract::Lowering;
use crate::backend::gap::GapCode;
use crate::backend::protection;
use crate::inventory::catalog::TableKind;
use crate::inventory::directory::Access;
use crate::inventory::{Securable, TableId};

/// Data policies that a table's columns may have: docs.cloud.google.com/bigquery/docs/column-data-masking#data-policies-on-column
/// (2026-11-25).
const POLICIES: usize = 1_000;

/// A table with what stands on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Protected {
    pub(super) filters: Vec<Conjunct>,
    pub(super) columns: Vec<Masked>,
}

/// Asks for everything on a table; `None`: nobody reads it.
pub(super) fn protect(
    asks: &mut Inline<'_>,
    home: &Home<'_>,
    table: TableId,
    refused: &mut Refused,
) -> Option<Protected> {
    let lowering = asks.lowering();
    let readers = lowering.accounts.within(&lowering.meaning.may(Securable::Table(table), Access::Read));
    if readers.is_empty() {
        return None;
    }
    if let Err(why) = nameable(lowering, home, table) {
        unnameable(asks, table, &why, refused);
        return None;
    }
    asks.start(&readers);
    let mut gaps = Vec::new();
    let protection = protection::of_table(lowering, table, refused, &mut gaps);
    asks.gaps.append(&mut gaps);
    if let Some(why) = unprotectable(lowering.inventory().catalog.tables[table].kind) {
        body::refuse_whole(asks, &protection, (GapCode::RowsRefused, why), refused);
        return Some(Protected::default());
    }
    let columns: Vec<Masked> = protection
        .columns
        .iter()
        .filter_map(|column| masks::of_column(asks, column.clone(), refused))
        .collect();
    if columns.iter().map(|column| column.shows.len() + 1).sum::<usize>() > POLICIES {
        let why = format!("BigQuery takes {POLICIES} data policies a table");
        body::refuse_whole(asks, &protection, (GapCode::RowsRefused, &why), refused);
    }
    let filters = rows::of_table(asks, &protection, &readers, refused);
    Some(Protected { filters, columns })
}

/// Policies stand on tables: docs.cloud.google.com/bigquery/docs/column-data-masking#limitations and row-level-security-intro
/// (2026-11-25). BigLake tables would take them, and a catalog does not tell them from other external ones.
fn unprotectable(kind: TableKind) -> Option<&'static str> {
    match kind {
        TableKind::Table => None,
        TableKind::View | TableKind::MaterializedView => Some("no policy stands on a view"),
        TableKind::External => Some("masks and filters are not held on external tables"),
    }
}

/// Whether statements can name the table and its columns.
fn nameable(lowering: &Lowering<'_>, home: &Home<'_>, table: TableId) -> Result<(), String> {
    let catalog = &lowering.inventory().catalog;
    let columns = catalog.tables[table].columns.iter().map(|column| catalog.columns[*column].name.as_str());
    let mut names = catalog.path(table).into_iter().chain(columns);
    if names.any(|name| name.contains(char::is_control)) {
        return Err("a name has a line break or another control character".to_owned());
    }
    home.base_is_nameable(table)
}

fn unnameable(asks: &mut Inline<'_>, table: TableId, why: &str, refused: &mut Refused) {
    let lowering = asks.lowering();
    let program = lowering.program;
    let securable = Securable::Table(table);
    let shown = program.inventory.catalog.shown_name(securable);
    let on = lowering.meaning.active_subscriptions().iter().map(|id| &program.subscriptions[*id]);
    for policy in on.filter(|each| each.allow.contains(Access::Read) && each.on.contains(securable)) {
        let message = format!("{why}: nobody gets `{shown}`");
        asks.gap(&policy.head.name, GapCode::Unrepresentable, shown.clone(), message);
        refused.add(securable, lowering.meaning.everyone(), &policy.head.name);
    }
}
