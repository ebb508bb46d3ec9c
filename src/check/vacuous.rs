//! Policies that ask nothing of anybody, whoever is in the directory.
//!
//! In: active guardrails, masks and filters. Out: `vacuous`: a guardrail `to anyone`, a mask or filter `except anyone`.
//! Judged by the form of the condition alone: that all who work here today are trained is no mistake.
//! Cost: one walk per condition.

use super::facts::Facts;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{Applies, PolicyHead, PolicyKind};

pub(super) fn run(facts: &Facts<'_>, diagnostics: &mut Diagnostics) {
    let program = facts.program;
    for id in facts.meaning.active_guardrails() {
        let each = &program.guardrails[*id];
        if facts.is_always(each.to) {
            diagnostics.push(finding(
                PolicyKind::Guardrail,
                &each.head,
                "is met by everyone and stops nobody",
                "`to` holds for every user",
                "say in `to` who may pass, or delete it",
            ));
        }
    }
    let masks = facts.meaning.active_masks().iter().map(|id| {
        let each = &program.masks[*id];
        (PolicyKind::Mask, &each.head, each.applies)
    });
    let filters = facts.meaning.active_filters().iter().map(|id| {
        let each = &program.filters[*id];
        (PolicyKind::Filter, &each.head, each.applies)
    });
    for (kind, head, applies) in masks.chain(filters) {
        let vacuous = match applies {
            Applies::Except(condition) => facts.is_always(condition),
            Applies::Everyone | Applies::OnlyFor(_) => false,
        };
        if vacuous {
            diagnostics.push(finding(
                kind,
                head,
                "concerns nobody",
                "`except` leaves every user out",
                "say in `except` who sees clear data, or delete it",
            ));
        }
    }
}

fn finding(kind: PolicyKind, head: &PolicyHead, what: &str, cause: &str, help: &str) -> Diagnostic {
    Diagnostic::finding(Code::Vacuous, format!("{} `{}` {what}", kind.word(), head.name))
        .at(head.name_span, cause)
        .help(help)
        .policy(&head.name)
}
