//! Row expressions as SQL text, negations pushed down to the atoms.
//!
//! In: a bound row expression and a [`RowTarget`], which knows how its platform asks about columns and users.
//! Out: text whose three-valued result is the reference's, or [`Unsupported`], which becomes a gap.
//! Invariant: conditions on the user come out only as positive tests of those who hold, or who do not: a session that
//! drops a role or group can only see less.

use super::Dialect;
use crate::inventory::{ColumnId, ColumnType, Platform, TypeClass};
use crate::ir::rows::{Operator, UserValues};
use crate::ir::{BoundRows, ConditionId, Literal, Rows, Term};

/// Why an expression cannot be held on a platform, as a gap says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported(pub String);

/// How a platform's row expressions reach columns and users.
pub trait RowTarget {
    /// The dialect.
    fn dialect(&self) -> Dialect;
    /// The platform, for `sql for PLATFORM`.
    fn platform(&self) -> Platform;
    /// The column's type.
    fn column_type(&self, column: ColumnId) -> &ColumnType;
    /// The column as this expression names it (a policy's argument, a quoted column).
    fn column(&mut self, column: ColumnId) -> Result<String, Unsupported>;
    /// TRUE for the users for whom the condition holds (`holds`), or for those for whom it does not; never NULL for them.
    fn user(&mut self, condition: ConditionId, holds: bool) -> Result<String, Unsupported>;
    /// `operand IN` the user's values, or `NOT IN`: three-valued as the reference says, lack of the attribute included.
    fn user_values(
        &mut self,
        operand: &Operand,
        values: &UserValues,
        negated: bool,
    ) -> Result<String, Unsupported>;
}

/// A printed term with what is known of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// SQL text, safe to stand beside an operator.
    pub text: String,
    /// The column, if it is one.
    pub column: Option<ColumnId>,
    /// Its class.
    pub class: TypeClass,
    /// `CHAR(n)`: its blanks have been trimmed in `text`, and must be in what it is compared with.
    pub padded: bool,
}

/// Prints an expression. `negated`: its negation.
pub fn print(rows: &BoundRows, negated: bool, target: &mut dyn RowTarget) -> Result<String, Unsupported> {
    match rows {
        Rows::User(condition) => target.user(*condition, !negated),
        Rows::Compare { left, operator, right } => compare(left, flip(*operator, negated), right, target),
        Rows::InList { term, negated: not, values } => in_list(term, *not != negated, values, target),
        Rows::InUser { term, negated: not, values } => {
            let operand = operand(term, target)?;
            target.user_values(&operand, values, *not != negated)
        }
        Rows::IsNull { term, negated: not } => {
            let operand = operand(term, target)?;
            Ok(format!("{} IS {}NULL", operand.text, if *not != negated { "NOT " } else { "" }))
        }
        Rows::Like { term, pattern } => {
            let operand = operand(term, target)?;
            target.dialect().like(&operand.text, negated, &like_pattern(pattern))
        }
        Rows::Only { platform, rows } => {
            if *platform != target.platform() {
                return Err(Unsupported(format!(
                    "its `sql for {}` speaks to one platform only",
                    platform.word()
                )));
            }
            print(rows, negated, target)
        }
        Rows::And(list) => join(list, negated, if negated { " OR " } else { " AND " }, target),
        Rows::Or(list) => join(list, negated, if negated { " AND " } else { " OR " }, target),
        Rows::Not(inner) => print(inner, !negated, target),
    }
}

fn join(
    list: &[BoundRows],
    negated: bool,
    word: &str,
    target: &mut dyn RowTarget,
) -> Result<String, Unsupported> {
    let parts = list.iter().map(|each| Ok(format!("({})", print(each, negated, target)?)));
    Ok(parts.collect::<Result<Vec<_>, _>>()?.join(word))
}

/// Kleene's negation of a comparison is the opposite comparison: NULL stays unknown.
fn flip(operator: Operator, negated: bool) -> Operator {
    if !negated {
        return operator;
    }
    match operator {
        Operator::Equal => Operator::NotEqual,
        Operator::NotEqual => Operator::Equal,
        Operator::Less => Operator::GreaterOrEqual,
        Operator::LessOrEqual => Operator::Greater,
        Operator::Greater => Operator::LessOrEqual,
        Operator::GreaterOrEqual => Operator::Less,
    }
}

fn compare(
    left: &Term<ColumnId>,
    operator: Operator,
    right: &Term<ColumnId>,
    target: &mut dyn RowTarget,
) -> Result<String, Unsupported> {
    let (left, right) = (operand(left, target)?, operand(right, target)?);
    let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
    let (left, right) = alike(left, right, ordered, target.dialect())?;
    Ok(format!("{left} {} {right}", operator.sql()))
}

/// Brings both sides to one type where SQL's own conversion would depend on the session, on padding or on a collation.
fn alike(
    left: Operand,
    right: Operand,
    ordered: bool,
    dialect: Dialect,
) -> Result<(String, String), Unsupported> {
    let trim = left.padded || right.padded;
    let timestamp = left.class == TypeClass::Timestamp || right.class == TypeClass::Timestamp;
    let one = |side: Operand| match side.class {
        TypeClass::String if trim && !side.padded => {
            dialect.comparable(&dialect.trim_end(&side.text), ordered)
        }
        TypeClass::String => dialect.comparable(&side.text, ordered),
        TypeClass::Date if timestamp => Ok(format!("CAST({} AS {})", side.text, dialect.plain_timestamp())),
        TypeClass::Number
        | TypeClass::Boolean
        | TypeClass::Date
        | TypeClass::Timestamp
        | TypeClass::Binary
        | TypeClass::Other => Ok(side.text),
    };
    Ok((one(left)?, one(right)?))
}

fn in_list(
    term: &Term<ColumnId>,
    negated: bool,
    values: &[Literal],
    target: &mut dyn RowTarget,
) -> Result<String, Unsupported> {
    let left = operand(term, target)?;
    let dialect = target.dialect();
    let mut shown = left.text.clone();
    let mut list = Vec::with_capacity(values.len());
    for value in values {
        let right = literal(value, dialect);
        let (one, other) = alike(left.clone(), right, false, dialect)?;
        shown = one;
        list.push(other);
    }
    Ok(format!("{shown} {}IN ({})", if negated { "NOT " } else { "" }, list.join(", ")))
}

/// Prints a term.
fn operand(term: &Term<ColumnId>, target: &mut dyn RowTarget) -> Result<Operand, Unsupported> {
    let dialect = target.dialect();
    match term {
        Term::Literal(value) => Ok(literal(value, dialect)),
        Term::Today(days) => {
            Ok(Operand { text: dialect.today(*days), column: None, class: TypeClass::Date, padded: false })
        }
        Term::Column(column) => {
            let text = target.column(*column)?;
            let column_type = target.column_type(*column);
            let text = if column_type.padded {
                dialect.trim_end(&text)
            } else if column_type.class == TypeClass::Timestamp {
                dialect.utc_timestamp(&text, column_type)
            } else {
                text
            };
            Ok(Operand { text, column: Some(*column), class: column_type.class, padded: column_type.padded })
        }
    }
}

/// A literal as an operand.
pub fn literal(value: &Literal, dialect: Dialect) -> Operand {
    let (text, class) = match value {
        Literal::Text(text) => (dialect.literal(text), TypeClass::String),
        Literal::Number(number) => (dialect.number(number), TypeClass::Number),
        Literal::Boolean(value) => (dialect.boolean(*value).to_owned(), TypeClass::Boolean),
        Literal::Date(days) => (dialect.date(*days), TypeClass::Date),
    };
    Operand { text, column: None, class, padded: false }
}

/// A pattern with only `%`, `_` and `\` escaped: some platforms refuse any other escape, or a lone `\` at the end.
fn like_pattern(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(each) = rest.next() {
        match each {
            '\\' => match rest.next() {
                Some(escaped @ ('%' | '_' | '\\')) => out.extend(['\\', escaped]),
                Some(other) => out.push(other),
                None => out.push_str("\\\\"),
            },
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_patterns_have_no_stray_escapes() {
        assert_eq!(like_pattern("a\\%b\\x\\"), "a\\%bx\\\\");
        assert_eq!(like_pattern("\\\\_%"), "\\\\_%");
    }
}
