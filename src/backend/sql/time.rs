//! Dates and timestamps per dialect: always UTC, whatever the session's time zone.

use super::Dialect;
use crate::inventory::{ColumnType, Instant, TypeClass};
use crate::ir::RoundTo;

impl Dialect {
    /// The UTC date at query time, plus days, whatever the session's time zone.
    pub fn today(self, days: i64) -> String {
        let (sign, count) = (if days < 0 { '-' } else { '+' }, days.unsigned_abs());
        let today = match self {
            Dialect::Snowflake => "CAST(CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP()) AS DATE)",
            Dialect::Trino => "CAST(current_timestamp AT TIME ZONE 'UTC' AS date)",
            Dialect::Databricks => "CAST(to_utc_timestamp(current_timestamp(), current_timezone()) AS DATE)",
            Dialect::Redshift => {
                "CAST(CONVERT_TIMEZONE(current_setting('timezone'), 'UTC', GETDATE()) AS DATE)"
            }
            Dialect::Synapse => "CAST(SYSUTCDATETIME() AS date)",
            Dialect::BigQuery => "CURRENT_DATE('UTC')",
        };
        if days == 0 {
            return today.to_owned();
        }
        match self {
            Dialect::Snowflake => format!("({today} {sign} {count})"),
            Dialect::Trino => format!("({today} {sign} INTERVAL '{count}' DAY)"),
            Dialect::Databricks => format!("date_add({today}, {days})"),
            Dialect::Redshift => format!("CAST(DATEADD(day, {days}, {today}) AS DATE)"),
            Dialect::Synapse => format!("DATEADD(day, {days}, {today})"),
            Dialect::BigQuery => format!("DATE_ADD({today}, INTERVAL {days} DAY)"),
        }
    }

    /// A date, by days since 1970-01-01.
    pub fn date(self, days: i32) -> String {
        let date = Instant(i64::from(days) * 86_400).date();
        match self {
            // Style 23 is ISO 8601, whatever the session's DATEFORMAT.
            Dialect::Synapse => format!("CONVERT(date, '{date}', 23)"),
            Dialect::Snowflake
            | Dialect::Databricks
            | Dialect::Trino
            | Dialect::Redshift
            | Dialect::BigQuery => format!("DATE '{date}'"),
        }
    }

    /// A timestamp without zone.
    pub fn plain_timestamp(self) -> &'static str {
        match self {
            Dialect::Snowflake | Dialect::Databricks => "TIMESTAMP_NTZ",
            Dialect::Trino => "timestamp(6)",
            Dialect::Redshift => "TIMESTAMP",
            Dialect::Synapse => "datetime2(7)",
            Dialect::BigQuery => "DATETIME",
        }
    }

    /// A timestamp column as a UTC timestamp without zone, so that no session's time zone can move it.
    pub fn utc_timestamp(self, text: &str, column: &ColumnType) -> String {
        if !self.zoned(column) {
            return match self {
                Dialect::Synapse => format!("CAST({text} AS datetime2(7))"),
                _ => text.to_owned(),
            };
        }
        match self {
            Dialect::Snowflake => format!("CAST(CONVERT_TIMEZONE('UTC', {text}) AS TIMESTAMP_NTZ)"),
            Dialect::Trino => format!("CAST({text} AT TIME ZONE 'UTC' AS timestamp(6))"),
            Dialect::Databricks => {
                format!("CAST(to_utc_timestamp({text}, current_timezone()) AS TIMESTAMP_NTZ)")
            }
            Dialect::Redshift => format!("({text} AT TIME ZONE 'UTC')"),
            Dialect::Synapse => format!("CAST(SWITCHOFFSET({text}, '+00:00') AS datetime2(7))"),
            Dialect::BigQuery => format!("DATETIME({text}, 'UTC')"),
        }
    }

    /// The start of the unit; `None` where the session's time zone would decide.
    pub fn date_trunc(self, unit: RoundTo, text: &str, column: &ColumnType) -> Option<String> {
        let (word, zoned) = (unit.word(), self.zoned(column));
        let date = column.class == TypeClass::Date;
        match self {
            Dialect::Snowflake if zoned => None,
            Dialect::Snowflake => Some(format!("DATE_TRUNC('{word}', {text})")),
            Dialect::Trino if zoned => Some(format!("date_trunc('{word}', {text} AT TIME ZONE 'UTC')")),
            Dialect::Trino => Some(format!("date_trunc('{word}', {text})")),
            Dialect::Databricks => databricks_trunc(unit, text, date, zoned),
            Dialect::Redshift if zoned => {
                Some(format!("(DATE_TRUNC('{word}', {text} AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')"))
            }
            Dialect::Redshift => Some(format!("DATE_TRUNC('{word}', {text})")),
            Dialect::Synapse => Some(synapse_trunc(unit, text, zoned)),
            Dialect::BigQuery => {
                let word = word.to_ascii_uppercase();
                Some(match (date, zoned) {
                    (true, _) => format!("DATE_TRUNC({text}, {word})"),
                    (false, true) => format!("TIMESTAMP_TRUNC({text}, {word}, 'UTC')"),
                    (false, false) => format!("DATETIME_TRUNC({text}, {word})"),
                })
            }
        }
    }

    /// Whether a timestamp type is an instant: it carries or assumes a time zone.
    pub fn zoned(self, column: &ColumnType) -> bool {
        if column.class != TypeClass::Timestamp {
            return false;
        }
        let text = column.text.to_ascii_lowercase();
        let head = text.split('(').next().unwrap_or_default().trim();
        match self {
            // TIMESTAMP is one with the session's time zone, TIMESTAMP_NTZ has none.
            Dialect::Databricks => head != "timestamp_ntz",
            // TIMESTAMP is an instant, DATETIME has no zone.
            Dialect::BigQuery => head != "datetime",
            Dialect::Snowflake | Dialect::Trino | Dialect::Redshift | Dialect::Synapse => [
                "with time zone",
                "with local time zone",
                "_tz",
                "_ltz",
                "timestamptz",
                "timestampltz",
                "offset",
            ]
            .iter()
            .any(|mark| text.contains(mark)),
        }
    }
}

/// `date_trunc` gives a TIMESTAMP, which a session's time zone moves: docs.databricks.com/sql/language-manual/functions/date_trunc
/// (2026-11-25). Dates and plain timestamps do without it.
fn databricks_trunc(unit: RoundTo, text: &str, date: bool, zoned: bool) -> Option<String> {
    if zoned {
        return None;
    }
    let day = format!("CAST({text} AS DATE)");
    let start = match unit {
        RoundTo::Year => format!("trunc({day}, 'YEAR')"),
        RoundTo::Month => format!("trunc({day}, 'MONTH')"),
        RoundTo::Day => day,
        RoundTo::Hour => {
            return Some(format!("(CAST({day} AS TIMESTAMP_NTZ) + make_dt_interval(0, hour({text})))"));
        }
    };
    Some(if date { start } else { format!("CAST({start} AS TIMESTAMP_NTZ)") })
}

/// Dedicated pools have no DATETRUNC.
fn synapse_trunc(unit: RoundTo, text: &str, zoned: bool) -> String {
    let at = if zoned { format!("SWITCHOFFSET({text}, '+00:00')") } else { text.to_owned() };
    let start = match unit {
        RoundTo::Year => format!("DATEFROMPARTS(YEAR({at}), 1, 1)"),
        RoundTo::Month => format!("DATEFROMPARTS(YEAR({at}), MONTH({at}), 1)"),
        RoundTo::Day => format!("CAST({at} AS date)"),
        RoundTo::Hour => {
            format!("DATEADD(hour, DATEPART(hour, {at}), CAST(CAST({at} AS date) AS datetime2(7)))")
        }
    };
    if zoned { format!("TODATETIMEOFFSET(CAST({start} AS datetime2(7)), '+00:00')") } else { start }
}
