//! Names end, ids begin: declarations and an inventory become a program.
//!
//! In: the documents of all files and the [`Inventory`]. Out: [`Program`], or every error of the policies.
//! Invariant: the program does not depend on the order of files; a name that is unknown is an error or a finding, and
//! never reads as something wider.
//! Cost: one pass over the catalog for the index, one visit per node written, one bitmap operation per selector node,
//! and one look at each column of the tables that a filter or a `when` selects.

mod conditions;
mod expectations;
mod fit;
mod hint;
mod index;
mod method;
mod names;
pub mod object;
mod path;
mod pattern;
mod policies;
mod row_columns;
mod rows;
mod selector_checks;
mod selectors;
mod sql;
pub mod sql_bounds;
mod unknown;
mod within;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use indexmap::IndexMap;

pub use object::{Found, find_object, find_user};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::inventory::{Instant, Inventory};
use crate::ir::{ConditionId, Conditions, Program};
use crate::source::{Place, SourceId, Sources};
use crate::syntax::ast;

use index::Index;
use names::Declarations;
use selectors::AtomCache;
use unknown::Seen;

/// Turns what was written into a program for one instant.
///
/// # Errors
/// After every error of the policies was said: unknown names, cycles, selectors and methods that do not fit, columns
/// that are not there. Findings do not fail.
pub fn resolve(
    documents: Vec<(SourceId, ast::Document)>,
    mut inventory: Inventory,
    at: Instant,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Program, Reported> {
    let mut said = Diagnostics::new();
    let declarations = Declarations::gather(&documents, sources, &mut said);
    rows::intern_column_tags(&declarations, &mut inventory);
    let index = Index::new(&inventory);
    let mut resolver = Resolver {
        inventory: &inventory,
        index,
        sources,
        declarations,
        diagnostics: said,
        findings: IndexMap::new(),
        conditions: Conditions::default(),
        depths: Vec::new(),
        named: BTreeMap::new(),
        seen: Seen::default(),
        atoms: AtomCache::default(),
    };
    resolver.resolve_named_conditions();
    let subscriptions = resolver.subscriptions();
    let guardrails = resolver.guardrails();
    let masks = resolver.masks();
    let filters = resolver.filters();
    let tests = resolver.tests(&masks, &filters);
    resolver.check_unused_conditions();
    let Resolver { conditions, diagnostics: mut said, findings, .. } = resolver;
    for finding in findings.into_values() {
        said.push(finding);
    }
    let failed = said.result();
    diagnostics.extend(said);
    failed?;
    Ok(Program { inventory, at, conditions, subscriptions, guardrails, masks, filters, tests })
}

/// What resolving knows and says.
struct Resolver<'a> {
    inventory: &'a Inventory,
    index: Index,
    sources: &'a Sources,
    declarations: Declarations<'a>,
    diagnostics: Diagnostics,
    /// Findings by what they say and where: one use that opens makes the finding open.
    findings: IndexMap<(Code, Place, String), Diagnostic>,
    conditions: Conditions,
    /// How deep each condition is, by raw id.
    depths: Vec<u32>,
    /// Named conditions; `None` after an error.
    named: BTreeMap<&'a str, Option<ConditionId>>,
    seen: Seen<'a>,
    atoms: AtomCache,
}

impl Resolver<'_> {
    /// Says a finding about a declaration, once per place.
    fn find(&mut self, finding: Diagnostic, declaration: &str, opens: bool) {
        let Some(place) = finding.labels.first().map(|label| label.place) else { return };
        let key = (finding.code, place, finding.message.clone());
        let known = self.findings.entry(key).or_insert_with(|| finding.policy(declaration));
        known.opens |= opens;
    }
}
