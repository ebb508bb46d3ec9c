//! The exports that a state gives: what `state/<integration>/` would hold after the artefacts ran.
//!
//! In: facts. Out: CSV under the headers of INFORMATION_SCHEMA (docs.cloud.google.com/bigquery/docs/information-schema-object-privileges
//! and information-schema-views, 2026-11-25), and `datasets.json`, a list of what datasets.get answers.
//! Invariant: `observe` reads back what is written here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::native::DIALECT;
use super::policies::READ;
use super::statement::{access_entry, dataset_reference};
use super::{member, policies};
use crate::backend::contract::Artefact;
use crate::backend::export::Table;
use crate::backend::fact::{Fact, FactKind, Symbols, sort_by_text};
use crate::backend::object::Object;
use crate::backend::views::{self, ViewBody};
use crate::inventory::Integration;
use crate::inventory::integration::Enforcement;

const PRIVILEGES: [&str; 6] =
    ["object_catalog", "object_schema", "object_name", "object_type", "privilege_type", "grantee"];
const VIEWS: [&str; 4] = ["table_catalog", "table_schema", "table_name", "view_definition"];

/// The exports.
pub(super) fn state(
    settings: &Integration,
    facts: &[Fact],
    symbols: &Symbols,
    salt: Option<&str>,
) -> Vec<Artefact> {
    let mut facts = facts.to_vec();
    sort_by_text(&mut facts, symbols);
    let mut privileges = Table::new("object_privileges.csv", &PRIVILEGES);
    let mut definitions = Table::secret("views.csv", &VIEWS);
    let mut entitlements = Table::new("entitlements.csv", &["account", "name", "value"]);
    let mut datasets: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for fact in &facts {
        let text = |symbol| symbols.text(symbol);
        let object = Object::parse(text(fact.key.object));
        match fact.key.kind {
            FactKind::Grant if text(fact.key.privilege) != READ => {
                let place = match object.path.as_slice() {
                    [project, dataset] => {
                        [("object_catalog", project.as_str()), ("object_name", dataset), ("", "")]
                    }
                    [project, dataset, name] => [
                        ("object_catalog", project.as_str()),
                        ("object_schema", dataset),
                        ("object_name", name),
                    ],
                    _ => continue,
                };
                let (role, member) = (text(fact.key.privilege), member::name(text(fact.key.grantee)));
                let to =
                    [("object_type", object.word.as_str()), ("privilege_type", role), ("grantee", &member)];
                privileges.row(&[place.as_slice(), to.as_slice()].concat());
            }
            FactKind::AuthorizedView => {
                let entry = access_entry(text(fact.key.grantee));
                datasets.entry(text(fact.key.object)).or_default().push(entry);
            }
            FactKind::View => {
                let [project, dataset, name] = object.path.as_slice() else { continue };
                let body = ViewBody::parse(text(fact.body));
                let definition = body.marked(text(fact.policies), DIALECT, salt);
                definitions.row(&[
                    ("table_catalog", project),
                    ("table_schema", dataset),
                    ("table_name", name),
                    ("view_definition", &definition),
                ]);
            }
            FactKind::Entitlement => {
                let [account, name, value] = views::entitlement(fact, symbols);
                entitlements.row(&[("account", &account), ("name", &name), ("value", &value)]);
            }
            FactKind::Grant
            | FactKind::Role
            | FactKind::Group
            | FactKind::Location
            | FactKind::Function
            | FactKind::MaskingPolicy
            | FactKind::RowAccessPolicy
            | FactKind::MaskAttachment
            | FactKind::RowAttachment
            | FactKind::Rule
            | FactKind::Membership => {}
        }
    }
    let list: Vec<Value> = datasets
        .into_iter()
        .map(|(dataset, access)| json!({"datasetReference": dataset_reference(dataset), "access": access}))
        .collect();
    let mut bytes = serde_json::to_vec_pretty(&list).unwrap_or_default();
    bytes.push(b'\n');
    let mut files: Vec<Artefact> =
        [privileges, definitions, entitlements].into_iter().map(Table::artefact).collect();
    files.push(Artefact { path: "datasets.json".to_owned(), bytes, secret: false });
    if settings.enforcement == Enforcement::Native {
        files.extend(policies::state(settings, &facts, symbols, salt));
    }
    files
}
