//! Who there is: users, groups with their reach, attributes, accounts and approvals.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::{GroupId, Instant, IntegrationId, Securable, UserId};
use crate::ids::{Id, IdVec};
use crate::source::Place;

/// A set of users: raw `UserId`s.
pub type UserSet = RoaringBitmap;

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name, exact.
    pub id: String,
    /// The groups directly in it.
    pub subgroups: Vec<GroupId>,
    /// Every user whom it reaches, transitively.
    pub members: UserSet,
    /// Where it is described.
    pub place: Place,
}

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// The directory id, exact.
    pub id: String,
    /// Where he is described.
    pub place: Place,
}

/// All principals. Ids follow the byte order of names.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// The users (leavers are not among them).
    pub users: IdVec<UserId, User>,
    /// Ids that are known but are no users: SCIM's `active: false`.
    pub leavers: BTreeSet<String>,
    /// The groups.
    pub groups: IdVec<GroupId, Group>,
    /// attribute → value → the users who have it.
    pub attributes: BTreeMap<String, BTreeMap<String, UserSet>>,
    /// Accounts given by name: (user, integration) → account.
    pub user_accounts: BTreeMap<(UserId, IntegrationId), String>,
    /// Accounts of groups given by name.
    pub group_accounts: BTreeMap<(GroupId, IntegrationId), String>,
}

impl Directory {
    /// The user of an id.
    pub fn user(&self, id: &str) -> Option<UserId> {
        let raw = self.users.values().as_slice().binary_search_by(|user| user.id.as_str().cmp(id)).ok()?;
        Some(UserId::from_raw(raw as u32))
    }

    /// The group of an id.
    pub fn group(&self, id: &str) -> Option<GroupId> {
        let raw = self.groups.values().as_slice().binary_search_by(|group| group.id.as_str().cmp(id)).ok()?;
        Some(GroupId::from_raw(raw as u32))
    }

    /// Every user.
    pub fn everyone(&self) -> UserSet {
        let mut all = UserSet::new();
        all.insert_range(0..self.users.len() as u32);
        all
    }

    /// The users who have any value of the attribute.
    pub fn having(&self, attribute: &str) -> UserSet {
        self.attributes.get(attribute).map_or_else(UserSet::new, |values| {
            values.values().fold(UserSet::new(), |all, users| all | users)
        })
    }

    /// The values that one user has of the attribute, sorted.
    pub fn values<'a>(&'a self, user: UserId, attribute: &str) -> Vec<&'a str> {
        self.attributes.get(attribute).map_or_else(Vec::new, |values| {
            values
                .iter()
                .filter(|(_, users)| users.contains(user.raw()))
                .map(|(value, _)| value.as_str())
                .collect()
        })
    }

    /// The names of the groups that reach the user, sorted.
    pub fn groups_of(&self, user: UserId) -> Vec<&str> {
        self.groups
            .values()
            .filter(|group| group.members.contains(user.raw()))
            .map(|group| group.id.as_str())
            .collect()
    }
}

/// The two things that a subscription may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Reading.
    Read,
    /// Writing, which does not imply reading.
    Write,
}

impl Access {
    /// Both.
    pub const ALL: [Access; 2] = [Access::Read, Access::Write];

    /// The word of the policy language.
    pub fn word(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "write",
        }
    }
}

/// Somebody said that a user may.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Who may.
    pub user: UserId,
    /// What.
    pub securable: Securable,
    /// How.
    pub access: Access,
    /// Who said so; need not be in the directory.
    pub by: Option<String>,
    /// First instant at which it no longer holds.
    pub until: Option<Instant>,
    /// Where it is recorded.
    pub place: Place,
}
