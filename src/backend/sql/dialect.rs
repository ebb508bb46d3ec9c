//! Identifiers and literals, quoted in one place per dialect: law 7, text cannot escape.

use crate::inventory::{ColumnType, Platform};

/// A dialect's rules of quoting. What else differs between dialects stands in [`super::text`] and [`super::time`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// Snowflake.
    Snowflake,
    /// Databricks SQL.
    Databricks,
    /// Trino.
    Trino,
    /// Amazon Redshift.
    Redshift,
    /// T-SQL, as far as Azure Synapse's dedicated pools have it.
    Synapse,
    /// GoogleSQL.
    BigQuery,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Dialect; 6] = [
        Dialect::Snowflake,
        Dialect::Databricks,
        Dialect::Trino,
        Dialect::Redshift,
        Dialect::Synapse,
        Dialect::BigQuery,
    ];

    /// The platform that speaks it.
    pub fn platform(self) -> Platform {
        match self {
            Dialect::Snowflake => Platform::Snowflake,
            Dialect::Databricks => Platform::Databricks,
            Dialect::Trino => Platform::Trino,
            Dialect::Redshift => Platform::Redshift,
            Dialect::Synapse => Platform::Synapse,
            Dialect::BigQuery => Platform::BigQuery,
        }
    }

    /// A quoted identifier, exact in case.
    pub fn identifier(self, name: &str) -> String {
        match self {
            Dialect::Snowflake | Dialect::Trino | Dialect::Redshift => {
                format!("\"{}\"", name.replace('"', "\"\""))
            }
            Dialect::Databricks => format!("`{}`", name.replace('`', "``")),
            Dialect::Synapse => format!("[{}]", name.replace(']', "]]")),
            // Escapes as in strings; a doubled backtick ends the name: GoogleSQL's lexical structure (2026-11-23).
            Dialect::BigQuery => format!("`{}`", backslashed(name, '`')),
        }
    }

    /// A dotted path of quoted identifiers.
    pub fn path<'a>(self, parts: impl IntoIterator<Item = &'a str>) -> String {
        parts.into_iter().map(|part| self.identifier(part)).collect::<Vec<_>>().join(".")
    }

    /// A text literal. `{salt}` inside it is broken in two: only our own placeholder may be replaced by the salt.
    pub fn literal(self, text: &str) -> String {
        match text.split_once("{salt}") {
            Some((before, after)) => format!(
                "({} {} {})",
                self.literal(&format!("{before}{{sa")),
                self.concat(),
                self.literal(&format!("lt}}{after}"))
            ),
            None => self.plain_literal(text),
        }
    }

    /// The operator that joins two texts; NULL stays NULL.
    pub fn concat(self) -> &'static str {
        match self {
            Dialect::Snowflake
            | Dialect::Databricks
            | Dialect::Trino
            | Dialect::Redshift
            | Dialect::BigQuery => "||",
            Dialect::Synapse => "+",
        }
    }

    /// A text literal where no expression is taken and the salt is never put in; `{salt}` stands in it as it is.
    pub fn plain_literal(self, text: &str) -> String {
        match self {
            // Backslash is an escape in single quotes: docs.snowflake.com/en/sql-reference/data-types-text (2026-11-23).
            Dialect::Snowflake => {
                let escaped = text
                    .replace('\\', "\\\\")
                    .replace('\'', "''")
                    .replace('\n', "\\n")
                    .replace('\r', "\\r")
                    .replace('\0', "\\0");
                format!("'{escaped}'")
            }
            // Backslash is plain text: trino.io/docs/current/language/types.html#varchar (2026-11-23).
            Dialect::Trino => format!("'{}'", text.replace('\'', "''")),
            // `${name}` is replaced in the text of a statement before it is parsed: spark.sql.variable.substitute.
            Dialect::Databricks => format!("'{}'", backslashed(text, '\'').replace("${", "\\u0024{")),
            // Backslash is an escape, as QUOTE_LITERAL shows: docs.aws.amazon.com/redshift/latest/dg/r_QUOTE_LITERAL.html
            // (2026-11-23). A quote is doubled, never escaped, so that no reading ends the text early.
            Dialect::Redshift => joined(text, &['\0'], " || ", |part| match part {
                Part::Text(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
                Part::Char(each) => format!("CHR({})", u32::from(each)),
            }),
            // `GO` on a line of its own ends a batch, whatever stands around it, and a backslash joins lines.
            Dialect::Synapse => joined(text, &['\n', '\r', '\0'], " + ", |part| match part {
                // sqlcmd puts a variable in the place of `$(name)`, in literals too: learn.microsoft.com/sql/tools/sqlcmd (2026-11-25).
                Part::Text(text) if text.contains("$(") => {
                    format!("(N'{}')", text.replace('\'', "''").replace("$(", "$' + N'("))
                }
                Part::Text(text) => format!("N'{}'", text.replace('\'', "''")),
                Part::Char(each) => format!("NCHAR({})", u32::from(each)),
            }),
            Dialect::BigQuery => format!("'{}'", backslashed(text, '\'')),
        }
    }

    /// The dialect of the parser that re-reads what people write for it.
    pub fn parser(self) -> Box<dyn sqlparser::dialect::Dialect> {
        match self {
            Dialect::Snowflake => Box::new(sqlparser::dialect::SnowflakeDialect {}),
            Dialect::Databricks => Box::new(sqlparser::dialect::DatabricksDialect {}),
            Dialect::Trino => Box::new(sqlparser::dialect::GenericDialect {}),
            Dialect::Redshift => Box::new(sqlparser::dialect::RedshiftSqlDialect {}),
            Dialect::Synapse => Box::new(sqlparser::dialect::MsSqlDialect {}),
            Dialect::BigQuery => Box::new(sqlparser::dialect::BigQueryDialect {}),
        }
    }

    /// A condition that never holds.
    pub fn never(self) -> &'static str {
        match self {
            Dialect::Synapse => "1 = 0",
            Dialect::Snowflake
            | Dialect::Databricks
            | Dialect::Trino
            | Dialect::Redshift
            | Dialect::BigQuery => "FALSE",
        }
    }

    /// A boolean value.
    pub fn boolean(self, value: bool) -> &'static str {
        match (self, value) {
            (Dialect::Synapse, true) => "CAST(1 AS bit)",
            (Dialect::Synapse, false) => "CAST(0 AS bit)",
            (_, true) => "TRUE",
            (_, false) => "FALSE",
        }
    }

    /// An exact number.
    pub fn number(self, number: &str) -> String {
        match self {
            // A plain `1.5` is a FLOAT64, and INT64 has no more than 19 digits: GoogleSQL's literals (2026-11-23).
            Dialect::BigQuery => {
                let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
                match (whole.trim_start_matches('-').len(), fraction.len()) {
                    (..=18, 0) => number.to_owned(),
                    (..=29, ..=9) => format!("NUMERIC '{number}'"),
                    _ => format!("BIGNUMERIC '{number}'"),
                }
            }
            Dialect::Snowflake
            | Dialect::Databricks
            | Dialect::Trino
            | Dialect::Redshift
            | Dialect::Synapse => number.to_owned(),
        }
    }
}

/// Backslash escapes, with which a text stays on one line.
fn backslashed(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for each in text.chars() {
        match each {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\u0000"),
            each if each == quote => out.extend(['\\', each]),
            each => out.push(each),
        }
    }
    out
}

enum Part<'t> {
    Text(&'t str),
    Char(char),
}

/// A text whose special characters cannot stand in a literal: they are joined in by their code.
fn joined(text: &str, special: &[char], plus: &str, print: impl Fn(Part<'_>) -> String) -> String {
    if !text.contains(special) {
        return print(Part::Text(text));
    }
    let mut parts = Vec::new();
    for piece in text.split_inclusive(special) {
        let end = piece.chars().next_back().filter(|last| special.contains(last));
        let plain = end.map_or(piece, |last| piece.strip_suffix(last).unwrap_or(piece));
        if !plain.is_empty() {
            parts.push(print(Part::Text(plain)));
        }
        parts.extend(end.map(|last| print(Part::Char(last))));
    }
    format!("({})", parts.join(plus))
}

/// A column's type as SQL, if its text is nothing but a type: words, digits, and parentheses or angle brackets that close.
pub fn type_name(column: &ColumnType) -> Option<&str> {
    let text = column.text.as_str();
    let mut open = Vec::new();
    for each in text.chars() {
        match each {
            '(' | '<' => open.push(each),
            ')' if open.pop() != Some('(') => return None,
            '>' if open.pop() != Some('<') => return None,
            // A colon parts name and type in Databricks' `struct<a: int>`.
            ')' | '>' | ',' | ' ' | '_' | ':' => {}
            other if other.is_ascii_alphanumeric() => {}
            _ => return None,
        }
    }
    let starts = text.chars().next().is_some_and(|first| first.is_ascii_alphabetic());
    (open.is_empty() && starts).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_stay_inside() {
        for (dialect, identifier, literal) in [
            (Dialect::Snowflake, "\"a\"\"`]\\b\"", "'it''s \\\\'"),
            (Dialect::Databricks, "`a\"``]\\b`", "'it\\'s \\\\'"),
            (Dialect::Trino, "\"a\"\"`]\\b\"", "'it''s \\'"),
            (Dialect::Redshift, "\"a\"\"`]\\b\"", "'it''s \\\\'"),
            (Dialect::Synapse, "[a\"`]]\\b]", "N'it''s \\'"),
            (Dialect::BigQuery, "`a\"\\`]\\\\b`", "'it\\'s \\\\'"),
        ] {
            assert_eq!(dialect.identifier("a\"`]\\b"), identifier, "{dialect:?}");
            assert_eq!(dialect.literal("it's \\"), literal, "{dialect:?}");
        }
    }

    #[test]
    fn no_line_of_a_batch_is_a_literals() {
        assert_eq!(Dialect::Synapse.literal("a\nGO\nb"), "(N'a' + NCHAR(10) + N'GO' + NCHAR(10) + N'b')");
        assert_eq!(Dialect::Synapse.literal("\n"), "(NCHAR(10))");
        assert_eq!(Dialect::Synapse.literal("a$(b)'"), "(N'a$' + N'(b)''')");
        assert_eq!(Dialect::Databricks.literal("${x}"), "'\\u0024{x}'");
    }

    #[test]
    fn only_types_are_written_as_types() {
        let name = |text: &str| type_name(&ColumnType::parse(text)).map(str::to_owned);
        assert_eq!(name("DECIMAL(7,2)").as_deref(), Some("DECIMAL(7,2)"));
        assert_eq!(name("array(row(a varchar))").as_deref(), Some("array(row(a varchar))"));
        assert_eq!(name("struct<a: int>").as_deref(), Some("struct<a: int>"));
        for bad in ["VARCHAR); DROP TABLE t", "x'--", "", "1", "varchar(", "a\"b", "int;"] {
            assert_eq!(name(bad), None, "{bad}");
        }
    }

    #[test]
    fn no_literal_can_be_taken_for_the_salt() {
        for dialect in Dialect::ALL {
            assert!(!dialect.literal("a{salt}b{salt}").contains("{salt}"), "{dialect:?}");
        }
    }
}
