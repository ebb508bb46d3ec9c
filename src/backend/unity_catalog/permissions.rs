//! Bodies of `GET /api/2.1/unity-catalog/permissions/{securable_type}/{full_name}`, by securable.
//!
//! In: `permissions/*.json`. A body does not say what it is about: it stands beside `securable_type` and `full_name`, or the file's
//! path says it (`permissions/table/main.sales.orders.json`). Out: privileges granted directly; inherited ones
//! (`inherited_from_type`, of the effective permissions) are the container's own.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::backend::export::tell;
use crate::backend::object::Object;
use crate::backend::state::Reading;
use crate::diagnostic::{Code, Diagnostic, Reported};

/// A privilege of a principal.
pub(super) struct Assignment {
    /// Without a word: the catalog knows which kind of relation it is.
    pub(super) object: Object,
    pub(super) principal: String,
    pub(super) privilege: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Bodies {
    One(Body),
    Many(Vec<Body>),
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    securable_type: String,
    #[serde(default)]
    full_name: String,
    privilege_assignments: Option<Vec<Assigned>>,
    #[serde(default)]
    next_page_token: String,
    /// What an answer does not have.
    #[serde(flatten)]
    rest: BTreeMap<String, IgnoredAny>,
}

#[derive(Deserialize)]
struct Assigned {
    #[serde(default)]
    principal: String,
    #[serde(default)]
    privileges: Vec<Privilege>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Privilege {
    Direct(String),
    Effective {
        privilege: String,
        #[serde(default)]
        inherited_from_type: Option<String>,
    },
}

/// The files.
pub(super) fn files<'r>(reading: &Reading<'r>) -> impl Iterator<Item = (&'r str, &'r [u8])> {
    reading.folder.files_like("permissions/", ".json")
}

/// Reads them.
pub(super) fn read(reading: &mut Reading<'_>) -> Result<Vec<Assignment>, Reported> {
    let mut all = Vec::new();
    let files: Vec<(&str, &[u8])> = files(reading).collect();
    for (name, bytes) in files {
        let path = format!("{}/{name}", reading.folder.name);
        let bodies = match serde_json::from_slice::<Bodies>(bytes) {
            Ok(Bodies::One(body)) => vec![body],
            Ok(Bodies::Many(bodies)) => bodies,
            Err(error) => {
                let message = format!("`{path}` cannot be read: {error}");
                let line = error.line() as u32;
                return Err(tell(reading, &path, line, Diagnostic::error(Code::BadState, message)));
            }
        };
        if let Some(why) = broken(&bodies) {
            let message = format!("`{path}` cannot be read: {why}");
            return Err(tell(reading, &path, 1, Diagnostic::error(Code::BadState, message)));
        }
        for body in bodies {
            let Some(object) = body.object(name) else {
                let message = format!("`{path}` does not say which catalog, schema or table it is about");
                return Err(tell(reading, &path, 1, Diagnostic::error(Code::BadState, message)));
            };
            for assigned in body.privilege_assignments.into_iter().flatten() {
                for privilege in assigned.privileges {
                    let (privilege, from) = match privilege {
                        Privilege::Direct(privilege) => (privilege, None),
                        Privilege::Effective { privilege, inherited_from_type } => {
                            (privilege, inherited_from_type)
                        }
                    };
                    let depth = match from.as_deref().map(str::to_ascii_uppercase).as_deref() {
                        Some("CATALOG") => 1,
                        Some("SCHEMA") => 2,
                        _ => object.path.len(),
                    };
                    let path = object.path.iter().take(depth).map(String::as_str);
                    let object = Object::new("", path);
                    let principal = assigned.principal.clone();
                    all.push(Assignment { object, principal, privilege });
                }
            }
        }
    }
    Ok(all)
}

/// Why a file tells less than what there is, if so.
fn broken(bodies: &[Body]) -> Option<&'static str> {
    if bodies.iter().any(|body| body.privilege_assignments.is_none() && !body.rest.is_empty()) {
        // An error that was saved instead of the answer.
        return Some("no answer of the permissions API");
    }
    let cut = bodies.last().is_some_and(|body| !body.next_page_token.is_empty());
    cut.then_some("the last page tells of a next one: the list is not complete")
}

impl Body {
    /// What it is about; `None`: nobody says, or it is no catalog, schema or table.
    fn object(&self, file: &str) -> Option<Object> {
        let file = file.strip_prefix("permissions/")?.strip_suffix(".json")?;
        let (kind, name) = match (self.securable_type.as_str(), self.full_name.as_str()) {
            ("", _) | (_, "") => file.split_once(['/', '.'])?,
            told => told,
        };
        let path: Vec<String> = name.split('.').map(str::to_lowercase).collect();
        let depth = match kind.to_ascii_lowercase().as_str() {
            "catalog" => 1,
            "schema" => 2,
            "table" => 3,
            _ => return None,
        };
        (path.len() == depth).then(|| Object::new("", path.iter().map(String::as_str)))
    }
}
