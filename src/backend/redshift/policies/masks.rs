//! Masks as masking policies: one per body, shared by the columns for which it is the same.
//!
//! In: a column's protection. Out: a policy whose name says its content, and where it stands. A policy gives what it takes: its
//! expression is cast to the column's own type, for one of another type or size cannot be attached:
//! docs.aws.amazon.com/redshift/latest/dg/t_ddm-considerations.html (2026-11-25).

use super::asking::Asking;
use super::body::{MASKING, PolicyBody, policy_object};
use super::inputs::{Inputs, Naming, VALUE};
use super::lower::{Wanted, fits};
use super::standing::MaskStanding;
use crate::backend::body::{self, MaskBody};
use crate::backend::class::short_hash;
use crate::backend::fact::FactKind;
use crate::backend::object::Object;
use crate::backend::protection::ColumnProtection;
use crate::backend::redshift::native::fold;
use crate::backend::sql::Unsupported;
use crate::ir::MaskId;

/// A column's policy and its attachment. `Err`: the masks that cannot be held, and why.
pub(super) fn lower(
    asking: &mut Asking<'_, '_>,
    protection: &ColumnProtection,
) -> Result<[Wanted; 2], Vec<(MaskId, String)>> {
    let (home, catalog) = (asking.home, &asking.lowering.program.inventory.catalog);
    let described = &catalog.columns[protection.column];
    let written = Inputs::written(described).map(str::to_owned);
    let of = written.is_ok().then_some(&described.column_type);
    let mut inputs = Inputs::new(catalog, Naming::Mask(protection.column));
    let MaskBody { expression, policies, .. } = body::expression(asking, &mut inputs, protection, of, VALUE)
        .map_err(|failed| match &written {
            Ok(_) => failed,
            Err(Unsupported(why)) => failed.into_iter().map(|(mask, _)| (mask, why.clone())).collect(),
        })?;
    let written = written.unwrap_or_default();
    let body = PolicyBody {
        expression: format!("CAST({expression} AS {written})"),
        inputs: [(VALUE.to_owned(), written)].into_iter().chain(inputs.listed()).collect(),
        ..PolicyBody::default()
    };
    if let Err(Unsupported(why)) = fits(&body) {
        let on = asking.lowering.meaning.masks_on(protection.column);
        return Err(on.into_iter().map(|on| (on.mask, why.clone())).collect());
    }
    let parts = vec!["mask".to_owned(), body.text()];
    let stem = policies.first().cloned().unwrap_or_default();
    let name = asking.names.give(&stem, &short_hash(parts.iter().cloned()), &parts);
    let columns = [protection.column].into_iter().chain(inputs.columns);
    let columns = columns.map(|column| fold(&catalog.columns[column].name)).collect();
    let place =
        Object { column: Some(fold(&described.name)), ..Object::parse(&home.table_object(described.table)) };
    Ok([
        Wanted {
            kind: FactKind::MaskingPolicy,
            object: policy_object(MASKING, &name),
            body: body.text(),
            policies: policies.clone(),
        },
        Wanted {
            kind: FactKind::MaskAttachment,
            object: place.text(),
            body: MaskStanding::ours(name, columns).text(),
            policies,
        },
    ])
}
