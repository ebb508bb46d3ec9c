//! Text per dialect: what comparisons, hashes, `keep` and patterns are made of, with one result everywhere.

use super::method::Narrow;
use super::regex::portable;
use super::rows::Unsupported;
use super::{Dialect, type_name};
use crate::inventory::ColumnType;

/// A collation that compares texts by code unit: learn.microsoft.com/sql/relational-databases/collations (2026-11-25).
const SYNAPSE_BINARY: &str = "Latin1_General_100_BIN2";
/// One whose string functions count code points: learn.microsoft.com/sql/relational-databases/collations/
/// collation-and-unicode-support#supplementary-characters (2026-11-25).
const SYNAPSE_CHARACTERS: &str = "Latin1_General_100_CS_AS_SC";
/// One that stores UTF-8. Dedicated pools have it on columns and expressions:
/// learn.microsoft.com/azure/synapse-analytics/sql/reference-collation-types (2026-11-25).
const SYNAPSE_UTF8: &str = "Latin1_General_100_BIN2_UTF8";

impl Dialect {
    /// A text without blanks at its end: what `CHAR(n)` is without its padding.
    pub fn trim_end(self, text: &str) -> String {
        match self {
            Dialect::Snowflake => format!("RTRIM({text}, ' ')"),
            // RTRIM of a char keeps it a char, which pads again: trino.io/docs/current/functions/string.html (2026-11-23).
            Dialect::Trino => format!("rtrim(CAST({text} AS varchar))"),
            Dialect::Databricks => format!("rtrim(CAST({text} AS STRING))"),
            Dialect::Redshift => format!("RTRIM({text}, ' ')"),
            Dialect::Synapse => format!("RTRIM({text})"),
            Dialect::BigQuery => format!("RTRIM({text}, ' ')"),
        }
    }

    /// A text to which others can be joined without being cut: T-SQL's `nvarchar` ends after 4,000 code units.
    pub fn unbounded(self, text: &str) -> String {
        match self {
            Dialect::Synapse => format!("CONVERT(nvarchar(max), {text})"),
            Dialect::Snowflake
            | Dialect::Databricks
            | Dialect::Trino
            | Dialect::Redshift
            | Dialect::BigQuery => text.to_owned(),
        }
    }

    /// A text that compares by code point, whatever the collation of its column or database. Blanks at its end may not count.
    pub fn exactly(self, text: &str) -> String {
        match self {
            Dialect::Redshift => format!("COLLATE({text}, 'case_sensitive')"),
            Dialect::Synapse => format!("{text} COLLATE {SYNAPSE_BINARY}"),
            Dialect::Snowflake | Dialect::Databricks | Dialect::Trino | Dialect::BigQuery => text.to_owned(),
        }
    }

    /// A text without the collation of its column, by which patterns would match: docs.aws.amazon.com/redshift/latest/dg/
    /// r_COLLATE.html (2026-11-25).
    fn plain(self, text: &str) -> String {
        match self {
            Dialect::Redshift => self.exactly(text),
            Dialect::Snowflake
            | Dialect::Databricks
            | Dialect::Trino
            | Dialect::Synapse
            | Dialect::BigQuery => text.to_owned(),
        }
    }

    /// A text as comparisons need it, so that they go by code point and blanks at the end count. `ordered`: for `<` and its kin.
    pub fn comparable(self, text: &str, ordered: bool) -> Result<String, Unsupported> {
        match (self, ordered) {
            (Dialect::Snowflake | Dialect::Databricks | Dialect::Trino | Dialect::BigQuery, _) => {
                Ok(text.to_owned())
            }
            // Blanks at the end do not count, in VARCHAR either, and a column or a whole database may be without case:
            // docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html, r_COLLATE.html (2026-11-25).
            (Dialect::Redshift, false) => Ok(format!("COLLATE({text} || '.', 'case_sensitive')")),
            (Dialect::Redshift, true) => Ok(format!("COLLATE({text} || CHR(1), 'case_sensitive')")),
            // Of `varchar`, another collation could lose the characters that its code page lacks.
            (Dialect::Synapse, false) => {
                Ok(format!("({} COLLATE {SYNAPSE_BINARY} + N'.')", self.unbounded(text)))
            }
            // Code units of UTF-16 do not sort as code points do.
            (Dialect::Synapse, true) => {
                Err(Unsupported("it orders texts, which Synapse does not do by code point".to_owned()))
            }
        }
    }

    /// `text LIKE pattern`; the pattern has `\` before `%`, `_` and `\` that stand for themselves.
    pub fn like(self, text: &str, negated: bool, pattern: &str) -> Result<String, Unsupported> {
        let not = if negated { "NOT " } else { "" };
        let quoted = self.literal(pattern);
        match self {
            Dialect::Snowflake | Dialect::Databricks | Dialect::Trino => {
                let text = self.plain(text);
                Ok(format!("{text} {not}LIKE {quoted} ESCAPE {}", self.literal("\\")))
            }
            // As in comparisons, case counts, and so do blanks at the end.
            Dialect::Redshift => {
                let text = self.comparable(text, false)?;
                let quoted = self.literal(&format!("{pattern}."));
                Ok(format!("{text} {not}LIKE {quoted} ESCAPE {}", self.literal("\\")))
            }
            // GoogleSQL has no ESCAPE clause: a backslash is the escape.
            Dialect::BigQuery => Ok(format!("{} {not}LIKE {quoted}", self.plain(text))),
            Dialect::Synapse => {
                if has_single(pattern) {
                    return Err(Unsupported(
                        "its `_` would count UTF-16 code units on Synapse, not characters".to_owned(),
                    ));
                }
                // A bracket begins a class: learn.microsoft.com/sql/t-sql/language-elements/like-transact-sql (2026-11-23).
                let quoted = self.literal(&pattern.replace('[', "\\["));
                // Of `nvarchar`, blanks at the end count.
                let text = self.unbounded(text);
                Ok(format!("{text} COLLATE {SYNAPSE_BINARY} {not}LIKE {quoted} ESCAPE N'\\'"))
            }
        }
    }

    /// SHA-256 of the UTF-8 text, lower-case hex.
    pub fn sha256_hex(self, text: &str) -> String {
        match self {
            Dialect::Snowflake | Dialect::Redshift => format!("SHA2({text}, 256)"),
            Dialect::Databricks => format!("sha2({text}, 256)"),
            Dialect::Trino => format!("lower(to_hex(sha256(to_utf8({text}))))"),
            Dialect::Synapse => format!(
                "LOWER(CONVERT(varchar(64), HASHBYTES('SHA2_256', CONVERT(varchar(max), {text} COLLATE {SYNAPSE_UTF8})), 2))"
            ),
            Dialect::BigQuery => format!("TO_HEX(SHA256({text}))"),
        }
    }

    /// The first or last `n` characters, the rest `*`; `n` or fewer: all `*`.
    pub fn keep(self, text: &str, n: u32, first: bool) -> String {
        let text = match self {
            Dialect::Synapse => format!("({} COLLATE {SYNAPSE_CHARACTERS})", self.unbounded(text)),
            _ => text.to_owned(),
        };
        let length = match self {
            Dialect::Snowflake | Dialect::Redshift => format!("LENGTH({text})"),
            Dialect::Trino => format!("length({text})"),
            Dialect::Databricks | Dialect::BigQuery => format!("CHAR_LENGTH({text})"),
            // LEN leaves out blanks at the end.
            Dialect::Synapse => format!("(LEN({text} + N'.') - 1)"),
        };
        let stars = |count: &str| match self {
            Dialect::Snowflake | Dialect::Redshift => format!("REPEAT('*', {count})"),
            Dialect::Databricks => format!("repeat('*', {count})"),
            Dialect::Trino => format!("rpad('', {count}, '*')"),
            Dialect::Synapse => format!("REPLICATE({}, {count})", self.unbounded("N'*'")),
            // A negative count is an error, and branches of CASE may be computed before they are chosen.
            Dialect::BigQuery => format!("REPEAT('*', GREATEST({count}, 0))"),
        };
        let kept = match (self, first) {
            (Dialect::Trino, true) => format!("substr({text}, 1, {n})"),
            (Dialect::Trino, false) => format!("substr({text}, {length} - {n} + 1)"),
            (_, true) => format!("LEFT({text}, {n})"),
            (_, false) => format!("RIGHT({text}, {n})"),
        };
        let all = stars(&length);
        if n == 0 {
            return all;
        }
        let rest = stars(&format!("{length} - {n}"));
        let plus = self.concat();
        let shown = if first { format!("{kept} {plus} {rest}") } else { format!("{rest} {plus} {kept}") };
        let kept = format!("CASE WHEN {length} <= {n} THEN {all} ELSE {shown} END");
        match self {
            // What is shown compares again as other columns do, and keeps the characters of their code page.
            Dialect::Synapse => format!("({kept}) COLLATE DATABASE_DEFAULT"),
            Dialect::Snowflake
            | Dialect::Databricks
            | Dialect::Trino
            | Dialect::Redshift
            | Dialect::BigQuery => kept,
        }
    }

    /// Whether regular expressions take the first match that backtracking finds, as RE2 and Java do.
    pub fn leftmost_first(self) -> bool {
        match self {
            // POSIX by their documentation, which says the longest: functions-regexp (2026-11-23);
            // docs.aws.amazon.com/redshift/latest/dg/REGEXP_REPLACE.html (2026-11-25).
            Dialect::Snowflake | Dialect::Redshift | Dialect::Synapse => false,
            Dialect::Databricks | Dialect::Trino | Dialect::BigQuery => true,
        }
    }

    /// The end of the text, and not of a line before it: Java's `$` also matches before a line break at the end.
    pub fn end_of_text(self) -> &'static str {
        match self {
            Dialect::Snowflake | Dialect::Redshift | Dialect::Synapse => "$",
            Dialect::Databricks | Dialect::Trino | Dialect::BigQuery => "\\z",
        }
    }

    /// All matches of a pattern replaced by literal text.
    pub fn regexp_replace(self, text: &str, pattern: &str, replace: &str) -> Result<String, Narrow> {
        if self == Dialect::Synapse {
            return Err(Narrow("dedicated SQL pools have no regular expressions".to_owned()));
        }
        let pattern = portable(pattern, self).map_err(Narrow)?;
        // Whether a backslash in brackets stands for itself, as POSIX has it, Redshift's manual does not say.
        if self == Dialect::Redshift && pattern.contains('\\') {
            return Err(Narrow("the pattern has a class that engines escape in different ways".to_owned()));
        }
        let pattern = self.literal(&pattern);
        let replace = match self {
            Dialect::Snowflake | Dialect::BigQuery => replace.replace('\\', "\\\\"),
            Dialect::Databricks | Dialect::Trino => replace.replace('\\', "\\\\").replace('$', "\\$"),
            Dialect::Redshift | Dialect::Synapse if replace.contains(['\\', '$', '&']) => {
                return Err(Narrow("the replaced text has a character that may refer to a match".to_owned()));
            }
            Dialect::Redshift | Dialect::Synapse => replace.to_owned(),
        };
        let name = match self {
            Dialect::Snowflake | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery => "REGEXP_REPLACE",
            Dialect::Databricks | Dialect::Trino => "regexp_replace",
        };
        Ok(format!("{name}({}, {pattern}, {})", self.plain(text), self.literal(&replace)))
    }

    /// Whether a text constant fits a column's declared type whole.
    pub fn holds_text(self, text: &str, column: &ColumnType) -> bool {
        let Some(length) = column.length.map(|length| length as usize) else { return true };
        let name = type_name(column).unwrap_or_default().to_ascii_lowercase();
        match self {
            // Lengths are in bytes: docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html (2026-11-23).
            Dialect::Redshift => text.len() <= length,
            // In bytes of the column's code page, or in UTF-16 code units.
            Dialect::Synapse if name.starts_with('n') => text.encode_utf16().count() <= length,
            Dialect::Synapse => text.is_ascii() && text.len() <= length,
            Dialect::Snowflake | Dialect::Databricks | Dialect::Trino | Dialect::BigQuery => {
                text.chars().count() <= length
            }
        }
    }
}

/// Whether a pattern has a `_` that stands for any character.
fn has_single(pattern: &str) -> bool {
    let mut rest = pattern.chars();
    while let Some(each) = rest.next() {
        match each {
            '\\' => {
                rest.next();
            }
            '_' => return true,
            _ => {}
        }
    }
    false
}
