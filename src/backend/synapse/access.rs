//! What Synapse's facts mean: who may, through which roles, and what views leave.
//!
//! In: facts, ours or not. Out: [`Permits`]. Independent of how we lower: a view is read with SELECT on it, on its schema or on the
//! database, and reads its tables for its owner, so that what is denied on a table does not close views over it; a table that
//! somebody may read himself shows him everything. CONTROL gives everything; DENY beats GRANT, whichever role brings it, but for a
//! grant on a column, which beats a denial on its table:
//! learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-database-permissions-transact-sql (2026-11-25).
//! A column that is granted counts as its table, and one that is denied as granted. Who owns what is not exported.
//! A foreign view over a table counts as a way to read it that may show anything. Names that differ in case are one name.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::native::{Home, PUBLIC, alike};
use super::statement::DENY;
use crate::backend::contract::{Permits, RowsSeen, Seen};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::views::{Judge, Judged, Principals, ViewBody, Way, entitlement, ways};
use crate::inventory::directory::Access as Wish;
use crate::inventory::{Accounts, ColumnId, IntegrationId, Inventory, Securable, TableId};

/// A granted or denied privilege.
#[derive(Clone, Copy)]
struct Given<'a> {
    /// The object as the fact names it.
    object: &'a str,
    privilege: &'a str,
    grantee: &'a str,
    /// On one column only.
    column: bool,
}

/// The meaning of a set of facts.
pub(super) struct Access<'a> {
    inventory: &'a Inventory,
    integration: IntegrationId,
    home: Home<'a>,
    principals: Principals<'a>,
    /// By place: schema and name, schema, or nothing for the database.
    given: BTreeMap<Vec<String>, Vec<Given<'a>>>,
    views: BTreeMap<&'a str, Judged>,
    /// Those that show each column under its own name.
    ours: BTreeSet<&'a str>,
    /// Table → the views that may read it.
    over: BTreeMap<[String; 2], Vec<&'a str>>,
    judge: Judge,
    /// Members of roles that come with every database, by the role.
    fixed: BTreeMap<String, RoaringBitmap>,
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
        let mut given: BTreeMap<Vec<String>, Vec<Given<'_>>> = BTreeMap::new();
        let (mut views, mut ours) = (BTreeMap::new(), BTreeSet::new());
        let (mut rows, mut fixed) = (Vec::new(), BTreeMap::new());
        for fact in facts {
            let object = text(fact.key.object);
            match fact.key.kind {
                FactKind::Grant => {
                    let parsed = Object::parse(object);
                    let Some(place) = place(&parsed) else { continue };
                    given.entry(place).or_default().push(Given {
                        object,
                        privilege: text(fact.key.privilege),
                        grantee: text(fact.key.grantee),
                        column: parsed.column.is_some(),
                    });
                }
                FactKind::Membership => {
                    let name = alike(Object::parse(object).name());
                    if let Some(held) = principals.holders(object).filter(|_| name.starts_with("db_")) {
                        *fixed.entry(name).or_default() |= held;
                    }
                }
                FactKind::View => {
                    let body = ViewBody::parse(text(fact.body));
                    views.insert(object, Judged::of(&body, &home));
                    if !body.shape.is_empty() && Object::parse(object).path.first() == Some(&home.schema) {
                        ours.insert(object);
                    }
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
                | FactKind::AuthorizedView
                | FactKind::Rule => {}
            }
        }
        let judge = Judge::of(&principals.accounts, &home, &rows);
        let over = over(inventory, integration, &home, &views);
        Access { inventory, integration, home, principals, given, views, ours, over, judge, fixed }
    }

    /// Everything that is given on a relation, its schema and the database.
    fn on<'s>(&'s self, [schema, name]: &[String; 2]) -> impl Iterator<Item = &'s Given<'a>> + use<'s, 'a> {
        let places = [vec![schema.clone(), name.clone()], vec![schema.clone()], Vec::new()];
        places.into_iter().flat_map(|place| self.given.get(&place).into_iter().flatten())
    }

    fn holders<'g>(&self, all: impl Iterator<Item = &'g Given<'a>>) -> RoaringBitmap
    where
        'a: 'g,
    {
        all.filter_map(|each| self.principals.holders(each.grantee))
            .fold(RoaringBitmap::new(), |all, held| all | held)
    }

    fn members(&self, role: &str) -> RoaringBitmap {
        self.fixed.get(role).cloned().unwrap_or_default()
    }

    /// Who may act on a relation.
    fn reaching(&self, relation: &[String; 2], wish: Wish) -> RoaringBitmap {
        let (reads, denied) = match wish {
            Wish::Read => ("db_datareader", "db_denydatareader"),
            Wish::Write => ("db_datawriter", "db_denydatawriter"),
        };
        let whole = self.on(relation).filter(|each| !each.column && gives(each.privilege, wish));
        let columns = self.on(relation).filter(|each| each.column && gives(each.privilege, wish));
        let granted = self.holders(whole) | self.members(reads);
        let denies = |each: &&Given<'_>| {
            !each.column && each.privilege.strip_prefix(DENY).is_some_and(|privilege| denies(privilege, wish))
        };
        let taken = self.holders(self.on(relation).filter(denies)) | self.members(denied);
        (granted - taken) | self.holders(columns) | self.members("db_owner")
    }

    /// The table's schema and name; `None`: it lives elsewhere.
    fn table(&self, table: TableId) -> Option<[String; 2]> {
        let catalog = &self.inventory.catalog;
        let [database, schema, name] = catalog.path(table);
        let here = catalog.home(table).1.integration == self.integration && self.home.is_here(database);
        here.then(|| [alike(schema), alike(name)])
    }

    fn readers_of_table(&self, table: TableId, wish: Wish) -> RoaringBitmap {
        self.table(table).map(|relation| self.reaching(&relation, wish)).unwrap_or_default()
    }

    fn readers_of_view(&self, view: &str, wish: Wish) -> RoaringBitmap {
        match relation(view) {
            Some(relation) => self.reaching(&relation, wish),
            None => RoaringBitmap::new(),
        }
    }

    /// The views that may read a table.
    fn views_over(&self, table: TableId) -> impl Iterator<Item = &'a str> + '_ {
        let relation = self.table(table);
        relation.and_then(|relation| self.over.get(&relation)).into_iter().flatten().copied()
    }
}

/// Schema and name of a view or table.
fn relation(object: &str) -> Option<[String; 2]> {
    match Object::parse(object).path.as_slice() {
        [schema, name] => Some([alike(schema), alike(name)]),
        _ => None,
    }
}

/// Where something is given; `None`: on what holds no data.
fn place(object: &Object) -> Option<Vec<String>> {
    match (object.word.as_str(), object.path.as_slice()) {
        ("TABLE" | "VIEW", [schema, name]) => Some(vec![alike(schema), alike(name)]),
        ("SCHEMA", [schema]) => Some(vec![alike(schema)]),
        ("DATABASE", _) => Some(Vec::new()),
        _ => None,
    }
}

/// Table → the views that may read it. A view that cannot be read may read every table.
fn over<'a>(
    inventory: &Inventory,
    integration: IntegrationId,
    home: &Home<'_>,
    views: &BTreeMap<&'a str, Judged>,
) -> BTreeMap<[String; 2], Vec<&'a str>> {
    let catalog = &inventory.catalog;
    let tables: BTreeSet<[String; 2]> = catalog
        .tables
        .ids()
        .filter(|table| catalog.home(*table).1.integration == integration)
        .map(|table| catalog.path(table))
        .filter(|[database, ..]| home.is_here(database))
        .map(|[_, schema, name]| [alike(schema), alike(name)])
        .collect();
    // Views that read views: who reads the outer one reads what the inner one shows, or more.
    let by_relation: BTreeMap<[String; 2], &str> =
        views.keys().filter_map(|view| Some((relation(view)?, *view))).collect();
    let mut over: BTreeMap<[String; 2], Vec<&str>> = BTreeMap::new();
    for view in views.keys() {
        let (mut seen, mut open) = (BTreeSet::from([*view]), vec![*view]);
        let mut read: BTreeSet<[String; 2]> = BTreeSet::new();
        while let Some(at) = open.pop() {
            let paths = views.get(at).and_then(Judged::reads);
            let found: BTreeSet<[String; 2]> = match paths {
                Some(paths) => {
                    paths.into_iter().flat_map(|path| whole(&path, &tables, &by_relation)).collect()
                }
                None => tables.clone(),
            };
            open.extend(
                found.iter().filter_map(|each| by_relation.get(each)).filter(|next| seen.insert(next)),
            );
            read.extend(found);
        }
        for table in read.into_iter().filter(|table| tables.contains(table)) {
            over.entry(table).or_default().push(view);
        }
    }
    over
}

/// What a path in a view may mean: a name alone is looked for in the view's schema, and in dbo.
fn whole(
    path: &[String],
    tables: &BTreeSet<[String; 2]>,
    views: &BTreeMap<[String; 2], &str>,
) -> Vec<[String; 2]> {
    match path {
        [.., schema, name] => vec![[alike(schema), alike(name)]],
        [name] => {
            let name = alike(name);
            tables.iter().chain(views.keys()).filter(|[_, each]| *each == name).cloned().collect()
        }
        [] => Vec::new(),
    }
}

/// Whether a privilege gives the access. Who may take a relation over, or truncate it, has more than a grant says.
fn gives(privilege: &str, wish: Wish) -> bool {
    match wish {
        Wish::Read => matches!(privilege, "SELECT" | "CONTROL" | "TAKE OWNERSHIP"),
        Wish::Write => {
            matches!(privilege, "INSERT" | "UPDATE" | "DELETE" | "ALTER" | "CONTROL" | "TAKE OWNERSHIP")
        }
    }
}

/// Whether a denied privilege takes the access. Of writing, only what takes all of it.
fn denies(privilege: &str, wish: Wish) -> bool {
    match wish {
        Wish::Read => matches!(privilege, "SELECT" | "CONTROL"),
        Wish::Write => privilege == "CONTROL",
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
        let open = self.readers_of_table(described.table, Wish::Read);
        let ways = self.ways(described.table);
        let mut clear = ways.iter().fold(open.clone(), |all, way| all | &way.readers);
        let name = described.name.as_str();
        let mut found = ways::columns(&self.judge, &ways, open, (name, name));
        // Somebody else's view may show anything, also to whom ours shows a mask.
        let others = self.through_others(described.table);
        for (_, accounts) in &mut found {
            clear -= &*accounts;
            *accounts -= &others;
        }
        found.push((Seen::Sometimes, others - clear));
        found.retain(|(_, accounts)| !accounts.is_empty());
        found
    }

    fn rows(&self, table: TableId) -> Vec<(RowsSeen, RoaringBitmap)> {
        let open = self.readers_of_table(table, Wish::Read) | self.through_others(table);
        ways::rows(&self.judge, &self.ways(table), &open)
    }

    fn through(&self, account: &str, securable: Securable, access: Wish) -> Vec<String> {
        let (Securable::Table(table), Some(index)) = (securable, self.principals.find(account)) else {
            return Vec::new();
        };
        let Some(relation) = self.table(table) else { return Vec::new() };
        let views = self.views_over(table).filter_map(self::relation);
        let mut out = Vec::new();
        for relation in views.chain([relation]) {
            for given in self.on(&relation) {
                let held = self.principals.holders(given.grantee).is_some_and(|held| held.contains(index));
                if held && gives(given.privilege, access) {
                    out.push(format!("GRANT {} ON {} TO {}", given.privilege, given.object, given.grantee));
                    self.principals.chain(given.grantee, account, &mut out);
                }
            }
        }
        let fixed = match access {
            Wish::Read => ["db_owner", "db_datareader"],
            Wish::Write => ["db_owner", "db_datawriter"],
        };
        for role in fixed {
            if self.members(role).contains(index) {
                let role = crate::backend::object::role(role);
                if let Some(role) = self.principals.grantee(&role) {
                    self.principals.chain(role, account, &mut out);
                }
            }
        }
        let mut seen = BTreeSet::new();
        out.retain(|each| seen.insert(each.clone()));
        out
    }
}

impl Access<'_> {
    /// Our views of a table.
    fn ways(&self, table: TableId) -> Vec<Way<'_>> {
        let way = |view| {
            let judged = self.views.get(view).filter(|_| self.is_ours(view, table))?;
            Some(Way { judged, label: view, readers: self.readers_of_view(view, Wish::Read) })
        };
        self.views_over(table).filter_map(way).collect()
    }

    /// Who reads a table through what we cannot tell: others' views, which may call a column what they like.
    fn through_others(&self, table: TableId) -> RoaringBitmap {
        self.views_over(table)
            .filter(|view| !self.is_ours(view, table))
            .map(|view| self.readers_of_view(view, Wish::Read))
            .fold(RoaringBitmap::new(), |all, readers| all | readers)
    }

    /// Whether a view is marked as ours, and reads the table and nothing else.
    fn is_ours(&self, view: &str, table: TableId) -> bool {
        self.ours.contains(view) && self.views.get(view).is_some_and(|judged| self.reads_only(judged, table))
    }

    fn reads_only(&self, view: &Judged, table: TableId) -> bool {
        let read = view.reads().and_then(|paths| <[Vec<String>; 1]>::try_from(paths).ok());
        let relation = read.and_then(|[path]| match path.as_slice() {
            [.., schema, name] => Some([alike(schema), alike(name)]),
            _ => None,
        });
        relation.is_some() && relation == self.table(table)
    }
}
