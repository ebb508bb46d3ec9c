//! What stands on a column: who sees it clear, and who sees what instead.
//!
//! In: a column's protection. Out: disjoint sets of accounts by what they are shown. A mask with `when` reads the row, and a data
//! policy sees the cell alone: whoever meets one does not get the table.

use std::collections::BTreeMap;

use super::inline::Inline;
use super::routine::{self, Shown};
use crate::backend::body::{self, Asks};
use crate::backend::class::Refused;
use crate::backend::gap::GapCode;
use crate::backend::protection::{CellRule, ColumnProtection};
use crate::backend::sql::method::Narrow;
use crate::inventory::directory::UserSet;
use crate::inventory::{AccountSet, ColumnId};
use crate::ir::{MaskChoice, MaskId};

/// Data policies on a column, the one for clear text among them: docs.cloud.google.com/bigquery/docs/column-data-masking
/// #data-policies-on-column (2026-11-25).
const POLICIES: usize = 8;

/// Some accounts, and what they are shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Audience {
    pub(super) accounts: AccountSet,
    /// The users who are shown it, with or without an account: groups that stand for nobody else may hold for them.
    pub(super) users: UserSet,
    /// Which decisions lead there: parts of a name.
    pub(super) because: Vec<String>,
}

/// A column with masks.
#[derive(Clone, Debug)]
pub(super) struct Masked {
    pub(super) column: ColumnId,
    pub(super) clear: Audience,
    pub(super) shows: BTreeMap<Shown, Audience>,
    /// The masks on it, by name.
    pub(super) policies: Vec<String>,
}

/// What stands on a column; `None`: nothing can, and whom its masks concern is refused.
pub(super) fn of_column(
    asks: &mut Inline<'_>,
    mut column: ColumnProtection,
    refused: &mut Refused,
) -> Option<Masked> {
    let lowering = asks.lowering();
    let described = &lowering.inventory().catalog.columns[column.column];
    let conditional: Vec<(MaskId, String)> = conditional(&column)
        .into_iter()
        .map(|mask| (mask, "a data policy sees the cell alone, and `when` reads the row".to_owned()))
        .collect();
    body::hide(asks, &mut column, &conditional, GapCode::RowsRefused, refused);
    let why = match routine::maskable(&described.column_type) {
        None => Some(format!("no data policy stands on the type `{}`", described.column_type.text)),
        Some(_) => None,
    };
    let masked = why.map_or_else(|| Ok(audiences(asks, &column)), Err);
    let masked = masked.and_then(|masked| match masked.shows.len() < POLICIES {
        true => Ok(masked),
        false => Err(format!("BigQuery takes {POLICIES} data policies a column")),
    });
    match masked {
        Ok(masked) => Some(masked),
        Err(why) => {
            for (name, accounts) in body::by_mask(lowering, &column) {
                let why = (GapCode::RowsRefused, why.as_str());
                body::refuse_table(asks, described.table, &name, &accounts, why, refused);
            }
            None
        }
    }
}

/// The masks whose `when` decides for somebody.
fn conditional(column: &ColumnProtection) -> Vec<MaskId> {
    let mut masks: Vec<MaskId> = column
        .rules
        .iter()
        .flat_map(|(rule, _)| match rule {
            CellRule::Masked(MaskChoice { when, .. }) => when.clone(),
            CellRule::Hidden => Vec::new(),
        })
        .collect();
    masks.sort();
    masks.dedup();
    masks
}

fn audiences(asks: &mut Inline<'_>, column: &ColumnProtection) -> Masked {
    let lowering = asks.lowering();
    let choices = lowering.meaning.mask_choices(column.column);
    let masked = choices.iter().fold(UserSet::new(), |all, (_, users)| all | users);
    let decision = body::decision(lowering, column.column);
    let clear = Audience {
        accounts: column.clear.clone(),
        users: lowering.meaning.everyone() - &masked,
        because: decision.clone(),
    };
    let mut shows: BTreeMap<Shown, Audience> = BTreeMap::new();
    for (rule, accounts) in &column.rules {
        let shown = match rule {
            CellRule::Masked(MaskChoice { mask: Some(mask), .. }) => shown(asks, column.column, *mask),
            CellRule::Masked(MaskChoice { mask: None, .. }) | CellRule::Hidden => Shown::Nothing,
        };
        let audience = shows.entry(shown).or_default();
        audience.accounts |= accounts;
        let same = |choice: &MaskChoice| matches!(rule, CellRule::Masked(own) if own == choice);
        let users = choices.iter().filter(|(choice, _)| same(choice)).map(|(_, users)| users);
        audience.users = users.fold(std::mem::take(&mut audience.users), |all, users| all | users);
        audience.because.push(body::rule_word(lowering, column.column, rule));
    }
    for audience in shows.values_mut() {
        audience.because.sort();
        audience.because.extend(decision.iter().cloned());
    }
    let masks = &lowering.program.masks;
    let mut policies: Vec<String> =
        lowering.meaning.masks_on(column.column).iter().map(|on| masks[on.mask].head.name.clone()).collect();
    policies.sort();
    Masked { column: column.column, clear, shows, policies }
}

/// A mask's method, or `null` and a gap.
fn shown(asks: &mut Inline<'_>, column: ColumnId, mask: MaskId) -> Shown {
    let lowering = asks.lowering();
    let catalog = &lowering.inventory().catalog;
    let policy = &lowering.program.masks[mask];
    match routine::shown(&policy.method, &catalog.columns[column].column_type, lowering.salted) {
        Ok(shown) => shown,
        Err(Narrow(why)) => {
            let message = format!("{why}: `null` is shown instead");
            asks.gap(&policy.head.name, GapCode::MethodNarrowed, catalog.shown_column(column), message);
            Shown::Nothing
        }
    }
}
