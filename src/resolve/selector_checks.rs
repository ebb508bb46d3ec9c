//! What is wrong with a selector, and what it does not find.
//!
//! In: `ast::Selector`s with the policy in which they stand. Out: errors for atoms that the selector cannot use, findings
//! for tags that nothing carries, exceptions that exclude nothing and prefixes that split a data source.
//! Invariant: whatever is found wanting opens where selecting less leaves more open: in what protects, and under `not`.

use super::Resolver;
use super::selectors::{Domain, Owner};
use super::unknown::Sense;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::PolicyKind;
use crate::prefix::Prefix;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{SelectorExpr, SelectorKind};

impl Resolver<'_> {
    /// Says what is wrong with the atoms of a selector, and what they do not find.
    pub(super) fn check_selector(
        &mut self,
        expr: &Spanned<SelectorExpr>,
        kind: SelectorKind,
        sense: Sense,
        owner: Owner<'_>,
    ) {
        match &expr.node {
            SelectorExpr::And(list) | SelectorExpr::Or(list) => {
                list.iter().for_each(|each| self.check_selector(each, kind, sense, owner));
                return;
            }
            SelectorExpr::Not(inner) => return self.check_selector(inner, kind, sense.negated(), owner),
            SelectorExpr::Tagged(_)
            | SelectorExpr::WithColumnTagged(_)
            | SelectorExpr::In(_)
            | SelectorExpr::InPrefix(_)
            | SelectorExpr::Named(_)
            | SelectorExpr::OfType(_)
            | SelectorExpr::OfIntegration(_) => {}
        }
        if let Some((label, help)) = misfit(&expr.node, kind, sense) {
            self.diagnostics.error(
                Diagnostic::error(
                    Code::WrongSelector,
                    format!("`{}` cannot be used here", words(&expr.node)),
                )
                .at(expr.span, label)
                .help(help)
                .policy(owner.name),
            );
            return;
        }
        let opens = sense.negative || owner.protects();
        match &expr.node {
            SelectorExpr::Tagged(written) | SelectorExpr::WithColumnTagged(written) => {
                self.check_tag(written, opens, owner.name);
            }
            SelectorExpr::In(written) => {
                if written.node.segments.len() > 3 {
                    self.diagnostics.error(
                        Diagnostic::error(Code::WrongSelector, "a path in a selector ends at the table")
                            .at(written.span, "more than database, schema and table")
                            .help("choose columns by `named`, `tagged` or `of type`")
                            .policy(owner.name),
                    );
                } else if sense.negative && self.atom(&expr.node, Domain::Tables).is_empty() {
                    self.report_no_match(expr.span, owner);
                }
            }
            SelectorExpr::InPrefix(text) => self.check_prefix(text, sense, owner),
            SelectorExpr::Named(_) => {
                if sense.negative {
                    let domains: &[Domain] = match kind {
                        SelectorKind::Tables => &[Domain::Tables],
                        SelectorKind::Prefixes => &[Domain::DataSources],
                        SelectorKind::Everything => &[Domain::Tables, Domain::DataSources],
                        SelectorKind::Columns => &[Domain::Columns],
                    };
                    if domains.iter().all(|domain| self.atom(&expr.node, *domain).is_empty()) {
                        self.report_no_match(expr.span, owner);
                    }
                }
            }
            SelectorExpr::OfIntegration(name) => {
                if self.integration_named(&name.node).is_none() {
                    let known: Vec<&str> =
                        self.inventory.integrations.values().map(|each| each.name.as_str()).collect();
                    self.diagnostics.error(
                        Diagnostic::error(
                            Code::UnknownIntegration,
                            format!("unknown integration `{}`", name.node),
                        )
                        .at(name.span, "no integration has this name")
                        .did_you_mean(&name.node, known.iter().copied())
                        .help(format!("the integrations are: {}", known.join(", ")))
                        .policy(owner.name),
                    );
                }
            }
            SelectorExpr::OfType(_) | SelectorExpr::And(_) | SelectorExpr::Or(_) | SelectorExpr::Not(_) => {}
        }
    }

    fn check_prefix(&mut self, text: &Spanned<String>, sense: Sense, owner: Owner<'_>) {
        let prefix = match Prefix::parse_policy(&text.node) {
            Ok(prefix) => prefix,
            Err(error) => {
                self.diagnostics.error(
                    Diagnostic::error(Code::BadPrefix, error.message())
                        .at(text.span, "not a prefix that a policy may hold")
                        .help(error.help())
                        .policy(owner.name),
                );
                return;
            }
        };
        if sense.negative && self.index.registered.values().all(|each| each.inside(&prefix).next().is_none())
        {
            self.report_no_match(text.span, owner);
        }
        if !sense.negative && owner.kind != PolicyKind::Guardrail {
            return;
        }
        // The owner of the prefix's own keys, where it is not the prefix itself or inside it.
        let split: Vec<String> = self
            .index
            .registered
            .values()
            .filter_map(|registered| registered.most_specific(&prefix))
            .filter(|(holder, _)| !prefix.covers(holder))
            .map(|(holder, _)| format!("`{holder}`"))
            .collect();
        if !split.is_empty() {
            let held = split.join(" and ");
            let diagnostic = Diagnostic::finding(
                Code::GuardrailPartial,
                format!("`{}` holds only some of the keys of {held}", text.node),
            )
            .at(text.span, "covers no registered prefix that those keys belong to")
            .help(format!("name {held}, or register `{prefix}` in the catalog"));
            self.find(diagnostic, owner.name, true);
        }
    }

    /// Says that a selector of these expressions finds nothing.
    pub(super) fn report_nothing(
        &mut self,
        span: Span,
        parts: &[(Option<&Spanned<SelectorExpr>>, Domain)],
        owner: Owner<'_>,
    ) {
        let mut diagnostic = Diagnostic::finding(
            Code::SelectsNothing,
            format!("{} `{}` selects nothing", owner.kind.word(), owner.name),
        )
        .at(span, "nothing in the catalog fits");
        for (expr, domain) in parts {
            if let Some(expr) = expr {
                diagnostic = self.explain_nothing(diagnostic, expr, *domain);
            }
        }
        self.find(diagnostic, owner.name, owner.protects());
    }

    fn report_no_match(&mut self, span: Span, owner: Owner<'_>) {
        let diagnostic = Diagnostic::finding(Code::SelectsNothing, "this exception excludes nothing")
            .at(span, "under `not`, and nothing in the catalog fits");
        self.find(diagnostic, owner.name, true);
    }

    pub(super) fn refuse_kind(&mut self, kind: &Spanned<SelectorKind>, owner: Owner<'_>) {
        let (label, help) = match owner.kind {
            PolicyKind::Subscription | PolicyKind::Guardrail => (
                "access is given to whole tables and prefixes",
                "write `tables`, `prefixes` or `everything`, and hide columns with a mask",
            ),
            PolicyKind::Mask => ("a mask hides columns", "write `columns …`"),
            PolicyKind::Filter => ("a filter hides rows of tables", "write `tables …`"),
        };
        self.diagnostics.error(
            Diagnostic::error(
                Code::WrongSelector,
                format!("a {} cannot be on `{}`", owner.kind.word(), kind_word(kind.node)),
            )
            .at(kind.span, label)
            .help(help)
            .policy(owner.name),
        );
    }
}

/// Why an atom cannot stand in a selector of this kind, and what to write.
fn misfit(atom: &SelectorExpr, kind: SelectorKind, sense: Sense) -> Option<(&'static str, &'static str)> {
    const SPLIT: &str = "write one policy `on tables` and one `on prefixes`";
    match (atom, kind) {
        (SelectorExpr::InPrefix(_), SelectorKind::Tables | SelectorKind::Columns) => Some((
            "speaks of prefixes",
            "write a path as `in DATABASE.SCHEMA`, or select `prefixes in \"s3://…\"`",
        )),
        (SelectorExpr::In(_), SelectorKind::Prefixes) => {
            Some(("speaks of tables", "write `in \"s3://bucket/…*\"`, or select `tables in …`"))
        }
        (SelectorExpr::WithColumnTagged(_), SelectorKind::Prefixes) => {
            Some(("prefixes have no columns", "write `tagged …`"))
        }
        (SelectorExpr::WithColumnTagged(_), SelectorKind::Columns) => Some((
            "speaks of tables",
            "write `tagged …` for the columns themselves, or `of tables with column tagged …` for their tables",
        )),
        (
            SelectorExpr::OfType(_),
            SelectorKind::Tables | SelectorKind::Prefixes | SelectorKind::Everything,
        ) => Some(("only columns have a type", "leave it out, or write a mask `on columns of type …`")),
        (SelectorExpr::InPrefix(_), SelectorKind::Everything) if sense.under_not => {
            Some(("under `not`, it would hold for every table", SPLIT))
        }
        (SelectorExpr::In(_) | SelectorExpr::WithColumnTagged(_), SelectorKind::Everything)
            if sense.under_not =>
        {
            Some(("under `not`, it would hold for every prefix", SPLIT))
        }
        (
            SelectorExpr::InPrefix(_)
            | SelectorExpr::In(_)
            | SelectorExpr::WithColumnTagged(_)
            | SelectorExpr::OfType(_)
            | SelectorExpr::Tagged(_)
            | SelectorExpr::Named(_)
            | SelectorExpr::OfIntegration(_)
            | SelectorExpr::And(_)
            | SelectorExpr::Or(_)
            | SelectorExpr::Not(_),
            _,
        ) => None,
    }
}

/// The words that begin an atom.
fn words(atom: &SelectorExpr) -> &'static str {
    match atom {
        SelectorExpr::Tagged(_) => "tagged",
        SelectorExpr::WithColumnTagged(_) => "with column tagged",
        SelectorExpr::In(_) => "in PATH",
        SelectorExpr::InPrefix(_) => "in \"s3://…\"",
        SelectorExpr::Named(_) => "named",
        SelectorExpr::OfType(_) => "of type",
        SelectorExpr::OfIntegration(_) => "of integration",
        SelectorExpr::And(_) => "and",
        SelectorExpr::Or(_) => "or",
        SelectorExpr::Not(_) => "not",
    }
}

fn kind_word(kind: SelectorKind) -> &'static str {
    match kind {
        SelectorKind::Tables => "tables",
        SelectorKind::Prefixes => "prefixes",
        SelectorKind::Everything => "everything",
        SelectorKind::Columns => "columns",
    }
}
