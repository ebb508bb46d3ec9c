//! The types that casts name, per dialect.
//!
//! Invariant: a type that is not listed is [`Target::Other`], to which only NULL and a whole column are ever cast.

use sqlparser::ast::{CharacterLength, DataType, ExactNumberInfo, TimezoneInfo};

use super::compile::Compiler;
use super::node::Target;
use crate::backend::sql::Dialect;

impl Compiler {
    /// What we know of a type.
    pub(super) fn target(self, data_type: &DataType) -> Target {
        let length = |length: &Option<CharacterLength>| match length {
            None => Ok(None),
            Some(CharacterLength::IntegerLength { length, unit: None }) => Ok(Some(*length)),
            Some(_) => Err(()),
        };
        let whole = |digits| match self.dialect {
            Dialect::Snowflake => Target::Number { precision: 38, scale: 0 },
            // One digit less than the largest has: anything in between could overflow.
            Dialect::Trino => Target::Number { precision: digits, scale: 0 },
            Dialect::Databricks | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery => Target::Other,
        };
        match data_type {
            DataType::Varchar(n)
            | DataType::CharVarying(n)
            | DataType::CharacterVarying(n)
            | DataType::Nvarchar(n) => length(n).map_or(Target::Other, Target::Text),
            DataType::Text => Target::Text(None),
            DataType::String(n) => Target::Text(*n),
            DataType::Char(n) | DataType::Character(n) => match (length(n), self.dialect) {
                (Ok(n), Dialect::Snowflake) => Target::Text(Some(n.unwrap_or(1))),
                (Ok(n), Dialect::Trino) => Target::Char(n.unwrap_or(1)),
                (Ok(_), Dialect::Databricks | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery)
                | (Err(()), _) => Target::Other,
            },
            DataType::Numeric(info) | DataType::Decimal(info) | DataType::Dec(info) => match info {
                ExactNumberInfo::None => Target::Number { precision: 38, scale: 0 },
                ExactNumberInfo::Precision(precision) => Target::Number { precision: *precision, scale: 0 },
                ExactNumberInfo::PrecisionAndScale(precision, scale) => match u32::try_from(*scale) {
                    Ok(scale) => Target::Number { precision: *precision, scale },
                    Err(_) => Target::Other,
                },
            },
            DataType::TinyInt(None) => whole(2),
            DataType::SmallInt(None) => whole(4),
            DataType::Int(None) | DataType::Integer(None) => whole(9),
            DataType::BigInt(None) => whole(18),
            DataType::Float(_)
            | DataType::Float4
            | DataType::Float8
            | DataType::Real
            | DataType::Double(_)
            | DataType::DoublePrecision => Target::Float,
            DataType::Boolean | DataType::Bool => Target::Boolean,
            DataType::Date => Target::Date,
            DataType::Timestamp(digits, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone)
            | DataType::TimestampNtz(digits) => match self.dialect {
                Dialect::Snowflake => Target::Timestamp(digits.unwrap_or(9)),
                Dialect::Trino => Target::Timestamp(digits.unwrap_or(3)),
                Dialect::Databricks | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery => {
                    Target::Other
                }
            },
            DataType::Datetime(None) if self.dialect == Dialect::Snowflake => Target::Timestamp(9),
            DataType::Timestamp(_, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz) => Target::Zoned,
            DataType::Custom(name, modifiers) => match name.0.as_slice() {
                [part] => part
                    .as_ident()
                    .map_or(Target::Other, |name| custom(&name.value.to_ascii_uppercase(), modifiers)),
                _ => Target::Other,
            },
            _ => Target::Other,
        }
    }
}

fn custom(name: &str, modifiers: &[String]) -> Target {
    let numbers: Option<Vec<u32>> = modifiers.iter().map(|modifier| modifier.parse().ok()).collect();
    match (name, numbers.as_deref()) {
        ("NUMBER", Some([])) => Target::Number { precision: 38, scale: 0 },
        ("NUMBER", Some([precision])) => Target::Number { precision: u64::from(*precision), scale: 0 },
        ("NUMBER", Some([precision, scale])) => {
            Target::Number { precision: u64::from(*precision), scale: *scale }
        }
        ("TIMESTAMPNTZ", Some([])) => Target::Timestamp(9),
        ("TIMESTAMP_TZ" | "TIMESTAMP_LTZ" | "TIMESTAMPTZ" | "TIMESTAMPLTZ", Some([] | [_])) => Target::Zoned,
        _ => Target::Other,
    }
}
