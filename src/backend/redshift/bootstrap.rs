//! What must be there before anything else: the schema and its entitlement table, in the views' database.
//!
//! In: the integration. Out: statements without their `;`, which may be run again; and those that take it all away.

use super::native::{DIALECT, ENTITLEMENTS, Home, POLICIES};
use crate::backend::views::Site;
use crate::inventory::integration::Enforcement;
use crate::inventory::{IntegrationId, Inventory};

/// Sets up what views live in. Nobody but its owner reads the table: views do, with their owner's rights.
pub fn set_up(inventory: &Inventory, integration: IntegrationId) -> Vec<String> {
    let home = Home::of(inventory, integration);
    let mut statements = vec![
        format!("CREATE SCHEMA IF NOT EXISTS {}", DIALECT.identifier(&home.schema)),
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\"account\" VARCHAR(128) NOT NULL, \"name\" VARCHAR(1024) NOT NULL, \"value\" VARCHAR(65535) NOT NULL) DISTSTYLE ALL SORTKEY (\"account\", \"name\")",
            home.entitlements()
        ),
        format!(
            "CREATE OR REPLACE PROCEDURE {}(role_name IN VARCHAR(128)) AS $$ BEGIN IF NOT EXISTS (SELECT 1 FROM svv_roles r WHERE r.role_name = $1) THEN EXECUTE 'CREATE ROLE ' || quote_ident($1); END IF; END; $$ LANGUAGE plpgsql",
            home.path(CREATE_ROLE)
        ),
    ];
    if inventory.integrations[integration].enforcement == Enforcement::Native {
        statements.extend(policies(&home));
    }
    statements
}

/// What policies need besides: what was written under their names, and the way to make what has no IF NOT EXISTS.
fn policies(home: &Home<'_>) -> [String; 2] {
    [
        format!(
            "CREATE TABLE IF NOT EXISTS {} (\"name\" VARCHAR(127) NOT NULL, \"body\" VARCHAR(65535) NOT NULL) DISTSTYLE ALL",
            home.path(POLICIES)
        ),
        format!(
            "CREATE OR REPLACE PROCEDURE {}(counted IN VARCHAR(65535), statement IN VARCHAR(65535)) AS $$ DECLARE found BIGINT; BEGIN EXECUTE $1 INTO found; IF found = 0 THEN EXECUTE $2; END IF; END; $$ LANGUAGE plpgsql",
            home.path(UNLESS)
        ),
    ]
}

/// Runs a statement where a query counts nothing.
pub(super) const UNLESS: &str = "grantc_unless";

/// Makes a role that is not there yet: CREATE ROLE has no IF NOT EXISTS.
pub(super) const CREATE_ROLE: &str = "grantc_create_role";

/// Takes it away, once nothing of ours is granted any more.
pub fn tear_down(inventory: &Inventory, integration: IntegrationId) -> Vec<String> {
    let home = Home::of(inventory, integration);
    vec![
        format!("DROP PROCEDURE IF EXISTS {}(VARCHAR)", home.path(CREATE_ROLE)),
        format!("DROP PROCEDURE IF EXISTS {}(VARCHAR, VARCHAR)", home.path(UNLESS)),
        format!("DROP TABLE IF EXISTS {}", home.path(POLICIES)),
        format!("DROP TABLE IF EXISTS {}", home.path(ENTITLEMENTS)),
        format!("DROP SCHEMA IF EXISTS {}", DIALECT.identifier(&home.schema)),
    ]
}
