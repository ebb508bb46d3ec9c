//! Whether methods and comparisons fit the types of the columns that they meet.
//!
//! In: a method or an atom of ROWS, and columns. Out: nothing, or an error that names columns and what would fit.
//! Invariant: every selected column is looked at; a message names the first few and counts the rest.

use roaring::RoaringBitmap;

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::inventory::{ColumnId, TypeClass};
use crate::ir::method::Literal;
use crate::ir::{Method, RoundTo};
use crate::source::Span;

/// How many columns or tables a message names.
pub(super) const NAMED: usize = 5;

impl Resolver<'_> {
    /// Says which of the columns the method never fits.
    pub(super) fn check_method(
        &mut self,
        method: &Method,
        columns: &RoaringBitmap,
        span: Span,
        policy: &str,
    ) {
        let catalog = &self.inventory.catalog;
        let misfits: Vec<ColumnId> = columns
            .iter()
            .map(ColumnId::from_raw)
            .filter(|column| !method.fits(&catalog.columns[*column].column_type))
            .collect();
        let Some(first) = misfits.first() else { return };
        let nearest = nearest(method, catalog.columns[*first].column_type.class);
        let named = self.columns_with_types(&misfits);
        let plural = if misfits.len() == 1 { "" } else { "s" };
        self.diagnostics.error(
            Diagnostic::error(Code::TypeMismatch, format!("`{}` does not fit {named}", method.words()))
                .at(span, format!("never fits the type of the column{plural}"))
                .help(format!("`{nearest}` fits"))
                .help("or leave such columns out with `of type …`")
                .policy(policy),
        );
    }

    /// `A.B.T.C (NUMBER)`, the first few, and how many more.
    pub(super) fn columns_with_types(&self, columns: &[ColumnId]) -> String {
        let catalog = &self.inventory.catalog;
        let shown = columns.iter().map(|column| {
            format!("`{}` ({})", catalog.shown_column(*column), catalog.columns[*column].column_type.text)
        });
        some_of(shown, columns.len())
    }
}

/// The first few of a list, and how many more there are.
pub(super) fn some_of(items: impl Iterator<Item = String>, count: usize) -> String {
    let shown: Vec<String> = items.take(NAMED).collect();
    match count.saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The method nearest to what was written that fits the type.
fn nearest(method: &Method, class: TypeClass) -> &'static str {
    match (class, method) {
        (TypeClass::String, Method::Constant(_)) => "constant \"…\"",
        (TypeClass::String, _) => "keep first 1",
        (TypeClass::Number, Method::Constant(_)) => "constant 0",
        (TypeClass::Number, _) => "round to 100",
        (TypeClass::Boolean, Method::Constant(_)) => "constant false",
        (TypeClass::Date | TypeClass::Timestamp, Method::Constant(_)) => "constant 1970-01-01",
        (TypeClass::Date, Method::RoundDate(RoundTo::Hour)) => "round to day",
        (TypeClass::Date | TypeClass::Timestamp, _) => "round to year",
        (TypeClass::Boolean | TypeClass::Binary | TypeClass::Other, _) => "null",
    }
}

/// What two sides of a comparison must share.
pub(super) fn comparable(left: TypeClass, right: TypeClass) -> bool {
    match (left, right) {
        (TypeClass::Binary | TypeClass::Other, _) | (_, TypeClass::Binary | TypeClass::Other) => false,
        (TypeClass::Date | TypeClass::Timestamp, TypeClass::Date | TypeClass::Timestamp) => true,
        (left, right) => left == right,
    }
}

/// The class of a literal.
pub(super) fn class_of(literal: &Literal) -> TypeClass {
    match literal {
        Literal::Text(_) => TypeClass::String,
        Literal::Number(_) => TypeClass::Number,
        Literal::Boolean(_) => TypeClass::Boolean,
        Literal::Date(_) => TypeClass::Date,
    }
}
