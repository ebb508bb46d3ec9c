//! Subqueries over the session's tables, and what a name means inside them.
//!
//! Invariant: a name binds to the innermost table that has it, then outwards, at last to the row: SQL's rule, by which an
//! entitlement table's own column can capture a name that was meant for the row.

use super::Partial;
use super::collate::Rule;
use super::node::{Node, Source};
use super::run::{Run, known};
use super::table::Table;
use super::truth::Truth;
use crate::backend::sql::Dialect;
use crate::ir::Operator;
use crate::ir::value::Value;

/// A row of a subquery's table, inside the rows of those around it.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    source: &'s Source,
    table: &'s Table,
    row: usize,
    outer: Option<&'s Scope<'s>>,
}

impl Source {
    /// Whether `qualifier.column` means this table.
    fn answers(&self, qualifier: &[String]) -> bool {
        match &self.alias {
            Some(alias) => qualifier == std::slice::from_ref(alias),
            None => self.table.ends_with(qualifier),
        }
    }
}

impl Run<'_> {
    /// The value of a name.
    pub(super) fn column(&self, qualifier: &[String], name: &str, scope: Option<&Scope<'_>>) -> Partial {
        let mut next = scope;
        while let Some(scope) = next {
            let place = scope.table.column(name);
            if qualifier.is_empty() {
                if let Some(place) = place {
                    return Partial::Value(scope.table.cell(scope.row, place));
                }
            } else if scope.source.answers(qualifier) {
                return known(place.map(|place| scope.table.cell(scope.row, place)));
            }
            next = scope.outer;
        }
        if self.is_row(qualifier) { (self.cell)(name) } else { known(self.session.given(qualifier, name)) }
    }

    /// Whether `qualifier.column`, outside every subquery, is the row's.
    pub(super) fn is_row(&self, qualifier: &[String]) -> bool {
        qualifier.is_empty() || self.session.names_the_row(qualifier)
    }

    /// `EXISTS (…)`: never NULL.
    pub(super) fn exists(&self, source: &Source, outer: Option<&Scope<'_>>) -> Truth {
        let Some(table) = self.session.table(&source.table) else { return Truth::EITHER };
        let mut truth = Truth::FALSE;
        self.each_row(source, table, outer, &mut |scope| {
            let here = self.filter(source, scope);
            if here.is_true() {
                truth = Truth::TRUE;
            } else if here.may_be_true() {
                truth = Truth::EITHER;
            }
            !truth.is_true()
        });
        if self.exhausted() { Truth::EITHER } else { truth }
    }

    /// `value IN (SELECT shown …)`.
    pub(super) fn in_rows(
        &self,
        value: &Node,
        source: &Source,
        shown: &Node,
        outer: Option<&Scope<'_>>,
    ) -> Truth {
        let Some(table) = self.session.table(&source.table) else { return Truth::ANY };
        let known = self.value(value, outer);
        let mut truth = Truth::FALSE;
        self.each_row(source, table, outer, &mut |scope| {
            let here = self.filter(source, scope);
            if here.may_be_true() {
                let shown_value = self.value(shown, Some(scope));
                let equal = self.related(Operator::Equal, (value, &known), (shown, &shown_value));
                truth = truth.or(if here.is_true() { equal } else { equal.union(Truth::FALSE) });
            }
            !truth.is_true()
        });
        if self.exhausted() { Truth::ANY } else { truth }
    }

    fn filter(&self, source: &Source, scope: &Scope<'_>) -> Truth {
        source.filter.as_ref().map_or(Truth::TRUE, |filter| self.truth(filter, Some(scope)))
    }

    /// Calls back for the rows that the filter could let through, until told to stop.
    fn each_row(
        &self,
        source: &Source,
        table: &Table,
        outer: Option<&Scope<'_>>,
        see: &mut dyn FnMut(&Scope<'_>) -> bool,
    ) {
        let mut visit = |row| !self.exhausted() && see(&Scope { source, table, row, outer });
        match self.candidates(source, table) {
            Some(rows) => {
                let _ = rows.iter().all(|row| visit(*row));
            }
            None => {
                let _ = (0..table.len()).all(visit);
            }
        }
    }

    /// The rows that an index leaves: those where the filter needs a column to equal a literal or the current user, by
    /// whatever rules the dialect compares.
    fn candidates<'t>(&self, source: &Source, table: &'t Table) -> Option<&'t [usize]> {
        let filter = source.filter.as_deref()?;
        let conjuncts = match filter {
            Node::And(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let sets = conjuncts.iter().filter_map(|conjunct| {
            let Node::Compare(Operator::Equal, left, right) = conjunct else { return None };
            // Under a binary collation no more than blanks at the end are forgiven, which the index forgives too.
            let (left, exactly) = bare(left);
            let (right, also) = bare(right);
            let (qualifier, name, key) = match (left, right) {
                (Node::Column { qualifier, name }, key) | (key, Node::Column { qualifier, name }) => {
                    (qualifier, name, key)
                }
                _ => return None,
            };
            let key = match key {
                Node::Literal(Value::Text(text)) => text.as_str(),
                Node::User => self.session.current_user()?,
                _ => return None,
            };
            if !qualifier.is_empty() && !source.answers(qualifier) {
                return None;
            }
            table.matching(
                table.column(name)?,
                key,
                !exactly && !also && matches!(self.dialect, Dialect::Synapse | Dialect::Redshift),
            )
        });
        sets.min_by_key(|rows| rows.len())
    }
}

/// An operand without a binary collation, and whether it had one.
fn bare(node: &Node) -> (&Node, bool) {
    match node {
        Node::Collate(inner, collation) if collation.rule == Rule::Binary => (inner, true),
        node => (node, false),
    }
}
