//! Snowflake's policy bodies, taken out of facts by their texts: what stands on a column or table, and whose session asks.

use std::collections::{BTreeMap, BTreeSet};

use grantc::backend::sql::eval::{Session, Table};
use grantc::backend::sql::{Dialect, eval};
use grantc::backend::{Fact, FactKind};
use grantc::inventory::{ColumnId, TableId};
use grantc::ir::value::Value;

use super::bodies::{Bodies, Standing};
use super::case::Case;

/// The bodies of a state.
pub struct Snowflake<'c> {
    case: &'c Case<'c>,
    roles: BTreeMap<String, BTreeSet<String>>,
    entitlements: Table,
}

fn always_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The name in `USER "U"` or `ROLE "R"`.
fn inside(text: &str) -> String {
    let (_, name) = text.split_once('"').unwrap_or_default();
    name.strip_suffix('"').unwrap_or(name).replace("\"\"", "\"")
}

impl<'c> Snowflake<'c> {
    pub fn of(case: &'c Case<'c>) -> Self {
        let mut roles: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut rows = Vec::new();
        for fact in &case.facts {
            let text = |symbol| case.symbols.text(symbol);
            match fact.key.kind {
                FactKind::Membership => {
                    let account = inside(text(fact.key.grantee));
                    roles.entry(account).or_default().insert(inside(text(fact.key.object)));
                }
                FactKind::Entitlement => {
                    let value = text(fact.key.object).trim_start_matches("VALUE ").to_owned();
                    let row = [inside(text(fact.key.grantee)), text(fact.key.privilege).to_owned(), value];
                    rows.push(row.map(Value::Text).to_vec());
                }
                _ => {}
            }
        }
        let columns = ["ACCOUNT", "NAME", "VALUE"].map(str::to_owned).to_vec();
        Snowflake { case, roles, entitlements: Table::new(columns, rows) }
    }

    fn path(&self, table: TableId) -> String {
        self.case.inventory().catalog.path(table).map(always_quoted).join(".")
    }

    fn text(&self, fact: &Fact) -> (&str, &str) {
        (self.case.symbols.text(fact.key.object), self.case.symbols.text(fact.body))
    }

    /// The policy that is attached at a place, with the columns behind its arguments.
    fn attached(&self, kind: FactKind, place: &str, masked: Option<&str>) -> Option<Standing> {
        let here = |fact: &&Fact| {
            fact.key.kind == kind
                && ["TABLE", "VIEW"].iter().any(|word| self.text(fact).0 == format!("{word} {place}"))
        };
        let attachment = self.case.facts.iter().find(here)?;
        let (_, body) = self.text(attachment);
        let policy = self
            .case
            .facts
            .iter()
            .find(|fact| {
                let name = self.text(fact).0;
                matches!(fact.key.kind, FactKind::MaskingPolicy | FactKind::RowAccessPolicy)
                    && (body == name || body.starts_with(&format!("{name} ON (")))
            })
            .expect("what is attached exists");
        let mut lines = self.text(policy).1.splitn(4, '\n');
        let (_signature, _returns) = (lines.next(), lines.next());
        let columns: Vec<String> = serde_json::from_str(lines.next().unwrap()).unwrap();
        let mut arguments: BTreeMap<String, String> =
            columns.into_iter().enumerate().map(|(at, column)| (format!("A{}", at + 1), column)).collect();
        if let Some(masked) = masked {
            arguments.insert("VAL".to_owned(), masked.to_owned());
        }
        let text = lines.next().unwrap();
        Some(Standing {
            body: eval::parse(text, Dialect::Snowflake),
            text: text.to_owned(),
            arguments: Some(arguments),
        })
    }
}

impl Bodies for Snowflake<'_> {
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
    bodies: &'s Snowflake<'s>,
    account: &'s str,
    today: i32,
}

impl Session for Asking<'_> {
    fn is_role(&self, role: &str) -> Option<bool> {
        Some(self.bodies.roles.get(self.account).is_some_and(|held| held.contains(role)))
    }

    fn current_user(&self) -> Option<&str> {
        Some(self.account)
    }

    fn table(&self, path: &[String]) -> Option<&Table> {
        (path.last().map(String::as_str) == Some("ENTITLEMENTS")).then_some(&self.bodies.entitlements)
    }

    fn today(&self) -> Option<i32> {
        Some(self.today)
    }
}
