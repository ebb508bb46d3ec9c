//! What must be there before anything else: the catalog, schema and entitlement table of `<config.catalog>.grantc`.
//!
//! In: the integration. Out: statements without their `;`, which may be run again; and those that take it all away.

use super::native::{DIALECT, ENTITLEMENTS, Home, MARK};
use crate::inventory::Integration;

/// Sets up what functions live in. Nobody but its owner needs any privilege there: functions read the table with their owner's
/// rights, and whoever reads a table needs none on its functions.
pub fn set_up(integration: &Integration) -> Vec<String> {
    let home = Home::of(integration);
    let mark = DIALECT.literal(&format!("{MARK} functions and entitlements"));
    vec![
        format!("CREATE CATALOG IF NOT EXISTS {}", DIALECT.identifier(&home.catalog)),
        format!("CREATE SCHEMA IF NOT EXISTS {} COMMENT {mark}", home.schema()),
        format!(
            "CREATE TABLE IF NOT EXISTS {} (account STRING NOT NULL, name STRING NOT NULL, value STRING NOT NULL) COMMENT {mark}",
            home.path(ENTITLEMENTS)
        ),
    ]
}

/// Takes it away. A table whose mask or filter is gone cannot be read: detach with an empty plan first.
pub fn tear_down(integration: &Integration) -> Vec<String> {
    vec![format!("DROP SCHEMA IF EXISTS {} CASCADE", Home::of(integration).schema())]
}
