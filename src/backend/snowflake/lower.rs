//! A program as Snowflake's facts.
//!
//! In: a program seen from one integration. Out: roles, grants, memberships, policies, attachments, entitlements, and gaps.
//! Invariant: whoever cannot be given a mask or filter does not get the table. Cost: classes + protected tables + accounts.

use std::collections::BTreeSet;

use super::desired::Desired;
use super::{grants, masks, rows};
use crate::backend::body;
use crate::backend::class::Refused;
use crate::backend::contract::{Lowered, Lowering};
use crate::backend::fact::Symbols;
use crate::backend::gap::GapCode;
use crate::backend::protection;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::inventory::catalog::TableKind;
use crate::inventory::directory::Access;
use crate::inventory::integration::Strategy;
use crate::inventory::{ColumnId, TableId};

/// The facts and gaps of a program.
pub(super) fn lower(
    lowering: &Lowering<'_>,
    symbols: &mut Symbols,
    diagnostics: &mut Diagnostics,
) -> Result<Lowered, Reported> {
    strategy(lowering, diagnostics)?;
    let mut desired = Desired::new(lowering);
    let mut refused = Refused::default();
    for table in lowering.tables() {
        protect(&mut desired, table, &mut refused);
    }
    for access in Access::ALL {
        grants::lower(&mut desired, access, &refused);
    }
    let facts = desired.facts(symbols);
    let mut gaps = desired.gaps;
    gaps.sort();
    gaps.dedup();
    Ok(Lowered { facts, gaps })
}

/// Snowflake grants to roles: it has no groups, and grants to users bypass the roles that policies ask about.
fn strategy(lowering: &Lowering<'_>, diagnostics: &mut Diagnostics) -> Result<(), Reported> {
    let settings = lowering.settings();
    let word = match settings.strategy {
        Strategy::Auto | Strategy::Roles => return Ok(()),
        Strategy::Groups => "groups",
        Strategy::Users => "users",
    };
    let message = format!("`strategy: {word}` has no meaning on Snowflake, which grants to roles");
    Err(diagnostics.error(
        Diagnostic::error(Code::BadValue, message)
            .at(settings.place, "")
            .help("leave `strategy` out, or write `strategy: roles`"),
    ))
}

/// Asks for everything that stands on a table, and refuses it to those for whom it cannot stand.
fn protect(desired: &mut Desired<'_>, table: TableId, refused: &mut Refused) {
    let lowering = desired.lowering;
    let mut gaps = Vec::new();
    let mut protection = protection::of_table(lowering, table, refused, &mut gaps);
    if !gaps.is_empty() && !body::entitled(lowering, table).is_empty() {
        desired.gaps.append(&mut gaps);
    }
    if let Some(why) = unprotectable(lowering.program.inventory.catalog.tables[table].kind) {
        body::refuse_whole(desired, &protection, (GapCode::RowsRefused, why), refused);
        return;
    }
    let masked: BTreeSet<ColumnId> = protection.columns.iter().map(|each| each.column).collect();
    let mut taken = masked.clone();
    for column in &mut protection.columns {
        body::hide_conflicts(desired, column, &masked, refused);
        // What is left is tried; what cannot be said is hidden from those whom it concerns, and tried again.
        if let Err(failed) = masks::lower(desired, column) {
            body::hide(desired, column, &failed, GapCode::RowsRefused, refused);
            // A second failure is the column's type: nobody whom a mask concerns has the table then, nor does who was
            // only to see nothing of the column.
            if let Err(failed) = masks::lower(desired, column) {
                let why = failed.first().map(|(_, why)| why.clone()).unwrap_or_default();
                for (name, accounts) in body::by_mask(lowering, column) {
                    let why = (GapCode::RowsRefused, why.as_str());
                    body::refuse_table(desired, table, &name, &accounts, why, refused);
                }
                continue;
            }
        }
        taken.extend(body::conditions_of(lowering, column).into_iter().flat_map(|(_, columns)| columns));
    }
    for (place, code, why) in rows::lower(desired, table, &protection.filters, &taken) {
        let Some(filter) = protection.filters.get(place) else { continue };
        body::refuse_filter(desired, table, filter.filter, &filter.concerned, (code, &why), refused);
    }
}

/// Materialized views and external tables take no policies of ours: Snowflake forbids a masked column in the former once
/// it rewrites queries, and in the latter masks VALUE only: docs.snowflake.com/en/user-guide/security-column-intro (2026-11-23).
fn unprotectable(kind: TableKind) -> Option<&'static str> {
    match kind {
        TableKind::Table | TableKind::View => None,
        TableKind::MaterializedView => Some("masks and filters are not held on materialized views"),
        TableKind::External => Some("masks and filters are not held on external tables"),
    }
}
