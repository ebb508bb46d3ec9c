//! Masks as masking policies: one per decision and column type, shared by the columns for which it is the same.
//!
//! In: a column's protection. Out: a policy `CASE WHEN <clear> THEN VAL WHEN VAL IS NULL THEN NULL WHEN … ELSE … END`, its roles
//! and its attachment. Every test is positive: who drops a role sees less. A `when` reveals only where it is known to be
//! false, so its negation is printed and NULL masks.

use std::collections::BTreeMap;

use super::desired::Desired;
use super::names::condition_key;
use super::native::{Attached, Object, PolicyBody, relation_word};
use super::target::{Target, VALUE};
use super::types;
use crate::backend::class::short_hash;
use crate::backend::fact::FactKind;
use crate::backend::gap::GapCode;
use crate::backend::protection::{CellRule, ColumnProtection};
use crate::backend::sql::{Dialect, Narrow, Unsupported, method};
use crate::inventory::directory::Access;
use crate::inventory::{AccountSet, ColumnId, ColumnType, Platform, Securable};
use crate::ir::{Applies, MaskChoice, MaskId, Subject};

/// The columns that a mask's policy would read besides its own.
pub(super) fn conditions_of(
    desired: &Desired<'_>,
    protection: &ColumnProtection,
) -> Vec<(MaskId, Vec<ColumnId>)> {
    let program = desired.lowering.program;
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

/// The masks for whose sake a policy is made: what is hidden is so for every mask on the column.
fn wanted_by(desired: &Desired<'_>, protection: &ColumnProtection) -> Vec<MaskId> {
    if protection.rules.iter().all(|(rule, _)| matches!(rule, CellRule::Masked(_))) {
        return masks_of(protection);
    }
    let mut masks: Vec<MaskId> =
        desired.lowering.meaning.masks_on(protection.column).into_iter().map(|on| on.mask).collect();
    masks.sort();
    masks
}

/// Asks for a column's policy. `Err`: the accounts that must not get the table, per mask, and why.
pub(super) fn lower(
    desired: &mut Desired<'_>,
    protection: &ColumnProtection,
) -> Result<(), Vec<(MaskId, String)>> {
    let lowering = desired.lowering;
    let (program, column) = (lowering.program, protection.column);
    let catalog = &program.inventory.catalog;
    let described = &catalog.columns[column];
    let masks = wanted_by(desired, protection);
    let every = |why: String| masks.iter().map(|mask| (*mask, why.clone())).collect();
    let Some(of) = types::stored(&described.column_type) else {
        return Err(every(format!(
            "the type `{}` cannot be written into a policy",
            described.column_type.text
        )));
    };
    let policies: Vec<String> = masks.iter().map(|mask| program.masks[*mask].head.name.clone()).collect();
    let decision = decision(desired, column);
    let subject =
        Subject { securable: Securable::Table(described.table), column: Some(column), access: Access::Read };
    let mut target = Target { desired, subject, columns: Vec::new(), policies: policies.clone() };
    let mut outcomes: Vec<(String, bool, &AccountSet, &CellRule)> = Vec::new();
    let mut failed = Vec::new();
    for (rule, accounts) in &protection.rules {
        match outcome(&mut target, rule, column, &of) {
            Ok((text, reveals)) => outcomes.push((text, reveals, accounts, rule)),
            Err(why) => failed.push(why),
        }
    }
    if !failed.is_empty() {
        return Err(failed);
    }
    let columns = std::mem::take(&mut target.columns);
    let expression = fold(desired, &decision, protection, &outcomes, &of, &policies);
    let arguments = [(VALUE.to_owned(), of.text.clone())]
        .into_iter()
        .chain(columns.iter().enumerate().map(|(at, (_, of))| (format!("A{}", at + 1), of.text.clone())))
        .collect();
    let names: Vec<String> =
        columns.iter().map(|(column, _)| catalog.columns[*column].name.clone()).collect();
    let body = PolicyBody { arguments, returns: of.text.clone(), columns: names.clone(), expression };
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

/// Everything that decides who sees what of a column: names and conditions, the winner first; the same decision, the same sets.
fn decision(desired: &Desired<'_>, column: ColumnId) -> Vec<String> {
    let lowering = desired.lowering;
    let table = lowering.inventory().catalog.columns[column].table;
    let subject = Subject { securable: Securable::Table(table), column: Some(column), access: Access::Read };
    let mut parts = Vec::new();
    for on in lowering.meaning.masks_on(column) {
        let mask = &lowering.program.masks[on.mask];
        parts.push(mask.head.name.clone());
        parts.push(match mask.applies {
            Applies::Everyone => "everyone".to_owned(),
            Applies::Except(condition) => format!("except {}", condition_key(lowering, condition, subject)),
            Applies::OnlyFor(condition) => {
                format!("only for {}", condition_key(lowering, condition, subject))
            }
        });
        parts.push(if mask.when.is_some() { "when" } else { "always" }.to_owned());
    }
    parts
}

/// What a rule shows, as text, and whether that may be the value itself.
fn outcome(
    target: &mut Target<'_, '_>,
    rule: &CellRule,
    column: ColumnId,
    of: &ColumnType,
) -> Result<(String, bool), (MaskId, String)> {
    let choice = match rule {
        CellRule::Hidden => return Ok((method::null(of), false)),
        CellRule::Masked(choice) => choice,
    };
    let mut text = match choice.mask {
        Some(mask) => shown(target, mask, column, of),
        None => VALUE.to_owned(),
    };
    // The first wins: the last is the innermost.
    for mask in choice.when.iter().rev() {
        let masked = shown(target, *mask, column, of);
        let open = never(target, *mask, column).map_err(|Unsupported(why)| (*mask, why))?;
        text = format!("CASE WHEN {open} THEN {text} ELSE {masked} END");
    }
    Ok((text, choice.mask.is_none()))
}

/// TRUE where a mask's `when` is false for every choice of columns.
fn never(target: &mut Target<'_, '_>, mask: MaskId, column: ColumnId) -> Result<String, Unsupported> {
    let program = target.desired.lowering.program;
    let table = program.inventory.catalog.columns[column].table;
    let Some(rows) = &program.masks[mask].when else { return Ok("FALSE".to_owned()) };
    let choices = rows
        .bind(&program.inventory, table)
        .map_err(|_| Unsupported("the table lacks a column that its `when` reads".to_owned()))?;
    let parts: Result<Vec<String>, Unsupported> =
        choices.iter().map(|rows| Ok(format!("({})", target.print(rows, true)?))).collect();
    Ok(parts?.join(" AND "))
}

/// A mask's method, or the typed NULL and a gap.
fn shown(target: &mut Target<'_, '_>, mask: MaskId, column: ColumnId, of: &ColumnType) -> String {
    let lowering = target.desired.lowering;
    let policy = &lowering.program.masks[mask];
    match method::print(&policy.method, VALUE, of, Platform::Snowflake, Dialect::Snowflake, lowering.salted) {
        Ok(text) => text,
        Err(Narrow(why)) => {
            let object = lowering.inventory().catalog.shown_column(column);
            let message = format!("{why}: `null` is shown instead");
            target.desired.gap(&policy.head.name, GapCode::MethodNarrowed, object, message);
            method::null(of)
        }
    }
}

/// One expression for all accounts.
fn fold(
    desired: &mut Desired<'_>,
    decision: &[String],
    protection: &ColumnProtection,
    outcomes: &[(String, bool, &AccountSet, &CellRule)],
    of: &ColumnType,
    policies: &[String],
) -> String {
    let null = method::null(of);
    let mut text = "CASE".to_owned();
    // Names of masks are left out: masks with the same exceptions share their roles.
    let conditions: Vec<String> = decision.chunks(3).flat_map(|mask| mask.iter().skip(1).cloned()).collect();
    let key =
        |word: String| -> Vec<String> { [word].into_iter().chain(conditions.iter().cloned()).collect() };
    if !protection.clear.is_empty() {
        let test = desired.test("CLEAR", &key("clear".to_owned()), &protection.clear, policies);
        text.push_str(&format!(" WHEN {test} THEN {VALUE}"));
    }
    text.push_str(&format!(" WHEN {VALUE} IS NULL THEN {null}"));
    let masked = match outcomes {
        // Nobody is masked less than this: who drops his role, or is in no directory, sees what everybody else sees.
        // A `when` may show the value itself, so it needs a role as clear text does.
        [(only, false, _, _)] => only.clone(),
        _ => {
            for (outcome, _, accounts, rule) in outcomes {
                let test = desired.test(
                    "SEES",
                    &key(rule_word(desired, protection.column, rule)),
                    accounts,
                    policies,
                );
                text.push_str(&format!(" WHEN {test} THEN {outcome}"));
            }
            null
        }
    };
    text.push_str(&format!(" ELSE {masked} END"));
    text
}

/// Which masks of the decision a rule is made of, by their places in it.
fn rule_word(desired: &Desired<'_>, column: ColumnId, rule: &CellRule) -> String {
    let CellRule::Masked(MaskChoice { when, mask }) = rule else { return "hidden".to_owned() };
    let order: Vec<MaskId> = desired.lowering.meaning.masks_on(column).iter().map(|on| on.mask).collect();
    let place = |id: &MaskId| order.iter().position(|each| each == id).unwrap_or(order.len()).to_string();
    let when: Vec<String> = when.iter().map(place).collect();
    format!("when {} mask {}", when.join(","), mask.as_ref().map(place).unwrap_or_default())
}
