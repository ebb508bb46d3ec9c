//! Where policies stand: on the catalog, so that a thousand columns of one mask cost one policy; on schemas and tables where a
//! catalog takes no more.
//!
//! 100 policies a catalog and a schema, 50 a table, 10,000 a metastore, 500 values a governed tag:
//! docs.databricks.com/data-governance/unity-catalog/abac/requirements and /resources/limits (2026-11-25).
//! A policy that moves stands twice for a while, with the same function and arguments: Databricks calls that no conflict.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::backend::object::Object;

use super::policy::scope_of;

/// What is taken; tests take less.
#[derive(Clone, Copy, Debug)]
pub(in crate::backend::unity_catalog) struct Limits {
    /// Policies on a catalog or a schema.
    pub(in crate::backend::unity_catalog) container: usize,
    /// Policies on a table.
    pub(in crate::backend::unity_catalog) table: usize,
    /// Policies in all.
    pub(in crate::backend::unity_catalog) all: usize,
    /// Values of a governed tag.
    pub(in crate::backend::unity_catalog) values: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { container: 100, table: 50, all: 10_000, values: 500 }
    }
}

/// The tables of a mask.
pub(super) type Tables = BTreeSet<Vec<String>>;

/// Scopes of masks: what each stands on. `Err`: a table that would need more than it takes. `filtered`: tables with a policy
/// already.
pub(super) fn place(
    masks: &BTreeMap<String, Tables>,
    filtered: &Tables,
    limits: Limits,
) -> Result<Vec<(Object, String)>, Vec<String>> {
    let mut placed = Vec::new();
    spread(
        masks.iter().map(|(name, tables)| (name.as_str(), tables.clone())).collect(),
        1,
        filtered,
        limits,
        &mut placed,
    )?;
    placed.sort_by(|left, right| (&left.1, &left.0.path).cmp(&(&right.1, &right.0.path)));
    Ok(placed)
}

/// Splits masks by the first `depth` parts of their tables' paths, and what one such container does not take by one part more.
fn spread(
    masks: Vec<(&str, Tables)>,
    depth: usize,
    filtered: &Tables,
    limits: Limits,
    placed: &mut Vec<(Object, String)>,
) -> Result<(), Vec<String>> {
    let mut containers: BTreeMap<Vec<String>, Vec<(&str, Tables)>> = BTreeMap::new();
    for (name, tables) in masks {
        let mut parts: BTreeMap<Vec<String>, Tables> = BTreeMap::new();
        for table in tables {
            parts.entry(table.iter().take(depth).cloned().collect()).or_default().insert(table);
        }
        for (container, tables) in parts {
            containers.entry(container).or_default().push((name, tables));
        }
    }
    for (container, mut masks) in containers {
        let room = match depth {
            1 | 2 => limits.container,
            _ => limits.table.saturating_sub(usize::from(filtered.contains(&container))),
        };
        // The widest stay; by name, so that the same masks always do.
        masks.sort_by_key(|(name, tables)| (Reverse(tables.len()), *name));
        let rest = masks.split_off(masks.len().min(room));
        placed.extend(masks.into_iter().map(|(name, _)| (scope_of(&container), name.to_owned())));
        if depth == 3 && !rest.is_empty() {
            return Err(container);
        }
        if !rest.is_empty() {
            spread(rest, depth + 1, filtered, limits, placed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(masks: &[(&str, &[&str])], filtered: &[&str], container: usize, table: usize) -> String {
        let path = |text: &&str| text.split('.').map(str::to_owned).collect::<Vec<String>>();
        let masks = masks
            .iter()
            .map(|(name, tables)| ((*name).to_owned(), tables.iter().map(path).collect()))
            .collect();
        let filtered = filtered.iter().map(path).collect();
        match place(&masks, &filtered, Limits { container, table, ..Limits::default() }) {
            Ok(placed) => {
                let line = |(scope, name): (Object, String)| format!("{name} {}", scope.path.join("."));
                placed.into_iter().map(line).collect::<Vec<_>>().join(", ")
            }
            Err(table) => format!("too many on {}", table.join(".")),
        }
    }

    #[test]
    fn one_policy_a_mask_and_catalog_and_the_widest_stay_there() {
        let masks: [(&str, &[&str]); 3] =
            [("a", &["c.s.t"]), ("b", &["c.s.t", "c.s.u", "d.s.t"]), ("e", &["c.r.t", "c.s.t"])];
        assert_eq!(placed(&masks, &[], 3, 1), "a c, b c, b d, e c");
        assert_eq!(placed(&masks, &[], 2, 1), "a c.s, b c, b d, e c");
        assert_eq!(placed(&masks, &[], 1, 1), "a c.s, b c, b d, e c.r, e c.s.t");
        assert_eq!(placed(&masks, &["c.s.t"], 1, 1), "too many on c.s.t");
        assert_eq!(placed(&masks, &["c.s.t"], 1, 2), "a c.s, b c, b d, e c.r, e c.s.t");
    }
}
