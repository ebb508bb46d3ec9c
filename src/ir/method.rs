//! Masking methods: what is shown in place of a cell.

use std::collections::BTreeMap;

use super::value::Value;
use crate::inventory::{ColumnType, Platform, TypeClass};

/// A literal as policies write it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Literal {
    /// `"text"`.
    Text(String),
    /// `12.50`, as written, normal form `-?digits[.digits]`.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// `2026-12-31`, days since 1970-01-01.
    Date(i32),
}

/// A unit of date rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoundTo {
    /// January 1st.
    Year,
    /// The first of the month.
    Month,
    /// Midnight.
    Day,
    /// The full hour.
    Hour,
}

impl RoundTo {
    /// The word of the policy language, which is also SQL's.
    pub fn word(self) -> &'static str {
        match self {
            RoundTo::Year => "year",
            RoundTo::Month => "month",
            RoundTo::Day => "day",
            RoundTo::Hour => "hour",
        }
    }
}

/// What `using` says. Two masks with equal methods never conflict.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Nothing is shown.
    Null,
    /// Always the same value.
    Constant(Literal),
    /// SHA-256 of the UTF-8 text followed by the project's salt, lower-case hex.
    Hash,
    /// The first N characters stay, the rest become `*`; N or fewer: all `*`.
    KeepFirst(u32),
    /// The last N characters stay.
    KeepLast(u32),
    /// All matches are replaced by literal text.
    Regex {
        /// RE2 without lazy quantifiers, `\b` and lookaround.
        pattern: String,
        /// Literal text.
        replace: String,
    },
    /// The nearest multiple of N, half away from zero; N as written, greater than zero.
    RoundNumber(String),
    /// Downwards to the start of the unit.
    RoundDate(RoundTo),
    /// SQL per platform with `{column}`.
    Custom(BTreeMap<Platform, String>),
}

impl Method {
    /// The words of the method, as messages and plans show it.
    pub fn words(&self) -> String {
        match self {
            Method::Null => "null".to_owned(),
            Method::Constant(literal) => format!("constant {}", literal.words()),
            Method::Hash => "hash".to_owned(),
            Method::KeepFirst(n) => format!("keep first {n}"),
            Method::KeepLast(n) => format!("keep last {n}"),
            Method::Regex { pattern, replace } => {
                format!("regex {} replace {}", quoted_text(pattern), quoted_text(replace))
            }
            Method::RoundNumber(n) => format!("round to {n}"),
            Method::RoundDate(unit) => format!("round to {}", unit.word()),
            Method::Custom(_) => "custom".to_owned(),
        }
    }

    /// Whether the method can be applied to a column of this type.
    pub fn fits(&self, column: &ColumnType) -> bool {
        match self {
            Method::Null | Method::Custom(_) => true,
            Method::Hash | Method::KeepFirst(_) | Method::KeepLast(_) | Method::Regex { .. } => {
                column.class == TypeClass::String
            }
            Method::RoundNumber(_) => column.class == TypeClass::Number,
            Method::RoundDate(RoundTo::Hour) => column.class == TypeClass::Timestamp,
            Method::RoundDate(_) => matches!(column.class, TypeClass::Date | TypeClass::Timestamp),
            Method::Constant(literal) => matches!(
                (literal, column.class),
                (Literal::Text(_), TypeClass::String)
                    | (Literal::Number(_), TypeClass::Number)
                    | (Literal::Boolean(_), TypeClass::Boolean)
                    | (Literal::Date(_), TypeClass::Date | TypeClass::Timestamp)
            ),
        }
    }
}

/// A text as policies write it.
pub fn quoted_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

impl Literal {
    /// As policies write it.
    pub fn words(&self) -> String {
        match self {
            Literal::Text(text) => quoted_text(text),
            Literal::Number(number) => number.clone(),
            Literal::Boolean(value) => value.to_string(),
            Literal::Date(_) => self.value().to_string(),
        }
    }

    /// The value that it stands for.
    pub fn value(&self) -> Value {
        match self {
            Literal::Text(text) => Value::Text(text.clone()),
            Literal::Number(number) => Value::number(number).unwrap_or(Value::Null),
            Literal::Boolean(value) => Value::Boolean(*value),
            Literal::Date(days) => Value::Date(*days),
        }
    }
}
