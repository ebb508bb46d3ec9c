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
use super::{Form, directory_csv, directory_ids, directory_yaml, readable, scim};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ids::IdVec;
use crate::inventory::directory::Directory;
use crate::inventory::document;
use crate::inventory::files::Files;
use crate::inventory::{Integration, IntegrationId};
use crate::source::{Place, Sources};

/// What has been read so far; principals by their number of first mention.
pub(super) struct Draft<'i> {
    pub(super) integrations: &'i IdVec<IntegrationId, Integration>,
    pub(super) users: IndexMap<String, DraftUser>,
    pub(super) groups: IndexMap<String, DraftGroup>,
    /// Group, user.
    pub(super) memberships: Vec<(u32, u32)>,
    pub(super) nesting: Vec<Nesting>,
    /// Members that may be users or groups: decided when all are known.
    members: Vec<(u32, String, Place)>,
    pub(super) attributes: BTreeMap<String, BTreeMap<String, Vec<u32>>>,
    pub(super) accounts: Vec<(Principal, IntegrationId, String, Place)>,
    pub(super) approvals: Vec<RawApproval>,
}

#[derive(Default)]
pub(super) struct DraftUser {
    pub(super) declared: Option<Place>,
    pub(super) leaver: bool,
    /// First place and number of the memberships, attributes and accounts that mention the user.
    pub(super) memberships: Option<(Place, u32)>,
    pub(super) others: Option<(Place, u32)>,
}

pub(super) struct DraftGroup {
    pub(super) declared: Option<Place>,
    pub(super) mentioned: Option<Place>,
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
    draft.resolve_members(out);
    draft.resolve_accounts(out);
    directory_ids::number(draft, sources, out)
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
