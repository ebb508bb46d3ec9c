//! What tags and policies come to: which functions stand on a column or a table, before whom, over which columns.
//!
//! In: policies and tags, as facts name them. Out: [`Stands`]. Only tags under our keys are known: a policy that asks for others
//! is taken to meet nothing, for masks and filters only ever take away. Cost: one look at the policies of a table's catalog, schema
//! and table for each tagged column, and one at the tagged columns of the table for each policy that meets it.

use std::collections::BTreeMap;

use super::condition::Condition;
use super::policy::{self, Argument, Policy};
use super::tags::{self, key_of};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;

/// A function where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::backend::unity_catalog) struct Stands {
    /// `FUNCTION "c"."s"."f"`.
    pub(in crate::backend::unity_catalog) function: String,
    /// What it is called on, as far as it can be told: the same function on other columns is another mask.
    pub(in crate::backend::unity_catalog) on: Vec<String>,
    /// Whether a column that it is called on is not the only one of its kind: then queries fail.
    pub(in crate::backend::unity_catalog) fails: bool,
    /// Whom it stands before; empty: everybody.
    pub(in crate::backend::unity_catalog) to: Vec<String>,
    /// And whom not.
    pub(in crate::backend::unity_catalog) except: Vec<String>,
}

/// A policy with its conditions read.
struct Read {
    policy: Policy,
    conditions: Vec<Option<Condition>>,
}

/// Keys and values of the tags of a table's columns.
type Tags = BTreeMap<String, Vec<(String, String)>>;

/// Policies and tags.
#[derive(Default)]
pub(in crate::backend::unity_catalog) struct Effective {
    /// By what they stand on.
    policies: BTreeMap<Vec<String>, Vec<Read>>,
    /// By table.
    tags: BTreeMap<Vec<String>, Tags>,
    keys: Vec<String>,
}

impl Effective {
    /// Takes a fact, if it is a policy or a tag.
    pub(in crate::backend::unity_catalog) fn take(&mut self, fact: &Fact, symbols: &Symbols) -> bool {
        let object = Object::parse(symbols.text(fact.key.object));
        if let Some(key) = key_of(fact, symbols) {
            let value = tags::value_of(symbols.text(fact.body));
            let columns = self.tags.entry(object.path).or_default();
            columns.entry(object.column.unwrap_or_default()).or_default().push((key.to_owned(), value));
            if !self.keys.iter().any(|known| known == key) {
                self.keys.push(key.to_owned());
            }
            return true;
        }
        if !matches!(fact.key.kind, FactKind::MaskingPolicy | FactKind::RowAccessPolicy) {
            return false;
        }
        let policy = Policy::parse(symbols.text(fact.body));
        let conditions = policy.columns.iter().map(|(_, condition)| Condition::parse(condition)).collect();
        let (scope, _) = policy::scope(&object);
        self.policies.entry(scope.path).or_default().push(Read { policy, conditions });
        true
    }

    /// What masks a column.
    pub(in crate::backend::unity_catalog) fn mask(&self, table: &[&str; 3], column: &str) -> Vec<Stands> {
        if self.tags.is_empty() {
            return Vec::new();
        }
        let table: Vec<String> = table.iter().map(|part| (*part).to_owned()).collect();
        let Some(tags) = self.tags.get(&table).filter(|tags| tags.contains_key(column)) else {
            return Vec::new();
        };
        let meets = |read: &Read| {
            let at = read.policy.columns.iter().position(|(alias, _)| *alias == read.policy.on);
            let condition = at.and_then(|at| read.conditions.get(at)?.as_ref());
            condition.is_some_and(|condition| self.meets(tags, column, condition))
        };
        let masks = self.around(&table).filter(|read| read.policy.masks() && meets(read));
        masks.filter_map(|read| self.stands(tags, read)).collect()
    }

    /// What filters a table.
    pub(in crate::backend::unity_catalog) fn rows(&self, table: &[&str; 3]) -> Vec<Stands> {
        if self.policies.is_empty() {
            return Vec::new();
        }
        let table: Vec<String> = table.iter().map(|part| (*part).to_owned()).collect();
        let (none, filters) = (Tags::new(), self.around(&table).filter(|read| !read.policy.masks()));
        let tags = self.tags.get(&table).unwrap_or(&none);
        filters.filter_map(|read| self.stands(tags, read)).collect()
    }

    /// The policies of a table and of what contains it.
    fn around<'e>(&'e self, table: &'e [String]) -> impl Iterator<Item = &'e Read> {
        (1..=table.len()).filter_map(|depth| self.policies.get(table.get(..depth)?)).flatten()
    }

    fn meets(&self, tags: &Tags, column: &str, condition: &Condition) -> bool {
        let tags = tags.get(column).map(Vec::as_slice).unwrap_or_default();
        let tag = |key: &str, value: Option<&str>| {
            let here = |(of, is): &(String, String)| of == key && value.is_none_or(|value| value == is);
            self.keys.iter().any(|known| known == key).then(|| tags.iter().any(here))
        };
        condition.holds(&tag) == Some(true)
    }

    /// A policy on a table, if every condition meets a column.
    fn stands(&self, tags: &Tags, read: &Read) -> Option<Stands> {
        if !read.policy.when.is_empty() {
            return None;
        }
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for ((alias, _), condition) in read.policy.columns.iter().zip(&read.conditions) {
            let condition = condition.as_ref()?;
            let columns = tags.keys().map(String::as_str);
            let columns: Vec<&str> = columns.filter(|column| self.meets(tags, column, condition)).collect();
            if columns.is_empty() {
                return None;
            }
            found.insert(alias, columns);
        }
        let called: Vec<Vec<&str>> = read
            .policy
            .using
            .iter()
            .map(|argument| match argument {
                Argument::Alias(alias) => found.get(alias.as_str()).cloned().unwrap_or_default(),
                Argument::Constant(text) => vec![text.as_str()],
            })
            .collect();
        Some(Stands {
            function: read.policy.function.clone(),
            fails: called.iter().any(|columns| columns.len() != 1),
            on: called.into_iter().map(|columns| columns.join(", ")).collect(),
            to: read.policy.to.clone(),
            except: read.policy.except.clone(),
        })
    }
}
