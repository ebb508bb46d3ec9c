//! Unity Catalog's functions, taken out of facts by their texts: what stands on a column or table, and whose session asks.

use std::collections::{BTreeMap, BTreeSet};

use grantc::backend::sql::eval::{Session, Table};
use grantc::backend::sql::{Dialect, eval};
use grantc::backend::{Fact, FactKind};
use grantc::inventory::{ColumnId, TableId};
use grantc::ir::value::Value;

use super::bodies::{Bodies, Standing};
use super::case::Case;

/// The functions of a state.
pub struct Unity<'c> {
    case: &'c Case<'c>,
    groups: BTreeMap<String, BTreeSet<String>>,
    entitlements: Table,
}

fn always_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The name in `USER "u"` or `GROUP "g"`.
fn inside(text: &str) -> String {
    let (_, name) = text.split_once('"').unwrap_or_default();
    name.strip_suffix('"').unwrap_or(name).replace("\"\"", "\"")
}

impl<'c> Unity<'c> {
    pub fn of(case: &'c Case<'c>) -> Self {
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut rows = Vec::new();
        for fact in &case.facts {
            let text = |symbol| case.symbols.text(symbol);
            match fact.key.kind {
                FactKind::Membership => {
                    let account = inside(text(fact.key.grantee));
                    groups.entry(account).or_default().insert(inside(text(fact.key.object)));
                }
                FactKind::Entitlement => {
                    let value = text(fact.key.object).trim_start_matches("VALUE ").to_owned();
                    let row = [inside(text(fact.key.grantee)), text(fact.key.privilege).to_owned(), value];
                    rows.push(row.map(Value::Text).to_vec());
                }
                _ => {}
            }
        }
        let columns = ["account", "name", "value"].map(str::to_owned).to_vec();
        Unity { case, groups, entitlements: Table::new(columns, rows) }
    }

    fn path(&self, table: TableId) -> String {
        self.case.inventory().catalog.path(table).map(always_quoted).join(".")
    }

    fn text(&self, fact: &Fact) -> (&str, &str) {
        (self.case.symbols.text(fact.key.object), self.case.symbols.text(fact.body))
    }

    /// The function that stands at a place, with the columns behind its arguments.
    fn attached(&self, kind: FactKind, place: &str, masked: Option<&str>) -> Option<Standing> {
        let place = format!("TABLE {place}");
        let here = |fact: &&Fact| fact.key.kind == kind && self.text(fact).0 == place;
        let (_, body) = self.text(self.case.facts.iter().find(here)?);
        let function = self
            .case
            .facts
            .iter()
            .find(|fact| {
                let name = self.text(fact).0;
                fact.key.kind == FactKind::Function
                    && (body == name || body.starts_with(&format!("{name} ON (")))
            })
            .expect("what is attached exists");
        let (shape, text) = self.text(function).1.split_once('\n').unwrap();
        let shape: serde_json::Value = serde_json::from_str(shape).unwrap();
        let columns = shape["columns"].as_array().unwrap().iter();
        let columns: Vec<String> = columns.map(|column| column.as_str().unwrap().to_owned()).collect();
        let mut arguments: BTreeMap<String, String> =
            columns.into_iter().enumerate().map(|(at, column)| (format!("__a{}", at + 1), column)).collect();
        if let Some(masked) = masked {
            arguments.insert("__value".to_owned(), masked.to_owned());
        }
        Some(Standing {
            body: eval::parse(text, Dialect::Databricks),
            text: text.to_owned(),
            arguments: Some(arguments),
        })
    }
}

impl Bodies for Unity<'_> {
    fn mask(&self, _account: &str, column: ColumnId) -> Option<Standing> {
        let described = &self.case.inventory().catalog.columns[column];
        let place = format!("{} COLUMN {}", self.path(described.table), always_quoted(&described.name));
        self.attached(FactKind::MaskAttachment, &place, Some(&described.name))
    }

    fn filter(&self, _account: &str, table: TableId) -> Option<Standing> {
        self.attached(FactKind::RowAttachment, &self.path(table), None)
    }

    fn session<'s>(&'s self, account: &'s str, today: i32) -> Box<dyn Session + 's> {
        Box::new(Asking { bodies: self, account, today })
    }
}

struct Asking<'s> {
    bodies: &'s Unity<'s>,
    account: &'s str,
    today: i32,
}

impl Session for Asking<'_> {
    fn is_role(&self, _role: &str) -> Option<bool> {
        None
    }

    fn has_group(&self, group: &str) -> Option<bool> {
        Some(self.bodies.groups.get(self.account).is_some_and(|held| held.contains(group)))
    }

    fn current_user(&self) -> Option<&str> {
        Some(self.account)
    }

    fn table(&self, path: &[String]) -> Option<&Table> {
        (path == ["grantc", "grantc", "entitlements"]).then_some(&self.bodies.entitlements)
    }

    fn today(&self) -> Option<i32> {
        Some(self.today)
    }
}
