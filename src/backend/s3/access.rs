//! What grants mean: who may read and write the registered data sources.
//!
//! In: facts, ours or not. Out: [`GrantsPermit`].
//! A grant gives every key of its scope: AWS has no deny, so the answer about a data source is the union of the grants whose
//! scope covers it. READ and WRITE may come from different grants. A group's grant counts for its members in the directory,
//! whether or not the integration trusts its groups, and a grant that only holds through an application counts as any other:
//! exposure is never under-reported.
//! A grant on part of a data source is not the data source: [`Permits::partly`] tells of it.
//! Cost: a look-up per question, plus the grants that it finds.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::grantee::{Grantee, GranteeType};
use super::native::Grant;
use crate::backend::{Fact, FactKind, Permits, RowsSeen, Seen, Symbols};
use crate::ids::Id;
use crate::inventory::directory::Access;
use crate::inventory::{Accounts, ColumnId, Inventory, Securable, TableId};
use crate::prefix::{Permission, Prefix, PrefixMap};

/// See the module.
pub(super) struct GrantsPermit<'a> {
    inventory: &'a Inventory,
    accounts: Vec<String>,
    /// Scope → permission, those who hold it, and how to show it.
    grants: PrefixMap<Vec<Held>>,
    registered: PrefixMap<Vec<()>>,
}

struct Held {
    permission: Permission,
    accounts: RoaringBitmap,
    title: String,
}

impl<'a> GrantsPermit<'a> {
    /// Indexes the facts.
    pub(super) fn new(
        inventory: &'a Inventory,
        facts: &[Fact],
        symbols: &Symbols,
        known: &Accounts,
    ) -> GrantsPermit<'a> {
        let grants: Vec<(Grant, &Fact)> =
            facts.iter().filter_map(|fact| Some((Grant::read(fact, symbols)?, fact))).collect();
        let members = members(inventory, known);
        let mut names: BTreeSet<String> =
            known.accounts.values().map(|account| account.name.clone()).collect();
        let spelt: BTreeMap<String, Vec<String>> = names.iter().fold(BTreeMap::new(), |mut spelt, name| {
            spelt.entry(folded(name)).or_insert_with(Vec::new).push(name.clone());
            spelt
        });
        let holders = |grantee: &Grantee| -> Vec<String> {
            match grantee.kind {
                GranteeType::Iam => vec![grantee.identifier.clone()],
                // A UUID is one principal in either case, so each account that spells it holds the grant.
                GranteeType::DirectoryUser => match spelt.get(&folded(&grantee.identifier)) {
                    Some(names) => names.clone(),
                    None => vec![grantee.identifier.clone()],
                },
                // A group that the directory does not know is a principal of its own.
                GranteeType::DirectoryGroup => match members.get(&folded(&grantee.identifier)) {
                    Some(accounts) => accounts.iter().cloned().collect(),
                    None => vec![grantee.to_string()],
                },
            }
        };
        for (grant, _) in &grants {
            names.extend(holders(&grant.grantee));
        }
        let accounts: Vec<String> = names.into_iter().collect();
        let place = |name: &String| accounts.binary_search(name).ok().map(|at| at as u32);
        let grants = PrefixMap::grouped(grants.into_iter().map(|(grant, fact)| {
            let held = Held {
                permission: grant.permission,
                accounts: holders(&grant.grantee).iter().filter_map(place).collect(),
                title: title(fact, symbols),
            };
            (grant.scope, held)
        }));
        let sources = inventory.catalog.data_sources.values();
        let registered = PrefixMap::grouped(sources.map(|source| (source.prefix.clone(), ())));
        GrantsPermit { inventory, accounts, grants, registered }
    }

    fn prefix(&self, securable: Securable) -> Option<&'a Prefix> {
        match securable {
            Securable::DataSource(id) => {
                self.inventory.catalog.data_sources.lookup(id).map(|each| &each.prefix)
            }
            Securable::Table(_) => None,
        }
    }

    fn covering(&self, securable: Securable, access: Access) -> impl Iterator<Item = &Held> {
        let found = self.prefix(securable).into_iter().flat_map(|prefix| self.grants.covering(prefix));
        found.flat_map(|(_, held)| held).filter(move |held| held.permission.covers(asked(access)))
    }
}

impl Permits for GrantsPermit<'_> {
    fn accounts(&self) -> &[String] {
        &self.accounts
    }

    fn may(&self, securable: Securable, access: Access) -> RoaringBitmap {
        self.covering(securable, access).fold(RoaringBitmap::new(), |all, held| all | &held.accounts)
    }

    fn partly(&self, securable: Securable, access: Access) -> RoaringBitmap {
        let Some(prefix) = self.prefix(securable) else { return RoaringBitmap::new() };
        self.grants
            .inside(prefix)
            .filter(|(scope, _)| *scope != prefix)
            // What belongs to a data source inside is that one's matter.
            .filter(|(scope, _)| {
                self.registered.most_specific(scope).is_some_and(|(owner, _)| owner == prefix)
            })
            .flat_map(|(_, held)| held)
            .filter(|held| held.permission.covers(asked(access)))
            .fold(RoaringBitmap::new(), |all, held| all | &held.accounts)
            - self.may(securable, access)
    }

    fn columns(&self, _column: ColumnId) -> Vec<(Seen, RoaringBitmap)> {
        Vec::new()
    }

    fn rows(&self, _table: TableId) -> Vec<(RowsSeen, RoaringBitmap)> {
        Vec::new()
    }

    fn through(&self, account: &str, securable: Securable, access: Access) -> Vec<String> {
        let Ok(at) = self.accounts.binary_search_by(|name| name.as_str().cmp(account)) else {
            return Vec::new();
        };
        let holds = |held: &&Held| held.accounts.contains(at as u32);
        let mut titles: Vec<String> =
            self.covering(securable, access).filter(holds).map(|held| held.title.clone()).collect();
        titles.sort();
        titles
    }
}

fn asked(access: Access) -> Permission {
    match access {
        Access::Read => Permission::Read,
        Access::Write => Permission::Write,
    }
}

/// UUIDs are the same in either case; ARNs are not.
fn folded(account: &str) -> String {
    if account.starts_with("arn:") { account.to_owned() } else { account.to_ascii_lowercase() }
}

/// Native group → the accounts of its members in the directory.
fn members(inventory: &Inventory, known: &Accounts) -> BTreeMap<String, BTreeSet<String>> {
    let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (id, group) in inventory.directory.groups.iter() {
        if let Some(account) = known.of_group(id) {
            let accounts = group.members.iter().filter_map(|user| known.of_user(Id::from_raw(user)));
            members
                .entry(folded(account))
                .or_default()
                .extend(accounts.map(|account| known.accounts[account].name.clone()));
        }
    }
    members
}

/// A short name for a fact, as plans and `explain` show it.
pub(super) fn title(fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    if fact.key.kind == FactKind::Location {
        return format!("location {}", text(fact.key.object));
    }
    format!("{} on {} to {}", text(fact.key.privilege), text(fact.key.object), text(fact.key.grantee))
}
