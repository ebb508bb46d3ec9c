//! Law 3: what is written is read back, and a second plan is empty.

use grantc::backend::{Lowered, Observed};
use grantc::diagnostic::Diagnostics;
use grantc::plan::{self, Order, Side};

use super::case::{Case, each, unnamed_texts};
use grantc::pipeline::World;

/// The round trip of every integration.
pub fn holds(world: &World) {
    each(world, &mut of);
}

/// That of one integration.
pub fn of(case: &Case<'_>) {
    assert_eq!(case.emit(), case.emit(), "{}: emit is not a function", case.name());
    let mut case = own(case);
    let observed = case.observed();
    let text = |facts: &[_]| unnamed_texts(facts, &case.symbols);
    assert_eq!(text(&observed.foreign), Vec::<String>::new(), "{}: foreign", case.name());
    assert_eq!(text(&observed.ours), text(&case.facts), "{}", case.name());
    assert!(observed.present && !observed.open, "{}", case.name());
    second_plan_is_empty(&case, &observed);
}

/// A copy whose symbols may grow.
pub fn own<'a>(case: &Case<'a>) -> Case<'a> {
    Case {
        program: case.program,
        meaning: case.meaning,
        integration: case.integration,
        accounts: case.accounts.clone(),
        backend: case.backend,
        symbols: case.symbols.clone(),
        facts: case.facts.clone(),
        gaps: case.gaps.clone(),
        salt: case.salt,
    }
}

fn second_plan_is_empty(case: &Case<'_>, observed: &Observed) {
    let lowered = Lowered { facts: case.facts.clone(), gaps: case.gaps.clone() };
    let side = Side {
        integration: case.integration,
        backend: case.backend,
        accounts: &case.accounts,
        symbols: &case.symbols,
        lowered: &lowered,
        observed,
    };
    for authoritative in [false, true] {
        let diff = plan::diff::diff(&side, authoritative);
        assert!(diff.changes.is_empty() && diff.blocked.is_empty(), "{}: {:?}", case.name(), diff.changes);
        assert_eq!(diff.unchanged, case.facts.len(), "{}", case.name());
    }
    let mut said = Diagnostics::new();
    let plan = plan::build(case.program, case.meaning, &[side], Order::NeverWider, &mut said).unwrap();
    assert!(!plan.has_changes(), "{}", case.name());
    assert!(plan.effects.gains.is_empty() && plan.effects.losses.is_empty(), "{:?}", plan.effects);
    assert_eq!(plan.bypasses, [], "{}", case.name());
}
