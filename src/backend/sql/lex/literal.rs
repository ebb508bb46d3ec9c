//! The inside of literals and quoted names, by the dialect's own escapes.

use super::super::Dialect;

/// How a quote stands inside quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Twice.
    Doubled,
    /// Behind a backslash, and twice if `doubled`; else the quote twice is not read.
    Backslash { doubled: bool },
    /// Not at all.
    Raw,
}

impl Style {
    /// Of text literals.
    pub(super) fn of(dialect: Dialect) -> Style {
        match dialect {
            Dialect::Trino | Dialect::Synapse => Style::Doubled,
            Dialect::Snowflake | Dialect::Redshift => Style::Backslash { doubled: true },
            // Two literals that touch are one text on Spark, with or without a quote between them by version and setting
            // (spark.sql.legacy.consecutiveStringLiterals.enabled), and an error in GoogleSQL.
            Dialect::Databricks | Dialect::BigQuery => Style::Backslash { doubled: false },
        }
    }
}

/// What stands between the quotes that a text begins with.
pub(super) fn inner(text: &str, open: char, close: char, style: Style) -> Option<&str> {
    let body = text.strip_prefix(open)?;
    let mut rest = body.char_indices().peekable();
    while let Some((at, each)) = rest.next() {
        match each {
            '\\' if style != Style::Doubled => {
                let (_, next) = rest.next()?;
                // Of a raw literal, GoogleSQL goes on here and Spark does not.
                if style == Style::Raw && next == close {
                    return None;
                }
            }
            each if each == close => match (rest.next_if(|(_, next)| *next == close), style) {
                (None, _) => return body.get(..at),
                (Some(_), Style::Doubled | Style::Backslash { doubled: true }) => {}
                (Some(_), Style::Backslash { doubled: false } | Style::Raw) => return None,
            },
            _ => {}
        }
    }
    None
}

/// The text that an inside stands for; `None` for escapes that the manual does not list.
pub(super) fn unescape(inner: &str, quote: char, style: Style, dialect: Dialect) -> Option<String> {
    let one_line = dialect == Dialect::BigQuery;
    if one_line && inner.contains(['\n', '\r']) {
        return None;
    }
    // A backslash at the end of a line joins it with the next: learn.microsoft.com/sql/t-sql/language-elements/
    // sql-server-utilities-statements-backslash (2026-11-25).
    if dialect == Dialect::Synapse && (inner.contains("\\\n") || inner.contains("\\\r")) {
        return None;
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner.chars().peekable();
    while let Some(each) = rest.next() {
        match each {
            '\\' if matches!(style, Style::Backslash { .. }) => {
                let escaped = rest.next()?;
                let next_is_digit = rest.peek().is_some_and(char::is_ascii_digit);
                match dialect {
                    Dialect::Snowflake => text.push(snowflake(escaped, next_is_digit)?),
                    Dialect::Databricks => match escaped {
                        // The backslash stays: it is the pattern's.
                        '%' | '_' => text.extend(['\\', escaped]),
                        'u' => text.push(unicode(&mut rest, 4)?),
                        escaped => text.push(databricks(escaped, next_is_digit)?),
                    },
                    // QUOTE_LITERAL writes no others.
                    Dialect::Redshift => text.push(Some(escaped).filter(|each| "\\'".contains(*each))?),
                    Dialect::BigQuery => match escaped {
                        'u' => text.push(unicode(&mut rest, 4)?),
                        'U' => text.push(unicode(&mut rest, 8)?),
                        escaped => text.push(bigquery(escaped)?),
                    },
                    Dialect::Trino | Dialect::Synapse => return None,
                }
            }
            each if each == quote => {
                rest.next_if_eq(&quote);
                text.push(quote);
            }
            other => text.push(other),
        }
    }
    Some(text)
}

/// docs.snowflake.com/en/sql-reference/data-types-text#escape-sequences (2026-11-23).
fn snowflake(escaped: char, next_is_digit: bool) -> Option<char> {
    Some(match escaped {
        '0' if !next_is_digit => '\0',
        // Octal, hexadecimal and Unicode escapes.
        '0'..='7' | 'x' | 'u' | 'U' => return None,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    })
}

/// docs.databricks.com/sql/language-manual/data-types/string-type (2026-11-25).
fn databricks(escaped: char, next_is_digit: bool) -> Option<char> {
    Some(match escaped {
        '0' if !next_is_digit => '\0',
        '0'..='9' | 'U' => return None,
        'b' => '\u{8}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'Z' => '\u{1a}',
        other => other,
    })
}

/// cloud.google.com/bigquery/docs/reference/standard-sql/lexical#escape_sequences (2026-11-25); octal and bytes are left out.
fn bigquery(escaped: char) -> Option<char> {
    Some(match escaped {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' | '?' | '"' | '\'' | '`' => escaped,
        _ => return None,
    })
}

/// So many hexadecimal digits.
fn unicode(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, digits: usize) -> Option<char> {
    let code = (0..digits).try_fold(0, |code, _| Some(code * 16 + rest.next()?.to_digit(16)?))?;
    char::from_u32(code)
}
