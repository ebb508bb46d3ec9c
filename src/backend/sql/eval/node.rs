//! Expressions as we understand them: names folded, literals read, patterns compiled, everything else [`Node::Unknown`].
//!
//! Invariant: no deeper than [`MAX_DEPTH`]; chains of AND, OR and `||` are flat.

use super::collate::Collation;
use super::function::{Function, Pattern};
use super::types::Target;
use crate::ir::Operator;
use crate::ir::value::Value;

/// How deep a tree may be: evaluating one level must stay cheap on the smallest stack that we run on.
pub(super) const MAX_DEPTH: usize = 250;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Literal(Value),
    Column {
        qualifier: Vec<String>,
        name: String,
    },
    /// The UTC date.
    Today,
    /// The present instant, in the session's time zone.
    Now,
    /// The present instant, in UTC.
    UtcNow,
    /// Days since 1970-01-01 until now, with what there is of today.
    NowDays,
    User,
    CurrentRole,
    /// `IS_ROLE_IN_SESSION(name)`.
    Role(Box<Node>),
    /// `contains(current_groups(), name)`, `is_account_group_member(name)` and their like.
    Group(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Compare(Operator, Box<Node>, Box<Node>),
    IsNull(Box<Node>),
    /// `IS TRUE`, `IS FALSE`.
    Is(Box<Node>, bool),
    Distinct(Box<Node>, Box<Node>),
    In(Box<Node>, Vec<Node>),
    Between(Box<Node>, Box<Node>, Box<Node>),
    Like {
        text: Box<Node>,
        pattern: Box<Node>,
        escape: Option<Box<Node>>,
    },
    Case {
        operand: Option<Box<Node>>,
        arms: Vec<(Node, Node)>,
        otherwise: Box<Node>,
    },
    Coalesce(Vec<Node>),
    NullIf(Box<Node>, Box<Node>),
    Cast {
        from: Box<Node>,
        to: Target,
    },
    /// The same text, compared by other rules.
    Collate(Box<Node>, Collation),
    /// Strict in its arguments: a NULL among them gives NULL.
    Call(Function, Vec<Node>),
    /// All matches replaced by literal text.
    Replace {
        text: Box<Node>,
        pattern: Pattern,
        with: String,
    },
    Exists(Source),
    InRows {
        value: Box<Node>,
        source: Source,
        shown: Box<Node>,
    },
    /// Not understood.
    Unknown,
}

/// One table and the condition on its rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source {
    pub(super) table: Vec<String>,
    /// With an alias, the table's own name qualifies nothing.
    pub(super) alias: Option<String>,
    pub(super) filter: Option<Box<Node>>,
}

impl Node {
    /// Calls back for every node, parents first.
    pub(super) fn visit(&self, see: &mut dyn FnMut(&Node)) {
        see(self);
        self.children(&mut |child| child.visit(see));
    }

    fn children<'a>(&'a self, see: &mut dyn FnMut(&'a Node)) {
        match self {
            Node::Literal(_)
            | Node::Column { .. }
            | Node::Today
            | Node::Now
            | Node::UtcNow
            | Node::NowDays
            | Node::User
            | Node::CurrentRole
            | Node::Unknown => {}
            Node::Role(inner)
            | Node::Group(inner)
            | Node::Not(inner)
            | Node::IsNull(inner)
            | Node::Is(inner, _)
            | Node::Cast { from: inner, .. }
            | Node::Collate(inner, _)
            | Node::Replace { text: inner, .. } => see(inner),
            Node::And(list) | Node::Or(list) | Node::Coalesce(list) | Node::Call(_, list) => {
                list.iter().for_each(see);
            }
            Node::Compare(_, left, right) | Node::Distinct(left, right) | Node::NullIf(left, right) => {
                see(left);
                see(right);
            }
            Node::In(value, list) => {
                see(value);
                list.iter().for_each(see);
            }
            Node::Between(value, low, high) => {
                see(value);
                see(low);
                see(high);
            }
            Node::Like { text, pattern, escape } => {
                see(text);
                see(pattern);
                escape.iter().for_each(|escape| see(escape));
            }
            Node::Case { operand, arms, otherwise } => {
                operand.iter().for_each(|operand| see(operand));
                for (condition, result) in arms {
                    see(condition);
                    see(result);
                }
                see(otherwise);
            }
            Node::Exists(source) => source.filter.iter().for_each(|filter| see(filter)),
            Node::InRows { value, source, shown } => {
                see(value);
                see(shown);
                source.filter.iter().for_each(|filter| see(filter));
            }
        }
    }

    /// The same children, to be changed.
    pub(super) fn children_mut(&mut self, see: &mut dyn FnMut(&mut Node)) {
        match self {
            Node::Literal(_)
            | Node::Column { .. }
            | Node::Today
            | Node::Now
            | Node::UtcNow
            | Node::NowDays
            | Node::User
            | Node::CurrentRole
            | Node::Unknown => {}
            Node::Role(inner)
            | Node::Group(inner)
            | Node::Not(inner)
            | Node::IsNull(inner)
            | Node::Is(inner, _)
            | Node::Cast { from: inner, .. }
            | Node::Collate(inner, _)
            | Node::Replace { text: inner, .. } => see(inner),
            Node::And(list) | Node::Or(list) | Node::Coalesce(list) | Node::Call(_, list) => {
                list.iter_mut().for_each(see);
            }
            Node::Compare(_, left, right) | Node::Distinct(left, right) | Node::NullIf(left, right) => {
                see(left);
                see(right);
            }
            Node::In(value, list) => {
                see(value);
                list.iter_mut().for_each(see);
            }
            Node::Between(value, low, high) => {
                see(value);
                see(low);
                see(high);
            }
            Node::Like { text, pattern, escape } => {
                see(text);
                see(pattern);
                escape.iter_mut().for_each(|escape| see(escape));
            }
            Node::Case { operand, arms, otherwise } => {
                operand.iter_mut().for_each(|operand| see(operand));
                for (condition, result) in arms {
                    see(condition);
                    see(result);
                }
                see(otherwise);
            }
            Node::Exists(source) => source.filter.iter_mut().for_each(|filter| see(filter)),
            Node::InRows { value, source, shown } => {
                see(value);
                see(shown);
                source.filter.iter_mut().for_each(|filter| see(filter));
            }
        }
    }

    /// A text that needs no session and no row.
    pub(super) fn constant_text(&self) -> Option<String> {
        match self {
            Node::Literal(Value::Text(text)) => Some(text.clone()),
            Node::Call(Function::Concat | Function::Plus, list) => {
                list.iter().map(Node::constant_text).collect()
            }
            _ => None,
        }
    }

    /// Whether its values are true, false or NULL, as its form tells.
    pub(super) fn is_boolean(&self) -> bool {
        match self {
            Node::Coalesce(list) => list.iter().any(Node::is_boolean),
            Node::Case { arms, otherwise, .. } => {
                otherwise.is_boolean() || arms.iter().any(|(_, result)| result.is_boolean())
            }
            other => other.is_condition(),
        }
    }

    /// Whether it is a condition by its form.
    pub(super) fn is_condition(&self) -> bool {
        match self {
            Node::Role(_)
            | Node::Group(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::Not(_)
            | Node::Compare(..)
            | Node::IsNull(_)
            | Node::Is(..)
            | Node::Distinct(..)
            | Node::In(..)
            | Node::Between(..)
            | Node::Like { .. }
            | Node::Exists(_)
            | Node::InRows { .. } => true,
            Node::Literal(_)
            | Node::Column { .. }
            | Node::Today
            | Node::Now
            | Node::UtcNow
            | Node::NowDays
            | Node::User
            | Node::CurrentRole
            | Node::Case { .. }
            | Node::Coalesce(_)
            | Node::NullIf(..)
            | Node::Cast { .. }
            | Node::Collate(..)
            | Node::Call(..)
            | Node::Replace { .. }
            | Node::Unknown => false,
        }
    }
}
