//! Masks as functions: one per decision and column type, shared by the columns for which it is the same.
//!
//! In: a column's protection. Out: a function with the body that [`crate::backend::body`] prints, its groups and its attachment.

use super::desired::Desired;
use super::native::{Attached, FunctionBody, writable};
use super::target::{Arguments, VALUE, unwritable};
use super::types;
use crate::backend::body::{self, MaskBody};
use crate::backend::class::short_hash;
use crate::backend::fact::FactKind;
use crate::backend::object::Object;
use crate::backend::protection::ColumnProtection;
use crate::ir::MaskId;

/// Asks for a column's function. `Err`: the masks that cannot be held, and why.
pub(super) fn lower(
    desired: &mut Desired<'_>,
    protection: &ColumnProtection,
) -> Result<(), Vec<(MaskId, String)>> {
    let lowering = desired.lowering;
    let catalog = &lowering.inventory().catalog;
    let column = protection.column;
    let described = &catalog.columns[column];
    if !writable(&described.name) {
        let on = lowering.meaning.masks_on(column);
        return Err(on.iter().map(|on| (on.mask, unwritable(&described.name))).collect());
    }
    let of = types::stored(&described.column_type);
    let mut arguments = Arguments::new(catalog, Some(column));
    let MaskBody { expression, policies, decision } =
        body::expression(desired, &mut arguments, protection, of.as_ref(), VALUE)?;
    let Some(of) = of else { return Ok(()) };
    let columns = arguments.names();
    let body = FunctionBody {
        arguments: [(VALUE.to_owned(), of.text.clone())].into_iter().chain(arguments.declared()).collect(),
        returns: of.text,
        columns: columns.clone(),
        expression,
    };
    // A body is replaced wherever it stands at once, while attachments change one by one: arguments that are bound to other
    // columns are another function.
    let parts: Vec<String> =
        [body.signature()].into_iter().chain(columns.iter().cloned()).chain(decision).collect();
    let stem = policies.first().cloned().unwrap_or_default();
    let identity: Vec<String> = parts.iter().cloned().chain([body.expression.clone()]).collect();
    let name = desired.names.give(&stem, &short_hash(parts), &identity);
    let function = desired.home.function(&name);
    let by = || policies.iter().map(String::as_str);
    desired.add((FactKind::Function, function.clone(), String::new(), ""), body.text(), by());
    let mut object = Object::new("TABLE", catalog.path(described.table));
    object.column = Some(described.name.to_lowercase());
    desired.mask(object, Attached { function, columns }, &policies);
    Ok(())
}
