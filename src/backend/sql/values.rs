//! Values of users, which the entitlement table holds as texts, beside columns of other types.
//!
//! Invariant: values were cast when they were written; a text of another use becomes NULL here, never an error.

use super::{Dialect, Operand, Unsupported};
use crate::inventory::{ColumnType, TypeClass};

impl Dialect {
    /// Both sides of `operand IN (SELECT value …)`: the operand, and the table's text as a value of its type.
    pub fn among(
        self,
        operand: &Operand,
        of: &ColumnType,
        value: &str,
    ) -> Result<(String, String), Unsupported> {
        let text = &operand.text;
        let whole = text.clone();
        match of.class {
            TypeClass::String => {
                let value = if operand.padded { self.trim_end(value) } else { value.to_owned() };
                Ok((self.comparable(text, false)?, self.comparable(&value, false)?))
            }
            TypeClass::Boolean => {
                let (yes, no) = match self {
                    Dialect::Synapse => (format!("{text} = 1"), format!("{text} = 0")),
                    Dialect::Snowflake
                    | Dialect::Databricks
                    | Dialect::Trino
                    | Dialect::Redshift
                    | Dialect::BigQuery => (text.clone(), format!("NOT {text}")),
                };
                Ok((format!("CASE WHEN {yes} THEN 'true' WHEN {no} THEN 'false' END"), value.to_owned()))
            }
            TypeClass::Number => Ok((whole, self.tried(value, &self.number_type(of)?))),
            TypeClass::Date => Ok((whole, self.tried(value, "DATE"))),
            TypeClass::Timestamp => Ok((whole, self.tried(value, self.plain_timestamp()))),
            TypeClass::Binary | TypeClass::Other => {
                Err(Unsupported(format!("values of users cannot be cast to `{}`", of.text)))
            }
        }
    }

    /// A number type that holds every value of a column's.
    fn number_type(self, of: &ColumnType) -> Result<String, Unsupported> {
        Ok(match (self, of.scale) {
            (Dialect::BigQuery, Some(0..=9)) => "NUMERIC".to_owned(),
            (Dialect::BigQuery, Some(0..=38)) => "BIGNUMERIC".to_owned(),
            (Dialect::BigQuery, None) => "FLOAT64".to_owned(),
            (_, Some(scale @ 0..=37)) => format!("DECIMAL(38,{scale})"),
            (Dialect::Databricks | Dialect::Trino, None) => "DOUBLE".to_owned(),
            (Dialect::Redshift, None) => "DOUBLE PRECISION".to_owned(),
            (Dialect::Snowflake | Dialect::Synapse, None) => "FLOAT".to_owned(),
            (_, Some(_)) => {
                return Err(Unsupported(format!("values of users cannot be cast to `{}`", of.text)));
            }
        })
    }

    /// A cast that gives NULL for what it cannot read.
    fn tried(self, value: &str, to: &str) -> String {
        match self {
            Dialect::Snowflake | Dialect::Trino => format!("TRY_CAST({value} AS {to})"),
            Dialect::Databricks => format!("try_cast({value} AS {to})"),
            // An empty text is an error: docs.aws.amazon.com/redshift/latest/dg/r_TRY_CAST.html (2026-11-25).
            Dialect::Redshift => format!("TRY_CAST(NULLIF(TRIM({value}), '') AS {to})"),
            // Styles 23 and 121 are ISO 8601, whatever the session's DATEFORMAT; seven digits of a second.
            Dialect::Synapse => match to {
                "DATE" => format!("TRY_CONVERT(date, {value}, 23)"),
                "datetime2(7)" => format!("TRY_CONVERT(datetime2(7), LEFT({value}, 27), 121)"),
                _ => format!("TRY_CAST({value} AS {to})"),
            },
            // Six digits of a second.
            Dialect::BigQuery if to == "DATETIME" => format!("SAFE_CAST(SUBSTR({value}, 1, 26) AS DATETIME)"),
            Dialect::BigQuery => format!("SAFE_CAST({value} AS {to})"),
        }
    }
}
