//! Policies that change nothing, because others already do what they say.
//!
//! In: the classes. Out: `shadowed`: a `combine any` subscription all of whose users others already let in, and a mask
//! that higher-ranked masks without `when` hide from all whom it concerns.
//! Only what lasts at least as long can shadow. Of two subscriptions that say the same, the later declared is told of.
//! Cost: per subscription, the policies of its classes; per class of columns, its masks.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Facts;
use super::words::label_others;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::directory::UserSet;
use crate::ir::meaning::ReasonPolicy;
use crate::ir::{Combine, MaskId, PolicyHead, PolicyKind, SubscriptionId};

pub(super) fn run(facts: &Facts<'_>, diagnostics: &mut Diagnostics) {
    subscriptions(facts, diagnostics);
    masks(facts, diagnostics);
}

/// Whether `one` still holds whenever `other`, active now as well, will.
fn outlasts(one: &PolicyHead, other: &PolicyHead) -> bool {
    match (one.window.until, other.window.until) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(one), Some(other)) => one >= other,
    }
}

fn subscriptions(facts: &Facts<'_>, diagnostics: &mut Diagnostics) {
    let program = facts.program;
    let mut candidates: Vec<SubscriptionId> = facts
        .meaning
        .active_subscriptions()
        .iter()
        .copied()
        // Who is approved changes day by day: a record that adds nothing today is no mistake of the policy's.
        .filter(|id| {
            let each = &program.subscriptions[*id];
            each.combine == Combine::Any && !facts.waits_for_approval(each.to)
        })
        .collect();
    // The last declared first; once told of, it shadows no other, so what is told of can all be deleted.
    candidates.sort_by_key(|id| std::cmp::Reverse(program.subscriptions[*id].head.name_span));
    let mut told: BTreeSet<SubscriptionId> = BTreeSet::new();
    for id in candidates {
        if let Some(by) = shadowing(facts, id, &told) {
            told.insert(id);
            let head = &program.subscriptions[id].head;
            let diagnostic = Diagnostic::finding(
                Code::Shadowed,
                format!("subscription `{}` gives nothing that others do not give already", head.name),
            )
            .at(head.name_span, "everyone whom it lets in may without it")
            .help("delete it, or narrow the other")
            .policy(&head.name);
            let others = by.iter().map(|id| (PolicyKind::Subscription, &program.subscriptions[*id].head));
            diagnostics.push(label_others(diagnostic, others, "given by {}"));
        }
    }
}

fn shadowing(
    facts: &Facts<'_>,
    id: SubscriptionId,
    told: &BTreeSet<SubscriptionId>,
) -> Option<BTreeSet<SubscriptionId>> {
    let program = facts.program;
    let mut by = BTreeSet::new();
    for class in facts.classes_of(id) {
        let reasons = facts.reasons(class);
        let own = reasons.iter().find(|each| each.policy == ReasonPolicy::Subscription(id, Combine::Any))?;
        let mut left: UserSet = own.holders.clone();
        let mut alone = true;
        for reason in &reasons {
            let ReasonPolicy::Subscription(other, Combine::Any) = reason.policy else { continue };
            let lasts = outlasts(&program.subscriptions[other].head, &program.subscriptions[id].head);
            if other == id || !lasts || told.contains(&other) {
                continue;
            }
            alone = false;
            let steady = !facts.waits_for_approval(program.subscriptions[other].to);
            if steady && !left.is_disjoint(&reason.holders) {
                left -= &reason.holders;
                by.insert(other);
            }
        }
        // The only `combine any` one closes what `combine all` ones would open by themselves, even if it lets nobody in.
        if alone || !left.is_empty() {
            return None;
        }
    }
    // Without anybody to let in there is nobody whom others let in: that is `never-true`.
    (!by.is_empty()).then_some(by)
}

fn masks(facts: &Facts<'_>, diagnostics: &mut Diagnostics) {
    let program = facts.program;
    let mut seen: BTreeSet<MaskId> = BTreeSet::new();
    let mut hidden: BTreeMap<MaskId, BTreeSet<MaskId>> = BTreeMap::new();
    for class in &facts.columns {
        for (index, each) in class.masks.iter().enumerate() {
            if seen.contains(&each.mask) {
                continue;
            }
            let mut left = each.users.clone();
            let mut by = BTreeSet::new();
            for above in class.masks.iter().take(index) {
                let mask = &program.masks[above.mask];
                let hides = above.rank > each.rank
                    && mask.when.is_none()
                    && outlasts(&mask.head, &program.masks[each.mask].head);
                if hides && !left.is_disjoint(&above.users) {
                    left -= &above.users;
                    by.insert(above.mask);
                }
            }
            if left.is_empty() {
                hidden.entry(each.mask).or_default().extend(by);
            } else {
                seen.insert(each.mask);
            }
        }
    }
    for (id, by) in hidden.into_iter().filter(|(id, _)| !seen.contains(id)) {
        let head = &program.masks[id].head;
        let diagnostic = Diagnostic::finding(Code::Shadowed, format!("mask `{}` is never seen", head.name))
            .at(head.name_span, "others rank higher for everyone whom it concerns, on every column")
            .help(
                "delete it, give it a higher `priority`, or let the others leave somebody out with `except`",
            )
            .policy(&head.name);
        let others = by.iter().map(|id| (PolicyKind::Mask, &program.masks[*id].head));
        diagnostics.push(label_others(diagnostic, others, "hidden by {}"));
    }
}
