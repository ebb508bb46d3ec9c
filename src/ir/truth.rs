//! The truth of row expressions: three-valued, as the reference means them.
//!
//! In: a bound expression, a user, a row. Out: true, false, or unknown (`None`), which hides the row and masks the cell.

use std::cmp::Ordering;

use super::ConditionId;
use super::rows::{BoundRows, Rows, Term, UserValues};
use super::value::Value;
use crate::inventory::{ColumnId, Inventory, UserId};

/// What a row expression is asked about.
pub struct RowContext<'a> {
    /// Users, types and names.
    pub inventory: &'a Inventory,
    /// Who asks.
    pub user: UserId,
    /// The cell of a column.
    pub cell: &'a dyn Fn(ColumnId) -> Value,
    /// Whether a condition on the user holds for him, here.
    pub holds: &'a dyn Fn(ConditionId) -> bool,
    /// Days since 1970-01-01, UTC, at query time.
    pub today: i32,
}

impl BoundRows {
    /// True, false, or unknown (`None`).
    pub fn evaluate(&self, context: &RowContext<'_>) -> Option<bool> {
        match self {
            Rows::User(condition) => Some((context.holds)(*condition)),
            Rows::Compare { left, operator, right } => {
                let padded = context.padded(left) || context.padded(right);
                let ordering = context.value(left).compare(&context.value(right), padded)?;
                Some(operator.holds(ordering))
            }
            Rows::InList { term, negated, values } => {
                let found = context.among(term, values.iter().map(|literal| Some(literal.value())));
                found.map(|found| found != *negated)
            }
            Rows::InUser { term, negated, values } => {
                let directory = &context.inventory.directory;
                let texts = match values {
                    UserValues::Name => vec![directory.users[context.user].id.as_str()],
                    UserValues::Groups => directory.groups_of(context.user),
                    UserValues::Attribute(name) => {
                        let values = directory.values(context.user, name);
                        if values.is_empty() {
                            return None;
                        }
                        values
                    }
                };
                let cast = |text: &str| match term {
                    Term::Column(column) => {
                        Value::cast(text, &context.inventory.catalog.columns[*column].column_type)
                    }
                    Term::Literal(_) | Term::Today(_) => Some(Value::Text(text.to_owned())),
                };
                let found = context.among(term, texts.into_iter().map(cast));
                found.map(|found| found != *negated)
            }
            Rows::IsNull { term, negated } => Some((context.value(term) == Value::Null) != *negated),
            Rows::Like { term, pattern } => match context.value(term) {
                Value::Text(text) => Some(like(&text, pattern)),
                _ => None,
            },
            Rows::Only { rows, .. } => rows.evaluate(context),
            Rows::And(list) => decided(list, context, false),
            Rows::Or(list) => decided(list, context, true),
            Rows::Not(inner) => inner.evaluate(context).map(|value| !value),
        }
    }
}

impl<C> Rows<C> {
    /// The value that it has on every row, where the user alone decides; `None`: the row has a say.
    pub fn settled(&self, holds: &dyn Fn(ConditionId) -> bool) -> Option<bool> {
        let all = |list: &[Rows<C>], by: bool| {
            let values: Vec<Option<bool>> = list.iter().map(|each| each.settled(holds)).collect();
            if values.contains(&Some(by)) {
                Some(by)
            } else {
                values.iter().all(|value| *value == Some(!by)).then_some(!by)
            }
        };
        match self {
            Rows::User(condition) => Some(holds(*condition)),
            Rows::And(list) => all(list, false),
            Rows::Or(list) => all(list, true),
            Rows::Not(inner) => inner.settled(holds).map(|value| !value),
            Rows::Only { rows, .. } => rows.settled(holds),
            Rows::Compare { .. }
            | Rows::InList { .. }
            | Rows::InUser { .. }
            | Rows::IsNull { .. }
            | Rows::Like { .. } => None,
        }
    }
}

/// Kleene's `and` (decided by a false) or `or` (decided by a true): unknown unless one decides.
fn decided(list: &[BoundRows], context: &RowContext<'_>, by: bool) -> Option<bool> {
    let mut unknown = false;
    for each in list {
        match each.evaluate(context) {
            Some(value) if value == by => return Some(by),
            Some(_) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(!by) }
}

impl RowContext<'_> {
    fn value(&self, term: &Term<ColumnId>) -> Value {
        match term {
            Term::Column(column) => (self.cell)(*column),
            Term::Literal(literal) => literal.value(),
            Term::Today(days) => {
                Value::Date(i32::try_from(i64::from(self.today) + days).unwrap_or(if *days < 0 {
                    i32::MIN
                } else {
                    i32::MAX
                }))
            }
        }
    }

    fn padded(&self, term: &Term<ColumnId>) -> bool {
        match term {
            Term::Column(column) => self.inventory.catalog.columns[*column].column_type.padded,
            Term::Literal(_) | Term::Today(_) => false,
        }
    }

    /// True if one is equal; else unknown if one comparison is; else false. A value of `None` could not be cast.
    fn among(&self, term: &Term<ColumnId>, values: impl Iterator<Item = Option<Value>>) -> Option<bool> {
        let value = self.value(term);
        if value == Value::Null {
            return None;
        }
        let padded = self.padded(term);
        let mut unknown = false;
        for each in values {
            match each.and_then(|each| value.compare(&each, padded)) {
                Some(Ordering::Equal) => return Some(true),
                Some(_) => {}
                None => unknown = true,
            }
        }
        if unknown { None } else { Some(false) }
    }
}

/// SQL's `LIKE` with escape `\`, by code point. Cost: length of the text times runs of `%`.
pub fn like(text: &str, pattern: &str) -> bool {
    enum Part {
        Any,
        One,
        Just(char),
    }
    let mut parts = Vec::new();
    let mut rest = pattern.chars();
    while let Some(each) = rest.next() {
        parts.push(match each {
            '%' => Part::Any,
            '_' => Part::One,
            '\\' => Part::Just(rest.next().unwrap_or('\\')),
            other => Part::Just(other),
        });
    }
    let text: Vec<char> = text.chars().collect();
    // Greedy with one point of return: the last `%` seen.
    let (mut at, mut part, mut resume) = (0, 0, None);
    while at < text.len() {
        match parts.get(part) {
            Some(Part::Any) => {
                resume = Some((part, at));
                part += 1;
            }
            Some(Part::One) => {
                at += 1;
                part += 1;
            }
            Some(Part::Just(wanted)) if text.get(at) == Some(wanted) => {
                at += 1;
                part += 1;
            }
            Some(Part::Just(_)) | None => match resume {
                Some((star, from)) => {
                    resume = Some((star, from + 1));
                    at = from + 1;
                    part = star + 1;
                }
                None => return false,
            },
        }
    }
    parts.iter().skip(part).all(|part| matches!(part, Part::Any))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id;

    #[test]
    fn like_is_sql_with_a_backslash_escape() {
        for (text, pattern, expected) in [
            ("abc", "a%", true),
            ("abc", "a_c", true),
            ("abc", "A%", false),
            ("a%c", "a\\%c", true),
            ("abc", "a\\%c", false),
            ("", "%", true),
            ("", "_", false),
            ("aXbXc", "%X%c", true),
            ("é", "_", true),
            ("abc", "%%", true),
            ("abcd", "%bc", false),
        ] {
            assert_eq!(like(text, pattern), expected, "{text} like {pattern}");
        }
    }

    #[test]
    fn the_user_settles_what_no_row_can_change() {
        let user = |holds: bool| Rows::<ColumnId>::User(ConditionId::from_raw(u32::from(holds)));
        let row = || Rows::IsNull { term: Term::Column(ColumnId::from_raw(0)), negated: false };
        let settled = |rows: Rows<ColumnId>| rows.settled(&|condition| condition.raw() == 1);
        assert_eq!(
            (settled(user(true)), settled(user(false)), settled(row())),
            (Some(true), Some(false), None)
        );
        assert_eq!(settled(Rows::Not(Box::new(user(true)))), Some(false));
        assert_eq!(settled(Rows::Not(Box::new(row()))), None);
        assert_eq!(settled(Rows::And(vec![user(true), user(true)])), Some(true));
        assert_eq!(settled(Rows::And(vec![user(true), row()])), None);
        assert_eq!(settled(Rows::And(vec![row(), user(false)])), Some(false));
        assert_eq!(settled(Rows::Or(vec![user(false), user(false)])), Some(false));
        assert_eq!(settled(Rows::Or(vec![user(false), row()])), None);
        assert_eq!(settled(Rows::Or(vec![row(), user(true)])), Some(true));
    }

    #[test]
    fn today_stays_within_the_dates_that_there_are() {
        let inventory = Inventory::default();
        let context = RowContext {
            inventory: &inventory,
            user: UserId::from_raw(0),
            cell: &|_| Value::Null,
            holds: &|_| false,
            today: 20_000,
        };
        let date = |days: i64| context.value(&Term::Today(days));
        assert_eq!(
            (date(0), date(-5), date(7)),
            (Value::Date(20_000), Value::Date(19_995), Value::Date(20_007))
        );
        let far = i64::from(i32::MAX) * 2;
        assert_eq!((date(far), date(-far)), (Value::Date(i32::MAX), Value::Date(i32::MIN)));
    }
}
