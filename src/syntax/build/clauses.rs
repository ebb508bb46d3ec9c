//! The clauses of a declaration, before it is known whether they are the right ones.
//!
//! Invariant: a clause is kept at most once, and only if its kind of declaration has it; anything else is an error
//! that shows both places.

use jiff::civil::Date;

use super::{Builder, child};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{
    AccessSet, Clauses, Combine, Condition, Expectation, Kind, Method, ObjectPath, ObjectTarget, Outcome,
    Rows, Selector,
};
use crate::syntax::clauses::{clauses_of, kinds_with, listed};
use crate::syntax::grammar::{Node, Rule};

/// What was written, each at most once.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) places: Clauses,
    pub(super) access: Option<Spanned<AccessSet>>,
    pub(super) on: Option<Spanned<Selector>>,
    pub(super) to: Option<Spanned<Condition>>,
    pub(super) combine: Combine,
    pub(super) using: Option<Spanned<Method>>,
    pub(super) rows: Option<Spanned<Rows>>,
    pub(super) except: Option<Spanned<Condition>>,
    pub(super) only_for: Option<Spanned<Condition>>,
    pub(super) priority: Option<Spanned<i64>>,
    pub(super) from: Option<Spanned<Date>>,
    pub(super) until: Option<Spanned<Date>>,
    pub(super) user: Option<Spanned<String>>,
    pub(super) at: Option<Spanned<Date>>,
    pub(super) expectations: Vec<Spanned<Expectation>>,
}

/// The keyword of a clause, and whether it may be repeated.
fn clause_name(rule: Rule) -> Option<(&'static str, bool)> {
    Some(match rule {
        Rule::allow_clause => ("allow", false),
        Rule::require_clause => ("require", false),
        Rule::on_clause => ("on", false),
        Rule::to_clause => ("to", false),
        Rule::combine_clause => ("combine", false),
        Rule::using_clause => ("using", false),
        Rule::when_clause => ("when", false),
        Rule::rows_clause => ("rows where", false),
        Rule::except_clause => ("except", false),
        Rule::only_clause => ("only for", false),
        Rule::priority_clause => ("priority", false),
        Rule::from_clause => ("from", false),
        Rule::until_clause => ("until", false),
        Rule::as_clause => ("as", false),
        Rule::at_clause => ("at", false),
        Rule::can_clause => ("can", true),
        Rule::cannot_clause => ("cannot", true),
        Rule::sees_clause => ("sees", true),
        Rule::filtered_clause => ("filtered", true),
        Rule::unfiltered_clause => ("unfiltered", true),
        _ => return None,
    })
}

impl Builder<'_> {
    /// Reads one clause into `parts`. Says what is wrong with it.
    pub(super) fn clause(&mut self, kind: Kind, head: Span, node: Node<'_>, parts: &mut Parts) -> Option<()> {
        let Some((name, repeats)) = clause_name(node.as_rule()) else { return self.lost() };
        let whole = self.span(&node);
        let words = if name.contains(' ') { 2 } else { 1 };
        let keyword = node.clone().into_inner().take(words).map(|word| self.span(&word)).reduce(Span::to);
        let keyword = keyword.unwrap_or(whole);
        if !clauses_of(kind).contains(&name) {
            return self.foreign(kind, head, name, keyword);
        }
        if !repeats && let Some(earlier) = parts.places.note(name, keyword, whole) {
            return self.refuse(
                Diagnostic::error(
                    Code::DuplicateClause,
                    format!("`{name}` is written twice in this {}", kind.keyword()),
                )
                .at(keyword, "again here")
                .at(earlier, "first here")
                .help("keep one of the two"),
            );
        }
        let mut inner = node.clone().into_inner().skip(words);
        let Some(value) = inner.next() else { return self.lost() };
        match node.as_rule() {
            Rule::allow_clause | Rule::require_clause => parts.access = Some(self.access(value)?),
            Rule::on_clause => parts.on = Some(self.selector(value)?),
            Rule::to_clause => parts.to = Some(self.condition(value)?),
            Rule::combine_clause => {
                parts.combine = if value.as_rule() == Rule::kw_all { Combine::All } else { Combine::Any };
            }
            Rule::using_clause => parts.using = Some(self.method(value)?),
            Rule::when_clause | Rule::rows_clause => parts.rows = Some(self.rows(value)?),
            Rule::except_clause => parts.except = Some(self.condition(value)?),
            Rule::only_clause => parts.only_for = Some(self.condition(value)?),
            Rule::priority_clause => parts.priority = Some(self.integer(&value)?),
            Rule::from_clause => parts.from = Some(self.date(&value)?),
            Rule::until_clause => parts.until = Some(self.date(&value)?),
            Rule::as_clause => parts.user = Some(self.string(&value)),
            Rule::at_clause => parts.at = Some(self.date(&value)?),
            _ => parts.expectations.push(Spanned::new(self.expectation(&node)?, whole)),
        }
        Some(())
    }

    fn foreign(&mut self, kind: Kind, head: Span, name: &str, keyword: Span) -> Option<()> {
        let kind_name = kind.keyword();
        let message = format!("a {kind_name} has no `{name}`");
        let mut diagnostic = Diagnostic::error(Code::Syntax, message)
            .at(keyword, "not a clause of this kind")
            .at(head, format!("in this {kind_name}"));
        let near = match (kind, name) {
            (Kind::Guardrail, "allow") => {
                Some("a guardrail never grants: write `require`, and a `subscription` that allows")
            }
            (Kind::Subscription, "require") => Some("write `allow`"),
            (Kind::Subscription | Kind::Guardrail, "except") => Some("write `to not (…)`"),
            (Kind::Subscription | Kind::Guardrail, "only for") => Some("write `to`"),
            (Kind::Mask | Kind::Filter, "to") => {
                Some("write `only for` (those who are masked or filtered) or `except` (those who are not)")
            }
            (Kind::Mask, "rows where") => Some("write `when`"),
            (Kind::Filter, "when") => Some("write `rows where`"),
            _ => None,
        };
        if let Some(near) = near {
            diagnostic = diagnostic.help(near);
        }
        let others = kinds_with(name);
        let owners: Vec<String> = others.iter().map(|kind| format!("{}s", kind.keyword())).collect();
        diagnostic = diagnostic.help(format!(
            "`{name}` belongs to {}; a {kind_name} has {}",
            listed(&owners, "and"),
            quoted(clauses_of(kind))
        ));
        self.refuse(diagnostic)
    }

    fn access(&mut self, node: Node<'_>) -> Option<Spanned<AccessSet>> {
        let span = self.span(&node);
        let mut set: Option<AccessSet> = None;
        for word in node.into_inner().filter(|word| word.as_rule() != Rule::comma) {
            let one = if word.as_rule() == Rule::kw_write { AccessSet::Write } else { AccessSet::Read };
            set = Some(match set {
                None => one,
                Some(earlier) if earlier == one || earlier == AccessSet::ReadWrite => {
                    let again = self.span(&word);
                    return self.refuse(
                        Diagnostic::error(
                            Code::DuplicateClause,
                            format!("`{}` is written twice", word.as_str()),
                        )
                        .at(again, "again here")
                        .help("write `read`, `write` or `read, write`"),
                    );
                }
                Some(_) => AccessSet::ReadWrite,
            });
        }
        match set {
            Some(set) => Some(Spanned::new(set, span)),
            None => self.lost(),
        }
    }

    fn expectation(&mut self, node: &Node<'_>) -> Option<Expectation> {
        let Some(object) = child(node, Rule::object) else { return self.lost() };
        let object = self.object(object)?;
        match node.as_rule() {
            Rule::can_clause | Rule::cannot_clause => {
                let Some(access) = child(node, Rule::access) else { return self.lost() };
                let access = self.access(access)?;
                Some(if node.as_rule() == Rule::can_clause {
                    Expectation::Can { access, object }
                } else {
                    Expectation::Cannot { access, object }
                })
            }
            Rule::sees_clause => {
                let column = self.not_s3(object, "a prefix has no columns")?;
                let Some(outcome) = node.clone().into_inner().last() else { return self.lost() };
                let span = self.span(&outcome);
                let outcome = match (outcome.as_rule(), child(&outcome, Rule::name)) {
                    (Rule::kw_clear, _) => Outcome::Clear,
                    (_, None) => Outcome::Masked,
                    (_, Some(name)) => Outcome::MaskedBy(self.spanned(&name, name.as_str().to_owned())),
                };
                Some(Expectation::Sees { column, outcome: Spanned::new(outcome, span) })
            }
            Rule::filtered_clause => {
                let by = super::children(node.clone(), |rule| rule == Rule::name)
                    .map(|name| self.spanned(&name, name.as_str().to_owned()))
                    .collect();
                Some(Expectation::Filtered { table: self.not_s3(object, "a prefix has no rows")?, by })
            }
            Rule::unfiltered_clause => {
                Some(Expectation::Unfiltered { table: self.not_s3(object, "a prefix has no rows")? })
            }
            _ => self.lost(),
        }
    }

    fn not_s3(&mut self, object: Spanned<ObjectPath>, why: &str) -> Option<Spanned<ObjectPath>> {
        match object.node.target.node {
            ObjectTarget::Path(_) => Some(object),
            ObjectTarget::S3(_) => self.refuse(
                Diagnostic::error(Code::WrongSelector, why)
                    .at(object.span, "not a table")
                    .help("prefixes are tested by `can` and `cannot`"),
            ),
        }
    }
}

fn quoted(words: &[&str]) -> String {
    listed(&words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>(), "and")
}
