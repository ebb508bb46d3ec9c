//! What BigQuery's facts mean: who may, through which bindings, and what views leave.
//!
//! In: facts, ours or not. Out: [`Permits`]. Independent of how we lower: a role on a dataset reaches every table and view in it; a view
//! shows what stands behind it to whoever may read the view, if it or its dataset is authorized there, else to those who may read
//! that themselves (docs.cloud.google.com/bigquery/docs/authorized-views and authorized-datasets, 2026-11-25); who may read the table
//! himself sees everything that the policies on it leave. A foreign view counts as a way that may show anything. Views are not written to.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::native::Home;
use super::policies;
use super::principals::Principals;
use super::roles::allows;
use crate::backend::contract::{Permits, RowsSeen, Seen};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::views::{Judge, Judged, ViewBody, Way, entitlement, ways};
use crate::inventory::directory::Access as Wish;
use crate::inventory::{Accounts, ColumnId, IntegrationId, Inventory, Securable, TableId};

/// Project, dataset, name; a dataset has two parts.
type Path = Vec<String>;

/// A view, and what it leads to.
struct Look<'a> {
    object: &'a str,
    judged: Judged,
    /// Who may look through it, as far as authorizations let him.
    through: RoaringBitmap,
}

/// The meaning of a set of facts.
pub(super) struct Access<'a> {
    inventory: &'a Inventory,
    integration: IntegrationId,
    principals: Principals,
    grants: Grants<'a>,
    looks: BTreeMap<Path, Look<'a>>,
    /// Table → the views that lead to it.
    over: BTreeMap<Path, Vec<Path>>,
    judge: Judge,
    /// What the tables themselves show.
    tables: policies::Judge,
}

/// Path of a dataset, table or view → its text, role and grantee.
type Grants<'a> = BTreeMap<Path, Vec<(&'a str, &'a str, &'a str)>>;

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
        let principals = Principals::of(inventory, integration, facts, symbols, accounts);
        let mut grants: Grants<'_> = BTreeMap::new();
        let mut authorized: BTreeSet<(Path, Path)> = BTreeSet::new();
        let (mut views, mut rows) = (BTreeMap::new(), Vec::new());
        for fact in facts {
            let (object, grantee) = (text(fact.key.object), text(fact.key.grantee));
            match fact.key.kind {
                FactKind::Grant if text(fact.key.privilege) == policies::READ => {}
                FactKind::Grant => grants.entry(Object::parse(object).path).or_default().push((
                    object,
                    text(fact.key.privilege),
                    grantee,
                )),
                FactKind::View => {
                    let judged = Judged::of(&ViewBody::parse(text(fact.body)), &home);
                    views.insert(Object::parse(object).path, (object, judged));
                }
                FactKind::AuthorizedView => {
                    authorized.insert((Object::parse(object).path, Object::parse(grantee).path));
                }
                FactKind::Entitlement => rows.push(entitlement(fact, symbols)),
                FactKind::Role
                | FactKind::Group
                | FactKind::Location
                | FactKind::Function
                | FactKind::MaskingPolicy
                | FactKind::RowAccessPolicy
                | FactKind::MaskAttachment
                | FactKind::RowAttachment
                | FactKind::Rule
                | FactKind::Membership => {}
            }
        }
        let judge = Judge::of(&principals.accounts, &home, &rows);
        let tables = policies::Judge::of(facts, symbols, &principals);
        let map = Map {
            inventory,
            integration,
            principals: &principals,
            grants: &grants,
            views: &views,
            authorized,
        };
        let (through, over) = map.drawn();
        let looks = views
            .into_iter()
            .zip(through)
            .map(|((path, (object, judged)), through)| (path, Look { object, judged, through }))
            .collect();
        Access { inventory, integration, principals, grants, looks, over, judge, tables }
    }

    /// The path of a table; `None`: it lives elsewhere.
    fn path(&self, table: TableId) -> Option<Path> {
        let catalog = &self.inventory.catalog;
        (catalog.home(table).1.integration == self.integration)
            .then(|| catalog.path(table).map(str::to_owned).to_vec())
    }

    fn readers_of_table(&self, table: TableId, wish: Wish) -> RoaringBitmap {
        match self.path(table) {
            Some(path) => holding(&self.principals, &self.grants, &path, wish),
            None => RoaringBitmap::new(),
        }
    }

    /// The views that lead to a table, with those who may look through each.
    fn ways_to(&self, table: TableId) -> Vec<Way<'_>> {
        let views = self.path(table).and_then(|path| self.over.get(&path));
        let way = |view: &Path| {
            let Look { object, judged, through } = self.looks.get(view)?;
            let readers = holding(&self.principals, &self.grants, view, Wish::Read);
            Some(Way { judged, label: object, readers: readers & through })
        };
        views.into_iter().flatten().filter_map(way).collect()
    }
}

/// Who holds the access to a relation, on itself or through its dataset.
fn holding(principals: &Principals, grants: &Grants<'_>, path: &[String], wish: Wish) -> RoaringBitmap {
    bindings(grants, path)
        .filter(|(_, role, _)| allows(role, wish))
        .filter_map(|(.., grantee)| principals.holders(grantee))
        .fold(RoaringBitmap::new(), |all, held| all | held)
}

/// The bindings on a relation and on its dataset.
fn bindings<'g, 'a>(
    grants: &'g Grants<'a>,
    path: &'g [String],
) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> + 'g {
    let dataset = path.get(..2).unwrap_or_default();
    [path, dataset].into_iter().filter_map(|each| grants.get(each)).flatten().copied()
}

type Views<'a> = BTreeMap<Path, (&'a str, Judged)>;

/// Which views lead where.
struct Map<'m, 'a> {
    inventory: &'m Inventory,
    integration: IntegrationId,
    principals: &'m Principals,
    grants: &'m Grants<'a>,
    views: &'m Views<'a>,
    /// What is read, and the view or dataset that may.
    authorized: BTreeSet<(Path, Path)>,
}

impl Map<'_, '_> {
    /// For every view, who may look through it; for every table, the views that lead to it.
    fn drawn(&self) -> (Vec<RoaringBitmap>, BTreeMap<Path, Vec<Path>>) {
        let catalog = &self.inventory.catalog;
        let tables: BTreeSet<Path> = catalog
            .tables
            .ids()
            .filter(|table| catalog.home(*table).1.integration == self.integration)
            .map(|table| catalog.path(table).map(str::to_owned).to_vec())
            .collect();
        let mut over: BTreeMap<Path, Vec<Path>> = BTreeMap::new();
        let mut through = Vec::new();
        for view in self.views.keys() {
            let (lets, reached) = self.follow(view, &tables);
            for table in reached {
                over.entry(table).or_default().push(view.clone());
            }
            through.push(lets);
        }
        (through, over)
    }

    /// Who may look through a view, and the tables that he comes to, through whatever other views.
    fn follow(&self, view: &Path, tables: &BTreeSet<Path>) -> (RoaringBitmap, BTreeSet<Path>) {
        let (mut seen, mut open) = (BTreeSet::from([view.clone()]), vec![view.clone()]);
        let (mut read, mut reached) = (BTreeSet::new(), BTreeSet::new());
        while let Some(at) = open.pop() {
            let Some((_, judged)) = self.views.get(&at) else { continue };
            let relations: Vec<Path> = match judged.reads() {
                Some(paths) => {
                    paths.into_iter().flat_map(|path| whole(&path, &at, tables, self.views)).collect()
                }
                // What cannot be read may read whatever it is authorized for.
                None => {
                    let known = tables.iter().chain(self.views.keys());
                    known.filter(|path| self.is_authorized(&at, path)).cloned().collect()
                }
            };
            for relation in relations {
                if tables.contains(&relation) {
                    reached.insert(relation.clone());
                }
                if self.views.contains_key(&relation) && seen.insert(relation.clone()) {
                    open.push(relation.clone());
                }
                read.insert(relation);
            }
        }
        let unauthorized =
            read.iter().filter(|relation| !seen.iter().any(|view| self.is_authorized(view, relation)));
        let lets = unauthorized.fold(self.principals.all(), |left, relation| {
            left & holding(self.principals, self.grants, relation, Wish::Read)
        });
        (lets, reached)
    }

    /// Whether a view, or its dataset, may read what lives where the relation does.
    fn is_authorized(&self, view: &Path, relation: &Path) -> bool {
        let dataset = |path: &Path| path.get(..2).unwrap_or_default().to_vec();
        let there = dataset(relation);
        [view.clone(), dataset(view)].into_iter().any(|by| self.authorized.contains(&(there.clone(), by)))
    }
}

/// The relations that a path in a view may mean: `p.d.t`, `d.t` in the view's project, and `t*`, which is every table that begins so.
fn whole(path: &[String], view: &Path, tables: &BTreeSet<Path>, views: &Views<'_>) -> Vec<Path> {
    // One pair of backticks may hold a whole path.
    let mut parts: Path = path.iter().flat_map(|part| part.split('.')).map(str::to_owned).collect();
    if parts.len() == 2 {
        parts.splice(0..0, view.first().cloned());
    }
    match parts.last().and_then(|name| name.strip_suffix('*')) {
        None => vec![parts],
        Some(start) => {
            let alike = |each: &&Path| {
                each.get(..2) == parts.get(..2) && each.last().is_some_and(|name| name.starts_with(start))
            };
            tables.iter().chain(views.keys()).filter(alike).cloned().collect()
        }
    }
}

/// Who looks through one of the ways.
fn looking(ways: &[Way<'_>]) -> RoaringBitmap {
    ways.iter().fold(RoaringBitmap::new(), |all, way| all | &way.readers)
}

/// What accounts see of a column that they read in the table (`own`) or through views (those `looking`): the most of both. Who looks
/// and is not listed there sees it clear.
fn either(
    own: Vec<(Seen, RoaringBitmap)>,
    through: Vec<(Seen, RoaringBitmap)>,
    looking: &RoaringBitmap,
) -> Vec<(Seen, RoaringBitmap)> {
    if own.is_empty() {
        return through;
    }
    let in_table = own.iter().fold(RoaringBitmap::new(), |all, (_, accounts)| all | accounts);
    let mut found: BTreeMap<Seen, RoaringBitmap> = BTreeMap::new();
    let mut add = |seen: Seen, accounts: RoaringBitmap| *found.entry(seen).or_default() |= accounts;
    for (seen, accounts) in &own {
        add(*seen, accounts - looking);
        through.iter().for_each(|(other, others)| add(*seen.min(other), accounts & others));
    }
    through.iter().for_each(|(seen, accounts)| add(*seen, accounts - &in_table));
    found.into_iter().filter(|(seen, accounts)| *seen != Seen::Clear && !accounts.is_empty()).collect()
}

/// The same for filters: who sees the rows of both is kept out by what stands in both.
fn both(
    own: Vec<(RowsSeen, RoaringBitmap)>,
    through: Vec<(RowsSeen, RoaringBitmap)>,
    looking: &RoaringBitmap,
) -> Vec<(RowsSeen, RoaringBitmap)> {
    if own.is_empty() {
        return through;
    }
    let names = |seen: &RowsSeen| match seen {
        RowsSeen::All => BTreeSet::new(),
        RowsSeen::Filtered(names) => names.iter().cloned().collect::<BTreeSet<String>>(),
    };
    let in_table = own.iter().fold(RoaringBitmap::new(), |all, (_, accounts)| all | accounts);
    let mut found: BTreeMap<BTreeSet<String>, RoaringBitmap> = BTreeMap::new();
    let mut add =
        |names: BTreeSet<String>, accounts: RoaringBitmap| *found.entry(names).or_default() |= accounts;
    for (seen, accounts) in &own {
        add(names(seen), accounts - looking);
        through.iter().for_each(|(other, others)| add(&names(seen) & &names(other), accounts & others));
    }
    through.iter().for_each(|(seen, accounts)| add(names(seen), accounts - &in_table));
    let found = found.into_iter().filter(|(names, accounts)| !names.is_empty() && !accounts.is_empty());
    found.map(|(names, accounts)| (RowsSeen::Filtered(names.into_iter().collect()), accounts)).collect()
}

impl Permits for Access<'_> {
    fn accounts(&self) -> &[String] {
        &self.principals.accounts
    }

    fn may(&self, securable: Securable, access: Wish) -> RoaringBitmap {
        let Securable::Table(table) = securable else { return RoaringBitmap::new() };
        let own = self.readers_of_table(table, access);
        match access {
            Wish::Read => self.ways_to(table).into_iter().fold(own, |all, way| all | way.readers),
            Wish::Write => own,
        }
    }

    fn columns(&self, column: ColumnId) -> Vec<(Seen, RoaringBitmap)> {
        let described = &self.inventory.catalog.columns[column];
        // Columns' names are compared without case.
        let name = described.name.to_lowercase();
        let readers = self.readers_of_table(described.table, Wish::Read);
        let path = self.path(described.table).unwrap_or_default();
        let own = self.tables.column(&path, &name, &readers);
        let open = own.iter().fold(readers.clone(), |left, (_, accounts)| left - accounts);
        let ways = self.ways_to(described.table);
        let through = ways::columns(&self.judge, &ways, open, (&name, &name));
        either(own, through, &looking(&ways))
    }

    fn rows(&self, table: TableId) -> Vec<(RowsSeen, RoaringBitmap)> {
        let readers = self.readers_of_table(table, Wish::Read);
        let own = self.tables.rows(&self.path(table).unwrap_or_default(), &readers);
        let open = own.iter().fold(readers.clone(), |left, (_, accounts)| left - accounts);
        let ways = self.ways_to(table);
        both(own, ways::rows(&self.judge, &ways, &open), &looking(&ways))
    }

    fn through(&self, account: &str, securable: Securable, access: Wish) -> Vec<String> {
        let (Securable::Table(table), Some(index)) = (securable, self.principals.find(account)) else {
            return Vec::new();
        };
        let Some(path) = self.path(table) else { return Vec::new() };
        let mut places = vec![path.clone()];
        if access == Wish::Read {
            places.extend(self.over.get(&path).into_iter().flatten().cloned());
        }
        let mut out = Vec::new();
        for place in &places {
            if self.looks.get(place).is_some_and(|look| *place != path && !look.through.contains(index)) {
                continue;
            }
            for (object, role, grantee) in bindings(&self.grants, place) {
                let held = self.principals.holders(grantee).is_some_and(|held| held.contains(index));
                if held && allows(role, access) {
                    out.push(format!("GRANT {role} ON {object} TO {grantee}"));
                }
            }
        }
        let mut seen = BTreeSet::new();
        out.retain(|each| seen.insert(each.clone()));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accounts: &[u32]) -> RoaringBitmap {
        accounts.iter().copied().collect()
    }

    #[test]
    fn a_cell_shows_the_most_of_table_and_views() {
        let masked = |accounts: &[u32]| vec![(Seen::Masked, of(accounts))];
        // Nobody is masked in the table: what views show is all that is left to say.
        assert_eq!(either(vec![], masked(&[1]), &of(&[1, 2])), masked(&[1]));
        // 1 looks and is masked in both, 2 looks and sees it clear there, 3 does not look.
        assert_eq!(either(masked(&[1, 2, 3]), masked(&[1]), &of(&[1, 2])), masked(&[1, 3]));
        // 4 reads no table: the view alone counts.
        assert_eq!(either(masked(&[1]), masked(&[1, 4]), &of(&[1, 4])), masked(&[1, 4]));
        // Of two kinds the more open one.
        let sometimes = vec![(Seen::Sometimes, of(&[1]))];
        assert_eq!(either(masked(&[1]), sometimes.clone(), &of(&[1])), sometimes);
        assert_eq!(either(sometimes.clone(), masked(&[1]), &of(&[1])), sometimes);
        // Two kinds in the table, one in the views.
        let own = vec![(Seen::Masked, of(&[1])), (Seen::Sometimes, of(&[2]))];
        let shown = BTreeMap::from([(Seen::Masked, of(&[1])), (Seen::Sometimes, of(&[2]))]);
        assert_eq!(either(own, masked(&[1, 2]), &of(&[1, 2])), Vec::from_iter(shown));
        assert_eq!(either(masked(&[1]), vec![(Seen::Clear, of(&[1]))], &of(&[1])), []);
        assert_eq!(either(masked(&[1]), vec![], &of(&[1])), []);
    }

    #[test]
    fn whoever_reads_one_of_the_views_looks() {
        let program = crate::resolve::testing::program("", "", crate::resolve::testing::NOW);
        let any = program.inventory.integrations.ids().next().unwrap();
        let judged = Judged::of(&ViewBody::default(), &Home::of(&program.inventory, any));
        let way = |accounts: &[u32]| Way { judged: &judged, label: "", readers: of(accounts) };
        assert_eq!(looking(&[way(&[1, 2]), way(&[2, 3])]), of(&[1, 2, 3]));
        assert_eq!(looking(&[]), of(&[]));
    }

    #[test]
    fn rows_of_both_are_kept_out_by_what_stands_in_both() {
        let by = |names: &[&str], accounts: &[u32]| {
            (RowsSeen::Filtered(names.iter().map(|name| (*name).to_owned()).collect()), of(accounts))
        };
        assert_eq!(both(vec![], vec![by(&["f"], &[1])], &of(&[1])), [by(&["f"], &[1])]);
        let own = vec![by(&["f", "g"], &[1, 2, 3])];
        let through = vec![by(&["g", "h"], &[1, 4]), by(&["h"], &[2])];
        assert_eq!(
            both(own.clone(), through, &of(&[1, 2, 4])),
            [by(&["f", "g"], &[3]), by(&["g"], &[1]), by(&["g", "h"], &[4])]
        );
        assert_eq!(both(own, vec![], &of(&[1, 2, 3])), []);
        // Two filters before different accounts in the table, both before those who look.
        let own = vec![by(&["f"], &[1]), by(&["g"], &[2])];
        assert_eq!(both(own.clone(), vec![by(&["f"], &[1, 2])], &of(&[1, 2])), [by(&["f"], &[1])]);
        assert_eq!(
            both(own.clone(), vec![by(&["f"], &[1, 3])], &of(&[1, 3])),
            [by(&["f"], &[1, 3]), by(&["g"], &[2])]
        );
    }

    #[test]
    fn a_path_in_a_view_means_what_bigquery_finds() {
        let path = |text: &str| -> Path { text.split('.').map(str::to_owned).collect() };
        let tables: BTreeSet<Path> = ["p.d.a1", "p.d.a2", "p.d.b", "p.e.a3", "q.d.a4"].map(path).into();
        let view = path("p.s.v");
        let found = |text: &str| {
            let found = whole(&path(text), &view, &tables, &Views::new());
            found.iter().map(|path| path.join(".")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found("q.d.a4"), "q.d.a4");
        assert_eq!(found("d.b"), "p.d.b");
        assert_eq!(found("d.a*"), "p.d.a1 p.d.a2");
        assert_eq!(found("q.d.a*"), "q.d.a4");
        assert_eq!(whole(&["p.d.b".to_owned()], &view, &tables, &Views::new()), [path("p.d.b")]);
    }
}
