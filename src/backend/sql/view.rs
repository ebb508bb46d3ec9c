//! Reads the query of a secure view.

use std::collections::BTreeMap;

use super::Dialect;
use super::eval::Body;

/// What a text is.
pub enum Reading {
    /// A view of our shape.
    View(View),
    /// Another query, and the relations that it names.
    Reads(Vec<Vec<String>>),
    /// Not a query that we can read.
    Unreadable,
}

/// A view of our shape.
pub struct View {
    /// The path of the table behind it.
    pub base: Vec<String>,
    /// Its columns.
    pub columns: Vec<(String, Body)>,
    /// Column of the session's row → the entitlement that it stands for.
    pub flags: BTreeMap<(Vec<String>, String), String>,
    /// Its condition on rows.
    pub filter: Option<Body>,
}

impl View {
    /// Whether a qualifier means the row of the table.
    pub fn names_the_row(&self, qualifier: &[String]) -> bool {
        qualifier == ["t"]
    }
}

/// Reads a view.
pub fn read(_text: &str, _dialect: Dialect) -> Reading {
    Reading::Unreadable
}
