//! What IAM roles let their holders do with tables: docs.cloud.google.com/bigquery/docs/access-control (2026-11-25).
//!
//! A role that we do not know, such as a custom one, may let them do anything.

use crate::inventory::directory::Access;

/// Ends the name of a role that holds under a condition: it may hold always.
pub(super) const CONDITION: &str = " WITH CONDITION";

/// What a role gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gives {
    Nothing,
    Read,
    Everything,
}

fn gives(role: &str) -> Gives {
    match role.strip_suffix(CONDITION).unwrap_or(role) {
        "roles/bigquery.dataViewer" => Gives::Read,
        "roles/bigquery.metadataViewer"
        | "roles/bigquery.filteredDataViewer"
        | "roles/bigquery.jobUser"
        | "roles/bigquery.user"
        | "roles/bigquery.readSessionUser"
        | "roles/bigquery.resourceViewer"
        | "roles/bigquery.resourceEditor"
        | "roles/bigquery.resourceAdmin"
        | "roles/bigquery.connectionUser"
        | "roles/bigquery.connectionAdmin"
        | "roles/bigquery.routineViewer"
        | "roles/bigquery.routineDataViewer" => Gives::Nothing,
        _ => Gives::Everything,
    }
}

/// Whether a role gives the access.
pub(super) fn allows(role: &str, access: Access) -> bool {
    match (gives(role), access) {
        (Gives::Nothing, _) | (Gives::Read, Access::Write) => false,
        (Gives::Read, Access::Read) | (Gives::Everything, _) => true,
    }
}

/// Whether a role gives data and nothing else, so that it may be revoked with it.
pub(super) fn is_about_data(role: &str) -> bool {
    matches!(role, "roles/bigquery.dataViewer" | "roles/bigquery.dataEditor")
}

/// A basic role of a dataset by the name of its IAM role: docs.cloud.google.com/bigquery/docs/access-control-basic-roles (2026-11-25).
pub(super) fn named(role: &str) -> &str {
    match role {
        "READER" => "roles/bigquery.dataViewer",
        "WRITER" => "roles/bigquery.dataEditor",
        "OWNER" => "roles/bigquery.dataOwner",
        other => other,
    }
}
