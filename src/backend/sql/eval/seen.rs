//! What a mask's body shows of its argument, over all rows.
//!
//! In: a body, a session, the argument that holds the clear value. Out: [`Shown`]: which kinds of result it can come to.
//! A result that is the argument is clear; one that does not hold it, or holds it only in a form that we know to lose
//! something (see [`flow`](super::flow)), is masked; anything else is opaque: it might be the value in another dress.
//! Conditions on the argument are not counted: `CASE WHEN val = 'x' THEN 'x' END` tells about `x`, and so may a policy.

use super::flow::{Fact, Flow, Flows};
use super::node::Node;
use super::run::Run;
use super::{Body, Partial, Session};
use crate::backend::contract::Seen;
use crate::backend::sql::Dialect;
use crate::ir::value::Value;

/// The kinds of result that a body can come to, on one row or another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The value itself.
    pub clear: bool,
    /// Something that is not the value.
    pub masked: bool,
    /// Something that we cannot tell: a function that we do not know, another column, or a form that may lose nothing.
    pub opaque: bool,
}

impl Shown {
    /// As the contract says it: what we cannot tell is sometimes clear.
    pub fn seen(self) -> Seen {
        match self {
            Shown { clear: true, masked: false, opaque: false } => Seen::Clear,
            Shown { clear: false, opaque: false, .. } => Seen::Masked,
            Shown { clear: true, .. } | Shown { opaque: true, .. } => Seen::Sometimes,
        }
    }
}

/// What a mask's body shows of an argument, by the argument's stored name.
pub fn seen(body: &Body, session: &dyn Session, argument: &str) -> Seen {
    shown(body, session, argument).seen()
}

/// The same in more detail, with what a session could see by dropping roles counted in.
pub fn shown(body: &Body, session: &dyn Session, argument: &str) -> Shown {
    let argument = match body.dialect {
        // Exact, as they are stored.
        Dialect::Snowflake | Dialect::Synapse => argument.to_owned(),
        Dialect::Trino | Dialect::Databricks | Dialect::Redshift | Dialect::BigQuery => {
            body.dialect.stored(argument, None).unwrap_or_default()
        }
    };
    let active = with(body, session, &argument, false);
    if active.seen() != Seen::Masked {
        return active;
    }
    let dropped = with(body, session, &argument, true);
    Shown { clear: dropped.clear, masked: true, opaque: dropped.opaque }
}

fn with(body: &Body, session: &dyn Session, argument: &str, droppable: bool) -> Shown {
    let cell = |name: &str| Partial::Column(name.to_owned());
    let mut walk = Walk {
        run: Run::new(session, &cell, body.dialect, droppable),
        flows: Flows::new(argument),
        argument,
        shown: Shown::default(),
    };
    walk.result(&body.node);
    walk.shown
}

struct Walk<'a> {
    run: Run<'a>,
    flows: Flows<'a>,
    argument: &'a str,
    shown: Shown,
}

impl<'a> Walk<'a> {
    /// A node whose value is a result.
    fn result(&mut self, node: &'a Node) {
        match node {
            Node::Case { operand, arms, otherwise } => self.case(operand.as_deref(), arms, otherwise),
            Node::Coalesce(list) => {
                for each in list {
                    match self.run.value(each, None) {
                        Partial::Value(Value::Null) => {}
                        Partial::Value(_) => {
                            self.shown.masked = true;
                            return;
                        }
                        Partial::Column(_) | Partial::Unknown => self.result(each),
                    }
                }
            }
            Node::NullIf(value, _) => {
                self.result(value);
                self.shown.masked = true;
            }
            // A cast value is still the value, at most shortened.
            Node::Cast { from, .. } | Node::Collate(from, _) => self.result(from),
            leaf => self.leaf(leaf),
        }
    }

    fn leaf(&mut self, node: &'a Node) {
        match self.run.value(node, None) {
            Partial::Value(_) => self.shown.masked = true,
            Partial::Column(name) if name == self.argument => self.shown.clear = true,
            // What another column shows there is not ours to judge.
            Partial::Column(_) => self.shown.opaque = true,
            Partial::Unknown => match self.flows.of(node) {
                Flow::None | Flow::Trace | Flow::Part => self.shown.masked = true,
                Flow::Whole => self.shown.opaque = true,
            },
        }
    }

    fn case(&mut self, operand: Option<&'a Node>, arms: &'a [(Node, Node)], otherwise: &'a Node) {
        let known = operand.map(|operand| (operand, self.run.value(operand, None)));
        let before = self.flows.facts.len();
        for (condition, result) in arms {
            let truth = self.run.arm(known.as_ref().map(|(node, value)| (*node, value)), condition, None);
            if truth.may_be_true() && !(operand.is_none() && self.keeps_null(condition, result)) {
                let here = self.flows.facts.len();
                if operand.is_none() {
                    self.flows.facts.extend(Fact::of(condition, true));
                }
                self.result(result);
                self.flows.facts.truncate(here);
            }
            if truth.is_true() {
                self.flows.facts.truncate(before);
                return;
            }
            if operand.is_none() {
                self.flows.facts.extend(Fact::of(condition, false));
            }
        }
        self.result(otherwise);
        self.flows.facts.truncate(before);
    }

    /// `WHEN val IS NULL THEN NULL`: neither hides nor shows anything.
    fn keeps_null(&self, condition: &Node, result: &Node) -> bool {
        let is_argument = |node: &Node| matches!(node, Node::Column { qualifier, name } if name == self.argument && self.run.is_row(qualifier));
        let Node::IsNull(tested) = condition else { return false };
        is_argument(tested)
            && (is_argument(result) || self.run.value(result, None) == Partial::Value(Value::Null))
    }
}
