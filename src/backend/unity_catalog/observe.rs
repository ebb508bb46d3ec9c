//! Unity Catalog's exports as facts.
//!
//! In: `state/<integration>/`: information_schema as CSV, or bodies of the Permissions API; the account's groups. Out: what is
//! ours, by mark, and what is not. Ours are groups by `externalId`, what is granted to them and who is in them; functions of our
//! schema with our comment and where they stand; our table's rows. Functions of others are facts only where they mask or filter.
//! Invariant: one fact, however many views list it.

use super::abac::{self, Keys};
use super::native::Home;
use super::permissions;
use super::scim::Directory;
use super::sightings::State;
use crate::backend::contract::Observed;
use crate::backend::export::{self, Export, complete};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::state::Reading;
use crate::diagnostic::Reported;
use crate::inventory::integration::Enforcement;
use crate::inventory::{IntegrationId, Inventory};

const GRANTS: [&str; 3] = ["catalog_privileges.csv", "schema_privileges.csv", "table_privileges.csv"];
const OTHERS: [&str; 5] =
    ["column_masks.csv", "row_filters.csv", "routines.csv", "groups.json", "entitlements.csv"];

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
    let by_securable = permissions::files(&reading).next().is_some();
    let grants: &[&str] = if by_securable { &[] } else { &GRANTS };
    let settings = &inventory.integrations[integration];
    let by_tags = settings.enforcement == Enforcement::Tags;
    let followed: &[&str] = if by_tags { &abac::FILES } else { &[] };
    complete(&mut reading, &[grants, &OTHERS, followed].concat())?;
    let groups = Directory::read(&mut reading, &settings.name_prefix)?;
    let mut state = State::new(inventory, integration, Home::of(settings), salt, &groups);
    state.groups();
    if by_securable {
        for assignment in permissions::read(&mut reading)? {
            let object = state.object(&assignment.object.path);
            state.grant(&object, &assignment.principal, &assignment.privilege);
        }
    } else {
        grants_of(&mut reading, &mut state)?;
    }
    const ROUTINE: [&str; 4] = ["ROUTINE_CATALOG", "ROUTINE_SCHEMA", "ROUTINE_NAME", "ROUTINE_DEFINITION"];
    if let Some(routines) = export::export(&mut reading, "routines.csv", &ROUTINE)? {
        const PARAMETER: [&str; 5] =
            ["SPECIFIC_CATALOG", "SPECIFIC_SCHEMA", "SPECIFIC_NAME", "ORDINAL_POSITION", "PARAMETER_NAME"];
        let parameters = export::export(&mut reading, "parameters.csv", &PARAMETER)?;
        state.routines(&routines, parameters.as_ref());
    }
    let others = abac::read(&mut reading, &mut state, &Keys::of(settings), by_tags)?;
    for (name, kind) in
        [("column_masks.csv", FactKind::MaskAttachment), ("row_filters.csv", FactKind::RowAttachment)]
    {
        if let Some(export) = export::export(&mut reading, name, &["TABLE_NAME"])? {
            state.attachments(&export, kind);
        }
    }
    if let Some(export) = export::export(&mut reading, "entitlements.csv", &["ACCOUNT", "NAME", "VALUE"])? {
        state.entitlements(&export);
    }
    owners(&mut reading, &mut state)?;
    others.tell(&mut state);
    Ok(state.observed(symbols))
}

/// Containers before what they contain, so that what is inherited is known where it comes from.
fn grants_of(reading: &mut Reading<'_>, state: &mut State<'_>) -> Result<(), Reported> {
    for (name, path) in GRANTS.into_iter().zip([
        &["CATALOG_NAME"][..],
        &["CATALOG_NAME", "SCHEMA_NAME"],
        &["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME"],
    ]) {
        let needs = [path, &["GRANTEE", "PRIVILEGE_TYPE"]].concat();
        let Some(export) = export::export(reading, name, &needs)? else { continue };
        for row in &export.rows {
            let parts: Vec<String> =
                path.iter().map(|header| export.field(row, header).to_lowercase()).collect();
            let from = inherited_from(&export, row, &parts);
            let object = state.object(&from.unwrap_or(parts));
            state.grant(&object, export.field(row, "GRANTEE"), export.field(row, "PRIVILEGE_TYPE"));
        }
    }
    Ok(())
}

/// Where an inherited privilege was granted: a row of the table's is no grant on the table, and no revoke there takes it away.
fn inherited_from(export: &Export, row: &csv::StringRecord, path: &[String]) -> Option<Vec<String>> {
    let depth = match export.field(row, "INHERITED_FROM").to_ascii_uppercase().as_str() {
        "CATALOG" => 1,
        "SCHEMA" => 2,
        _ => return None,
    };
    path.get(..depth).map(<[String]>::to_vec)
}

/// Owners, where somebody exported them: they have everything, and stand in no list of privileges.
fn owners(reading: &mut Reading<'_>, state: &mut State<'_>) -> Result<(), Reported> {
    for (name, path, owner) in [
        ("catalogs.csv", &["CATALOG_NAME"][..], "CATALOG_OWNER"),
        ("schemata.csv", &["CATALOG_NAME", "SCHEMA_NAME"], "SCHEMA_OWNER"),
        ("tables.csv", &["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME"], "TABLE_OWNER"),
    ] {
        let Some(export) = export::export(reading, name, &[path, &[owner]].concat())? else { continue };
        for row in &export.rows {
            let parts: Vec<String> =
                path.iter().map(|header| export.field(row, header).to_lowercase()).collect();
            let object = state.object(&parts);
            state.grant(&object, export.field(row, owner), OWNERSHIP);
        }
    }
    Ok(())
}

/// What an owner has. No privilege of Databricks is called so.
pub(super) const OWNERSHIP: &str = "OWNERSHIP";

/// Whether a privilege on an object is one that we would grant.
pub(super) fn known(object: &str, privilege: &str) -> bool {
    match Object::parse(object).word.as_str() {
        "CATALOG" => privilege == "USE CATALOG",
        "SCHEMA" => privilege == "USE SCHEMA",
        "TABLE" | "VIEW" | "MATERIALIZED VIEW" => matches!(privilege, "SELECT" | "MODIFY"),
        _ => false,
    }
}

/// Whether we know what a fact does, so that it may be revoked. Groups of others are the identity provider's, functions of others
/// may serve whatever they please.
pub(super) fn understood(fact: &Fact, symbols: &Symbols) -> bool {
    match fact.key.kind {
        FactKind::Grant => {
            let word = Object::parse(symbols.text(fact.key.object)).word;
            let privilege = symbols.text(fact.key.privilege);
            let container = matches!(word.as_str(), "CATALOG" | "SCHEMA");
            known(symbols.text(fact.key.object), privilege)
                || container && matches!(privilege, "SELECT" | "MODIFY" | "USE SCHEMA")
        }
        // What a policy of somebody else puts there, no ALTER TABLE takes away.
        FactKind::MaskAttachment | FactKind::RowAttachment => {
            !symbols.text(fact.body).starts_with("POLICY ON ")
        }
        FactKind::Entitlement => true,
        FactKind::Group
        | FactKind::Membership
        | FactKind::Function
        | FactKind::Role
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::Location
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule => false,
    }
}
