//! The entitlement table: which values each account brings to row expressions.
//!
//! Policies look the current user up: `EXISTS (SELECT 1 FROM … E WHERE E."ACCOUNT" = CURRENT_USER() AND …)`. Values are cast
//! to the column's type here, once, so that no cast of the platform decides. A use under negation has names of its own: there
//! the rows hide, and a `complete` row, which only an account with every value cast has, must be there to reveal.
//! Invariant: a missing row, an unknown user or NULL hides. Cost: one fact per account, value and use.

use super::desired::Desired;
use super::native::{self, ENTITLEMENTS};
use crate::backend::fact::FactKind;
use crate::backend::sql::{Dialect, Operand};
use crate::ids::Id;
use crate::inventory::{ColumnType, Directory, TypeClass, UserId};
use crate::ir::rows::UserValues;
use crate::ir::value::Value;

/// Begins the names of rows that hide.
const HIDES: &str = "not ";

/// Whether rows of a name hide: they come first and go last.
pub(super) fn hides(name: &str) -> bool {
    name.starts_with(HIDES)
}

/// TRUE where the operand is (or, `negated`, is known not to be) among the current user's values.
pub(super) fn lookup(
    desired: &mut Desired<'_>,
    operand: &Operand,
    of: &ColumnType,
    values: &UserValues,
    negated: bool,
    policies: &[String],
) -> String {
    let what = match values {
        UserValues::Name => "user name".to_owned(),
        UserValues::Groups => "user groups".to_owned(),
        UserValues::Attribute(name) => format!("user attribute {name}"),
    };
    let name = format!("{what} as {}", type_word(of));
    let equal = equal(operand, of);
    if !negated {
        ask(desired, &name, values, of, Use::Reveals, policies);
        return exists(desired, &name, &equal);
    }
    let (hiding, complete) = (format!("{HIDES}{name}"), format!("complete {name}"));
    ask(desired, &hiding, values, of, Use::Hides, policies);
    ask(desired, &complete, values, of, Use::Complete, policies);
    let (found, known) = (exists(desired, &hiding, &equal), exists(desired, &complete, "TRUE"));
    format!("({} IS NOT NULL AND {known} AND NOT {found})", operand.text)
}

/// Types to which a text is cast alike have one word.
fn type_word(of: &ColumnType) -> String {
    match (of.class, of.scale) {
        (TypeClass::Number, Some(scale)) => format!("number({scale})"),
        _ => of.class.word().to_owned(),
    }
}

fn exists(desired: &Desired<'_>, name: &str, equal: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM {} E WHERE E.\"ACCOUNT\" = CURRENT_USER() AND E.\"NAME\" = {} AND {equal})",
        desired.home.path(ENTITLEMENTS),
        Dialect::Snowflake.literal(name)
    )
}

/// Equality with `E."VALUE"`, a text. Dates and timestamps are printed rather than read, so that no session's input format
/// matters; TRY_CAST makes a value of another use NULL instead of an error.
fn equal(operand: &Operand, of: &ColumnType) -> String {
    let (value, text) = ("E.\"VALUE\"", &operand.text);
    match of.class {
        TypeClass::String if operand.padded => {
            format!("{} = {text}", Dialect::Snowflake.trim_end(value))
        }
        TypeClass::Number => match of.scale {
            Some(scale) => format!("TRY_CAST({value} AS NUMBER(38,{scale})) = {text}"),
            None => format!("TRY_CAST({value} AS FLOAT) = {text}"),
        },
        TypeClass::Boolean => {
            format!("{value} = CASE WHEN {text} THEN 'true' WHEN NOT {text} THEN 'false' END")
        }
        TypeClass::Date => format!("{value} = TO_VARCHAR({text}, 'YYYY-MM-DD')"),
        TypeClass::Timestamp => {
            format!("{value} = TO_VARCHAR({text}, 'YYYY-MM-DD HH24:MI:SS.FF9')")
        }
        TypeClass::String | TypeClass::Binary | TypeClass::Other => format!("{value} = {text}"),
    }
}

/// What rows of a name do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Reveals,
    Hides,
    Complete,
}

fn ask(
    desired: &mut Desired<'_>,
    name: &str,
    values: &UserValues,
    of: &ColumnType,
    usage: Use,
    policies: &[String],
) {
    let lowering = desired.lowering;
    let directory = &lowering.inventory().directory;
    for account in lowering.accounts.accounts.values() {
        let each: Vec<Option<Vec<Option<String>>>> =
            account.users.iter().map(|user| of_user(directory, UserId::from_raw(user), values, of)).collect();
        let mut rows: Vec<String> = match usage {
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
                if each.iter().all(complete) { vec!["yes".to_owned()] } else { Vec::new() }
            }
        };
        rows.sort();
        rows.dedup();
        for value in rows {
            desired.add(
                (FactKind::Entitlement, format!("VALUE {value}"), native::user(&account.name), name),
                String::new(),
                policies.iter().map(String::as_str),
            );
        }
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
