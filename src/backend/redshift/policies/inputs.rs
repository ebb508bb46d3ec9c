//! The columns that a policy reads, with their types, as its WITH clause lists them.
//!
//! Invariant: a column whose type a policy cannot take is refused, never left out.

use crate::backend::body::Columns;
use crate::backend::redshift::native::{DIALECT, fold};
use crate::backend::sql::{Unsupported, type_name};
use crate::inventory::catalog::Column;
use crate::inventory::{Catalog, ColumnId, ColumnType, TypeClass};

/// The masked value in a mask.
pub(super) const VALUE: &str = "v";

/// How a policy names columns.
pub(super) enum Naming {
    /// A mask: `v`, `a1`, `a2`, … are ours, and ATTACH binds them to columns.
    Mask(ColumnId),
    /// Rows: the table's own names, which RLS policies are bound by.
    Rows,
}

/// The inputs of a policy in the making.
pub(super) struct Inputs<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) naming: Naming,
    /// In the order of asking, without the masked one.
    pub(super) columns: Vec<ColumnId>,
}

impl<'a> Inputs<'a> {
    pub(super) fn new(catalog: &'a Catalog, naming: Naming) -> Inputs<'a> {
        Inputs { catalog, naming, columns: Vec::new() }
    }

    /// The type that a policy's WITH clause has for a column.
    pub(super) fn written(column: &Column) -> Result<&str, Unsupported> {
        let of = &column.column_type;
        let known = match of.class {
            TypeClass::String
            | TypeClass::Number
            | TypeClass::Boolean
            | TypeClass::Date
            | TypeClass::Timestamp
            | TypeClass::Binary => type_name(of),
            // Of SUPER, only paths to scalars are masked: docs.aws.amazon.com/redshift/latest/dg/t_ddm-super.html (2026-11-25).
            // GEOMETRY and HLLSKETCH no page speaks of.
            TypeClass::Other => None,
        };
        known.ok_or_else(|| {
            let (of, name) = (&of.text, &column.name);
            Unsupported(format!("a policy of Redshift's does not take the type `{of}` of column `{name}`"))
        })
    }

    /// Names and types of the other columns, in order.
    pub(super) fn listed(&self) -> Vec<(String, String)> {
        let columns = self.columns.iter().enumerate();
        columns
            .map(|(at, column)| {
                let column = &self.catalog.columns[*column];
                (self.name(at, column), column.column_type.text.clone())
            })
            .collect()
    }

    fn name(&self, at: usize, column: &Column) -> String {
        match self.naming {
            Naming::Mask(_) => format!("a{}", at + 1),
            Naming::Rows => fold(&column.name),
        }
    }
}

impl Columns for Inputs<'_> {
    fn column_type(&self, column: ColumnId) -> &ColumnType {
        &self.catalog.columns[column].column_type
    }

    fn column(&mut self, column: ColumnId) -> Result<String, Unsupported> {
        if matches!(self.naming, Naming::Mask(masked) if masked == column) {
            return Ok(VALUE.to_owned());
        }
        let described = &self.catalog.columns[column];
        Inputs::written(described)?;
        let at = self.columns.iter().position(|known| *known == column).unwrap_or_else(|| {
            self.columns.push(column);
            self.columns.len() - 1
        });
        let name = self.name(at, described);
        Ok(match self.naming {
            Naming::Mask(_) => name,
            Naming::Rows => DIALECT.identifier(&name),
        })
    }
}
