//! Directory files to [`Directory`].
//!
//! In: YAML, JSON, SCIM and CSV in any mixture. Out: ids in byte order of names, memberships closed transitively.
//! Invariant: a user is one whom `users:`, users.csv or SCIM lists, in one place only. A group is one that is
//! declared or mentioned as what something belongs to (`groups:` of a user or group, memberships.csv,
//! nesting.csv): small directories need no list of groups. What only a membership, attribute or account mentions
//! is no user: it is a finding, and holds nothing.
//! Cost: one pass over the rows, one sort of the memberships.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::approvals::RawApproval;
use super::catalog::twice;
use super::{Form, directory_csv, directory_yaml, reach, readable, scim};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ids::{Id, IdVec};
use crate::inventory::directory::{Directory, Group, User, UserSet};
use crate::inventory::document;
use crate::inventory::files::Files;
use crate::inventory::{GroupId, Integration, IntegrationId, UserId};
use crate::source::{Place, Sources};

/// What has been read so far; principals by their number of first mention.
pub(super) struct Draft<'i> {
    pub(super) integrations: &'i IdVec<IntegrationId, Integration>,
    users: IndexMap<String, DraftUser>,
    groups: IndexMap<String, DraftGroup>,
    memberships: Vec<(u32, u32)>,
    pub(super) nesting: Vec<Nesting>,
    /// Members that may be users or groups: decided when all are known.
    members: Vec<(u32, String, Place)>,
    attributes: BTreeMap<String, BTreeMap<String, Vec<u32>>>,
    accounts: Vec<(Principal, IntegrationId, String, Place)>,
    pub(super) approvals: Vec<RawApproval>,
}

#[derive(Default)]
struct DraftUser {
    declared: Option<Place>,
    leaver: bool,
    /// First place and number of the memberships, attributes and accounts that mention the user.
    memberships: Option<(Place, u32)>,
    others: Option<(Place, u32)>,
}

struct DraftGroup {
    declared: Option<Place>,
    mentioned: Option<Place>,
}

/// A group within another.
pub(super) struct Nesting {
    pub(super) child: u32,
    pub(super) parent: u32,
    pub(super) place: Place,
}

/// Whose account.
pub(super) enum Principal {
    User(u32),
    Group(u32),
    /// A row of accounts.csv: a user or a group.
    Either(String),
}

/// Reads the directory's folder.
pub(super) fn load(
    files: &Files,
    integrations: &IdVec<IntegrationId, Integration>,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> (Directory, Vec<RawApproval>) {
    let mut draft = Draft {
        integrations,
        users: IndexMap::new(),
        groups: IndexMap::new(),
        memberships: Vec::new(),
        nesting: Vec::new(),
        members: Vec::new(),
        attributes: BTreeMap::new(),
        accounts: Vec::new(),
        approvals: Vec::new(),
    };
    let mut resources = scim::Resources::default();
    for (name, form) in readable(files, "directory/", &directory_csv::TABLES, sources, out) {
        match form {
            Form::Table => directory_csv::read(name, files, &mut draft, sources, out),
            Form::Document => {
                let Some(source) = files.text(name, sources, out) else { continue };
                let Some(node) = document::read(source, sources, out) else { continue };
                if scim::is_scim(&node) {
                    resources.read(&node, out);
                } else {
                    directory_yaml::read(&node, &mut draft, out);
                }
            }
        }
    }
    resources.finish(&mut draft, out);
    draft.finish(sources, out)
}

impl Draft<'_> {
    /// Declares a user, once.
    pub(super) fn declare_user(
        &mut self,
        id: &str,
        place: Place,
        leaver: bool,
        out: &mut Diagnostics,
    ) -> u32 {
        let number = self.user(id);
        if let Some(user) = self.users.get_index_mut(number as usize).map(|(_, user)| user) {
            match user.declared {
                Some(first) => {
                    out.error(twice(&format!("user `{id}`"), place, first));
                }
                None => (user.declared, user.leaver) = (Some(place), leaver),
            }
        }
        number
    }

    /// Declares a group, once.
    pub(super) fn declare_group(&mut self, id: &str, place: Place, out: &mut Diagnostics) -> u32 {
        let number = self.group_number(id);
        if let Some((_, group)) = self.groups.get_index_mut(number as usize) {
            match group.declared {
                Some(first) => {
                    out.error(twice(&format!("group `{id}`"), place, first));
                }
                None => group.declared = Some(place),
            }
        }
        number
    }

    /// Mentions a group as what something belongs to.
    pub(super) fn mention_group(&mut self, id: &str, place: Place) -> u32 {
        let number = self.group_number(id);
        if let Some((_, group)) = self.groups.get_index_mut(number as usize) {
            group.mentioned = Some(group.mentioned.map_or(place, |first| first.min(place)));
        }
        number
    }

    /// The number of a user who may yet be declared.
    pub(super) fn user(&mut self, id: &str) -> u32 {
        // A look-up first: most rows name somebody who is known, and `entry` would copy the name.
        let at = match self.users.get_index_of(id) {
            Some(at) => at,
            None => self.users.insert_full(id.to_owned(), DraftUser::default()).0,
        };
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    fn group_number(&mut self, id: &str) -> u32 {
        let at = match self.groups.get_index_of(id) {
            Some(at) => at,
            None => self.groups.insert_full(id.to_owned(), DraftGroup { declared: None, mentioned: None }).0,
        };
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// Puts a user into a group.
    pub(super) fn membership(&mut self, user: u32, group: u32, place: Place) {
        if let Some((_, user)) = self.users.get_index_mut(user as usize) {
            count(&mut user.memberships, place);
        }
        self.memberships.push((group, user));
    }

    /// Puts something that may be a user or a group into a group.
    pub(super) fn member(&mut self, group: u32, member: &str, place: Place) {
        self.members.push((group, member.to_owned(), place));
    }

    /// Gives a user a value.
    pub(super) fn attribute(&mut self, user: u32, name: &str, value: &str, place: Place) {
        if let Some((_, user)) = self.users.get_index_mut(user as usize) {
            count(&mut user.others, place);
        }
        let values = match self.attributes.get_mut(name) {
            Some(values) => values,
            None => self.attributes.entry(name.to_owned()).or_default(),
        };
        match values.get_mut(value) {
            Some(users) => users.push(user),
            None => {
                values.insert(value.to_owned(), vec![user]);
            }
        }
    }

    /// Gives a principal an account.
    pub(super) fn account(&mut self, of: Principal, integration: IntegrationId, account: &str, place: Place) {
        self.accounts.push((of, integration, account.to_owned(), place));
    }

    /// Names end, ids begin.
    fn finish(mut self, sources: &Sources, out: &mut Diagnostics) -> (Directory, Vec<RawApproval>) {
        self.resolve_members(out);
        self.resolve_accounts(out);
        self.report_unknown_users(out);
        let mut directory = Directory::default();

        let mut users: Vec<(&String, u32, Place)> = Vec::with_capacity(self.users.len());
        for (number, (id, user)) in self.users.iter().enumerate() {
            match user.declared {
                Some(_) if user.leaver => {
                    directory.leavers.insert(id.clone());
                }
                Some(place) => users.push((id, number as u32, place)),
                None => {}
            }
        }
        users.sort_unstable();
        let mut user_ids: Vec<Option<UserId>> = vec![None; self.users.len()];
        for (id, number, place) in users {
            let user = directory.users.push(User { id: id.clone(), place });
            if let Some(slot) = user_ids.get_mut(number as usize) {
                *slot = Some(user);
            }
        }
        let user_id = |number: u32| user_ids.get(number as usize).copied().flatten();

        let mut groups: Vec<(&String, u32)> =
            self.groups.keys().enumerate().map(|(number, id)| (id, number as u32)).collect();
        groups.sort_unstable();
        let mut group_ids: Vec<GroupId> = vec![GroupId::from_raw(0); self.groups.len()];
        for (id, number) in groups {
            let place = self.groups.get(id).and_then(|group| group.declared.or(group.mentioned));
            let Some(place) = place else { continue };
            let group = directory.groups.push(Group {
                id: id.clone(),
                subgroups: Vec::new(),
                members: UserSet::new(),
                place,
            });
            if let Some(slot) = group_ids.get_mut(number as usize) {
                *slot = group;
            }
        }
        let group_id = |number: u32| group_ids.get(number as usize).copied();

        let mut pairs: Vec<(GroupId, UserId)> = self
            .memberships
            .iter()
            .filter_map(|(group, user)| Some((group_id(*group)?, user_id(*user)?)))
            .collect();
        pairs.sort_unstable();
        for (group, user) in pairs {
            directory.groups[group].members.insert(user.raw());
        }
        let edges: Vec<(GroupId, GroupId, Place)> = self
            .nesting
            .iter()
            .filter_map(|edge| Some((group_id(edge.parent)?, group_id(edge.child)?, edge.place)))
            .collect();
        reach::close(&mut directory.groups, &edges, sources, out);

        for (name, values) in &self.attributes {
            for (value, holders) in values {
                let users: UserSet =
                    holders.iter().filter_map(|number| user_id(*number)).map(Id::raw).collect();
                if !users.is_empty() {
                    directory.attributes.entry(name.clone()).or_default().insert(value.clone(), users);
                }
            }
        }
        let mut given: BTreeMap<(bool, u32, IntegrationId), (&str, Place)> = BTreeMap::new();
        for (principal, integration, account, place) in &self.accounts {
            let (is_group, raw) = match principal {
                Principal::User(number) => match user_id(*number) {
                    Some(user) => (false, user.raw()),
                    None => continue,
                },
                Principal::Group(number) => match group_id(*number) {
                    Some(group) => (true, group.raw()),
                    None => continue,
                },
                Principal::Either(_) => continue,
            };
            match given.get(&(is_group, raw, *integration)) {
                Some((first, at)) if first != account => {
                    out.error(
                        Diagnostic::error(
                            Code::DuplicateObject,
                            format!("two accounts on one integration: `{first}` and `{account}`"),
                        )
                        .at(*place, "again here")
                        .at(*at, "first here")
                        .help("remove one of the two"),
                    );
                }
                Some(_) => {}
                None => {
                    given.insert((is_group, raw, *integration), (account, *place));
                }
            }
        }
        for ((is_group, raw, integration), (account, _)) in given {
            if is_group {
                directory.group_accounts.insert((GroupId::from_raw(raw), integration), account.to_owned());
            } else {
                directory.user_accounts.insert((UserId::from_raw(raw), integration), account.to_owned());
            }
        }
        (directory, self.approvals)
    }

    fn is_group(&self, id: &str) -> Option<u32> {
        self.groups.get_index_of(id).map(|at| at as u32)
    }

    fn is_declared_user(&self, id: &str) -> Option<u32> {
        let (at, _, user) = self.users.get_full(id)?;
        user.declared.map(|_| at as u32)
    }

    fn resolve_members(&mut self, out: &mut Diagnostics) {
        for (group, member, place) in std::mem::take(&mut self.members) {
            match (self.is_declared_user(&member), self.is_group(&member)) {
                (Some(_), Some(_)) => {
                    out.error(either(&member, place));
                }
                (None, Some(child)) => self.nesting.push(Nesting { child, parent: group, place }),
                (Some(_), None) | (None, None) => {
                    let user = self.user(&member);
                    self.membership(user, group, place);
                }
            }
        }
    }

    fn resolve_accounts(&mut self, out: &mut Diagnostics) {
        let mut accounts = std::mem::take(&mut self.accounts);
        for (principal, _, _, place) in &mut accounts {
            let Principal::Either(id) = principal else { continue };
            let found = match (self.is_declared_user(id), self.is_group(id)) {
                (Some(_), Some(_)) => {
                    out.error(either(id, *place).note("give it in YAML, where users and groups stand apart"));
                    continue;
                }
                (None, Some(group)) => Principal::Group(group),
                (Some(_), None) | (None, None) => {
                    let user = self.user(id);
                    if let Some((_, user)) = self.users.get_index_mut(user as usize) {
                        count(&mut user.others, *place);
                    }
                    Principal::User(user)
                }
            };
            *principal = found;
        }
        self.accounts = accounts;
    }

    /// One finding for each unknown name, however many rows mention it.
    fn report_unknown_users(&self, out: &mut Diagnostics) {
        let names =
            || self.users.iter().filter(|(_, user)| user.declared.is_some()).map(|(id, _)| id.as_str());
        let mut suggestions = 0;
        for (id, user) in self.users.iter().filter(|(_, user)| user.declared.is_none()) {
            // A suggestion compares with everybody; past a few, the reader needs the export mended, not a name.
            suggestions += 1;
            let candidates = || names().take(if suggestions <= 20 { 100_000 } else { 0 });
            if let Some((place, number)) = user.memberships {
                let counted =
                    if number == 1 { "a membership".to_owned() } else { format!("{number} memberships") };
                out.push(
                    Diagnostic::finding(Code::UnknownMembership, format!("{counted} of unknown user `{id}`"))
                        .at(place, "ignored")
                        .did_you_mean(id, candidates())
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
                    .did_you_mean(id, candidates())
                    .help("list the user, or remove the row"),
                );
            }
        }
    }
}

fn count(mentions: &mut Option<(Place, u32)>, place: Place) {
    *mentions = match *mentions {
        Some((first, number)) => Some((first.min(place), number.saturating_add(1))),
        None => Some((place, 1)),
    };
}

fn either(id: &str, place: Place) -> Diagnostic {
    Diagnostic::error(Code::BadValue, format!("`{id}` is both a user and a group"))
        .at(place, "which of the two?")
}
