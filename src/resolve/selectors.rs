//! Selectors become sets.
//!
//! In: `ast::Selector`s. Out: bitmaps of tables, data sources or columns, and for masks how deep each column's tag is.
//! Invariant: an atom that a selector cannot use is an error before any set is made of it, so the set of such an
//! atom (empty) never decides; `not` is taken within the kind.
//! Cost: one bitmap operation per node; an atom is one lookup, a path or glob one pass over the names, once per text.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::conditions::tag;
use super::unknown::Sense;
use super::{Resolver, path};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::inventory::catalog::SecurableSet;
use crate::inventory::{IntegrationId, TypeClass};
use crate::ir::PolicyKind;
use crate::prefix::Prefix;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, SelectorExpr, SelectorKind};

/// What a set is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Domain {
    Tables,
    DataSources,
    Columns,
}

/// The columns of a mask.
pub(super) struct Columns {
    pub(super) set: RoaringBitmap,
    pub(super) depths: Vec<(u32, RoaringBitmap)>,
}

/// Sets of atoms that need a pass over names, by their text.
#[derive(Default)]
pub(super) struct AtomCache {
    paths: BTreeMap<ast::Path, RoaringBitmap>,
    names: BTreeMap<(Domain, String), RoaringBitmap>,
}

/// The policy in which a selector stands.
#[derive(Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) kind: PolicyKind,
    pub(super) name: &'a str,
}

impl Owner<'_> {
    /// Whether selecting less than meant leaves something open.
    fn protects(self) -> bool {
        match self.kind {
            PolicyKind::Guardrail | PolicyKind::Mask | PolicyKind::Filter => true,
            PolicyKind::Subscription => false,
        }
    }
}

impl Resolver<'_> {
    /// The securables of a subscription, guardrail or filter.
    pub(super) fn securables(&mut self, selector: &Spanned<ast::Selector>, owner: Owner<'_>) -> SecurableSet {
        let kind = selector.node.kind.node;
        let fits = match owner.kind {
            PolicyKind::Subscription | PolicyKind::Guardrail => kind != SelectorKind::Columns,
            PolicyKind::Filter => kind == SelectorKind::Tables,
            PolicyKind::Mask => false,
        };
        let whole = selector.node.expr.as_ref();
        if !fits {
            self.refuse_kind(&selector.node.kind, owner);
            return SecurableSet::default();
        }
        if let Some(expr) = whole {
            self.check_selector(expr, kind, Sense::default(), owner);
        }
        let tables = || Domain::Tables;
        let set = match kind {
            SelectorKind::Tables => {
                SecurableSet { tables: self.set(whole, tables()), ..SecurableSet::default() }
            }
            SelectorKind::Prefixes => {
                SecurableSet { data_sources: self.set(whole, Domain::DataSources), ..SecurableSet::default() }
            }
            SelectorKind::Everything | SelectorKind::Columns => SecurableSet {
                tables: self.set(whole, tables()),
                data_sources: self.set(whole, Domain::DataSources),
            },
        };
        if set.is_empty() {
            self.report_nothing(selector.span, owner);
        }
        set
    }

    /// The columns of a mask.
    pub(super) fn columns(&mut self, selector: &Spanned<ast::Selector>, owner: Owner<'_>) -> Columns {
        if selector.node.kind.node != SelectorKind::Columns {
            self.refuse_kind(&selector.node.kind, owner);
            return Columns { set: RoaringBitmap::new(), depths: Vec::new() };
        }
        let expr = selector.node.expr.as_ref();
        if let Some(expr) = expr {
            self.check_selector(expr, SelectorKind::Columns, Sense::default(), owner);
        }
        let mut set = self.set(expr, Domain::Columns);
        if let Some(tables) = &selector.node.of_tables {
            self.check_selector(tables, SelectorKind::Tables, Sense::default(), owner);
            let tables = self.set(Some(tables), Domain::Tables);
            set &= self.index.columns_of(&self.inventory.catalog, &tables);
        }
        if set.is_empty() {
            self.report_nothing(selector.span, owner);
        }
        let mut by_depth = BTreeMap::new();
        if let Some(expr) = expr {
            self.depths_of(expr, false, &mut by_depth);
        }
        // Deepest first; a column counts where it first appears.
        let mut rest = set.clone();
        let mut depths = Vec::new();
        for (depth, columns) in by_depth.into_iter().rev() {
            let here = &rest & &columns;
            rest -= &here;
            if !here.is_empty() {
                depths.push((depth, here));
            }
        }
        Columns { set, depths }
    }

    /// For each positive `tagged`: its segments and the columns on which it is true.
    fn depths_of(
        &mut self,
        expr: &Spanned<SelectorExpr>,
        negative: bool,
        into: &mut BTreeMap<u32, RoaringBitmap>,
    ) {
        match &expr.node {
            SelectorExpr::Tagged(written) if !negative => {
                let columns = self.atom(&expr.node, Domain::Columns);
                let depth = u32::try_from(written.node.segments.len()).unwrap_or(u32::MAX);
                *into.entry(depth).or_default() |= columns;
            }
            SelectorExpr::And(list) | SelectorExpr::Or(list) => {
                list.iter().for_each(|each| self.depths_of(each, negative, into));
            }
            SelectorExpr::Not(inner) => self.depths_of(inner, !negative, into),
            SelectorExpr::Tagged(_)
            | SelectorExpr::WithColumnTagged(_)
            | SelectorExpr::In(_)
            | SelectorExpr::InPrefix(_)
            | SelectorExpr::Named(_)
            | SelectorExpr::OfType(_)
            | SelectorExpr::OfIntegration(_) => {}
        }
    }

    fn all(&self, domain: Domain) -> &RoaringBitmap {
        match domain {
            Domain::Tables => &self.index.tables,
            Domain::DataSources => &self.index.data_sources,
            Domain::Columns => &self.index.columns,
        }
    }

    fn set(&mut self, expr: Option<&Spanned<SelectorExpr>>, domain: Domain) -> RoaringBitmap {
        let Some(expr) = expr else { return self.all(domain).clone() };
        match &expr.node {
            SelectorExpr::And(list) => {
                let mut sets = list.iter().map(|each| self.set(Some(each), domain));
                let first = sets.next().unwrap_or_default();
                sets.fold(first, |all, each| all & each)
            }
            SelectorExpr::Or(list) => {
                list.iter().fold(RoaringBitmap::new(), |any, each| any | self.set(Some(each), domain))
            }
            SelectorExpr::Not(inner) => {
                let inner = self.set(Some(inner), domain);
                self.all(domain) - inner
            }
            atom @ (SelectorExpr::Tagged(_)
            | SelectorExpr::WithColumnTagged(_)
            | SelectorExpr::In(_)
            | SelectorExpr::InPrefix(_)
            | SelectorExpr::Named(_)
            | SelectorExpr::OfType(_)
            | SelectorExpr::OfIntegration(_)) => self.atom(atom, domain),
        }
    }

    /// What an atom selects in a domain; nothing where it does not belong.
    fn atom(&mut self, atom: &SelectorExpr, domain: Domain) -> RoaringBitmap {
        let (inventory, index) = (self.inventory, &self.index);
        let catalog = &inventory.catalog;
        match (atom, domain) {
            (SelectorExpr::Tagged(written), _) => {
                let Some(carriers) =
                    inventory.tags.find(&tag(&written.node)).and_then(|id| index.carriers(id))
                else {
                    return RoaringBitmap::new();
                };
                match domain {
                    Domain::Tables => carriers.tables.clone(),
                    Domain::DataSources => carriers.data_sources.clone(),
                    Domain::Columns => &carriers.columns | index.columns_of(catalog, &carriers.tables),
                }
            }
            (SelectorExpr::WithColumnTagged(written), Domain::Tables) => inventory
                .tags
                .find(&tag(&written.node))
                .and_then(|id| index.carriers(id))
                .map(|carriers| carriers.with_column.clone())
                .unwrap_or_default(),
            (SelectorExpr::In(written), Domain::Tables) => {
                if let Some(known) = self.atoms.paths.get(&written.node) {
                    return known.clone();
                }
                let found: RoaringBitmap = path::tables(inventory, index, &written.node.segments)
                    .into_iter()
                    .map(|table| table.raw())
                    .collect();
                self.atoms.paths.insert(written.node.clone(), found.clone());
                found
            }
            (SelectorExpr::In(_), Domain::Columns) => {
                let tables = self.atom(atom, Domain::Tables);
                self.index.columns_of(catalog, &tables)
            }
            (SelectorExpr::InPrefix(text), Domain::DataSources) => match Prefix::parse_policy(&text.node) {
                Ok(prefix) => index
                    .registered
                    .values()
                    .flat_map(|registered| registered.inside(&prefix).map(|(_, raw)| *raw))
                    .collect(),
                Err(_) => RoaringBitmap::new(),
            },
            (SelectorExpr::Named(pattern), _) => {
                let key = (domain, pattern.node.clone());
                if let Some(known) = self.atoms.names.get(&key) {
                    return known.clone();
                }
                let matches = |name: &str| path::glob(&pattern.node, name);
                let found: RoaringBitmap = match domain {
                    Domain::Tables => {
                        let named = catalog.tables.iter().filter(|(_, table)| matches(&table.name));
                        named.map(|(id, _)| id.raw()).collect()
                    }
                    Domain::Columns => {
                        let named = catalog.columns.iter().filter(|(_, column)| matches(&column.name));
                        named.map(|(id, _)| id.raw()).collect()
                    }
                    Domain::DataSources => {
                        let named = catalog
                            .data_sources
                            .iter()
                            .filter(|(_, each)| each.name.as_deref().is_some_and(matches));
                        named.map(|(id, _)| id.raw()).collect()
                    }
                };
                self.atoms.names.insert(key, found.clone());
                found
            }
            (SelectorExpr::OfType(kind), Domain::Columns) => {
                index.of_class.get(&class(kind.node)).cloned().unwrap_or_default()
            }
            (SelectorExpr::OfIntegration(name), _) => {
                let Some(id) = self.integration_named(&name.node) else { return RoaringBitmap::new() };
                match domain {
                    Domain::Tables => index.tables_in[id].clone(),
                    Domain::DataSources => index.data_sources_in[id].clone(),
                    Domain::Columns => index.columns_of(catalog, &index.tables_in[id]),
                }
            }
            (SelectorExpr::WithColumnTagged(_), Domain::DataSources | Domain::Columns)
            | (SelectorExpr::In(_), Domain::DataSources)
            | (SelectorExpr::InPrefix(_), Domain::Tables | Domain::Columns)
            | (SelectorExpr::OfType(_), Domain::Tables | Domain::DataSources) => RoaringBitmap::new(),
            // INVARIANT: `set` takes these apart before it asks for atoms.
            (SelectorExpr::And(_) | SelectorExpr::Or(_) | SelectorExpr::Not(_), _) => RoaringBitmap::new(),
        }
    }

    pub(super) fn integration_named(&self, name: &str) -> Option<IntegrationId> {
        self.inventory.integrations.iter().find(|(_, each)| each.name == name).map(|(id, _)| id)
    }

    /// Says what is wrong with the atoms of a selector, and what they do not find.
    fn check_selector(
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
                    let known = self.inventory.integrations.values().map(|each| each.name.as_str());
                    self.diagnostics.error(
                        Diagnostic::error(
                            Code::UnknownIntegration,
                            format!("unknown integration `{}`", name.node),
                        )
                        .at(name.span, "no integration has this name")
                        .did_you_mean(&name.node, known)
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

    fn report_nothing(&mut self, span: Span, owner: Owner<'_>) {
        let diagnostic = Diagnostic::finding(
            Code::SelectsNothing,
            format!("{} `{}` selects nothing", owner.kind.word(), owner.name),
        )
        .at(span, "nothing in the catalog fits");
        self.find(diagnostic, owner.name, owner.protects());
    }

    fn report_no_match(&mut self, span: Span, owner: Owner<'_>) {
        let diagnostic = Diagnostic::finding(Code::SelectsNothing, "this exception excludes nothing")
            .at(span, "under `not`, and nothing in the catalog fits");
        self.find(diagnostic, owner.name, true);
    }

    fn refuse_kind(&mut self, kind: &Spanned<SelectorKind>, owner: Owner<'_>) {
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

fn class(kind: ast::ColumnType) -> TypeClass {
    match kind {
        ast::ColumnType::String => TypeClass::String,
        ast::ColumnType::Number => TypeClass::Number,
        ast::ColumnType::Boolean => TypeClass::Boolean,
        ast::ColumnType::Date => TypeClass::Date,
        ast::ColumnType::Timestamp => TypeClass::Timestamp,
        ast::ColumnType::Binary => TypeClass::Binary,
    }
}
