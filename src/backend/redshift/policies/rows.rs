//! Filters as one RLS policy per table: `(<exempt> OR <rows>) AND …`, a conjunct per filter.
//!
//! In: a table's filters. Out: the policy and its attachment, and the filters that are not in it. RLS is applied before masks, so
//! filters read clear values: docs.aws.amazon.com/redshift/latest/dg/t_ddm-considerations.html (2026-11-25). Only TRUE shows a row.
//! The policy names no alias, for all policies of a table must have the same:
//! docs.aws.amazon.com/redshift/latest/dg/r_CREATE_RLS_POLICY.html (2026-11-25).

use super::asking::Asking;
use super::body::{PolicyBody, RLS, policy_object};
use super::inputs::{Inputs, Naming};
use super::lower::{Wanted, fits};
use super::standing::RowStanding;
use crate::backend::body;
use crate::backend::class::short_hash;
use crate::backend::fact::FactKind;
use crate::backend::protection::FilterProtection;
use crate::backend::sql::Unsupported;
use crate::inventory::TableId;

/// A filter that cannot be held: its place in the list, and why.
pub(super) type Failed = (usize, String);

/// A table's policy and its attachment, and the filters that are not in it.
pub(super) fn lower(
    asking: &mut Asking<'_, '_>,
    table: TableId,
    filters: &[FilterProtection],
) -> (Vec<Wanted>, Vec<Failed>) {
    let program = asking.lowering.program;
    let mut inputs = Inputs::new(&program.inventory.catalog, Naming::Rows);
    let (mut conjuncts, mut held, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (place, filter) in filters.iter().enumerate() {
        let before = inputs.columns.len();
        match body::conjunct(asking, &mut inputs, table, filter) {
            Ok(text) => {
                conjuncts.push(text);
                held.push(place);
            }
            Err(Unsupported(why)) => {
                inputs.columns.truncate(before);
                failed.push((place, why));
            }
        }
    }
    if conjuncts.is_empty() {
        return (Vec::new(), failed);
    }
    let named = held.iter().filter_map(|place| filters.get(*place));
    let names: Vec<String> = named.map(|each| program.filters[each.filter].head.name.clone()).collect();
    let body = PolicyBody {
        inputs: inputs.listed(),
        filters: names.clone(),
        expression: conjuncts.join(" AND "),
        ..PolicyBody::default()
    };
    if let Err(Unsupported(why)) = fits(&body) {
        failed.extend(held.into_iter().map(|place| (place, why.clone())));
        return (Vec::new(), failed);
    }
    // A policy may be attached to several tables; each has its own, so that what is written for one cannot touch another.
    let object = asking.home.table_object(table);
    let parts = vec!["rows".to_owned(), object.clone(), body.text()];
    let stem = names.first().cloned().unwrap_or_default();
    let name = asking.names.give(&stem, &short_hash(parts.iter().cloned()), &parts);
    let policy = Wanted {
        kind: FactKind::RowAccessPolicy,
        object: policy_object(RLS, &name),
        body: body.text(),
        policies: names.clone(),
    };
    let standing = RowStanding::ours(name).text();
    let attached = Wanted { kind: FactKind::RowAttachment, object, body: standing, policies: names };
    (vec![policy, attached], failed)
}
