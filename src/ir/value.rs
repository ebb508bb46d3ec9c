//! Values of cells, as the reference meaning compares them: by code point, exactly, three-valued.

use std::cmp::Ordering;
use std::fmt;

use crate::inventory::{ColumnType, TypeClass};

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Absent.
    Null,
    /// Text.
    Text(String),
    /// A decimal number, exact.
    Number(Decimal),
    /// True or false.
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
}

/// `mantissa / 10^scale`, without trailing zeros after the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

const MICROS_PER_DAY: i64 = 86_400_000_000;

impl Decimal {
    /// Reads `-?digits(.digits)?` of at most 38 digits.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        if whole.len() + fraction.len() > 38 {
            return None;
        }
        let mantissa = format!("{whole}{fraction}").parse::<i128>().ok()?;
        Some(Decimal { mantissa: sign * mantissa, scale: fraction.len() as u32 })
    }

    /// Digits after the point.
    pub fn scale(self) -> u32 {
        self.scale
    }

    fn aligned(self, other: Decimal) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let left = self.mantissa.checked_mul(10i128.checked_pow(scale - self.scale)?)?;
        let right = other.mantissa.checked_mul(10i128.checked_pow(scale - other.scale)?)?;
        Some((left, right, scale))
    }

    /// The nearest multiple of `unit`, half away from zero; `None` on overflow or a unit that is not positive.
    pub fn round_to(self, unit: Decimal) -> Option<Decimal> {
        let (value, unit, scale) = self.aligned(unit)?;
        if unit <= 0 {
            return None;
        }
        let (quotient, remainder) = (value / unit, value % unit);
        let away = remainder.unsigned_abs().checked_mul(2)? >= unit.unsigned_abs();
        let quotient = if away { quotient + value.signum() } else { quotient };
        Decimal { mantissa: quotient.checked_mul(unit)?, scale }.normal()
    }

    /// A whole number.
    pub fn whole(number: i64) -> Decimal {
        Decimal { mantissa: i128::from(number), scale: 0 }
    }

    /// The whole number that it is, if it is one.
    pub fn as_whole(self) -> Option<i64> {
        (self.scale == 0).then_some(self.mantissa).and_then(|whole| i64::try_from(whole).ok())
    }

    /// -1, 0 or 1.
    pub fn signum(self) -> i64 {
        self.mantissa.signum() as i64
    }

    /// The sum; `None` past 38 digits.
    pub fn checked_add(self, other: Decimal) -> Option<Decimal> {
        let (left, right, scale) = self.aligned(other)?;
        Decimal { mantissa: left.checked_add(right)?, scale }.normal()?.within_38_digits()
    }

    /// The product; `None` past 38 digits.
    pub fn checked_mul(self, other: Decimal) -> Option<Decimal> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        Decimal { mantissa, scale: self.scale + other.scale }.normal()?.within_38_digits()
    }

    /// The remainder, with the sign of `self`; `None` for a divisor of zero, or too far apart.
    pub fn checked_rem(self, other: Decimal) -> Option<Decimal> {
        let (left, right, scale) = self.aligned(other)?;
        Decimal { mantissa: left.checked_rem(right)?, scale }.normal()
    }

    fn within_38_digits(self) -> Option<Decimal> {
        (self.mantissa.unsigned_abs() < 10u128.pow(38) && self.scale <= 38).then_some(self)
    }

    fn normal(mut self) -> Option<Decimal> {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        Some(self)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.aligned(*other) {
            Some((left, right, _)) => left.cmp(&right),
            // Too far apart to align in 38 digits: the signs, then the whole parts, decide.
            None => {
                let whole = |number: &Decimal| {
                    number.mantissa / 10i128.checked_pow(number.scale).unwrap_or(i128::MAX)
                };
                whole(self).cmp(&whole(other))
            }
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = self.scale as usize;
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at_checked(padded.len() - scale).unwrap_or((&padded, ""));
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if fraction.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

impl Value {
    /// A number from its text.
    pub fn number(text: &str) -> Option<Value> {
        Decimal::parse(text).map(Value::Number)
    }

    /// A date from `2026-12-31`.
    pub fn date(text: &str) -> Option<Value> {
        date(text).map(Value::Date)
    }

    /// A user's attribute value cast to a column's type, as every platform gets it: done here, once, so that no
    /// platform's own casts can differ. `None`: it cannot be cast, and comparisons with it are unknown.
    pub fn cast(text: &str, to: &ColumnType) -> Option<Value> {
        match to.class {
            TypeClass::String => Some(Value::Text(text.to_owned())),
            TypeClass::Number => {
                let number = Decimal::parse(text)?;
                (to.scale.is_none_or(|scale| number.scale() <= scale)).then_some(Value::Number(number))
            }
            TypeClass::Boolean => match text {
                "true" => Some(Value::Boolean(true)),
                "false" => Some(Value::Boolean(false)),
                _ => None,
            },
            TypeClass::Date => date(text).map(Value::Date),
            TypeClass::Timestamp => date(text)
                .map(|days| i64::from(days) * MICROS_PER_DAY)
                .or_else(|| text.parse::<jiff::Timestamp>().ok().map(|timestamp| timestamp.as_microsecond()))
                .map(Value::Timestamp),
            TypeClass::Binary | TypeClass::Other => None,
        }
    }

    /// Compares two values; `None` is unknown: one is NULL, or they are of different kinds.
    /// `padded`: one side is `CHAR(n)`, whose trailing blanks do not count.
    pub fn compare(&self, other: &Value, padded: bool) -> Option<Ordering> {
        match (self, other) {
            (Value::Text(left), Value::Text(right)) if padded => {
                Some(left.trim_end_matches(' ').cmp(right.trim_end_matches(' ')))
            }
            (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
            (Value::Number(left), Value::Number(right)) => Some(left.cmp(right)),
            (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
            (left, right) => Some(left.micros()?.cmp(&right.micros()?)),
        }
    }

    fn micros(&self) -> Option<i64> {
        match self {
            Value::Date(days) => Some(i64::from(*days) * MICROS_PER_DAY),
            Value::Timestamp(micros) => Some(*micros),
            Value::Null | Value::Text(_) | Value::Number(_) | Value::Boolean(_) => None,
        }
    }
}

fn date(text: &str) -> Option<i32> {
    let date = (text.len() == 10).then(|| text.parse::<jiff::civil::Date>().ok())??;
    Some((crate::inventory::Instant::of_date(date).0 / 86_400) as i32)
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("NULL"),
            Value::Text(text) => f.write_str(text),
            Value::Number(number) => number.fmt(f),
            Value::Boolean(value) => value.fmt(f),
            Value::Date(days) => crate::inventory::Instant(i64::from(*days) * 86_400).date().fmt(f),
            Value::Timestamp(micros) => {
                jiff::Timestamp::from_microsecond(*micros).map_err(|_| fmt::Error)?.fmt(f)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(value: &str, unit: &str) -> String {
        Decimal::parse(value).unwrap().round_to(Decimal::parse(unit).unwrap()).unwrap().to_string()
    }

    #[test]
    fn rounding_is_half_away_from_zero() {
        assert_eq!(round("1250", "100"), "1300");
        assert_eq!(round("-1250", "100"), "-1300");
        assert_eq!(round("1249.99", "100"), "1200");
        assert_eq!(round("0.125", "0.05"), "0.15");
        assert_eq!(round("7", "2.5"), "7.5");
        assert_eq!(round("0", "10"), "0");
    }

    #[test]
    fn numbers_compare_however_far_apart_they_are() {
        let number = |text: &str| Decimal::parse(text).unwrap();
        // 20 with 37 digits behind the point is more than 38 digits hold.
        let long = format!("9.{}", "9".repeat(37));
        assert!(number("20") > number(&long) && number("-20") < number(&long));
        assert!(number("20") > number(&format!("-{long}")) && number("-20") < number(&format!("-{long}")));
        assert!(number(&"9".repeat(38)) > number(&format!("0.{}", "9".repeat(37))));
        assert!(number("5") < number(&format!("5.{}", "1".repeat(37))));
    }

    #[test]
    fn a_number_has_38_digits_at_most() {
        let reads = |text: &str| Decimal::parse(text).is_some();
        assert!(reads(&"9".repeat(38)) && !reads(&"9".repeat(39)));
        assert!(reads(&format!("{}.5", "9".repeat(37))) && !reads(&format!("{}.5", "9".repeat(38))));
        assert!(reads("12345678.12345678") && reads(&format!("0.{}", "9".repeat(37))));
        // Zeros at the end say nothing.
        assert!(reads(&format!("{}.000", "9".repeat(38))));
    }

    #[test]
    fn arithmetic_is_exact_or_nothing() {
        let number = |text: &str| Decimal::parse(text).unwrap();
        let text = |result: Option<Decimal>| result.map(|number| number.to_string());
        assert_eq!(text(number("0.1").checked_add(number("0.2"))).as_deref(), Some("0.3"));
        assert_eq!(text(number("-2.50").checked_mul(number("4"))).as_deref(), Some("-10"));
        assert_eq!(text(number("-7.5").checked_rem(number("2"))).as_deref(), Some("-1.5"));
        assert_eq!(text(number("1").checked_rem(number("0"))), None);
        let most = number(&"9".repeat(38));
        assert_eq!(most.checked_add(number("1")), None);
        assert_eq!(most.checked_mul(most), None);
        assert_eq!(number("3.0").as_whole(), Some(3));
        assert_eq!(number("3.5").as_whole(), None);
    }

    #[test]
    fn decimals_compare_by_value_and_print_in_normal_form() {
        let number = |text: &str| Decimal::parse(text).unwrap();
        assert_eq!(number("1.50"), number("1.5"));
        assert!(number("-0.1") < number("0"));
        assert!(number("10") > number("9.99"));
        assert_eq!(number("-0.05").to_string(), "-0.05");
        for bad in ["", "-", "1.", ".5", "1e3", " 1", "+1", "0x1", "1_000"] {
            assert_eq!(Decimal::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn casts_are_strict_and_failures_are_unknown() {
        let cast = |text: &str, to: &str| Value::cast(text, &ColumnType::parse(to));
        assert_eq!(cast("10", "integer"), Value::number("10"));
        assert_eq!(cast("10.5", "integer"), None);
        assert_eq!(cast("EMEA", "integer"), None);
        assert_eq!(cast("1970-01-02", "date"), Some(Value::Date(1)));
        assert_eq!(cast("TRUE", "boolean"), None);
    }

    #[test]
    fn padding_does_not_count_only_where_a_side_is_char() {
        let (left, right) = (Value::Text("EU ".into()), Value::Text("EU".into()));
        assert_eq!(left.compare(&right, true), Some(Ordering::Equal));
        assert_ne!(left.compare(&right, false), Some(Ordering::Equal));
        assert_eq!(Value::Null.compare(&right, false), None);
        assert_eq!(Value::Date(1).compare(&Value::Timestamp(MICROS_PER_DAY), false), Some(Ordering::Equal));
    }
}
