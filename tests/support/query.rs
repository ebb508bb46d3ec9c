//! BigQuery's policies on tables, taken out of facts by their texts: what stands on a column or table for an account.

use std::collections::BTreeMap;

use grantc::backend::sql::Dialect;
use grantc::backend::sql::eval::{self, Session};
use grantc::backend::{Fact, FactKind};
use grantc::ids::Id;
use grantc::inventory::{ColumnId, TableId, UserId};
use serde_json::Value;

use super::bodies::{Bodies, Standing, address};
use super::case::Case;

/// The policies of a state.
pub struct Query<'c> {
    case: &'c Case<'c>,
}

fn always_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl<'c> Query<'c> {
    pub fn of(case: &'c Case<'c>) -> Self {
        Query { case }
    }

    fn path(&self, table: TableId) -> String {
        self.case.inventory().catalog.path(table).map(always_quoted).join(".")
    }

    fn facts(&self, kind: FactKind) -> impl Iterator<Item = &Fact> {
        self.case.facts.iter().filter(move |fact| fact.key.kind == kind)
    }

    fn text(&self, fact: &Fact) -> (&str, &str) {
        (self.case.symbols.text(fact.key.object), self.case.symbols.text(fact.body))
    }

    /// Whether an account acts with a grantee: itself, or a group all of whose members the directory knows.
    fn acts_with(&self, account: &str, grantee: &str) -> bool {
        let name = grantee.split('"').nth(1).unwrap();
        if name == account {
            return true;
        }
        let directory = &self.case.inventory().directory;
        let members = |user| self.case.accounts.of_user(user).map(|id| &self.case.accounts.accounts[id].name);
        directory.groups.iter().any(|(id, group)| {
            self.case.accounts.of_group(id) == Some(name)
                && group
                    .members
                    .iter()
                    .any(|raw| members(UserId::from_raw(raw)).is_some_and(|each| each == account))
        })
    }

    /// The data policies on a column that an account may read through.
    fn shown(&self, account: &str, place: &str) -> Vec<Value> {
        let attached = self.facts(FactKind::MaskAttachment).find(|fact| self.text(fact).0 == place);
        let Some(attached) = attached else { return Vec::new() };
        let names: Vec<String> = serde_json::from_str(self.text(attached).1).unwrap();
        let through = |policy: &&String| {
            self.facts(FactKind::Grant).any(|fact| {
                let grantee = self.case.symbols.text(fact.key.grantee);
                self.text(fact).0 == policy.as_str() && self.acts_with(account, grantee)
            })
        };
        let body = |policy: &String| {
            let found = self.facts(FactKind::MaskingPolicy).find(|fact| self.text(fact).0 == policy).unwrap();
            serde_json::from_str(self.text(found).1).unwrap()
        };
        names.iter().filter(through).map(body).collect()
    }
}

fn standing(text: &str, masked: Option<&str>) -> Standing {
    let arguments = masked.map(|name| BTreeMap::from([("v".to_owned(), name.to_owned())]));
    Standing { body: eval::parse(text, Dialect::BigQuery), text: text.to_owned(), arguments }
}

impl Bodies for Query<'_> {
    fn mask(&self, account: &str, column: ColumnId) -> Option<Standing> {
        let described = &self.case.inventory().catalog.columns[column];
        let place = format!("TABLE {} COLUMN {}", self.path(described.table), always_quoted(&described.name));
        self.facts(FactKind::MaskAttachment).find(|fact| self.text(fact).0 == place)?;
        let shown = self.shown(account, &place);
        assert_eq!(shown.len(), 1, "{account:?} sees {place} through {shown:?}");
        let policy = &shown[0];
        if policy["type"] == "RAW_DATA_ACCESS_POLICY" {
            return None;
        }
        let text = match (policy["predefinedExpression"].as_str(), policy["routine"].as_str()) {
            (Some("ALWAYS_NULL"), None) => "NULL",
            (Some("DATE_YEAR_MASK"), None) => "DATE_TRUNC(v, YEAR)",
            (None, Some(routine)) => {
                let found = self.facts(FactKind::Function).find(|fact| self.text(fact).0 == routine).unwrap();
                self.text(found).1.split_once('\n').unwrap().1
            }
            other => panic!("{other:?}"),
        };
        Some(standing(text, Some(&described.name)))
    }

    fn filter(&self, account: &str, table: TableId) -> Option<Standing> {
        let start = format!("ROW ACCESS POLICY {}.", self.path(table));
        let policy =
            self.facts(FactKind::RowAccessPolicy).find(|fact| self.text(fact).0.starts_with(&start))?;
        let (header, predicate) = self.text(policy).1.split_once('\n').unwrap();
        let header: Value = serde_json::from_str(header).unwrap();
        let grantees = header["grantees"].as_array().unwrap();
        let listed = grantees.iter().any(|each| self.acts_with(account, each.as_str().unwrap()));
        assert!(listed, "{account:?} reads a table whose policy does not list it");
        let catalog = &self.case.inventory().catalog;
        let names = catalog.tables[table].columns.iter().map(|column| catalog.columns[*column].name.clone());
        let arguments = names.map(|name| (name.to_lowercase(), name)).collect();
        Some(Standing { arguments: Some(arguments), ..standing(predicate, None) })
    }

    fn session<'s>(&'s self, account: &'s str, today: i32) -> Box<dyn Session + 's> {
        Box::new(Asking { account: address(account), today })
    }
}

struct Asking<'s> {
    account: &'s str,
    today: i32,
}

impl Session for Asking<'_> {
    fn current_user(&self) -> Option<&str> {
        Some(self.account)
    }

    fn today(&self) -> Option<i32> {
        Some(self.today)
    }
}
