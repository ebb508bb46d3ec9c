//! What must be there before anything else: the database, schema and entitlement table of `"<config.database>"."GRANTC"`.
//!
//! In: the integration. Out: statements without their `;`, which may be run again; and those that take it all away.

use super::native::{ENTITLEMENTS, Home, MARK};
use crate::backend::sql::Dialect;
use crate::inventory::Integration;

/// Sets up what policies live in.
pub fn set_up(integration: &Integration) -> Vec<String> {
    let (home, dialect) = (Home::of(integration), Dialect::Snowflake);
    let mark = dialect.literal(&format!("{MARK} policies and entitlements"));
    vec![
        format!("CREATE DATABASE IF NOT EXISTS {}", dialect.identifier(&home.database)),
        format!("CREATE SCHEMA IF NOT EXISTS {} COMMENT = {mark}", home.schema()),
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\"ACCOUNT\" VARCHAR NOT NULL, \"NAME\" VARCHAR NOT NULL, \"VALUE\" VARCHAR NOT NULL) COMMENT = {mark}",
            home.path(ENTITLEMENTS)
        ),
    ]
}

/// Takes it away. Snowflake refuses while a policy is attached: detach with an empty plan first.
pub fn tear_down(integration: &Integration) -> Vec<String> {
    vec![format!("DROP SCHEMA IF EXISTS {}", Home::of(integration).schema())]
}
