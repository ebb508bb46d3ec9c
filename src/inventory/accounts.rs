//! Which account of an integration stands for which users.
//!
//! In: accounts by name and the integration's templates. Out: accounts sorted by name with their users.
//! Invariant: an account shared by several users gets only what all of them may: see [`Accounts::within`].

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::directory::UserSet;
use super::{GroupId, IntegrationId, Inventory, UserId};
use crate::ids::{Id, IdVec};

crate::ids! {
    /// An account of one integration.
    AccountId,
}

/// A set of accounts: raw `AccountId`s.
pub type AccountSet = RoaringBitmap;

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Its name on the platform, exact.
    pub name: String,
    /// Who uses it: at least one.
    pub users: UserSet,
}

/// The accounts of one integration, by name.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    /// Sorted by name.
    pub accounts: IdVec<AccountId, Account>,
    /// By raw `UserId`.
    of_user: Vec<Option<AccountId>>,
    of_group: BTreeMap<GroupId, String>,
    /// Users without an account here.
    pub missing: UserSet,
}

impl Accounts {
    /// The accounts of an integration: by name first, else by template.
    pub fn of(inventory: &Inventory, integration: IntegrationId) -> Accounts {
        let settings = &inventory.integrations[integration];
        let directory = &inventory.directory;
        let mut by_name: BTreeMap<String, UserSet> = BTreeMap::new();
        let mut missing = UserSet::new();
        for (id, user) in directory.users.iter() {
            let account = directory.user_accounts.get(&(id, integration)).cloned();
            match account.or_else(|| settings.user_template.as_ref()?.apply(&user.id)) {
                Some(name) => {
                    by_name.entry(name).or_default().insert(id.raw());
                }
                None => {
                    missing.insert(id.raw());
                }
            }
        }
        let accounts: IdVec<AccountId, Account> =
            by_name.into_iter().map(|(name, users)| Account { name, users }).collect();
        let mut of_user = vec![None; directory.users.len()];
        for (id, account) in accounts.iter() {
            for user in &account.users {
                if let Some(place) = of_user.get_mut(user as usize) {
                    *place = Some(id);
                }
            }
        }
        let of_group = directory
            .groups
            .iter()
            .filter_map(|(id, group)| {
                let account = directory.group_accounts.get(&(id, integration)).cloned();
                Some((id, account.or_else(|| settings.group_template.as_ref()?.apply(&group.id))?))
            })
            .collect();
        Accounts { accounts, of_user, of_group, missing }
    }

    /// The account of a user.
    pub fn of_user(&self, user: UserId) -> Option<AccountId> {
        self.of_user.get(user.raw() as usize).copied().flatten()
    }

    /// The account (a native group) of a group.
    pub fn of_group(&self, group: GroupId) -> Option<&str> {
        self.of_group.get(&group).map(String::as_str)
    }

    /// The account of a name.
    pub fn find(&self, name: &str) -> Option<AccountId> {
        let raw = self
            .accounts
            .values()
            .as_slice()
            .binary_search_by(|account| account.name.as_str().cmp(name))
            .ok()?;
        Some(AccountId::from_raw(raw as u32))
    }

    /// The accounts *all* of whose users are in the set: who may be given what the set has. Cost: the set.
    pub fn within(&self, users: &UserSet) -> AccountSet {
        let whole = |id: &AccountId| {
            let account = &self.accounts[*id];
            account.users.len() == 1 || account.users.is_subset(users)
        };
        let found = users.iter().filter_map(|user| self.of_user(UserId::from_raw(user)));
        found.filter(whole).map(|id| id.raw()).collect()
    }

    /// The accounts *any* of whose users is in the set: whom a restriction of the set concerns. Cost: the set.
    pub fn touching(&self, users: &UserSet) -> AccountSet {
        users.iter().filter_map(|user| self.of_user(UserId::from_raw(user))).map(|id| id.raw()).collect()
    }

    /// Every account.
    pub fn all(&self) -> AccountSet {
        let mut all = AccountSet::new();
        all.insert_range(0..self.accounts.len() as u32);
        all
    }

    /// The users of a set of accounts.
    pub fn users(&self, accounts: &AccountSet) -> UserSet {
        accounts.iter().fold(UserSet::new(), |all, raw| all | &self.accounts[AccountId::from_raw(raw)].users)
    }

    /// The accounts of more than one user, by name.
    pub fn shared(&self) -> impl Iterator<Item = (AccountId, &Account)> {
        self.accounts.iter().filter(|(_, each)| each.users.len() > 1)
    }
}
