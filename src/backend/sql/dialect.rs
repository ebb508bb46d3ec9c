//! Identifiers and literals, quoted in one place per dialect: law 7, text cannot escape.

/// A dialect's rules of quoting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// Snowflake.
    Snowflake,
    /// Trino.
    Trino,
}

impl Dialect {
    /// A quoted identifier, exact in case.
    pub fn identifier(self, name: &str) -> String {
        match self {
            Dialect::Snowflake | Dialect::Trino => format!("\"{}\"", name.replace('"', "\"\"")),
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
                "({} || {})",
                self.literal(&format!("{before}{{sa")),
                self.literal(&format!("lt}}{after}"))
            ),
            None => self.plain_literal(text),
        }
    }

    fn plain_literal(self, text: &str) -> String {
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_stay_inside() {
        assert_eq!(Dialect::Snowflake.identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(Dialect::Snowflake.literal("it's \\"), "'it''s \\\\'");
        assert_eq!(Dialect::Trino.literal("it's \\"), "'it''s \\'");
    }

    #[test]
    fn no_literal_can_be_taken_for_the_salt() {
        assert!(!Dialect::Trino.literal("a{salt}b{salt}").contains("{salt}"));
    }
}
