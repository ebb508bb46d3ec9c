//! A table that subqueries read: entitlements.
//!
//! Cost: an index of a text column is built on its first use, once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::ir::value::Value;

#[derive(Debug)]
struct Index {
    rows: BTreeMap<String, Vec<usize>>,
    plain: bool,
}

/// Rows with named columns.
#[derive(Debug, Default)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    indexes: Vec<OnceLock<Option<Index>>>,
}

impl Table {
    /// Columns by their stored names (on Trino in lower case); a row that is short ends in NULLs.
    pub fn new(columns: Vec<String>, rows: Vec<Vec<Value>>) -> Table {
        let indexes = columns.iter().map(|_| OnceLock::new()).collect();
        Table { columns, rows, indexes }
    }

    /// How many rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The place of a column.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// A cell.
    pub(super) fn cell(&self, row: usize, column: usize) -> Value {
        self.rows.get(row).and_then(|row| row.get(column)).cloned().unwrap_or(Value::Null)
    }

    /// Rows among which are all those where a column equals a text; `None` if it holds anything but text and NULL.
    /// `loosely`: equal may be what differs in case, accents or blanks at the end.
    pub(super) fn matching(&self, column: usize, text: &str, loosely: bool) -> Option<&[usize]> {
        let index = self.indexes.get(column)?.get_or_init(|| self.index(column)).as_ref()?;
        if loosely && !(index.plain && is_plain(text)) {
            return None;
        }
        Some(index.rows.get(&key(text)).map_or(&[], Vec::as_slice))
    }

    fn index(&self, column: usize) -> Option<Index> {
        let mut index = Index { rows: BTreeMap::new(), plain: true };
        for row in 0..self.rows.len() {
            match self.cell(row, column) {
                Value::Null => {}
                Value::Text(text) => {
                    index.plain &= is_plain(&text);
                    index.rows.entry(key(&text)).or_default().push(row);
                }
                Value::Number(_) | Value::Boolean(_) | Value::Date(_) | Value::Timestamp(_) => return None,
            }
        }
        Some(index)
    }
}

/// What equal texts have in common by any rules, if they are plain.
fn key(text: &str) -> String {
    text.trim_end_matches(' ').to_ascii_lowercase()
}

/// Characters that every collation tells apart, but for their case.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
