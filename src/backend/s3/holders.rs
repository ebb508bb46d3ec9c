//! Which principals hold what their users may: native groups where they can stand for users, else the users' accounts.
//!
//! In: the entitled of both accesses. Out: a permission per holder, READWRITE where both are allowed, since GetDataAccess
//! answers a READWRITE request from one grant only.
//! Invariant: every member of a chosen group may, and so may every user of every account that a member uses.
//! Cost: one pass over the groups per set of entitled.

use std::collections::BTreeMap;

use super::grantee::{Grantee, GranteeType};
use super::overlap::Entitled;
use crate::backend::Lowering;
use crate::ids::Id;
use crate::inventory::directory::UserSet;
use crate::inventory::integration::Strategy;
use crate::inventory::{AccountId, AccountSet};
use crate::prefix::Permission;

/// Who may hold a grant: an account, or a native group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    /// A raw `AccountId`.
    Account(u32),
    /// A place among [`Principals::groups`].
    Group(usize),
}

/// A native group that stands for its members.
struct NativeGroup {
    grantee: Grantee,
    members: UserSet,
    /// The accounts that its members use, of whatever type.
    touched: AccountSet,
    /// Those among them that live in the directory: only they gain by it.
    reached: AccountSet,
}

/// The principals of an integration.
pub(super) struct Principals {
    grantees: BTreeMap<u32, Grantee>,
    in_directory: AccountSet,
    /// By identifier; empty unless the integration trusts its groups.
    groups: Vec<NativeGroup>,
}

impl Principals {
    /// Those of an integration.
    pub(super) fn of(lowering: &Lowering<'_>) -> Principals {
        let grantees: BTreeMap<u32, Grantee> = lowering
            .accounts
            .accounts
            .iter()
            .filter_map(|(id, account)| Some((id.raw(), Grantee::of_account(&account.name)?)))
            .collect();
        let in_directory = grantees
            .iter()
            .filter(|(_, grantee)| grantee.kind == GranteeType::DirectoryUser)
            .map(|(raw, _)| *raw)
            .collect();
        let groups = native_groups(lowering, &in_directory);
        Principals { grantees, in_directory, groups }
    }

    /// The grantee of a holder.
    pub(super) fn grantee(&self, holder: Holder) -> Option<&Grantee> {
        match holder {
            Holder::Account(raw) => self.grantees.get(&raw),
            Holder::Group(index) => self.groups.get(index).map(|group| &group.grantee),
        }
    }

    /// The accounts among some that AWS has no grantee for.
    pub(super) fn without_grantee(&self, accounts: &AccountSet) -> AccountSet {
        accounts.iter().filter(|raw| !self.grantees.contains_key(raw)).collect()
    }

    /// What each holder is granted on data sources with these entitled.
    pub(super) fn holders(
        &self,
        read: Option<&Entitled>,
        write: Option<&Entitled>,
    ) -> BTreeMap<Holder, Permission> {
        let mut held: BTreeMap<Holder, Permission> = BTreeMap::new();
        let mut both = AccountSet::new();
        if let (Some(read), Some(write)) = (read, write) {
            // An account is within both sets exactly if it is within what they share.
            both = &read.accounts & &write.accounts;
            let users = &read.users & &write.users;
            self.hold(Permission::ReadWrite, &both, &users, &both, &mut held);
        }
        for (entitled, permission) in [(read, Permission::Read), (write, Permission::Write)] {
            if let Some(entitled) = entitled {
                let rest = &entitled.accounts - &both;
                self.hold(permission, &rest, &entitled.users, &entitled.accounts, &mut held);
            }
        }
        held
    }

    /// Lets groups of entitled users hold what is `wanted`, the larger first, and accounts the rest.
    fn hold(
        &self,
        permission: Permission,
        wanted: &AccountSet,
        users: &UserSet,
        accounts: &AccountSet,
        held: &mut BTreeMap<Holder, Permission>,
    ) {
        let mut add = |holder| {
            let entry = held.entry(holder).or_insert(permission);
            *entry = entry.union(permission);
        };
        let mut wanted: AccountSet = wanted.iter().filter(|raw| self.grantees.contains_key(raw)).collect();
        let mut candidates: Vec<(usize, &NativeGroup)> = self
            .groups
            .iter()
            .enumerate()
            .filter(|(_, group)| !group.reached.is_disjoint(&wanted))
            .filter(|(_, group)| group.members.is_subset(users) && group.touched.is_subset(accounts))
            .collect();
        candidates.sort_by_key(|(index, group)| (std::cmp::Reverse(group.reached.len()), *index));
        for (index, group) in candidates {
            let gained = group.reached.intersection_len(&wanted);
            // A group that would bring in one account, and otherwise repeat others, is no better than the account.
            if gained > 1 || (gained == 1 && group.reached.len() == 1) {
                add(Holder::Group(index));
                wanted -= &group.reached;
            }
        }
        for raw in &wanted {
            add(Holder::Account(raw));
        }
    }

    /// Whether accounts of the directory exist that groups could hold for.
    pub(super) fn has_directory_users(&self) -> bool {
        !self.in_directory.is_empty()
    }
}

/// The native groups whose members the directory knows, by identifier.
fn native_groups(lowering: &Lowering<'_>, in_directory: &AccountSet) -> Vec<NativeGroup> {
    let settings = lowering.settings();
    let wanted = match settings.strategy {
        Strategy::Users => false,
        // S3 has no roles: groups are the nearest.
        Strategy::Auto | Strategy::Roles | Strategy::Groups => true,
    };
    if !(settings.groups_trusted && wanted) {
        return Vec::new();
    }
    // Directory groups that share a native one: it stands for all of them.
    let mut members: BTreeMap<&str, UserSet> = BTreeMap::new();
    for (id, group) in lowering.inventory().directory.groups.iter() {
        if let Some(account) = lowering.accounts.of_group(id) {
            *members.entry(account).or_default() |= &group.members;
        }
    }
    members
        .into_iter()
        .filter_map(|(account, members)| {
            let touched: AccountSet = members
                .iter()
                .filter_map(|user| lowering.accounts.of_user(Id::from_raw(user)))
                .map(AccountId::raw)
                .collect();
            let reached = &touched & in_directory;
            let grantee = Grantee::of_group_account(account)?;
            (!reached.is_empty()).then_some(NativeGroup { grantee, members, touched, reached })
        })
        .collect()
}
