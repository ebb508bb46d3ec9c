//! Subscriptions that can never give anything, because others stop everyone whom they let in.
//!
//! In: the classes. Out: `conflict`, naming the guardrails and `combine all` subscriptions in the way.
//! What holds for nobody at all is `never-true` and not told of again; what waits for approvals stops nobody for good.
//! Cost: per subscription, the policies of its classes, until one user passes.

use std::collections::BTreeSet;

use super::facts::Facts;
use super::words::{counted, declared, label_others};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::directory::UserSet;
use crate::ir::meaning::{Reason, ReasonPolicy};
use crate::ir::{Combine, SubscriptionId};

struct Stopped {
    users: UserSet,
    by: Vec<Reason>,
}

pub(super) fn run(facts: &Facts<'_>, diagnostics: &mut Diagnostics) {
    let program = facts.program;
    let mut told: BTreeSet<SubscriptionId> = BTreeSet::new();
    for id in facts.meaning.active_subscriptions() {
        let each = &program.subscriptions[*id];
        let Some(stopped) = stopped(facts, *id) else { continue };
        // Two `combine all` subscriptions that exclude each other are one conflict.
        let mutual = |reason: &Reason| match reason.policy {
            ReasonPolicy::Subscription(other, _) => told.contains(&other),
            ReasonPolicy::Guardrail(_) => false,
        };
        if each.combine == Combine::All && stopped.by.iter().all(mutual) {
            continue;
        }
        told.insert(*id);
        let diagnostic = Diagnostic::finding(
            Code::Conflict,
            format!("subscription `{}` can never give anything", each.head.name),
        )
        .at(
            each.head.name_span,
            format!("lets in {}, all of whom are stopped", counted(stopped.users.len(), "user")),
        )
        .help(match alone(facts, *id) {
            true => "let them overlap, or delete the subscription",
            // Deleting one of several that combine may open what it now closes.
            false => "let them overlap",
        })
        .policy(&each.head.name);
        let by = stopped.by.iter().map(|reason| declared(program, reason));
        diagnostics.push(label_others(diagnostic, by, "stopped by {}"));
    }
}

/// Whether a subscription can go without letting anybody in: neither it nor another there is `combine all`.
fn alone(facts: &Facts<'_>, id: SubscriptionId) -> bool {
    let all = |id: &SubscriptionId| facts.program.subscriptions[*id].combine == Combine::All;
    facts.classes_of(id).all(|class| !class.subscriptions.iter().any(all))
}

/// Whom a subscription lets in and what stops them, if nobody passes on any class.
fn stopped(facts: &Facts<'_>, id: SubscriptionId) -> Option<Stopped> {
    let mut users = UserSet::new();
    let mut by: Vec<Reason> = Vec::new();
    for class in facts.classes_of(id) {
        let reasons = facts.reasons(class);
        let own = reasons.iter().find(|each| is_subscription(each, id))?;
        if own.holders.is_empty() {
            continue;
        }
        let stoppers: Vec<&Reason> =
            reasons.iter().filter(|each| !is_subscription(each, id) && can_stop(facts, each)).collect();
        let passing = stoppers.iter().fold(own.holders.clone(), |passing, each| passing & &each.holders);
        if !passing.is_empty() {
            return None;
        }
        users |= &own.holders;
        // One that stops everyone alone says it best; else each has a part in it.
        let alone = stoppers.iter().find(|each| each.holders.is_disjoint(&own.holders));
        let blamed = match alone {
            Some(alone) => vec![*alone],
            None => stoppers.into_iter().filter(|each| !own.holders.is_subset(&each.holders)).collect(),
        };
        for reason in blamed {
            if !by.iter().any(|known| known.policy == reason.policy) {
                by.push(reason.clone());
            }
        }
    }
    (!users.is_empty()).then_some(Stopped { users, by })
}

fn is_subscription(reason: &Reason, id: SubscriptionId) -> bool {
    match reason.policy {
        ReasonPolicy::Subscription(other, _) => other == id,
        ReasonPolicy::Guardrail(_) => false,
    }
}

fn can_stop(facts: &Facts<'_>, reason: &Reason) -> bool {
    let condition = match reason.policy {
        ReasonPolicy::Subscription(_, Combine::Any) => return false,
        ReasonPolicy::Subscription(id, Combine::All) => facts.program.subscriptions[id].to,
        ReasonPolicy::Guardrail(id) => facts.program.guardrails[id].to,
    };
    !reason.holders.is_empty() && !facts.waits_for_approval(condition)
}
