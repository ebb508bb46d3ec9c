//! Meaning as data: expression, what is known of it. What these cannot show: that the platforms agree.

mod dialects;
mod functions;
mod hostile;
mod logic;
mod masks;
mod mistakes;
mod printed_methods;
mod printed_rows;
mod sessions;
mod views;

use super::*;

struct Fixture {
    entitlements: Table,
    codes: Table,
    /// Columns, in upper case, whose timestamps are instants.
    instants: Vec<&'static str>,
}

/// Alice holds `ANALYST` and `SUPPORT`, is in `analysts`, and has EMEA and APAC as regions; Bob has AMER.
fn fixture(dialect: Dialect) -> Fixture {
    let fold = |name: &str| if lower(dialect) { name.to_lowercase() } else { name.to_owned() };
    let text = |text: &str| Value::Text(text.to_owned());
    let rows = [
        ["ALICE", "region", "EMEA"],
        ["ALICE", "region", "APAC"],
        ["BOB", "region", "AMER"],
        ["ALICE", "clearance", "secret"],
    ];
    Fixture {
        entitlements: Table::new(
            ["ACCOUNT", "NAME", "VALUE"].map(fold).to_vec(),
            rows.iter().map(|row| row.iter().map(|cell| text(cell)).collect()).collect(),
        ),
        codes: Table::new(
            ["CODE"].map(fold).to_vec(),
            vec![vec![Value::number("1").unwrap_or(Value::Null)], vec![Value::Null]],
        ),
        instants: Vec::new(),
    }
}

/// Whether plain names fold down. Synapse's do not fold: our texts write them in the case that they are stored in.
fn lower(dialect: Dialect) -> bool {
    !matches!(dialect, Dialect::Snowflake | Dialect::Synapse)
}

impl Session for Fixture {
    fn is_role(&self, role: &str) -> Option<bool> {
        if role == "MAYBE" { None } else { Some(["ANALYST", "SUPPORT"].contains(&role)) }
    }
    fn has_group(&self, group: &str) -> Option<bool> {
        Some(group == "analysts")
    }
    fn current_user(&self) -> Option<&str> {
        Some("ALICE")
    }
    fn table(&self, path: &[String]) -> Option<&Table> {
        let path: Vec<String> = path.iter().map(|part| part.to_uppercase()).collect();
        match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["ENTITLEMENTS"] | ["DB", "GRANTC", "ENTITLEMENTS"] => Some(&self.entitlements),
            ["CODES"] => Some(&self.codes),
            _ => None,
        }
    }
    fn today(&self) -> Option<i32> {
        date("2026-06-01")
    }
    fn names_the_row(&self, qualifier: &[String]) -> bool {
        qualifier.iter().map(|part| part.to_uppercase()).eq(["ROW_TABLE"])
    }
    /// The flags of `g`: `f1` is set, `f0` is not.
    fn given(&self, qualifier: &[String], name: &str) -> Option<Value> {
        match (qualifier, name) {
            ([table], "f1") if table == "g" => Value::number("1"),
            ([table], "f0") if table == "g" => Value::number("0"),
            _ => None,
        }
    }
    fn is_instant(&self, column: &str) -> bool {
        self.instants.contains(&column.to_uppercase().as_str())
    }
}

fn date(text: &str) -> Option<i32> {
    match Value::date(text) {
        Some(Value::Date(days)) => Some(days),
        _ => None,
    }
}

/// `A` = EMEA, `N` = 1250, `D` = 2026-03-15, `T` = 2026-03-15 13:45, `Z` is NULL, `B` is true; `U` and others are not known.
fn cell(name: &str) -> Partial {
    let days = date("2026-03-15").unwrap_or_default();
    Partial::Value(match name.to_uppercase().as_str() {
        "A" | "VALUE" => Value::Text("EMEA".to_owned()),
        "N" => Value::number("1250").unwrap_or(Value::Null),
        "D" => Value::Date(days),
        "T" => Value::Timestamp((i64::from(days) * 86_400 + 13 * 3_600 + 45 * 60) * 1_000_000),
        "Z" => Value::Null,
        "B" => Value::Boolean(true),
        _ => return Partial::Column(name.to_owned()),
    })
}

fn shows(partial: Option<Partial>) -> String {
    match partial {
        None => "not read".to_owned(),
        Some(Partial::Unknown) => "?".to_owned(),
        Some(Partial::Column(name)) => format!("column {name}"),
        Some(Partial::Value(Value::Text(text))) => format!("'{text}'"),
        Some(Partial::Value(value)) => value.to_string(),
    }
}

fn evaluated(dialect: Dialect, text: &str) -> String {
    let fixture = fixture(dialect);
    shows(parse(text, dialect).map(|body| evaluate(&body, &fixture, &cell)))
}

fn check(dialects: &[Dialect], rows: &[(&str, &str)]) {
    for dialect in dialects {
        for (text, expected) in rows {
            // Names of dialects that fold down.
            let expected = match expected.strip_prefix("column ") {
                Some(name) if lower(*dialect) => format!("column {}", name.to_lowercase()),
                _ => (*expected).to_owned(),
            };
            assert_eq!(evaluated(*dialect, text), expected, "{dialect:?}: {text}");
        }
    }
}

const S: &[Dialect] = &[Dialect::Snowflake];
const T: &[Dialect] = &[Dialect::Trino];
const BOTH: &[Dialect] = &[Dialect::Snowflake, Dialect::Trino];
const D: &[Dialect] = &[Dialect::Databricks];
const R: &[Dialect] = &[Dialect::Redshift];
const A: &[Dialect] = &[Dialect::Synapse];
const G: &[Dialect] = &[Dialect::BigQuery];
const LATER: &[Dialect] = &[Dialect::Databricks, Dialect::Redshift, Dialect::Synapse, Dialect::BigQuery];
