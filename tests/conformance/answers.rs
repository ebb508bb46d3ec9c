//! What an engine should answer: rows for every table, and what each account sees of them by the reference.
//!
//! In: a case, the value of the salt, and the day on which the engine runs. Out: for a table `rows` (the cells of each row, as
//! texts), `forms` (what the masks on its column make of each cell) and `answers` (account → the rows that it sees, by number, with what stands in each cell).
//! A cell is a text, or `null`; `{"or_null": …}` where a gap lets the platform show NULL too; `{"any": true}` where only the
//! platform knows.

use std::collections::{BTreeMap, BTreeSet};

use grantc::backend::GapCode;
use grantc::ids::Id;
use grantc::inventory::{ColumnId, ColumnType, TableId, TypeClass, UserId};
use grantc::ir::Method;
use grantc::ir::value::Value;
use serde_json::{Value as Json, json};

use super::support::case::Case;

/// Rows of a table: enough that each column shows NULL, and each text of [`texts`], beside several others.
const ROWS: usize = 14;

/// What every answer depends on.
pub(crate) struct Asking<'c> {
    pub(crate) case: &'c Case<'c>,
    /// The value that the artefacts hold.
    pub(crate) salt: Option<&'c str>,
    /// Days since 1970-01-01.
    pub(crate) today: i32,
    /// Texts that policies may look for.
    pub(crate) texts: Vec<String>,
}

/// Texts that conditions of this company can find: values of attributes, names, and some that are odd.
pub(crate) fn texts(case: &Case<'_>) -> Vec<String> {
    let directory = &case.inventory().directory;
    let odd = ["EMEA", "A'P\\AC", "", "a@acme.example", "5551234", "é1", "A%x", "emea", "Ω", "a b"];
    let attributes = directory.attributes.values().flat_map(|values| values.keys()).take(20);
    let users = directory.users.values().map(|user| &user.id).take(3);
    let own: BTreeSet<&str> = attributes.chain(users).map(String::as_str).collect();
    own.into_iter().chain(odd).map(str::to_owned).collect()
}

/// A value that the column can hold.
fn value(of: &ColumnType, texts: &[String], pick: usize) -> Value {
    match of.class {
        TypeClass::String => {
            let longest = of.length.map_or(usize::MAX, |length| length as usize);
            let text = texts.get(pick % (texts.len() + 1));
            text.map_or(Value::Null, |text| Value::Text(text.chars().take(longest).collect()))
        }
        TypeClass::Number => number(of, pick),
        TypeClass::Boolean => [Value::Null, Value::Boolean(true), Value::Boolean(false)]
            .get(pick % 3)
            .cloned()
            .unwrap_or(Value::Null),
        TypeClass::Date => {
            let days = [-1, 0, 10_957, 20_000, 20_604, 20_605];
            days.get(pick % 7).map_or(Value::Null, |days| Value::Date(*days))
        }
        TypeClass::Timestamp => {
            // Whole minutes: some types hold no less.
            let seconds = [-60, 0, 1_767_225_600, 1_780_272_000, 1_780_275_720];
            seconds.get(pick % 6).map_or(Value::Null, |seconds| Value::Timestamp(seconds * 1_000_000))
        }
        TypeClass::Binary | TypeClass::Other => Value::Null,
    }
}

fn number(of: &ColumnType, pick: usize) -> Value {
    let numbers = ["0", "1", "2.5", "100.5", "-0.5", "-15", "7", "5", "101"];
    let Some(text) = numbers.get(pick % (numbers.len() + 1)) else { return Value::Null };
    let whole = text.trim_start_matches('-').split('.').next().map_or(0, str::len);
    let room = of.length.zip(of.scale).map_or(9, |(digits, scale)| digits.saturating_sub(scale) as usize);
    // A digit to spare: rounding may need it.
    let fits = whole < room && !(of.scale == Some(0) && text.contains('.'));
    Value::number(if fits { text } else { "3" }).unwrap()
}

fn text(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        other => json!(other.to_string()),
    }
}

/// `rows`, `forms` and `answers` of a table, for the accounts that may read it.
pub(crate) fn of<'n>(
    asking: &Asking<'_>,
    table: TableId,
    readers: impl Iterator<Item = &'n String>,
) -> [Json; 3] {
    let catalog = &asking.case.inventory().catalog;
    let columns = &catalog.tables[table].columns;
    let rows: Vec<BTreeMap<ColumnId, Value>> = (0..ROWS)
        .map(|row| {
            let value = |(at, column): (usize, &ColumnId)| {
                (*column, value(&catalog.columns[*column].column_type, &asking.texts, row + at * 5))
            };
            columns.iter().enumerate().map(value).collect()
        })
        .collect();
    let shown: Vec<Vec<Json>> =
        rows.iter().map(|row| columns.iter().map(|column| text(&row[column])).collect()).collect();
    let answers: BTreeMap<&str, Json> = readers
        .map(|account| {
            let seen = |(at, row): (usize, &BTreeMap<ColumnId, Value>)| {
                asking.sees(account, table, row).map(|cells| json!([at, cells]))
            };
            (account.as_str(), Json::Array(rows.iter().enumerate().filter_map(seen).collect()))
        })
        .collect();
    let forms = |row: &BTreeMap<ColumnId, Value>| {
        columns.iter().map(|column| asking.forms(*column, &row[column])).collect::<Vec<_>>()
    };
    let forms: Vec<_> = rows.iter().map(forms).collect();
    [json!(shown), json!(forms), json!(answers)]
}

impl Asking<'_> {
    /// The cells of a row, if the account sees it: what every user behind the account may see.
    fn sees(&self, account: &str, table: TableId, row: &BTreeMap<ColumnId, Value>) -> Option<Vec<Json>> {
        let cell = |column| row[&column].clone();
        let user = self.users(account).next().unwrap();
        let columns = &self.case.inventory().catalog.tables[table].columns;
        self.case
            .meaning
            .visible(user, table, self.today, &cell)
            .then(|| columns.iter().map(|column| self.cell(account, *column, &cell)).collect())
    }

    /// What the masks on a column make of a value, whomever they concern.
    fn forms(&self, column: ColumnId, value: &Value) -> Vec<Json> {
        let masks = self.case.meaning.masks_on(column);
        let form = |method: &Method| method.show(value, self.salt.unwrap_or_default());
        masks
            .iter()
            .map(|on| form(&self.case.program.masks[on.mask].method))
            .map(|form| form.map_or(json!({"any": true}), |form| text(&form)))
            .collect()
    }

    fn cell(&self, account: &str, column: ColumnId, cell: &dyn Fn(ColumnId) -> Value) -> Json {
        let user = self.users(account).next().unwrap();
        let salt = self.salt.unwrap_or_default();
        let Some(wanted) = self.case.meaning.cell(user, column, self.today, salt, cell) else {
            return json!({"any": true});
        };
        let name = self.case.inventory().catalog.shown_column(column);
        let told = |code| self.case.gaps.iter().any(|gap| gap.code == code && gap.object == name);
        let shared = self.users(account).count() > 1 && told(GapCode::SharedAccount);
        if wanted != Value::Null && (told(GapCode::MethodNarrowed) || shared) {
            return json!({"or_null": text(&wanted)});
        }
        text(&wanted)
    }

    fn users<'a>(&'a self, account: &str) -> impl Iterator<Item = UserId> + use<'a> {
        let id = self.case.accounts.find(account).unwrap();
        self.case.accounts.accounts[id].users.iter().map(UserId::from_raw)
    }
}
