//! Unknown users, attributes and tags in conditions, and `covers name` where no table is: what each use makes of them.
//!
//! In: the conditions of policies, with where they stand. Out: findings and errors.
//! Invariant: an unknown name holds for nobody; a finding *opens* where that could widen access: under an odd number
//! of `not`s (`!=` and `not in` count as one), and in `only for` and `when`, which hide only from those whom they name.
//! One finding per place; it opens if one use of the place opens.
//! Cost: one visit per node and way of use; a named condition is read once for each way, not once per use.

use std::collections::BTreeSet;

use super::Resolver;
use super::conditions::tag;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::ast;

/// How many `not`s stand above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sense {
    /// An odd number.
    pub(super) negative: bool,
    /// Any number.
    pub(super) under_not: bool,
}

impl Sense {
    /// Under one more `not`.
    pub(super) fn negated(self) -> Self {
        Sense { negative: !self.negative, under_not: true }
    }
}

/// What the condition decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Decides {
    /// `to`, `except`, `rows where`: more users, more access.
    WhoGets,
    /// `only for`, `when`: fewer users, fewer cells hidden.
    WhoIsHidden,
}

/// What `covers name` meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Names {
    /// Tables only.
    Tables,
    /// Prefixes only: it never holds.
    Prefixes,
    /// Both: it is false on prefixes, so `not` must not stand above it.
    Everything,
}

/// Where a condition is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use<'a> {
    pub(super) decides: Decides,
    pub(super) names: Names,
    /// The policy's name.
    pub(super) policy: &'a str,
    /// The selector, which decides what `covers name` meets.
    pub(super) on: Span,
}

/// A way in which a named condition has been read.
pub(super) type Seen<'a> = BTreeSet<(&'a str, Sense, Decides, Names)>;

impl<'a> Resolver<'a> {
    /// Reads a condition and all that it names.
    pub(super) fn check_use(&mut self, condition: &'a Spanned<ast::Condition>, used: Use<'a>) {
        self.check_use_at(&condition.node, condition.span, Sense::default(), used);
    }

    /// As [`Resolver::check_use`], below `not`s of another language (ROWS).
    pub(super) fn check_use_at(
        &mut self,
        condition: &'a ast::Condition,
        span: Span,
        sense: Sense,
        used: Use<'a>,
    ) {
        // INVARIANT: a work list, not recursion: chains of named conditions may be as long as the project.
        let mut open = vec![(used.policy, condition, span, sense)];
        while let Some((owner, at, span, sense)) = open.pop() {
            match at {
                ast::Condition::And(list) | ast::Condition::Or(list) => {
                    open.extend(list.iter().map(|each| (owner, &each.node, each.span, sense)));
                }
                ast::Condition::Not(inner) => open.push((owner, &inner.node, inner.span, sense.negated())),
                ast::Condition::Named(name) => {
                    if let Some((declaration, inner)) = self.declarations.conditions.get(name.node.as_str()) {
                        let name = declaration.name.node.as_str();
                        if self.seen.insert((name, sense, used.decides, used.names)) {
                            open.push((name, &inner.node, inner.span, sense));
                        }
                    }
                }
                ast::Condition::UserIs(ids) => {
                    for id in ids {
                        self.check_user(id, sense, used, owner);
                    }
                }
                ast::Condition::HasAttribute(name) => self.check_attribute(name, sense, used, owner),
                ast::Condition::Attribute { name, test } => {
                    let sense = match test {
                        ast::AttributeTest::Equals(_) | ast::AttributeTest::In(_) => sense,
                        ast::AttributeTest::NotEquals(_) | ast::AttributeTest::NotIn(_) => sense.negated(),
                    };
                    self.check_attribute(name, sense, used, owner);
                }
                ast::Condition::AttributeCoversTags { attribute, under } => {
                    self.check_attribute(attribute, sense, used, owner);
                    self.check_under(under, sense, used, owner);
                }
                ast::Condition::GroupsCoverTags { under } => self.check_under(under, sense, used, owner),
                ast::Condition::AttributeCoversName { attribute } => {
                    self.check_attribute(attribute, sense, used, owner);
                    self.check_covers_name(span, sense, used);
                }
                ast::Condition::Anyone
                | ast::Condition::InGroup(_)
                | ast::Condition::InAnyOf(_)
                | ast::Condition::InAllOf(_)
                | ast::Condition::Approved { .. } => {}
            }
        }
    }

    fn opens(sense: Sense, used: Use<'_>) -> bool {
        sense.negative || used.decides == Decides::WhoIsHidden
    }

    fn check_user(&mut self, id: &Spanned<String>, sense: Sense, used: Use<'_>, owner: &str) {
        let directory = &self.inventory.directory;
        if directory.user(&id.node).is_some() {
            return;
        }
        let diagnostic = if directory.leavers.contains(&id.node) {
            Diagnostic::finding(Code::UnknownUser, format!("user `{}` has left", id.node))
                .at(id.span, "inactive in the directory, so this holds for nobody")
                .help("take the id out")
        } else {
            let diagnostic = Diagnostic::finding(Code::UnknownUser, format!("unknown user `{}`", id.node))
                .at(id.span, "not in the directory, so this holds for nobody");
            super::object::mean_user(diagnostic, self.inventory, &id.node)
        };
        self.find(diagnostic, owner, Self::opens(sense, used));
    }

    pub(super) fn check_attribute(
        &mut self,
        name: &Spanned<String>,
        sense: Sense,
        used: Use<'_>,
        owner: &str,
    ) {
        let attributes = &self.inventory.directory.attributes;
        if attributes.get(&name.node).is_some_and(|values| values.values().any(|users| !users.is_empty())) {
            return;
        }
        let diagnostic =
            Diagnostic::finding(Code::UnknownAttribute, format!("nobody has an attribute `{}`", name.node))
                .at(name.span, "carried by no user of the directory")
                .did_you_mean(&name.node, attributes.keys().map(String::as_str));
        self.find(diagnostic, owner, Self::opens(sense, used));
    }

    fn check_under(&mut self, under: &Spanned<ast::Tag>, sense: Sense, used: Use<'_>, owner: &str) {
        self.check_tag(under, Self::opens(sense, used), owner);
    }

    /// Whether a tag or one below it exists; says so if not.
    pub(super) fn check_tag(&mut self, written: &Spanned<ast::Tag>, opens: bool, owner: &str) -> bool {
        let tags = &self.inventory.tags;
        if tags.find(&tag(&written.node)).is_some_and(|id| self.index.is_known(id)) {
            return true;
        }
        let text = written.node.text();
        let known: Vec<String> =
            tags.iter().filter(|(id, _)| self.index.is_known(*id)).map(|(_, tag)| tag.text()).collect();
        let diagnostic = Diagnostic::finding(Code::UnknownTag, format!("unknown tag `{text}`"))
            .at(written.span, "nothing carries it or a tag below it")
            .did_you_mean(&text, known.iter().map(String::as_str))
            .help("a tag that exists though nothing carries it belongs into the catalog's `tags:`");
        self.find(diagnostic, owner, opens);
        false
    }

    fn check_covers_name(&mut self, span: Span, sense: Sense, used: Use<'_>) {
        let (message, help) = match used.names {
            Names::Tables => return,
            Names::Everything if !sense.under_not => return,
            Names::Prefixes => (
                "`covers name` compares names of tables, and this policy selects prefixes",
                "select tables, or say which prefixes with `in \"s3://…\"`",
            ),
            Names::Everything => (
                "`covers name` under `not` would hold on every prefix",
                "write one policy `on tables` and one `on prefixes`",
            ),
        };
        self.diagnostics.error(
            Diagnostic::error(Code::WrongSelector, message)
                .at(span, "speaks of tables only")
                .at(used.on, format!("selected by `{}`", used.policy))
                .help(help)
                .policy(used.policy),
        );
    }
}
