//! Policies whose condition holds for nobody.
//!
//! In: active policies. Out: `never-true`: a subscription that lets nobody in, a guardrail that nobody meets and that
//! thereby closes everything, a mask or filter `only for` nobody.
//! Who is approved changes day by day, so conditions that wait for approvals are left alone.
//! Cost: one evaluation per condition, or one per class where it reads the securable.

use super::facts::{AccessClass, Facts};
use super::words::counted;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Applies, ConditionId, PolicyHead, PolicyKind, Subject};

pub(super) fn run(facts: &Facts<'_>, diagnostics: &mut Diagnostics) {
    // In an empty directory every condition holds for nobody.
    if facts.meaning.everyone().is_empty() {
        return;
    }
    let program = facts.program;
    for id in facts.meaning.active_subscriptions() {
        let each = &program.subscriptions[*id];
        if holds_nowhere(facts, each.to, facts.classes_of(*id)) {
            diagnostics.push(
                finding(PolicyKind::Subscription, &each.head, "lets nobody in", "`to` holds for nobody")
                    .help("compare the names and values in `to` with the directory"),
            );
        }
    }
    for id in facts.meaning.active_guardrails() {
        let each = &program.guardrails[*id];
        let classes = || {
            facts
                .access
                .iter()
                .filter(|class| each.require.contains(class.access) && each.on.contains(class.sample))
        };
        if holds_nowhere(facts, each.to, classes()) {
            let mut on = crate::inventory::SecurableSet::default();
            for class in classes() {
                on.tables |= &class.members.tables;
                on.data_sources |= &class.members.data_sources;
            }
            let closed = counted(on.tables.len() + on.data_sources.len(), "securable");
            diagnostics.push(
                finding(
                    PolicyKind::Guardrail,
                    &each.head,
                    "is met by nobody and closes everything that it selects",
                    "`to` holds for nobody",
                )
                .note(format!("nobody may use {closed} that subscriptions would give"))
                .help("compare the names and values in `to` with the directory"),
            );
        }
    }
    for id in facts.meaning.active_masks() {
        let each = &program.masks[*id];
        let concerns = |id| facts.columns.iter().any(|class| class.masks.iter().any(|on| on.mask == id));
        if only_for(facts, each.applies) && !each.columns.is_empty() && !concerns(*id) {
            diagnostics.push(nobody(PolicyKind::Mask, &each.head));
        }
    }
    for id in facts.meaning.active_filters() {
        let each = &program.filters[*id];
        let concerns = |id| facts.filters.iter().any(|class| class.filters.iter().any(|on| on.0 == id));
        if only_for(facts, each.applies) && !each.tables.is_empty() && !concerns(*id) {
            diagnostics.push(nobody(PolicyKind::Filter, &each.head));
        }
    }
}

/// Whether a condition holds for nobody on any of the classes, of which there is at least one.
fn holds_nowhere<'a>(
    facts: &Facts<'_>,
    condition: ConditionId,
    classes: impl Iterator<Item = &'a AccessClass>,
) -> bool {
    if facts.waits_for_approval(condition) {
        return false;
    }
    let mut asked = false;
    for class in classes {
        let subject = Subject { securable: class.sample, column: None, access: class.access };
        if !facts.meaning.holders(condition, subject).is_empty() {
            return false;
        }
        asked = true;
        if !facts.program.conditions.reads_subject(condition) {
            break;
        }
    }
    asked
}

fn only_for(facts: &Facts<'_>, applies: Applies) -> bool {
    match applies {
        Applies::OnlyFor(condition) => !facts.waits_for_approval(condition),
        Applies::Everyone | Applies::Except(_) => false,
    }
}

fn nobody(kind: PolicyKind, head: &PolicyHead) -> Diagnostic {
    finding(kind, head, "concerns nobody", "`only for` holds for nobody")
        .help("compare the names and values in `only for` with the directory, or say whom to leave out with `except`")
}

fn finding(kind: PolicyKind, head: &PolicyHead, what: &str, cause: &str) -> Diagnostic {
    Diagnostic::finding(Code::NeverTrue, format!("{} `{}` {what}", kind.word(), head.name))
        .at(head.name_span, cause)
        .policy(&head.name)
}
