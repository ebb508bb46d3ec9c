//! Casts, conversions and what is added to a date.

use sqlparser::ast::{
    BinaryOperator, DataType, DateTimeField, Expr, Function as Call, Interval, Value as Parsed,
};

use super::collate::{Collation, Rule, explicit};
use super::compile::{Compiler, boxed, whole_literal};
use super::function::{Function, Unit};
use super::node::Node;
use super::types::Target;
use crate::backend::sql::Dialect;
use crate::ir::value::Value;

impl Compiler {
    /// A cast of any kind: that one fails, and what then comes out, is never concluded.
    pub(super) fn cast(self, from: Node, data_type: &DataType) -> Node {
        let collation = if self.dialect == Dialect::Synapse { explicit(&from) } else { None };
        match (from, self.target(data_type, collation)) {
            (Node::UtcNow, Target::Date) => Node::Today,
            // It is the session's time: one and the same setting takes it there and back.
            (Node::Now, Target::Zoned) if self.dialect == Dialect::Redshift => Node::Now,
            // Cut, which for days since 1970 is down.
            (Node::NowDays, Target::Whole(_)) => Node::Call(Function::Days, vec![Node::Today]),
            // The start of the day.
            (Node::Cast { from, to: Target::Date }, to @ Target::Timestamp(_))
                if self.dialect == Dialect::Databricks =>
            {
                Node::Call(Function::DateTrunc(Unit::Day), vec![Node::Cast { from, to }])
            }
            (Node::Cast { from, to: Target::Bytes }, Target::Text(None)) => {
                Node::Collate(from, Collation::BYTES)
            }
            (from, to) => Node::Cast { from: boxed(from), to },
        }
    }

    /// `CONVERT(type, value, style)`.
    pub(super) fn convert(self, from: Node, data_type: &DataType, style: Option<Value>) -> Option<Node> {
        if !matches!(self.dialect, Dialect::Redshift | Dialect::Synapse) {
            return None;
        }
        let Some(style) = style else { return Some(self.cast(from, data_type)) };
        let is = |number: &str| Value::number(number).as_ref() == Some(&style);
        let Node::Cast { from, to } = self.cast(from, data_type) else { return None };
        match (*from, to) {
            // Hexadecimal: learn.microsoft.com/sql/t-sql/functions/cast-and-convert-transact-sql#binary-styles (2026-11-25).
            (Node::Call(Function::HashBytes, bytes), Target::Fitting { length, .. })
                if is("2") && length.is_none_or(|length| length >= 64) =>
            {
                match <[Node; 1]>::try_from(bytes).ok()? {
                    [Node::Call(Function::Utf8, text)] => Some(Node::Call(Function::HashUpper, text)),
                    [other] => Some(other_type(Node::Call(Function::HashBytes, vec![other]))),
                }
            }
            (hash @ Node::Call(Function::HashBytes, _), _) => Some(other_type(hash)),
            // `yyyy-mm-dd`.
            (from, Target::Date) if is("23") => Some(Node::Cast { from: boxed(from), to: Target::Date }),
            (from, Target::Fitting { length, .. })
                if is("23") && length.is_none_or(|length| length >= 10) =>
            {
                Some(Node::Cast { from: boxed(from), to: Target::Text(None) })
            }
            _ => None,
        }
    }

    /// A text whose characters are counted: T-SQL counts code units, unless a collation says otherwise.
    pub(super) fn counted(self, expr: Expr, depth: usize) -> Node {
        let text = self.node(expr, depth);
        let points = self.dialect != Dialect::Synapse
            || explicit(&text).is_some_and(|collation| collation.rule == Rule::Characters);
        if points { text } else { Node::Call(Function::Units, vec![text]) }
    }

    /// `date + INTERVAL 'n' DAY`.
    pub(super) fn add_interval(self, left: Node, op: &BinaryOperator, interval: &Interval) -> Option<Node> {
        // It makes a timestamp of a date elsewhere.
        if !matches!(self.dialect, Dialect::Snowflake | Dialect::Trino | Dialect::Databricks) {
            return None;
        }
        let days = match op {
            BinaryOperator::Plus => days(interval)?,
            BinaryOperator::Minus => days(interval)?.checked_neg()?,
            _ => return None,
        };
        Some(Node::Call(Function::AddDays, vec![left, whole_literal(days)]))
    }

    /// The microseconds of `make_dt_interval(days, hours, minutes, seconds)`, or the call if it is another.
    pub(super) fn interval(self, call: Call, depth: usize) -> Result<Option<Node>, Box<Call>> {
        let named = match call.name.0.as_slice() {
            [part] => part.as_ident().is_some_and(|name| name.value.eq_ignore_ascii_case("make_dt_interval")),
            _ => false,
        };
        if !named {
            return Err(Box::new(call));
        }
        const MICROS: [i64; 4] = [86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000];
        Ok(super::calls::plain_arguments(call).filter(|args| args.len() <= MICROS.len()).map(|args| {
            let parts = args.into_iter().zip(MICROS).map(|(count, micros)| {
                Node::Call(Function::Multiply, vec![self.node(count, depth + 2), whole_literal(micros)])
            });
            parts
                .reduce(|sum, part| Node::Call(Function::Add, vec![sum, part]))
                .unwrap_or_else(|| whole_literal(0))
        }))
    }
}

/// A timestamp plus microseconds; the start of its own day plus its own hour is the start of that hour.
pub(super) fn add_micros(left: Node, micros: Node) -> Node {
    if let Node::Call(Function::DateTrunc(Unit::Day), start) = &left
        && let [Node::Cast { from, to: Target::Timestamp(_) }] = start.as_slice()
        && hours_of(&micros).is_some_and(|of| *of == **from)
    {
        return Node::Call(Function::DateTrunc(Unit::Hour), start.clone());
    }
    Node::Call(Function::AddMicros, vec![left, micros])
}

/// `make_dt_interval(0, hour(timestamp))`.
fn hours_of(micros: &Node) -> Option<&Node> {
    let Node::Call(Function::Add, sum) = micros else { return None };
    let [Node::Call(Function::Multiply, days), Node::Call(Function::Multiply, hours)] = sum.as_slice() else {
        return None;
    };
    let [Node::Call(Function::Part(Unit::Hour), of), _] = hours.as_slice() else { return None };
    (days.first() == Some(&whole_literal(0))).then(|| of.first())?
}

/// What we cannot say more of than where it comes from.
pub(super) fn other_type(from: Node) -> Node {
    Node::Cast { from: boxed(from), to: Target::Other }
}

/// `INTERVAL 'n' DAY`, `INTERVAL n DAY`.
pub(super) fn days(interval: &Interval) -> Option<i64> {
    let plain = interval.leading_precision.is_none()
        && interval.last_field.is_none()
        && interval.fractional_seconds_precision.is_none();
    let day = matches!(interval.leading_field, Some(DateTimeField::Day | DateTimeField::Days));
    let number = |expr: &Expr| match expr {
        Expr::Value(value) => match &value.value {
            Parsed::SingleQuotedString(text) | Parsed::Number(text, false) => text.parse::<i64>().ok(),
            _ => None,
        },
        _ => None,
    };
    match interval.value.as_ref() {
        _ if !plain || !day => None,
        Expr::UnaryOp { op: sqlparser::ast::UnaryOperator::Minus, expr } => number(expr)?.checked_neg(),
        expr => number(expr),
    }
}
