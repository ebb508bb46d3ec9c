//! What SQL expressions mean: an independent judge of the bodies that we print, and of those that somebody else wrote.
//!
//! In: the text of one expression, read by `sqlparser`; a [`Session`]; the cells of a row, known or not.
//! Out: its value, the unchanged column, or [`Partial::Unknown`]; for masks [`seen`], for filters [`rows`].
//! Invariant: it never guesses. A construct, function, type or conversion that is not written down here is unknown, and so
//! is everything that depends on a setting of the session. Three-valued logic is kept as the set of possible outcomes, so
//! `unknown AND NULL` is known not to be true.
//! Cost: linear in the text, times the rows of tables that subqueries read (equality of a text column with a literal or
//! the current user uses an index); [`MAX_STEPS`] bounds it, whatever the text. Nesting is bounded, and no deep tree is
//! left on a caller's stack.

pub mod fingerprint;
mod calls;
mod cast;
mod collate;
mod compile;
mod converts;
mod dates;
mod flow;
mod function;
mod literals;
mod node;
mod queries;
mod read;
mod run;
mod scalar;
mod scope;
mod seen;
mod table;
mod texts;
mod truth;
mod types;
pub mod view;
mod zones;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::Dialect;
use crate::ir::value::Value;
use node::Node;
use run::Run;

pub use seen::{Shown, seen, shown};
pub use table::Table;

/// At most so many nodes are visited for one question; past it, the answer is unknown.
pub const MAX_STEPS: u64 = 1_000_000;

/// One expression, read once.
#[derive(Clone, Debug)]
pub struct Body {
    node: Node,
    dialect: Dialect,
}

/// Who asks, and what he can reach. What a platform's sessions do not have is unknown.
pub trait Session {
    /// Whether the session can have the role active. Held roles are taken as active, and as droppable: [`seen`] and
    /// [`rows`] look at both.
    fn is_role(&self, _role: &str) -> Option<bool> {
        None
    }
    /// Whether the user is in the group.
    fn has_group(&self, _group: &str) -> Option<bool> {
        None
    }
    /// The user's name, as the platform stores it.
    fn current_user(&self) -> Option<&str>;
    /// A table that a subquery names; parts as the dialect reads them.
    fn table(&self, _path: &[String]) -> Option<&Table> {
        None
    }
    /// Days since 1970-01-01, UTC.
    fn today(&self) -> Option<i32> {
        None
    }
    /// Whether `qualifier.column`, outside every subquery, means the row at hand.
    fn names_the_row(&self, _qualifier: &[String]) -> bool {
        false
    }
    /// The value of `qualifier.name`, outside every subquery, that is the same on every row since it belongs to the session:
    /// what a one-row table of the current user's flags holds.
    fn given(&self, _qualifier: &[String], _name: &str) -> Option<Value> {
        None
    }
    /// Whether a column's timestamps are instants, which the session's time zone shows in its own way.
    fn is_instant(&self, _column: &str) -> bool {
        false
    }
}

/// What is known of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Partial {
    /// It has this value.
    Value(Value),
    /// It is this column or argument, unchanged; the name as the dialect reads it.
    Column(String),
    /// Anything.
    Unknown,
}

/// What is known of a filter over all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowsTruth {
    /// True on every row: nothing is hidden.
    True,
    /// On no row true: everything is hidden.
    FalseOrNull,
    /// It depends on the row, or we cannot tell.
    Depends,
}

/// What an expression asks of a session: sessions that agree on these get the same answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Roles by name.
    pub roles: BTreeSet<String>,
    /// Groups by name.
    pub groups: BTreeSet<String>,
    /// The current user or role, or names that are computed: the answer can differ for every account.
    pub user: bool,
    /// Columns with a qualifier, whatever they belong to: what [`Session::given`] may be asked for is among them.
    pub columns: BTreeSet<(Vec<String>, String)>,
}

/// Reads a text that is one expression. A bare `{salt}` is the text `'{salt}'`. `None`: it is not, or too deep, too long,
/// or reads differently in the dialect and in our parser.
pub fn parse(text: &str, dialect: Dialect) -> Option<Body> {
    let node = read::expression(text, dialect, |expr| compile::Compiler { dialect }.node(expr, 0))?;
    Some(Body { node, dialect })
}

impl Body {
    /// The operands of an `AND` at the top, in order, not looking into parentheses; else the body itself.
    pub fn into_conjuncts(self) -> Vec<Body> {
        let dialect = self.dialect;
        match self.node {
            Node::And(list) => list.into_iter().map(|node| Body { node, dialect }).collect(),
            node => vec![Body { node, dialect }],
        }
    }

    /// The body as so many conjuncts: itself for one (whatever `AND` it holds), else the operands at the top if there are
    /// that many.
    pub fn split(self, count: usize) -> Option<Vec<Body>> {
        if count == 1 {
            return Some(vec![self]);
        }
        let conjuncts = self.into_conjuncts();
        (conjuncts.len() == count).then_some(conjuncts)
    }

    /// What it asks of a session.
    pub fn mentions(&self) -> Mentions {
        let mut mentions = Mentions::default();
        self.node.visit(&mut |node| match node {
            Node::Role(name) => match name.as_ref() {
                Node::Literal(Value::Text(name)) => {
                    mentions.roles.insert(name.clone());
                }
                _ => mentions.user = true,
            },
            Node::Group(name) => match name.as_ref() {
                Node::Literal(Value::Text(name)) => {
                    mentions.groups.insert(name.clone());
                }
                _ => mentions.user = true,
            },
            Node::User | Node::CurrentRole => mentions.user = true,
            Node::Column { qualifier, name } if !qualifier.is_empty() => {
                mentions.columns.insert((qualifier.clone(), name.clone()));
            }
            _ => {}
        });
        mentions
    }
}

/// Evaluates for one session, all held roles active. `cell` is asked for columns and arguments by name, as the dialect
/// reads it: a known value, or [`Partial::Column`] where the row is not known.
pub fn evaluate(body: &Body, session: &dyn Session, cell: &dyn Fn(&str) -> Partial) -> Partial {
    Run::new(session, cell, body.dialect, false).value(&body.node, None)
}

/// What a filter lets through, over all rows. What a session could see more of by dropping a role counts as seen.
pub fn rows(body: &Body, session: &dyn Session) -> RowsTruth {
    let cell = |name: &str| Partial::Column(name.to_owned());
    let truth = Run::new(session, &cell, body.dialect, false).truth(&body.node, None);
    if truth.is_true() {
        return RowsTruth::True;
    }
    let dropped = Run::new(session, &cell, body.dialect, true).truth(&body.node, None);
    if truth.may_be_true() || dropped.may_be_true() { RowsTruth::Depends } else { RowsTruth::FalseOrNull }
}
