//! Snowflake's facts in its own words: objects, principals, policies and where they are attached, as canonical texts.
//!
//! A text is what a statement would say: `TABLE "DB"."S"."T"`, `ROLE "R"`, `USER "U"`. Names are always quoted and exact,
//! so quoted and unquoted use agree for the upper-case names that we generate.
//! Invariant: [`Object::parse`] reads back what [`Object::text`] writes. Cost: linear in the text.

use std::fmt::Write as _;

pub(super) use crate::backend::object::{Object, quoted_list, quoted_path, role, user};
use crate::backend::sql::Dialect;
use crate::inventory::Integration;
use crate::inventory::catalog::TableKind;

/// Begins the comment of everything that is ours.
pub(super) const MARK: &str = "grantc:";
/// The schema of our policies, in [`Home::database`].
pub(super) const SCHEMA: &str = "GRANTC";
/// The table of entitlements, in the same schema.
pub(super) const ENTITLEMENTS: &str = "ENTITLEMENTS";
/// What `write` is.
pub(super) const WRITE: [&str; 4] = ["INSERT", "UPDATE", "DELETE", "TRUNCATE"];
/// Snowflake's limit of a name: docs.snowflake.com/en/sql-reference/identifiers-syntax (2026-11-23).
pub(super) const NAME_LIMIT: usize = 255;

const DIALECT: Dialect = Dialect::Snowflake;

/// Where our policies and entitlements live.
#[derive(Clone, Debug)]
pub(super) struct Home {
    /// Its stored name.
    pub(super) database: String,
}

impl Home {
    /// `config.database`, read as Snowflake's clients read it: plain names fold up, quoted ones are exact.
    pub(super) fn of(integration: &Integration) -> Home {
        let written = integration.config.get("database").and_then(serde_json::Value::as_str).unwrap_or("");
        Home { database: fold(written).unwrap_or_else(|| SCHEMA.to_owned()) }
    }

    /// The quoted path of something in our schema.
    pub(super) fn path(&self, name: &str) -> String {
        DIALECT.path([self.database.as_str(), SCHEMA, name])
    }

    /// The quoted path of our schema.
    pub(super) fn schema(&self) -> String {
        DIALECT.path([self.database.as_str(), SCHEMA])
    }
}

fn fold(written: &str) -> Option<String> {
    let written = written.trim();
    if let Some(inner) = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return (!inner.is_empty()).then(|| inner.replace("\"\"", "\""));
    }
    let plain = written.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && written.chars().all(|each| each.is_ascii_alphanumeric() || each == '_' || each == '$');
    if plain { Some(written.to_ascii_uppercase()) } else { (!written.is_empty()).then(|| written.to_owned()) }
}

/// The word of GRANT for a kind of relation.
pub(super) fn relation_word(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Table => "TABLE",
        TableKind::View => "VIEW",
        TableKind::MaterializedView => "MATERIALIZED VIEW",
        TableKind::External => "EXTERNAL TABLE",
    }
}

/// A masking or row access policy: the body of its fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PolicyBody {
    /// Names and types of the arguments.
    pub(super) arguments: Vec<(String, String)>,
    /// What it returns.
    pub(super) returns: String,
    /// The columns that the arguments are bound to, but the masked one. Exports do not tell them of masks
    /// (POLICY_REFERENCES.REF_ARG_COLUMN_NAMES is NULL there), so they stand in the policy's comment.
    pub(super) columns: Vec<String>,
    /// The expression.
    pub(super) expression: String,
}

impl PolicyBody {
    /// The canonical text: signature, type, columns, expression, a line each.
    pub(super) fn text(&self) -> String {
        let columns = serde_json::json!(self.columns);
        format!("{}\n{}\n{columns}\n{}", self.signature(), self.returns, self.expression)
    }

    /// Reads [`PolicyBody::text`].
    pub(super) fn parse(text: &str) -> PolicyBody {
        let mut lines = text.splitn(4, '\n');
        let mut line = || lines.next().unwrap_or("").to_owned();
        let (signature, returns, columns, expression) = (line(), line(), line(), line());
        PolicyBody {
            arguments: arguments(&signature),
            returns,
            columns: serde_json::from_str(&columns).unwrap_or_default(),
            expression,
        }
    }

    /// `(VAL VARCHAR(16), A1 DATE)`.
    pub(super) fn signature(&self) -> String {
        let list: Vec<String> = self.arguments.iter().map(|(name, of)| format!("{name} {of}")).collect();
        format!("({})", list.join(", "))
    }

    /// What the comment holds besides the policies' names.
    pub(super) fn comment(&self, policies: &str) -> String {
        let mut comment = format!("{MARK} {policies}");
        if !self.columns.is_empty() {
            let types: Vec<&str> = self.arguments.iter().map(|(_, of)| of.as_str()).collect();
            let _ = write!(comment, "; {}", serde_json::json!({"columns": self.columns, "types": types}));
        }
        comment
    }
}

/// Reads `(VAL VARCHAR(16), A1 NUMBER(38,0))`; argument names hold no blanks or commas.
pub(super) fn arguments(signature: &str) -> Vec<(String, String)> {
    let inner = signature.trim();
    let inner = inner.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(inner);
    let (mut depth, mut list, mut current) = (0_usize, Vec::new(), String::new());
    for each in inner.chars() {
        match each {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if each == ',' && depth == 0 {
            list.push(std::mem::take(&mut current));
        } else {
            current.push(each);
        }
    }
    list.push(current);
    list.iter()
        .filter_map(|each| each.trim().split_once(' '))
        .map(|(name, of)| (name.trim().to_owned(), of.trim().to_owned()))
        .collect()
}

/// The body of an attachment: which policy, over which columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attached {
    /// `MASKING POLICY "D"."S"."P"`.
    pub(super) policy: String,
    /// Its columns; for a mask, those besides the masked one.
    pub(super) columns: Vec<String>,
}

impl Attached {
    /// The canonical text.
    pub(super) fn text(&self) -> String {
        if self.columns.is_empty() {
            return self.policy.clone();
        }
        format!("{} ON ({})", self.policy, column_list(&self.columns))
    }

    /// Reads [`Attached::text`].
    pub(super) fn parse(text: &str) -> Attached {
        let object = Object::parse(text);
        let policy = Object { column: None, ..object }.text();
        let columns = text
            .get(policy.len()..)
            .and_then(|rest| rest.strip_prefix(" ON (")?.strip_suffix(')'))
            .map(quoted_list)
            .unwrap_or_default();
        Attached { policy, columns }
    }
}

/// `"A", "B"`.
pub(super) fn column_list(columns: &[String]) -> String {
    columns.iter().map(|each| DIALECT.identifier(each)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_back_whatever_their_names() {
        for name in ["T", "a\"b", "\"", "x COLUMN \"y\"", "a.b", "", "ä\n"] {
            let mut object = Object::new("MATERIALIZED VIEW", ["DB", name, "T"]);
            assert_eq!(Object::parse(&object.text()), object, "{name}");
            object.column = Some(name.to_owned());
            assert_eq!(Object::parse(&object.text()), object, "{name}");
            let attached =
                Attached { policy: object.quoted(), columns: vec![name.to_owned(), "b".to_owned()] };
            let attached = Attached { policy: format!("MASKING POLICY {}", attached.policy), ..attached };
            assert_eq!(Attached::parse(&attached.text()), attached, "{name}");
        }
    }

    #[test]
    fn policies_are_read_back() {
        let policy = PolicyBody {
            arguments: vec![("VAL".into(), "NUMBER(38,0)".into()), ("A1".into(), "TIMESTAMP_NTZ(9)".into())],
            returns: "NUMBER(38,0)".into(),
            columns: vec!["c\n\"1".into()],
            expression: "CASE\nWHEN 1".into(),
        };
        assert_eq!(PolicyBody::parse(&policy.text()), policy);
    }

    #[test]
    fn the_database_folds_as_clients_fold_it() {
        assert_eq!(fold("grantc").as_deref(), Some("GRANTC"));
        assert_eq!(fold("\"grantc\"").as_deref(), Some("grantc"));
        assert_eq!(fold(""), None);
    }
}
