//! Identifiers and literals, quoted in one place per dialect: law 7, text cannot escape.

use crate::inventory::{ColumnType, TypeClass};
use crate::ir::RoundTo;

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

/// What differs between dialects besides quoting: the few functions that masks and rows are made of.
impl Dialect {
    /// The dialect of the parser that re-reads what people write for it.
    pub fn parser(self) -> Box<dyn sqlparser::dialect::Dialect> {
        match self {
            Dialect::Snowflake => Box::new(sqlparser::dialect::SnowflakeDialect {}),
            Dialect::Trino => Box::new(sqlparser::dialect::GenericDialect {}),
        }
    }

    /// A text without blanks at its end: what `CHAR(n)` is without its padding.
    pub fn trim_end(self, text: &str) -> String {
        match self {
            Dialect::Snowflake => format!("RTRIM({text}, ' ')"),
            // RTRIM of a char keeps it a char, which pads again: trino.io/docs/current/functions/string.html (2026-11-23).
            Dialect::Trino => format!("rtrim(CAST({text} AS varchar))"),
        }
    }

    /// The UTC date at query time, plus days, whatever the session's time zone.
    pub fn today(self, days: i64) -> String {
        let (sign, count) = (if days < 0 { '-' } else { '+' }, days.unsigned_abs());
        match self {
            Dialect::Snowflake => {
                let today = "CAST(CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP()) AS DATE)";
                if days == 0 { today.to_owned() } else { format!("({today} {sign} {count})") }
            }
            Dialect::Trino => {
                let today = "CAST(current_timestamp AT TIME ZONE 'UTC' AS date)";
                if days == 0 { today.to_owned() } else { format!("({today} {sign} INTERVAL '{count}' DAY)") }
            }
        }
    }

    /// A timestamp without zone.
    pub fn plain_timestamp(self) -> &'static str {
        match self {
            Dialect::Snowflake => "TIMESTAMP_NTZ",
            Dialect::Trino => "timestamp(6)",
        }
    }

    /// A timestamp column as a UTC timestamp without zone, so that no session's time zone can move it.
    pub fn utc_timestamp(self, text: &str, column: &ColumnType) -> String {
        if !zoned(column) {
            return text.to_owned();
        }
        match self {
            Dialect::Snowflake => format!("CAST(CONVERT_TIMEZONE('UTC', {text}) AS TIMESTAMP_NTZ)"),
            Dialect::Trino => format!("CAST({text} AT TIME ZONE 'UTC' AS timestamp(6))"),
        }
    }

    /// SHA-256 of the UTF-8 text, lower-case hex.
    pub fn sha256_hex(self, text: &str) -> String {
        match self {
            Dialect::Snowflake => format!("SHA2({text}, 256)"),
            Dialect::Trino => format!("lower(to_hex(sha256(to_utf8({text}))))"),
        }
    }

    /// The first or last `n` characters, the rest `*`; `n` or fewer: all `*`.
    pub fn keep(self, text: &str, n: u32, first: bool) -> String {
        let length = match self {
            Dialect::Snowflake => format!("LENGTH({text})"),
            Dialect::Trino => format!("length({text})"),
        };
        let stars = |count: &str| match self {
            Dialect::Snowflake => format!("REPEAT('*', {count})"),
            Dialect::Trino => format!("rpad('', {count}, '*')"),
        };
        let kept = match (self, first) {
            (Dialect::Snowflake, true) => format!("LEFT({text}, {n})"),
            (Dialect::Snowflake, false) => format!("RIGHT({text}, {n})"),
            (Dialect::Trino, true) => format!("substr({text}, 1, {n})"),
            (Dialect::Trino, false) => format!("substr({text}, {length} - {n} + 1)"),
        };
        let all = stars(&length);
        let rest = stars(&format!("{length} - {n}"));
        let shown = if first { format!("{kept} || {rest}") } else { format!("{rest} || {kept}") };
        format!("CASE WHEN {length} <= {n} THEN {all} ELSE {shown} END")
    }

    /// Whether regular expressions take the first match that backtracking finds, as RE2 and Java do.
    pub fn leftmost_first(self) -> bool {
        match self {
            // POSIX ERE by its documentation, which says the longest: functions-regexp (2026-11-23).
            Dialect::Snowflake => false,
            Dialect::Trino => true,
        }
    }

    /// The end of the text, and not of a line before it: Java's `$` also matches before a line break at the end.
    pub fn end_of_text(self) -> &'static str {
        match self {
            Dialect::Snowflake => "$",
            Dialect::Trino => "\\z",
        }
    }

    /// All matches of a portable pattern replaced by literal text.
    pub fn regexp_replace(self, text: &str, pattern: &str, replace: &str) -> String {
        let replace = match self {
            Dialect::Snowflake => replace.replace('\\', "\\\\"),
            Dialect::Trino => replace.replace('\\', "\\\\").replace('$', "\\$"),
        };
        let name = match self {
            Dialect::Snowflake => "REGEXP_REPLACE",
            Dialect::Trino => "regexp_replace",
        };
        format!("{name}({text}, {}, {})", self.literal(pattern), self.literal(&replace))
    }

    /// The start of the unit; `None` where the session's time zone would decide.
    pub fn date_trunc(self, unit: RoundTo, text: &str, column: &ColumnType) -> Option<String> {
        let word = unit.word();
        match self {
            Dialect::Snowflake if zoned(column) => None,
            Dialect::Snowflake => Some(format!("DATE_TRUNC('{word}', {text})")),
            Dialect::Trino if zoned(column) => {
                Some(format!("date_trunc('{word}', {text} AT TIME ZONE 'UTC')"))
            }
            Dialect::Trino => Some(format!("date_trunc('{word}', {text})")),
        }
    }
}

/// Whether a timestamp type carries or assumes a time zone.
fn zoned(column: &ColumnType) -> bool {
    let text = column.text.to_ascii_lowercase();
    column.class == TypeClass::Timestamp
        && (text.contains("with time zone")
            || text.contains("with local time zone")
            || text.contains("_tz")
            || text.contains("_ltz")
            || text.contains("timestamptz")
            || text.contains("timestampltz")
            || text.contains("offset"))
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
            ')' | '>' | ',' | ' ' | '_' => {}
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
        assert_eq!(Dialect::Snowflake.identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(Dialect::Snowflake.literal("it's \\"), "'it''s \\\\'");
        assert_eq!(Dialect::Trino.literal("it's \\"), "'it''s \\'");
    }

    #[test]
    fn only_types_are_written_as_types() {
        let name = |text: &str| type_name(&ColumnType::parse(text)).map(str::to_owned);
        assert_eq!(name("DECIMAL(7,2)").as_deref(), Some("DECIMAL(7,2)"));
        assert_eq!(name("array(row(a varchar))").as_deref(), Some("array(row(a varchar))"));
        for bad in ["VARCHAR); DROP TABLE t", "x'--", "", "1", "varchar(", "a\"b", "int;"] {
            assert_eq!(name(bad), None, "{bad}");
        }
    }

    #[test]
    fn no_literal_can_be_taken_for_the_salt() {
        assert!(!Dialect::Trino.literal("a{salt}b{salt}").contains("{salt}"));
    }
}
