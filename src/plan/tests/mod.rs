//! The laws of plans, on a platform small enough to be judged by text ([`fake`]).
//!
//! What these cannot show: that a real backend's `permits`, `phase` and `needs` are true of its platform.

mod fake;
mod laws;
mod random;
mod shown;

use std::sync::OnceLock;

use super::{Order, Plan, Side, diff, order};
use crate::backend::{Change, Lowered, Observed, Op, Symbols};
use crate::diagnostic::Diagnostics;
use crate::inventory::integration::{AccountTemplate, Scope, TemplatePart};
use crate::inventory::{Accounts, IntegrationId};
use crate::ir::{Meaning, Program};
use crate::resolve::testing::{NOW, program};

/// What the reference says: analysts read customers, their e-mail masked, of their own region; support reads all sales.
const POLICIES: &str = "
subscription readers { allow read on tables in RETAIL.PUBLIC.CUSTOMER to user in group \"analysts\" }
subscription sellers { allow read, write on tables in RETAIL.PUBLIC.SALES to user in group \"support\" }
mask emails { on columns tagged PII.Email using null except user in group \"support\" }
filter own_region { on tables in RETAIL.PUBLIC.CUSTOMER rows where column COUNTRY in user attribute region }
";

/// Read once: the laws ask for it thousands of times.
fn world() -> &'static (Program, IntegrationId) {
    static WORLD: OnceLock<(Program, IntegrationId)> = OnceLock::new();
    WORLD.get_or_init(read_world)
}

fn read_world() -> (Program, IntegrationId) {
    let mut program = program("", POLICIES, NOW);
    let id = program.inventory.integrations.iter().find(|(_, each)| each.name == "sf").unwrap().0;
    program.inventory.integrations[id].user_template =
        Some(AccountTemplate { parts: vec![TemplatePart::Id(Vec::new())] });
    (program, id)
}

/// Hands a side to a test.
fn with_side<T>(
    program: &Program,
    integration: IntegrationId,
    lowered: &Lowered,
    observed: &Observed,
    symbols: &Symbols,
    test: impl FnOnce(&Side<'_>) -> T,
) -> T {
    let accounts = Accounts::of(&program.inventory, integration);
    test(&Side { integration, backend: &fake::Fake, accounts: &accounts, symbols, lowered, observed })
}

fn shown(change: &Change, symbols: &Symbols) -> String {
    let sign = match change.op {
        Op::Add => '+',
        Op::Remove => '-',
        Op::Replace => '~',
    };
    format!("{sign} {}", fake::line(&change.fact, symbols))
}

/// The changes in their order of execution, then what is withheld and blocked.
fn steps(desired: &str, observed: &str, authoritative: bool, order: Order) -> Vec<String> {
    let (program, id) = world();
    let mut symbols = Symbols::default();
    let (lowered, seen) = fake::state(desired, observed, &mut symbols);
    with_side(program, *id, &lowered, &seen, &symbols, |side| {
        let diff = diff::diff(side, authoritative);
        let mut diagnostics = Diagnostics::new();
        let steps = order::order(&program.inventory, side, &diff.changes, order, &mut diagnostics);
        let Ok(steps) = steps else {
            return diagnostics.iter().flat_map(|each| each.notes.clone()).collect();
        };
        let made = steps.iter().flatten().map(|change| shown(change, &symbols));
        let withheld = diff.withheld.iter().map(|change| format!("withheld {}", shown(change, &symbols)));
        let blocked =
            diff.blocked.iter().map(|each| format!("blocked {}", fake::line(&each.desired, &symbols)));
        made.chain(withheld).chain(blocked).collect()
    })
}

/// A whole plan.
fn plan(desired: &str, observed: &str, scope: Scope) -> Plan {
    let (mut program, id) = world().clone();
    program.inventory.integrations[id].scope = scope;
    let mut symbols = Symbols::default();
    let (lowered, seen) = fake::state(desired, observed, &mut symbols);
    let meaning = Meaning::new(&program);
    with_side(&program, id, &lowered, &seen, &symbols, |side| {
        let mut diagnostics = Diagnostics::new();
        super::build(&program, &meaning, std::slice::from_ref(side), Order::NeverWider, &mut diagnostics)
            .unwrap()
    })
}
