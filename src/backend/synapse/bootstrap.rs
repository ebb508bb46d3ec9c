//! What must be there before anything else: the schema and its entitlement table, in the pool.
//!
//! In: the integration. Out: statements without their `;`, a batch each, which may be run again; and those that take it all away.

use super::native::{DIALECT, ENTITLEMENTS, Home, STAGING};
use super::statement::exec;
use crate::backend::views::Site;
use crate::inventory::{IntegrationId, Inventory};

/// Sets up what views live in. The schema is dbo's, as most tables are: a view whose owner also owns what it reads is asked
/// for no right on that (ownership chaining). Nobody is granted the table.
pub fn set_up(inventory: &Inventory, integration: IntegrationId) -> Vec<String> {
    let home = Home::of(inventory, integration);
    vec![
        format!(
            "IF NOT EXISTS (SELECT 1 FROM sys.schemas WHERE [name] = {}) {}",
            DIALECT.literal(&home.schema),
            exec(&format!("CREATE SCHEMA {} AUTHORIZATION [dbo]", DIALECT.identifier(&home.schema)))
        ),
        format!(
            "IF OBJECT_ID({}, 'U') IS NULL {}",
            DIALECT.literal(&home.entitlements()),
            create_table(&home, ENTITLEMENTS)
        ),
    ]
}

/// A table of entitlements. Its collation compares by code unit, whatever the database's is; a small table stands whole on
/// every node.
pub(super) fn create_table(home: &Home<'_>, name: &str) -> String {
    let column = |name: &str, length: u32| {
        format!("{} nvarchar({length}) COLLATE Latin1_General_100_BIN2 NOT NULL", DIALECT.identifier(name))
    };
    format!(
        "CREATE TABLE {} ({}, {}, {}) WITH (DISTRIBUTION = REPLICATE, HEAP)",
        home.path(name),
        column("account", 128),
        column("name", 4_000),
        column("value", 4_000)
    )
}

/// Drops a table of ours, if it is there: `DROP TABLE IF EXISTS` is none of a dedicated pool's.
pub(super) fn drop_table(home: &Home<'_>, name: &str) -> String {
    let path = home.path(name);
    format!("IF OBJECT_ID({}, 'U') IS NOT NULL DROP TABLE {path}", DIALECT.literal(&path))
}

/// Takes it away, once nothing of ours is granted any more.
pub fn tear_down(inventory: &Inventory, integration: IntegrationId) -> Vec<String> {
    let home = Home::of(inventory, integration);
    vec![
        drop_table(&home, STAGING),
        drop_table(&home, ENTITLEMENTS),
        format!(
            "IF EXISTS (SELECT 1 FROM sys.schemas WHERE [name] = {}) DROP SCHEMA {}",
            DIALECT.literal(&home.schema),
            DIALECT.identifier(&home.schema)
        ),
    ]
}
