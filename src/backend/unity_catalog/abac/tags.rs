//! The two governed tags that our policies follow: `<prefix>_mask` on masked columns, whose value is the function that masks them,
//! and `<prefix>_input` on columns that functions read, whose value tells the column from the others of its table.
//!
//! Two keys, and no column carries one because of another's policy: so what a function reads is marked before anything comes to
//! depend on it, and a column goes from one mask to another in one change of one value.

use sha2::{Digest, Sha256};

use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::unity_catalog::native::{self, DIALECT, MARK};
use crate::inventory::Integration;

/// The keys.
#[derive(Clone, Debug)]
pub(in crate::backend::unity_catalog) struct Keys {
    /// On masked columns.
    pub(in crate::backend::unity_catalog) mask: String,
    /// On columns that functions read.
    pub(in crate::backend::unity_catalog) input: String,
}

impl Keys {
    /// Those of an integration. Governed tags are the account's: integrations may share them.
    pub(in crate::backend::unity_catalog) fn of(integration: &Integration) -> Keys {
        let prefix = integration.name_prefix.to_lowercase();
        Keys { mask: format!("{prefix}_mask"), input: format!("{prefix}_input") }
    }

    /// Whether a key is ours.
    pub(in crate::backend::unity_catalog) fn has(&self, key: &str) -> bool {
        key == self.mask || key == self.input
    }
}

/// The value that marks a column which functions read: its name where that can be a value, else a hash of it. Values take 256
/// characters without `* . / < > % & ? \ =`: docs.databricks.com/admin/governed-tags/manage-governed-tags (2026-11-25).
pub(in crate::backend::unity_catalog) fn input(column: &str) -> String {
    let column = column.to_lowercase();
    let plain = |each: char| each.is_ascii_lowercase() || each.is_ascii_digit() || each == '_';
    if column.len() <= 128 && column.chars().all(plain) {
        return format!("column-{column}");
    }
    let hash: String =
        Sha256::digest(column.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("column--{hash}")
}

/// The body of a tag on a column that functions read.
pub(in crate::backend::unity_catalog) fn input_body(value: &str) -> String {
    Object::new("INPUT", [value]).text()
}

/// The key of a tag on a column, if the fact is one.
pub(in crate::backend::unity_catalog) fn key_of<'s>(fact: &Fact, symbols: &'s Symbols) -> Option<&'s str> {
    let key = symbols.text(fact.key.privilege);
    (fact.key.kind == FactKind::MaskAttachment && !key.is_empty()).then_some(key)
}

/// The value of a tag on a column.
pub(in crate::backend::unity_catalog) fn value_of(body: &str) -> String {
    Object::parse(body).name().to_owned()
}

/// `ALTER TABLE … SET TAGS`, which takes the place of another value: `SET TAG ON COLUMN` refuses where there is one.
pub(in crate::backend::unity_catalog) fn set(column: &Object, key: &str, body: &str) -> String {
    let (key, value) = (DIALECT.plain_literal(key), DIALECT.plain_literal(&value_of(body)));
    format!("{} SET TAGS ({key} = {value})", alter(column))
}

/// `ALTER TABLE … UNSET TAGS`.
pub(in crate::backend::unity_catalog) fn unset(column: &Object, key: &str) -> String {
    format!("{} UNSET TAGS ({})", alter(column), DIALECT.plain_literal(key))
}

fn alter(column: &Object) -> String {
    let name = DIALECT.identifier(column.column.as_deref().unwrap_or(""));
    format!("ALTER TABLE {} ALTER COLUMN {name}", native::quoted(column))
}

/// `GOVERNED TAG "k"`.
pub(in crate::backend::unity_catalog) fn governed(key: &str) -> String {
    Object::new("GOVERNED TAG", [key]).text()
}

/// What tells people and us whose a governed tag is.
pub(in crate::backend::unity_catalog) fn description() -> String {
    format!("{MARK} which policies of grantc mask or read a column")
}

/// The values of a governed tag, as its fact's body.
pub(in crate::backend::unity_catalog) fn values_body(values: impl IntoIterator<Item = String>) -> String {
    let values: std::collections::BTreeSet<String> = values.into_iter().collect();
    serde_json::json!(values).to_string()
}

/// Reads [`values_body`].
pub(in crate::backend::unity_catalog) fn values(body: &str) -> Vec<String> {
    serde_json::from_str(body).unwrap_or_default()
}

/// Makes a governed tag, or gives one the values that it lacks. `SET VALUES` takes the place of the whole list, and other
/// integrations or columns that still wait for their new tag may use the rest: what is there stays.
pub(in crate::backend::unity_catalog) fn govern(key: &str, body: &str, before: Option<&str>) -> String {
    let all: std::collections::BTreeSet<String> =
        values(body).into_iter().chain(values(before.unwrap_or_default())).collect();
    let list: Vec<String> = all.iter().map(|value| DIALECT.plain_literal(value)).collect();
    let (key, list) = (DIALECT.identifier(key), list.join(", "));
    match before {
        Some(_) => format!("ALTER GOVERNED TAG {key} SET VALUES ({list})"),
        None => {
            let described = DIALECT.plain_literal(&description());
            let values = if list.is_empty() { String::new() } else { format!(" VALUES ({list})") };
            format!("CREATE GOVERNED TAG {key} DESCRIPTION {described}{values}")
        }
    }
}

/// Whether a governed tag has every value that it should.
pub(in crate::backend::unity_catalog) fn covers(desired: &str, observed: &str) -> bool {
    let there = values(observed);
    values(desired).iter().all(|value| there.contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_values_of_their_own() {
        assert_eq!(input("Region"), "column-region");
        let odd = ["a.b", "a b", "ä", "", "-", "a=b", &"x".repeat(200)].map(input);
        for (at, value) in odd.iter().enumerate() {
            assert!(
                value.chars().all(|each| each.is_ascii_alphanumeric() || each == '-') || value == "column-"
            );
            assert!(!odd.iter().skip(at + 1).any(|other| other == value), "{value}");
        }
    }

    #[test]
    fn a_governed_tag_never_loses_a_value() {
        let both = values_body(["b".to_owned(), "a".to_owned()]);
        assert_eq!(both, r#"["a","b"]"#);
        let create =
            "CREATE GOVERNED TAG `k` DESCRIPTION 'grantc: which policies of grantc mask or read a column'";
        assert_eq!(govern("k", &both, None), format!("{create} VALUES ('a', 'b')"));
        assert_eq!(govern("k", "[]", None), create);
        assert_eq!(govern("k", r#"["c"]"#, Some(&both)), "ALTER GOVERNED TAG `k` SET VALUES ('a', 'b', 'c')");
        assert!(covers("[]", &both) && covers(r#"["b"]"#, &both) && !covers(&both, r#"["b"]"#));
    }
}
