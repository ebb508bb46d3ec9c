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
use crate::ids::Id;
use crate::inventory::catalog::SecurableSet;
use crate::inventory::{IntegrationId, TypeClass};
use crate::ir::PolicyKind;
use crate::prefix::Prefix;
use crate::source::Spanned;
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
    pub(super) fn protects(self) -> bool {
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
        let said = self.diagnostics.len();
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
        // An atom in error selects nothing; the error says enough.
        if set.is_empty() && self.diagnostics.len() == said {
            let domain = if kind == SelectorKind::Prefixes { Domain::DataSources } else { Domain::Tables };
            self.report_nothing(selector.span, &[(whole, domain)], owner);
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
        let said = self.diagnostics.len();
        if let Some(expr) = expr {
            self.check_selector(expr, SelectorKind::Columns, Sense::default(), owner);
        }
        let mut set = self.set(expr, Domain::Columns);
        if let Some(tables) = &selector.node.of_tables {
            self.check_selector(tables, SelectorKind::Tables, Sense::default(), owner);
            let tables = self.set(Some(tables), Domain::Tables);
            set &= self.index.columns_of(&self.inventory.catalog, &tables);
        }
        // An atom in error selects nothing; the error says enough.
        if set.is_empty() && self.diagnostics.len() == said {
            let parts = [(expr, Domain::Columns), (selector.node.of_tables.as_ref(), Domain::Tables)];
            self.report_nothing(selector.span, &parts, owner);
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
    pub(super) fn atom(&mut self, atom: &SelectorExpr, domain: Domain) -> RoaringBitmap {
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
