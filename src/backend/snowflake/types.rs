//! Column types as Snowflake stores them: synonyms resolved, defaults written out.
//!
//! In: the catalog's text. Out: the one text that DESCRIBE shows, so that signatures compare.
//! A policy's return type must be its column's type exactly: docs.snowflake.com/en/sql-reference/sql/create-masking-policy
//! (2026-11-23); synonyms: docs.snowflake.com/en/sql-reference/intro-summary-data-types (2026-11-23).

use crate::backend::sql::type_name;
use crate::inventory::ColumnType;

/// A column's type with Snowflake's own text; `None`: a text that is not safe to write into a statement.
pub(super) fn stored(column: &ColumnType) -> Option<ColumnType> {
    let text = type_name(column)?;
    Some(ColumnType { text: canonical(text), ..column.clone() })
}

/// The stored spelling of a type.
pub(super) fn canonical(text: &str) -> String {
    let upper = text.trim().to_ascii_uppercase();
    let (head, rest) = match upper.split_once('(') {
        Some((head, rest)) => (head.trim().to_owned(), Some(rest)),
        None => (upper.clone(), None),
    };
    let inside = rest.and_then(|rest| rest.split_once(')'));
    let numbers: Option<Vec<&str>> = inside.map(|(inside, _)| inside.split(',').map(str::trim).collect());
    let tail = inside.map_or("", |(_, tail)| tail.trim());
    let first = |default: &str| {
        numbers.as_ref().and_then(|list| list.first()).map_or(default.to_owned(), |each| (*each).to_owned())
    };
    let second =
        || numbers.as_ref().and_then(|list| list.get(1)).map_or("0".to_owned(), |each| (*each).to_owned());
    let zone = format!("{head} {tail}");
    match head.as_str() {
        "VARCHAR" | "STRING" | "TEXT" | "NVARCHAR" | "NVARCHAR2" | "CHAR VARYING" | "NCHAR VARYING"
        | "CHARACTER VARYING" => format!("VARCHAR({})", first("16777216")),
        "CHAR" | "CHARACTER" | "NCHAR" => format!("VARCHAR({})", first("1")),
        "NUMBER" | "DECIMAL" | "DEC" | "NUMERIC" => format!("NUMBER({},{})", first("38"), second()),
        "INT" | "INTEGER" | "BIGINT" | "SMALLINT" | "TINYINT" | "BYTEINT" => "NUMBER(38,0)".to_owned(),
        "FLOAT" | "FLOAT4" | "FLOAT8" | "DOUBLE" | "DOUBLE PRECISION" | "REAL" => "FLOAT".to_owned(),
        "BOOL" | "BOOLEAN" => "BOOLEAN".to_owned(),
        "TIME" => format!("TIME({})", first("9")),
        "BINARY" | "VARBINARY" | "BINARY VARYING" => format!("BINARY({})", first("8388608")),
        "TIMESTAMP_TZ" | "TIMESTAMPTZ" => format!("TIMESTAMP_TZ({})", first("9")),
        "TIMESTAMP_LTZ" | "TIMESTAMPLTZ" => format!("TIMESTAMP_LTZ({})", first("9")),
        _ if zone.contains("WITH LOCAL TIME ZONE") => format!("TIMESTAMP_LTZ({})", first("9")),
        _ if zone.contains("WITH TIME ZONE") => format!("TIMESTAMP_TZ({})", first("9")),
        "TIMESTAMP_NTZ" | "TIMESTAMPNTZ" | "DATETIME" | "TIMESTAMP" => {
            format!("TIMESTAMP_NTZ({})", first("9"))
        }
        _ if zone.contains("WITHOUT TIME ZONE") => format!("TIMESTAMP_NTZ({})", first("9")),
        _ => upper,
    }
}

/// The type without length, as POLICY_SIGNATURE shows it.
pub(super) fn base(text: &str) -> String {
    let canonical = canonical(text);
    match canonical.split_once('(') {
        Some((head, _)) => head.to_owned(),
        None => canonical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_have_one_spelling() {
        for (written, expected) in [
            ("varchar", "VARCHAR(16777216)"),
            ("Varchar( 16 )", "VARCHAR(16)"),
            ("char", "VARCHAR(1)"),
            ("DECIMAL(7,2)", "NUMBER(7,2)"),
            ("NUMBER(12)", "NUMBER(12,0)"),
            ("int", "NUMBER(38,0)"),
            ("double precision", "FLOAT"),
            ("timestamp", "TIMESTAMP_NTZ(9)"),
            ("timestamp(3) with time zone", "TIMESTAMP_TZ(3)"),
            ("TIMESTAMP WITH LOCAL TIME ZONE", "TIMESTAMP_LTZ(9)"),
            ("VARIANT", "VARIANT"),
        ] {
            assert_eq!(canonical(written), expected, "{written}");
            assert_eq!(canonical(expected), expected);
        }
        assert_eq!(base("decimal(7,2)"), "NUMBER");
    }
}
