//! Parsed expressions to [`Node`]s.
//!
//! Invariant: a construct that is not listed, or that has a clause which we do not know, is [`Node::Unknown`]. Trees are
//! taken by value; chains of AND, OR and `||`, which can be long, are walked without recursion.

use sqlparser::ast::{
    BinaryOperator, CeilFloorKind, DateTimeField, Expr, Ident, ObjectName, ObjectNamePart, TrimWhereField,
    UnaryOperator,
};

use super::collate::{Collation, of_bytes};
use super::converts::add_micros;
use super::function::Function;
use super::literals::{literal, typed_literal};
use super::node::{MAX_DEPTH, Node};
use crate::backend::sql::Dialect;
use crate::ir::Operator;
use crate::ir::value::{Decimal, Value};

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
    /// In GoogleSQL a negative start is from the end: the last characters, or all of a shorter text. Zero is the beginning
    /// (cloud.google.com/bigquery/docs/reference/standard-sql/string_functions#substr, 2026-11-25).
    fn substring(self, mut list: Vec<Node>) -> Node {
        let last = match (self.dialect, list.as_slice()) {
            (Dialect::BigQuery, [_, Node::Call(Function::Negate, last)]) => match last.as_slice() {
                [Node::Literal(Value::Number(last))] if last.signum() > 0 => Some(*last),
                _ => None,
            },
            _ => None,
        };
        match last {
            Some(last) => {
                list.truncate(1);
                list.push(Node::Literal(Value::Number(last)));
                Node::Call(Function::Right, list)
            }
            None => Node::Call(Function::Substr, list),
        }
    }

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
        if depth > MAX_DEPTH || is_ambiguous(&expr) {
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
            Expr::TypedString(typed) => Node::Literal(typed_literal(typed, self.dialect)?),
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
                let mut nodes = vec![self.node(*expr, depth + 1)];
                nodes.extend(self.list(list, depth));
                let mut nodes = of_bytes(nodes).into_iter();
                negate(Node::In(boxed(nodes.next()?), nodes.collect()), negated)
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
            Expr::Cast { kind: _, expr, data_type, format: None } => {
                self.cast(self.node(*expr, depth + 1), &data_type)
            }
            Expr::Convert { is_try: _, expr, data_type: Some(data_type), charset: None, styles, .. } => {
                let style = match self.list(styles, depth).as_slice() {
                    [] => None,
                    [Node::Literal(style)] => Some(style.clone()),
                    _ => return None,
                };
                self.convert(self.node(*expr, depth + 1), &data_type, style)?
            }
            Expr::Collate { expr, collation } => {
                let [part] = collation.0.as_slice() else { return None };
                let collation = Collation::named(&part.as_ident()?.value, self.dialect)?;
                Node::Collate(one(expr), collation)
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                let zoned = matches!(self.dialect, Dialect::Snowflake | Dialect::Trino | Dialect::Redshift);
                if !zoned || self.node(*time_zone, depth + 1).constant_text()? != "UTC" {
                    return None;
                }
                at_utc(self.node(*timestamp, depth + 1))
            }
            Expr::Substring { expr, substring_from: Some(from), substring_for, .. } => {
                let mut list = vec![self.counted(*expr, depth + 1), self.node(*from, depth + 1)];
                list.extend(substring_for.map(|length| self.node(*length, depth + 1)));
                self.substring(list)
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
        self.dialect.stored(&name.value, name.quote_style)
    }

    pub(super) fn path(self, name: &ObjectName) -> Option<Vec<String>> {
        let part = |part: &ObjectNamePart| {
            part.as_ident().and_then(|ident| self.dialect.stored_path(&ident.value, ident.quote_style))
        };
        Some(name.0.iter().map(part).collect::<Option<Vec<_>>>()?.concat())
    }

    fn name(self, name: Ident) -> Option<Node> {
        if name.quote_style.is_none()
            && let Some(special) = self.bare_function(&name.value.to_ascii_uppercase())
        {
            return special;
        }
        Some(Node::Column { qualifier: Vec::new(), name: self.fold(&name)? })
    }

    /// Context functions that may stand without parentheses; `Some(None)`: one that we do not know.
    fn bare_function(self, name: &str) -> Option<Option<Node>> {
        Some(match (self.dialect, name) {
            // docs.snowflake.com/en/sql-reference/functions-context (2026-11-23).
            (Dialect::Snowflake, "CURRENT_USER") => Some(Node::User),
            (Dialect::Snowflake, "CURRENT_DATE") => Some(Node::Today),
            (Dialect::Snowflake, "CURRENT_TIMESTAMP") => Some(Node::Now),
            (Dialect::Snowflake, "CURRENT_TIME" | "LOCALTIME" | "LOCALTIMESTAMP") => None,
            // Reserved words: docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html (2026-11-25).
            (Dialect::Redshift, "CURRENT_USER" | "SESSION_USER" | "USER") => Some(Node::User),
            (Dialect::Redshift, "SYSDATE" | "CURRENT_TIMESTAMP") => Some(Node::Now),
            (
                Dialect::Redshift,
                "CURRENT_DATE" | "CURRENT_TIME" | "CURRENT_USER_ID" | "LOCALTIME" | "LOCALTIMESTAMP",
            ) => None,
            // learn.microsoft.com/sql/t-sql/language-elements/reserved-keywords-transact-sql (2026-11-25).
            (Dialect::Synapse, "CURRENT_USER" | "SESSION_USER" | "SYSTEM_USER" | "USER") => Some(Node::User),
            (Dialect::Synapse, "CURRENT_DATE" | "CURRENT_TIME" | "CURRENT_TIMESTAMP") => None,
            // A column of that name comes first.
            (
                Dialect::Databricks,
                "CURRENT_CATALOG" | "CURRENT_DATABASE" | "CURRENT_DATE" | "CURRENT_SCHEMA" | "CURRENT_TIME"
                | "CURRENT_TIMESTAMP" | "CURRENT_USER" | "SESSION_USER" | "USER",
            ) => None,
            (
                Dialect::BigQuery,
                "CURRENT_DATE" | "CURRENT_DATETIME" | "CURRENT_TIME" | "CURRENT_TIMESTAMP",
            ) => None,
            _ => return None,
        })
    }

    fn binary(self, left: Box<Expr>, op: BinaryOperator, right: Box<Expr>, depth: usize) -> Option<Node> {
        if self.dialect == Dialect::Synapse
            && let BinaryOperator::Eq | BinaryOperator::NotEq = op
            && let Some(member) = self.member(&left, &right)
        {
            return Some(negate(member?, op == BinaryOperator::NotEq));
        }
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
        let sides = of_bytes(vec![self.node(*left, depth + 1), self.node(*right, depth + 1)]);
        let [left, right] = <[Node; 2]>::try_from(sides).ok()?;
        Some(Node::Compare(operator, boxed(left), boxed(right)))
    }

    fn arithmetic(
        self,
        left: Box<Expr>,
        op: &BinaryOperator,
        right: Box<Expr>,
        depth: usize,
    ) -> Option<Node> {
        let left = self.node(*left, depth + 1);
        let right = match *right {
            Expr::Interval(interval) => return self.add_interval(left, op, &interval),
            Expr::Function(call) if self.dialect == Dialect::Databricks => match self.interval(call, depth) {
                Ok(micros) if *op == BinaryOperator::Plus => {
                    return Some(add_micros(left, micros?));
                }
                Ok(_) => return None,
                Err(call) => self.node(Expr::Function(*call), depth + 1),
            },
            right => self.node(right, depth + 1),
        };
        let function = match op {
            BinaryOperator::Plus if self.dialect == Dialect::Synapse => Function::Plus,
            BinaryOperator::Plus => Function::Add,
            BinaryOperator::Minus => Function::Subtract,
            BinaryOperator::Multiply => Function::Multiply,
            BinaryOperator::Divide => Function::Divide,
            BinaryOperator::Modulo => Function::Modulo,
            _ => return None,
        };
        let node = Node::Call(function, vec![left, right]);
        // Seconds in steps of a day.
        let now_days = |node: &Node| {
            matches!(node, Node::Call(Function::Divide, args)
                if matches!(args.as_slice(), [Node::Call(Function::Seconds, now), per_day]
                    if now.as_slice() == [Node::Now] && *per_day == whole_literal(86_400)))
        };
        Some(if now_days(&node) { Node::NowDays } else { node })
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
}

/// A timestamp at UTC.
pub(super) fn at_utc(timestamp: Node) -> Node {
    match timestamp {
        Node::Now | Node::UtcNow => Node::UtcNow,
        other => Node::Call(Function::AtUtc, vec![other]),
    }
}

/// A whole number as a literal.
pub(super) fn whole_literal(number: i64) -> Node {
    Node::Literal(Value::Number(Decimal::whole(number)))
}

/// Whether dialects could read a chain of operators in several ways: comparisons of comparisons, and tests of them,
/// without parentheses. PostgreSQL 8, which Redshift comes from, binds IS and LIKE tighter than `=`.
fn is_ambiguous(expr: &Expr) -> bool {
    let compares = |expr: &Expr| match expr {
        Expr::BinaryOp { op, .. } => matches!(
            op,
            BinaryOperator::Eq
                | BinaryOperator::NotEq
                | BinaryOperator::Lt
                | BinaryOperator::LtEq
                | BinaryOperator::Gt
                | BinaryOperator::GtEq
        ),
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::Like { .. } => true,
        _ => false,
    };
    match expr {
        Expr::BinaryOp { left, right, .. } if compares(expr) => compares(left) || compares(right),
        Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
            compares(left) || compares(right)
        }
        Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::IsTrue(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsNotFalse(inner) => compares(inner),
        Expr::InList { expr, .. } | Expr::InSubquery { expr, .. } => compares(expr),
        Expr::Between { expr, low, high, .. } => compares(expr) || compares(low) || compares(high),
        Expr::Like { expr, pattern, .. } => compares(expr) || compares(pattern),
        _ => false,
    }
}
