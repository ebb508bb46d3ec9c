//! Functions of known values, none of them NULL.
//!
//! Invariant: `None` wherever dialects, settings or declared types that we do not see could give something else, or where
//! an engine would fail.

use sha2::{Digest, Sha256};

use super::cast::unit;
use super::node::{Function, Pattern, Unit};
use crate::backend::sql::Dialect;
use crate::inventory::Instant;
use crate::ir::value::{Decimal, Value};

/// No text grows past this many bytes.
const MAX_TEXT: usize = 1 << 20;
const MICROS_PER_DAY: i64 = 86_400_000_000;
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// The result of a call.
pub(super) fn apply(function: Function, args: &[Value], dialect: Dialect) -> Option<Value> {
    match (function, args) {
        (Function::Concat, texts) => concat(texts),
        (Function::Length, [Value::Text(text)]) => number(count(text)?),
        (Function::Left, [Value::Text(text), n]) => some_text(slice(text, 0, size(n)?)),
        (Function::Right, [Value::Text(text), n]) => {
            let n = size(n)?;
            some_text(slice(text, text.chars().count().saturating_sub(n), n))
        }
        (Function::Substr, [Value::Text(text), from]) => substr(text, whole(from)?, usize::MAX),
        (Function::Substr, [Value::Text(text), from, length]) => substr(text, whole(from)?, size(length)?),
        (Function::Repeat, [Value::Text(text), n]) => repeat(text, whole(n)?.max(0)),
        (Function::PadLeft, [Value::Text(text), n, Value::Text(with)]) => pad(text, size(n)?, with, true),
        (Function::PadRight, [Value::Text(text), n, Value::Text(with)]) => pad(text, size(n)?, with, false),
        // Beyond ASCII, engines disagree on case.
        (Function::Upper, [Value::Text(text)]) if text.is_ascii() => some_text(text.to_ascii_uppercase()),
        (Function::Lower, [Value::Text(text)]) if text.is_ascii() => some_text(text.to_ascii_lowercase()),
        (Function::Trim | Function::TrimLeft | Function::TrimRight, [Value::Text(text)]) => {
            trim(function, text, " ", dialect == Dialect::Trino)
        }
        (
            Function::Trim | Function::TrimLeft | Function::TrimRight,
            [Value::Text(text), Value::Text(what)],
        ) => trim(function, text, what, false),
        (Function::HashLower, [Value::Text(text)]) => some_text(hash(text)),
        (Function::HashUpper, [Value::Text(text)]) => some_text(hash(text).to_ascii_uppercase()),
        (Function::Add, [date @ Value::Date(_), days @ Value::Number(_)])
            if dialect == Dialect::Snowflake =>
        {
            add_days(date, whole(days)?)
        }
        (Function::Subtract, [date @ Value::Date(_), days @ Value::Number(_)])
            if dialect == Dialect::Snowflake =>
        {
            add_days(date, whole(days)?.checked_neg()?)
        }
        (Function::AddDays, [date, days]) => add_days(date, whole(days)?),
        (Function::DateTrunc(unit), [date]) => date_trunc(unit, date),
        (Function::AtUtc, [Value::Timestamp(micros)]) => Some(Value::Timestamp(*micros)),
        (function, [Value::Number(number)]) => one_number(function, *number).map(Value::Number),
        (function, [Value::Number(left), Value::Number(right)]) => {
            two_numbers(function, *left, *right, dialect).map(Value::Number)
        }
        _ => None,
    }
}

/// All matches replaced by literal text.
pub(super) fn replace(args: &[Value], pattern: &Pattern, with: &str) -> Option<Value> {
    let [Value::Text(text)] = args else { return None };
    if pattern.anchored && text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        return None;
    }
    let longest = text.len() + (text.len() + 1) * with.len();
    if longest > MAX_TEXT {
        return None;
    }
    some_text(pattern.regex.replace_all(text, regex::NoExpand(with)).into_owned())
}

/// `text LIKE pattern [ESCAPE escape]`. Neither dialect has an escape unless one is named.
pub(super) fn like(args: &[Value]) -> Option<Value> {
    let (Value::Text(text), Value::Text(pattern), escape) = (args.first()?, args.get(1)?, args.get(2)) else {
        return None;
    };
    let escape = match escape {
        None => None,
        Some(Value::Text(escape)) => {
            let mut chars = escape.chars();
            let (escape, None) = (chars.next()?, chars.next()) else { return None };
            Some(escape)
        }
        Some(_) => return None,
    };
    // The reference's matcher, whose escape is the backslash.
    let mut plain = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(each) = rest.next() {
        if Some(each) == escape {
            let next = rest.next().filter(|next| matches!(next, '%' | '_') || Some(*next) == escape)?;
            plain.extend(['\\', next]);
        } else if each == '\\' {
            plain.push_str("\\\\");
        } else {
            plain.push(each);
        }
    }
    Some(Value::Boolean(crate::ir::truth::like(text, &plain)))
}

fn some_text(text: String) -> Option<Value> {
    (text.len() <= MAX_TEXT).then_some(Value::Text(text))
}

fn number(number: i64) -> Option<Value> {
    Some(Value::Number(Decimal::whole(number)))
}

fn count(text: &str) -> Option<i64> {
    i64::try_from(text.chars().count()).ok()
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_whole(),
        Value::Null | Value::Text(_) | Value::Boolean(_) | Value::Date(_) | Value::Timestamp(_) => None,
    }
}

/// A count that is not negative.
fn size(value: &Value) -> Option<usize> {
    usize::try_from(whole(value)?).ok()
}

fn concat(texts: &[Value]) -> Option<Value> {
    let mut whole = String::new();
    for text in texts {
        let Value::Text(text) = text else { return None };
        if whole.len() + text.len() > MAX_TEXT {
            return None;
        }
        whole.push_str(text);
    }
    Some(Value::Text(whole))
}

fn slice(text: &str, skip: usize, take: usize) -> String {
    text.chars().skip(skip).take(take).collect()
}

/// Counted from 1, or from the end; what stands before the first character differs between dialects.
fn substr(text: &str, from: i64, length: usize) -> Option<Value> {
    let skip = match from {
        1.. => usize::try_from(from - 1).ok()?,
        0 => return None,
        _ => text.chars().count().checked_sub(usize::try_from(from.unsigned_abs()).ok()?)?,
    };
    some_text(slice(text, skip, length))
}

fn repeat(text: &str, n: i64) -> Option<Value> {
    let n = usize::try_from(n).ok()?;
    (text.len().checked_mul(n)? <= MAX_TEXT).then(|| Value::Text(text.repeat(n)))
}

fn pad(text: &str, n: usize, with: &str, left: bool) -> Option<Value> {
    let length = text.chars().count();
    if length >= n {
        return some_text(slice(text, 0, n));
    }
    if with.is_empty() || n > MAX_TEXT {
        return None;
    }
    let padding: String = with.chars().cycle().take(n - length).collect();
    some_text(if left { format!("{padding}{text}") } else { format!("{text}{padding}") })
}

/// `blank`: the engine trims more than spaces, so a text that has such there is not decided.
fn trim(function: Function, text: &str, what: &str, blank: bool) -> Option<Value> {
    let gone = |each: char| what.contains(each);
    let (left, right) = match function {
        Function::TrimLeft => (true, false),
        Function::TrimRight => (false, true),
        _ => (true, true),
    };
    let mut shown = text;
    if left {
        shown = shown.trim_start_matches(gone);
    }
    if right {
        shown = shown.trim_end_matches(gone);
    }
    let blank_at = |each: Option<char>| each.is_some_and(|each| each.is_whitespace() || each.is_control());
    let undecided =
        blank && (left && blank_at(shown.chars().next()) || right && blank_at(shown.chars().next_back()));
    if undecided { None } else { some_text(shown.to_owned()) }
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn negative(number: Decimal) -> Option<Decimal> {
    number.checked_mul(Decimal::whole(-1))
}

/// Towards zero, to a multiple of a unit.
fn truncate(number: Decimal, unit: Decimal) -> Option<Decimal> {
    number.checked_add(negative(number.checked_rem(unit)?)?)
}

fn one_number(function: Function, number: Decimal) -> Option<Decimal> {
    let one = Decimal::whole(1);
    match function {
        Function::Negate => negative(number),
        Function::Absolute => number.checked_mul(Decimal::whole(if number.signum() < 0 { -1 } else { 1 })),
        Function::Sign => Some(Decimal::whole(number.signum())),
        Function::Round => number.round_to(one),
        Function::Truncate => truncate(number, one),
        Function::Floor | Function::Ceiling => {
            let towards_zero = truncate(number, one)?;
            let away = match function {
                Function::Floor => number.signum() < 0,
                _ => number.signum() > 0,
            };
            let step = if away && towards_zero != number { number.signum() } else { 0 };
            towards_zero.checked_add(Decimal::whole(step))
        }
        _ => None,
    }
}

fn two_numbers(function: Function, left: Decimal, right: Decimal, dialect: Dialect) -> Option<Decimal> {
    match function {
        Function::Add => left.checked_add(right),
        Function::Subtract => left.checked_add(negative(right)?),
        // Snowflake rounds a product past 12 digits after the point: functions/arithmetic (2026-11-23).
        Function::Multiply => {
            left.checked_mul(right).filter(|product| dialect != Dialect::Snowflake || product.scale() <= 12)
        }
        // Other quotients are whole on one engine and not on the other.
        Function::Divide => {
            let (left, right) = (left.as_whole()?, right.as_whole()?);
            (left.checked_rem(right)? == 0).then(|| left.checked_div(right).map(Decimal::whole))?
        }
        Function::Modulo => left.checked_rem(right),
        Function::Round => left.round_to(unit(right.as_whole()?.checked_neg()?)?),
        Function::Truncate => truncate(left, unit(right.as_whole()?.checked_neg()?)?),
        _ => None,
    }
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
