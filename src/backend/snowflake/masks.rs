//! Masks as masking policies: one per decision and column type, shared by the columns for which it is the same.
//!
//! In: a column's protection. Out: a policy with the body that [`crate::backend::body`] prints, its roles and its attachment.

use super::desired::Desired;
use super::native::{Attached, Object, PolicyBody, relation_word};
use super::target::{Arguments, VALUE};
use super::types;
use crate::backend::body::{self, MaskBody};
use crate::backend::class::short_hash;
use crate::backend::fact::FactKind;
use crate::backend::protection::ColumnProtection;
use crate::ir::MaskId;

/// Asks for a column's policy. `Err`: the masks that cannot be held, and why.
pub(super) fn lower(
    desired: &mut Desired<'_>,
    protection: &ColumnProtection,
) -> Result<(), Vec<(MaskId, String)>> {
    let catalog = &desired.lowering.program.inventory.catalog;
    let column = protection.column;
    let described = &catalog.columns[column];
    let of = types::stored(&described.column_type);
    let mut arguments = Arguments { catalog, masked: Some(column), columns: Vec::new() };
    let MaskBody { expression, policies, decision } =
        body::expression(desired, &mut arguments, protection, of.as_ref(), VALUE)?;
    let Some(of) = of else { return Ok(()) };
    let columns = arguments.columns;
    let arguments = [(VALUE.to_owned(), of.text.clone())]
        .into_iter()
        .chain(columns.iter().enumerate().map(|(at, (_, of))| (format!("A{}", at + 1), of.text.clone())))
        .collect();
    let names: Vec<String> =
        columns.iter().map(|(column, _)| catalog.columns[*column].name.clone()).collect();
    let body = PolicyBody { arguments, returns: of.text, columns: names.clone(), expression };
    let parts: Vec<String> = [body.signature()].into_iter().chain(names.clone()).chain(decision).collect();
    let stem = policies.first().cloned().unwrap_or_default();
    let identity: Vec<String> = parts.iter().cloned().chain([body.expression.clone()]).collect();
    let name = desired.names.give(&stem, &short_hash(parts), &identity);
    let policy = format!("MASKING POLICY {}", desired.home.path(&name));
    let by = || policies.iter().map(String::as_str);
    desired.add((FactKind::MaskingPolicy, policy.clone(), String::new(), ""), body.text(), by());
    let mut object =
        Object::new(relation_word(catalog.tables[described.table].kind), catalog.path(described.table));
    object.column = Some(described.name.clone());
    let attached = Attached { policy, columns: names };
    desired.add((FactKind::MaskAttachment, object.text(), String::new(), ""), attached.text(), by());
    Ok(())
}
