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

    /// The value under a key on a column, where there is one.
    fn tag(&self, table: &str, column: &str, key: &str) -> Option<&str> {
        let place = format!("{table} COLUMN {}", always_quoted(column));
        let here =
            |fact: &&Fact| self.text(fact).0 == place && self.case.symbols.text(fact.key.privilege) == key;
        let (_, body) = self.text(self.case.facts.iter().find(here)?);
        body.split(" ON (").next()?.strip_suffix('"')?.rsplit('"').next()
    }

    /// The policy that reaches a table and, for a mask, the column's tag; its function, and the column of each argument.
    fn by_policy(&self, kind: FactKind, table: TableId, masked: Option<&str>) -> Option<Standing> {
        let (path, place) =
            (self.case.inventory().catalog.path(table), format!("TABLE {}", self.path(table)));
        let columns = &self.case.inventory().catalog.tables[table].columns;
        let names: Vec<&str> = columns
            .iter()
            .map(|column| self.case.inventory().catalog.columns[*column].name.as_str())
            .collect();
        let scopes = [("CATALOG", 1), ("SCHEMA", 2), ("TABLE", 3)].map(|(word, depth)| {
            let parts: Vec<String> = path.iter().take(depth).map(|part| always_quoted(part)).collect();
            format!("POLICY ON {word} {}.", parts.join("."))
        });
        let mut found = Vec::new();
        for fact in self.case.facts.iter().filter(|fact| fact.key.kind == kind) {
            let (object, body) = self.text(fact);
            let here = |scope: &String| {
                let name = object.strip_prefix(scope.as_str());
                name.is_some_and(|name| !name.contains("\".\""))
            };
            if !scopes.iter().any(here) {
                continue;
            }
            let policy: serde_json::Value = serde_json::from_str(body).unwrap();
            let everybody = serde_json::json!(["account users"]);
            assert!(policy["to"] == everybody && policy["except"] == serde_json::json!([]), "{policy}");
            let mut by_alias: BTreeMap<String, Vec<&str>> = BTreeMap::new();
            for column in policy["columns"].as_array().unwrap() {
                let (alias, condition) = (column[0].as_str().unwrap(), column[1].as_str().unwrap());
                let quoted: Vec<&str> = condition.split('\'').collect();
                let [before, key, _, value, _] = quoted[..] else { panic!("{condition}") };
                assert_eq!(before, "has_tag_value(");
                let tagged = |name: &&&str| self.tag(&place, name, key) == Some(value);
                by_alias.insert(alias.to_owned(), names.iter().filter(tagged).copied().collect());
            }
            if by_alias.values().any(Vec::is_empty) {
                continue;
            }
            if let Some(masked) = masked
                && !by_alias[policy["on"].as_str().unwrap()].contains(&masked)
            {
                continue;
            }
            let using = policy["using"].as_array().unwrap().iter().enumerate();
            let mut arguments: BTreeMap<String, String> = using
                .map(|(at, using)| {
                    let columns = &by_alias[using["alias"].as_str().unwrap()];
                    assert_eq!(columns.len(), 1, "an argument is one column");
                    (format!("__a{}", at + 1), columns[0].to_owned())
                })
                .collect();
            if let Some(masked) = masked {
                arguments.insert("__value".to_owned(), masked.to_owned());
            }
            found.push((policy["function"].as_str().unwrap().to_owned(), arguments));
        }
        assert!(found.len() <= 1, "two policies meet: {found:?}");
        let (function, arguments) = found.pop()?;
        let fact = self
            .case
            .facts
            .iter()
            .find(|fact| fact.key.kind == FactKind::Function && self.text(fact).0 == function);
        let (_, text) = self.text(fact.expect("what is called exists")).1.split_once('\n').unwrap();
        let body = eval::parse(text, Dialect::Databricks);
        Some(Standing { body, text: text.to_owned(), arguments: Some(arguments) })
    }

    fn text(&self, fact: &Fact) -> (&str, &str) {
        (self.case.symbols.text(fact.key.object), self.case.symbols.text(fact.body))
    }

    /// The function that stands at a place, with the columns behind its arguments.
    fn attached(&self, kind: FactKind, place: &str, masked: Option<&str>) -> Option<Standing> {
        let place = format!("TABLE {place}");
        let here = |fact: &&Fact| {
            let tag = self.case.symbols.text(fact.key.privilege);
            fact.key.kind == kind && tag.is_empty() && self.text(fact).0 == place
        };
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
        let name = described.name.as_str();
        self.attached(FactKind::MaskAttachment, &place, Some(name))
            .or_else(|| self.by_policy(FactKind::MaskingPolicy, described.table, Some(name)))
    }

    fn filter(&self, _account: &str, table: TableId) -> Option<Standing> {
        self.attached(FactKind::RowAttachment, &self.path(table), None)
            .or_else(|| self.by_policy(FactKind::RowAccessPolicy, table, None))
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
