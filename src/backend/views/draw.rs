//! Every table's view.
//!
//! In: a program seen from one integration. Out: views for the tables that somebody may read, the entitlements that they lean
//! on, who is refused a table, and gaps.
//! Invariant: whoever cannot be given a mask or filter does not get the view. Cost: columns of tables that are read.

use std::collections::BTreeSet;

use super::flags::Asking;
use super::{Site, ViewBody};
use crate::backend::body::{self, Columns, Entitlements};
use crate::backend::class::Refused;
use crate::backend::contract::Lowering;
use crate::backend::gap::{Gap, GapCode};
use crate::backend::protection::{self, ColumnProtection, TableProtection};
use crate::backend::sql::{Dialect, Unsupported, method};
use crate::inventory::directory::Access;
use crate::inventory::{Catalog, ColumnId, ColumnType, Securable, TableId};

/// A table's view.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The table behind it.
    pub table: TableId,
    /// Its path.
    pub path: Vec<String>,
    /// What it says.
    pub body: ViewBody,
    /// Whose it is: subscriptions, masks and filters, sorted.
    pub policies: Vec<String>,
}

/// Everything that views bring.
pub struct Drawing {
    /// In the order of tables.
    pub views: Vec<Drawn>,
    /// What they lean on.
    pub entitlements: Entitlements,
    /// Who does not get a table.
    pub refused: Refused,
    /// What cannot be held.
    pub gaps: Vec<Gap>,
}

/// Draws every view.
pub fn draw(lowering: &Lowering<'_>, site: &dyn Site) -> Drawing {
    let mut asking = Asking::new(lowering, site);
    let mut refused = Refused::default();
    let mut views = Vec::new();
    for table in lowering.tables() {
        let readers = lowering.meaning.may(Securable::Table(table), Access::Read);
        if lowering.accounts.within(&readers).is_empty() {
            continue;
        }
        let drawn = nameable(lowering, site, table).and_then(|path| {
            let drawn = view(&mut asking, table, path, &mut refused);
            drawn.as_ref().map_or(Ok(()), |drawn| site.fits(&drawn.body)).map(|()| drawn)
        });
        match drawn {
            Ok(drawn) => views.extend(drawn),
            Err(why) => unnameable(&mut asking, table, &why, &mut refused),
        }
    }
    Drawing { views, entitlements: asking.entitlements, refused, gaps: asking.gaps }
}

/// The view's path; `Err`: a name that cannot be written.
fn nameable(lowering: &Lowering<'_>, site: &dyn Site, table: TableId) -> Result<Vec<String>, String> {
    let catalog = &lowering.inventory().catalog;
    let columns = catalog.tables[table].columns.iter().map(|column| catalog.columns[*column].name.as_str());
    // Names stand in bodies, in which the salt's place is filled.
    let names = catalog.path(table).into_iter().chain(columns);
    if let Some(name) = names.into_iter().find(|name| name.contains("{salt}")) {
        return Err(format!("the name `{name}` looks like the salt's place"));
    }
    let columns = catalog.tables[table].columns.iter().map(|column| catalog.columns[*column].name.as_str());
    // A line of its own may end a batch of statements.
    if catalog.path(table).into_iter().chain(columns).any(|name| name.contains(char::is_control)) {
        return Err("a name has a line break or another control character".to_owned());
    }
    if catalog.tables[table].columns.is_empty() {
        return Err("the catalog lists no columns, and a view shows only those that it lists".to_owned());
    }
    site.view(table)
}

fn unnameable(asking: &mut Asking<'_, '_>, table: TableId, why: &str, refused: &mut Refused) {
    let lowering = asking.lowering;
    let securable = Securable::Table(table);
    let shown = lowering.inventory().catalog.shown_name(securable);
    for policy in subscriptions(lowering, table) {
        let message = format!("{why}: nobody gets `{shown}`");
        body::Asks::gap(asking, &policy, GapCode::Unrepresentable, shown.clone(), message);
        refused.add(securable, lowering.meaning.everyone(), &policy);
    }
}

/// The subscriptions that bear on reading a table.
fn subscriptions(lowering: &Lowering<'_>, table: TableId) -> Vec<String> {
    let program = lowering.program;
    lowering
        .meaning
        .active_subscriptions()
        .iter()
        .map(|id| &program.subscriptions[*id])
        .filter(|each| each.allow.contains(Access::Read) && each.on.contains(Securable::Table(table)))
        .map(|each| each.head.name.clone())
        .collect()
}

/// A view, unless nobody is left to read it.
fn view(
    asking: &mut Asking<'_, '_>,
    table: TableId,
    path: Vec<String>,
    refused: &mut Refused,
) -> Option<Drawn> {
    let lowering = asking.lowering;
    let (program, dialect) = (lowering.program, asking.site.dialect());
    let catalog = &program.inventory.catalog;
    let mut gaps = Vec::new();
    let mut protection = protection::of_table(lowering, table, refused, &mut gaps);
    asking.gaps.append(&mut gaps);
    asking.start();
    let mut own = Own { catalog, dialect };
    // What may show a NULL of no type: where the column is clear, the view has another type there.
    let untyped: BTreeSet<ColumnId> = protection.columns.iter().map(|each| each.column).collect();
    let mut policies: BTreeSet<String> = subscriptions(lowering, table).into_iter().collect();
    let shown = columns(asking, &mut own, &mut protection, &mut policies, refused);
    let (filters, conjuncts) = filters(asking, &mut own, &protection, refused);
    policies.extend(filters.iter().cloned());
    let readers = lowering.meaning.may(Securable::Table(table), Access::Read);
    if lowering.accounts.within(&(readers - refused.users(Securable::Table(table)))).is_empty() {
        return None;
    }
    let kept =
        if conjuncts.is_empty() { String::new() } else { format!(" WHERE {}", conjuncts.join(" AND ")) };
    let query = format!(
        "SELECT {} FROM {} t{}{kept}",
        shown.join(", "),
        asking.site.base(catalog.path(table)),
        asking.joined()
    );
    let shape = ViewBody::shape_of(catalog.tables[table].columns.iter().map(|id| {
        let column = &catalog.columns[*id];
        let hidden = untyped.contains(id) && method::null(&column.column_type) == "NULL";
        (column.name.as_str(), if hidden { "NULL" } else { column.column_type.text.as_str() })
    }));
    let body = ViewBody { filters, shape, query };
    Some(Drawn { table, path, body, policies: policies.into_iter().collect() })
}

/// `expression AS "name"` for every column.
fn columns(
    asking: &mut Asking<'_, '_>,
    own: &mut Own<'_>,
    protection: &mut TableProtection,
    policies: &mut BTreeSet<String>,
    refused: &mut Refused,
) -> Vec<String> {
    let (catalog, dialect) = (own.catalog, own.dialect);
    catalog.tables[protection.table]
        .columns
        .iter()
        .map(|column| {
            let place = protection.columns.iter_mut().find(|each| each.column == *column);
            let text = match place {
                Some(protected) => masked(asking, own, protected, policies, refused),
                None => own.text(*column),
            };
            format!("{text} AS {}", dialect.identifier(&catalog.columns[*column].name))
        })
        .collect()
}

/// A column's mask. What cannot be said is hidden from those whom it concerns, who do not get the view either.
fn masked(
    asking: &mut Asking<'_, '_>,
    own: &mut Own<'_>,
    column: &mut ColumnProtection,
    policies: &mut BTreeSet<String>,
    refused: &mut Refused,
) -> String {
    let of = &own.catalog.columns[column.column].column_type;
    let value = own.text(column.column);
    for _ in 0..2 {
        match body::expression(asking, own, column, Some(of), &value) {
            Ok(printed) => {
                policies.extend(printed.policies);
                return printed.expression;
            }
            Err(failed) => body::hide(asking, column, &failed, GapCode::RowsRefused, refused),
        }
    }
    // INVARIANT: a column that is only hidden is always printed; nothing is shown all the same.
    method::null(of)
}

/// The names of the filters that are held, and a conjunct for each.
fn filters(
    asking: &mut Asking<'_, '_>,
    own: &mut Own<'_>,
    protection: &TableProtection,
    refused: &mut Refused,
) -> (Vec<String>, Vec<String>) {
    let program = asking.lowering.program;
    let (mut names, mut conjuncts) = (Vec::new(), Vec::new());
    for filter in &protection.filters {
        match body::conjunct(asking, own, protection.table, filter) {
            Ok(text) => {
                names.push(program.filters[filter.filter].head.name.clone());
                conjuncts.push(text);
            }
            Err(Unsupported(why)) => {
                let why = (GapCode::RowsRefused, why.as_str());
                body::refuse_filter(asking, protection.table, filter.filter, &filter.concerned, why, refused);
            }
        }
    }
    (names, conjuncts)
}

/// A table's own columns, by their names.
struct Own<'a> {
    catalog: &'a Catalog,
    dialect: Dialect,
}

impl Own<'_> {
    fn text(&self, column: ColumnId) -> String {
        format!("t.{}", self.dialect.identifier(&self.catalog.columns[column].name))
    }
}

impl Columns for Own<'_> {
    fn column_type(&self, column: ColumnId) -> &ColumnType {
        &self.catalog.columns[column].column_type
    }

    fn column(&mut self, column: ColumnId) -> Result<String, Unsupported> {
        Ok(self.text(column))
    }
}
