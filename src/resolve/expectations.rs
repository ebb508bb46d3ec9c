//! Policy tests: users, objects, masks and filters become ids.
//!
//! In: `test` declarations. Out: [`PolicyTest`]s, by name.
//! Invariant: an expectation whose path matches several objects holds on each; a name that matches none is an error.

use crate::diagnostic::{Code, Diagnostic};
use crate::ids::{Id, IdVec};
use crate::inventory::Instant;
use crate::ir::policy::Seen;
use crate::ir::{Expectation, Filter, FilterId, Mask, MaskId, PolicyHead, PolicyTest};
use crate::source::Spanned;
use crate::syntax::ast;

use super::Resolver;
use super::object::{Found, find_object, find_user};
use super::policies::access_set;

impl Resolver<'_> {
    /// The tests, by name.
    pub(super) fn tests(
        &mut self,
        masks: &IdVec<MaskId, Mask>,
        filters: &IdVec<FilterId, Filter>,
    ) -> Vec<PolicyTest> {
        let declared: Vec<_> = self.declarations.tests.values().copied().collect();
        let mut tests = Vec::with_capacity(declared.len());
        for (declaration, test) in declared {
            let user = match find_user(self.inventory, &test.as_user.node, Some(test.as_user.span)) {
                Ok(user) => Some(user),
                Err(diagnostic) => {
                    self.diagnostics.error(*diagnostic);
                    None
                }
            };
            let expectations: Vec<_> = test
                .expectations
                .iter()
                .filter_map(|each| Some((self.expectation(&each.node, masks, filters)?, each.span)))
                .collect();
            if let Some(user) = user {
                tests.push(PolicyTest {
                    name: declaration.name.node.clone(),
                    span: declaration.span,
                    user,
                    at: test.at.as_ref().map(|date| Instant::of_date(date.node)),
                    expectations,
                });
            }
        }
        tests
    }

    fn expectation(
        &mut self,
        written: &ast::Expectation,
        masks: &IdVec<MaskId, Mask>,
        filters: &IdVec<FilterId, Filter>,
    ) -> Option<Expectation> {
        match written {
            ast::Expectation::Can { access, object } => self.access(true, access.node, object),
            ast::Expectation::Cannot { access, object } => self.access(false, access.node, object),
            ast::Expectation::Sees { column, outcome } => {
                let found = self.object(column);
                let seen = match &outcome.node {
                    ast::Outcome::Clear => Some(Seen::Clear),
                    ast::Outcome::Masked => Some(Seen::Masked),
                    ast::Outcome::MaskedBy(name) => {
                        let declared = self.declarations.masks.contains_key(name.node.as_str());
                        let heads = masks.values().map(|mask| &mask.head);
                        self.policy_named(name, "mask", declared, heads)
                            .map(|id| Seen::MaskedBy(MaskId::from_raw(id)))
                    }
                };
                let columns = found?.columns;
                if columns.is_empty() {
                    self.refuse_object(
                        column,
                        "`sees` asks about a column",
                        "write DATABASE.SCHEMA.TABLE.COLUMN",
                    );
                    return None;
                }
                Some(Expectation::Sees { columns, seen: seen? })
            }
            ast::Expectation::Filtered { table, by } => {
                let ids: Vec<_> = by
                    .iter()
                    .map(|name| {
                        let declared = self.declarations.filters.contains_key(name.node.as_str());
                        let heads = filters.values().map(|filter| &filter.head);
                        self.policy_named(name, "filter", declared, heads).map(FilterId::from_raw)
                    })
                    .collect();
                let tables = self.tables_of(table)?;
                let mut by = ids.into_iter().collect::<Option<Vec<_>>>()?;
                by.sort_unstable();
                by.dedup();
                Some(Expectation::Filtered { tables, by })
            }
            ast::Expectation::Unfiltered { table } => {
                Some(Expectation::Filtered { tables: self.tables_of(table)?, by: Vec::new() })
            }
        }
    }

    fn access(
        &mut self,
        can: bool,
        access: ast::AccessSet,
        object: &Spanned<ast::ObjectPath>,
    ) -> Option<Expectation> {
        let found = self.object(object)?;
        if !found.columns.is_empty() {
            self.refuse_object(
                object,
                "access is given to whole tables",
                "leave out the column, or write `sees`",
            );
            return None;
        }
        Some(Expectation::Access {
            can,
            access: access_set(access),
            securables: found.securables(self.inventory),
        })
    }

    fn tables_of(&mut self, object: &Spanned<ast::ObjectPath>) -> Option<Vec<crate::inventory::TableId>> {
        let found = self.object(object)?;
        if found.tables.is_empty() {
            self.refuse_object(object, "filters are on tables", "write DATABASE.SCHEMA.TABLE");
            return None;
        }
        Some(found.tables)
    }

    fn object(&mut self, object: &Spanned<ast::ObjectPath>) -> Option<Found> {
        match find_object(self.inventory, &object.node, Some(object.span)) {
            Ok(found) => Some(found),
            Err(diagnostic) => {
                self.diagnostics.error(*diagnostic);
                None
            }
        }
    }

    fn refuse_object(&mut self, object: &Spanned<ast::ObjectPath>, label: &str, help: &str) {
        self.diagnostics.error(
            Diagnostic::error(Code::UnknownObject, "this line asks about another kind of object")
                .at(object.span, label)
                .help(help),
        );
    }

    /// The place of a policy among those resolved; one that is declared but has errors is no second error here.
    fn policy_named<'h>(
        &mut self,
        name: &Spanned<String>,
        kind: &str,
        declared: bool,
        mut heads: impl Iterator<Item = &'h PolicyHead>,
    ) -> Option<u32> {
        let found = heads.position(|head| head.name == name.node);
        if found.is_none() && !declared {
            let diagnostic =
                Diagnostic::error(Code::UnknownPolicy, format!("unknown {kind} `{}`", name.node))
                    .at(name.span, format!("no {kind} has this name"));
            let diagnostic = if kind == "mask" {
                diagnostic.did_you_mean(&name.node, self.declarations.masks.keys().copied())
            } else {
                diagnostic.did_you_mean(&name.node, self.declarations.filters.keys().copied())
            };
            self.diagnostics.error(diagnostic);
        }
        found.and_then(|at| u32::try_from(at).ok())
    }
}
