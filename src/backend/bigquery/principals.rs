//! The accounts that a grantee stands for: there are no roles, only users, groups, domains and everybody.
//!
//! In: grants, and row access policies. Out: accounts by grantee. Groups whose members the directory knows are these; whom we cannot look into is an account
//! of his own, by all of his text. Cost: one pass over the accounts per domain.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::holders::native_groups;
use super::member::{is_everybody, name};
use super::policies::RowPolicy;
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::ids::Id;
use crate::inventory::{AccountId, Accounts, IntegrationId, Inventory};

/// The accounts of a state.
pub(super) struct Principals {
    /// In byte order.
    pub(super) accounts: Vec<String>,
    holders: BTreeMap<String, RoaringBitmap>,
}

impl Principals {
    /// Reads facts.
    pub(super) fn of(
        inventory: &Inventory,
        integration: IntegrationId,
        facts: &[Fact],
        symbols: &Symbols,
        accounts: &Accounts,
    ) -> Principals {
        let groups = native_groups(inventory, integration, accounts);
        let granted = facts.iter().filter(|fact| fact.key.kind == FactKind::Grant);
        let listing = facts.iter().filter(|fact| fact.key.kind == FactKind::RowAccessPolicy);
        let listed = listing.flat_map(|fact| RowPolicy::parse(symbols.text(fact.body)).grantees);
        let grantees: BTreeSet<String> =
            granted.map(|fact| symbols.text(fact.key.grantee).to_owned()).chain(listed).collect();
        let mut names: BTreeSet<String> = accounts.accounts.values().map(|each| each.name.clone()).collect();
        for grantee in &grantees {
            let member = name(grantee);
            if grantee.starts_with("USER ") {
                names.insert(member);
            } else if !groups.contains_key(grantee) && !is_everybody(&member) {
                names.insert(grantee.clone());
            }
        }
        let mut principals = Principals { accounts: names.into_iter().collect(), holders: BTreeMap::new() };
        for grantee in grantees {
            let held = match groups.get(&grantee) {
                Some(group) => {
                    let known =
                        group.reached.iter().map(|raw| &accounts.accounts[AccountId::from_raw(raw)].name);
                    known.filter_map(|name| principals.find(name)).collect()
                }
                None => principals.stands_for(&grantee),
            };
            principals.holders.insert(grantee, held);
        }
        principals
    }

    fn stands_for(&self, grantee: &str) -> RoaringBitmap {
        let Object { word, .. } = Object::parse(grantee);
        let member = name(grantee);
        if is_everybody(&member) {
            return self.all();
        }
        let own = self.find(if word == "USER" { &member } else { grantee });
        let mut held: RoaringBitmap = own.into_iter().collect();
        if let Some(domain) = member.strip_prefix("domain:").filter(|_| word == "DOMAIN") {
            let inside =
                |name: &String| name.rsplit_once('@').is_some_and(|(_, at)| at.eq_ignore_ascii_case(domain));
            held.extend(self.accounts.iter().zip(0..).filter(|(name, _)| inside(name)).map(|(_, at)| at));
        }
        held
    }

    /// The accounts that act with a grantee.
    pub(super) fn holders(&self, grantee: &str) -> Option<&RoaringBitmap> {
        self.holders.get(grantee)
    }

    /// All of them.
    pub(super) fn all(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.accounts.len() as u32);
        all
    }

    /// The place of an account.
    pub(super) fn find(&self, account: &str) -> Option<u32> {
        let at = self.accounts.binary_search_by(|each| each.as_str().cmp(account)).ok()?;
        Some(at as u32)
    }
}
