//! Redshift's policies on tables, taken out of facts by their texts: what stands on a column or table, and who asks.

use std::collections::BTreeMap;

use grantc::backend::sql::eval::{Session, Table};
use grantc::backend::sql::{Dialect, eval};
use grantc::backend::{Fact, FactKind};
use grantc::inventory::{ColumnId, TableId};
use grantc::ir::value::Value;

use super::bodies::{Bodies, Standing};
use super::case::Case;

/// The policies of a state.
pub struct Redshift<'c> {
    case: &'c Case<'c>,
    entitlements: Table,
}

fn always_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The name in `USER "u"`.
fn inside(text: &str) -> String {
    let (_, name) = text.split_once('"').unwrap_or_default();
    name.strip_suffix('"').unwrap_or(name).replace("\"\"", "\"")
}

impl<'c> Redshift<'c> {
    pub fn of(case: &'c Case<'c>) -> Self {
        let rows = case.facts.iter().filter(|fact| fact.key.kind == FactKind::Entitlement).map(|fact| {
            let text = |symbol| case.symbols.text(symbol);
            let value = text(fact.key.object).trim_start_matches("VALUE ").to_owned();
            let row = [inside(text(fact.key.grantee)), text(fact.key.privilege).to_owned(), value];
            row.map(Value::Text).to_vec()
        });
        let columns = ["account", "name", "value"].map(str::to_owned).to_vec();
        Redshift { case, entitlements: Table::new(columns, rows.collect()) }
    }

    fn text(&self, fact: &Fact) -> (&str, &str) {
        (self.case.symbols.text(fact.key.object), self.case.symbols.text(fact.body))
    }

    /// The policy that is attached at a place, with the columns behind its inputs.
    fn attached(&self, kind: FactKind, word: &str, place: &str) -> Option<Standing> {
        let here = |fact: &&Fact| fact.key.kind == kind && self.text(fact).0 == place;
        let (_, standing) = self.text(self.case.facts.iter().find(here)?);
        let standing: serde_json::Value = serde_json::from_str(standing).unwrap();
        assert_eq!(standing["grantee"], "PUBLIC", "{place}");
        let policy = format!("{word} {}", always_quoted(standing["policy"].as_str().unwrap()));
        let written = self.case.facts.iter().find(|fact| self.text(fact).0 == policy);
        let (header, text) = self.text(written.expect("what is attached exists")).1.split_once('\n').unwrap();
        let header: serde_json::Value = serde_json::from_str(header).unwrap();
        let names = |list: &serde_json::Value| -> Vec<String> {
            let name =
                |each: &serde_json::Value| each.as_str().or_else(|| each[0].as_str()).unwrap().to_owned();
            list.as_array().unwrap().iter().map(name).collect()
        };
        let inputs = names(&header["inputs"]);
        // Rows are read by the table's own names.
        let columns =
            if kind == FactKind::MaskAttachment { names(&standing["inputs"]) } else { inputs.clone() };
        assert_eq!(inputs.len(), columns.len(), "{place}");
        Some(Standing {
            body: eval::parse(text, Dialect::Redshift),
            text: text.to_owned(),
            arguments: Some(inputs.into_iter().zip(columns).collect::<BTreeMap<_, _>>()),
        })
    }

    fn table(&self, table: TableId) -> String {
        let path =
            self.case.inventory().catalog.path(table).map(|part| always_quoted(&part.to_ascii_lowercase()));
        format!("TABLE {}", path.join("."))
    }
}

impl Bodies for Redshift<'_> {
    fn mask(&self, _account: &str, column: ColumnId) -> Option<Standing> {
        let described = &self.case.inventory().catalog.columns[column];
        let name = always_quoted(&described.name.to_ascii_lowercase());
        let place = format!("{} COLUMN {name}", self.table(described.table));
        self.attached(FactKind::MaskAttachment, "MASKING POLICY", &place)
    }

    fn filter(&self, _account: &str, table: TableId) -> Option<Standing> {
        self.attached(FactKind::RowAttachment, "RLS POLICY", &self.table(table))
    }

    fn session<'s>(&'s self, account: &'s str, today: i32) -> Box<dyn Session + 's> {
        Box::new(Asking { bodies: self, account, today })
    }
}

struct Asking<'s> {
    bodies: &'s Redshift<'s>,
    account: &'s str,
    today: i32,
}

impl Session for Asking<'_> {
    fn current_user(&self) -> Option<&str> {
        Some(self.account)
    }

    fn table(&self, path: &[String]) -> Option<&Table> {
        (path == ["secure", "entitlements"]).then_some(&self.bodies.entitlements)
    }

    fn today(&self) -> Option<i32> {
        Some(self.today)
    }
}
