//! What a selector that finds nothing probably meant.
//!
//! In: its expressions. Out: for each atom that finds nothing on its own, what is wrong with it and what is near.
//! Invariant: called only where a finding is told anyway; nothing is decided here.
//! Cost: the names of the catalog, once per such atom, unless they are too many to compare.

use std::collections::BTreeSet;

use super::Resolver;
use super::path;
use super::selectors::Domain;
use crate::diagnostic::{Diagnostic, nearest};
use crate::inventory::catalog::quoted;
use crate::prefix::Prefix;
use crate::source::Spanned;
use crate::syntax::ast::{self, SelectorExpr};

/// More names than this are not compared.
const FEW_ENOUGH_TO_COMPARE: usize = 100_000;

impl Resolver<'_> {
    /// Adds what the atoms that find nothing probably meant.
    pub(super) fn explain_nothing(
        &mut self,
        diagnostic: Diagnostic,
        expr: &Spanned<SelectorExpr>,
        domain: Domain,
    ) -> Diagnostic {
        match &expr.node {
            SelectorExpr::And(list) | SelectorExpr::Or(list) => list
                .iter()
                .fold(diagnostic, |diagnostic, each| self.explain_nothing(diagnostic, each, domain)),
            SelectorExpr::In(written) if self.atom(&expr.node, Domain::Tables).is_empty() => {
                with(diagnostic, self.path_hint(&written.node))
            }
            SelectorExpr::InPrefix(text) if self.atom(&expr.node, Domain::DataSources).is_empty() => {
                with(diagnostic, self.prefix_hint(&text.node))
            }
            SelectorExpr::Named(glob) if self.atom(&expr.node, domain).is_empty() => {
                let hint = self.name_hint(&glob.node, domain);
                with(
                    diagnostic
                        .note("`named` compares whole names as they are stored, upper and lower case too"),
                    hint,
                )
            }
            SelectorExpr::Tagged(written) | SelectorExpr::WithColumnTagged(written)
                if self.atom(&expr.node, domain).is_empty() =>
            {
                let tag = written.node.text();
                let diagnostic = diagnostic.note(format!("nothing here carries `{tag}`"));
                let of_columns = SelectorExpr::WithColumnTagged(written.clone());
                let columns = domain == Domain::Tables && !self.atom(&of_columns, Domain::Tables).is_empty();
                let help = format!("columns carry it: write `with column tagged {tag}` for their tables");
                with(diagnostic, columns.then_some(help))
            }
            SelectorExpr::In(_)
            | SelectorExpr::InPrefix(_)
            | SelectorExpr::Named(_)
            | SelectorExpr::Tagged(_)
            | SelectorExpr::WithColumnTagged(_)
            | SelectorExpr::OfType(_)
            | SelectorExpr::OfIntegration(_)
            | SelectorExpr::Not(_) => diagnostic,
        }
    }

    fn path_hint(&self, written: &ast::Path) -> Option<String> {
        if let [only] = written.segments.as_slice()
            && only.quoted
            && only.text.contains('.')
        {
            return Some(format!("what stands in quotes is one name: write `in {}`", only.text));
        }
        let catalog = &self.inventory.catalog;
        if catalog.tables.len() > FEW_ENOUGH_TO_COMPARE {
            return None;
        }
        let names = |depth: usize| -> BTreeSet<String> {
            let tables = catalog.tables.ids().map(|table| catalog.path(table));
            tables
                .map(|path| path.iter().take(depth).map(|name| quoted(name)).collect::<Vec<_>>().join("."))
                .collect()
        };
        let text = path::shown(&written.segments);
        let tail = format!(".{}", text.to_lowercase());
        let whole = [2, 3]
            .into_iter()
            .find_map(|depth| names(depth).into_iter().find(|name| name.to_lowercase().ends_with(&tail)));
        let same = names(written.segments.len());
        let found = whole.or_else(|| nearest(&text, same.iter().map(String::as_str)).map(str::to_owned));
        found.map(|name| format!("did you mean `{name}`?"))
    }

    fn prefix_hint(&self, written: &str) -> Option<String> {
        let sources = &self.inventory.catalog.data_sources;
        // A policy's prefix selects what it covers; one that lies inside a registered prefix covers nothing.
        let inside = Prefix::parse_policy(written)
            .ok()
            .and_then(|prefix| sources.values().find(|each| each.prefix.covers(&prefix)));
        if let Some(holder) = inside {
            return Some(format!(
                "`{}` holds it: write that, or register `{written}` in the catalog",
                holder.prefix
            ));
        }
        if sources.len() > FEW_ENOUGH_TO_COMPARE {
            return None;
        }
        let known: Vec<String> = sources.values().map(|each| each.prefix.to_string()).collect();
        let found = nearest(written, known.iter().map(String::as_str));
        found.map(|name| format!("did you mean `\"{name}\"`?"))
    }

    fn name_hint(&self, written: &str, domain: Domain) -> Option<String> {
        let catalog = &self.inventory.catalog;
        let names: BTreeSet<&str> = match domain {
            Domain::Tables => catalog.tables.values().map(|each| each.name.as_str()).collect(),
            Domain::Columns => catalog.columns.values().map(|each| each.name.as_str()).collect(),
            Domain::DataSources => {
                catalog.data_sources.values().filter_map(|each| each.name.as_deref()).collect()
            }
        };
        if names.len() > FEW_ENOUGH_TO_COMPARE {
            return None;
        }
        let lower = written.to_lowercase();
        let meant = nearest(written, names.iter().copied()).map(str::to_owned).or_else(|| {
            // `customer*` where the names are in capitals.
            let upper = written.to_uppercase();
            names
                .iter()
                .any(|name| path::glob(&lower, &name.to_lowercase()))
                .then_some(if names.iter().any(|name| path::glob(&upper, name)) { upper } else { lower })
        });
        meant.filter(|meant| meant != written).map(|meant| format!("did you mean `named \"{meant}\"`?"))
    }
}

fn with(diagnostic: Diagnostic, help: Option<String>) -> Diagnostic {
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
