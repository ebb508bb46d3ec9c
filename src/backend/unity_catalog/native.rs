//! Unity Catalog's facts in its own words: securables, principals, functions and where they stand.
//!
//! Objects are canonical texts of [`crate::backend::object`]; statements and titles quote them anew with backticks.
//! Invariant: [`FunctionBody::parse`] and [`Attached::parse`] read back what `text` writes. Cost: linear in the text.

use serde_json::{Value, json};

use crate::backend::object::{Object, quoted_list};
use crate::backend::sql::Dialect;
use crate::inventory::Integration;
use crate::inventory::catalog::TableKind;

/// Begins the comment of every function of ours, and the `externalId` of every group.
pub(super) const MARK: &str = "grantc:";
/// The schema of our functions, in [`Home::catalog`], unless `config.catalog` names no catalog: then that too.
pub(super) const SCHEMA: &str = "grantc";
/// The table of entitlements, in the same schema.
pub(super) const ENTITLEMENTS: &str = "entitlements";
/// The group that everybody is in.
pub(super) const EVERYBODY: &str = "account users";
/// Half of the 255 characters that Unity Catalog takes; a limit of group names is not documented.
pub(super) const NAME_LIMIT: usize = 128;
/// What is spoken.
pub(super) const DIALECT: Dialect = Dialect::Databricks;

/// Where our functions and entitlements live.
#[derive(Clone, Debug)]
pub(super) struct Home {
    /// Its stored name.
    pub(super) catalog: String,
}

impl Home {
    /// `config.catalog`, with or without backticks. Unity Catalog stores names in lower case.
    pub(super) fn of(integration: &Integration) -> Home {
        let written = integration.config.get("catalog").and_then(Value::as_str).unwrap_or("").trim();
        let plain = written.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
        let name = plain.map_or_else(|| written.to_owned(), |inner| inner.replace("``", "`"));
        Home { catalog: if name.is_empty() { SCHEMA.to_owned() } else { name.to_lowercase() } }
    }

    /// The quoted path of something in our schema.
    pub(super) fn path(&self, name: &str) -> String {
        DIALECT.path([self.catalog.as_str(), SCHEMA, name])
    }

    /// The quoted path of our schema.
    pub(super) fn schema(&self) -> String {
        DIALECT.path([self.catalog.as_str(), SCHEMA])
    }

    /// A function of ours.
    pub(super) fn function(&self, name: &str) -> String {
        Object::new("FUNCTION", [self.catalog.as_str(), SCHEMA, name]).text()
    }
}

/// Begins the privilege that a policy gives, which stands beside all grants: docs.databricks.com/data-governance/unity-catalog/abac.
pub(super) const BY_POLICY: &str = "ALL PRIVILEGES BY POLICY";

/// `GROUP "g"`.
pub(super) fn group(name: &str) -> String {
    Object::new("GROUP", [name]).text()
}

/// The word of GRANT for a kind of relation. The Permissions API calls all of them tables.
pub(super) fn relation_word(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Table | TableKind::External => "TABLE",
        TableKind::View => "VIEW",
        TableKind::MaterializedView => "MATERIALIZED VIEW",
    }
}

/// Whether an identifier can stand in a statement: `${name}` is replaced before a statement is parsed, between backticks too
/// (spark.sql.variable.substitute); a line break would end the line of a script or a plan.
pub(super) fn writable(identifier: &str) -> bool {
    !identifier.contains("${") && !identifier.chars().any(char::is_control)
}

/// Whether Unity Catalog has names like that for catalogs, schemas and tables: docs.databricks.com/sql/language-manual/
/// sql-ref-names (2026-11-25). With a dot, a full name of the Permissions API would be another's.
pub(super) fn names_an_object(name: &str) -> bool {
    let odd = |each: char| matches!(each, '.' | '/' | ' ');
    !name.is_empty() && name.chars().count() <= 255 && !name.chars().any(odd) && writable(name)
}

/// An object as statements and people write it.
pub(super) fn shown(object: &str) -> String {
    let object = Object::parse(object);
    if object.path.is_empty() {
        return object.word;
    }
    let column = object.column.as_deref().map(|name| format!(" COLUMN {}", DIALECT.identifier(name)));
    format!("{} {}{}", object.word, quoted(&object), column.unwrap_or_default())
}

/// An object's path in backticks.
pub(super) fn quoted(object: &Object) -> String {
    DIALECT.path(object.path.iter().map(String::as_str))
}

/// A function: the body of its fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FunctionBody {
    /// Names and types of the arguments; empty where exports do not tell them.
    pub(super) arguments: Vec<(String, String)>,
    /// What it returns.
    pub(super) returns: String,
    /// The columns that the arguments are bound to, but the masked one: what it was written for.
    pub(super) columns: Vec<String>,
    /// The expression.
    pub(super) expression: String,
}

impl FunctionBody {
    /// The canonical text: everything but the expression as JSON on the first line.
    pub(super) fn text(&self) -> String {
        format!("{}\n{}", self.shape(), self.expression)
    }

    /// Reads [`FunctionBody::text`].
    pub(super) fn parse(text: &str) -> FunctionBody {
        let (shape, expression) = text.split_once('\n').unwrap_or((text, ""));
        let shape: Value = serde_json::from_str(shape).unwrap_or_default();
        FunctionBody { expression: expression.to_owned(), ..FunctionBody::of_shape(&shape) }
    }

    /// Arguments, type and columns.
    pub(super) fn shape(&self) -> Value {
        json!({"arguments": self.arguments, "returns": self.returns, "columns": self.columns})
    }

    /// Reads [`FunctionBody::shape`].
    pub(super) fn of_shape(shape: &Value) -> FunctionBody {
        fn read<T: serde::de::DeserializeOwned + Default>(shape: &Value, key: &str) -> T {
            shape.get(key).cloned().and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
        }
        FunctionBody {
            arguments: read(shape, "arguments"),
            returns: read(shape, "returns"),
            columns: read(shape, "columns"),
            expression: String::new(),
        }
    }

    /// `(__value STRING, __a1 DATE)`.
    pub(super) fn signature(&self) -> String {
        let list: Vec<String> = self.arguments.iter().map(|(name, of)| format!("{name} {of}")).collect();
        format!("({})", list.join(", "))
    }

    /// The mark, whose it is, and what exports do not tell. One literal: nothing in it may be taken for the salt.
    pub(super) fn comment(&self, policies: &str) -> String {
        format!("{MARK} {policies}; {}", self.shape().to_string().replace("{salt}", "\\u007bsalt}"))
    }
}

/// Whose a comment says that a function is, and its shape.
pub(super) fn marked(comment: &str) -> Option<(String, FunctionBody)> {
    let rest = comment.strip_prefix(MARK)?.trim_start();
    Some(match rest.split_once("; {") {
        Some((names, json)) => {
            let shape = serde_json::from_str(&format!("{{{json}")).unwrap_or_default();
            (names.to_owned(), FunctionBody::of_shape(&shape))
        }
        None => (rest.to_owned(), FunctionBody::default()),
    })
}

/// The body of an attachment: which function, over which columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attached {
    /// `FUNCTION "c"."s"."f"`.
    pub(super) function: String,
    /// Its columns; for a mask, those besides the masked one.
    pub(super) columns: Vec<String>,
}

impl Attached {
    /// The canonical text.
    pub(super) fn text(&self) -> String {
        if self.columns.is_empty() {
            return self.function.clone();
        }
        let list: Vec<String> =
            self.columns.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
        format!("{} ON ({})", self.function, list.join(", "))
    }

    /// Reads [`Attached::text`].
    pub(super) fn parse(text: &str) -> Attached {
        let function = Object { column: None, ..Object::parse(text) }.text();
        let columns = text
            .get(function.len()..)
            .and_then(|rest| rest.strip_prefix(" ON (")?.strip_suffix(')'))
            .map(quoted_list)
            .unwrap_or_default();
        Attached { function, columns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_and_attachments_are_read_back() {
        for name in ["c", "a`b", "a, b", "{salt}", "${x}", "'", "ä\n\"", "x ON (\"y\")"] {
            let body = FunctionBody {
                arguments: vec![("__value".into(), "STRUCT<a: INT, b: MAP<STRING, INT>>".into())],
                returns: "DECIMAL(12,2)".into(),
                columns: vec![name.into(), "b".into()],
                expression: "CASE\nWHEN 1".into(),
            };
            assert_eq!(FunctionBody::parse(&body.text()), body, "{name}");
            let comment = body.comment("one, two");
            assert!(!comment.contains("{salt}"));
            let (policies, shape) = marked(&comment).unwrap();
            assert_eq!((policies.as_str(), shape.shape()), ("one, two", body.shape()));
            let attached =
                Attached { function: Object::new("FUNCTION", ["c", name]).text(), columns: body.columns };
            assert_eq!(Attached::parse(&attached.text()), attached, "{name}");
        }
    }

    #[test]
    fn objects_are_shown_with_backticks() {
        let column = Object { column: Some("x".into()), ..Object::new("TABLE", ["c", "a`\"b", "t"]) };
        assert_eq!(shown(&column.text()), "TABLE `c`.`a``\"b`.`t` COLUMN `x`");
        for bad in ["a.b", "a b", "a/b", "", "a\n", "${a}"] {
            assert!(!names_an_object(bad), "{bad:?}");
        }
        assert!(names_an_object("it's") && names_an_object("$x") && names_an_object("ü\\"));
    }
}
