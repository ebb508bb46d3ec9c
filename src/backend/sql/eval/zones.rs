//! Which timestamps are instants: what a conversion of theirs gives depends on the session's time zone.
//!
//! A [`Value::Timestamp`](crate::ir::value::Value::Timestamp) is a timestamp without zone, or an instant as it is at UTC; values do not
//! tell which. Where a platform mixes both, the form of an expression and the session's word on its columns do.

use super::Partial;
use super::function::Function;
use super::node::Node;
use super::run::Run;
use super::types::Target;
use crate::backend::sql::Dialect;
use crate::ir::value::Value;

impl Run<'_> {
    /// Whether a node's timestamps are instants, where that decides anything.
    pub(super) fn zoned(&self, node: &Node) -> bool {
        match self.dialect {
            Dialect::Snowflake | Dialect::Trino => false,
            Dialect::Databricks | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery => {
                self.instant(node)
            }
        }
    }

    fn instant(&self, node: &Node) -> bool {
        if self.exhausted() {
            return true;
        }
        match node {
            Node::Column { name, .. } => self.session.is_instant(name),
            Node::Now => true,
            Node::Cast { to, .. } => *to == Target::Zoned,
            Node::Call(Function::Zoned | Function::FromMicros, _) => true,
            // There and back.
            Node::Call(Function::AtUtc, args) if self.dialect == Dialect::Redshift => {
                args.first().is_some_and(|timestamp| !self.instant(timestamp))
            }
            Node::Call(Function::AddDays | Function::AddMicros | Function::DateTrunc(_), args) => {
                args.first().is_some_and(|timestamp| self.instant(timestamp))
            }
            Node::Case { arms, otherwise, .. } => {
                self.instant(otherwise) || arms.iter().any(|(_, result)| self.instant(result))
            }
            Node::Coalesce(list) => list.iter().any(|each| self.instant(each)),
            Node::NullIf(value, _) => self.instant(value),
            _ => false,
        }
    }

    /// Whether a cast of a timestamp asks the session for its time zone.
    pub(super) fn cast_asks(&self, from: &Node, value: &Value, to: Target) -> bool {
        match (value, to) {
            (Value::Timestamp(_), Target::Date | Target::Timestamp(_)) => self.zoned(from),
            (Value::Timestamp(_), Target::Zoned) => {
                !matches!(self.dialect, Dialect::Snowflake | Dialect::Trino) && !self.zoned(from)
            }
            _ => false,
        }
    }

    /// Whether a function of a timestamp does.
    pub(super) fn call_asks(&self, function: Function, args: &[Node]) -> bool {
        match function {
            Function::DateTrunc(_) | Function::Part(_) | Function::AddDays => {
                args.first().is_some_and(|timestamp| self.zoned(timestamp))
            }
            Function::Micros => args.first().is_some_and(|timestamp| !self.zoned(timestamp)),
            _ => false,
        }
    }

    /// Whether a comparison does: of an instant with what is none.
    pub(super) fn comparison_asks(
        &self,
        (left, left_value): (&Node, &Partial),
        (right, right_value): (&Node, &Partial),
    ) -> bool {
        let time = |value: &Partial| matches!(value, Partial::Value(Value::Date(_) | Value::Timestamp(_)));
        time(left_value) && time(right_value) && self.zoned(left) != self.zoned(right)
    }
}
