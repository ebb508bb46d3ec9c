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
            Dialect::Databricks => {
                "date_from_unix_date(CAST(unix_seconds(current_timestamp()) / 86400 AS INT))"
            }
            // GETDATE is in the session's time zone, by which the cast reads it again: docs.aws.amazon.com/redshift/latest/dg/
            // r_GETDATE.html, r_AT_TIME_ZONE.html (2026-11-25). CONVERT_TIMEZONE would read some zones otherwise than SET does.
            Dialect::Redshift => "CAST((CAST(GETDATE() AS TIMESTAMPTZ) AT TIME ZONE 'UTC') AS DATE)",
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
            Dialect::Databricks => databricks_utc(text),
            Dialect::Redshift => format!("({text} AT TIME ZONE 'UTC')"),
            Dialect::Synapse => synapse_utc(text),
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
            Dialect::Databricks => Some(databricks_trunc(unit, text, date, zoned)),
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

/// An instant's microseconds are the same in every time zone: docs.databricks.com/sql/language-manual/functions/unix_micros
/// (2026-11-25). `to_utc_timestamp` moves what the session's zone skips.
fn databricks_micros(instant: &str) -> String {
    format!("unix_micros({instant})")
}

/// The UTC date of an instant. The division is of doubles, and exact: such multiples have few binary digits.
fn databricks_date(instant: &str) -> String {
    let micros = databricks_micros(instant);
    format!("date_from_unix_date(CAST(({micros} - pmod({micros}, 86400000000)) / 86400000000 AS INT))")
}

/// An instant as a timestamp without zone.
fn databricks_utc(instant: &str) -> String {
    let micros = databricks_micros(instant);
    let seconds = format!("CAST(pmod({micros}, 86400000000) AS DECIMAL(12, 0)) * 0.000001");
    format!("(CAST({} AS TIMESTAMP_NTZ) + make_dt_interval(0, 0, 0, {seconds}))", databricks_date(instant))
}

/// `date_trunc` gives a TIMESTAMP, which a session's time zone moves: docs.databricks.com/sql/language-manual/functions/date_trunc
/// (2026-11-25). Whatever the type, we do without it.
fn databricks_trunc(unit: RoundTo, text: &str, date: bool, zoned: bool) -> String {
    if zoned {
        let micros = databricks_micros(text);
        let multiple = |unit: u64| format!("timestamp_micros({micros} - pmod({micros}, {unit}))");
        let start = |unit: &str| {
            let start = format!("trunc({}, '{unit}')", databricks_date(text));
            format!("timestamp_micros(unix_date({start}) * 86400000000)")
        };
        return match unit {
            RoundTo::Year => start("YEAR"),
            RoundTo::Month => start("MONTH"),
            RoundTo::Day => multiple(86_400_000_000),
            RoundTo::Hour => multiple(3_600_000_000),
        };
    }
    let day = format!("CAST({text} AS DATE)");
    let start = match unit {
        RoundTo::Year => format!("trunc({day}, 'YEAR')"),
        RoundTo::Month => format!("trunc({day}, 'MONTH')"),
        RoundTo::Day if date => format!("date_from_unix_date(unix_date({day}) - pmod(unix_date({day}), 1))"),
        RoundTo::Day => day,
        RoundTo::Hour => {
            return format!("(CAST({day} AS TIMESTAMP_NTZ) + make_dt_interval(0, hour({text})))");
        }
    };
    if date { start } else { format!("CAST({start} AS TIMESTAMP_NTZ)") }
}

/// The first day that T-SQL has.
const SYNAPSE_FIRST: &str = "CAST(CONVERT(date, '0001-01-01', 23) AS datetime2(7))";

/// Dedicated pools have no DATETRUNC: as many units since the first day as there are, which DATEDIFF counts by their starts.
fn synapse_trunc(unit: RoundTo, text: &str, zoned: bool) -> String {
    let (unit, at) = (unit.word(), if zoned { synapse_utc(text) } else { text.to_owned() });
    let start = format!("DATEADD({unit}, DATEDIFF({unit}, {SYNAPSE_FIRST}, {at}), {SYNAPSE_FIRST})");
    if zoned { format!("TODATETIMEOFFSET({start}, '+00:00')") } else { start }
}

fn synapse_utc(text: &str) -> String {
    format!("CAST(SWITCHOFFSET({text}, '+00:00') AS datetime2(7))")
}
