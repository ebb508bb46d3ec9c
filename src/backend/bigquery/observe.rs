//! BigQuery's exports as facts.
//!
//! In: `state/<integration>/`. Out: what is ours, by mark, and what is not. Ours are views in our datasets whose query begins with our
//! mark, the dataViewer grants on them, their authorizations and those of their datasets, and the rows of our table.
//! Invariant: one fact, however many exports list it, and under whichever of a role's two names.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::member;
use super::native::{DIALECT, Home, VIEWER, dataset_object, version, view_object};
use super::policies::{self, Bindings};
use super::roles;
use crate::backend::contract::Observed;
use crate::backend::export::{self, Export, Pages, pages};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::{Object, user};
use crate::backend::state::Reading;
use crate::backend::views::{Sightings, ViewBody};
use crate::diagnostic::Reported;
use crate::inventory::integration::Enforcement;
use crate::inventory::{IntegrationId, Inventory};

const DATASETS: Pages = Pages { name: "datasets.json", key: "datasets", entry: &["datasetReference"] };

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
    let mut files = vec!["object_privileges.csv", DATASETS.name, "views.csv", "entitlements.csv"];
    if inventory.integrations[integration].enforcement == Enforcement::Native {
        files.extend(policies::FILES);
    }
    export::complete(&mut reading, &files)?;
    let home = Home::of(inventory, integration);
    // Without `enforcement: native` they may be there all the same, from before.
    let tables = policies::read(&mut reading)?;
    let mut state = State {
        relations: relations(inventory, integration),
        home,
        views: BTreeMap::new(),
        bindings: tables.bindings(),
        seen: Sightings::default(),
    };
    tables.sight(inventory, integration, salt, &mut state.seen);
    let mut table = |name, needs: &[&str]| export::export(&mut reading, name, needs);
    const VIEW: [&str; 4] = ["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "VIEW_DEFINITION"];
    if let Some(export) = table("views.csv", &VIEW)? {
        state.views(&export, salt);
    }
    const GRANT: [&str; 6] =
        ["OBJECT_CATALOG", "OBJECT_SCHEMA", "OBJECT_NAME", "OBJECT_TYPE", "PRIVILEGE_TYPE", "GRANTEE"];
    if let Some(export) = table("object_privileges.csv", &GRANT)? {
        state.grants(&export);
    }
    if let Some(export) = table("entitlements.csv", &["ACCOUNT", "NAME", "VALUE"])? {
        state.entitlements(&export);
    }
    for dataset in pages::<Dataset>(&mut reading, &DATASETS)? {
        state.dataset(&dataset);
    }
    Ok(state.seen.observed(symbols))
}

/// What datasets.get answers, as far as we read it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dataset {
    dataset_reference: DatasetReference,
    access: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DatasetReference {
    project_id: String,
    dataset_id: String,
}

/// The relations of the catalog by path, with their word: exports may name one by another.
fn relations(inventory: &Inventory, integration: IntegrationId) -> BTreeMap<[&str; 3], &'static str> {
    let catalog = &inventory.catalog;
    let here = catalog.tables.ids().filter(|table| catalog.home(*table).1.integration == integration);
    here.map(|table| (catalog.path(table), policies::relation_word(catalog.tables[table].kind))).collect()
}

struct State<'a> {
    home: Home<'a>,
    relations: BTreeMap<[&'a str; 3], &'static str>,
    /// The bindings on tables that are ours.
    bindings: Bindings,
    /// Views by their object, with what their grants and authorizations carry; `None`: not ours.
    views: BTreeMap<String, Option<String>>,
    seen: Sightings,
}

impl State<'_> {
    fn views(&mut self, export: &Export, salt: Option<&str>) {
        for row in &export.rows {
            let field = |header: &str| export.field(row, header).to_owned();
            let path = ["TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME"].map(field);
            let (ours, body) = ViewBody::observed(&field("VIEW_DEFINITION"), DIALECT, salt);
            let ours = ours.filter(|_| self.home.is_place_of_views(&path));
            let object = view_object(&path);
            self.views.insert(object.clone(), ours.as_ref().map(|_| version(&body)));
            self.seen.put((FactKind::View, &object, "", ""), body.text(), ours);
        }
    }

    fn grants(&mut self, export: &Export) {
        for row in &export.rows {
            let field = |header: &str| export.field(row, header);
            let word = field("OBJECT_TYPE").to_ascii_uppercase();
            let object = if word == "SCHEMA" {
                dataset_object([field("OBJECT_CATALOG"), field("OBJECT_NAME")])
            } else {
                let path = ["OBJECT_CATALOG", "OBJECT_SCHEMA", "OBJECT_NAME"].map(field);
                let view = Object::new("VIEW", path).text();
                match self.relations.get(&path) {
                    Some(word) => Object::new(word, path).text(),
                    None if self.views.contains_key(&view) => view,
                    None => Object::new(&word, path).text(),
                }
            };
            self.grant(&object, &member::grantee(field("GRANTEE")), roles::named(field("PRIVILEGE_TYPE")));
        }
    }

    /// A dataViewer of a view of ours is ours, and one of a table that our bindings list.
    fn grant(&mut self, object: &str, grantee: &str, role: &str) {
        let version = self.views.get(object).cloned().flatten().filter(|_| role == VIEWER);
        let version = version.or_else(|| self.bindings.body(object, role, grantee));
        let ours = version.as_ref().map(|_| String::new());
        self.seen.put((FactKind::Grant, object, grantee, role), version.unwrap_or_default(), ours);
    }

    fn dataset(&mut self, dataset: &Dataset) {
        let DatasetReference { project_id, dataset_id } = &dataset.dataset_reference;
        let object = dataset_object([project_id, dataset_id]);
        for entry in &dataset.access {
            self.entry(&object, entry);
        }
    }

    fn entry(&mut self, dataset: &str, entry: &Value) {
        let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
        if let Some(view) = entry.get("view") {
            self.authorized_view(dataset, &["projectId", "datasetId", "tableId"].map(|key| text(view, key)));
            return;
        }
        if let Some(named) = entry.get("dataset").and_then(|outer| outer.get("dataset")) {
            self.authorized_dataset(dataset, &text(named, "projectId"), &text(named, "datasetId"));
            return;
        }
        if let Some(routine) = entry.get("routine") {
            let path = ["projectId", "datasetId", "routineId"].map(|key| text(routine, key));
            let routine = Object::new("ROUTINE", path.iter().map(String::as_str)).text();
            self.grant(dataset, &routine, "authorized routine");
            return;
        }
        let member = |key: &str, kind: &str| {
            let value = text(entry, key);
            (!value.is_empty()).then(|| format!("{kind}{value}"))
        };
        let user = member("userByEmail", "").map(|address| {
            let service = address.to_ascii_lowercase().ends_with("gserviceaccount.com");
            format!("{}:{address}", if service { "serviceAccount" } else { "user" })
        });
        let member = user
            .or_else(|| member("groupByEmail", "group:"))
            .or_else(|| member("domain", "domain:"))
            .or_else(|| member("specialGroup", "specialGroup:"))
            .or_else(|| member("iamMember", ""))
            .unwrap_or_else(|| entry.to_string());
        let role = text(entry, "role");
        let role = match entry.get("condition") {
            None | Some(Value::Null) => roles::named(&role).to_owned(),
            Some(_) => format!("{}{}", roles::named(&role), roles::CONDITION),
        };
        self.grant(dataset, &member::grantee(&member), &role);
    }

    /// An entry for a view that is not there any more gives nothing to anybody, and stands where ours would.
    fn authorized_view(&mut self, dataset: &str, path: &[String; 3]) {
        let view = view_object(path);
        let version = match self.views.get(&view) {
            Some(version) => version.clone(),
            None => self.home.is_place_of_views(path).then(String::new),
        };
        let ours = version.as_ref().filter(|_| self.is_read_by(dataset, path)).map(|_| String::new());
        let body = if ours.is_some() { version.unwrap_or_default() } else { String::new() };
        self.seen.put((FactKind::AuthorizedView, dataset, &view, ""), body, ours);
    }

    fn authorized_dataset(&mut self, dataset: &str, project: &str, name: &str) {
        let place = dataset_object([project, name]);
        let ours = self.is_read_by(dataset, &[project.to_owned(), name.to_owned()]).then(String::new);
        self.seen.put((FactKind::AuthorizedView, dataset, &place, ""), String::new(), ours);
    }

    /// Whether views of ours that live there read the dataset: it is what they stand for, or holds the entitlements.
    fn is_read_by(&self, dataset: &str, place: &[String]) -> bool {
        let [project, name, ..] = place else { return false };
        let Some(source) = self.home.source_of(project, name) else { return false };
        dataset == dataset_object(source) || dataset == self.home.entitlements_dataset()
    }

    fn entitlements(&mut self, export: &Export) {
        for row in &export.rows {
            let field = |header: &str| export.field(row, header);
            let (object, account) = (format!("VALUE {}", field("VALUE")), user(field("ACCOUNT")));
            self.seen.put(
                (FactKind::Entitlement, &object, &account, field("NAME")),
                String::new(),
                Some(String::new()),
            );
        }
    }
}

/// Whether we know what a fact does, so that it may be revoked.
pub(super) fn understood(fact: &Fact, symbols: &Symbols) -> bool {
    match fact.key.kind {
        FactKind::Grant => {
            // Owners and administrators, and what a project's basic roles have in each of its datasets, are not about data alone.
            let about_data = roles::is_about_data(symbols.text(fact.key.privilege));
            let member = member::name(symbols.text(fact.key.grantee));
            about_data && !member.starts_with("specialGroup:project")
        }
        FactKind::View | FactKind::AuthorizedView | FactKind::Entitlement => true,
        // Who takes another's policy away may open what it protects, so that nobody's but ours ever goes.
        FactKind::Role
        | FactKind::Membership
        | FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::MaskAttachment
        | FactKind::RowAttachment
        | FactKind::Rule => false,
    }
}
