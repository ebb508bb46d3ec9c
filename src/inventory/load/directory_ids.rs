//! Numbers of first mention to ids in byte order: the second half of reading a directory.
//!
//! In: the draft, every name mentioned. Out: [`Directory`]. What mentions a user whom nothing declares gives nothing
//! and is one finding for each such user, however many rows it stands in.

use std::collections::BTreeMap;

use super::approvals::RawApproval;
use super::directory::{Draft, Principal};
use super::reach;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ids::Id;
use crate::inventory::directory::{Directory, Group, User, UserSet};
use crate::inventory::{GroupId, IntegrationId, UserId};
use crate::source::{Place, Sources};

/// So many unknown users are told by name; one more finding counts the rest.
const TOLD: usize = 100;

/// Past this many users no nearest name is looked for: it costs a comparison with each of them.
const FEW_ENOUGH_TO_COMPARE: usize = 10_000;

/// Accounts by principal and integration, with where they are given.
type Given<'d> = BTreeMap<(u32, IntegrationId), (&'d str, Place)>;

/// Names end, ids begin.
pub(super) fn number(
    draft: Draft<'_>,
    sources: &Sources,
    out: &mut Diagnostics,
) -> (Directory, Vec<RawApproval>) {
    report_unknown_users(&draft, out);
    let mut directory = Directory::default();
    let user_ids = number_users(&draft, &mut directory);
    let group_ids = number_groups(&draft, &mut directory);
    let user_id = |number: u32| user_ids.get(number as usize).copied().flatten();
    let group_id = |number: u32| group_ids.get(number as usize).copied().flatten();

    let mut pairs: Vec<(GroupId, UserId)> = draft
        .memberships
        .iter()
        .filter_map(|(group, user)| Some((group_id(*group)?, user_id(*user)?)))
        .collect();
    // Bitmaps are fastest to fill in order.
    pairs.sort_unstable();
    for (group, user) in pairs {
        directory.groups[group].members.insert(user.raw());
    }
    let edges: Vec<(GroupId, GroupId, Place)> = draft
        .nesting
        .iter()
        .filter_map(|edge| Some((group_id(edge.parent)?, group_id(edge.child)?, edge.place)))
        .collect();
    reach::close(&mut directory.groups, &edges, sources, out);

    for (name, values) in &draft.attributes {
        for (value, holders) in values {
            let users: UserSet = holders.iter().filter_map(|number| user_id(*number)).map(Id::raw).collect();
            if !users.is_empty() {
                directory.attributes.entry(name.clone()).or_default().insert(value.clone(), users);
            }
        }
    }
    let (mut of_users, mut of_groups) = (Given::new(), Given::new());
    for (principal, integration, account, place) in &draft.accounts {
        let (accounts, raw) = match principal {
            Principal::User(number) => (&mut of_users, user_id(*number).map(Id::raw)),
            Principal::Group(number) => (&mut of_groups, group_id(*number).map(Id::raw)),
            // Resolved, or refused, before.
            Principal::Either(_) => continue,
        };
        let Some(raw) = raw else { continue };
        let (first, at) = *accounts.entry((raw, *integration)).or_insert((account, *place));
        if first != account {
            out.error(
                Diagnostic::error(
                    Code::DuplicateObject,
                    format!("two accounts on one integration: `{first}` and `{account}`"),
                )
                .at(*place, "again here")
                .at(at, "first here")
                .help("remove one of the two"),
            );
        }
    }
    directory.user_accounts = of_users
        .into_iter()
        .map(|((raw, integration), (account, _))| ((UserId::from_raw(raw), integration), account.to_owned()))
        .collect();
    directory.group_accounts = of_groups
        .into_iter()
        .map(|((raw, integration), (account, _))| ((GroupId::from_raw(raw), integration), account.to_owned()))
        .collect();
    (directory, draft.approvals)
}

/// Declared users get ids, leavers stay known.
fn number_users(draft: &Draft<'_>, directory: &mut Directory) -> Vec<Option<UserId>> {
    let mut users: Vec<(&String, usize, Place)> = Vec::with_capacity(draft.users.len());
    for (number, (id, user)) in draft.users.iter().enumerate() {
        match user.declared {
            Some(_) if user.leaver => {
                directory.leavers.insert(id.clone());
            }
            Some(place) => users.push((id, number, place)),
            None => {}
        }
    }
    users.sort_unstable();
    let mut ids = vec![None; draft.users.len()];
    for (id, number, place) in users {
        let user = directory.users.push(User { id: id.clone(), place });
        if let Some(slot) = ids.get_mut(number) {
            *slot = Some(user);
        }
    }
    ids
}

/// Every group has an id, declared or only mentioned.
fn number_groups(draft: &Draft<'_>, directory: &mut Directory) -> Vec<Option<GroupId>> {
    let mut groups: Vec<(&String, usize, Place)> = draft
        .groups
        .iter()
        .enumerate()
        .filter_map(|(number, (id, group))| Some((id, number, group.declared.or(group.mentioned)?)))
        .collect();
    groups.sort_unstable();
    let mut ids = vec![None; draft.groups.len()];
    for (id, number, place) in groups {
        let (subgroups, members) = (Vec::new(), UserSet::new());
        let group = directory.groups.push(Group { id: id.clone(), subgroups, members, place });
        if let Some(slot) = ids.get_mut(number) {
            *slot = Some(group);
        }
    }
    ids
}

fn report_unknown_users(draft: &Draft<'_>, out: &mut Diagnostics) {
    let mut unknown: Vec<_> = draft.users.iter().filter(|(_, user)| user.declared.is_none()).collect();
    unknown.sort_by_key(|(id, _)| *id);
    let known: Vec<&str> = draft
        .users
        .iter()
        .filter(|(_, user)| user.declared.is_some())
        .map(|(id, _)| id.as_str())
        .take(FEW_ENOUGH_TO_COMPARE + 1)
        .collect();
    let candidates: &[&str] = if known.len() > FEW_ENOUGH_TO_COMPARE { &[] } else { &known };
    for (id, user) in unknown.iter().take(TOLD) {
        if let Some((place, number)) = user.memberships {
            let counted =
                if number == 1 { "a membership".to_owned() } else { format!("{number} memberships") };
            out.push(
                Diagnostic::finding(Code::UnknownMembership, format!("{counted} of unknown user `{id}`"))
                    .at(place, "ignored")
                    .did_you_mean(id, candidates.iter().copied())
                    .help("list the user, or remove the membership"),
            );
        }
        if let Some((place, _)) = user.others {
            out.push(
                Diagnostic::finding(
                    Code::UnknownUser,
                    format!("an attribute or account of unknown user `{id}`"),
                )
                .at(place, "ignored")
                .did_you_mean(id, candidates.iter().copied())
                .help("list the user, or remove the row"),
            );
        }
    }
    let rest = unknown.get(TOLD..).unwrap_or_default();
    if let Some(place) =
        rest.iter().filter_map(|(_, user)| user.memberships.or(user.others)).map(|(at, _)| at).min()
    {
        out.push(
            Diagnostic::finding(
                Code::UnknownMembership,
                format!("{} more unknown users are mentioned", rest.len()),
            )
            .at(place, "ignored")
            .help("list the users, or export them too"),
        );
    }
}
