//! What a masking method shows of a value: the reference that artefacts are compared with.

use sha2::{Digest, Sha256};

use super::value::{Decimal, Value};
use super::{Method, RoundTo};

impl Method {
    /// The value shown, or `None` where only the platform knows (`custom`). NULL stays NULL.
    pub fn show(&self, value: &Value, salt: &str) -> Option<Value> {
        if *value == Value::Null {
            return Some(Value::Null);
        }
        let shown = match (self, value) {
            (Method::Custom(_), _) => return None,
            (Method::Constant(literal), _) => literal.value(),
            (Method::Hash, Value::Text(text)) => Value::Text(hash(text, salt)),
            (Method::KeepFirst(n), Value::Text(text)) => Value::Text(keep(text, *n, true)),
            (Method::KeepLast(n), Value::Text(text)) => Value::Text(keep(text, *n, false)),
            (Method::Regex { pattern, replace }, Value::Text(text)) => match regex::Regex::new(pattern) {
                Ok(regex) => Value::Text(regex.replace_all(text, regex::NoExpand(replace)).into_owned()),
                Err(_) => Value::Null,
            },
            (Method::RoundNumber(unit), Value::Number(number)) => {
                Decimal::parse(unit).and_then(|unit| number.round_to(unit)).map_or(Value::Null, Value::Number)
            }
            (Method::RoundDate(unit), Value::Date(days)) => {
                round_days(*unit, *days).map_or(Value::Null, Value::Date)
            }
            (Method::RoundDate(unit), Value::Timestamp(micros)) => {
                round_micros(*unit, *micros).map_or(Value::Null, Value::Timestamp)
            }
            // A method that does not fit the type is an error before it comes here; the safe reading is nothing.
            (
                Method::Null
                | Method::Hash
                | Method::KeepFirst(_)
                | Method::KeepLast(_)
                | Method::Regex { .. }
                | Method::RoundNumber(_)
                | Method::RoundDate(_),
                _,
            ) => Value::Null,
        };
        Some(shown)
    }
}

/// SHA-256 of the UTF-8 text followed by the salt, lower-case hex.
pub fn hash(text: &str, salt: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(text.as_bytes());
    digest.update(salt.as_bytes());
    digest.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        hex.push_str(&format!("{byte:02x}"));
        hex
    })
}

fn keep(text: &str, n: u32, first: bool) -> String {
    let length = text.chars().count();
    let n = n as usize;
    let kept = |index: usize| length > n && if first { index < n } else { index >= length - n };
    text.chars().enumerate().map(|(index, each)| if kept(index) { each } else { '*' }).collect()
}

fn round_days(unit: RoundTo, days: i32) -> Option<i32> {
    let date = crate::inventory::Instant(i64::from(days) * 86_400).date();
    let rounded = match unit {
        RoundTo::Year => jiff::civil::Date::new(date.year(), 1, 1).ok()?,
        RoundTo::Month => jiff::civil::Date::new(date.year(), date.month(), 1).ok()?,
        RoundTo::Day | RoundTo::Hour => date,
    };
    i32::try_from(crate::inventory::Instant::of_date(rounded).0 / 86_400).ok()
}

fn round_micros(unit: RoundTo, micros: i64) -> Option<i64> {
    const HOUR: i64 = 3_600_000_000;
    match unit {
        RoundTo::Hour => Some(micros.div_euclid(HOUR) * HOUR),
        RoundTo::Year | RoundTo::Month | RoundTo::Day => {
            let days = i32::try_from(micros.div_euclid(24 * HOUR)).ok()?;
            Some(i64::from(round_days(unit, days)?) * 24 * HOUR)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(method: Method, value: &str) -> String {
        method.show(&Value::Text(value.into()), "").unwrap().to_string()
    }

    #[test]
    fn short_texts_are_never_shown_by_keep() {
        assert_eq!(show(Method::KeepLast(4), "5551234"), "***1234");
        assert_eq!(show(Method::KeepLast(4), "1234"), "****");
        assert_eq!(show(Method::KeepLast(4), "é"), "*");
        assert_eq!(show(Method::KeepLast(0), "ab"), "**");
        assert_eq!(show(Method::KeepFirst(2), "Zoë"), "Zo*");
        assert_eq!(show(Method::KeepFirst(2), ""), "");
    }

    #[test]
    fn the_hash_is_sha256_of_text_then_salt() {
        assert_eq!(hash("", ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hash("ab", "c"), hash("a", "bc"));
    }

    #[test]
    fn a_regex_replacement_is_literal() {
        let method = Method::Regex { pattern: "[0-9]".into(), replace: "$0".into() };
        assert_eq!(show(method, "a1"), "a$0");
    }

    #[test]
    fn dates_round_down_also_before_1970() {
        let shown = Method::RoundDate(RoundTo::Year).show(&Value::Date(-1), "").unwrap();
        assert_eq!(shown.to_string(), "1969-01-01");
        let shown = Method::RoundDate(RoundTo::Hour).show(&Value::Timestamp(-1), "").unwrap();
        assert_eq!(shown.to_string(), "1969-12-31T23:00:00Z");
    }
}
