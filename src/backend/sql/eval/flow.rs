//! How much of an argument a computed result can hold.
//!
//! Invariant: less than [`Flow::Whole`] only for forms listed here, each with its reason; whatever is not understood
//! could be the value. Cost: linear, and a comparison of two subtrees where a form repeats its operand.

use super::function::{Function, Unit};
use super::node::Node;
use crate::ir::Operator;
use crate::ir::value::Value;

/// How much of the argument is in a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flow {
    /// Nothing.
    None,
    /// A fact about it: its length, its sign, whether it is NULL.
    Trace,
    /// A part or a digest, from which the whole cannot be read in general.
    Part,
    /// Possibly all of it.
    Whole,
}

/// A text that is longer than so many characters, or NULL.
pub(super) struct Fact<'a> {
    text: &'a Node,
    longer_than: i64,
}

impl<'a> Fact<'a> {
    /// What a condition tells where it is true, or where it is not.
    pub(super) fn of(condition: &'a Node, holds: bool) -> Option<Fact<'a>> {
        let Node::Compare(operator, left, right) = condition else { return None };
        let (Some(text), Some(n)) = (measured(left), count(right)) else { return None };
        let longer_than = match (operator, holds) {
            (Operator::LessOrEqual, false) | (Operator::Greater, true) => n,
            (Operator::Less, false) | (Operator::GreaterOrEqual, true) => n.checked_sub(1)?,
            _ => return None,
        };
        Some(Fact { text, longer_than })
    }
}

/// Judges results under what is known of lengths.
pub(super) struct Flows<'a> {
    argument: &'a str,
    pub(super) facts: Vec<Fact<'a>>,
}

impl<'a> Flows<'a> {
    pub(super) fn new(argument: &'a str) -> Flows<'a> {
        Flows { argument, facts: Vec::new() }
    }

    /// How much of the argument is in a node's value.
    pub(super) fn of(&self, node: &Node) -> Flow {
        match node {
            Node::Literal(_)
            | Node::Today
            | Node::Now
            | Node::UtcNow
            | Node::NowDays
            | Node::User
            | Node::CurrentRole => Flow::None,
            // Another column may be a copy.
            Node::Column { .. } | Node::Unknown => Flow::Whole,
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
            | Node::InRows { .. } => self.condition(node),
            Node::Case { arms, otherwise, .. } => {
                let results = arms.iter().map(|(_, result)| self.of(result));
                // Which result it is tells about the conditions.
                results.fold(self.of(otherwise).max(Flow::Trace), Flow::max)
            }
            Node::Coalesce(list) => self.most(list),
            Node::NullIf(value, _) => self.of(value).max(Flow::Trace),
            Node::Cast { from, .. } | Node::Collate(from, _) => self.of(from),
            // The matches are gone; that a pattern may match nothing is so for the reference too.
            Node::Replace { text, .. } => self.of(text).min(Flow::Part),
            Node::Call(function, args) => self.call(*function, args),
        }
    }

    fn most(&self, list: &[Node]) -> Flow {
        list.iter().map(|each| self.of(each)).fold(Flow::None, Flow::max)
    }

    /// One bit; but of a boolean column that bit is all there is.
    fn condition(&self, node: &Node) -> Flow {
        if matches!(
            node,
            Node::IsNull(_) | Node::Like { .. } | Node::Role(_) | Node::Group(_) | Node::Exists(_)
        ) {
            return Flow::Trace;
        }
        let mut mentions = false;
        node.visit(&mut |each| {
            mentions |= match each {
                Node::Column { name, .. } => name == self.argument,
                _ => *each == Node::Unknown,
            };
        });
        if mentions { Flow::Whole } else { Flow::Trace }
    }

    fn call(&self, function: Function, args: &[Node]) -> Flow {
        match (function, args) {
            // A digest cannot be read back.
            (Function::HashLower | Function::HashUpper | Function::HashBytes | Function::Digest, args) => {
                self.most(args).min(Flow::Part)
            }
            (Function::Length | Function::LengthTrimmed | Function::Sign, args) => {
                self.most(args).min(Flow::Trace)
            }
            (Function::Left | Function::Right, [text, n]) => self.cut(text, count(n)),
            (Function::Substr, [text, from]) => self.cut(text, kept_at_the_end(text, from)),
            (Function::Substr, [text, from, length]) => match count(from) {
                Some(1) => self.cut(text, count(length)),
                _ => self.cut(text, kept_at_the_end(text, from)),
            },
            (Function::Concat, list) => {
                // Two parts may be the two halves.
                let flows: Vec<Flow> = list.iter().map(|each| self.of(each)).collect();
                let parts = flows.iter().filter(|flow| **flow == Flow::Part).count();
                if parts > 1 { Flow::Whole } else { flows.into_iter().fold(Flow::None, Flow::max) }
            }
            // How often tells a length; what is repeated or padded stays as it is.
            (Function::Repeat, [text, times]) => self.of(text).max(self.of(times)),
            // `x - MOD(x, unit)`: the remainder is gone.
            (
                Function::Subtract,
                [number, Node::Call(Function::Modulo | Function::PositiveModulo, inner)],
            ) if inner.first() == Some(number) && inner.get(1).is_some_and(is_unit) => {
                self.of(number).min(Flow::Part)
            }
            (Function::Modulo | Function::Absolute, args) => self.most(args),
            (
                Function::Add
                | Function::Plus
                | Function::AddMicros
                | Function::Subtract
                | Function::Multiply
                | Function::Divide,
                [left, right],
            ) => {
                let (left, right) = (self.of(left), self.of(right));
                if left == Flow::Part && right == Flow::Part { Flow::Whole } else { left.max(right) }
            }
            (
                Function::DateTrunc(
                    Unit::Year | Unit::Quarter | Unit::Month | Unit::Week | Unit::Day | Unit::Hour,
                ),
                args,
            ) => self.most(args).min(Flow::Part),
            // Year, month or day; all three are the whole.
            (Function::Part(_), args) => self.most(args).min(Flow::Part),
            (Function::DateFromParts, args) => {
                let parts = args.iter().filter(|part| self.of(part) >= Flow::Part).count();
                if parts > 2 { Flow::Whole } else { self.most(args) }
            }
            (_, args) => self.most(args),
        }
    }

    /// A text of which at most so many characters are left.
    fn cut(&self, text: &Node, kept: Option<i64>) -> Flow {
        let flow = self.of(text);
        let shorter = kept.is_some_and(|kept| {
            kept <= 0 || self.facts.iter().any(|fact| fact.longer_than >= kept && fact.text == text)
        });
        if shorter { flow.min(Flow::Part) } else { flow }
    }
}

/// The text whose length a node is: `LENGTH(text)`, or T-SQL's `LEN(text + '.') - 1`.
fn measured(node: &Node) -> Option<&Node> {
    let Node::Call(function, args) = node else { return None };
    match (function, args.as_slice()) {
        (Function::Length, [text]) => Some(text),
        (Function::Subtract, [Node::Call(Function::LengthTrimmed, length), one]) if count(one) == Some(1) => {
            let [Node::Call(Function::Plus, joined)] = length.as_slice() else { return None };
            let [text, Node::Literal(Value::Text(end))] = joined.as_slice() else { return None };
            (end == ".").then_some(text)
        }
        _ => None,
    }
}

/// A literal whole number.
fn count(node: &Node) -> Option<i64> {
    match node {
        Node::Literal(Value::Number(number)) => number.as_whole(),
        _ => None,
    }
}

/// A literal number greater than zero.
fn is_unit(node: &Node) -> bool {
    matches!(node, Node::Literal(Value::Number(number)) if number.signum() > 0)
}

/// `SUBSTR(text, LENGTH(text) - n + 1)` keeps the last `n`.
fn kept_at_the_end(text: &Node, from: &Node) -> Option<i64> {
    let Node::Call(Function::Add, sum) = from else { return None };
    let [Node::Call(Function::Subtract, difference), one] = sum.as_slice() else { return None };
    let [Node::Call(Function::Length, length), n] = difference.as_slice() else { return None };
    (length.as_slice() == std::slice::from_ref(text) && count(one) == Some(1)).then(|| count(n))?
}
