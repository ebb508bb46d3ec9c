//! A program as Snowflake's facts.
//!
//! In: a program seen from one integration. Out: roles, grants, memberships, policies, attachments, entitlements, and gaps.
//! Invariant: whoever cannot be given a mask or filter does not get the table. Cost: classes + protected tables + accounts.

use std::collections::BTreeSet;

use super::desired::Desired;
use super::{grants, masks, rows};
use crate::backend::class::Refused;
use crate::backend::contract::{Lowered, Lowering};
use crate::backend::fact::Symbols;
use crate::backend::gap::GapCode;
use crate::backend::protection::{self, CellRule, ColumnProtection, TableProtection};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::inventory::catalog::TableKind;
use crate::inventory::directory::Access;
use crate::inventory::integration::Strategy;
use crate::inventory::{AccountSet, ColumnId, Securable, TableId};
use crate::ir::MaskId;

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
    if !gaps.is_empty() && !entitled(desired, table).is_empty() {
        desired.gaps.append(&mut gaps);
    }
    if unprotectable(desired, &protection, refused) {
        return;
    }
    let masked: BTreeSet<ColumnId> = protection.columns.iter().map(|each| each.column).collect();
    let mut taken = masked.clone();
    for column in &mut protection.columns {
        let conflicts: Vec<(MaskId, String)> = masks::conditions_of(desired, column)
            .into_iter()
            .filter_map(|(mask, reads)| Some((mask, *reads.iter().find(|each| masked.contains(each))?)))
            .map(|(mask, read)| {
                let name = &lowering.inventory().catalog.columns[read].name;
                (mask, format!("its `when` reads `{name}`, which is masked itself"))
            })
            .collect();
        hide(desired, column, &conflicts, GapCode::MaskedInput, refused);
        // What is left is tried; what cannot be said is hidden from those whom it concerns, and tried again.
        if let Err(failed) = masks::lower(desired, column) {
            hide(desired, column, &failed, GapCode::RowsRefused, refused);
            // A second failure is the column's type: nobody whom a mask concerns has the table then, nor does who was
            // only to see nothing of the column.
            if let Err(failed) = masks::lower(desired, column) {
                let why = failed.first().map(|(_, why)| why.clone()).unwrap_or_default();
                for (name, accounts) in by_mask(desired, column) {
                    refuse(desired, table, &name, &accounts, (GapCode::RowsRefused, &why), refused);
                }
                continue;
            }
        }
        taken.extend(masks::conditions_of(desired, column).into_iter().flat_map(|(_, columns)| columns));
    }
    for (place, code, why) in rows::lower(desired, table, &protection.filters, &taken) {
        let Some(filter) = protection.filters.get(place) else { continue };
        let name = &lowering.program.filters[filter.filter].head.name;
        refuse(desired, table, name, &filter.concerned, (code, &why), refused);
    }
}

/// Materialized views and external tables take no policies of ours: Snowflake forbids a masked column in the former once
/// it rewrites queries, and in the latter masks VALUE only: docs.snowflake.com/en/user-guide/security-column-intro (2026-11-23).
fn unprotectable(desired: &mut Desired<'_>, protection: &TableProtection, refused: &mut Refused) -> bool {
    let program = desired.lowering.program;
    let why = match program.inventory.catalog.tables[protection.table].kind {
        TableKind::Table | TableKind::View => return false,
        TableKind::MaterializedView => "masks and filters are not held on materialized views",
        TableKind::External => "masks and filters are not held on external tables",
    };
    for column in &protection.columns {
        for (name, accounts) in by_mask(desired, column) {
            refuse(desired, protection.table, &name, &accounts, (GapCode::RowsRefused, why), refused);
        }
    }
    for filter in &protection.filters {
        let name = &program.filters[filter.filter].head.name;
        refuse(desired, protection.table, name, &filter.concerned, (GapCode::RowsRefused, why), refused);
    }
    true
}

/// The accounts that a column is masked for, by the name of the first mask that they meet.
fn by_mask(desired: &Desired<'_>, column: &ColumnProtection) -> Vec<(String, AccountSet)> {
    let masks = &desired.lowering.program.masks;
    let on = desired.lowering.meaning.masks_on(column.column);
    let any = on.first().map(|on| on.mask);
    column
        .rules
        .iter()
        .filter_map(|(rule, accounts)| Some((first_mask(rule).or(any)?, accounts)))
        .map(|(mask, accounts)| (masks[mask].head.name.clone(), accounts.clone()))
        .collect()
}

fn first_mask(rule: &CellRule) -> Option<MaskId> {
    match rule {
        CellRule::Masked(choice) => choice.when.first().copied().or(choice.mask),
        CellRule::Hidden => None,
    }
}

/// Refuses the table to those who meet one of the masks, and hides the column from them.
fn hide(
    desired: &mut Desired<'_>,
    column: &mut ColumnProtection,
    failed: &[(MaskId, String)],
    code: GapCode,
    refused: &mut Refused,
) {
    if failed.is_empty() {
        return;
    }
    let program = desired.lowering.program;
    let table = program.inventory.catalog.columns[column.column].table;
    let mut hidden = AccountSet::new();
    let mut rest = Vec::new();
    for (rule, accounts) in std::mem::take(&mut column.rules) {
        let why = match &rule {
            CellRule::Masked(choice) => {
                failed.iter().find(|(mask, _)| choice.when.contains(mask) || choice.mask == Some(*mask))
            }
            CellRule::Hidden => None,
        };
        match (why, &rule) {
            (Some((mask, why)), _) => {
                let name = &program.masks[*mask].head.name;
                refuse(desired, table, name, &accounts, (code, why), refused);
                hidden |= accounts;
            }
            (None, CellRule::Hidden) => hidden |= accounts,
            (None, CellRule::Masked(_)) => rest.push((rule, accounts)),
        }
    }
    if !hidden.is_empty() {
        rest.push((CellRule::Hidden, hidden));
    }
    column.rules = rest;
}

/// Who would have the table, for reading or for writing: a refusal takes both.
fn entitled(desired: &Desired<'_>, table: TableId) -> AccountSet {
    let lowering = desired.lowering;
    let may = |access| lowering.accounts.within(&lowering.meaning.may(Securable::Table(table), access));
    may(Access::Read) | may(Access::Write)
}

/// Refuses the table; told only where somebody would have had it.
fn refuse(
    desired: &mut Desired<'_>,
    table: TableId,
    policy: &str,
    accounts: &AccountSet,
    (code, why): (GapCode, &str),
    refused: &mut Refused,
) {
    let (lowering, securable) = (desired.lowering, Securable::Table(table));
    refused.add(securable, &lowering.accounts.users(accounts), policy);
    let concerned = (entitled(desired, table) & accounts).len();
    if concerned > 0 {
        let shown = lowering.inventory().catalog.shown_name(securable);
        let whom = if concerned == 1 { "one account does" } else { "accounts do" };
        let count = if concerned == 1 { String::new() } else { format!("{concerned} ") };
        let message = format!("{why}: {count}{whom} not get `{shown}`");
        desired.gap(policy, code, shown, message);
    }
}
