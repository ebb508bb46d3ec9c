//! What Snowflake's facts mean: who may, through which roles, and what masks and filters leave.
//!
//! In: facts, ours or not. Out: [`Permits`]. Independent of how we lower: privileges flow from a role to the roles and users that
//! it is granted to, PUBLIC reaches everybody, owners may, and a relation needs some privilege on its schema and database too:
//! docs.snowflake.com/en/user-guide/security-access-control-overview and -privileges (2026-11-23).
//! All roles of a user are taken as active, for he may activate them. Cost: one walk per role, one per question and grantee.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::native::{self, Attached, Object, PolicyBody, WRITE, relation_word};
use super::sessions::{Judge, Policy};
use super::statement;
use crate::backend::contract::{Permits, RowsSeen, Seen};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::inventory::directory::Access as Wish;
use crate::inventory::{Accounts, ColumnId, IntegrationId, Inventory, Securable, TableId};

/// The meaning of a set of facts.
pub(super) struct Access<'a> {
    inventory: &'a Inventory,
    integration: IntegrationId,
    accounts: Vec<String>,
    /// Object → privilege and grantee.
    grants: BTreeMap<&'a str, Vec<(&'a str, &'a str)>>,
    /// Role → whom it is granted to.
    granted_to: BTreeMap<&'a str, Vec<&'a str>>,
    /// Grantee → the accounts that act with it.
    holders: BTreeMap<&'a str, RoaringBitmap>,
    /// What stands on columns and tables.
    attached: BTreeMap<&'a str, &'a str>,
    policies: BTreeMap<&'a str, Policy>,
    judge: Judge,
}

impl<'a> Access<'a> {
    /// Reads facts.
    pub(super) fn of(
        inventory: &'a Inventory,
        integration: IntegrationId,
        facts: &[Fact],
        symbols: &'a Symbols,
        accounts: &Accounts,
    ) -> Access<'a> {
        let text = |symbol| symbols.text(symbol);
        let mut names: BTreeSet<String> = accounts.accounts.values().map(|each| each.name.clone()).collect();
        let mut grants: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        let mut granted_to: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let (mut attached, mut policies, mut entitlements) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for fact in facts {
            let (object, grantee) = (text(fact.key.object), text(fact.key.grantee));
            if let Some(name) = user_name(grantee) {
                names.insert(name);
            }
            match fact.key.kind {
                FactKind::Grant => {
                    grants.entry(object).or_default().push((text(fact.key.privilege), grantee));
                }
                FactKind::Membership => granted_to.entry(object).or_default().push(grantee),
                FactKind::MaskAttachment | FactKind::RowAttachment => {
                    attached.insert(object, text(fact.body));
                }
                FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
                    let body = PolicyBody::parse(text(fact.body));
                    policies.insert(object, Policy::of(&body, text(fact.policies)));
                }
                FactKind::Entitlement => entitlements.push(statement::entitlement(fact, symbols)),
                FactKind::Role
                | FactKind::Group
                | FactKind::Location
                | FactKind::Function
                | FactKind::View
                | FactKind::AuthorizedView
                | FactKind::Rule => {}
            }
        }
        let accounts: Vec<String> = names.into_iter().collect();
        let mut access = Access {
            inventory,
            integration,
            accounts,
            grants,
            granted_to,
            holders: BTreeMap::new(),
            attached,
            policies,
            judge: Judge::default(),
        };
        let grantees: BTreeSet<&'a str> = access
            .grants
            .values()
            .flatten()
            .map(|(_, grantee)| *grantee)
            .chain(access.granted_to.keys().copied())
            .collect();
        access.holders = grantees.iter().map(|grantee| (*grantee, access.reached_by(grantee))).collect();
        let home = native::Home::of(&inventory.integrations[integration]);
        let roles = access.holders.iter().filter_map(|(role, accounts)| {
            let object = Object::parse(role);
            (object.word == "ROLE").then(|| (object.name().to_owned(), accounts.clone()))
        });
        access.judge = Judge::of(access.accounts.clone(), roles.collect(), home, entitlements);
        access
    }

    /// The accounts that a role or user reaches, through whatever chain.
    fn reached_by(&self, grantee: &'a str) -> RoaringBitmap {
        let (mut seen, mut open) = (BTreeSet::from([grantee]), vec![grantee]);
        let mut reached = RoaringBitmap::new();
        while let Some(at) = open.pop() {
            if at == "ROLE \"PUBLIC\"" {
                return self.everybody();
            }
            if let Some(index) = user_name(at).and_then(|name| self.accounts.binary_search(&name).ok()) {
                reached.insert(index as u32);
            }
            for next in self.granted_to.get(at).into_iter().flatten() {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        reached
    }

    fn everybody(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.accounts.len() as u32);
        all
    }

    /// Who holds one of the privileges on an object.
    fn having(&self, object: &str, counts: impl Fn(&str) -> bool) -> RoaringBitmap {
        self.grants
            .get(object)
            .into_iter()
            .flatten()
            .filter(|(privilege, _)| counts(privilege))
            .filter_map(|(_, grantee)| self.holders.get(grantee))
            .fold(RoaringBitmap::new(), |all, held| all | held)
    }

    /// The relation, its schema and its database, as facts name them; `None`: it lives elsewhere.
    fn objects(&self, table: TableId) -> Option<[String; 3]> {
        let catalog = &self.inventory.catalog;
        if catalog.home(table).1.integration != self.integration {
            return None;
        }
        let [database, schema, _] = catalog.path(table);
        Some([
            Object::new(relation_word(catalog.tables[table].kind), catalog.path(table)).text(),
            Object::new("SCHEMA", [database, schema]).text(),
            Object::new("DATABASE", [database]).text(),
        ])
    }
}

fn user_name(grantee: &str) -> Option<String> {
    grantee.starts_with("USER \"").then(|| Object::parse(grantee).name().to_owned())
}

/// Whether a privilege on a relation, or one inherited from its schema or database, gives the access.
fn gives(privilege: &str, wish: Wish) -> bool {
    match wish {
        Wish::Read => privilege == "SELECT",
        Wish::Write => WRITE.contains(&privilege),
    }
}

fn owns(privilege: &str) -> bool {
    privilege == "OWNERSHIP"
}

impl Permits for Access<'_> {
    fn accounts(&self) -> &[String] {
        &self.accounts
    }

    fn may(&self, securable: Securable, access: Wish) -> RoaringBitmap {
        let Securable::Table(table) = securable else { return RoaringBitmap::new() };
        let Some([relation, schema, database]) = self.objects(table) else { return RoaringBitmap::new() };
        let all = |privilege: &str| matches!(privilege, "ALL" | "ALL PRIVILEGES");
        let direct = self.having(&relation, |each| gives(each, access) || owns(each) || all(each));
        let inherited = self.having(&schema, |each| gives(each, access))
            | self.having(&database, |each| gives(each, access));
        let inside = self.having(&schema, |_| true) & self.having(&database, |_| true);
        // Owners of what contains the relation can give themselves the rest; a shared database opens as a whole.
        let owners = self.having(&schema, owns) | self.having(&database, owns);
        let imported = match access {
            Wish::Read => self.having(&database, |each| each == "IMPORTED PRIVILEGES"),
            Wish::Write => RoaringBitmap::new(),
        };
        ((direct | inherited) & inside) | owners | imported
    }

    fn columns(&self, column: ColumnId) -> Vec<(Seen, RoaringBitmap)> {
        let catalog = &self.inventory.catalog;
        let described = &catalog.columns[column];
        let Some(body) = self.objects(described.table).and_then(|[relation, ..]| {
            let object = Object { column: Some(described.name.clone()), ..Object::parse(&relation) };
            self.attached.get(object.text().as_str())
        }) else {
            return Vec::new();
        };
        let attached = Attached::parse(body);
        match self.policies.get(attached.policy.as_str()) {
            Some(policy) => self.judge.mask(policy),
            // Its body was not exported: it may show anything.
            None => vec![(Seen::Sometimes, self.everybody())],
        }
    }

    fn rows(&self, table: TableId) -> Vec<(RowsSeen, RoaringBitmap)> {
        let Some(body) = self.objects(table).and_then(|[relation, ..]| self.attached.get(relation.as_str()))
        else {
            return Vec::new();
        };
        let attached = Attached::parse(body);
        let label = Object::parse(&attached.policy).quoted();
        match self.policies.get(attached.policy.as_str()) {
            Some(policy) => self.judge.rows(policy, &label),
            None => vec![(RowsSeen::Filtered(vec![label]), self.everybody())],
        }
    }

    fn through(&self, account: &str, securable: Securable, access: Wish) -> Vec<String> {
        let (Securable::Table(table), Ok(index)) =
            (securable, self.accounts.binary_search_by(|each| each.as_str().cmp(account)))
        else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let mut through: BTreeSet<&str> = BTreeSet::new();
        for (place, object) in self.objects(table).into_iter().flatten().enumerate() {
            let counts = |privilege: &str| {
                gives(privilege, access)
                    || owns(privilege)
                    || matches!(privilege, "ALL" | "ALL PRIVILEGES" | "USAGE" | "IMPORTED PRIVILEGES")
            };
            let mut held: Vec<(&str, &str)> = self
                .grants
                .get(object.as_str())
                .into_iter()
                .flatten()
                .filter(|(privilege, _)| counts(privilege))
                .filter(|(_, grantee)| {
                    self.holders.get(grantee).is_some_and(|held| held.contains(index as u32))
                })
                .copied()
                .collect();
            // Every role of a reader has USAGE somewhere: what leads to this relation, or else the first, is enough to know.
            if place > 0 && held.iter().all(|(privilege, _)| *privilege == "USAGE") {
                let best = held.iter().position(|(_, grantee)| through.contains(grantee)).unwrap_or(0);
                held = held.get(best).copied().into_iter().collect();
            }
            for (privilege, grantee) in held {
                through.insert(grantee);
                out.push(format!("GRANT {privilege} ON {object} TO {grantee}"));
                self.chain(grantee, account, &mut out);
            }
        }
        let mut seen = BTreeSet::new();
        out.retain(|each| seen.insert(each.clone()));
        out
    }
}

impl<'a> Access<'a> {
    /// The grants of roles that lead from a grantee to an account: the shortest chain.
    fn chain(&self, grantee: &'a str, account: &str, out: &mut Vec<String>) {
        let user = native::user(account);
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
