//! Snowflake's exports as facts.
//!
//! In: `state/<integration>/`. Out: what is ours, by mark, and what is not. Ours are roles whose comment begins with `grantc:`, what
//! is granted to them and who is in them; policies in our schema with that comment and where they stand; our table's rows.
//! Invariant: one fact, however many views list it. Rows that say `DELETED_ON` are history.

use std::collections::BTreeMap;

use super::native::{Home, Object, WRITE, relation_word};
use super::sightings::State;
use crate::backend::contract::Observed;
use crate::backend::export;
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::sql::Dialect;
use crate::backend::state::Reading;
use crate::diagnostic::Reported;
use crate::inventory::{IntegrationId, Inventory, TableId};

/// The facts of an export.
pub(super) fn observe(
    inventory: &Inventory,
    integration: IntegrationId,
    mut reading: Reading<'_>,
    salt: Option<&str>,
    symbols: &mut Symbols,
) -> Result<Observed, Reported> {
    if reading.folder.files.is_none() {
        return Ok(Observed::default());
    }
    complete(&mut reading)?;
    let settings = &inventory.integrations[integration];
    let mut state = State::new(
        kinds(inventory, integration),
        Home::of(settings),
        settings.name_prefix.clone(),
        salt.map(|salt| Dialect::Snowflake.literal(salt)),
    );
    if let Some(export) = export::export(&mut reading, "roles.csv", &["NAME"])? {
        state.roles(&export);
    }
    let names: Vec<String> = reading
        .folder
        .files
        .iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .filter(|name| grants_file(name))
        .collect();
    for name in names {
        if let Some(export) = export::export(&mut reading, &name, &["GRANTEE_NAME"])? {
            state.grants(&export);
        }
    }
    const POLICY: [&str; 6] = [
        "POLICY_NAME",
        "POLICY_SCHEMA",
        "POLICY_CATALOG",
        "POLICY_SIGNATURE",
        "POLICY_RETURN_TYPE",
        "POLICY_BODY",
    ];
    for (name, kind) in [
        ("masking_policies.csv", FactKind::MaskingPolicy),
        ("row_access_policies.csv", FactKind::RowAccessPolicy),
    ] {
        if let Some(export) = export::export(&mut reading, name, &POLICY)? {
            state.policies(&export, kind);
        }
    }
    const REFERENCE: [&str; 8] = [
        "POLICY_DB",
        "POLICY_SCHEMA",
        "POLICY_NAME",
        "POLICY_KIND",
        "REF_DATABASE_NAME",
        "REF_SCHEMA_NAME",
        "REF_ENTITY_NAME",
        "REF_COLUMN_NAME",
    ];
    if let Some(export) = export::export(&mut reading, "policy_references.csv", &REFERENCE)? {
        state.references(&export);
    }
    if let Some(export) = export::export(&mut reading, "entitlements.csv", &["ACCOUNT", "NAME", "VALUE"])? {
        state.entitlements(&export);
    }
    Ok(state.observed(symbols))
}

fn grants_file(name: &str) -> bool {
    matches!(name, "grants_to_roles.csv" | "grants_to_users.csv")
        || (name.starts_with("show_grants") || name.starts_with("show_future_grants"))
            && (name.ends_with(".csv") || name.ends_with(".json"))
}

/// The files without which the folder is not a whole export.
fn complete(reading: &mut Reading<'_>) -> Result<(), Reported> {
    let shown = reading.folder.files_like("show_grants", "").next().is_some();
    let grants: &[&str] = if shown { &[] } else { &["grants_to_roles.csv", "grants_to_users.csv"] };
    let others = [
        "roles.csv",
        "policy_references.csv",
        "masking_policies.csv",
        "row_access_policies.csv",
        "entitlements.csv",
    ];
    export::complete(reading, &[grants, &others].concat())
}

/// The relations of the catalog by path, with their word: exports name views of one kind by several words.
fn kinds(inventory: &Inventory, integration: IntegrationId) -> BTreeMap<[String; 3], &'static str> {
    let catalog = &inventory.catalog;
    let ours = |table: &TableId| catalog.home(*table).1.integration == integration;
    catalog
        .tables
        .ids()
        .filter(ours)
        .map(|table| (catalog.path(table).map(str::to_owned), relation_word(catalog.tables[table].kind)))
        .collect()
}

/// Whether a privilege on an object is one that we would grant.
pub(super) fn known(object: &str, privilege: &str) -> bool {
    let word = Object::parse(object).word;
    let relation = word.ends_with("TABLE") || word.ends_with("VIEW");
    let container = matches!(word.as_str(), "DATABASE" | "SCHEMA");
    !word.starts_with("FUTURE ")
        && (relation && (privilege == "SELECT" || WRITE.contains(&privilege))
            || container && privilege == "USAGE")
}

/// Whether we know what a fact does, so that it may be revoked.
pub(super) fn understood(fact: &Fact, symbols: &Symbols) -> bool {
    let object = symbols.text(fact.key.object);
    match fact.key.kind {
        FactKind::Grant => known(object, symbols.text(fact.key.privilege)),
        FactKind::Membership => {
            let grantee = Object::parse(symbols.text(fact.key.grantee)).word;
            matches!(grantee.as_str(), "USER" | "ROLE")
        }
        FactKind::MaskAttachment => !object.starts_with("TAGGED "),
        FactKind::Role
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::RowAttachment
        | FactKind::Entitlement => true,
        FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule => false,
    }
}
