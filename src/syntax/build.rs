//! Makes the AST of one declaration from what the grammar matched.
//!
//! In: a node of the grammar. Out: the AST, or `None` after at least one error was said.
//! Invariant: says every problem of the declaration that the grammar cannot see (a clause twice, missing or foreign,
//! a date that does not exist); never looks at other declarations.
//! Cost: one visit per node; recursion is as deep as the text nests, which `pieces` has bounded.

mod clauses;
mod condition;
mod declaration;
mod names;
mod rows;
mod selector;

use super::grammar::{Node, Rule, end};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Span, Spanned};

/// What building needs to know and to say.
pub(super) struct Builder<'d> {
    source: SourceId,
    offset: usize,
    diagnostics: &'d mut Diagnostics,
    mixed: Vec<Span>,
}

impl<'d> Builder<'d> {
    /// Builds from a piece that starts at `offset` of its source.
    pub(super) fn new(source: SourceId, offset: usize, diagnostics: &'d mut Diagnostics) -> Self {
        Self { source, offset, diagnostics, mixed: Vec::new() }
    }

    fn span(&self, node: &Node<'_>) -> Span {
        self.source.span(self.offset + node.as_span().start(), self.offset + end(node))
    }

    fn spanned<T>(&self, node: &Node<'_>, value: T) -> Spanned<T> {
        Spanned::new(value, self.span(node))
    }

    /// Says an error and is `None`.
    fn refuse<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.diagnostics.error(diagnostic);
        None
    }

    /// `a and b or c …`: ranks `and` above `or` and notes a mix.
    fn logic<T>(
        &mut self,
        node: Node<'_>,
        unary: impl Fn(&mut Self, Node<'_>) -> Option<Spanned<T>>,
        and: fn(Vec<Spanned<T>>) -> T,
        or: fn(Vec<Spanned<T>>) -> T,
    ) -> Option<Spanned<T>> {
        let whole = self.span(&node);
        let mut alternatives: Vec<Vec<Spanned<T>>> = vec![Vec::new()];
        let (mut ands, mut failed) = (false, false);
        for child in node.into_inner() {
            match child.as_rule() {
                Rule::kw_or => alternatives.push(Vec::new()),
                Rule::kw_and => ands = true,
                _ => match (unary(self, child), alternatives.last_mut()) {
                    (Some(item), Some(group)) => group.push(item),
                    _ => failed = true,
                },
            }
        }
        if failed {
            return None;
        }
        if ands && alternatives.len() > 1 {
            self.mixed.push(whole);
        }
        let groups = alternatives.into_iter().filter_map(|group| joined(group, and)).collect();
        joined(groups, or)
    }

    /// `not not a`.
    fn negations<T>(
        &mut self,
        node: Node<'_>,
        atom: impl FnOnce(&mut Self, Node<'_>) -> Option<Spanned<T>>,
        not: fn(Box<Spanned<T>>) -> T,
    ) -> Option<Spanned<T>> {
        let mut starts = Vec::new();
        for child in node.into_inner() {
            if child.as_rule() == Rule::kw_not {
                starts.push(self.span(&child));
            } else {
                let inner = atom(self, child)?;
                return Some(starts.into_iter().rev().fold(inner, |inner, start| {
                    let span = start.to(inner.span);
                    Spanned::new(not(Box::new(inner)), span)
                }));
            }
        }
        self.lost()
    }

    /// The grammar matched what this code does not know: said, not guessed.
    fn lost<T>(&mut self) -> Option<T> {
        let place = self.source.span(self.offset, self.offset);
        self.refuse(
            Diagnostic::error(Code::Syntax, "this declaration is read in two ways by grantc itself")
                .at(place, "in here")
                .help("please report it with the text of the declaration"),
        )
    }
}

/// One item stands for itself; several are joined.
fn joined<T>(mut items: Vec<Spanned<T>>, join: fn(Vec<Spanned<T>>) -> T) -> Option<Spanned<T>> {
    match (items.first(), items.last()) {
        (Some(first), Some(last)) if items.len() > 1 => {
            let span = first.span.to(last.span);
            Some(Spanned::new(join(items), span))
        }
        _ => items.pop(),
    }
}

/// The inner nodes of a rule.
fn children<'i, R>(node: Node<'i>, rule: R) -> impl Iterator<Item = Node<'i>>
where
    R: Fn(Rule) -> bool,
{
    node.into_inner().filter(move |child| rule(child.as_rule()))
}

/// The first inner node of a rule.
fn child<'i>(node: &Node<'i>, rule: Rule) -> Option<Node<'i>> {
    node.clone().into_inner().find(|child| child.as_rule() == rule)
}
