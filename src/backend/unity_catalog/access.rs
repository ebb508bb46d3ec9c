//! What Unity Catalog's facts mean: who may, through which groups, and what masks and filters leave.
//!
//! In: facts, ours or not. Out: [`Permits`]. Independent of how we lower: privileges reach from a catalog and a schema down to
//! every table inside; reading needs USE CATALOG, USE SCHEMA and SELECT, writing MODIFY as well; owners and holders of MANAGE can
//! give themselves the rest: docs.databricks.com/data-governance/unity-catalog/access-control/permissions-concepts and
//! privileges-reference (2026-11-25). Cost: one walk per group, one question per object and grantee.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::abac::{Effective, Stands};
use super::native::{self, Attached, EVERYBODY, FunctionBody, Home, relation_word};
use super::observe::OWNERSHIP;
use super::reach::{Granted, Reach};
use super::sessions::{Function, Judge};
use crate::backend::contract::{Permits, RowsSeen, Seen};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::views::entitlement;
use crate::inventory::directory::Access as Wish;
use crate::inventory::{Accounts, ColumnId, IntegrationId, Inventory, Securable, TableId};

/// The meaning of a set of facts.
pub(super) struct Access<'a> {
    inventory: &'a Inventory,
    integration: IntegrationId,
    reach: Reach<'a>,
    /// What stands on columns and tables by itself.
    attached: BTreeMap<&'a str, &'a str>,
    /// And what policies and tags put there.
    effective: Effective,
    functions: BTreeMap<&'a str, Function>,
    judge: Judge,
}

/// A relation and what contains it, as facts name them.
struct Place {
    relation: String,
    schema: String,
    catalog: String,
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
        let mut grants: BTreeMap<&str, Vec<Granted<'a>>> = BTreeMap::new();
        let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let (mut attached, mut functions, mut entitlements) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let mut effective = Effective::default();
        for fact in facts {
            if effective.take(fact, symbols) {
                continue;
            }
            let (object, grantee) = (text(fact.key.object), text(fact.key.grantee));
            match fact.key.kind {
                FactKind::Grant => {
                    grants.entry(object).or_default().push((text(fact.key.privilege), grantee));
                }
                FactKind::Membership => members.entry(object).or_default().push(grantee),
                FactKind::MaskAttachment | FactKind::RowAttachment => {
                    attached.insert(object, text(fact.body));
                }
                FactKind::Function => {
                    let body = FunctionBody::parse(text(fact.body));
                    functions.insert(object, Function::of(&body, text(fact.policies)));
                }
                FactKind::Entitlement => entitlements.push(entitlement(fact, symbols)),
                FactKind::Group
                | FactKind::Role
                | FactKind::MaskingPolicy
                | FactKind::RowAccessPolicy
                | FactKind::Location
                | FactKind::View
                | FactKind::AuthorizedView
                | FactKind::Rule => {}
            }
        }
        let names = accounts.accounts.values().map(|each| each.name.clone());
        let reach = Reach::of(names, grants, members);
        let home = Home::of(&inventory.integrations[integration]);
        let judge = Judge::of(reach.accounts.clone(), reach.groups(), &home, entitlements);
        Access { inventory, integration, reach, attached, effective, functions, judge }
    }

    /// Where a table lives; `None`: elsewhere.
    fn place(&self, table: TableId) -> Option<Place> {
        let catalog = &self.inventory.catalog;
        let [database, schema, _] = catalog.path(table);
        (catalog.home(table).1.integration == self.integration).then(|| Place {
            relation: Object::new(relation_word(catalog.tables[table].kind), catalog.path(table)).text(),
            schema: Object::new("SCHEMA", [database, schema]).text(),
            catalog: Object::new("CATALOG", [database]).text(),
        })
    }

    /// What stands at a place: by itself, before everybody, and what policies put there.
    fn standing(&self, place: &str, by_policies: Vec<Stands>) -> Standing<'_> {
        let attached = self.attached.get(place).map(|body| Attached::parse(body));
        // Whom a policy of somebody else is about is not asked: masks and filters only ever take away.
        let direct = attached.filter(|attached| attached.function.starts_with("FUNCTION "));
        let direct = direct.map(|Attached { function, columns }| {
            let (to, except) = (vec![EVERYBODY.to_owned()], Vec::new());
            Stands { function, on: columns, fails: false, to, except }
        });
        let mut standing = Standing::default();
        for each in direct.into_iter().chain(by_policies) {
            let before = self.reach.named(&each.to) - self.reach.named(&each.except);
            if each.fails {
                standing.failing |= before;
                standing.failed.push(native::shown(&each.function));
                continue;
            }
            // The same function on the same columns is the same mask, however often it stands there.
            match standing
                .each
                .iter_mut()
                .find(|(known, _)| (&known.function, &known.on) == (&each.function, &each.on))
            {
                Some((_, accounts)) => *accounts |= before,
                None => standing.each.push((each, before)),
            }
        }
        for at in 0..standing.each.len() {
            let (first, rest) = standing.each.split_at(at + 1);
            for (one, (_, other)) in
                first.last().into_iter().flat_map(|one| rest.iter().map(move |other| (one, other)))
            {
                standing.failing |= &one.1 & other;
            }
        }
        for (stands, accounts) in std::mem::take(&mut standing.each) {
            let function = self.functions.get(stands.function.as_str());
            standing.judged.push((native::shown(&stands.function), function, accounts));
        }
        standing
    }
}

/// The functions that stand at a place, before whom, and before whom queries fail because two of them do.
#[derive(Default)]
struct Standing<'a> {
    each: Vec<(Stands, RoaringBitmap)>,
    judged: Vec<(String, Option<&'a Function>, RoaringBitmap)>,
    failing: RoaringBitmap,
    /// Functions that fail by themselves.
    failed: Vec<String>,
}

/// ALL PRIVILEGES is every privilege that applies but MANAGE; what a policy gives may be all of them.
fn all(privilege: &str) -> bool {
    privilege == "ALL PRIVILEGES" || privilege.starts_with(native::BY_POLICY)
}

fn owns(privilege: &str) -> bool {
    privilege == OWNERSHIP
}

fn manages(privilege: &str) -> bool {
    privilege == "MANAGE"
}

/// Whether a privilege on a table, or on what contains it, bears on an access.
fn bears(privilege: &str, wish: Wish) -> bool {
    let way_in = matches!(privilege, "SELECT" | "USE SCHEMA" | "USE CATALOG");
    way_in
        || all(privilege)
        || owns(privilege)
        || manages(privilege)
        || wish == Wish::Write && privilege == "MODIFY"
}

impl Permits for Access<'_> {
    fn accounts(&self) -> &[String] {
        &self.reach.accounts
    }

    fn may(&self, securable: Securable, access: Wish) -> RoaringBitmap {
        let Securable::Table(table) = securable else { return RoaringBitmap::new() };
        let Some(Place { relation, schema, catalog }) = self.place(table) else {
            return RoaringBitmap::new();
        };
        let on = |object: &str, counts: &dyn Fn(&str) -> bool| self.reach.having(object, counts);
        let reaching = |word: &str| {
            let counts = |privilege: &str| privilege == word || all(privilege);
            on(&relation, &|each| counts(each) || owns(each)) | on(&schema, &counts) | on(&catalog, &counts)
        };
        let use_catalog = on(&catalog, &|each| each == "USE CATALOG" || all(each) || owns(each));
        let use_schema = on(&catalog, &|each| each == "USE SCHEMA" || all(each) || owns(each))
            | on(&schema, &|each| each == "USE SCHEMA" || all(each) || owns(each));
        let reads = reaching("SELECT");
        let granted = match access {
            Wish::Read => reads,
            Wish::Write => reads & reaching("MODIFY"),
        };
        // Who manages or owns what contains the table can give himself the rest; the way in to what he does not manage he needs.
        let masters = |object: &str| on(object, &|each| owns(each) || manages(each));
        let over_catalog = masters(&catalog);
        let over_schema = masters(&schema) & &use_catalog;
        let over_table = on(&relation, &manages) & &use_schema & &use_catalog;
        (granted & use_schema & use_catalog) | over_catalog | over_schema | over_table
    }

    fn columns(&self, column: ColumnId) -> Vec<(Seen, RoaringBitmap)> {
        let described = &self.inventory.catalog.columns[column];
        let Some(place) = self.place(described.table) else { return Vec::new() };
        let name = described.name.to_lowercase();
        let by_policies = self.effective.mask(&self.inventory.catalog.path(described.table), &name);
        let object = Object { column: Some(name), ..Object::parse(&place.relation) };
        let standing = self.standing(&object.text(), by_policies);
        let mut seen: BTreeMap<Seen, RoaringBitmap> = BTreeMap::new();
        for (_, function, accounts) in &standing.judged {
            let shown = match function {
                Some(function) => self.judge.mask(function),
                // Its body was not exported: it may show anything.
                None => vec![(Seen::Sometimes, self.reach.everybody())],
            };
            for (what, set) in shown {
                *seen.entry(what).or_default() |= (set & accounts) - &standing.failing;
            }
        }
        // Where two masks meet, queries fail.
        *seen.entry(Seen::Masked).or_default() |= standing.failing;
        seen.into_iter().filter(|(_, set)| !set.is_empty()).collect()
    }

    fn rows(&self, table: TableId) -> Vec<(RowsSeen, RoaringBitmap)> {
        let Some(place) = self.place(table) else { return Vec::new() };
        let by_policies = self.effective.rows(&self.inventory.catalog.path(table));
        let standing = self.standing(&place.relation, by_policies);
        let (mut seen, mut all) = (BTreeMap::<RowsSeen, RoaringBitmap>::new(), BTreeSet::new());
        for (label, function, accounts) in &standing.judged {
            let shown = match function {
                Some(function) => self.judge.rows(function, label),
                None => vec![(RowsSeen::Filtered(vec![label.clone()]), self.reach.everybody())],
            };
            for (what, set) in shown {
                if let RowsSeen::Filtered(names) = &what {
                    all.extend(names.iter().cloned());
                }
                *seen.entry(what).or_default() |= (set & accounts) - &standing.failing;
            }
        }
        all.extend(standing.failed);
        // Where two filters meet, queries fail: nothing is seen past any of them.
        *seen.entry(RowsSeen::Filtered(all.into_iter().collect())).or_default() |= standing.failing;
        seen.into_iter().filter(|(_, set)| !set.is_empty()).collect()
    }

    fn through(&self, account: &str, securable: Securable, access: Wish) -> Vec<String> {
        let (Securable::Table(table), Ok(index)) =
            (securable, self.reach.accounts.binary_search_by(|each| each.as_str().cmp(account)))
        else {
            return Vec::new();
        };
        let Some(Place { relation, schema, catalog }) = self.place(table) else { return Vec::new() };
        let mut out = Vec::new();
        let mut through: BTreeSet<&str> = BTreeSet::new();
        for object in [relation, schema, catalog] {
            let mut held = self.reach.held(&object, index as u32);
            held.retain(|(privilege, _)| bears(privilege, access));
            // Every group of a reader has a way in somewhere: what leads to this relation, or else the first, is enough to know.
            if held.iter().all(|(privilege, _)| privilege.starts_with("USE ")) {
                let best = held.iter().position(|(_, grantee)| through.contains(grantee)).unwrap_or(0);
                held = held.get(best).copied().into_iter().collect();
            }
            for (privilege, grantee) in held {
                through.insert(grantee);
                let (on, to) = (native::shown(&object), native::shown(grantee));
                out.push(match owns(privilege) {
                    true => format!("{to} owns {on}"),
                    false => format!("GRANT {privilege} ON {on} TO {to}"),
                });
                out.extend(self.reach.chain(grantee, account));
            }
        }
        let mut seen = BTreeSet::new();
        out.retain(|each| seen.insert(each.clone()));
        out
    }
}
