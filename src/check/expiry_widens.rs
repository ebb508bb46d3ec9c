//! Ends of subscriptions that let more users in.
//!
//! In: every `until` of a subscription. Out: `expiry-widens` (opens): the last `combine any` subscription ends while a
//! `combine all` one goes on, or a `combine all` one ends while another goes on.
//! Gained are those who may from the end on, could not just before, and could not if the subscription went on; so what
//! begins or ends besides at that instant is not blamed on it. An end that is past counts while it still lets somebody in:
//! nothing may have been compiled since.
//! Cost: per end, the classes of its subscription that a `combine all` subscription selects, three evaluations each.

use std::collections::BTreeMap;

use super::facts::{AccessClass, Facts};
use super::words::{counted, declared, first_user, label_others};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ids::Id;
use crate::inventory::directory::UserSet;
use crate::inventory::{Instant, UserId};
use crate::ir::meaning::{ReasonPolicy, combine};
use crate::ir::{Combine, Meaning, PolicyKind, Reason, Subject, SubscriptionId};

pub(super) fn run(facts: &Facts<'_>, diagnostics: &mut Diagnostics) {
    let mut ends: BTreeMap<Instant, Vec<SubscriptionId>> = BTreeMap::new();
    for (id, each) in facts.program.subscriptions.iter() {
        if let Some(until) = each.head.window.until
            && !each.head.window.is_empty()
            && facts.classes_of(id).any(|class| needs_all(facts, class))
        {
            ends.entry(until).or_default().push(id);
        }
    }
    for (end, subscriptions) in ends {
        let before = Meaning::at(facts.program, Instant(end.0.saturating_sub(1)));
        let after = Meaning::at(facts.program, end);
        for id in subscriptions {
            if let Some(diagnostic) = widening(facts, id, &before, &after) {
                diagnostics.push(diagnostic);
            }
        }
    }
}

/// Without a `combine all` subscription, an end only takes away.
fn needs_all(facts: &Facts<'_>, class: &AccessClass) -> bool {
    class.subscriptions.iter().any(|id| facts.program.subscriptions[*id].combine == Combine::All)
}

fn widening(
    facts: &Facts<'_>,
    id: SubscriptionId,
    before: &Meaning<'_>,
    after: &Meaning<'_>,
) -> Option<Diagnostic> {
    let program = facts.program;
    let ending = &program.subscriptions[id];
    let mut securables = 0;
    let mut example: Option<(&AccessClass, UserSet)> = None;
    for class in facts.classes_of(id).filter(|class| needs_all(facts, class)) {
        let subject = Subject { securable: class.sample, column: None, access: class.access };
        let mut reasons = after.reasons(class.sample, class.access);
        let mut gained = combine(after.everyone(), &reasons) - before.may(class.sample, class.access);
        reasons.push(Reason {
            kind: PolicyKind::Subscription,
            policy: ReasonPolicy::Subscription(id, ending.combine),
            holders: after.holders(ending.to, subject),
        });
        gained -= combine(after.everyone(), &reasons);
        if after.instant() <= program.at {
            gained &= &class.may;
        }
        if !gained.is_empty() {
            securables += class.members.tables.len() + class.members.data_sources.len();
            example.get_or_insert((class, gained));
        }
    }
    let (class, gained) = example?;
    let user = first_user(program, &gained);
    let day = after.instant().date();
    let object = program.inventory.catalog.shown_name(class.sample);
    let cause = match ending.combine {
        Combine::Any => "the last `combine any` subscription there",
        Combine::All => "needed of everyone until it ends",
    };
    let access = class.access.word();
    let mut diagnostic = Diagnostic::finding(
        Code::ExpiryWidens,
        format!("the end of subscription `{}` on {day} lets `{user}` {access} `{object}`", ending.head.name),
    )
    .opens()
    .at(ending.head.name_span, cause)
    .policy(&ending.head.name);
    if securables > 1 || gained.len() > 1 {
        let (users, securables) = (counted(gained.len(), "user"), counted(securables, "securable"));
        diagnostic = diagnostic.note(format!("{users} gain there; {securables} are concerned"));
    }
    let first = UserId::from_raw(gained.min()?);
    let letting_in: Vec<Reason> = after
        .reasons(class.sample, class.access)
        .into_iter()
        .filter(|each| each.kind == PolicyKind::Subscription && each.holders.contains(first.raw()))
        .collect();
    let others = letting_in.iter().map(|reason| declared(program, reason));
    let diagnostic = label_others(diagnostic, others, &format!("`{user}` is let in by {{}} from then on"));
    Some(diagnostic.help(match ending.combine {
        Combine::Any => {
            format!("end the others on {day} as well, or put what must stay closed into a guardrail")
        }
        Combine::All => {
            "turn it into a guardrail without `until`, or end the others on the same day".to_owned()
        }
    }))
}
