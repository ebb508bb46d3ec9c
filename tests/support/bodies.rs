//! Law 9 in cells and rows: what bodies show of a random row, to each account's session, is what the reference shows.
//!
//! A narrowed method shows NULL, and a gap says so; nothing else may differ. The judge of bodies never guesses: what it does not
//! know is a failure here too, except of `custom`, which the reference does not know either.

use std::collections::BTreeMap;

use grantc::backend::GapCode;
use grantc::backend::sql::Dialect;
use grantc::backend::sql::eval::{self, Body, Partial, Session};
use grantc::ids::Id;
use grantc::inventory::directory::Access;
use grantc::inventory::integration::Enforcement;
use grantc::inventory::{ColumnId, ColumnType, Platform, Securable, TableId, TypeClass, UserId};
use grantc::ir::value::Value;

use super::case::Case;
use super::query::Query;
use super::redshift::Redshift;
use super::snowflake::Snowflake;
use super::trino::Trino;
use super::unity::Unity;
use super::views::Views;

/// What stands on a column or a table for an account.
pub struct Standing {
    pub body: Option<Body>,
    pub text: String,
    /// The column of each argument; `None`: columns stand by name.
    pub arguments: Option<BTreeMap<String, String>>,
}

/// A platform's bodies.
pub trait Bodies {
    fn mask(&self, account: &str, column: ColumnId) -> Option<Standing>;
    fn filter(&self, account: &str, table: TableId) -> Option<Standing>;
    fn session<'s>(&'s self, account: &'s str, today: i32) -> Box<dyn Session + 's>;
    /// A column that a body takes from the session and not from the row.
    fn flag(
        &self,
        _account: &str,
        _standing: &Standing,
        _qualifier: &[String],
        _name: &str,
    ) -> Option<Value> {
        None
    }
}

/// A session with the flags of one body.
struct Flagged<'f> {
    session: &'f dyn Session,
    bodies: &'f dyn Bodies,
    account: &'f str,
    standing: &'f Standing,
}

impl Session for Flagged<'_> {
    fn is_role(&self, role: &str) -> Option<bool> {
        self.session.is_role(role)
    }
    fn has_group(&self, group: &str) -> Option<bool> {
        self.session.has_group(group)
    }
    fn current_user(&self) -> Option<&str> {
        self.session.current_user()
    }
    fn table(&self, path: &[String]) -> Option<&eval::Table> {
        self.session.table(path)
    }
    fn today(&self) -> Option<i32> {
        self.session.today()
    }
    fn names_the_row(&self, qualifier: &[String]) -> bool {
        self.session.names_the_row(qualifier)
    }
    fn given(&self, qualifier: &[String], name: &str) -> Option<Value> {
        self.bodies.flag(self.account, self.standing, qualifier, name)
    }
}

fn of<'c>(case: &'c Case<'c>) -> Option<Box<dyn Bodies + 'c>> {
    let settings = &case.inventory().integrations[case.integration];
    match settings.platform {
        Platform::Snowflake => Some(Box::new(Snowflake::of(case))),
        Platform::Trino => Some(Box::new(Trino::of(case))),
        // No rows and columns.
        Platform::S3 => None,
        Platform::Redshift if settings.enforcement == Enforcement::Native => {
            Some(Box::new(Redshift::of(case)))
        }
        Platform::Redshift => {
            let home = settings.config["database"].as_str().unwrap();
            Some(Box::new(Views::of(case, Dialect::Redshift, home, |account| account)))
        }
        Platform::Databricks => Some(Box::new(Unity::of(case))),
        Platform::Synapse => Some(Box::new(Views::of(case, Dialect::Synapse, "RETAIL", |account| account))),
        Platform::BigQuery if settings.enforcement == Enforcement::Native => Some(Box::new(Query::of(case))),
        Platform::BigQuery => Some(Box::new(Views::of(case, Dialect::BigQuery, "RETAIL", address))),
    }
}

/// `alice@acme.example` of `user:alice@acme.example`.
pub fn address(account: &str) -> &str {
    account.split_once(':').map_or(account, |(_, address)| address)
}

/// 2026-06-01.
const TODAY: i32 = 20_605;

const TEXTS: [&str; 12] = [
    "EMEA",
    "AMER",
    "A'P\\AC",
    "",
    "a@acme.example",
    "5551234",
    "alice@acme.example",
    "staff",
    "é1",
    "bob",
    "A%x",
    "emea",
];
const NUMBERS: [&str; 9] = ["0", "1", "2.5", "100.5", "-0.5", "-15", "7", "5", "101"];
const DATES: [i32; 6] = [-1, 0, 10_957, 20_000, 20_604, 20_605];
const TIMES: [i64; 5] = [-1, 0, 1_767_225_600_000_000, 1_780_272_000_000_000, 1_780_275_723_000_001];

/// A value that the column can hold.
fn value(of: &ColumnType, pick: u8) -> Value {
    let (class, scale) = (of.class, of.scale);
    let at = |count: usize| usize::from(pick) % (count + 1);
    match class {
        TypeClass::String => TEXTS.get(at(TEXTS.len())).map_or(Value::Null, |text| {
            let longest = of.length.map_or(usize::MAX, |length| length as usize);
            Value::Text(text.chars().take(longest).collect())
        }),
        TypeClass::Number => match NUMBERS.get(at(NUMBERS.len())) {
            Some(text) if scale == Some(0) && text.contains('.') => Value::number("3").unwrap(),
            Some(text) => Value::number(text).unwrap(),
            None => Value::Null,
        },
        TypeClass::Boolean => {
            [Value::Null, Value::Boolean(true), Value::Boolean(false)][usize::from(pick % 3)].clone()
        }
        TypeClass::Date => DATES.get(at(DATES.len())).map_or(Value::Null, |days| Value::Date(*days)),
        TypeClass::Timestamp => {
            TIMES.get(at(TIMES.len())).map_or(Value::Null, |micros| Value::Timestamp(*micros))
        }
        TypeClass::Binary | TypeClass::Other => Value::Null,
    }
}

/// Redshift's CHAR holds single-byte characters only: docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html.
fn storable(platform: Platform, of: &ColumnType, value: Value) -> Value {
    match value {
        Value::Text(text) if platform == Platform::Redshift && of.padded => {
            Value::Text(text.replace('é', "e"))
        }
        other => other,
    }
}

/// One row of picks for every table.
pub fn agree(case: &Case<'_>, picks: &[u8]) {
    let Some(bodies) = of(case) else { return };
    let permits = case.permits(&case.facts);
    let catalog = &case.inventory().catalog;
    let platform = case.inventory().integrations[case.integration].platform;
    for table in case.securables() {
        let Securable::Table(table) = table else { continue };
        let columns = &catalog.tables[table].columns;
        let row: BTreeMap<ColumnId, Value> = columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let of = &catalog.columns[*column].column_type;
                (*column, storable(platform, of, value(of, picks[at % picks.len()])))
            })
            .collect();
        for raw in permits.may(Securable::Table(table), Access::Read) {
            let account = &permits.accounts()[raw as usize];
            rows_agree(case, bodies.as_ref(), table, account, &row);
            for column in columns {
                cells_agree(case, bodies.as_ref(), *column, account, &row);
            }
        }
    }
}

type Row = BTreeMap<ColumnId, Value>;

fn ask(case: &Case<'_>, bodies: &dyn Bodies, standing: &Standing, account: &str, row: &Row) -> Partial {
    let Some(body) = &standing.body else { return Partial::Unknown };
    let cell = |name: &str| {
        let name = match &standing.arguments {
            Some(arguments) => arguments.get(name).map(String::as_str),
            None => Some(name),
        };
        let catalog = &case.inventory().catalog;
        let found = row.iter().find(|(column, _)| Some(catalog.columns[**column].name.as_str()) == name);
        found.map_or(Partial::Unknown, |(_, value)| Partial::Value(value.clone()))
    };
    let session = bodies.session(account, TODAY);
    eval::evaluate(body, &Flagged { session: session.as_ref(), bodies, account, standing }, &cell)
}

fn users<'c>(case: &'c Case<'_>, account: &str) -> impl Iterator<Item = UserId> + 'c {
    let id = case.accounts.find(account).expect("never wider");
    case.accounts.accounts[id].users.iter().map(UserId::from_raw)
}

fn rows_agree(case: &Case<'_>, bodies: &dyn Bodies, table: TableId, account: &str, row: &Row) {
    let cell = |column| row[&column].clone();
    let shown = match bodies.filter(account, table) {
        None => true,
        Some(standing) => match ask(case, bodies, &standing, account, row) {
            Partial::Value(Value::Boolean(shown)) => shown,
            Partial::Value(Value::Null) => false,
            // The evaluator does not turn dates into text, which Snowflake's entitlement look-ups do: not compared.
            Partial::Unknown if standing.text.contains("TO_VARCHAR(") => return,
            other => panic!("{}: {account:?}: {other:?} of {}", case.name(), standing.text),
        },
    };
    for user in users(case, account) {
        let wanted = case.meaning.visible(user, table, TODAY, &cell);
        assert_eq!(
            shown,
            wanted,
            "{}: the row {:?} of {} for {account:?}, by {:?}",
            case.name(),
            row.values(),
            case.shown(Securable::Table(table)),
            bodies.filter(account, table).map(|standing| standing.text)
        );
    }
}

fn cells_agree(case: &Case<'_>, bodies: &dyn Bodies, column: ColumnId, account: &str, row: &Row) {
    let cell = |column| row[&column].clone();
    let salt = if case.salt.is_some() { "{salt}" } else { "" };
    let standing = bodies.mask(account, column);
    let shown = match &standing {
        None => Partial::Value(cell(column)),
        Some(standing) => ask(case, bodies, standing, account, row),
    };
    if shown == Partial::Unknown
        && standing.as_ref().is_some_and(|standing| standing.text.contains("TO_VARCHAR("))
    {
        return;
    }
    let name = case.inventory().catalog.shown_column(column);
    let padded = case.inventory().catalog.columns[column].column_type.padded;
    for user in users(case, account) {
        let Some(wanted) = case.meaning.cell(user, column, TODAY, salt, &cell) else { continue };
        let narrowed = || {
            let told = |code| case.gaps.iter().any(|gap| gap.code == code && gap.object == name);
            let shared = users(case, account).count() > 1 && told(GapCode::SharedAccount);
            shown == Partial::Value(Value::Null) && (told(GapCode::MethodNarrowed) || shared)
        };
        assert!(
            same(&shown, &wanted, padded) || narrowed(),
            "{}: {account:?} sees {shown:?} in {name}, not {wanted:?}: the row {:?}, by {:?}",
            case.name(),
            row.values(),
            standing.map(|standing| standing.text)
        );
    }
}

/// The same value; the padding of CHAR does not count.
fn same(shown: &Partial, wanted: &Value, padded: bool) -> bool {
    match (shown, wanted) {
        (Partial::Value(Value::Text(shown)), Value::Text(wanted)) if padded => {
            shown.trim_end_matches(' ') == wanted.trim_end_matches(' ')
        }
        (Partial::Value(shown), wanted) => shown == wanted,
        (Partial::Column(_) | Partial::Unknown, _) => false,
    }
}
