//! The columns that a policy reads, as its arguments.
//!
//! In: columns, as a body asks for them. Out: `VAL` for the masked one, `A1`, `A2`, … for the others, in the order of asking.
//! Argument names are ours, so that no column of a table, nor of the entitlement table (`ACCOUNT`, `NAME`, `VALUE`), can
//! capture one another.

use super::types;
use crate::backend::body::Columns;
use crate::backend::sql::Unsupported;
use crate::inventory::{Catalog, ColumnId, ColumnType};

/// The masked column's argument.
pub(super) const VALUE: &str = "VAL";

/// The arguments of a policy in the making.
pub(super) struct Arguments<'a> {
    /// Names and types.
    pub(super) catalog: &'a Catalog,
    /// The column behind `VAL`.
    pub(super) masked: Option<ColumnId>,
    /// Columns of `A1`, `A2`, … in order, with their stored types.
    pub(super) columns: Vec<(ColumnId, ColumnType)>,
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
            return Ok(format!("A{}", at + 1));
        }
        let described = &self.catalog.columns[column];
        let Some(of) = types::stored(&described.column_type) else {
            return Err(Unsupported(format!(
                "the type `{}` of column `{}` cannot be written into a policy",
                described.column_type.text, described.name
            )));
        };
        self.columns.push((column, of));
        Ok(format!("A{}", self.columns.len()))
    }
}
