//! Column types as Databricks stores them: synonyms resolved, defaults written out.
//!
//! In: the catalog's text. Out: the type of a function's argument. Arguments are declared with the exact type of their column,
//! for with ANSI mode off a value that cannot be cast becomes NULL without a word. CHAR and VARCHAR are STRING there: outside of
//! a table's columns they have no meaning of their own (docs.databricks.com/sql/language-manual/data-types/string-type,
//! 2026-11-25), and what a mask shows fits the declared length anyway.

use crate::backend::sql::type_name;
use crate::inventory::ColumnType;

/// A column's type with Databricks' own text; `None`: a text that is not safe to write into a statement.
pub(super) fn stored(column: &ColumnType) -> Option<ColumnType> {
    let text = type_name(column)?;
    Some(ColumnType { text: canonical(text), ..column.clone() })
}

/// The stored spelling of a type.
pub(super) fn canonical(text: &str) -> String {
    let text = text.trim();
    // Names of fields keep their case.
    if text.contains('<') {
        return text.to_owned();
    }
    let upper = text.to_ascii_uppercase();
    let head = head(&upper);
    let inside =
        upper.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(list, _)| list);
    let mut numbers = inside.split(',').map(str::trim).filter(|each| !each.is_empty());
    match head {
        "VARCHAR" | "CHAR" | "CHARACTER" | "STRING" => "STRING".to_owned(),
        "BYTE" => "TINYINT".to_owned(),
        "SHORT" => "SMALLINT".to_owned(),
        "INTEGER" => "INT".to_owned(),
        "LONG" => "BIGINT".to_owned(),
        "REAL" => "FLOAT".to_owned(),
        "TIMESTAMP_LTZ" => "TIMESTAMP".to_owned(),
        "DECIMAL" | "DEC" | "NUMERIC" => {
            let (precision, scale) = (numbers.next().unwrap_or("10"), numbers.next().unwrap_or("0"));
            format!("DECIMAL({precision},{scale})")
        }
        _ => upper,
    }
}

/// The type's name alone, as `DATA_TYPE` of information_schema shows it.
pub(super) fn head(text: &str) -> &str {
    text.split(['(', '<']).next().unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_have_one_spelling() {
        for (written, expected) in [
            ("string", "STRING"),
            ("varchar(16)", "STRING"),
            ("char(2)", "STRING"),
            ("decimal", "DECIMAL(10,0)"),
            ("numeric( 7 , 2 )", "DECIMAL(7,2)"),
            ("dec(5)", "DECIMAL(5,0)"),
            ("integer", "INT"),
            ("long", "BIGINT"),
            ("timestamp_ntz", "TIMESTAMP_NTZ"),
            ("struct<Aa: int>", "struct<Aa: int>"),
            ("interval day to second", "INTERVAL DAY TO SECOND"),
        ] {
            assert_eq!(canonical(written), expected, "{written}");
            assert_eq!(canonical(expected), expected);
        }
    }
}
