//! What rules mean: the first that matches decides, section by section.
//!
//! In: facts in any order. Out: [`Permits`]. It knows nothing of how we lower: foreign rules, absent sections and
//! patterns that only Java can read count for what they may give.
//! Cost: per securable, rules that may match it × accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use roaring::RoaringBitmap;

use super::judge::{TrinoSession, filter_seen, mask_seen};
use super::native::{CatalogRule, Matcher, Matches, Place, TableRule};
use crate::backend::contract::{Permits, RowsSeen, Seen};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::sql::Dialect;
use crate::backend::sql::eval::{self, Body};
use crate::inventory::catalog::Securable;
use crate::inventory::directory::Access as Wanted;
use crate::inventory::{Accounts, ColumnId, Inventory, TableId};

/// The meaning of one state.
pub struct Access<'a> {
    inventory: &'a Inventory,
    accounts: Vec<String>,
    groups: Vec<BTreeSet<String>>,
    open: BTreeSet<&'static str>,
    catalogs: Vec<Rule<CatalogRule>>,
    tables: Vec<Rule<TableRule>>,
    /// The table rules that name one table exactly, by its path, in their order: all of ours do.
    exact: BTreeMap<[String; 3], Vec<usize>>,
    /// The other table rules, in their order.
    general: Vec<usize>,
}

/// A rule, ready to be asked.
pub(super) struct Rule<R> {
    rule: R,
    /// Whether it carries our mark.
    pub(super) ours: bool,
    /// Masks and filters as read, by their text, once each.
    read: OnceLock<BTreeMap<String, Option<Body>>>,
    user: Matcher,
    group: Matcher,
    has_group: bool,
    has_role: bool,
    catalog: Matcher,
    schema: Matcher,
    table: Matcher,
}

impl<'a> Access<'a> {
    /// Reads the facts.
    pub fn of(
        inventory: &'a Inventory,
        facts: &[Fact],
        symbols: &Symbols,
        accounts: &Accounts,
    ) -> Access<'a> {
        let mut names: BTreeSet<String> = accounts.accounts.values().map(|each| each.name.clone()).collect();
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut ordered: BTreeMap<(&str, u8, &str), &str> = BTreeMap::new();
        let (mut open, mut closed) = (BTreeSet::new(), BTreeSet::new());
        let places: Vec<(Option<Place>, &Fact)> =
            facts.iter().map(|fact| (Place::parse(symbols.text(fact.key.object)), fact)).collect();
        for (place, fact) in &places {
            let object = symbols.text(fact.key.object);
            if fact.key.kind == FactKind::Membership {
                let account = symbols.text(fact.key.grantee).to_owned();
                names.insert(account.clone());
                groups.entry(account).or_default().insert(object.to_owned());
                continue;
            }
            let rank = match place {
                Some(Place::Before(..)) => 0,
                Some(Place::Ours(_)) => 1,
                Some(Place::After(..)) => 2,
                Some(Place::Section(section)) => {
                    closed.insert(section.clone());
                    continue;
                }
                Some(Place::Open(section)) => {
                    open.insert(section.clone());
                    continue;
                }
                Some(Place::Other(_)) | None => continue,
            };
            let section = place.as_ref().map_or("", Place::section);
            ordered.insert((section, rank, object), symbols.text(fact.body));
        }
        let open = super::native::MANAGED
            .into_iter()
            .filter(|section| open.contains(*section) && !closed.contains(*section))
            .collect();
        let of = |section: &'static str| {
            ordered
                .iter()
                .filter(move |((of, ..), _)| *of == section)
                .map(|((_, rank, _), body)| (*rank == 1, *body))
        };
        let catalogs: Vec<Rule<CatalogRule>> = of("catalogs").filter_map(catalog_rule).collect();
        let tables: Vec<Rule<TableRule>> = of("tables").filter_map(table_rule).collect();
        // Users whom a rule names outright are asked about too, though no group and no directory knows them.
        for pattern in catalogs
            .iter()
            .map(|rule: &Rule<CatalogRule>| &rule.rule.user)
            .chain(tables.iter().map(|rule: &Rule<TableRule>| &rule.rule.user))
        {
            names.extend(pattern.as_deref().and_then(super::native::literal));
        }
        let names: Vec<String> = names.into_iter().collect();
        let groups = names.iter().map(|name| groups.remove(name).unwrap_or_default()).collect();
        let (mut exact, mut general) = (BTreeMap::<[String; 3], Vec<usize>>::new(), Vec::new());
        for (at, rule) in tables.iter().enumerate() {
            let part = |pattern: &Option<String>| pattern.as_deref().and_then(super::native::unquote);
            match (part(&rule.rule.catalog), part(&rule.rule.schema), part(&rule.rule.table)) {
                (Some(catalog), Some(schema), Some(table)) => {
                    exact.entry([catalog, schema, table]).or_default().push(at)
                }
                _ => general.push(at),
            }
        }
        Access { inventory, accounts: names, groups, open, catalogs, tables, exact, general }
    }

    /// The table rules that may be about a path, in their order.
    fn about(&self, path: [&str; 3]) -> Vec<&Rule<TableRule>> {
        let exact = self.exact.get(&path.map(str::to_owned));
        let mut all: Vec<usize> = exact.into_iter().flatten().chain(&self.general).copied().collect();
        all.sort_unstable();
        all.into_iter().filter_map(|at| self.tables.get(at)).collect()
    }

    /// The rules that may decide for an account and a table: those that may match, up to the first that does.
    fn deciding<'r, R>(
        &self,
        rules: impl IntoIterator<Item = &'r Rule<R>>,
        account: usize,
        path: [&str; 3],
    ) -> Vec<&'r Rule<R>> {
        let mut found = Vec::new();
        for rule in rules {
            match self.matches(rule, account, path) {
                Matches::Yes => {
                    found.push(rule);
                    break;
                }
                Matches::Unknown => found.push(rule),
                Matches::No => {}
            }
        }
        found
    }

    fn matches<R>(&self, rule: &Rule<R>, account: usize, path: [&str; 3]) -> Matches {
        let name = self.accounts.get(account).map_or("", String::as_str);
        let group = if rule.has_group {
            // A pattern, even `.*`, never matches a user without groups.
            let mut best = Matches::No;
            for each in self.groups.get(account).into_iter().flatten() {
                match rule.group.matches(each) {
                    Matches::Yes => {
                        best = Matches::Yes;
                        break;
                    }
                    Matches::Unknown => best = Matches::Unknown,
                    Matches::No => {}
                }
            }
            best
        } else {
            Matches::Yes
        };
        // Enabled roles are the session's: a rule that names one may match.
        let role = if rule.has_role { Matches::Unknown } else { Matches::Yes };
        let all = [
            rule.user.matches(name),
            group,
            role,
            rule.catalog.matches(path[0]),
            rule.schema.matches(path[1]),
            rule.table.matches(path[2]),
        ];
        if all.contains(&Matches::No) {
            Matches::No
        } else if all.contains(&Matches::Unknown) {
            Matches::Unknown
        } else {
            Matches::Yes
        }
    }

    fn account_may(
        &self,
        about: &[&Rule<TableRule>],
        account: usize,
        path: [&str; 3],
        wanted: Wanted,
    ) -> bool {
        let catalog = self.open.contains("catalogs")
            || self.deciding(&self.catalogs, account, path).iter().any(|rule| {
                let allow = &rule.rule.allow;
                match wanted {
                    Wanted::Read => allow != "none" && *allow != false,
                    Wanted::Write => allow == "all" || *allow == true,
                }
            });
        let gives = |privilege: &String| match wanted {
            Wanted::Read => matches!(privilege.as_str(), "SELECT" | "GRANT_SELECT"),
            // Who owns may change and drop.
            Wanted::Write => matches!(privilege.as_str(), "INSERT" | "UPDATE" | "DELETE" | "OWNERSHIP"),
        };
        catalog
            && (self.open.contains("tables")
                || self.deciding(about.iter().copied(), account, path).iter().any(|rule| {
                    let writes = wanted == Wanted::Write
                        && !rule.rule.columns.iter().all(|column| column.mask.is_none());
                    rule.rule.privileges.iter().any(gives) && !writes
                }))
    }

    /// Whom a rule names, as far as it concerns an account.
    fn who(&self, group: Option<&str>, user: Option<&str>, account: usize) -> String {
        let own = self.groups.get(account);
        match (group, user) {
            (Some(pattern), _) => {
                let named = super::native::alternatives(pattern).unwrap_or_default();
                let held = named.into_iter().find(|group| own.is_some_and(|own| own.contains(group)));
                format!("group {}", held.unwrap_or_else(|| pattern.to_owned()))
            }
            (None, Some(pattern)) => format!("user {pattern}"),
            (None, None) => "everyone".to_owned(),
        }
    }

    fn path(&self, table: TableId) -> [&'a str; 3] {
        self.inventory.catalog.path(table)
    }

    fn readers(&self, table: TableId) -> RoaringBitmap {
        self.those_who_may(table, Wanted::Read)
    }

    fn those_who_may(&self, table: TableId, wanted: Wanted) -> RoaringBitmap {
        let path = self.path(table);
        let about = self.about(path);
        (0..self.accounts.len())
            .filter(|at| self.account_may(&about, *at, path, wanted))
            .map(|at| at as u32)
            .collect()
    }

    fn session(&self, account: usize) -> TrinoSession<'_> {
        TrinoSession {
            user: self.accounts.get(account).map_or("", String::as_str),
            groups: self.groups.get(account),
        }
    }
}

impl Rule<TableRule> {
    /// An expression of the rule, read; `None`: it cannot be.
    pub(super) fn body(&self, text: &str) -> Option<&Body> {
        let read = self.read.get_or_init(|| {
            let masks = self.rule.columns.iter().filter_map(|column| column.mask.as_ref());
            masks
                .chain(&self.rule.filter)
                .map(|text| (text.clone(), eval::parse(text, Dialect::Trino)))
                .collect()
        });
        read.get(text)?.as_ref()
    }
}

fn catalog_rule((ours, body): (bool, &str)) -> Option<Rule<CatalogRule>> {
    let rule: CatalogRule = serde_json::from_str(body).ok()?;
    Some(Rule {
        user: Matcher::of(rule.user.as_deref()),
        group: Matcher::of(rule.group.as_deref()),
        has_group: rule.group.is_some(),
        has_role: rule.role.is_some(),
        catalog: Matcher::of(rule.catalog.as_deref()),
        schema: Matcher::All,
        table: Matcher::All,
        ours,
        read: OnceLock::new(),
        rule,
    })
}

fn table_rule((ours, body): (bool, &str)) -> Option<Rule<TableRule>> {
    let rule: TableRule = serde_json::from_str(body).ok()?;
    Some(Rule {
        user: Matcher::of(rule.user.as_deref()),
        group: Matcher::of(rule.group.as_deref()),
        has_group: rule.group.is_some(),
        has_role: rule.role.is_some(),
        catalog: Matcher::of(rule.catalog.as_deref()),
        schema: Matcher::of(rule.schema.as_deref()),
        table: Matcher::of(rule.table.as_deref()),
        ours,
        read: OnceLock::new(),
        rule,
    })
}

impl Permits for Access<'_> {
    fn accounts(&self) -> &[String] {
        &self.accounts
    }

    fn may(&self, securable: Securable, access: Wanted) -> RoaringBitmap {
        let Securable::Table(table) = securable else { return RoaringBitmap::new() };
        match access {
            Wanted::Read => self.readers(table),
            Wanted::Write => self.those_who_may(table, Wanted::Write),
        }
    }

    fn columns(&self, column: ColumnId) -> Vec<(Seen, RoaringBitmap)> {
        let catalog = &self.inventory.catalog;
        let table = catalog.columns[column].table;
        let name = catalog.columns[column].name.as_str();
        let path = self.path(table);
        let mut seen: BTreeMap<Seen, RoaringBitmap> = BTreeMap::new();
        let about = self.about(path);
        for account in self.readers(table) {
            let rules = self.deciding(about.iter().copied(), account as usize, path);
            let views: BTreeSet<Seen> = rules
                .iter()
                .map(|rule| match rule.rule.columns.iter().find(|column| column.name == name) {
                    None => Seen::Clear,
                    Some(column) if column.allow == Some(false) => Seen::Masked,
                    Some(column) => match &column.mask {
                        None => Seen::Clear,
                        Some(mask) => mask_seen(rule.body(mask), name, &self.session(account as usize)),
                    },
                })
                .collect();
            let what = match (views.len(), views.first()) {
                (1, Some(only)) => *only,
                _ => Seen::Sometimes,
            };
            if what != Seen::Clear && !rules.is_empty() {
                seen.entry(what).or_default().insert(account);
            }
        }
        seen.into_iter().collect()
    }

    fn rows(&self, table: TableId) -> Vec<(RowsSeen, RoaringBitmap)> {
        let path = self.path(table);
        let mut seen: BTreeMap<RowsSeen, RoaringBitmap> = BTreeMap::new();
        let about = self.about(path);
        for account in self.readers(table) {
            let rules = self.deciding(about.iter().copied(), account as usize, path);
            let views: BTreeSet<RowsSeen> = rules
                .iter()
                .map(|rule| match &rule.rule.filter {
                    None => RowsSeen::All,
                    Some(filter) => filter_seen(filter, rule, &self.session(account as usize)),
                })
                .collect();
            if let (1, Some(only @ RowsSeen::Filtered(_))) = (views.len(), views.first()) {
                seen.entry(only.clone()).or_default().insert(account);
            }
        }
        seen.into_iter().collect()
    }

    fn through(&self, account: &str, securable: Securable, access: Wanted) -> Vec<String> {
        let Securable::Table(table) = securable else { return Vec::new() };
        let Ok(at) = self.accounts.binary_search_by(|each| each.as_str().cmp(account)) else {
            return Vec::new();
        };
        let path = self.path(table);
        let about = self.about(path);
        if !self.account_may(&about, at, path, access) {
            return Vec::new();
        }
        let mut through = Vec::new();
        if self.open.contains("catalogs") || self.open.contains("tables") {
            through.push("rules.json lacks a section, which lets everyone do everything".to_owned());
        }
        for rule in self.deciding(&self.catalogs, at, path) {
            through.push(format!(
                "catalogs rule for {}: {}",
                self.who(rule.rule.group.as_deref(), rule.rule.user.as_deref(), at),
                rule.rule.allow
            ));
        }
        for rule in self.deciding(about.iter().copied(), at, path) {
            let who = self.who(rule.rule.group.as_deref(), rule.rule.user.as_deref(), at);
            through.push(format!("tables rule for {who}: {}", rule.rule.privileges.join(", ")));
        }
        through
    }
}
