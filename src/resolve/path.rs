//! Paths against stored names: folding, quoting and globs.
//!
//! In: the segments of a path. Out: the tables (or columns) whose names they match.
//! Invariant: an unquoted segment matches what the platform's own SQL would read there, a quoted one exactly; a `*`
//! never reaches over a dot, because each segment is compared with one name.
//! Cost: one comparison per database, then per schema and table below those that matched.

use crate::inventory::integration::Folding;
use crate::inventory::{ColumnId, Inventory, TableId};
use crate::syntax::ast;

use super::index::Index;

/// A segment, folded once for one way of folding.
pub(super) struct Matcher<'a> {
    text: std::borrow::Cow<'a, str>,
    glob: bool,
    fold_stored: bool,
}

impl<'a> Matcher<'a> {
    /// Folds the segment as the platform does.
    pub(super) fn new(segment: &'a ast::Segment, folding: Folding) -> Self {
        let glob = segment.is_glob();
        if segment.quoted {
            return Matcher { text: segment.text.as_str().into(), glob, fold_stored: false };
        }
        let text = match folding {
            Folding::Upper => segment.text.to_uppercase().into(),
            Folding::Lower | Folding::Insensitive => segment.text.to_lowercase().into(),
            Folding::Exact => segment.text.as_str().into(),
        };
        Matcher { text, glob, fold_stored: folding == Folding::Insensitive }
    }

    /// As [`Matcher::new`], with `*` an ordinary character: `column NAME` is never a glob.
    pub(super) fn exact(segment: &'a ast::Segment, folding: Folding) -> Self {
        Matcher { glob: false, ..Matcher::new(segment, folding) }
    }

    /// Whether a stored name matches.
    pub(super) fn matches(&self, stored: &str) -> bool {
        let folded;
        let stored = if self.fold_stored {
            folded = stored.to_lowercase();
            &folded
        } else {
            stored
        };
        if self.glob { glob(&self.text, stored) } else { self.text == stored }
    }
}

/// Whether `text` is matched wholly by `pattern`, in which `*` stands for any run of characters, the empty one too.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    // Each piece at its first chance leaves the most for those after it.
    let mut rest = rest;
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// The tables that a path of one to three segments covers, in id order.
pub(super) fn tables(inventory: &Inventory, index: &Index, path: &[ast::Segment]) -> Vec<TableId> {
    let catalog = &inventory.catalog;
    let mut found = Vec::new();
    for (integration, each) in inventory.integrations.iter() {
        let folding = each.platform.folding();
        let matchers: Vec<Matcher<'_>> = path.iter().map(|segment| Matcher::new(segment, folding)).collect();
        let matches = |at: usize, name: &str| matchers.get(at).is_none_or(|matcher| matcher.matches(name));
        for database in &index.databases_of[integration] {
            if !matches(0, &catalog.databases[*database].name) {
                continue;
            }
            for schema in &index.schemas_of[*database] {
                if !matches(1, &catalog.schemas[*schema].name) {
                    continue;
                }
                let tables = index.tables_of[*schema].iter().copied();
                found.extend(tables.filter(|table| matches(2, &catalog.tables[*table].name)));
            }
        }
    }
    found.sort_unstable();
    found
}

/// The columns of a table that a segment names.
pub(super) fn columns(inventory: &Inventory, table: TableId, segment: &ast::Segment) -> Vec<ColumnId> {
    let catalog = &inventory.catalog;
    let folding = inventory.integrations[catalog.home(table).1.integration].platform.folding();
    let matcher = Matcher::new(segment, folding);
    let columns = catalog.tables[table].columns.iter().copied();
    columns.filter(|column| matcher.matches(&catalog.columns[*column].name)).collect()
}

/// A path as a policy writes it.
pub(super) fn shown(path: &[ast::Segment]) -> String {
    let segment = |each: &ast::Segment| {
        if each.quoted { format!("\"{}\"", each.text.replace('"', "\"\"")) } else { each.text.clone() }
    };
    path.iter().map(segment).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_matches_whole_names() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "abc", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "ac", true),
            ("ab*bc", "abc", false),
            ("a*b*c", "aXbYbZc", true),
            ("a**c", "abc", true),
            ("a*", "ba", false),
            ("abc", "abcd", false),
            ("é*", "été", true),
            ("*a*a", "aa", true),
            ("*a*a", "a", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn unquoted_segments_fold_as_the_platform_does_and_quoted_ones_do_not() {
        let matches = |text: &str, quoted: bool, folding: Folding, stored: &str| {
            Matcher::new(&ast::Segment { text: text.into(), quoted }, folding).matches(stored)
        };
        assert!(matches("sales", false, Folding::Upper, "SALES"));
        assert!(!matches("sales", false, Folding::Upper, "sales"));
        assert!(matches("sales", true, Folding::Upper, "sales"));
        assert!(matches("SALES", false, Folding::Lower, "sales"));
        assert!(matches("Sales", false, Folding::Insensitive, "sALES"));
        assert!(!matches("Sales", false, Folding::Exact, "sales"));
        assert!(matches("sal*", false, Folding::Upper, "SALES"));
        assert!(!matches("SAL*", true, Folding::Upper, "SALES"));
        assert!(!matches("sales", false, Folding::Upper, "SALES_EU"));
    }
}
