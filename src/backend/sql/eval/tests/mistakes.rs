//! Mistakes that a printer could make: each is caught, as another value than the reference's or as one that is not known.

use super::*;

/// What a text shows of a value; `instant`: of an instant.
fn of(dialect: Dialect, text: &str, value: &Value, instant: bool) -> Partial {
    let mut fixture = fixture(dialect);
    fixture.instants = if instant { vec!["VAL"] } else { vec![] };
    let body = parse(text, dialect).unwrap_or_else(|| panic!("{dialect:?}: {text}"));
    evaluate(&body, &fixture, &|_| Partial::Value(value.clone()))
}

#[test]
fn mistakes_in_masks_are_caught() {
    use Dialect::{BigQuery, Databricks, Redshift, Synapse};
    let text = |text: &str| Value::Text(text.to_owned());
    // No length guard; blanks at the end not counted; code units counted; hashed in UTF-16, in upper case, unsalted, or cut.
    let rows = [
        (Databricks, "repeat('*', CHAR_LENGTH(val) - 4) || RIGHT(val, 4)", text("abcd"), text("****")),
        (BigQuery, "CONCAT(SUBSTR(val, 1, 2), '***')", text("ab"), text("**")),
        (Synapse, "REPLICATE(N'*', LEN(val))", text("ab  "), text("****")),
        (Synapse, "REPLICATE(N'*', LEN(val))", text("😀"), text("*")),
        (Synapse, "LEFT(val, 1) + N'*'", text("😀x"), text("😀*")),
        (Redshift, "REPEAT('*', LENGTH(RTRIM(val, ' ')))", text("ab  "), text("****")),
        (Redshift, "REGEXP_REPLACE(val, '[a-z]', '*')", text("aB"), text("*B")),
        (Databricks, "regexp_replace(val, '[0-9]', '$1')", text("a1"), text("a$1")),
        (BigQuery, "ROUND(val, -2)", Value::number("1249.99").unwrap(), Value::number("1300").unwrap()),
    ];
    for (dialect, printed, value, wanted) in rows {
        assert_ne!(of(dialect, printed, &value, false), Partial::Value(wanted), "{dialect:?}: {printed}");
    }
    let digest = Value::Text("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".to_owned());
    for (dialect, printed) in [
        (Synapse, "LOWER(CONVERT(varchar(64), HASHBYTES('SHA2_256', val), 2))"),
        (
            Synapse,
            "CONVERT(varchar(64), HASHBYTES('SHA2_256', CONVERT(varchar(max), val COLLATE Latin1_General_100_BIN2_UTF8)), 2)",
        ),
        (
            Synapse,
            "LOWER(CONVERT(varchar(64), HASHBYTES('SHA2_256', CONVERT(varchar(10), val COLLATE Latin1_General_100_BIN2_UTF8)), 2))",
        ),
        (
            Synapse,
            "LOWER(CONVERT(varchar(64), HASHBYTES('SHA2_512', CONVERT(varchar(max), val COLLATE Latin1_General_100_BIN2_UTF8)), 2))",
        ),
        (Databricks, "sha2(val, 512)"),
        (Databricks, "md5(val)"),
        (BigQuery, "TO_HEX(SHA512(val))"),
        (BigQuery, "UPPER(TO_HEX(SHA256(val)))"),
        (Redshift, "SHA2(val || ' ', 256)"),
    ] {
        let got = of(dialect, printed, &Value::Text(String::new()), false);
        assert_ne!(got, Partial::Value(digest.clone()), "{dialect:?}: {printed}");
    }
}

#[test]
fn mistakes_about_time_zones_are_caught() {
    use Dialect::{BigQuery, Databricks, Redshift, Synapse};
    let value = Value::Timestamp(1_773_000_123_000_000);
    for (dialect, printed) in [
        (Databricks, "date_trunc('DAY', val)"),
        (Databricks, "CAST(trunc(CAST(val AS DATE), 'MONTH') AS TIMESTAMP)"),
        (Databricks, "CAST(val AS TIMESTAMP_NTZ)"),
        (Databricks, "val < CAST(DATE '2026-06-01' AS TIMESTAMP_NTZ)"),
        (Redshift, "DATE_TRUNC('day', val)"),
        (Redshift, "(DATE_TRUNC('day', val) AT TIME ZONE 'UTC')"),
        (Redshift, "val < CAST(DATE '2026-06-01' AS TIMESTAMP)"),
        (Synapse, "CAST(val AS datetime2(7))"),
        (Synapse, "DATEFROMPARTS(YEAR(val), 1, 1)"),
        (BigQuery, "DATETIME_TRUNC(val, DAY)"),
        (BigQuery, "TIMESTAMP_TRUNC(val, DAY)"),
        (BigQuery, "val < CAST(DATE '2026-06-01' AS DATETIME)"),
    ] {
        assert_eq!(of(dialect, printed, &value, true), Partial::Unknown, "{dialect:?}: {printed}");
    }
}

#[test]
fn mistakes_in_filters_are_caught() {
    use Dialect::{BigQuery, Databricks, Redshift, Synapse};
    let text = |text: &str| Value::Text(text.to_owned());
    // Blanks at the end, case, accents and patterns: where the platform is looser than the reference, never FALSE.
    for (dialect, printed, value, right) in [
        (Redshift, "val = 'EMEA'", text("EMEA "), false),
        (Redshift, "val = 'EMEA'", text("emea"), false),
        (Redshift, "COLLATE(val, 'case_sensitive') = 'EMEA'", text("EMEA "), false),
        (Redshift, "val LIKE 'E%'", text("emea"), false),
        (Redshift, "val < 'b'", text("B"), true),
        (Synapse, "val = N'EMEA'", text("EMEA "), false),
        (Synapse, "val = N'EMEA'", text("emea"), false),
        (Synapse, "val = N'resume'", text("résumé"), false),
        (Synapse, "val COLLATE Latin1_General_100_BIN2 = N'EMEA'", text("EMEA "), false),
        (Synapse, "val LIKE N'[E]MEA'", text("[E]MEA"), true),
        (Synapse, "val COLLATE Latin1_General_100_BIN2 LIKE N'_'", text("😀"), true),
        (Databricks, r"val LIKE 'a\_'", text(r"a\b"), true),
        (Databricks, "val COLLATE UTF8_LCASE = 'EMEA'", text("emea"), false),
        (BigQuery, "COLLATE(val, 'und:ci') = 'EMEA'", text("emea"), false),
        (BigQuery, "val LIKE 'a\\_'", text("ab"), true),
    ] {
        let wanted = Partial::Value(Value::Boolean(right));
        let got = match parse(printed, dialect) {
            Some(_) => of(dialect, printed, &value, false),
            None => Partial::Unknown,
        };
        assert_ne!(got, wanted, "{dialect:?}: {printed} of {value:?}");
    }
}

/// A filter on an entitlement table whose own column captures the row's is open.
#[test]
fn captured_names_are_caught_in_every_dialect() {
    for dialect in Dialect::ALL {
        let user = match dialect {
            Dialect::BigQuery => "SESSION_USER()",
            Dialect::Databricks => "current_user()",
            Dialect::Snowflake | Dialect::Trino | Dialect::Redshift | Dialect::Synapse => "CURRENT_USER",
        };
        let owned = format!("SELECT 1 FROM ENTITLEMENTS e WHERE e.ACCOUNT = {user} AND e.VALUE");
        let shows = |text: &str| {
            let text = format!("CASE WHEN EXISTS ({owned} = {text}) THEN 1 ELSE 2 END");
            evaluated(dialect, &text)
        };
        assert_eq!(shows("VALUE"), "1", "{dialect:?}");
        assert_eq!(shows("ROW_TABLE.VALUE"), "1", "{dialect:?}");
        assert_eq!(shows("'AMER'"), "2", "{dialect:?}");
    }
}
