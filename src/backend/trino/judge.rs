//! What the expressions of a rule leave to a session: masks and filters, judged by what they say.
//!
//! In: an expression and a user with his groups. Out: [`Seen`] and [`RowsSeen`]. What cannot be read may show everything.

use std::collections::BTreeSet;

use super::access::Rule;
use super::native::TableRule;
use crate::backend::contract::{RowsSeen, Seen};
use crate::backend::sql::Dialect;
use crate::backend::sql::eval::{self, Body, RowsTruth, Session};

/// A user and his groups.
pub(super) struct TrinoSession<'a> {
    /// His name.
    pub(super) user: &'a str,
    /// His groups.
    pub(super) groups: Option<&'a BTreeSet<String>>,
}

impl Session for TrinoSession<'_> {
    fn has_group(&self, group: &str) -> Option<bool> {
        Some(self.groups.is_some_and(|groups| groups.contains(group)))
    }

    fn current_user(&self) -> Option<&str> {
        Some(self.user)
    }
}

/// What a mask leaves of its column; one that we cannot read may show it.
pub(super) fn mask_seen(mask: Option<&Body>, column: &str, session: &TrinoSession<'_>) -> Seen {
    match mask {
        Some(body) => eval::seen(body, session, column),
        None => Seen::Sometimes,
    }
}

/// The filters that hide something from a session. In rules of ours each conjunct is marked with its filter's name; a
/// foreign filter is named by its own text.
pub(super) fn filter_seen(filter: &str, rule: &Rule<TableRule>, session: &TrinoSession<'_>) -> RowsSeen {
    let names = if rule.ours { marks(filter) } else { Vec::new() };
    let stands = |body: &Body| eval::rows(body, session) != RowsTruth::True;
    let body = rule.body(filter);
    let mut standing = match body.and_then(|body| body.clone().split(names.len())) {
        Some(conjuncts) => {
            conjuncts.iter().zip(names).filter(|(body, _)| stands(body)).map(|(_, name)| name).collect()
        }
        None if body.is_some_and(|body| !stands(body)) => Vec::new(),
        None => vec![filter.to_owned()],
    };
    standing.sort();
    if standing.is_empty() { RowsSeen::All } else { RowsSeen::Filtered(standing) }
}

/// The names in the comments of a filter, in order; not what looks like a comment inside a literal.
fn marks(filter: &str) -> Vec<String> {
    use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};
    let parser = Dialect::Trino.parser();
    Tokenizer::new(parser.as_ref(), filter)
        .tokenize()
        .unwrap_or_default()
        .into_iter()
        .filter_map(|token| match token {
            Token::Whitespace(Whitespace::MultiLineComment(text)) => Some(text.trim().to_owned()),
            _ => None,
        })
        .collect()
}
