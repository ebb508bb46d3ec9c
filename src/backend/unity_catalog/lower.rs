//! A program as Unity Catalog's facts.
//!
//! In: a program seen from one integration. Out: groups, grants, memberships, functions, attachments, entitlements, and gaps.
//! Invariant: whoever cannot be given a mask or filter does not get the table. Cost: classes + protected tables + accounts.

use std::collections::BTreeSet;

use super::abac::{Asked, CONDITIONS};
use super::desired::Desired;
use super::limit::Limits;
use super::native::{Home, names_an_object};
use super::{grants, masks, rows};
use crate::backend::body::{self, Asks};
use crate::backend::class::Refused;
use crate::backend::contract::{Lowered, Lowering};
use crate::backend::fact::Symbols;
use crate::backend::gap::GapCode;
use crate::backend::protection::{self, ColumnProtection};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::inventory::catalog::TableKind;
use crate::inventory::directory::Access;
use crate::inventory::integration::{Enforcement, Strategy};
use crate::inventory::{ColumnId, Securable, TableId};

/// The facts and gaps of a program.
pub(super) fn lower(
    lowering: &Lowering<'_>,
    limits: Limits,
    symbols: &mut Symbols,
    diagnostics: &mut Diagnostics,
) -> Result<Lowered, Reported> {
    settings(lowering, diagnostics)?;
    let mut desired = Desired::new(lowering);
    let mut tables = Vec::new();
    for table in lowering.tables() {
        if is_representable(&mut desired, table) {
            tables.push(table);
        }
    }
    let mut refused = Refused::default();
    for table in &tables {
        protect(&mut desired, *table, &mut refused);
    }
    for access in Access::ALL {
        grants::lower(&mut desired, access, &tables, &refused);
    }
    limits.check(&desired, diagnostics)?;
    attach_by_tags(&mut desired, limits, diagnostics)?;
    let facts = desired.facts(symbols);
    let mut gaps = desired.gaps;
    gaps.sort();
    gaps.dedup();
    Ok(Lowered { facts, gaps })
}

/// Tags and policies, where they put functions in their places.
fn attach_by_tags(
    desired: &mut Desired<'_>,
    limits: Limits,
    diagnostics: &mut Diagnostics,
) -> Result<(), Reported> {
    let Some(wanted) = desired.by_tags.take() else { return Ok(()) };
    let settings = desired.lowering.settings();
    let asked =
        wanted.facts(limits.abac).map_err(|many| super::limit::too_many(&many, settings, diagnostics))?;
    for Asked { kind, object, key, body, policies } in asked {
        desired.add((kind, object, String::new(), &key), body, policies.iter().map(String::as_str));
    }
    Ok(())
}

/// What the integration's file asks for and this version does not have.
fn settings(lowering: &Lowering<'_>, diagnostics: &mut Diagnostics) -> Result<(), Reported> {
    let settings = lowering.settings();
    let refused = match (settings.strategy, settings.enforcement) {
        (Strategy::Roles, _) => Some((
            "`strategy: roles` has no meaning on Databricks, which grants to groups".to_owned(),
            "leave `strategy` out, or write `strategy: groups`",
        )),
        (Strategy::Users, _) => Some((
            "`strategy: users` is not held on Databricks: masks and filters ask for groups".to_owned(),
            "leave `strategy` out, or write `strategy: groups`",
        )),
        (Strategy::Auto | Strategy::Groups, Enforcement::Native) => Some((
            "`enforcement: native` has no meaning on Databricks, whose masks and filters always stand on tables".to_owned(),
            "leave `enforcement` out",
        )),
        (Strategy::Auto | Strategy::Groups, Enforcement::Auto | Enforcement::Tags) => {
            let catalog = Home::of(settings).catalog;
            (!names_an_object(&catalog))
                .then(|| (format!("`config.catalog`: Unity Catalog has no catalog `{catalog}`"), "name one without blanks, dots and slashes"))
        }
    };
    match refused {
        None => Ok(()),
        Some((message, help)) => {
            Err(diagnostics
                .error(Diagnostic::error(Code::BadValue, message).at(settings.place, "").help(help)))
        }
    }
}

/// Whether statements and requests can name a table; else nobody gets it.
fn is_representable(desired: &mut Desired<'_>, table: TableId) -> bool {
    let lowering = desired.lowering;
    let catalog = &lowering.inventory().catalog;
    let Some(odd) = catalog.path(table).into_iter().find(|part| !names_an_object(part)) else { return true };
    if !body::entitled(lowering, table).is_empty() {
        let shown = catalog.shown_name(Securable::Table(table));
        let message = format!("Unity Catalog has no object named `{odd}`: nobody gets `{shown}`");
        desired.gap("", GapCode::Unrepresentable, shown, message);
    }
    false
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
    for column in &mut protection.columns {
        body::hide_conflicts(desired, column, &masked, refused);
        if desired.by_tags.is_some() {
            hide_far_reaching(desired, column, refused);
        }
        // What is left is tried; what cannot be said is hidden from those whom it concerns, and tried again.
        if let Err(failed) = masks::lower(desired, column) {
            body::hide(desired, column, &failed, GapCode::RowsRefused, refused);
            // A second failure is the column's type or name: nobody whom a mask concerns has the table then, nor does who was
            // only to see nothing of the column.
            if let Err(failed) = masks::lower(desired, column) {
                let why = failed.first().map(|(_, why)| why.clone()).unwrap_or_default();
                for (name, accounts) in body::by_mask(lowering, column) {
                    let why = (GapCode::RowsRefused, why.as_str());
                    body::refuse_table(desired, table, &name, &accounts, why, refused);
                }
            }
        }
    }
    for (place, code, why) in rows::lower(desired, table, &protection.filters, &masked) {
        let Some(filter) = protection.filters.get(place) else { continue };
        body::refuse_filter(desired, table, filter.filter, &filter.concerned, (code, &why), refused);
    }
}

/// Hides what masks with a `when` concern that read more columns than a policy matches, the first masks first: the masked
/// column is one of them.
fn hide_far_reaching(desired: &mut Desired<'_>, column: &mut ColumnProtection, refused: &mut Refused) {
    let (mut read, mut failed) = (BTreeSet::new(), Vec::new());
    for (mask, columns) in body::conditions_of(desired.lowering, column) {
        let more: BTreeSet<ColumnId> = read.iter().copied().chain(columns).collect();
        if more.len() < CONDITIONS {
            read = more;
            continue;
        }
        let others = CONDITIONS - 1;
        let why = format!(
            "with `enforcement: tags` the masks of a column read {others} others at most, and its `when` reads more (`enforcement: auto` holds it)"
        );
        failed.push((mask, why));
    }
    body::hide(desired, column, &failed, GapCode::RowsRefused, refused);
}

/// Views and materialized views take neither masks nor filters:
/// docs.databricks.com/data-governance/unity-catalog/filters-and-masks (2026-11-23).
fn unprotectable(kind: TableKind) -> Option<&'static str> {
    match kind {
        TableKind::Table | TableKind::External => None,
        TableKind::View => Some("masks and filters are not held on views"),
        TableKind::MaterializedView => Some("masks and filters are not held on materialized views"),
    }
}
