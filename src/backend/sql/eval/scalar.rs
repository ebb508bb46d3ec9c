//! Functions of known values, none of them NULL.
//!
//! Invariant: `None` wherever dialects, settings or declared types that we do not see could give something else, or where
//! an engine would fail.

use super::cast::unit;
use super::function::Function;
use super::{dates, texts};
use crate::backend::sql::Dialect;
use crate::ir::value::{Decimal, Value};

/// The result of a call.
pub(super) fn apply(function: Function, args: &[Value], dialect: Dialect) -> Option<Value> {
    let first = args.first()?;
    match (function, first) {
        (Function::Concat, _) | (_, Value::Text(_)) => texts::apply(function, args, dialect),
        (_, Value::Date(_) | Value::Timestamp(_)) => dates::apply(function, args, dialect),
        (_, Value::Number(number)) => numeric(function, *number, args, dialect),
        (_, Value::Null | Value::Boolean(_)) => None,
    }
}

fn numeric(function: Function, first: Decimal, args: &[Value], dialect: Dialect) -> Option<Value> {
    match (function, args) {
        (Function::FromMicros, [micros]) => whole(micros).map(Value::Timestamp),
        (Function::FromDays, [days]) => {
            whole(days).and_then(|days| i32::try_from(days).ok()).map(Value::Date)
        }
        (Function::DateFromParts, [year, month, day]) => dates::from_parts(year, month, day),
        (function, [_]) => one_number(function, first).map(Value::Number),
        (function, [_, Value::Number(right)]) => {
            let result = two_numbers(function, first, *right, dialect)?;
            // What the others' types of intermediate results hold, whatever the declared ones are.
            let plain = result.to_string();
            let digits = plain.bytes().filter(u8::is_ascii_digit).count();
            let wide = matches!(dialect, Dialect::Snowflake | Dialect::Trino);
            (wide || digits <= 18 && result.scale() <= 6).then_some(Value::Number(result))
        }
        _ => None,
    }
}

/// A whole number as a value.
pub(super) fn number(number: i64) -> Option<Value> {
    Some(Value::Number(Decimal::whole(number)))
}

/// The whole number that a value is.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_whole(),
        Value::Null | Value::Text(_) | Value::Boolean(_) | Value::Date(_) | Value::Timestamp(_) => None,
    }
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
        Function::Add | Function::Plus => left.checked_add(right),
        Function::Subtract => left.checked_add(negative(right)?),
        // Snowflake rounds a product past 12 digits after the point: functions/arithmetic (2026-11-23).
        Function::Multiply => {
            left.checked_mul(right).filter(|product| dialect != Dialect::Snowflake || product.scale() <= 12)
        }
        // Other quotients are whole on one engine and not on the other.
        Function::Divide => {
            let (left, right) = (left.as_whole()?, right.as_whole()?);
            let even = left.checked_rem(right)? == 0;
            (even && is_double(left)).then(|| left.checked_div(right).map(Decimal::whole))?
        }
        Function::Modulo => left.checked_rem(right),
        Function::PositiveModulo => left.checked_rem(right)?.checked_add(right)?.checked_rem(right),
        Function::Greatest => Some(left.max(right)),
        Function::Round => left.round_to(unit(right.as_whole()?.checked_neg()?)?),
        Function::Truncate => truncate(left, unit(right.as_whole()?.checked_neg()?)?),
        _ => None,
    }
}

/// Whether a number is a double, with which some engines divide.
fn is_double(number: i64) -> bool {
    let zeros = number.trailing_zeros();
    number == 0 || number.unsigned_abs() >> zeros < 1 << 53
}
