//! The parser that pest derives from `grammar/policy.pest`.

use pest::iterators::Pair;

/// Parses by the rules of the grammar.
#[derive(pest_derive::Parser)]
#[grammar = "../grammar/policy.pest"]
pub(super) struct PolicyParser;

/// A matched rule.
pub(super) type Node<'i> = Pair<'i, Rule>;

/// Where the last thing in a node ends. A node's own end may lie after blanks that an optional part skipped.
pub(super) fn end(node: &Node<'_>) -> usize {
    let mut node = node.clone();
    loop {
        match node.clone().into_inner().next_back() {
            Some(last) => node = last,
            None => return node.as_span().end(),
        }
    }
}
