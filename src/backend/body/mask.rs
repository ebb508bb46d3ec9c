//! Masks as one expression per column: `CASE WHEN <clear> THEN value WHEN value IS NULL THEN NULL WHEN … ELSE … END`.
//!
//! A `when` reveals only where it is known to be false, so its negation is printed and NULL masks.

use std::collections::BTreeMap;

use super::decision::{decision, rule_word};
use super::target::Target;
use super::{Asks, Columns};
use crate::backend::contract::Lowering;
use crate::backend::gap::GapCode;
use crate::backend::protection::{CellRule, ColumnProtection};
use crate::backend::sql::{Narrow, Unsupported, method};
use crate::inventory::directory::Access;
use crate::inventory::{AccountSet, ColumnId, ColumnType, Securable};
use crate::ir::{MaskId, Subject};

/// A column's mask, printed.
#[derive(Clone, Debug)]
pub struct MaskBody {
    /// What is shown.
    pub expression: String,
    /// Whose it is.
    pub policies: Vec<String>,
    /// What decides who sees what, as parts of a name.
    pub decision: Vec<String>,
}

/// The columns that a mask's body would read besides its own.
pub fn conditions_of(lowering: &Lowering<'_>, protection: &ColumnProtection) -> Vec<(MaskId, Vec<ColumnId>)> {
    let program = lowering.program;
    let table = program.inventory.catalog.columns[protection.column].table;
    let mut found: BTreeMap<MaskId, Vec<ColumnId>> = BTreeMap::new();
    for mask in masks_of(protection) {
        let Some(rows) = &program.masks[mask].when else { continue };
        let columns = found.entry(mask).or_default();
        for choice in rows.bind(&program.inventory, table).unwrap_or_default() {
            choice.visit_columns(&mut |column| {
                if *column != protection.column && !columns.contains(column) {
                    columns.push(*column);
                }
            });
        }
    }
    found.into_iter().collect()
}

/// The masks that a protection speaks of, each once.
fn masks_of(protection: &ColumnProtection) -> Vec<MaskId> {
    let mut masks: Vec<MaskId> = protection
        .rules
        .iter()
        .flat_map(|(rule, _)| match rule {
            CellRule::Masked(choice) => choice.when.iter().chain(&choice.mask).copied().collect(),
            CellRule::Hidden => Vec::new(),
        })
        .collect();
    masks.sort();
    masks.dedup();
    masks
}

/// The masks for whose sake a body is made: what is hidden is so for every mask on the column.
fn wanted_by(lowering: &Lowering<'_>, protection: &ColumnProtection) -> Vec<MaskId> {
    if protection.rules.iter().all(|(rule, _)| matches!(rule, CellRule::Masked(_))) {
        return masks_of(protection);
    }
    let mut masks: Vec<MaskId> =
        lowering.meaning.masks_on(protection.column).into_iter().map(|on| on.mask).collect();
    masks.sort();
    masks
}

/// A column's body. `of`: its type as the platform stores it, `None` where that cannot be written; `value`: its clear value.
/// `Err`: the masks that cannot be held, and why.
pub fn expression<'a>(
    asks: &mut dyn Asks<'a>,
    columns: &mut dyn Columns,
    protection: &ColumnProtection,
    of: Option<&ColumnType>,
    value: &str,
) -> Result<MaskBody, Vec<(MaskId, String)>> {
    let (lowering, column) = (asks.lowering(), protection.column);
    let program = lowering.program;
    let described = &program.inventory.catalog.columns[column];
    let masks = wanted_by(lowering, protection);
    let Some(of) = of else {
        let why = format!("the type `{}` cannot be written into a policy", described.column_type.text);
        return Err(masks.iter().map(|mask| (*mask, why.clone())).collect());
    };
    let policies: Vec<String> = masks.iter().map(|mask| program.masks[*mask].head.name.clone()).collect();
    let subject =
        Subject { securable: Securable::Table(described.table), column: Some(column), access: Access::Read };
    let target = Target { asks, columns, subject, policies: policies.clone() };
    let mut printer = Printer { target, column, of, value };
    let mut outcomes = Vec::new();
    let mut failed = Vec::new();
    for (rule, accounts) in &protection.rules {
        match printer.outcome(rule) {
            Ok((text, reveals)) => outcomes.push(Outcome { text, reveals, accounts, rule }),
            Err(why) => failed.push(why),
        }
    }
    if !failed.is_empty() {
        return Err(failed);
    }
    let decision = decision(lowering, column);
    let expression = printer.fold(&decision, protection, &outcomes);
    Ok(MaskBody { expression, policies, decision })
}

/// What some accounts see.
struct Outcome<'p> {
    text: String,
    /// Whether it may be the value itself.
    reveals: bool,
    accounts: &'p AccountSet,
    rule: &'p CellRule,
}

struct Printer<'t, 'a> {
    target: Target<'t, 'a>,
    column: ColumnId,
    of: &'t ColumnType,
    value: &'t str,
}

impl Printer<'_, '_> {
    /// What a rule shows, as text, and whether that may be the value itself.
    fn outcome(&mut self, rule: &CellRule) -> Result<(String, bool), (MaskId, String)> {
        let choice = match rule {
            CellRule::Hidden => return Ok((method::null(self.of), false)),
            CellRule::Masked(choice) => choice,
        };
        let mut text = match choice.mask {
            Some(mask) => self.shown(mask),
            None => self.value.to_owned(),
        };
        // The first wins: the last is the innermost.
        for mask in choice.when.iter().rev() {
            let masked = self.shown(*mask);
            let open = self.never(*mask).map_err(|Unsupported(why)| (*mask, why))?;
            text = format!("CASE WHEN {open} THEN {text} ELSE {masked} END");
        }
        Ok((text, choice.mask.is_none()))
    }

    /// TRUE where a mask's `when` is false for every choice of columns.
    fn never(&mut self, mask: MaskId) -> Result<String, Unsupported> {
        let program = self.target.asks.lowering().program;
        let table = program.inventory.catalog.columns[self.column].table;
        let Some(rows) = &program.masks[mask].when else {
            return Ok(self.target.asks.dialect().never().to_owned());
        };
        let choices = rows
            .bind(&program.inventory, table)
            .map_err(|_| Unsupported("the table lacks a column that its `when` reads".to_owned()))?;
        let parts: Result<Vec<String>, Unsupported> =
            choices.iter().map(|rows| Ok(format!("({})", self.target.print(rows, true)?))).collect();
        Ok(parts?.join(" AND "))
    }

    /// A mask's method, or the typed NULL and a gap.
    fn shown(&mut self, mask: MaskId) -> String {
        let (lowering, dialect) = (self.target.asks.lowering(), self.target.asks.dialect());
        let policy = &lowering.program.masks[mask];
        match method::print(&policy.method, self.value, self.of, dialect.platform(), dialect, lowering.salted)
        {
            Ok(text) => text,
            Err(Narrow(why)) => {
                let object = lowering.inventory().catalog.shown_column(self.column);
                let message = format!("{why}: `null` is shown instead");
                self.target.asks.gap(&policy.head.name, GapCode::MethodNarrowed, object, message);
                method::null(self.of)
            }
        }
    }

    /// One expression for all accounts.
    fn fold(
        &mut self,
        decision: &[String],
        protection: &ColumnProtection,
        outcomes: &[Outcome<'_>],
    ) -> String {
        let (null, value) = (method::null(self.of), self.value);
        let mut text = "CASE".to_owned();
        // Names of masks are left out: masks with the same exceptions share their tests.
        let conditions: Vec<String> =
            decision.chunks(3).flat_map(|mask| mask.iter().skip(1).cloned()).collect();
        let key =
            |word: String| -> Vec<String> { [word].into_iter().chain(conditions.iter().cloned()).collect() };
        let Target { asks, policies, .. } = &mut self.target;
        if !protection.clear.is_empty() {
            let test = asks.test("CLEAR", &key("clear".to_owned()), &protection.clear, policies);
            text.push_str(&format!(" WHEN {test} THEN {value}"));
        }
        text.push_str(&format!(" WHEN {value} IS NULL THEN {null}"));
        let masked = match outcomes {
            // Nobody is masked less than this: who fails his test, or is in no directory, sees what everybody else sees.
            // A `when` may show the value itself, so it needs a test as clear text does.
            [Outcome { text, reveals: false, .. }] => text.clone(),
            _ => {
                for outcome in outcomes {
                    let word = rule_word(asks.lowering(), protection.column, outcome.rule);
                    let test = asks.test("SEES", &key(word), outcome.accounts, policies);
                    text.push_str(&format!(" WHEN {test} THEN {}", outcome.text));
                }
                null
            }
        };
        text.push_str(&format!(" ELSE {masked} END"));
        text
    }
}
