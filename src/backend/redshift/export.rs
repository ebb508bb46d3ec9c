//! The exports that a state gives: what `state/<integration>/` would hold after the artefacts ran.
//!
//! In: facts. Out: CSV files under the vendor's own headers: docs.aws.amazon.com/redshift/latest/dg/r_SVV_RELATION_PRIVILEGES.html,
//! r_SVV_SCHEMA_PRIVILEGES.html, r_SVV_ROLE_GRANTS.html, r_SVV_USER_GRANTS.html, and pg_views (2026-11-25). These views speak of
//! one database; a column `database_name` says which, where rows of several are put together.
//! Invariant: `observe` reads back what is written here.

use super::native::{DIALECT, Home};
use super::policies;
use crate::backend::contract::Artefact;
use crate::backend::export::Table;
use crate::backend::fact::{Fact, FactKind, Symbols, sort_by_text};
use crate::backend::object::Object;
use crate::backend::views::{self, ViewBody};
use crate::inventory::integration::Enforcement;
use crate::inventory::{IntegrationId, Inventory};

const RELATIONS: [&str; 8] = [
    "database_name",
    "namespace_name",
    "relation_name",
    "privilege_type",
    "identity_id",
    "identity_name",
    "identity_type",
    "admin_option",
];
const SCHEMAS: [&str; 8] = [
    "database_name",
    "namespace_name",
    "privilege_type",
    "identity_id",
    "identity_name",
    "identity_type",
    "admin_option",
    "privilege_scope",
];
const ROLE_GRANTS: [&str; 5] =
    ["role_id", "role_name", "granted_role_id", "granted_role_name", "admin_option"];
const USER_GRANTS: [&str; 5] = ["user_id", "user_name", "role_id", "role_name", "admin_option"];
const VIEWS: [&str; 4] = ["schemaname", "viewname", "viewowner", "definition"];

/// The exports.
pub(super) fn state(
    inventory: &Inventory,
    integration: IntegrationId,
    facts: &[Fact],
    symbols: &Symbols,
    salt: Option<&str>,
) -> Vec<Artefact> {
    let home = Home::of(inventory, integration);
    let mut facts = facts.to_vec();
    sort_by_text(&mut facts, symbols);
    let mut relations = Table::new("svv_relation_privileges.csv", &RELATIONS);
    let mut schemas = Table::new("svv_schema_privileges.csv", &SCHEMAS);
    let mut roles = Table::new("svv_roles.csv", &["role_id", "role_name", "role_owner"]);
    let mut role_grants = Table::new("svv_role_grants.csv", &ROLE_GRANTS);
    let mut user_grants = Table::new("svv_user_grants.csv", &USER_GRANTS);
    let mut pg_views = Table::secret("pg_views.csv", &VIEWS);
    let mut entitlements = Table::new("entitlements.csv", &["account", "name", "value"]);
    for fact in &facts {
        let text = |symbol| symbols.text(symbol);
        let object = Object::parse(text(fact.key.object));
        let grantee = Object::parse(text(fact.key.grantee));
        match fact.key.kind {
            FactKind::Role => roles.row(&[("role_name", object.name())]),
            FactKind::Membership if grantee.word == "USER" => {
                user_grants.row(&[("user_name", grantee.name()), ("role_name", object.name())]);
            }
            FactKind::Membership => {
                role_grants.row(&[("role_name", grantee.name()), ("granted_role_name", object.name())]);
            }
            FactKind::Grant => {
                let to = [
                    ("privilege_type", text(fact.key.privilege)),
                    ("identity_name", grantee.name()),
                    ("identity_type", &grantee.word.to_ascii_lowercase()),
                    ("admin_option", "f"),
                ];
                let place = match (object.word.as_str(), object.path.as_slice()) {
                    ("SCHEMA", [database, schema]) => [
                        ("database_name", database.as_str()),
                        ("namespace_name", schema),
                        ("privilege_scope", "SCHEMA"),
                    ],
                    (_, [database, schema, relation]) => [
                        ("database_name", database.as_str()),
                        ("namespace_name", schema),
                        ("relation_name", relation),
                    ],
                    (_, [schema, relation]) => [
                        ("database_name", home.database.as_str()),
                        ("namespace_name", schema),
                        ("relation_name", relation),
                    ],
                    _ => continue,
                };
                let row = [place.as_slice(), to.as_slice()].concat();
                if object.word == "SCHEMA" { schemas.row(&row) } else { relations.row(&row) }
            }
            FactKind::View => {
                let [schema, name] = object.path.as_slice() else { continue };
                let body = ViewBody::parse(text(fact.body));
                let definition = body.marked(text(fact.policies), DIALECT, salt);
                pg_views.row(&[("schemaname", schema), ("viewname", name), ("definition", &definition)]);
            }
            FactKind::Entitlement => {
                let [account, name, value] = views::entitlement(fact, symbols);
                entitlements.row(&[("account", &account), ("name", &name), ("value", &value)]);
            }
            FactKind::Group
            | FactKind::Location
            | FactKind::Function
            | FactKind::MaskingPolicy
            | FactKind::RowAccessPolicy
            | FactKind::MaskAttachment
            | FactKind::RowAttachment
            | FactKind::AuthorizedView
            | FactKind::Rule => {}
        }
    }
    let tables = [relations, schemas, roles, role_grants, user_grants, pg_views, entitlements];
    let mut files: Vec<Artefact> = tables.into_iter().map(Table::artefact).collect();
    let native = inventory.integrations[integration].enforcement == Enforcement::Native;
    if native || facts.iter().any(|fact| policies::is_one(fact.key.kind)) {
        files.extend(policies::export::state(&home, &facts, symbols, salt));
    }
    files
}
