//! The types that casts name, per dialect.
//!
//! Invariant: a type that is not listed is [`Target::Other`], to which only NULL and a whole column are ever cast.

use sqlparser::ast::{CharacterLength, DataType, ExactNumberInfo, TimezoneInfo};

use super::collate::{Collation, Page};
use super::compile::Compiler;
use crate::backend::sql::Dialect;

/// A type that is cast to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// At most so many characters.
    Text(Option<u64>),
    /// Exactly so many, padded with blanks.
    Char(u64),
    /// A text that fits: what does not is cut, or refused, in ways that we do not follow.
    Fitting {
        length: Option<u64>,
        unit: Measure,
        /// What happens to blanks at its end.
        blanks: Blanks,
    },
    /// A whole number of at most so many digits: engines round or cut others.
    Whole(u64),
    Number {
        precision: u64,
        scale: u32,
    },
    Float,
    Boolean,
    Date,
    /// Digits of a second.
    Timestamp(u64),
    Zoned,
    /// The bytes of a text: understood only where they are compared, or become text again.
    Bytes,
    Other,
}

/// What a declared length counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Characters,
    /// Bytes of UTF-8.
    Bytes,
    /// Code units of UTF-16.
    Units,
    /// Bytes of a code page that has ASCII, and the rest of Latin-1 if `latin`.
    CodePage {
        latin: bool,
    },
}

/// Blanks at the end of a text of a declared length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blanks {
    Kept,
    /// Up to the length.
    Added,
    /// They count nowhere.
    Dropped,
}

impl Compiler {
    /// What we know of a type, for a value of a collation.
    pub(super) fn target(self, data_type: &DataType, collation: Option<Collation>) -> Target {
        match data_type {
            DataType::Varchar(n)
            | DataType::CharVarying(n)
            | DataType::CharacterVarying(n)
            | DataType::Nvarchar(n) => {
                let national = matches!(data_type, DataType::Nvarchar(_));
                length(n).map_or(Target::Other, |n| self.varying(n, national, collation))
            }
            DataType::Text => match self.dialect {
                Dialect::Snowflake | Dialect::Trino => Target::Text(None),
                // `TEXT` is VARCHAR(256): docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html (2026-11-25).
                Dialect::Redshift => fitting(Some(256), Measure::Bytes, Blanks::Kept),
                Dialect::Databricks | Dialect::Synapse | Dialect::BigQuery => Target::Other,
            },
            DataType::String(n) => match (self.dialect, n) {
                (Dialect::Snowflake | Dialect::Trino, n) => Target::Text(*n),
                (Dialect::Databricks | Dialect::BigQuery, None) => Target::Text(None),
                (Dialect::BigQuery, n) => fitting(*n, Measure::Characters, Blanks::Kept),
                (Dialect::Databricks | Dialect::Redshift | Dialect::Synapse, _) => Target::Other,
            },
            DataType::Char(n) | DataType::Character(n) => {
                length(n).map_or(Target::Other, |n| self.fixed(n, false, collation))
            }
            DataType::Numeric(info) | DataType::Decimal(info) | DataType::Dec(info) => self.decimal(info),
            DataType::BigNumeric(info) | DataType::BigDecimal(info) if self.dialect == Dialect::BigQuery => {
                match info {
                    ExactNumberInfo::None => Target::Number { precision: 76, scale: 38 },
                    info => self.decimal(info),
                }
            }
            DataType::TinyInt(None) => self.whole(2),
            DataType::SmallInt(None) => self.whole(4),
            DataType::Int(None) | DataType::Integer(None) => self.whole(9),
            DataType::BigInt(None) => self.whole(18),
            DataType::Int64 if self.dialect == Dialect::BigQuery => Target::Whole(18),
            DataType::Float(_)
            | DataType::Float4
            | DataType::Float8
            | DataType::Float64
            | DataType::Real
            | DataType::Double(_)
            | DataType::DoublePrecision => Target::Float,
            DataType::Boolean | DataType::Bool if self.dialect != Dialect::Synapse => Target::Boolean,
            DataType::Bit(None) if self.dialect == Dialect::Synapse => Target::Boolean,
            DataType::Binary(None) if self.dialect == Dialect::Databricks => Target::Bytes,
            DataType::Bytes(None) if self.dialect == Dialect::BigQuery => Target::Bytes,
            DataType::Date => Target::Date,
            DataType::Timestamp(digits, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
                match self.dialect {
                    Dialect::Snowflake => Target::Timestamp(digits.unwrap_or(9)),
                    Dialect::Trino => Target::Timestamp(digits.unwrap_or(3)),
                    Dialect::Redshift if digits.is_none() => Target::Timestamp(6),
                    // An instant.
                    Dialect::Databricks | Dialect::BigQuery if digits.is_none() => Target::Zoned,
                    // A row's version.
                    Dialect::Databricks | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery => {
                        Target::Other
                    }
                }
            }
            DataType::TimestampNtz(digits) => match self.dialect {
                Dialect::Snowflake => Target::Timestamp(digits.unwrap_or(9)),
                Dialect::Databricks if digits.is_none() => Target::Timestamp(6),
                Dialect::Trino => Target::Timestamp(digits.unwrap_or(3)),
                Dialect::Databricks | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery => {
                    Target::Other
                }
            },
            DataType::Datetime(None) => match self.dialect {
                Dialect::Snowflake => Target::Timestamp(9),
                Dialect::BigQuery => Target::Timestamp(6),
                // In steps of three hundredths of a second.
                Dialect::Databricks | Dialect::Trino | Dialect::Redshift | Dialect::Synapse => Target::Other,
            },
            DataType::Timestamp(_, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz) => match self.dialect {
                Dialect::Snowflake | Dialect::Trino | Dialect::Redshift => Target::Zoned,
                Dialect::Databricks | Dialect::Synapse | Dialect::BigQuery => Target::Other,
            },
            DataType::Custom(name, modifiers) => match name.0.as_slice() {
                [part] => part.as_ident().map_or(Target::Other, |name| {
                    self.custom(&name.value.to_ascii_uppercase(), modifiers, collation)
                }),
                _ => Target::Other,
            },
            _ => Target::Other,
        }
    }

    /// `VARCHAR(n)`.
    fn varying(self, length: Length, national: bool, collation: Option<Collation>) -> Target {
        match (self.dialect, length) {
            (Dialect::Snowflake | Dialect::Trino, Length::Absent) => Target::Text(None),
            (Dialect::Snowflake | Dialect::Trino, Length::Of(n)) => Target::Text(Some(n)),
            // Types of table columns; an expression is a STRING.
            (Dialect::Databricks, Length::Of(n)) => fitting(Some(n), Measure::Characters, Blanks::Kept),
            // docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html (2026-11-25).
            (Dialect::Redshift, Length::Absent) => fitting(Some(256), Measure::Bytes, Blanks::Kept),
            (Dialect::Redshift, Length::Of(n)) => fitting(Some(n), Measure::Bytes, Blanks::Kept),
            (Dialect::Redshift, Length::Max) => fitting(Some(65_535), Measure::Bytes, Blanks::Kept),
            // Thirty in a cast: learn.microsoft.com/sql/t-sql/data-types/char-and-varchar-transact-sql (2026-11-25).
            (Dialect::Synapse, length) => {
                let length = match length {
                    Length::Absent => Some(30),
                    Length::Of(n) => Some(n),
                    Length::Max => None,
                };
                fitting(length, measure(national, collation), Blanks::Kept)
            }
            (Dialect::Snowflake | Dialect::Databricks | Dialect::Trino | Dialect::BigQuery, _) => {
                Target::Other
            }
        }
    }

    /// `CHAR(n)`.
    fn fixed(self, length: Length, national: bool, collation: Option<Collation>) -> Target {
        let n = match length {
            Length::Absent => 1,
            Length::Of(n) => n,
            Length::Max => return Target::Other,
        };
        match self.dialect {
            Dialect::Snowflake => Target::Text(Some(n)),
            Dialect::Trino => Target::Char(n),
            // Single bytes; blanks at the end do not count in anything.
            Dialect::Redshift => fitting(Some(n), Measure::CodePage { latin: false }, Blanks::Dropped),
            Dialect::Synapse if length == Length::Absent => Target::Other,
            Dialect::Synapse => fitting(Some(n), measure(national, collation), Blanks::Added),
            Dialect::Databricks | Dialect::BigQuery => Target::Other,
        }
    }

    fn whole(self, digits: u64) -> Target {
        match self.dialect {
            Dialect::Snowflake => Target::Number { precision: 38, scale: 0 },
            // One digit less than the largest has: anything in between could overflow.
            Dialect::Trino => Target::Number { precision: digits, scale: 0 },
            Dialect::BigQuery => Target::Whole(18),
            Dialect::Databricks | Dialect::Redshift | Dialect::Synapse => Target::Whole(digits),
        }
    }

    fn decimal(self, info: &ExactNumberInfo) -> Target {
        let (precision, scale) = match info {
            ExactNumberInfo::None => match self.dialect {
                Dialect::Snowflake | Dialect::Trino => (38, 0),
                Dialect::Databricks => (10, 0),
                Dialect::Redshift | Dialect::Synapse => (18, 0),
                Dialect::BigQuery => (38, 9),
            },
            ExactNumberInfo::Precision(precision) => (*precision, 0),
            ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
        };
        u32::try_from(scale).map_or(Target::Other, |scale| Target::Number { precision, scale })
    }

    fn custom(self, name: &str, modifiers: &[String], collation: Option<Collation>) -> Target {
        let numbers: Option<Vec<u32>> = modifiers.iter().map(|modifier| modifier.parse().ok()).collect();
        let Some(numbers) = numbers else { return Target::Other };
        match (self.dialect, name, numbers.as_slice()) {
            (Dialect::Snowflake | Dialect::Trino, "NUMBER", []) => Target::Number { precision: 38, scale: 0 },
            (Dialect::Snowflake | Dialect::Trino, "NUMBER", [precision]) => {
                Target::Number { precision: u64::from(*precision), scale: 0 }
            }
            (Dialect::Snowflake | Dialect::Trino, "NUMBER", [precision, scale]) => {
                Target::Number { precision: u64::from(*precision), scale: *scale }
            }
            (Dialect::Snowflake | Dialect::Trino, "TIMESTAMPNTZ", []) => Target::Timestamp(9),
            (
                Dialect::Snowflake | Dialect::Trino,
                "TIMESTAMP_TZ" | "TIMESTAMP_LTZ" | "TIMESTAMPTZ" | "TIMESTAMPLTZ",
                [] | [_],
            ) => Target::Zoned,
            (Dialect::Synapse, "NCHAR", [n]) => self.fixed(Length::Of(u64::from(*n)), true, collation),
            (Dialect::Synapse, "DATETIME2", []) => Target::Timestamp(7),
            (Dialect::Synapse, "DATETIME2", [digits]) => Target::Timestamp(u64::from(*digits)),
            (Dialect::Synapse, "DATETIMEOFFSET", [] | [6 | 7]) => Target::Zoned,
            _ => Target::Other,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Absent,
    Of(u64),
    Max,
}

fn length(written: &Option<CharacterLength>) -> Option<Length> {
    match written {
        None => Some(Length::Absent),
        Some(CharacterLength::IntegerLength { length, unit: None }) => Some(Length::Of(*length)),
        Some(CharacterLength::Max) => Some(Length::Max),
        Some(CharacterLength::IntegerLength { unit: Some(_), .. }) => None,
    }
}

fn fitting(length: Option<u64>, unit: Measure, blanks: Blanks) -> Target {
    Target::Fitting { length, unit, blanks }
}

/// What T-SQL counts: code units of `nvarchar`, bytes of the collation's code page else.
fn measure(national: bool, collation: Option<Collation>) -> Measure {
    match collation.map(|collation| collation.page) {
        _ if national => Measure::Units,
        Some(Page::Utf8) => Measure::Bytes,
        page => Measure::CodePage { latin: page == Some(Page::Latin) },
    }
}
