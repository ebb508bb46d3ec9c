//! Conditions on the row and masking methods as text.

use std::fmt::{Display, Formatter, Result};

use super::{joined, label, list, quoted, wrapped};
use crate::syntax::ast::{
    ColumnRef, CompareOp, Literal, Method, Platform, RoundUnit, RowSet, RowValue, Rows,
};

impl Display for Rows {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let wraps = |rows: &Rows| matches!(rows, Rows::And(_) | Rows::Or(_));
        match self {
            Rows::Condition(condition) => write!(f, "{condition}"),
            Rows::Compare { left, op, right } => write!(f, "{} {} {}", left.node, op.node, right.node),
            Rows::In { value, negated, set } => {
                write!(f, "{} {}in {}", value.node, if *negated { "not " } else { "" }, set.node)
            }
            Rows::IsNull { value, negated } => {
                write!(f, "{} is {}null", value.node, if *negated { "not " } else { "" })
            }
            Rows::Like { value, pattern } => write!(f, "{} like {}", value.node, quoted(&pattern.node)),
            Rows::Sql { platform: None, text } => write!(f, "sql {}", quoted(&text.node)),
            Rows::Sql { platform: Some(platform), text } => {
                write!(f, "sql for {} {}", platform.node, quoted(&text.node))
            }
            Rows::And(items) => joined(f, items, "and", wraps),
            Rows::Or(items) => joined(f, items, "or", wraps),
            Rows::Not(inner) => {
                f.write_str("not ")?;
                wrapped(f, &inner.node, wraps)
            }
        }
    }
}

impl Display for RowValue {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            RowValue::Column(ColumnRef::Named(name)) => write!(f, "column {}", name.node),
            RowValue::Column(ColumnRef::Tagged(tag)) => write!(f, "column tagged {}", tag.node),
            RowValue::Literal(literal) => write!(f, "{literal}"),
            RowValue::Today { days } => {
                f.write_str("today")?;
                match days {
                    0 => Ok(()),
                    days => write!(f, " {} {} days", if *days < 0 { '-' } else { '+' }, days.unsigned_abs()),
                }
            }
        }
    }
}

impl Display for RowSet {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            RowSet::List(items) => f.write_str(&list(items, Literal::to_string)),
            RowSet::UserName => f.write_str("user name"),
            RowSet::UserAttribute(name) => write!(f, "user attribute {}", label(&name.node)),
            RowSet::UserGroups => f.write_str("user groups"),
        }
    }
}

impl Display for CompareOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.symbol())
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Literal::String(text) => f.write_str(&quoted(text)),
            Literal::Number(text) => f.write_str(text),
            Literal::Boolean(value) => write!(f, "{value}"),
            Literal::Date(date) => write!(f, "{date}"),
        }
    }
}

impl Display for Method {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Method::Null => f.write_str("null"),
            Method::Constant(literal) => write!(f, "constant {}", literal.node),
            Method::Hash => f.write_str("hash"),
            Method::KeepFirst(count) => write!(f, "keep first {}", count.node),
            Method::KeepLast(count) => write!(f, "keep last {}", count.node),
            Method::Regex { pattern, replace } => {
                write!(f, "regex {} replace {}", quoted(&pattern.node), quoted(&replace.node))
            }
            Method::RoundTo(number) => write!(f, "round to {}", number.node),
            Method::RoundDown(unit) => write!(f, "round to {}", unit.node),
            Method::Custom(entries) => {
                f.write_str("custom {")?;
                for (platform, sql) in entries {
                    write!(f, " {} {}", platform.node, quoted(&sql.node))?;
                }
                f.write_str(" }")
            }
        }
    }
}

impl Display for RoundUnit {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            RoundUnit::Year => "year",
            RoundUnit::Month => "month",
            RoundUnit::Day => "day",
            RoundUnit::Hour => "hour",
        })
    }
}

impl Display for Platform {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.word())
    }
}
