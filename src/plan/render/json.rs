//! One JSON document: what `plan --out` keeps and `show`, `apply --plan` read back.

use serde::Deserialize;

use crate::plan::Plan;

/// The version that we write and read.
const SCHEMA_VERSION: u64 = 1;

/// Prints a plan.
pub fn render(plan: &Plan) -> String {
    // Texts, numbers and maps with text keys always have a JSON form.
    let mut text = serde_json::to_string_pretty(plan).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Deserialize)]
struct Version {
    schema_version: Option<serde_json::Value>,
}

/// Reads a plan back. Fields that this version does not know are passed over.
///
/// # Errors
/// If it is not a plan, or one of another `schema_version`.
pub fn from_json(text: &str) -> Result<Plan, String> {
    let version: Version =
        serde_json::from_str(text).map_err(|error| format!("this is not a plan: {error}"))?;
    match version.schema_version {
        Some(version) if version.as_u64() == Some(SCHEMA_VERSION) => {}
        Some(version) => {
            return Err(format!(
                "the plan has schema_version {version}, this version of grantc reads {SCHEMA_VERSION}: plan again"
            ));
        }
        None => return Err("this is not a plan: it has no schema_version".to_owned()),
    }
    serde_json::from_str(text).map_err(|error| format!("this is not a plan: {error}"))
}
