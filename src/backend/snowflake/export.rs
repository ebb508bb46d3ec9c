//! The exports that a state gives: what `state/<integration>/` would hold after the artefacts ran.
//!
//! In: facts. Out: CSV files under the vendor's own headers: docs.snowflake.com/en/sql-reference/account-usage/grants_to_roles,
//! grants_to_users, masking_policies, row_access_policies, policy_references; SHOW ROLES (2026-11-23).
//! Invariant: `observe` reads back what is written here.

use super::emit::salted;
use super::native::{Attached, Object, PolicyBody};
use super::statement::{entitlement, role_comment};
use super::types::base;
use crate::backend::contract::Artefact;
use crate::backend::export::Table;
use crate::backend::fact::{Fact, FactKind, Symbols, sort_by_text};
use crate::inventory::{IntegrationId, Inventory};

pub(super) const ROLES: [&str; 10] = [
    "created_on",
    "name",
    "is_default",
    "is_current",
    "is_inherited",
    "assigned_to_users",
    "granted_to_roles",
    "granted_roles",
    "owner",
    "comment",
];
const GRANTS_TO_ROLES: [&str; 14] = [
    "CREATED_ON",
    "MODIFIED_ON",
    "PRIVILEGE",
    "GRANTED_ON",
    "NAME",
    "TABLE_CATALOG",
    "TABLE_SCHEMA",
    "GRANTED_TO",
    "GRANTEE_NAME",
    "GRANT_OPTION",
    "GRANTED_BY",
    "DELETED_ON",
    "GRANTED_BY_ROLE_TYPE",
    "OBJECT_INSTANCE",
];
const GRANTS_TO_USERS: [&str; 6] =
    ["CREATED_ON", "DELETED_ON", "ROLE", "GRANTED_TO", "GRANTEE_NAME", "GRANTED_BY"];
const POLICIES: [&str; 16] = [
    "POLICY_NAME",
    "POLICY_ID",
    "POLICY_SCHEMA_ID",
    "POLICY_SCHEMA",
    "POLICY_CATALOG_ID",
    "POLICY_CATALOG",
    "POLICY_OWNER",
    "POLICY_SIGNATURE",
    "POLICY_RETURN_TYPE",
    "POLICY_BODY",
    "POLICY_COMMENT",
    "CREATED",
    "LAST_ALTERED",
    "DELETED",
    "OWNER_ROLE_TYPE",
    "OPTIONS",
];
const REFERENCES: [&str; 15] = [
    "POLICY_DB",
    "POLICY_SCHEMA",
    "POLICY_ID",
    "POLICY_NAME",
    "POLICY_KIND",
    "REF_DATABASE_NAME",
    "REF_SCHEMA_NAME",
    "REF_ENTITY_NAME",
    "REF_ENTITY_DOMAIN",
    "REF_COLUMN_NAME",
    "REF_ARG_COLUMN_NAMES",
    "TAG_DATABASE",
    "TAG_SCHEMA",
    "TAG_NAME",
    "POLICY_STATUS",
];

/// The exports.
pub(super) fn state(
    _inventory: &Inventory,
    _integration: IntegrationId,
    facts: &[Fact],
    symbols: &Symbols,
    salt: Option<&str>,
) -> Vec<Artefact> {
    let mut facts = facts.to_vec();
    sort_by_text(&mut facts, symbols);
    let mut roles = Table::new("roles.csv", &ROLES);
    let mut to_roles = Table::new("grants_to_roles.csv", &GRANTS_TO_ROLES);
    let mut to_users = Table::new("grants_to_users.csv", &GRANTS_TO_USERS);
    let mut masks = Table::secret("masking_policies.csv", &POLICIES);
    let mut rows = Table::secret("row_access_policies.csv", &POLICIES);
    let mut references = Table::new("policy_references.csv", &REFERENCES);
    let mut entitlements = Table::new("entitlements.csv", &["ACCOUNT", "NAME", "VALUE"]);
    for fact in &facts {
        let text = |symbol| symbols.text(symbol);
        let object = Object::parse(text(fact.key.object));
        let grantee = Object::parse(text(fact.key.grantee));
        match fact.key.kind {
            FactKind::Role => {
                let comment = if fact.policies == Default::default() {
                    String::new()
                } else {
                    role_comment(text(fact.policies))
                };
                roles.row(&[("name", object.name()), ("comment", &comment)]);
            }
            FactKind::Grant => grant(&mut to_roles, text(fact.key.privilege), &object, &grantee),
            FactKind::Membership if grantee.word == "USER" => {
                to_users.row(&[
                    ("ROLE", object.name()),
                    ("GRANTED_TO", "USER"),
                    ("GRANTEE_NAME", grantee.name()),
                ]);
            }
            FactKind::Membership => grant(&mut to_roles, "USAGE", &object, &grantee),
            FactKind::MaskingPolicy => policy(&mut masks, fact, &object, symbols, salt),
            FactKind::RowAccessPolicy => policy(&mut rows, fact, &object, symbols, salt),
            FactKind::MaskAttachment | FactKind::RowAttachment => {
                reference(&mut references, fact, &object, symbols);
            }
            FactKind::Entitlement => {
                let [account, name, value] = entitlement(fact, symbols);
                entitlements.row(&[("ACCOUNT", &account), ("NAME", &name), ("VALUE", &value)]);
            }
            FactKind::Group
            | FactKind::Location
            | FactKind::Function
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule => {}
        }
    }
    [to_roles, to_users, roles, references, masks, rows, entitlements]
        .into_iter()
        .map(Table::artefact)
        .collect()
}

fn grant(table: &mut Table, privilege: &str, object: &Object, grantee: &Object) {
    let (catalog, schema) = match object.path.as_slice() {
        [database, schema, _] => (database.as_str(), schema.as_str()),
        [database, _] => (database.as_str(), ""),
        _ => ("", ""),
    };
    let to = grantee.path.join(".");
    table.row(&[
        ("PRIVILEGE", privilege),
        ("GRANTED_ON", &object.word),
        ("NAME", object.name()),
        ("TABLE_CATALOG", catalog),
        ("TABLE_SCHEMA", schema),
        ("GRANTED_TO", &grantee.word.replace(' ', "_")),
        ("GRANTEE_NAME", &to),
        ("GRANT_OPTION", "false"),
    ]);
}

fn policy(table: &mut Table, fact: &Fact, object: &Object, symbols: &Symbols, salt: Option<&str>) {
    let body = PolicyBody::parse(symbols.text(fact.body));
    // The signature shows types without their length, the return type with it.
    let signature: Vec<String> =
        body.arguments.iter().map(|(name, of)| format!("{name} {}", base(of))).collect();
    let [database, schema, name] = object.path.as_slice() else { return };
    let comment = match symbols.text(fact.policies) {
        "" => String::new(),
        policies => body.comment(policies),
    };
    table.row(&[
        ("POLICY_NAME", name),
        ("POLICY_SCHEMA", schema),
        ("POLICY_CATALOG", database),
        ("POLICY_SIGNATURE", &format!("({})", signature.join(", "))),
        ("POLICY_RETURN_TYPE", &body.returns),
        ("POLICY_BODY", &salted(&body.expression, salt)),
        ("POLICY_COMMENT", &comment),
    ]);
}

fn reference(table: &mut Table, fact: &Fact, object: &Object, symbols: &Symbols) {
    let attached = Attached::parse(symbols.text(fact.body));
    let policy = Object::parse(&attached.policy);
    let ([policy_database, policy_schema, policy_name], [database, schema, name]) =
        (policy.path.as_slice(), object.path.as_slice())
    else {
        return;
    };
    let rows = fact.key.kind == FactKind::RowAttachment;
    let columns = serde_json::to_string(&attached.columns).unwrap_or_default();
    table.row(&[
        ("POLICY_DB", policy_database),
        ("POLICY_SCHEMA", policy_schema),
        ("POLICY_NAME", policy_name),
        ("POLICY_KIND", if rows { "ROW_ACCESS_POLICY" } else { "MASKING_POLICY" }),
        ("REF_DATABASE_NAME", database),
        ("REF_SCHEMA_NAME", schema),
        ("REF_ENTITY_NAME", name),
        ("REF_ENTITY_DOMAIN", if object.word.ends_with("VIEW") { "VIEW" } else { "TABLE" }),
        ("REF_COLUMN_NAME", object.column.as_deref().unwrap_or("")),
        ("REF_ARG_COLUMN_NAMES", if rows { &columns } else { "" }),
        ("POLICY_STATUS", "ACTIVE"),
    ]);
}
