//! Filters as functions: one per table, all filters folded into it, for a table takes one only.
//!
//! In: a table's filters. Out: `(<exempt> OR <rows>) AND …`, a conjunct per filter in the order of the function's comment, and its
//! attachment. Only TRUE shows a row, so NULL hides.

use std::collections::BTreeSet;

use super::abac::CONDITIONS;
use super::desired::Desired;
use super::native::{Attached, FunctionBody};
use super::target::Arguments;
use crate::backend::body;
use crate::backend::class::short_hash;
use crate::backend::fact::FactKind;
use crate::backend::gap::GapCode;
use crate::backend::object::Object;
use crate::backend::protection::FilterProtection;
use crate::backend::sql::Unsupported;
use crate::inventory::{ColumnId, Securable, TableId};

/// A filter that cannot be held: its place in the list, and why.
pub(super) type Failed = (usize, GapCode, String);

/// Asks for a table's function. `masked`: columns that a filter must not read. Returns the filters that are not in it.
pub(super) fn lower(
    desired: &mut Desired<'_>,
    table: TableId,
    filters: &[FilterProtection],
    masked: &BTreeSet<ColumnId>,
) -> Vec<Failed> {
    let program = desired.lowering.program;
    let catalog = &program.inventory.catalog;
    let mut failed = Vec::new();
    let mut arguments = Arguments::new(catalog, None);
    let (mut conjuncts, mut names) = (Vec::new(), Vec::new());
    for (place, filter) in filters.iter().enumerate() {
        if let Some(column) = masked_input(filter, masked) {
            let name = &catalog.columns[column].name;
            let why = format!(
                "it reads `{name}`, which is masked: Unity Catalog feeds no masked column to a filter"
            );
            failed.push((place, GapCode::MaskedInput, why));
            continue;
        }
        let before = arguments.len();
        match body::conjunct(desired, &mut arguments, table, filter) {
            Ok(_) if desired.by_tags.is_some() && arguments.len() > CONDITIONS => {
                arguments.truncate(before);
                let why = format!(
                    "with `enforcement: tags` the filters of a table read {CONDITIONS} columns at most, and this one reads more (`enforcement: auto` holds it)"
                );
                failed.push((place, GapCode::RowsRefused, why));
            }
            Ok(text) => {
                conjuncts.push(text);
                names.push(program.filters[filter.filter].head.name.clone());
            }
            Err(Unsupported(why)) => {
                arguments.truncate(before);
                failed.push((place, GapCode::RowsRefused, why));
            }
        }
    }
    if !conjuncts.is_empty() {
        attach(desired, table, &arguments, &names, conjuncts.join(" AND "));
    }
    failed
}

fn masked_input(filter: &FilterProtection, masked: &BTreeSet<ColumnId>) -> Option<ColumnId> {
    let mut found = None;
    for rows in &filter.rows {
        rows.visit_columns(&mut |column| {
            if masked.contains(column) {
                found = Some(*column);
            }
        });
    }
    found
}

fn attach(
    desired: &mut Desired<'_>,
    table: TableId,
    arguments: &Arguments<'_>,
    filters: &[String],
    expression: String,
) {
    let catalog = &desired.lowering.inventory().catalog;
    let columns = arguments.names();
    let body = FunctionBody {
        arguments: arguments.declared().collect(),
        returns: "BOOLEAN".to_owned(),
        columns: columns.clone(),
        expression,
    };
    // As for masks: other arguments, another function.
    let parts: Vec<String> =
        ["rows".to_owned(), catalog.shown_name(Securable::Table(table)), body.signature()]
            .into_iter()
            .chain(columns.iter().cloned())
            .collect();
    let stem = filters.first().cloned().unwrap_or_default();
    let name = desired.names.give(&stem, &short_hash(parts.iter().cloned()), &parts);
    let function = desired.home.function(&name);
    let by = || filters.iter().map(String::as_str);
    desired.add((FactKind::Function, function.clone(), String::new(), ""), body.text(), by());
    desired.order(&function, filters);
    let object = Object::new("TABLE", catalog.path(table));
    desired.filter(object, Attached { function, columns }, filters);
}
