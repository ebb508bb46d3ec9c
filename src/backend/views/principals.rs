//! Who acts with what: roles, the users in them, and everybody.
//!
//! In: membership facts. Out: the accounts that a grantee stands for, through whatever chain of roles.
//! Cost: one walk per grantee.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::{Object, user};
use crate::inventory::Accounts;

/// The accounts of a state and what they act with.
pub struct Principals<'a> {
    /// By name.
    pub accounts: Vec<String>,
    /// Role → whom it is granted to.
    granted_to: BTreeMap<&'a str, Vec<&'a str>>,
    holders: BTreeMap<&'a str, RoaringBitmap>,
    everybody: &'static str,
}

impl<'a> Principals<'a> {
    /// Reads facts. `everybody`: the grantee that stands for all accounts.
    pub fn of(
        facts: &[Fact],
        symbols: &'a Symbols,
        accounts: &Accounts,
        everybody: &'static str,
    ) -> Principals<'a> {
        let text = |symbol| symbols.text(symbol);
        let mut names: BTreeSet<String> = accounts.accounts.values().map(|each| each.name.clone()).collect();
        let mut granted_to: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut grantees = BTreeSet::new();
        for fact in facts {
            let (object, grantee) = (text(fact.key.object), text(fact.key.grantee));
            match fact.key.kind {
                FactKind::Membership => {
                    granted_to.entry(object).or_default().push(grantee);
                    grantees.extend([object, grantee]);
                }
                FactKind::Grant => {
                    grantees.insert(grantee);
                }
                FactKind::Role
                | FactKind::Group
                | FactKind::Location
                | FactKind::Function
                | FactKind::MaskingPolicy
                | FactKind::RowAccessPolicy
                | FactKind::Entitlement
                | FactKind::MaskAttachment
                | FactKind::RowAttachment
                | FactKind::View
                | FactKind::AuthorizedView
                | FactKind::Rule => {}
            }
        }
        names.extend(grantees.iter().filter_map(|grantee| account(grantee)));
        let mut principals = Principals {
            accounts: names.into_iter().collect(),
            granted_to,
            holders: BTreeMap::new(),
            everybody,
        };
        principals.holders =
            grantees.into_iter().map(|grantee| (grantee, principals.reached_by(grantee))).collect();
        principals
    }

    /// The accounts that act with a grantee.
    pub fn holders(&self, grantee: &str) -> Option<&RoaringBitmap> {
        self.holders.get(grantee)
    }

    /// A grantee, as the facts name him.
    pub fn grantee(&self, text: &str) -> Option<&'a str> {
        self.holders.get_key_value(text).map(|(grantee, _)| *grantee)
    }

    /// All of them.
    pub fn all(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.accounts.len() as u32);
        all
    }

    /// The place of an account.
    pub fn find(&self, account: &str) -> Option<u32> {
        let at = self.accounts.binary_search_by(|each| each.as_str().cmp(account)).ok()?;
        Some(at as u32)
    }

    fn reached_by(&self, grantee: &'a str) -> RoaringBitmap {
        let (mut seen, mut open) = (BTreeSet::from([grantee]), vec![grantee]);
        let mut reached = RoaringBitmap::new();
        while let Some(at) = open.pop() {
            if at == self.everybody {
                return self.all();
            }
            reached.extend(account(at).and_then(|name| self.find(&name)));
            open.extend(self.granted_to.get(at).into_iter().flatten().filter(|next| seen.insert(next)));
        }
        reached
    }

    /// The grants of roles that lead from a grantee to an account: the shortest chain.
    pub fn chain(&self, grantee: &'a str, name: &str, out: &mut Vec<String>) {
        let user = user(name);
        let mut from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = std::collections::VecDeque::from([grantee]);
        while let Some(at) = open.pop_front() {
            if at == user {
                let (mut steps, mut to) = (Vec::new(), at);
                while let Some(role) = from.get(to) {
                    steps.push(format!("GRANT {role} TO {to}"));
                    to = role;
                }
                out.extend(steps.into_iter().rev());
                return;
            }
            for next in self.granted_to.get(at).into_iter().flatten() {
                if *next != grantee && !from.contains_key(next) {
                    from.insert(next, at);
                    open.push_back(next);
                }
            }
        }
    }
}

/// The account behind a grantee: a user by his name; a group that we cannot look into, by all of its text.
fn account(grantee: &str) -> Option<String> {
    match grantee.split(' ').next()? {
        "USER" => Some(Object::parse(grantee).name().to_owned()),
        "GROUP" => Some(grantee.to_owned()),
        _ => None,
    }
}
