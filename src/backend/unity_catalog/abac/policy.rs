//! A policy: whom it is about, which columns it matches, which function it calls on them.
//!
//! In: what we ask for, or what an export tells. Out: the body of its fact in one spelling, its statement, its place.
//! Invariant: [`Policy::parse`] reads back what [`Policy::text`] writes; two texts are equal where the policies do the same.

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use crate::backend::object::Object;
use crate::backend::unity_catalog::native::{self, Attached, DIALECT, EVERYBODY, MARK};

/// What a function is called on: docs.databricks.com/sql/language-manual/sql-ref-syntax-ddl-create-policy (2026-11-25).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::backend::unity_catalog) enum Argument {
    /// A matched column.
    Alias(String),
    /// A literal, as written.
    Constant(String),
}

/// A policy that masks or filters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::backend::unity_catalog) struct Policy {
    /// `FUNCTION "c"."s"."f"`.
    pub(in crate::backend::unity_catalog) function: String,
    /// Whom it is about; in byte order.
    pub(in crate::backend::unity_catalog) to: Vec<String>,
    /// And whom it is not; in byte order.
    pub(in crate::backend::unity_catalog) except: Vec<String>,
    /// A condition on the tags of tables; empty: none.
    pub(in crate::backend::unity_catalog) when: String,
    /// Aliases and conditions on the tags of columns.
    pub(in crate::backend::unity_catalog) columns: Vec<(String, String)>,
    /// The alias of the masked column; empty for a filter.
    pub(in crate::backend::unity_catalog) on: String,
    /// What the function is called on; for a mask, besides the masked column.
    pub(in crate::backend::unity_catalog) using: Vec<Argument>,
}

/// The alias of a masked column.
const MASKED: &str = "masked";

impl Policy {
    /// A policy of ours: everybody's. `mask`: key and value of the tag on the masked columns; `inputs`: of the others.
    pub(in crate::backend::unity_catalog) fn ours(
        attached: &Attached,
        mask: Option<(&str, &str)>,
        inputs: &[(String, String)],
    ) -> Policy {
        let condition =
            |key: &str, value: &str| Condition::HasValue(key.to_owned(), value.to_owned()).to_string();
        let alias = |at: usize| format!("a{}", at + 1);
        let masked = mask.map(|(key, value)| (MASKED.to_owned(), condition(key, value)));
        let others = inputs.iter().enumerate().map(|(at, (key, value))| (alias(at), condition(key, value)));
        Policy {
            function: attached.function.clone(),
            to: vec![EVERYBODY.to_owned()],
            except: Vec::new(),
            when: String::new(),
            on: masked.as_ref().map(|(alias, _)| alias.clone()).unwrap_or_default(),
            columns: masked.into_iter().chain(others).collect(),
            using: (0..inputs.len()).map(|at| Argument::Alias(alias(at))).collect(),
        }
    }

    /// Whether it masks a column; else it filters rows.
    pub(in crate::backend::unity_catalog) fn masks(&self) -> bool {
        !self.on.is_empty()
    }

    /// The canonical text.
    pub(in crate::backend::unity_catalog) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads [`Policy::text`].
    pub(in crate::backend::unity_catalog) fn parse(text: &str) -> Policy {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// `CREATE OR REPLACE POLICY …`.
    pub(in crate::backend::unity_catalog) fn create(&self, object: &Object, policies: &str) -> String {
        let principals = |list: &[String]| -> String {
            list.iter().map(|each| DIALECT.identifier(each)).collect::<Vec<_>>().join(", ")
        };
        let (scope, name) = scope(object);
        let mut text = format!(
            "CREATE OR REPLACE POLICY {} ON {} COMMENT {} {} {} TO {}",
            DIALECT.identifier(&name),
            native::shown(&scope.text()),
            DIALECT.plain_literal(&comment(policies)),
            if self.masks() { "COLUMN MASK" } else { "ROW FILTER" },
            native::quoted(&Object::parse(&self.function)),
            principals(&self.to),
        );
        if !self.except.is_empty() {
            text.push_str(&format!(" EXCEPT {}", principals(&self.except)));
        }
        text.push_str(" FOR TABLES");
        if !self.when.is_empty() {
            text.push_str(&format!(" WHEN {}", self.when));
        }
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|(alias, condition)| format!("{condition} AS {}", DIALECT.identifier(alias)))
            .collect();
        if !columns.is_empty() {
            text.push_str(&format!(" MATCH COLUMNS {}", columns.join(", ")));
        }
        if self.masks() {
            text.push_str(&format!(" ON COLUMN {}", DIALECT.identifier(&self.on)));
        }
        let using: Vec<String> = self
            .using
            .iter()
            .map(|argument| match argument {
                Argument::Alias(alias) => DIALECT.identifier(alias),
                Argument::Constant(text) => text.clone(),
            })
            .collect();
        if !using.is_empty() {
            text.push_str(&format!(" USING COLUMNS ({})", using.join(", ")));
        }
        text
    }
}

/// `DROP POLICY …`.
pub(in crate::backend::unity_catalog) fn drop(object: &Object) -> String {
    let (scope, name) = scope(object);
    format!("DROP POLICY {} ON {}", DIALECT.identifier(&name), native::shown(&scope.text()))
}

/// The mark, and whose it is.
pub(in crate::backend::unity_catalog) fn comment(policies: &str) -> String {
    format!("{MARK} {policies}")
}

/// Begins the word of a policy's object; the scope's word follows.
const WORD: &str = "POLICY ON ";

/// A policy by the catalog, schema or table that it stands on.
pub(in crate::backend::unity_catalog) fn object(scope: &Object, name: &str) -> Object {
    let path = scope.path.iter().map(String::as_str).chain([name]);
    Object::new(&format!("{WORD}{}", scope.word), path)
}

/// What a policy stands on, and its name.
pub(in crate::backend::unity_catalog) fn scope(policy: &Object) -> (Object, String) {
    let word = policy.word.strip_prefix(WORD).unwrap_or(&policy.word);
    let (name, path) =
        policy.path.split_last().map_or_else(Default::default, |(name, path)| (name.clone(), path));
    (Object::new(word, path.iter().map(String::as_str)), name)
}

/// The word for something with a path of so many parts.
pub(in crate::backend::unity_catalog) fn scope_of(path: &[String]) -> Object {
    let word = match path.len() {
        1 => "CATALOG",
        2 => "SCHEMA",
        _ => "TABLE",
    };
    Object::new(word, path.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attached() -> Attached {
        Attached { function: Object::new("FUNCTION", ["c", "s", "f"]).text(), columns: vec!["x".into()] }
    }

    #[test]
    fn a_policy_is_read_back_and_written_as_one_statement() {
        let table = Object::new("TABLE", ["c", "s", "it's"]);
        let place = object(&table, "f");
        assert_eq!(scope(&Object::parse(&place.text())), (table, "f".to_owned()));
        let input = [("k_input".to_owned(), "column-x".to_owned())];
        let mask = Policy::ours(&attached(), Some(("k_mask", "f")), &input);
        let rows = Policy {
            when: "has_tag('t')".into(),
            except: vec!["a`b".into()],
            ..Policy::ours(&attached(), None, &input)
        };
        for policy in [&mask, &rows, &Policy::ours(&attached(), None, &[])] {
            assert_eq!(Policy::parse(&policy.text()), *policy);
        }
        assert_eq!(
            mask.create(&object(&Object::new("CATALOG", ["c"]), "f"), "one"),
            "CREATE OR REPLACE POLICY `f` ON CATALOG `c` COMMENT 'grantc: one' COLUMN MASK `c`.`s`.`f` TO `account users` FOR TABLES MATCH COLUMNS has_tag_value('k_mask', 'f') AS `masked`, has_tag_value('k_input', 'column-x') AS `a1` ON COLUMN `masked` USING COLUMNS (`a1`)"
        );
        assert_eq!(
            rows.create(&place, "one"),
            "CREATE OR REPLACE POLICY `f` ON TABLE `c`.`s`.`it's` COMMENT 'grantc: one' ROW FILTER `c`.`s`.`f` TO `account users` EXCEPT `a``b` FOR TABLES WHEN has_tag('t') MATCH COLUMNS has_tag_value('k_input', 'column-x') AS `a1` USING COLUMNS (`a1`)"
        );
        assert_eq!(drop(&place), "DROP POLICY `f` ON TABLE `c`.`s`.`it's`");
    }
}
