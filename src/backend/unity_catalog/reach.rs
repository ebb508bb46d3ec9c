//! Whom principals reach, and who holds what: groups in groups, everybody's group, inheritance from catalog and schema.
//!
//! In: grants and memberships. Out: sets of accounts. Cost: one walk per group, one pass over an object's grants per question.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::native::{self, EVERYBODY};
use crate::backend::object::Object;

/// A privilege and who was granted it.
pub(super) type Granted<'a> = (&'a str, &'a str);

/// Grants and whom they reach.
#[derive(Default)]
pub(super) struct Reach<'a> {
    /// In byte order.
    pub(super) accounts: Vec<String>,
    /// Object → privilege and grantee.
    grants: BTreeMap<&'a str, Vec<Granted<'a>>>,
    /// Group → its members.
    members: BTreeMap<&'a str, Vec<&'a str>>,
    /// Principal → the accounts that act with it.
    holders: BTreeMap<&'a str, RoaringBitmap>,
}

impl<'a> Reach<'a> {
    /// `accounts` in any order; grantees and members are added to them.
    pub(super) fn of(
        accounts: impl Iterator<Item = String>,
        grants: BTreeMap<&'a str, Vec<Granted<'a>>>,
        members: BTreeMap<&'a str, Vec<&'a str>>,
    ) -> Reach<'a> {
        let grantees = grants.values().flatten().map(|(_, grantee)| *grantee);
        let principals: BTreeSet<&'a str> =
            grantees.chain(members.keys().copied()).chain(members.values().flatten().copied()).collect();
        let names: BTreeSet<String> =
            accounts.chain(principals.iter().filter_map(|principal| user_name(principal))).collect();
        let mut reach =
            Reach { accounts: names.into_iter().collect(), grants, members, holders: BTreeMap::new() };
        reach.holders =
            principals.into_iter().map(|principal| (principal, reach.reached_by(principal))).collect();
        reach
    }

    fn reached_by(&self, principal: &'a str) -> RoaringBitmap {
        let everybody = native::group(EVERYBODY);
        let (mut seen, mut open) = (BTreeSet::from([principal]), vec![principal]);
        let mut reached = RoaringBitmap::new();
        while let Some(at) = open.pop() {
            if at == everybody {
                return self.everybody();
            }
            if let Some(index) = user_name(at).and_then(|name| self.accounts.binary_search(&name).ok()) {
                reached.insert(index as u32);
            }
            for next in self.members.get(at).into_iter().flatten() {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        reached
    }

    /// All accounts.
    pub(super) fn everybody(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.accounts.len() as u32);
        all
    }

    /// The accounts of users and groups by their names.
    pub(super) fn named(&self, names: &[String]) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        for name in names {
            if name == EVERYBODY {
                return self.everybody();
            }
            if let Some(held) = self.holders.get(native::group(name).as_str()) {
                all |= held;
            }
            if let Ok(index) = self.accounts.binary_search(name) {
                all.insert(index as u32);
            }
        }
        all
    }

    /// The accounts of each group, by its name.
    pub(super) fn groups(&self) -> BTreeMap<String, RoaringBitmap> {
        let groups = self.holders.iter().filter(|(name, _)| name.starts_with("GROUP "));
        let mut groups: BTreeMap<String, RoaringBitmap> =
            groups.map(|(name, held)| (Object::parse(name).name().to_owned(), held.clone())).collect();
        groups.insert(EVERYBODY.to_owned(), self.everybody());
        groups
    }

    /// Who holds one of the privileges on an object itself.
    pub(super) fn having(&self, object: &str, counts: impl Fn(&str) -> bool) -> RoaringBitmap {
        self.grants
            .get(object)
            .into_iter()
            .flatten()
            .filter(|(privilege, _)| counts(privilege))
            .filter_map(|(_, grantee)| self.holders.get(grantee))
            .fold(RoaringBitmap::new(), |all, held| all | held)
    }

    /// The grants on an object that reach an account.
    pub(super) fn held(&self, object: &str, account: u32) -> Vec<Granted<'a>> {
        let reaches = |grantee: &&str| self.holders.get(grantee).is_some_and(|held| held.contains(account));
        let grants = self.grants.get(object).into_iter().flatten().copied();
        grants.filter(|(_, grantee)| reaches(grantee)).collect()
    }

    /// How an account is a member of a principal: the shortest chain, from the principal down.
    pub(super) fn chain(&self, principal: &'a str, account: &str) -> Vec<String> {
        let user = crate::backend::object::user(account);
        let mut from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = std::collections::VecDeque::from([principal]);
        while let Some(at) = open.pop_front() {
            if at == user {
                let (mut steps, mut to) = (Vec::new(), at);
                while let Some(group) = from.get(to) {
                    steps.push(format!("{} is in {}", native::shown(to), native::shown(group)));
                    to = group;
                }
                steps.reverse();
                return steps;
            }
            for next in self.members.get(at).into_iter().flatten() {
                if *next != principal && !from.contains_key(next) {
                    from.insert(next, at);
                    open.push_back(next);
                }
            }
        }
        Vec::new()
    }
}

/// The name in `USER "u"`.
fn user_name(principal: &str) -> Option<String> {
    principal.starts_with("USER \"").then(|| Object::parse(principal).name().to_owned())
}
