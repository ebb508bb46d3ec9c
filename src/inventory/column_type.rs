//! Column types: the platform's own text, and the few things that policies need to know of it.

use super::Platform;

/// What a policy can tell apart: `of type string|number|…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TypeClass {
    /// Text of any length.
    String,
    /// Integers, decimals, floating point.
    Number,
    /// True and false.
    Boolean,
    /// Calendar dates.
    Date,
    /// Dates with a time, with or without zone.
    Timestamp,
    /// Bytes.
    Binary,
    /// Anything else (arrays, structs, variants, times, intervals …): only `null`, `constant` and `custom` fit.
    Other,
}

impl TypeClass {
    /// The word of the policy language, or what the type is called in messages.
    pub fn word(self) -> &'static str {
        match self {
            TypeClass::String => "string",
            TypeClass::Number => "number",
            TypeClass::Boolean => "boolean",
            TypeClass::Date => "date",
            TypeClass::Timestamp => "timestamp",
            TypeClass::Binary => "binary",
            TypeClass::Other => "other",
        }
    }
}

/// A column's type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnType {
    /// As the platform writes it: `VARCHAR(16)`, `decimal(7,2)`, `timestamp(3) with time zone`.
    pub text: String,
    /// What policies see.
    pub class: TypeClass,
    /// Declared length in characters or digits of precision, if any.
    pub length: Option<u32>,
    /// Digits after the point, for decimals (0 for integers, none for floating point and everything else).
    pub scale: Option<u32>,
    /// `CHAR(n)`: padded with blanks that do not count in comparisons.
    pub padded: bool,
}

impl ColumnType {
    /// Reads the platform's own text, with what it means there by a type without length or scale: one character of CHAR on most,
    /// 256 of VARCHAR on Redshift, 9 and 38 digits after the point of NUMERIC and BIGNUMERIC on BigQuery, 4 of MONEY on Synapse.
    /// Sources: docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html, docs.cloud.google.com/bigquery/docs/reference/
    /// standard-sql/data-types, learn.microsoft.com/sql/t-sql/data-types (2026-11-25).
    pub fn on(platform: Platform, text: &str) -> ColumnType {
        let of = ColumnType::parse(text);
        if of.length.is_some() {
            return of;
        }
        let (length, scale) = match (platform, of.text.to_ascii_lowercase().as_str()) {
            (Platform::BigQuery, "numeric" | "decimal") => (Some(38), Some(9)),
            (Platform::BigQuery, "bignumeric" | "bigdecimal") => (Some(76), Some(38)),
            (Platform::Synapse, "money") => (Some(19), Some(4)),
            (Platform::Synapse, "smallmoney") => (Some(10), Some(4)),
            (Platform::Synapse, "varchar" | "nvarchar") => (Some(1), None),
            (Platform::Redshift, "varchar" | "character varying" | "nvarchar" | "text" | "bpchar") => {
                (Some(256), None)
            }
            (_, "char" | "character" | "nchar") => (Some(1), None),
            _ => (None, of.scale),
        };
        ColumnType { length, scale, ..of }
    }

    /// Reads the platform's own text. Never fails: what we do not know is [`TypeClass::Other`].
    pub fn parse(text: &str) -> ColumnType {
        let lower = text.trim().to_ascii_lowercase();
        let (head, rest) = match lower.split_once('(') {
            Some((head, rest)) => (head.trim().to_owned(), Some(rest)),
            None => (lower.clone(), None),
        };
        let mut numbers = rest
            .and_then(|rest| rest.split_once(')'))
            .map(|(inside, _)| {
                inside.split(',').filter_map(|each| each.trim().parse::<u32>().ok()).collect::<Vec<_>>()
            })
            .unwrap_or_default()
            .into_iter();
        let (first, second) = (numbers.next(), numbers.next());
        let tail_has_zone = lower.contains("time zone");
        let class = match head.as_str() {
            "varchar" | "char" | "character" | "nchar" | "nvarchar" | "nvarchar2" | "varchar2" | "text"
            | "string" | "character varying" | "char varying" | "bpchar" | "ntext" | "sysname" => {
                TypeClass::String
            }
            "number" | "decimal" | "numeric" | "dec" | "int" | "integer" | "bigint" | "smallint"
            | "tinyint" | "byteint" | "int2" | "int4" | "int8" | "int64" | "long" | "short" | "byte"
            | "float" | "float4" | "float8" | "float64" | "double" | "double precision" | "real"
            | "bignumeric" | "bigdecimal" | "money" | "smallmoney" | "decfloat" => TypeClass::Number,
            "boolean" | "bool" | "bit" => TypeClass::Boolean,
            "date" => TypeClass::Date,
            "binary" | "varbinary" | "bytes" | "bytea" | "varbyte" | "binary varying" => TypeClass::Binary,
            "timestamp" | "datetime" | "datetime2" | "smalldatetime" | "datetimeoffset" | "timestamptz"
            | "timestamp_ntz" | "timestamp_ltz" | "timestamp_tz" | "timestampntz" | "timestampltz"
            | "timestamptz_ltz" => TypeClass::Timestamp,
            other if other.starts_with("timestamp ") && (tail_has_zone || other.contains("zone")) => {
                TypeClass::Timestamp
            }
            _ => TypeClass::Other,
        };
        let integer = matches!(
            head.as_str(),
            "int"
                | "integer"
                | "bigint"
                | "smallint"
                | "tinyint"
                | "byteint"
                | "int2"
                | "int4"
                | "int8"
                | "int64"
                | "long"
                | "short"
                | "byte"
        );
        let decimal =
            matches!(head.as_str(), "number" | "decimal" | "numeric" | "dec" | "bignumeric" | "bigdecimal");
        ColumnType {
            text: text.trim().to_owned(),
            class,
            length: first,
            scale: if integer {
                Some(0)
            } else if decimal {
                Some(second.unwrap_or(0))
            } else {
                None
            },
            padded: matches!(head.as_str(), "char" | "character" | "nchar" | "bpchar"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_type_leaves_open_is_the_platforms() {
        for (platform, text, length, scale) in [
            (Platform::BigQuery, "NUMERIC", Some(38), Some(9)),
            (Platform::BigQuery, "NUMERIC(5,2)", Some(5), Some(2)),
            (Platform::BigQuery, "BIGNUMERIC", Some(76), Some(38)),
            (Platform::Snowflake, "NUMERIC", None, Some(0)),
            (Platform::Synapse, "money", Some(19), Some(4)),
            (Platform::Synapse, "nvarchar(max)", None, None),
            (Platform::Redshift, "varchar", Some(256), None),
            (Platform::Trino, "char", Some(1), None),
            (Platform::Trino, "varchar", None, None),
        ] {
            let of = ColumnType::on(platform, text);
            assert_eq!((of.length, of.scale), (length, scale), "{platform:?} {text}");
        }
    }

    #[test]
    fn every_platforms_spelling_has_its_class() {
        for (text, class) in [
            ("VARCHAR(16777216)", TypeClass::String),
            ("char(2)", TypeClass::String),
            ("NUMBER(38,0)", TypeClass::Number),
            ("DECIMAL(7,2)", TypeClass::Number),
            ("INT64", TypeClass::Number),
            ("bit", TypeClass::Boolean),
            ("DATE", TypeClass::Date),
            ("timestamp(3) with time zone", TypeClass::Timestamp),
            ("TIMESTAMP_NTZ(9)", TypeClass::Timestamp),
            ("timestamp without time zone", TypeClass::Timestamp),
            ("varbinary", TypeClass::Binary),
            ("array(varchar)", TypeClass::Other),
            ("VARIANT", TypeClass::Other),
            ("", TypeClass::Other),
        ] {
            assert_eq!(ColumnType::parse(text).class, class, "{text}");
        }
        let decimal = ColumnType::parse("DECIMAL(7,2)");
        assert_eq!((decimal.length, decimal.scale), (Some(7), Some(2)));
        assert!(ColumnType::parse("CHAR(10)").padded);
    }
}
