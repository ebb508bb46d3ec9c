//! One declaration.

use super::clauses::Parts;
use super::{Builder, child, children};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{
    Applies, Declaration, DeclarationKind, Filter, Guardrail, Kind, Mask, Selector, SelectorKind,
    Subscription, Test,
};
use crate::syntax::clauses::{listed, required};
use crate::syntax::grammar::{Node, Rule};

impl Builder<'_> {
    /// The declaration of a node that `piece` matched.
    pub(in crate::syntax) fn declaration(mut self, node: Node<'_>) -> Option<Declaration> {
        let span = self.span(&node);
        let kind = match node.as_rule() {
            Rule::condition_declaration => Kind::Condition,
            Rule::subscription => Kind::Subscription,
            Rule::guardrail => Kind::Guardrail,
            Rule::mask => Kind::Mask,
            Rule::filter => Kind::Filter,
            Rule::test => Kind::Test,
            _ => return self.lost(),
        };
        let Some(keyword) = node.clone().into_inner().next().map(|word| self.span(&word)) else {
            return self.lost();
        };
        let mut strings = self.strings(node.clone()).into_iter();
        let name = match child(&node, Rule::name) {
            Some(name) => self.declared_name(&name),
            None => strings.next(),
        };
        let description = strings.next();

        let mut parts = Parts::default();
        let kind = if kind == Kind::Condition {
            match child(&node, Rule::condition) {
                Some(condition) => self.condition(condition).map(DeclarationKind::Condition),
                None => return self.lost(),
            }
        } else {
            let head = name.as_ref().map_or(keyword, |name| keyword.to(name.span));
            let mut complete = true;
            for clause in children(node, |rule| !is_head(rule)) {
                complete &= self.clause(kind, head, clause, &mut parts).is_some();
            }
            complete &= self.nothing_missing(kind, head, &parts).is_some();
            complete &= self.selects_what_it_can(kind, &parts).is_some();
            if complete { self.assemble(kind, keyword, &mut parts) } else { None }
        };
        Some(Declaration {
            name: name?,
            description,
            kind: kind?,
            clauses: parts.places,
            mixed: self.mixed,
            keyword,
            span,
        })
    }

    fn nothing_missing(&mut self, kind: Kind, head: Span, parts: &Parts) -> Option<()> {
        let missing: Vec<_> =
            required(kind).iter().filter(|(name, _)| parts.places.span(name).is_none()).collect();
        if missing.is_empty() {
            return Some(());
        }
        let names: Vec<String> = missing.iter().map(|(name, _)| format!("`{name}`")).collect();
        let mut diagnostic = Diagnostic::error(
            Code::MissingClause,
            format!("this {} lacks {}", kind.keyword(), listed(&names, "and")),
        )
        .at(head, format!("{} missing", listed(&names, "and")));
        for (_, example) in missing {
            diagnostic = diagnostic.help(format!("add a line such as `{example}`"));
        }
        self.refuse(diagnostic)
    }

    /// A subscription never speaks of columns, a mask of nothing else, a filter only of tables.
    fn selects_what_it_can(&mut self, kind: Kind, parts: &Parts) -> Option<()> {
        let Some(on) = &parts.on else { return Some(()) };
        let (fits, wants, help) = match (kind, on.node.kind.node) {
            (Kind::Mask, SelectorKind::Columns)
            | (Kind::Filter, SelectorKind::Tables)
            | (
                Kind::Subscription | Kind::Guardrail,
                SelectorKind::Tables | SelectorKind::Prefixes | SelectorKind::Everything,
            ) => (true, "", ""),
            (Kind::Mask, SelectorKind::Tables | SelectorKind::Everything) => (
                false,
                "columns",
                "write `columns tagged …`, or `columns of tables …` for all columns of some tables",
            ),
            (Kind::Mask, SelectorKind::Prefixes) => {
                (false, "columns", "files have no columns: give access to fewer prefixes")
            }
            (Kind::Filter, SelectorKind::Prefixes) => {
                (false, "tables", "files have no rows: give access to fewer prefixes")
            }
            (Kind::Filter, SelectorKind::Columns | SelectorKind::Everything) => {
                (false, "tables", "write `tables`, and name the column in `rows where`")
            }
            (Kind::Subscription | Kind::Guardrail, SelectorKind::Columns) => (
                false,
                "tables, prefixes or everything",
                "access is to whole tables: write `tables with column tagged …`, and hide columns by a `mask`",
            ),
            (Kind::Condition | Kind::Test, _) => return self.lost(),
        };
        if fits {
            return Some(());
        }
        let span = on.node.kind.span;
        self.refuse(
            Diagnostic::error(
                Code::WrongSelector,
                format!("a {} is on {wants}, not on {}", kind.keyword(), kind_word(&on.node)),
            )
            .at(span, format!("expected {wants}"))
            .help(help),
        )
    }

    fn assemble(&mut self, kind: Kind, keyword: Span, parts: &mut Parts) -> Option<DeclarationKind> {
        let applies = match (parts.except.take(), parts.only_for.take()) {
            (None, None) => Applies::Everyone,
            (Some(condition), None) => Applies::Except(condition),
            (None, Some(condition)) => Applies::OnlyFor(condition),
            (Some(_), Some(_)) => {
                let place = |name| parts.places.keyword(name).unwrap_or(keyword);
                return self.refuse(
                    Diagnostic::error(Code::DuplicateClause, "`except` and `only for` exclude each other")
                        .at(place("only for"), "says who it applies to")
                        .at(place("except"), "says who it does not apply to")
                        .help("keep one: `only for a and not (b)` says both"),
                );
            }
        };
        let (from, until) = (parts.from.take(), parts.until.take());
        Some(match kind {
            Kind::Condition => return self.lost(),
            Kind::Subscription => DeclarationKind::Subscription(Subscription {
                allow: parts.access.take()?,
                on: parts.on.take()?,
                to: parts.to.take()?,
                combine: parts.combine,
                from,
                until,
            }),
            Kind::Guardrail => DeclarationKind::Guardrail(Guardrail {
                require: parts.access.take()?,
                on: parts.on.take()?,
                to: parts.to.take()?,
                from,
                until,
            }),
            Kind::Mask => DeclarationKind::Mask(Mask {
                on: parts.on.take()?,
                using: parts.using.take()?,
                when: parts.rows.take(),
                applies,
                priority: parts.priority.take().unwrap_or(Spanned::new(0, keyword)),
                from,
                until,
            }),
            Kind::Filter => DeclarationKind::Filter(Filter {
                on: parts.on.take()?,
                rows: parts.rows.take()?,
                applies,
                from,
                until,
            }),
            Kind::Test => DeclarationKind::Test(Test {
                as_user: parts.user.take()?,
                at: parts.at.take(),
                expectations: std::mem::take(&mut parts.expectations),
            }),
        })
    }
}

fn is_head(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::kw_subscription
            | Rule::kw_guardrail
            | Rule::kw_mask
            | Rule::kw_filter
            | Rule::kw_test
            | Rule::name
            | Rule::string
            | Rule::open_brace
            | Rule::close_brace
    )
}

fn kind_word(selector: &Selector) -> &'static str {
    match selector.kind.node {
        SelectorKind::Tables => "tables",
        SelectorKind::Prefixes => "prefixes",
        SelectorKind::Everything => "everything",
        SelectorKind::Columns => "columns",
    }
}
