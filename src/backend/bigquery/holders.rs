//! Which members hold what the users of a class may: groups where they can stand for users, else the users' accounts.
//!
//! In: a class, or a part of one. Out: grantees. Invariant: every member of a chosen group may, and so may every user of every account that a member
//! uses. Cost: one pass over the groups per class.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::member::{address, grantee, is_group};
use crate::backend::contract::Lowering;
use crate::ids::Id;
use crate::inventory::directory::UserSet;
use crate::inventory::integration::Strategy;
use crate::inventory::{AccountId, AccountSet, Accounts, IntegrationId, Inventory};

/// A group of the platform that stands for its members.
pub(super) struct NativeGroup {
    members: UserSet,
    /// The accounts that its members use, of whatever form.
    touched: AccountSet,
    /// Those among them that can ask.
    pub(super) reached: AccountSet,
}

/// The groups whose members the directory knows, by grantee; none unless the integration trusts them.
pub(super) fn native_groups(
    inventory: &Inventory,
    integration: IntegrationId,
    accounts: &Accounts,
) -> BTreeMap<String, NativeGroup> {
    if !inventory.integrations[integration].groups_trusted {
        return BTreeMap::new();
    }
    // Directory groups that share a native one: it stands for all of them.
    let mut members: BTreeMap<&str, UserSet> = BTreeMap::new();
    for (id, group) in inventory.directory.groups.iter() {
        if let Some(account) = accounts.of_group(id).filter(|account| is_group(account)) {
            *members.entry(account).or_default() |= &group.members;
        }
    }
    let group = |members: UserSet| {
        let used = members.iter().filter_map(|user| accounts.of_user(Id::from_raw(user)));
        let touched: AccountSet = used.map(AccountId::raw).collect();
        let asks = |raw: &u32| address(&accounts.accounts[AccountId::from_raw(*raw)].name).is_some();
        let reached = touched.iter().filter(asks).collect();
        NativeGroup { members, touched, reached }
    };
    members.into_iter().map(|(account, members)| (grantee(account), group(members))).collect()
}

/// The members of an integration.
pub(super) struct Holders {
    /// By account that can ask.
    grantees: BTreeMap<u32, String>,
    groups: BTreeMap<String, NativeGroup>,
}

impl Holders {
    /// Those of an integration.
    pub(super) fn of(lowering: &Lowering<'_>) -> Holders {
        let accounts = lowering.accounts;
        let grantees = accounts
            .accounts
            .iter()
            .filter(|(_, account)| address(&account.name).is_some())
            .map(|(id, account)| (id.raw(), grantee(&account.name)))
            .collect();
        let groups = match lowering.settings().strategy {
            Strategy::Users => BTreeMap::new(),
            Strategy::Auto | Strategy::Roles | Strategy::Groups => {
                native_groups(lowering.inventory(), lowering.integration, accounts)
            }
        };
        Holders { grantees, groups }
    }

    /// The accounts that nothing can be granted to.
    pub(super) fn without_grantee(&self, accounts: &AccountSet) -> AccountSet {
        accounts.iter().filter(|raw| !self.grantees.contains_key(raw)).collect()
    }

    /// Who holds for some users and all of their accounts that may be granted to: groups of them, the larger first, and accounts for the
    /// rest.
    pub(super) fn hold(&self, users: &UserSet, accounts: &AccountSet) -> Vec<&str> {
        let mut wanted: AccountSet = accounts.iter().filter(|raw| self.grantees.contains_key(raw)).collect();
        let mut candidates: Vec<(&String, &NativeGroup)> = self
            .groups
            .iter()
            .filter(|(_, group)| !group.reached.is_disjoint(&wanted))
            .filter(|(_, group)| group.members.is_subset(users) && group.touched.is_subset(accounts))
            .collect();
        candidates.sort_by_key(|(name, group)| (Reverse(group.reached.len()), *name));
        let mut held = Vec::new();
        for (name, group) in candidates {
            let gained = group.reached.intersection_len(&wanted);
            // A group that would bring in one account, and otherwise repeat others, is no better than the account.
            if gained > 1 || (gained == 1 && group.reached.len() == 1) {
                held.push(name.as_str());
                wanted -= &group.reached;
            }
        }
        held.extend(wanted.iter().filter_map(|raw| self.grantees.get(&raw)).map(String::as_str));
        held
    }
}
