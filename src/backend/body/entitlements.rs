//! The entitlement table: what each account brings to bodies.
//!
//! A row says that an account has a value under a name. Names that begin with `not ` hide: their rows come first and go last.
//! Invariant: a missing row hides; a row is asked for once, with every policy that asks.
//! Cost: one row per account, value and use; a use is worked out once per set of policies.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::contract::Lowering;
use crate::ids::Id;
use crate::inventory::{AccountId, AccountSet, ColumnType, Directory, TypeClass, UserId};
use crate::ir::rows::UserValues;
use crate::ir::value::Value;

/// Begins the names of rows that hide.
const HIDES: &str = "not ";

/// Whether rows of a name hide: they come first and go last.
pub fn hides(name: &str) -> bool {
    name.starts_with(HIDES)
}

/// The value of rows that say no more than that they are there.
pub const YES: &str = "yes";

/// The rows asked for so far.
#[derive(Debug, Default)]
pub struct Entitlements {
    /// Account, name, value: the policies that ask.
    rows: BTreeMap<(AccountId, String, String), BTreeSet<String>>,
    asked: BTreeSet<(String, Vec<String>)>,
}

impl Entitlements {
    /// Asks for a flag: a row for each of the accounts.
    pub fn flag(&mut self, name: &str, accounts: &AccountSet, policies: &[String]) {
        if self.asked.insert((name.to_owned(), policies.to_vec())) {
            for account in accounts {
                self.row(AccountId::from_raw(account), name, YES, policies);
            }
        }
    }

    /// Account, name, value and policies of every row, in order.
    pub fn rows(&self) -> impl Iterator<Item = (AccountId, &str, &str, &BTreeSet<String>)> {
        self.rows
            .iter()
            .map(|((account, name, value), policies)| (*account, name.as_str(), value.as_str(), policies))
    }

    fn row(&mut self, account: AccountId, name: &str, value: &str, policies: &[String]) {
        let key = (account, name.to_owned(), value.to_owned());
        self.rows.entry(key).or_default().extend(policies.iter().cloned());
    }

    /// Asks for the rows that a use of values needs.
    pub(super) fn ask(
        &mut self,
        lowering: &Lowering<'_>,
        name: &Name<'_>,
        usage: Use,
        policies: &[String],
    ) -> String {
        let text = name.text(usage);
        if !self.asked.insert((text.clone(), policies.to_vec())) {
            return text;
        }
        let directory = &lowering.inventory().directory;
        for (id, account) in lowering.accounts.accounts.iter() {
            let each: Vec<Option<Vec<Option<String>>>> = account
                .users
                .iter()
                .map(|user| of_user(directory, UserId::from_raw(user), name.values, name.of))
                .collect();
            for value in usage.rows(&each) {
                self.row(id, &text, &value, policies);
            }
        }
        text
    }
}

/// Values of users, cast to a type.
pub(super) struct Name<'n> {
    pub(super) values: &'n UserValues,
    pub(super) of: &'n ColumnType,
}

impl Name<'_> {
    fn text(&self, usage: Use) -> String {
        let what = match self.values {
            UserValues::Name => "user name".to_owned(),
            UserValues::Groups => "user groups".to_owned(),
            UserValues::Attribute(name) => format!("user attribute {name}"),
        };
        let name = format!("{what} as {}", type_word(self.of));
        match usage {
            Use::Reveals => name,
            Use::Hides => format!("{HIDES}{name}"),
            Use::Complete => format!("complete {name}"),
        }
    }
}

/// Types to which a text is cast alike have one word.
fn type_word(of: &ColumnType) -> String {
    match (of.class, of.scale) {
        (TypeClass::Number, Some(scale)) => format!("number({scale})"),
        _ => of.class.word().to_owned(),
    }
}

/// What rows of a name do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A value that is among them reveals.
    Reveals,
    /// A value that is among them hides.
    Hides,
    /// The account's values were all cast, so that `Hides` leaves none out.
    Complete,
}

impl Use {
    /// The rows of an account, by what each of its users brings.
    fn rows(self, each: &[Option<Vec<Option<String>>>]) -> Vec<String> {
        let mut rows: Vec<String> = match self {
            // Several users share an account: what all bring reveals, what one brings hides.
            Use::Reveals => {
                let mut sets = each.iter().map(|set| set.iter().flatten().flatten().collect::<Vec<_>>());
                let first = sets.next().unwrap_or_default();
                let rest: Vec<_> = sets.collect();
                first
                    .into_iter()
                    .filter(|value| rest.iter().all(|set| set.contains(value)))
                    .cloned()
                    .collect()
            }
            Use::Hides => each.iter().flatten().flatten().flatten().cloned().collect(),
            Use::Complete => {
                let complete = |set: &Option<Vec<Option<String>>>| {
                    set.as_ref().is_some_and(|set| set.iter().all(Option::is_some))
                };
                if each.iter().all(complete) { vec![YES.to_owned()] } else { Vec::new() }
            }
        };
        rows.sort();
        rows.dedup();
        rows
    }
}

/// The values of a user, each as the table holds it or `None` where it cannot be cast; `None`: the user lacks the attribute.
fn of_user(
    directory: &Directory,
    user: UserId,
    values: &UserValues,
    of: &ColumnType,
) -> Option<Vec<Option<String>>> {
    let texts: Vec<&str> = match values {
        UserValues::Name => vec![directory.users[user].id.as_str()],
        UserValues::Groups => directory.groups_of(user),
        UserValues::Attribute(name) => {
            let texts = directory.values(user, name);
            if texts.is_empty() {
                return None;
            }
            texts
        }
    };
    Some(texts.into_iter().map(|text| stored(text, of)).collect())
}

/// A value as the table holds it.
fn stored(text: &str, of: &ColumnType) -> Option<String> {
    let value = Value::cast(text, of)?;
    match &value {
        Value::Number(_) if of.scale.is_none() => {
            // A double holds fifteen digits: more could meet a cell that the text does not equal.
            let digits = value.to_string().chars().filter(char::is_ascii_digit).count();
            (digits <= 15).then(|| value.to_string())
        }
        Value::Timestamp(micros) => {
            let seconds = jiff::Timestamp::from_microsecond(*micros).ok()?;
            let at = jiff::tz::Offset::UTC.to_datetime(seconds);
            Some(format!(
                "{} {:02}:{:02}:{:02}.{:09}",
                at.date(),
                at.hour(),
                at.minute(),
                at.second(),
                at.subsec_nanosecond()
            ))
        }
        Value::Null => None,
        Value::Text(_) | Value::Number(_) | Value::Boolean(_) | Value::Date(_) => Some(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_stored_as_they_are_compared() {
        for (text, of, expected) in [
            ("1.50", "NUMBER(12,2)", Some("1.5")),
            ("1.505", "NUMBER(12,2)", None),
            ("EMEA", "NUMBER", None),
            ("0.1234567890123456", "FLOAT", None),
            ("2026-01-02", "DATE", Some("2026-01-02")),
            ("2026-01-02", "TIMESTAMP_NTZ", Some("2026-01-02 00:00:00.000000000")),
            ("2026-01-02T03:04:05.25+01:00", "TIMESTAMP_TZ", Some("2026-01-02 02:04:05.250000000")),
            ("true", "BOOLEAN", Some("true")),
            ("a ", "VARCHAR", Some("a ")),
        ] {
            assert_eq!(stored(text, &ColumnType::parse(of)).as_deref(), expected, "{text} as {of}");
        }
    }
}
