//! Functions of known dates and timestamps, all in UTC.
//!
//! Invariant: as in [`scalar`](super::scalar). What the session's time zone would move never reaches this file.

use super::function::{Function, Unit};
use super::scalar::{number, whole};
use crate::backend::sql::Dialect;
use crate::inventory::Instant;
use crate::ir::value::Value;

const MICROS_PER_DAY: i64 = 86_400_000_000;
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// The result of a call.
pub(super) fn apply(function: Function, args: &[Value], dialect: Dialect) -> Option<Value> {
    match (function, args) {
        (Function::Add, [date @ Value::Date(_), days]) if dialect == Dialect::Snowflake => {
            add_days(date, whole(days)?)
        }
        (Function::Subtract, [date @ Value::Date(_), days]) if dialect == Dialect::Snowflake => {
            add_days(date, whole(days)?.checked_neg()?)
        }
        (Function::AddDays, [date, days]) => add_days(date, whole(days)?),
        (Function::AddMicros, [Value::Timestamp(at), micros]) => {
            at.checked_add(whole(micros)?).map(Value::Timestamp)
        }
        (Function::DateTrunc(unit), [date]) => date_trunc(unit, date),
        (Function::AtUtc | Function::Zoned, [Value::Timestamp(micros)]) => Some(Value::Timestamp(*micros)),
        (Function::Micros, [Value::Timestamp(micros)]) => number(*micros),
        (Function::Days, [Value::Date(days)]) => number(i64::from(*days)),
        (Function::Part(unit), [date]) => part(unit, date),
        _ => None,
    }
}

/// `DATEFROMPARTS`.
pub(super) fn from_parts(year: &Value, month: &Value, day: &Value) -> Option<Value> {
    let year = i16::try_from(whole(year)?).ok().filter(|year| (1..=9_999).contains(year))?;
    let (month, day) = (i8::try_from(whole(month)?).ok()?, i8::try_from(whole(day)?).ok()?);
    let date = jiff::civil::Date::new(year, month, day).ok()?;
    i32::try_from(Instant::of_date(date).0 / 86_400).ok().map(Value::Date)
}

fn part(unit: Unit, date: &Value) -> Option<Value> {
    let (days, micros) = match date {
        Value::Date(days) if unit != Unit::Hour => (i64::from(*days), 0),
        Value::Timestamp(micros) => (micros.div_euclid(MICROS_PER_DAY), micros.rem_euclid(MICROS_PER_DAY)),
        _ => return None,
    };
    let date = Instant(days.checked_mul(86_400)?).date();
    number(match unit {
        Unit::Year => i64::from(date.year()),
        Unit::Month => i64::from(date.month()),
        Unit::Day => i64::from(date.day()),
        Unit::Hour => micros / MICROS_PER_HOUR,
        Unit::Quarter | Unit::Week => return None,
    })
}

fn add_days(date: &Value, days: i64) -> Option<Value> {
    match date {
        Value::Date(date) => {
            i64::from(*date).checked_add(days).and_then(|days| i32::try_from(days).ok()).map(Value::Date)
        }
        Value::Timestamp(micros) => {
            micros.checked_add(days.checked_mul(MICROS_PER_DAY)?).map(Value::Timestamp)
        }
        Value::Null | Value::Text(_) | Value::Number(_) | Value::Boolean(_) => None,
    }
}

fn date_trunc(unit: Unit, date: &Value) -> Option<Value> {
    match date {
        Value::Date(days) => truncate_days(unit, *days).map(Value::Date),
        Value::Timestamp(micros) if unit == Unit::Hour => {
            Some(Value::Timestamp(micros.div_euclid(MICROS_PER_HOUR) * MICROS_PER_HOUR))
        }
        Value::Timestamp(micros) => {
            let days = i32::try_from(micros.div_euclid(MICROS_PER_DAY)).ok()?;
            Some(Value::Timestamp(i64::from(truncate_days(unit, days)?).checked_mul(MICROS_PER_DAY)?))
        }
        Value::Null | Value::Text(_) | Value::Number(_) | Value::Boolean(_) => None,
    }
}

fn truncate_days(unit: Unit, days: i32) -> Option<i32> {
    let date = Instant(i64::from(days) * 86_400).date();
    let month = match unit {
        Unit::Year => 1,
        Unit::Quarter => (date.month() - 1) / 3 * 3 + 1,
        Unit::Month => date.month(),
        Unit::Day => return Some(days),
        // Weeks begin on a day that is a setting; a date has no hours.
        Unit::Week | Unit::Hour => return None,
    };
    let first = jiff::civil::Date::new(date.year(), month, 1).ok()?;
    i32::try_from(Instant::of_date(first).0 / 86_400).ok()
}
