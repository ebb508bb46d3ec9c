//! Whoever cannot be given a mask or filter does not get the table: refusals, and the gaps that tell of them.

use std::collections::BTreeSet;

use super::Asks;
use super::mask::conditions_of;
use crate::backend::class::Refused;
use crate::backend::contract::Lowering;
use crate::backend::gap::GapCode;
use crate::backend::protection::{CellRule, ColumnProtection, TableProtection};
use crate::inventory::directory::Access;
use crate::inventory::{AccountSet, ColumnId, Securable, TableId};
use crate::ir::{FilterId, MaskId};

/// Why something cannot be held.
pub type Whole<'w> = (GapCode, &'w str);

/// The accounts that a column is masked for, by the name of the first mask that they meet.
pub fn by_mask(lowering: &Lowering<'_>, column: &ColumnProtection) -> Vec<(String, AccountSet)> {
    let masks = &lowering.program.masks;
    let any = lowering.meaning.masks_on(column.column).first().map(|on| on.mask);
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
pub fn hide(
    asks: &mut dyn Asks<'_>,
    column: &mut ColumnProtection,
    failed: &[(MaskId, String)],
    code: GapCode,
    refused: &mut Refused,
) {
    if failed.is_empty() {
        return;
    }
    let program = asks.lowering().program;
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
                refuse_table(asks, table, name, &accounts, (code, why), refused);
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

/// Hides what masks with a `when` over masked columns concern, where a platform does not show policies the clear value.
pub fn hide_conflicts(
    asks: &mut dyn Asks<'_>,
    column: &mut ColumnProtection,
    masked: &BTreeSet<ColumnId>,
    refused: &mut Refused,
) {
    let lowering = asks.lowering();
    let conflicts: Vec<(MaskId, String)> = conditions_of(lowering, column)
        .into_iter()
        .filter_map(|(mask, reads)| Some((mask, *reads.iter().find(|each| masked.contains(each))?)))
        .map(|(mask, read)| {
            let name = &lowering.inventory().catalog.columns[read].name;
            (mask, format!("its `when` reads `{name}`, which is masked itself"))
        })
        .collect();
    hide(asks, column, &conflicts, GapCode::MaskedInput, refused);
}

/// Refuses a table to everyone whom a mask or filter on it concerns: nothing can stand there.
pub fn refuse_whole(
    asks: &mut dyn Asks<'_>,
    protection: &TableProtection,
    why: Whole<'_>,
    refused: &mut Refused,
) {
    for column in &protection.columns {
        for (name, accounts) in by_mask(asks.lowering(), column) {
            refuse_table(asks, protection.table, &name, &accounts, why, refused);
        }
    }
    for filter in &protection.filters {
        refuse_filter(asks, protection.table, filter.filter, &filter.concerned, why, refused);
    }
}

/// Refuses a table to those whom a filter concerns.
pub fn refuse_filter(
    asks: &mut dyn Asks<'_>,
    table: TableId,
    filter: FilterId,
    concerned: &AccountSet,
    why: Whole<'_>,
    refused: &mut Refused,
) {
    let name = &asks.lowering().program.filters[filter].head.name;
    refuse_table(asks, table, name, concerned, why, refused);
}

/// Who would have the table, for reading or for writing: a refusal takes both.
pub fn entitled(lowering: &Lowering<'_>, table: TableId) -> AccountSet {
    let may = |access| lowering.accounts.within(&lowering.meaning.may(Securable::Table(table), access));
    may(Access::Read) | may(Access::Write)
}

/// Refuses the table; told only where somebody would have had it.
pub fn refuse_table(
    asks: &mut dyn Asks<'_>,
    table: TableId,
    policy: &str,
    accounts: &AccountSet,
    (code, why): Whole<'_>,
    refused: &mut Refused,
) {
    let (lowering, securable) = (asks.lowering(), Securable::Table(table));
    refused.add(securable, &lowering.accounts.users(accounts), policy);
    let concerned = (entitled(lowering, table) & accounts).len();
    if concerned > 0 {
        let shown = lowering.inventory().catalog.shown_name(securable);
        let whom = if concerned == 1 { "one account does" } else { "accounts do" };
        let count = if concerned == 1 { String::new() } else { format!("{concerned} ") };
        let message = format!("{why}: {count}{whom} not get `{shown}`");
        asks.gap(policy, code, shown, message);
    }
}
