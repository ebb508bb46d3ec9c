//! Masking methods as what a data policy shows: one of Google's rules, or a masking routine.
//!
//! A routine takes the cell alone, and may call few functions: CASE with comparisons, CAST, CONCAT, LENGTH, LPAD, RPAD, SUBSTR,
//! REGEXP_REPLACE, SHA256, TO_HEX … and neither arithmetic nor other columns
//! (docs.cloud.google.com/bigquery/docs/user-defined-functions#custom-mask, 2026-04-10). So nothing else is printed here.
//! Invariant: NULL stays NULL, and what is shown is of the column's type without its length.

use crate::backend::bigquery::native::DIALECT;
use crate::backend::sql::method::{self, Narrow};
use crate::inventory::{ColumnType, Platform, TypeClass};
use crate::ir::{Method, RoundTo};

use super::native::VALUE;

/// What a data policy shows of a cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shown {
    /// Google's "nullify": NULL, of every type.
    Nothing,
    /// Google's "date year": the first day of the year.
    Year,
    /// What a routine makes of it.
    Routine {
        /// Its type, without a length.
        of: String,
        /// The expression, with `{salt}` for the salt.
        expression: String,
    },
}

impl Shown {
    /// Google's name of a rule.
    pub(super) fn predefined(&self) -> Option<&'static str> {
        match self {
            Shown::Nothing => Some("ALWAYS_NULL"),
            Shown::Year => Some("DATE_YEAR_MASK"),
            Shown::Routine { .. } => None,
        }
    }
}

/// The type of a column without its length; `None`: no data policy can stand on it, or we do not know so. STRUCT has no masked
/// value (docs.cloud.google.com/bigquery/docs/column-data-masking-intro#masking_options, 2026-11-25).
pub(super) fn maskable(column: &ColumnType) -> Option<String> {
    let text = column.text.trim().to_ascii_uppercase();
    if text.starts_with("ARRAY<") && !text.contains("STRUCT") {
        return Some(text);
    }
    let head = text.split('(').next().unwrap_or_default().trim();
    Some(
        match head {
            "STRING" | "BYTES" | "FLOAT64" | "NUMERIC" | "BIGNUMERIC" | "BOOL" | "DATE" | "DATETIME"
            | "TIME" | "TIMESTAMP" | "GEOGRAPHY" | "JSON" | "INT64" => head,
            "INT" | "INTEGER" | "SMALLINT" | "BIGINT" | "TINYINT" | "BYTEINT" => "INT64",
            "FLOAT" => "FLOAT64",
            "DECIMAL" => "NUMERIC",
            "BIGDECIMAL" => "BIGNUMERIC",
            "BOOLEAN" => "BOOL",
            _ => return None,
        }
        .to_owned(),
    )
}

/// What a method shows, or why only `null` can be shown.
pub(super) fn shown(method: &Method, column: &ColumnType, salted: bool) -> Result<Shown, Narrow> {
    let narrow = |why: &str| Err(Narrow(why.to_owned()));
    let Some(of) = maskable(column) else { return narrow("no data policy stands on its type") };
    // What every platform narrows is narrowed here too.
    let usual = method::print(method, VALUE, column, Platform::BigQuery, DIALECT, salted)?;
    let routine = |expression: String| Ok(Shown::Routine { of: of.clone(), expression });
    match method {
        Method::Null => Ok(Shown::Nothing),
        Method::Hash if salted => routine(format!("TO_HEX(SHA256(CONCAT({VALUE}, {{salt}})))")),
        Method::Hash => routine(format!("TO_HEX(SHA256({VALUE}))")),
        Method::KeepFirst(n) => routine(keep(*n, true)),
        Method::KeepLast(n) => routine(keep(*n, false)),
        Method::Regex { .. } => routine(uncast(&usual).to_owned()),
        Method::Constant(_) => {
            let literal = uncast(&usual);
            routine(format!("CASE WHEN {VALUE} IS NULL THEN NULL ELSE CAST({literal} AS {of}) END"))
        }
        Method::RoundDate(RoundTo::Year) if of == "DATE" || of == "DATETIME" => Ok(Shown::Year),
        // The rule goes by the session's @@time_zone.
        Method::RoundDate(_) if column.class == TypeClass::Timestamp && of == "TIMESTAMP" => {
            narrow("a data policy rounds timestamps by the session's time zone")
        }
        Method::RoundDate(_) => narrow("a data policy rounds dates to years only"),
        Method::RoundNumber(_) => narrow("a masking routine has no arithmetic"),
        Method::Custom(_) => {
            narrow("a masking routine may call few functions, and which a `custom` text calls is not known")
        }
    }
}

/// The expression inside `CAST(… AS type)`.
fn uncast(cast: &str) -> &str {
    let inner = cast.strip_prefix("CAST(").and_then(|rest| rest.rsplit_once(" AS ")).map(|(inner, _)| inner);
    inner.unwrap_or(cast)
}

/// The first or last `n` characters, the rest `*`; `n` or fewer: all `*`.
fn keep(n: u32, first: bool) -> String {
    let all = format!("RPAD('', LENGTH({VALUE}), '*')");
    if n == 0 {
        return all;
    }
    let kept = match first {
        true => format!("RPAD(SUBSTR({VALUE}, 1, {n}), LENGTH({VALUE}), '*')"),
        false => format!("LPAD(SUBSTR({VALUE}, -{n}), LENGTH({VALUE}), '*')"),
    };
    format!("CASE WHEN LENGTH({VALUE}) <= {n} THEN {all} ELSE {kept} END")
}
