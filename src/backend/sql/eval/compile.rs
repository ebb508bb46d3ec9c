//! Parsed expressions to [`Node`]s.
//!
//! Invariant: a construct that is not listed, or that has a clause which we do not know, is [`Node::Unknown`]. Trees are
//! taken by value; chains of AND, OR and `||`, which can be long, are walked without recursion.

use sqlparser::ast::{
    BinaryOperator, CastKind, CeilFloorKind, DataType, DateTimeField, Expr, Ident, Interval, ObjectName,
    ObjectNamePart, TimezoneInfo, TrimWhereField, TypedString, UnaryOperator, Value as Parsed,
};

use super::node::{Function, MAX_DEPTH, Node, Target};
use crate::backend::sql::Dialect;
use crate::ir::Operator;
use crate::ir::value::Value;

/// Compiles for one dialect.
#[derive(Clone, Copy)]
pub(super) struct Compiler {
    pub(super) dialect: Dialect,
}

pub(super) fn boxed(node: Node) -> Box<Node> {
    Box::new(node)
}

fn negate(node: Node, negated: bool) -> Node {
    if negated { Node::Not(boxed(node)) } else { node }
}

impl Compiler {
    /// Compiles a tree that stands at a depth.
    pub(super) fn node(self, expr: Expr, depth: usize) -> Node {
        self.try_node(expr, depth).unwrap_or(Node::Unknown)
    }

    fn boxed(self, expr: Expr, depth: usize) -> Box<Node> {
        boxed(self.node(expr, depth + 1))
    }

    pub(super) fn list(self, list: Vec<Expr>, depth: usize) -> Vec<Node> {
        list.into_iter().map(|each| self.node(each, depth + 1)).collect()
    }

    fn try_node(self, mut expr: Expr, depth: usize) -> Option<Node> {
        while let Expr::Nested(inner) = expr {
            expr = *inner;
        }
        if depth > MAX_DEPTH {
            return None;
        }
        let one = |inner: Box<Expr>| self.boxed(*inner, depth);
        Some(match expr {
            Expr::Identifier(name) => self.name(name)?,
            Expr::CompoundIdentifier(parts) => {
                let mut qualifier: Vec<String> =
                    parts.iter().map(|part| self.fold(part)).collect::<Option<_>>()?;
                let name = qualifier.pop()?;
                Node::Column { qualifier, name }
            }
            Expr::Value(value) => Node::Literal(literal(value.value, self.dialect)?),
            Expr::TypedString(typed) => Node::Literal(typed_literal(typed)?),
            Expr::BinaryOp { left, op, right } => return self.binary(left, op, right, depth),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Node::Not(one(expr)),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                Node::Call(Function::Negate, vec![self.node(*expr, depth + 1)])
            }
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.node(*expr, depth + 1),
            Expr::IsNull(inner) => Node::IsNull(one(inner)),
            Expr::IsNotNull(inner) => negate(Node::IsNull(one(inner)), true),
            Expr::IsTrue(inner) => Node::Is(one(inner), true),
            Expr::IsNotTrue(inner) => negate(Node::Is(one(inner), true), true),
            Expr::IsFalse(inner) => Node::Is(one(inner), false),
            Expr::IsNotFalse(inner) => negate(Node::Is(one(inner), false), true),
            Expr::IsDistinctFrom(left, right) => Node::Distinct(one(left), one(right)),
            Expr::IsNotDistinctFrom(left, right) => negate(Node::Distinct(one(left), one(right)), true),
            Expr::InList { expr, list, negated } => {
                negate(Node::In(one(expr), self.list(list, depth)), negated)
            }
            Expr::Between { expr, negated, low, high } => {
                negate(Node::Between(one(expr), one(low), one(high)), negated)
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char } => negate(
                Node::Like { text: one(expr), pattern: one(pattern), escape: escape_char.map(one) },
                negated,
            ),
            Expr::Case { operand, conditions, else_result, .. } => Node::Case {
                operand: operand.map(one),
                arms: conditions
                    .into_iter()
                    .map(|arm| (self.node(arm.condition, depth + 1), self.node(arm.result, depth + 1)))
                    .collect(),
                otherwise: else_result.map_or_else(|| boxed(Node::Literal(Value::Null)), one),
            },
            Expr::Cast { kind, expr, data_type, format: None } => {
                self.cast(kind, self.node(*expr, depth + 1), &data_type)?
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                if self.node(*time_zone, depth + 1).constant_text()? != "UTC" {
                    return None;
                }
                at_utc(self.node(*timestamp, depth + 1))
            }
            Expr::Substring { expr, substring_from: Some(from), substring_for, .. } => {
                let mut list = vec![self.node(*expr, depth + 1), self.node(*from, depth + 1)];
                list.extend(substring_for.map(|length| self.node(*length, depth + 1)));
                Node::Call(Function::Substr, list)
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                let function = match trim_where {
                    None | Some(TrimWhereField::Both) => Function::Trim,
                    Some(TrimWhereField::Leading) => Function::TrimLeft,
                    Some(TrimWhereField::Trailing) => Function::TrimRight,
                };
                let mut list = vec![self.node(*expr, depth + 1)];
                list.extend(trim_what.map(|what| self.node(*what, depth + 1)));
                list.extend(self.list(trim_characters.unwrap_or_default(), depth));
                (list.len() <= 2).then_some(Node::Call(function, list))?
            }
            Expr::Floor { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                Node::Call(Function::Floor, vec![self.node(*expr, depth + 1)])
            }
            Expr::Ceil { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                Node::Call(Function::Ceiling, vec![self.node(*expr, depth + 1)])
            }
            Expr::Function(function) => self.call(function, depth)?,
            Expr::Exists { subquery, negated } => {
                negate(Node::Exists(self.rows_of(*subquery, depth)?.0), negated)
            }
            Expr::InSubquery { expr, subquery, negated } => {
                let (source, shown) = self.rows_of(*subquery, depth)?;
                let in_rows = Node::InRows { value: one(expr), source, shown: boxed(shown?) };
                negate(in_rows, negated)
            }
            _ => return None,
        })
    }

    /// A name as the dialect reads it.
    pub(super) fn fold(self, name: &Ident) -> Option<String> {
        match (self.dialect, name.quote_style) {
            (Dialect::Snowflake, None) => Some(name.value.to_uppercase()),
            (Dialect::Snowflake, Some('"')) => Some(name.value.clone()),
            // Trino compares names without case, quoted or not: trino.io/docs/current/language/reserved.html (2026-11-23).
            (Dialect::Trino, None | Some('"')) => Some(name.value.to_lowercase()),
            (Dialect::Snowflake | Dialect::Trino, Some(_)) => None,
            (Dialect::Databricks | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery, _) => None,
        }
    }

    pub(super) fn path(self, name: &ObjectName) -> Option<Vec<String>> {
        let part = |part: &ObjectNamePart| part.as_ident().and_then(|ident| self.fold(ident));
        name.0.iter().map(part).collect()
    }

    fn name(self, name: Ident) -> Option<Node> {
        if name.quote_style.is_none() && self.dialect == Dialect::Snowflake {
            // Context functions may stand without parentheses: docs.snowflake.com/en/sql-reference/functions-context.
            match name.value.to_ascii_uppercase().as_str() {
                "CURRENT_USER" => return Some(Node::User),
                "CURRENT_DATE" => return Some(Node::Today),
                "CURRENT_TIMESTAMP" => return Some(Node::Now),
                "CURRENT_TIME" | "LOCALTIME" | "LOCALTIMESTAMP" => return None,
                _ => {}
            }
        }
        Some(Node::Column { qualifier: Vec::new(), name: self.fold(&name)? })
    }

    fn binary(self, left: Box<Expr>, op: BinaryOperator, right: Box<Expr>, depth: usize) -> Option<Node> {
        let operator = match op {
            BinaryOperator::And => return Some(Node::And(self.chain(left, &op, right, depth))),
            BinaryOperator::Or => return Some(Node::Or(self.chain(left, &op, right, depth))),
            BinaryOperator::StringConcat => {
                return Some(Node::Call(Function::Concat, self.chain(left, &op, right, depth)));
            }
            BinaryOperator::Eq => Operator::Equal,
            BinaryOperator::NotEq => Operator::NotEqual,
            BinaryOperator::Lt => Operator::Less,
            BinaryOperator::LtEq => Operator::LessOrEqual,
            BinaryOperator::Gt => Operator::Greater,
            BinaryOperator::GtEq => Operator::GreaterOrEqual,
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo => return self.arithmetic(left, &op, right, depth),
            _ => return None,
        };
        Some(Node::Compare(operator, self.boxed(*left, depth), self.boxed(*right, depth)))
    }

    fn arithmetic(
        self,
        left: Box<Expr>,
        op: &BinaryOperator,
        right: Box<Expr>,
        depth: usize,
    ) -> Option<Node> {
        let left = self.node(*left, depth + 1);
        if let Expr::Interval(interval) = *right {
            let days = days(&interval)?;
            let days = match op {
                BinaryOperator::Plus => days,
                BinaryOperator::Minus => days.checked_neg()?,
                _ => return None,
            };
            let days = Value::number(&days.to_string())?;
            return Some(Node::Call(Function::AddDays, vec![left, Node::Literal(days)]));
        }
        let function = match op {
            BinaryOperator::Plus => Function::Add,
            BinaryOperator::Minus => Function::Subtract,
            BinaryOperator::Multiply => Function::Multiply,
            BinaryOperator::Divide => Function::Divide,
            BinaryOperator::Modulo => Function::Modulo,
            _ => return None,
        };
        Some(Node::Call(function, vec![left, self.node(*right, depth + 1)]))
    }

    /// The operands of a left-deep chain of one operator.
    fn chain(self, left: Box<Expr>, op: &BinaryOperator, right: Box<Expr>, depth: usize) -> Vec<Node> {
        let mut operands = vec![self.node(*right, depth + 1)];
        let mut rest = *left;
        loop {
            match rest {
                Expr::BinaryOp { left, op: next, right } if next == *op => {
                    operands.push(self.node(*right, depth + 1));
                    rest = *left;
                }
                first => {
                    operands.push(self.node(first, depth + 1));
                    break;
                }
            }
        }
        operands.reverse();
        operands
    }

    fn cast(self, kind: CastKind, from: Node, data_type: &DataType) -> Option<Node> {
        match kind {
            CastKind::Cast | CastKind::DoubleColon | CastKind::TryCast => {}
            CastKind::SafeCast => return None,
        }
        let to = self.target(data_type);
        if from == Node::UtcNow && to == Target::Date {
            return Some(Node::Today);
        }
        Some(Node::Cast { from: boxed(from), to })
    }
}

/// A timestamp at UTC.
pub(super) fn at_utc(timestamp: Node) -> Node {
    match timestamp {
        Node::Now | Node::UtcNow => Node::UtcNow,
        other => Node::Call(Function::AtUtc, vec![other]),
    }
}

/// `INTERVAL 'n' DAY`.
fn days(interval: &Interval) -> Option<i64> {
    let plain = interval.leading_precision.is_none()
        && interval.last_field.is_none()
        && interval.fractional_seconds_precision.is_none();
    let day = matches!(interval.leading_field, Some(DateTimeField::Day | DateTimeField::Days));
    match interval.value.as_ref() {
        Expr::Value(value) if plain && day => match &value.value {
            Parsed::SingleQuotedString(text) => text.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

fn literal(value: Parsed, dialect: Dialect) -> Option<Value> {
    match value {
        Parsed::Number(text, false) => Value::number(&text),
        Parsed::SingleQuotedString(text) => Some(Value::Text(text)),
        Parsed::DollarQuotedString(text) if text.tag.is_none() && dialect == Dialect::Snowflake => {
            Some(Value::Text(text.value))
        }
        Parsed::Boolean(value) => Some(Value::Boolean(value)),
        Parsed::Null => Some(Value::Null),
        _ => None,
    }
}

fn typed_literal(typed: TypedString) -> Option<Value> {
    let TypedString { data_type, value, uses_odbc_syntax: false } = typed else { return None };
    let Parsed::SingleQuotedString(text) = value.value else { return None };
    match data_type {
        DataType::Date => Value::date(&text),
        DataType::Timestamp(_, TimezoneInfo::None) | DataType::TimestampNtz(_) => timestamp(&text),
        _ => None,
    }
}

/// A timestamp without zone, as the instant that it is at UTC.
fn timestamp(text: &str) -> Option<Value> {
    // The date parser takes zones and annotations too, which a timestamp without zone must not have.
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"-:. ".contains(&byte)) {
        return None;
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    let instant = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?;
    (instant.subsec_nanosecond() % 1_000 == 0).then(|| Value::Timestamp(instant.as_microsecond()))
}
