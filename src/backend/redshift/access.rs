//! What Redshift's facts mean: who may, through which roles, and what views leave.
//!
//! In: facts, ours or not. Out: [`Permits`]. Independent of how we lower: a view is read with SELECT on it and USAGE on its
//! schema, and reads its tables with its owner's rights; a table that somebody may read himself shows him what masks and row policies on
//! it leave: docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html and r_CREATE_VIEW.html (2026-11-25). All roles of a user are active.
//! Policies on a table bear on who reads it through a view, too; that is not counted, so that such a way may only seem more open.
//! A foreign view over a table counts as a way to read it that may show anything.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::native::{Home, PUBLIC, fold};
use super::policies::judge;
use crate::backend::contract::{Permits, RowsSeen, Seen};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::views::{Judge, Judged, Principals, ViewBody, Way, entitlement, ways};
use crate::inventory::directory::Access as Wish;
use crate::inventory::{Accounts, ColumnId, IntegrationId, Inventory, Securable, TableId};

/// The meaning of a set of facts.
pub(super) struct Access<'a> {
    inventory: &'a Inventory,
    integration: IntegrationId,
    home: Home<'a>,
    principals: Principals<'a>,
    /// Object → privilege and grantee.
    grants: BTreeMap<&'a str, Vec<(&'a str, &'a str)>>,
    views: BTreeMap<&'a str, Judged>,
    /// Table → the views that may read it.
    over: BTreeMap<String, Vec<&'a str>>,
    judge: Judge,
    /// What stands before the tables themselves.
    before: judge::Judge,
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
        let home = Home::of(inventory, integration);
        let principals = Principals::of(facts, symbols, accounts, PUBLIC);
        let mut grants: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        let (mut views, mut rows) = (BTreeMap::new(), Vec::new());
        for fact in facts {
            let object = text(fact.key.object);
            match fact.key.kind {
                FactKind::Grant => {
                    grants
                        .entry(object)
                        .or_default()
                        .push((text(fact.key.privilege), text(fact.key.grantee)));
                }
                FactKind::View => {
                    views.insert(object, Judged::of(&ViewBody::parse(text(fact.body)), &home));
                }
                FactKind::Entitlement => rows.push(entitlement(fact, symbols)),
                _ => {}
            }
        }
        let judge = Judge::of(&principals.accounts, &home, &rows);
        let before = judge::Judge::of(facts, symbols, &home, &principals, &rows);
        let over = over(inventory, integration, &home, &views);
        Access { inventory, integration, home, principals, grants, views, over, judge, before }
    }

    /// Who holds one of the privileges on an object.
    fn having(&self, object: &str, counts: impl Fn(&str) -> bool) -> RoaringBitmap {
        self.grants
            .get(object)
            .into_iter()
            .flatten()
            .filter(|(privilege, _)| counts(privilege))
            .filter_map(|(_, grantee)| self.principals.holders(grantee))
            .fold(RoaringBitmap::new(), |all, held| all | held)
    }

    /// Who may act on a relation: on itself or through its schema, and inside that.
    fn reaching(&self, relation: &str, schema: &str, wish: Wish) -> RoaringBitmap {
        let direct = self.having(relation, |each| gives(each, wish));
        let scoped = self
            .having(schema, |each| each.strip_suffix(" FOR TABLES").is_some_and(|each| gives(each, wish)));
        // `public` opens to everybody unless somebody closed it, which these exports do not tell.
        let inside = if Object::parse(schema).name() == "public" {
            self.principals.all()
        } else {
            self.having(schema, |each| matches!(each, "USAGE" | "CREATE" | "ALL"))
        };
        (direct | scoped) & inside
    }

    /// The table itself, and its schema; `None`: it lives elsewhere.
    fn table(&self, table: TableId) -> Option<[String; 2]> {
        let catalog = &self.inventory.catalog;
        if catalog.home(table).1.integration != self.integration {
            return None;
        }
        let [database, schema, name] = catalog.path(table).map(fold);
        Some([
            Object::new("TABLE", [database.as_str(), &schema, &name]).text(),
            Object::new("SCHEMA", [database.as_str(), &schema]).text(),
        ])
    }

    fn readers_of_table(&self, table: TableId, wish: Wish) -> RoaringBitmap {
        match self.table(table) {
            Some([relation, schema]) => self.reaching(&relation, &schema, wish),
            None => RoaringBitmap::new(),
        }
    }

    fn readers_of_view(&self, view: &str, wish: Wish) -> RoaringBitmap {
        let object = Object::parse(view);
        let schema = object.path.first().map_or("", String::as_str);
        let schema = Object::new("SCHEMA", [self.home.database.as_str(), schema]).text();
        self.reaching(view, &schema, wish) | self.reaching(&self.listed(view), &schema, wish)
    }

    /// What a view is called where the catalog lists it: it is granted under that name then.
    fn listed(&self, view: &str) -> String {
        let object = Object::parse(view);
        let path = [&self.home.database].into_iter().chain(&object.path);
        Object::new("TABLE", path.map(String::as_str)).text()
    }

    /// The views that may read a table.
    fn views_over(&self, table: TableId) -> impl Iterator<Item = &'a str> + '_ {
        let relation = self.table(table).map(|[relation, _]| relation).unwrap_or_default();
        self.over.get(&relation).into_iter().flatten().copied()
    }
}

impl Access<'_> {
    fn ways(&self, table: TableId) -> Vec<Way<'_>> {
        let way = |view| {
            let judged = self.views.get(view)?;
            Some(Way { judged, label: view, readers: self.readers_of_view(view, Wish::Read) })
        };
        self.views_over(table).filter_map(way).collect()
    }
}

/// Table → the views that may read it. A view that cannot be read may read every table.
fn over<'a>(
    inventory: &Inventory,
    integration: IntegrationId,
    home: &Home<'_>,
    views: &BTreeMap<&'a str, Judged>,
) -> BTreeMap<String, Vec<&'a str>> {
    let catalog = &inventory.catalog;
    let tables: BTreeSet<[String; 3]> = catalog
        .tables
        .ids()
        .filter(|table| catalog.home(*table).1.integration == integration)
        .map(|table| catalog.path(table).map(fold))
        .collect();
    let mut over: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let object = |[database, schema, name]: &[String; 3]| {
        Object::new("TABLE", [database.as_str(), schema, name]).text()
    };
    for (view, judged) in views {
        let read: Vec<[String; 3]> = match judged.reads() {
            Some(paths) => paths.into_iter().flat_map(|path| whole(path, home, &tables)).collect(),
            None => tables.iter().cloned().collect(),
        };
        for table in read.iter().filter(|table| tables.contains(*table)) {
            let list = over.entry(object(table)).or_default();
            if list.last() != Some(view) {
                list.push(view);
            }
        }
    }
    over
}

/// The tables that a path in a view may mean: a name alone is found by the search path.
fn whole(path: Vec<String>, home: &Home<'_>, tables: &BTreeSet<[String; 3]>) -> Vec<[String; 3]> {
    match path.as_slice() {
        [database, schema, name] => vec![[database.clone(), schema.clone(), name.clone()]],
        [schema, name] => vec![[home.database.clone(), schema.clone(), name.clone()]],
        [name] => tables.iter().filter(|[.., table]| table == name).cloned().collect(),
        _ => Vec::new(),
    }
}

/// Whether a privilege gives the access.
fn gives(privilege: &str, wish: Wish) -> bool {
    match wish {
        Wish::Read => matches!(privilege, "SELECT" | "ALL"),
        Wish::Write => matches!(privilege, "INSERT" | "UPDATE" | "DELETE" | "TRUNCATE" | "ALL"),
    }
}

impl Permits for Access<'_> {
    fn accounts(&self) -> &[String] {
        &self.principals.accounts
    }

    fn may(&self, securable: Securable, access: Wish) -> RoaringBitmap {
        let Securable::Table(table) = securable else { return RoaringBitmap::new() };
        self.views_over(table)
            .map(|view| self.readers_of_view(view, access))
            .fold(self.readers_of_table(table, access), |all, readers| all | readers)
    }

    fn columns(&self, column: ColumnId) -> Vec<(Seen, RoaringBitmap)> {
        let described = &self.inventory.catalog.columns[column];
        let Some([relation, _]) = self.table(described.table) else { return Vec::new() };
        let name = fold(&described.name);
        let (direct, ways) = (self.readers_of_table(described.table, Wish::Read), self.ways(described.table));
        let through = ways::columns(&self.judge, &ways, RoaringBitmap::new(), (&name, &name));
        let itself = self.before.column(&relation, &name, &self.principals);
        most_open([(through, readers(&ways)), (itself, direct)])
    }

    fn rows(&self, table: TableId) -> Vec<(RowsSeen, RoaringBitmap)> {
        let Some([relation, _]) = self.table(table) else { return Vec::new() };
        let (direct, ways) = (self.readers_of_table(table, Wish::Read), self.ways(table));
        let through = ways::rows(&self.judge, &ways, &RoaringBitmap::new());
        let itself = self.before.rows(&relation, &self.principals);
        bearing_in_both([(through, readers(&ways)), (itself, direct)])
    }

    fn through(&self, account: &str, securable: Securable, access: Wish) -> Vec<String> {
        let (Securable::Table(table), Some(index)) = (securable, self.principals.find(account)) else {
            return Vec::new();
        };
        let Some([relation, _]) = self.table(table) else { return Vec::new() };
        let mut out = Vec::new();
        let views = self.views_over(table).flat_map(|view| [view.to_owned(), self.listed(view)]);
        for object in views.chain([relation]) {
            for (privilege, grantee) in self.grants.get(object.as_str()).into_iter().flatten() {
                let held = self.principals.holders(grantee).is_some_and(|held| held.contains(index));
                if held && gives(privilege, access) {
                    out.push(format!("GRANT {privilege} ON {object} TO {grantee}"));
                    self.principals.chain(grantee, account, &mut out);
                }
            }
        }
        let mut seen = BTreeSet::new();
        out.retain(|each| seen.insert(each.clone()));
        out
    }
}

/// What some accounts see in one way; who reads in that way and is not listed sees everything.
type Seeing<A> = (Vec<(A, RoaringBitmap)>, RoaringBitmap);

fn readers(ways: &[Way<'_>]) -> RoaringBitmap {
    ways.iter().fold(RoaringBitmap::new(), |all, way| all | &way.readers)
}

/// An account sees the most that one of its ways shows.
fn most_open(seeing: [Seeing<Seen>; 2]) -> Vec<(Seen, RoaringBitmap)> {
    let (mut judged, mut counted) = (Vec::new(), RoaringBitmap::new());
    for (found, readers) in seeing {
        let mut left = readers.clone();
        for (seen, accounts) in found {
            left -= &accounts;
            judged.push((seen, accounts & &readers));
        }
        // Who is not listed sees it clear.
        counted |= left;
    }
    // The most open first: whoever is counted once is not counted again.
    judged.sort_by_key(|(seen, _)| *seen);
    let mut found = Vec::new();
    for (seen, accounts) in judged {
        let accounts = accounts - &counted;
        counted |= &accounts;
        if seen != Seen::Clear && !accounts.is_empty() {
            found.push((seen, accounts));
        }
    }
    found
}

/// In two ways somebody sees the rows of both: only a filter that stands in each of them bears.
fn bearing_in_both([one, other]: [Seeing<RowsSeen>; 2]) -> Vec<(RowsSeen, RoaringBitmap)> {
    let both = &one.1 & &other.1;
    let mut found: BTreeMap<RowsSeen, RoaringBitmap> = BTreeMap::new();
    for (seeing, readers) in [&one, &other] {
        for (seen, accounts) in seeing {
            *found.entry(seen.clone()).or_default() |= (accounts & readers) - &both;
        }
    }
    for account in both {
        let names = |seeing: &Seeing<RowsSeen>| {
            let here = seeing.0.iter().find(|(_, accounts)| accounts.contains(account));
            here.map_or_else(Vec::new, |(seen, _)| match seen {
                RowsSeen::All => Vec::new(),
                RowsSeen::Filtered(names) => names.clone(),
            })
        };
        let (kept, elsewhere) = (names(&one), names(&other));
        let kept: Vec<String> = kept.into_iter().filter(|name| elsewhere.contains(name)).collect();
        if !kept.is_empty() {
            found.entry(RowsSeen::Filtered(kept)).or_default().insert(account);
        }
    }
    found.into_iter().filter(|(_, accounts)| !accounts.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accounts: &[u32]) -> RoaringBitmap {
        accounts.iter().copied().collect()
    }

    #[test]
    fn a_cell_shows_the_most_that_one_of_the_ways_shows() {
        let masked = |accounts: &[u32]| vec![(Seen::Masked, of(accounts))];
        // 1 is masked in both ways, 2 in one and not in the other, 3 reads in one way only, 4 in the other.
        let view = (masked(&[1, 2, 3]), of(&[1, 2, 3]));
        let itself = (masked(&[1, 4]), of(&[1, 2, 4]));
        let found = |seeing| {
            let mut all: BTreeMap<Seen, RoaringBitmap> = BTreeMap::new();
            for (seen, accounts) in most_open(seeing) {
                *all.entry(seen).or_default() |= accounts;
            }
            all.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(found([view.clone(), itself.clone()]), masked(&[1, 3, 4]));
        assert_eq!(found([itself, view]), masked(&[1, 3, 4]));
        let sometimes = vec![(Seen::Sometimes, of(&[1]))];
        assert_eq!(found([(masked(&[1]), of(&[1])), (sometimes.clone(), of(&[1]))]), sometimes);
        // Who is masked where he does not read is not masked.
        assert_eq!(found([(masked(&[1, 2]), of(&[2])), (vec![], of(&[1]))]), masked(&[2]));
        assert_eq!(found([(masked(&[2, 3]), of(&[2])), (vec![], of(&[1]))]), masked(&[2]));
        assert_eq!(found([(vec![(Seen::Clear, of(&[1]))], of(&[1])), (masked(&[1]), of(&[1]))]), []);
        assert_eq!(most_open([(vec![], of(&[])), (masked(&[]), of(&[]))]), []);
    }

    #[test]
    fn only_a_filter_that_stands_in_both_ways_bears() {
        let by = |names: &[&str], accounts: &[u32]| {
            (RowsSeen::Filtered(names.iter().map(|name| (*name).to_owned()).collect()), of(accounts))
        };
        let view = (vec![by(&["f", "g"], &[1, 2, 3])], of(&[1, 2, 3, 4]));
        let itself = (vec![by(&["g"], &[1]), by(&["h"], &[2, 5, 6])], of(&[1, 2, 5]));
        assert_eq!(
            bearing_in_both([view, itself]),
            [by(&["f", "g"], &[3]), by(&["g"], &[1]), by(&["h"], &[5])]
        );
        let all = (vec![(RowsSeen::All, of(&[1]))], of(&[1]));
        assert_eq!(bearing_in_both([(vec![by(&["f"], &[1])], of(&[1])), all]), []);
    }

    #[test]
    fn whoever_reads_one_of_the_views_reads() {
        let program = crate::resolve::testing::program("", "", crate::resolve::testing::NOW);
        let any = program.inventory.integrations.ids().next().unwrap();
        let judged = Judged::of(&ViewBody::default(), &Home::of(&program.inventory, any));
        let way = |accounts: &[u32]| Way { judged: &judged, label: "", readers: of(accounts) };
        assert_eq!(readers(&[way(&[1, 2]), way(&[2, 3])]), of(&[1, 2, 3]));
        assert_eq!(readers(&[]), of(&[]));
    }
}
