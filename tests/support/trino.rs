//! Trino's expressions, taken out of its rules: the first rule that names a group of the account decides.

use std::collections::{BTreeMap, BTreeSet};

use grantc::backend::FactKind;
use grantc::backend::sql::eval::Session;
use grantc::backend::sql::{Dialect, eval};
use grantc::inventory::{ColumnId, TableId};

use super::bodies::{Bodies, Standing};
use super::case::Case;

/// The rules of a state.
pub struct Trino<'c> {
    case: &'c Case<'c>,
    groups: BTreeMap<String, BTreeSet<String>>,
    /// By place, so in order.
    rules: BTreeMap<String, serde_json::Value>,
}

/// A Java literal `\Q…\E`, as our rules write names.
fn literal(name: &str) -> String {
    format!("\\Q{}\\E", name.replace("\\E", "\\E\\\\E\\Q"))
}

impl<'c> Trino<'c> {
    pub fn of(case: &'c Case<'c>) -> Self {
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut rules = BTreeMap::new();
        for fact in &case.facts {
            let text = |symbol| case.symbols.text(symbol);
            if fact.key.kind == FactKind::Membership {
                groups
                    .entry(text(fact.key.grantee).to_owned())
                    .or_default()
                    .insert(text(fact.key.object).to_owned());
            } else if let Ok(rule) = serde_json::from_str(text(fact.body)) {
                rules.insert(text(fact.key.object).to_owned(), rule);
            }
        }
        Trino { case, groups, rules }
    }

    /// The first rule that reads the table for the account.
    fn rule(&self, account: &str, table: TableId) -> Option<&serde_json::Value> {
        let path = self.case.inventory().catalog.path(table).map(literal);
        let none = BTreeSet::new();
        let groups = self.groups.get(account).unwrap_or(&none);
        self.rules.values().find(|rule| {
            let here = ["catalog", "schema", "table"]
                .iter()
                .zip(&path)
                .all(|(key, name)| rule[*key] == name.as_str());
            // Names of groups are plain, and quoted whole: none is a part of another between the quotes.
            let pattern = rule["group"].as_str();
            here && pattern.is_none_or(|pattern| groups.iter().any(|group| pattern.contains(&literal(group))))
        })
    }

    fn standing(text: &str) -> Standing {
        Standing { body: eval::parse(text, Dialect::Trino), text: text.to_owned(), arguments: None }
    }
}

impl Bodies for Trino<'_> {
    fn mask(&self, account: &str, column: ColumnId) -> Option<Standing> {
        let described = &self.case.inventory().catalog.columns[column];
        let rule = self.rule(account, described.table).expect("a reader has a rule");
        let columns = rule["columns"].as_array()?;
        let own = columns.iter().find(|each| each["name"] == described.name.as_str())?;
        Some(Self::standing(own["mask"].as_str()?))
    }

    fn filter(&self, account: &str, table: TableId) -> Option<Standing> {
        let rule = self.rule(account, table).expect("a reader has a rule");
        Some(Self::standing(rule["filter"].as_str()?))
    }

    fn session<'s>(&'s self, account: &'s str, today: i32) -> Box<dyn Session + 's> {
        Box::new(Asking { bodies: self, account, today })
    }
}

struct Asking<'s> {
    bodies: &'s Trino<'s>,
    account: &'s str,
    today: i32,
}

impl Session for Asking<'_> {
    fn has_group(&self, group: &str) -> Option<bool> {
        Some(self.bodies.groups.get(self.account).is_some_and(|groups| groups.contains(group)))
    }

    fn current_user(&self) -> Option<&str> {
        Some(self.account)
    }

    fn today(&self) -> Option<i32> {
        Some(self.today)
    }
}
