//! What must be there before anything else: the schema and its entitlement table, in the views' database.
//!
//! In: the integration. Out: statements without their `;`, which may be run again; and those that take it all away.

use super::native::{DIALECT, ENTITLEMENTS, Home};
use crate::backend::views::Site;
use crate::inventory::{IntegrationId, Inventory};

/// Sets up what views live in. Nobody but its owner reads the table: views do, with their owner's rights.
pub fn set_up(inventory: &Inventory, integration: IntegrationId) -> Vec<String> {
    let home = Home::of(inventory, integration);
    vec![
        format!("CREATE SCHEMA IF NOT EXISTS {}", DIALECT.identifier(&home.schema)),
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\"account\" VARCHAR(128) NOT NULL, \"name\" VARCHAR(1024) NOT NULL, \"value\" VARCHAR(65535) NOT NULL) DISTSTYLE ALL SORTKEY (\"account\", \"name\")",
            home.entitlements()
        ),
        format!(
            "CREATE OR REPLACE PROCEDURE {}(role_name IN VARCHAR(128)) AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM svv_roles r WHERE r.role_name = $1) THEN EXECUTE 'CREATE ROLE ' || quote_ident($1); END IF; END; $$ LANGUAGE plpgsql",
            home.path(CREATE_ROLE)
        ),
    ]
}

/// Makes a role that is not there yet: CREATE ROLE has no IF NOT EXISTS.
pub(super) const CREATE_ROLE: &str = "grantc_create_role";

/// Takes it away, once nothing of ours is granted any more.
pub fn tear_down(inventory: &Inventory, integration: IntegrationId) -> Vec<String> {
    let home = Home::of(inventory, integration);
    vec![
        format!("DROP PROCEDURE IF EXISTS {}(VARCHAR)", home.path(CREATE_ROLE)),
        format!("DROP TABLE IF EXISTS {}", home.path(ENTITLEMENTS)),
        format!("DROP SCHEMA IF EXISTS {}", DIALECT.identifier(&home.schema)),
    ]
}
