//! Literals, by the dialect's own rules.

use sqlparser::ast::{DataType, ExactNumberInfo, TimezoneInfo, TypedString, Value as Parsed};

use crate::backend::sql::Dialect;
use crate::ir::value::Value;

/// A literal's value; `None`: we do not know it.
pub(super) fn literal(value: Parsed, dialect: Dialect) -> Option<Value> {
    match value {
        // A FLOAT64: GoogleSQL's literals (2026-11-25).
        Parsed::Number(text, false) if dialect == Dialect::BigQuery && text.contains('.') => None,
        Parsed::Number(text, false) => Value::number(&text),
        // In a code page that we do not see, others can get lost.
        Parsed::SingleQuotedString(text) if dialect == Dialect::Synapse && !text.is_ascii() => None,
        Parsed::SingleQuotedString(text) => Some(Value::Text(text)),
        Parsed::NationalStringLiteral(text) if dialect == Dialect::Synapse => Some(Value::Text(text)),
        Parsed::Boolean(value) if dialect != Dialect::Synapse => Some(Value::Boolean(value)),
        Parsed::Null => Some(Value::Null),
        _ => None,
    }
}

/// `DATE '…'` and its like. A timestamp that is an instant depends on the session's time zone.
pub(super) fn typed_literal(typed: TypedString, dialect: Dialect) -> Option<Value> {
    let TypedString { data_type, value, uses_odbc_syntax: false } = typed else { return None };
    let Parsed::SingleQuotedString(text) = value.value else { return None };
    match (data_type, dialect) {
        // T-SQL has none.
        (_, Dialect::Synapse) => None,
        (DataType::Date, _) => Value::date(&text),
        (
            DataType::Timestamp(_, TimezoneInfo::None),
            Dialect::Snowflake | Dialect::Trino | Dialect::Redshift,
        )
        | (DataType::TimestampNtz(_), Dialect::Snowflake | Dialect::Trino | Dialect::Databricks)
        | (DataType::Datetime(None), Dialect::BigQuery) => timestamp(&text),
        (
            DataType::Numeric(ExactNumberInfo::None) | DataType::BigNumeric(ExactNumberInfo::None),
            Dialect::BigQuery,
        ) => Value::number(&text),
        _ => None,
    }
}

/// A timestamp without zone, as the instant that it is at UTC.
fn timestamp(text: &str) -> Option<Value> {
    // The date parser takes zones and annotations too, which a timestamp without zone must not have.
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"-:. ".contains(&byte)) {
        return None;
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    let instant = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?;
    (instant.subsec_nanosecond() % 1_000 == 0).then(|| Value::Timestamp(instant.as_microsecond()))
}
