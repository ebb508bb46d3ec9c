//! How findings say numbers and names.
//!
//! In: counts, sets, policies. Out: pieces of sentences. Invariant: long lists are cut, and say so.

use crate::diagnostic::Diagnostic;
use crate::ids::Id;
use crate::inventory::UserId;
use crate::inventory::directory::UserSet;
use crate::ir::meaning::{Reason, ReasonPolicy};
use crate::ir::{PolicyHead, PolicyKind, Program};

/// At most so many names stand in a sentence, or places under a message.
pub(crate) const SHOWN: usize = 5;

/// `1 user`, `2 users`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// `` `a` ``, `` `a` and `b` ``, `` `a`, `b` and 3 more ``.
pub(crate) fn listed(names: impl IntoIterator<Item = String>) -> String {
    let mut names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        let more = names.len() - SHOWN;
        names.truncate(SHOWN);
        return format!("{} and {more} more", names.join(", "));
    }
    match names.pop() {
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
        None => String::new(),
    }
}

/// The id of the first user of a set, for an example.
pub(crate) fn first_user<'p>(program: &'p Program, users: &UserSet) -> &'p str {
    users
        .min()
        .and_then(|raw| program.inventory.directory.users.lookup(UserId::from_raw(raw)))
        .map_or("", |user| &user.id)
}

/// The ids of a set of users, cut like any list.
pub(crate) fn user_names(program: &Program, users: &UserSet) -> String {
    let users = users.iter().map(UserId::from_raw);
    listed(users.map(|user| program.inventory.directory.users[user].id.clone()))
}

/// The declaration behind a reason.
pub(crate) fn declared<'p>(program: &'p Program, reason: &Reason) -> (PolicyKind, &'p PolicyHead) {
    match reason.policy {
        ReasonPolicy::Subscription(id, _) => (PolicyKind::Subscription, &program.subscriptions[id].head),
        ReasonPolicy::Guardrail(id) => (PolicyKind::Guardrail, &program.guardrails[id].head),
    }
}

/// Labels other declarations, each with the same words; a note counts those left out.
pub(crate) fn label_others<'p>(
    mut diagnostic: Diagnostic,
    others: impl IntoIterator<Item = (PolicyKind, &'p PolicyHead)>,
    text: &str,
) -> Diagnostic {
    let mut left_out = 0;
    for (index, (kind, head)) in others.into_iter().enumerate() {
        if index < SHOWN {
            diagnostic = diagnostic
                .at(head.name_span, text.replace("{}", &format!("{} `{}`", kind.word(), head.name)));
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 { diagnostic.note(format!("and by {left_out} more")) } else { diagnostic }
}
