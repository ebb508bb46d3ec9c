//! Secure views, taken out of facts by their texts: what stands on a column or table, and what the session's flags are.

use std::collections::{BTreeMap, BTreeSet};

use grantc::backend::FactKind;
use grantc::backend::sql::Dialect;
use grantc::backend::sql::eval::view::{self, Reading, View};
use grantc::backend::sql::eval::{Body, Session, Table};
use grantc::inventory::{ColumnId, TableId};
use grantc::ir::value::Value;

use super::bodies::{Bodies, Standing};
use super::case::Case;

/// The views of a state.
pub struct Views<'c> {
    case: &'c Case<'c>,
    /// Lower-case path of the table behind it → its view and its text.
    views: BTreeMap<Vec<String>, (View, String)>,
    /// Account → the names under which it has a row.
    names: BTreeMap<String, BTreeSet<String>>,
    entitlements: Table,
    /// The account as the session knows it.
    session: fn(&str) -> &str,
}

/// The name in `USER "u"`.
fn inside(text: &str) -> String {
    let (_, name) = text.split_once('"').unwrap_or_default();
    name.strip_suffix('"').unwrap_or(name).replace("\"\"", "\"")
}

impl<'c> Views<'c> {
    /// `home`: the database that a path of two parts means.
    pub fn of(case: &'c Case<'c>, dialect: Dialect, home: &str, session: fn(&str) -> &str) -> Self {
        let (mut views, mut names, mut rows) =
            (BTreeMap::new(), BTreeMap::<_, BTreeSet<_>>::new(), Vec::new());
        for fact in &case.facts {
            let text = |symbol| case.symbols.text(symbol);
            match fact.key.kind {
                FactKind::View => {
                    let (_, query) = text(fact.body).split_once('\n').unwrap();
                    let Reading::View(view) = view::read(query, dialect) else {
                        panic!("{}: our own view is not read: {query}", case.name());
                    };
                    let mut path: Vec<String> = view.base.iter().map(|part| part.to_lowercase()).collect();
                    if path.len() == 2 {
                        path.insert(0, home.to_lowercase());
                    }
                    views.insert(path, (view, query.to_owned()));
                }
                FactKind::Entitlement => {
                    let value = text(fact.key.object).trim_start_matches("VALUE ").to_owned();
                    let account = inside(text(fact.key.grantee));
                    let name = text(fact.key.privilege).to_owned();
                    names.entry(account.clone()).or_default().insert(name.clone());
                    rows.push([account, name, value].map(Value::Text).to_vec());
                }
                _ => {}
            }
        }
        let columns = ["account", "name", "value"].map(str::to_owned).to_vec();
        Views { case, views, names, entitlements: Table::new(columns, rows), session }
    }

    fn view(&self, table: TableId) -> Option<&(View, String)> {
        let path = self.case.inventory().catalog.path(table).map(str::to_lowercase);
        self.views.get(path.as_slice())
    }
}

fn standing(body: &Body, text: &str, arguments: BTreeMap<String, String>) -> Standing {
    Standing { body: Some(body.clone()), text: text.to_owned(), arguments: Some(arguments) }
}

impl Views<'_> {
    /// The table's columns, by the names that the view's dialect reads.
    fn arguments(&self, table: TableId) -> BTreeMap<String, String> {
        let catalog = &self.case.inventory().catalog;
        let names = catalog.tables[table].columns.iter().map(|column| catalog.columns[*column].name.clone());
        names.flat_map(|name| [(name.to_lowercase(), name.clone()), (name.clone(), name)]).collect()
    }
}

impl Bodies for Views<'_> {
    fn mask(&self, _account: &str, column: ColumnId) -> Option<Standing> {
        let described = &self.case.inventory().catalog.columns[column];
        let (view, text) = self.view(described.table)?;
        let same = |name: &str| name == described.name || name == described.name.to_lowercase();
        let (_, body) = view.columns.iter().find(|(name, _)| same(name)).expect("every column is shown");
        Some(standing(body, text, self.arguments(described.table)))
    }

    fn filter(&self, _account: &str, table: TableId) -> Option<Standing> {
        let (view, text) = self.view(table)?;
        Some(standing(view.filter.as_ref()?, text, self.arguments(table)))
    }

    fn flag(&self, account: &str, standing: &Standing, qualifier: &[String], name: &str) -> Option<Value> {
        let (view, _) = self.views.values().find(|(_, text)| *text == standing.text)?;
        let flag = view.flags.get(&(qualifier.to_vec(), name.to_owned()))?;
        let has = self.names.get((self.session)(account)).is_some_and(|names| names.contains(flag));
        Value::number(if has { "1" } else { "0" })
    }

    fn session<'s>(&'s self, account: &'s str, today: i32) -> Box<dyn Session + 's> {
        Box::new(Asking { views: self, account: (self.session)(account), today })
    }
}

struct Asking<'s> {
    views: &'s Views<'s>,
    account: &'s str,
    today: i32,
}

impl Session for Asking<'_> {
    fn current_user(&self) -> Option<&str> {
        Some(self.account)
    }

    fn table(&self, path: &[String]) -> Option<&Table> {
        (path.last().map(String::as_str) == Some("entitlements")).then_some(&self.views.entitlements)
    }

    fn today(&self) -> Option<i32> {
        Some(self.today)
    }
}
