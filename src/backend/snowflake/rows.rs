//! Filters as row access policies: one per table, all filters folded into it, for Snowflake takes one only.
//!
//! In: a table's filters. Out: `(<exempt> OR <rows>) AND …`, a conjunct per filter in the order of the policy's comment, and its
//! attachment. Only TRUE shows a row, so NULL and a dropped role hide.

use std::collections::BTreeSet;

use super::desired::Desired;
use super::native::{Attached, Object, PolicyBody, relation_word};
use super::target::Arguments;
use crate::backend::body::{self, Columns};
use crate::backend::class::short_hash;
use crate::backend::fact::FactKind;
use crate::backend::gap::GapCode;
use crate::backend::protection::FilterProtection;
use crate::backend::sql::Unsupported;
use crate::inventory::{ColumnId, Securable, TableId};

/// A filter that cannot be held: its place in the list, and why.
pub(super) type Failed = (usize, GapCode, String);

/// Asks for a table's policy. `taken`: columns that stand in a mask's signature, which a row access policy must not read:
/// docs.snowflake.com/en/user-guide/security-row-intro (2026-11-23). Returns the filters that are not in it.
pub(super) fn lower(
    desired: &mut Desired<'_>,
    table: TableId,
    filters: &[FilterProtection],
    taken: &BTreeSet<ColumnId>,
) -> Vec<Failed> {
    let program = desired.lowering.program;
    let catalog = &program.inventory.catalog;
    let mut failed = Vec::new();
    let mut held = Vec::new();
    for (place, filter) in filters.iter().enumerate() {
        match masked_input(filter, taken) {
            Some(column) => {
                let why = format!(
                    "it reads `{}`, which stands in a masking policy: Snowflake takes a column in one of both",
                    catalog.columns[column].name
                );
                failed.push((place, GapCode::MaskedInput, why));
            }
            None => held.push((place, filter)),
        }
    }
    let mut arguments = Arguments { catalog, masked: None, columns: Vec::new() };
    let (mut conjuncts, mut names) = (Vec::new(), Vec::new());
    for (place, filter) in held {
        let before = arguments.columns.len();
        match body::conjunct(desired, &mut arguments, table, filter) {
            Ok(text) => {
                conjuncts.push(text);
                names.push(program.filters[filter.filter].head.name.clone());
            }
            Err(Unsupported(why)) => {
                arguments.columns.truncate(before);
                failed.push((place, GapCode::RowsRefused, why));
            }
        }
    }
    if conjuncts.is_empty() {
        return failed;
    }
    // A policy needs a column even where its filters read none.
    if arguments.columns.is_empty() {
        let mut columns = catalog.tables[table].columns.iter().filter(|column| !taken.contains(column));
        if !columns.any(|column| arguments.column(*column).is_ok()) {
            let why = "the table has no column that a row access policy could stand on";
            let all = filters.iter().enumerate().map(|(at, _)| (at, GapCode::RowsRefused, why.to_owned()));
            return all.collect();
        }
    }
    attach(desired, table, &arguments.columns, &names, conjuncts.join(" AND "));
    failed
}

fn masked_input(filter: &FilterProtection, taken: &BTreeSet<ColumnId>) -> Option<ColumnId> {
    let mut found = None;
    for rows in &filter.rows {
        rows.visit_columns(&mut |column| {
            if taken.contains(column) {
                found = Some(*column);
            }
        });
    }
    found
}

fn attach(
    desired: &mut Desired<'_>,
    table: TableId,
    columns: &[(ColumnId, crate::inventory::ColumnType)],
    filters: &[String],
    expression: String,
) {
    let catalog = &desired.lowering.inventory().catalog;
    let names: Vec<String> =
        columns.iter().map(|(column, _)| catalog.columns[*column].name.clone()).collect();
    let arguments =
        columns.iter().enumerate().map(|(at, (_, of))| (format!("A{}", at + 1), of.text.clone())).collect();
    let body = PolicyBody { arguments, returns: "BOOLEAN".to_owned(), columns: names.clone(), expression };
    // A signature cannot change while a policy is attached, so another signature is another policy.
    let parts: Vec<String> =
        ["rows".to_owned(), catalog.shown_name(Securable::Table(table)), body.signature()]
            .into_iter()
            .chain(names.clone())
            .collect();
    let stem = filters.first().cloned().unwrap_or_default();
    let name = desired.names.give(&stem, &short_hash(parts.iter().cloned()), &parts);
    let policy = format!("ROW ACCESS POLICY {}", desired.home.path(&name));
    let by = || filters.iter().map(String::as_str);
    desired.add((FactKind::RowAccessPolicy, policy.clone(), String::new(), ""), body.text(), by());
    desired.order(FactKind::RowAccessPolicy, &policy, filters);
    let object = Object::new(relation_word(catalog.tables[table].kind), catalog.path(table));
    let attached = Attached { policy, columns: names };
    desired.add((FactKind::RowAttachment, object.text(), String::new(), ""), attached.text(), by());
}
