//! The columns that a function reads, as its arguments.
//!
//! In: columns, as a body asks for them. Out: `__value` for the masked one, `__a1`, `__a2`, … for the others, in the order of
//! asking. The names are ours, so that no column of the entitlement table (`account`, `name`, `value`) captures an argument.

use super::native::writable;
use super::types;
use crate::backend::body::Columns;
use crate::backend::sql::Unsupported;
use crate::inventory::{Catalog, ColumnId, ColumnType};

/// The masked column's argument.
pub(super) const VALUE: &str = "__value";

/// The arguments of a function in the making.
pub(super) struct Arguments<'a> {
    catalog: &'a Catalog,
    masked: Option<ColumnId>,
    /// Columns of `__a1`, `__a2`, … in order, with their stored types.
    columns: Vec<(ColumnId, ColumnType)>,
}

impl<'a> Arguments<'a> {
    /// None yet. `masked`: the column behind `__value`.
    pub(super) fn new(catalog: &'a Catalog, masked: Option<ColumnId>) -> Arguments<'a> {
        Arguments { catalog, masked, columns: Vec::new() }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Forgets those that came after the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.columns.truncate(len);
    }

    /// Names and types, `__value` not among them.
    pub(super) fn declared(&self) -> impl Iterator<Item = (String, String)> {
        self.columns.iter().enumerate().map(|(at, (_, of))| (argument(at), of.text.clone()))
    }

    /// The names of the columns behind them.
    pub(super) fn names(&self) -> Vec<String> {
        self.columns.iter().map(|(column, _)| self.catalog.columns[*column].name.to_lowercase()).collect()
    }
}

fn argument(at: usize) -> String {
    format!("__a{}", at + 1)
}

impl Columns for Arguments<'_> {
    fn column_type(&self, column: ColumnId) -> &ColumnType {
        match self.columns.iter().find(|(known, _)| *known == column) {
            Some((_, of)) => of,
            None => &self.catalog.columns[column].column_type,
        }
    }

    fn column(&mut self, column: ColumnId) -> Result<String, Unsupported> {
        if self.masked == Some(column) {
            return Ok(VALUE.to_owned());
        }
        if let Some(at) = self.columns.iter().position(|(known, _)| *known == column) {
            return Ok(argument(at));
        }
        let described = &self.catalog.columns[column];
        if !writable(&described.name) {
            return Err(Unsupported(unwritable(&described.name)));
        }
        let Some(of) = types::stored(&described.column_type) else {
            return Err(Unsupported(format!(
                "the type `{}` of column `{}` cannot be written into a function",
                described.column_type.text, described.name
            )));
        };
        self.columns.push((column, of));
        Ok(argument(self.columns.len() - 1))
    }
}

/// Why a column cannot stand in a statement.
pub(super) fn unwritable(name: &str) -> String {
    let name = name.escape_debug();
    format!("column `{name}` has a line break or `${{` in its name, which no statement can hold as it is")
}
