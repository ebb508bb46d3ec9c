//! Explicit casts of known values.
//!
//! Invariant: `None` wherever engines, settings or declared types that we do not see could give something else. A cast
//! that fails is an error or, with TRY_CAST, NULL; which texts fail differs, so a failure is never concluded here.

use super::types::{Blanks, Measure, Target};
use crate::backend::sql::Dialect;
use crate::ir::value::{Decimal, Value};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A value as another type.
pub(super) fn cast(value: Value, to: Target, dialect: Dialect) -> Option<Value> {
    match (value, to) {
        (Value::Null, _) => Some(Value::Null),
        (Value::Text(text), Target::Text(None)) => Some(Value::Text(text)),
        (Value::Text(text), Target::Text(Some(length))) => Some(Value::Text(first(&text, length))),
        (Value::Text(text), Target::Char(length)) => {
            let length = usize::try_from(length).ok().filter(|length| *length <= 65_536)?;
            let shown = first(&text, length as u64);
            Some(Value::Text(format!("{shown:<length$}")))
        }
        (Value::Text(text), Target::Fitting { length, unit, blanks }) => fitting(text, length, unit, blanks),
        (Value::Text(text), Target::Number { precision, scale }) => {
            fit(Decimal::parse(&text)?, precision, scale)
        }
        (Value::Text(text), Target::Date) => Value::date(&text),
        (Value::Text(text), Target::Boolean) => match text.as_str() {
            "true" => Some(Value::Boolean(true)),
            "false" => Some(Value::Boolean(false)),
            _ => None,
        },
        (Value::Text(text), Target::Whole(digits)) if !text.contains('.') => {
            whole(Decimal::parse(&text)?, digits)
        }
        (Value::Number(number), Target::Number { precision, scale }) => fit(number, precision, scale),
        (Value::Number(number), Target::Whole(digits)) => whole(number, digits),
        (Value::Number(number), Target::Boolean) if dialect == Dialect::Synapse => {
            Some(Value::Boolean(number.signum() != 0))
        }
        // Fifteen digits survive a double.
        (Value::Number(number), Target::Float) => {
            let digits = number.to_string().bytes().filter(u8::is_ascii_digit).count();
            (digits <= 15).then_some(Value::Number(number))
        }
        (Value::Boolean(value), Target::Boolean) => Some(Value::Boolean(value)),
        (Value::Boolean(value), Target::Text(None)) => Some(Value::Text(value.to_string())),
        (Value::Date(days), Target::Date) => Some(Value::Date(days)),
        (Value::Date(days), Target::Timestamp(_)) => Some(Value::Timestamp(i64::from(days) * MICROS_PER_DAY)),
        // Snowflake's text of a date is a parameter of the session (DATE_OUTPUT_FORMAT).
        (date @ Value::Date(_), Target::Text(None)) if dialect != Dialect::Snowflake => {
            // Years of other than four digits are written in several ways.
            Some(date.to_string()).filter(|text| text.len() == 10 && !text.starts_with('-')).map(Value::Text)
        }
        (Value::Timestamp(micros), Target::Timestamp(digits)) => {
            let unit = 10i64.pow(6 - u32::try_from(digits.min(6)).ok()?);
            (micros % unit == 0).then_some(Value::Timestamp(micros))
        }
        (Value::Timestamp(micros), Target::Zoned) => Some(Value::Timestamp(micros)),
        (Value::Timestamp(micros), Target::Date) => {
            i32::try_from(micros.div_euclid(MICROS_PER_DAY)).ok().map(Value::Date)
        }
        _ => None,
    }
}

fn first(text: &str, length: u64) -> String {
    text.chars().take(usize::try_from(length).unwrap_or(usize::MAX)).collect()
}

/// A text of a declared length that is not cut.
fn fitting(text: String, length: Option<u64>, unit: Measure, blanks: Blanks) -> Option<Value> {
    let text = if blanks == Blanks::Dropped { text.trim_end_matches(' ').to_owned() } else { text };
    let size = match unit {
        Measure::Characters => text.chars().count(),
        Measure::Bytes => text.len(),
        Measure::Units => text.encode_utf16().count(),
        Measure::CodePage { latin } => {
            let held = |each: char| each.is_ascii() || latin && matches!(each, '\u{a0}'..='\u{ff}');
            text.chars().all(held).then(|| text.chars().count())?
        }
    };
    let Some(length) = length else { return Some(Value::Text(text)) };
    let length = usize::try_from(length).ok().filter(|length| size <= *length)?;
    let added = if blanks == Blanks::Added { length - size } else { 0 };
    (added <= 65_536).then(|| Value::Text(format!("{text}{:added$}", "")))
}

/// A number that is whole already.
fn whole(number: Decimal, digits: u64) -> Option<Value> {
    let whole = number.as_whole()?;
    (whole.unsigned_abs().to_string().len() as u64 <= digits).then_some(Value::Number(number))
}

/// Rounded half away from zero; `None` past the precision.
fn fit(number: Decimal, precision: u64, scale: u32) -> Option<Value> {
    let rounded = if number.scale() <= scale { number } else { number.round_to(unit(-i64::from(scale))?)? };
    let text = rounded.to_string();
    let whole = text.trim_start_matches('-').split('.').next().unwrap_or("").trim_start_matches('0').len();
    (whole as u64 + u64::from(scale) <= precision).then_some(Value::Number(rounded))
}

/// Ten to a power.
pub(super) fn unit(exponent: i64) -> Option<Decimal> {
    let zeros = usize::try_from(exponent.unsigned_abs()).ok().filter(|zeros| *zeros <= 37)?;
    let text = match exponent {
        0.. => format!("1{}", "0".repeat(zeros)),
        _ => format!("0.{}1", "0".repeat(zeros.saturating_sub(1))),
    };
    Decimal::parse(&text)
}
