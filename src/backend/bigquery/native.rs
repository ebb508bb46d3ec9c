//! BigQuery's facts in its own words: `VIEW "shop"."sales_secure"."orders"`, `SCHEMA "shop"."sales"`, `USER "user:alice@acme.example"`.
//!
//! The views of a dataset live in a dataset of their own, `<dataset><config.datasetSuffix>` of the same project; what they lean on in
//! `<config.dataset>` of `config.project`, or of the catalog's only project.

use std::collections::{BTreeMap, BTreeSet};

use super::member;
use crate::backend::class::short_hash;
use crate::backend::object::Object;
use crate::backend::sql::{Dialect, fingerprint};
use crate::backend::views::{Site, ViewBody};
use crate::inventory::{Catalog, Integration, IntegrationId, Inventory, TableId};

pub(super) const DIALECT: Dialect = Dialect::BigQuery;
/// The table of entitlements.
pub(super) const ENTITLEMENTS: &str = "entitlements";
/// What reading a view takes.
pub(super) const VIEWER: &str = "roles/bigquery.dataViewer";
/// A view's columns, as a table's: docs.cloud.google.com/bigquery/quotas (2026-11-25).
const COLUMN_LIMIT: usize = 10_000;
/// A view's query has 256,000 characters, what we say of it included: docs.cloud.google.com/bigquery/quotas#view_limits (2026-11-25).
const QUERY_LIMIT: usize = 240_000;
/// A dataset's name, in characters: docs.cloud.google.com/bigquery/docs/datasets (2026-11-25).
const NAME_LIMIT: usize = 1_024;

/// Where views and entitlements live.
pub(super) struct Home<'a> {
    catalog: &'a Catalog,
    /// The project of the entitlements; empty where there is none to tell.
    pub(super) project: String,
    /// Their dataset.
    pub(super) dataset: String,
    /// Ends the names of the views' datasets.
    pub(super) suffix: String,
    /// Where datasets are made; empty: where the job runs.
    pub(super) location: String,
    /// The catalog's datasets, by project.
    sources: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Home<'a> {
    /// Reads the settings.
    pub(super) fn of(inventory: &'a Inventory, integration: IntegrationId) -> Home<'a> {
        let settings = &inventory.integrations[integration];
        let catalog = &inventory.catalog;
        let mut sources: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for schema in catalog.schemas.values() {
            let database = &catalog.databases[schema.database];
            if database.integration == integration {
                sources.entry(&database.name).or_default().insert(&schema.name);
            }
        }
        let project = match setting(settings, "project") {
            "" => sources.keys().next().copied().unwrap_or(""),
            written => written,
        };
        Home {
            catalog,
            project: project.to_owned(),
            dataset: or(setting(settings, "dataset"), "grantc"),
            suffix: or(setting(settings, "datasetSuffix"), "_secure"),
            location: setting(settings, "location").to_owned(),
            sources,
        }
    }

    /// The projects of the catalog.
    pub(super) fn projects(&self) -> BTreeSet<&'a str> {
        self.sources.keys().copied().collect()
    }

    /// `SCHEMA "shop"."grantc"`.
    pub(super) fn entitlements_dataset(&self) -> String {
        dataset_object([&self.project, &self.dataset])
    }

    /// The dataset whose views live in another; `None`: it holds none of ours.
    pub(super) fn source_of(&self, project: &str, dataset: &str) -> Option<[&'a str; 2]> {
        let source = dataset.strip_suffix(self.suffix.as_str())?;
        let (project, datasets) = self.sources.get_key_value(project)?;
        Some([*project, *datasets.get(source)?])
    }

    /// Where data policies live, as their names say it.
    pub(super) fn region(&self) -> String {
        self.location.to_ascii_lowercase()
    }

    /// Whether a statement can name a table.
    pub(super) fn base_is_nameable(&self, table: TableId) -> Result<(), String> {
        let [project, dataset, name] = self.catalog.path(table);
        let bad = [(project, is_project(project)), (dataset, is_dataset(dataset)), (name, is_table(name))];
        match bad.into_iter().find(|(_, fits)| !fits) {
            Some((part, _)) => Err(format!("a path of BigQuery cannot hold the name `{part}`")),
            None => Ok(()),
        }
    }

    /// Whether a view's path is one that ours have.
    pub(super) fn is_place_of_views(&self, path: &[String]) -> bool {
        matches!(path, [project, dataset, ..] if self.source_of(project, dataset).is_some())
    }
}

fn or(written: &str, usual: &str) -> String {
    if written.is_empty() { usual.to_owned() } else { written.to_owned() }
}

/// A text of the integration's `config`; empty where there is none.
pub(super) fn setting<'s>(settings: &'s Integration, key: &str) -> &'s str {
    settings.config.get(key).and_then(serde_json::Value::as_str).unwrap_or("")
}

/// `VIEW "shop"."sales_secure"."orders"`.
pub(super) fn view_object(path: &[String]) -> String {
    Object { word: "VIEW".to_owned(), path: path.to_vec(), column: None }.text()
}

/// `SCHEMA "shop"."sales"`.
pub(super) fn dataset_object(path: [&str; 2]) -> String {
    Object::new("SCHEMA", path).text()
}

/// Changes with whatever a view says. Deleting a view takes its grants and its authorization with it, for they belong to the view and
/// not to its name (github.com/dbt-labs/dbt-bigquery/pull/1189); that replacing one keeps them is nowhere promised. So both carry
/// this text, and are made again behind a view that changed.
pub(super) fn version(body: &ViewBody) -> String {
    let query = fingerprint::fingerprint(&body.query, DIALECT);
    short_hash([body.filters.join("\n"), body.shape.clone(), query])
}

/// Letters, digits and `_`: docs.cloud.google.com/bigquery/docs/datasets#dataset-naming (2026-11-25).
pub(super) fn is_dataset(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME_LIMIT
        && name.chars().all(|each| each.is_ascii_alphanumeric() || each == '_')
}

/// Letters, digits and `-`. A legacy `domain:project` has a dot, which parts a path even between backticks.
pub(super) fn is_project(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '-' | '_'))
}

/// Letters, digits, marks, `_`, `-` and blanks: docs.cloud.google.com/bigquery/docs/tables#table_naming (2026-11-25). Not `.`, which
/// parts a path, nor `*`, `$` and `@`, with which a path means other tables, partitions or times.
fn is_table(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME_LIMIT
        && name.chars().all(|each| each.is_alphanumeric() || matches!(each, '_' | '-' | ' '))
}

impl Site for Home<'_> {
    fn dialect(&self) -> Dialect {
        DIALECT
    }

    /// In lower case, as accounts are. An identity of another form (`principal://…`) is no address in either case.
    fn current_user(&self) -> &'static str {
        "LOWER(SESSION_USER())"
    }

    fn entitlements(&self) -> String {
        DIALECT.path(self.entitlements_path().iter().map(String::as_str))
    }

    fn entitlements_path(&self) -> Vec<String> {
        [self.project.as_str(), &self.dataset, ENTITLEMENTS]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn session_name<'n>(&self, account: &'n str) -> Option<&'n str> {
        member::address(account)
    }

    fn view(&self, table: TableId) -> Result<Vec<String>, String> {
        if self.catalog.tables[table].columns.len() > COLUMN_LIMIT {
            return Err(format!("a view has {COLUMN_LIMIT} columns at most"));
        }
        self.base_is_nameable(table)?;
        let [project, dataset, name] = self.catalog.path(table);
        let views = format!("{dataset}{}", self.suffix);
        if self.sources.get(project).is_some_and(|datasets| datasets.contains(views.as_str())) {
            return Err(format!("its view would live in `{views}`, which is a dataset of the catalog"));
        }
        if project == self.project && views == self.dataset {
            return Err(format!("its view would live in `{views}`, where the entitlements are"));
        }
        if views.len() > NAME_LIMIT {
            return Err(format!("a dataset's name has {NAME_LIMIT} characters at most"));
        }
        Ok(vec![project.to_owned(), views, name.to_owned()])
    }

    fn base(&self, path: [&str; 3]) -> String {
        DIALECT.path(path)
    }

    fn fits(&self, body: &ViewBody) -> Result<(), String> {
        let length = body.query.chars().count();
        if length <= QUERY_LIMIT {
            return Ok(());
        }
        Err(format!("its view would have {length} characters, and BigQuery takes {QUERY_LIMIT}"))
    }
}
