//! `manifest.json` of dbt: tags of models, sources, seeds and snapshots, and of their columns.
//!
//! In: a manifest. Out: tags on tables that other files describe, and tables that only dbt describes.
//! - The integration is the one of the manifest's `adapter_type`.
//! - Names are those of `dbt_names`.
//! - Tags are `tags`, `config.tags`, `meta.tags` and `config.meta.tags`. They need not follow our spelling: what is
//!   no dotted name is cut at its dots.
//! - A tagged column that the described table lacks is an error: the tag would protect nothing. An untagged one is
//!   passed over; where nothing else lists the table's columns, dbt's are the columns.
//!
//! Ephemeral models are no relations, and tests, analyses and operations no securables.
//! Places are whole files: manifests are too large to keep the places of their parts.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::catalog::{Draft, DraftColumn, DraftTable, Origin};
use super::dbt_names::{Written, path, stored};
use super::tag_text::read_foreign;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::catalog::{TableKind, quoted};
use crate::inventory::files::Files;
use crate::inventory::integration::Folding;
use crate::inventory::{IntegrationId, Platform, Tag};
use crate::source::{Place, Sources};

/// The name that dbt gives it.
pub(super) const FILE: &str = "manifest.json";

#[derive(Deserialize)]
struct Manifest {
    metadata: Metadata,
    #[serde(default)]
    nodes: BTreeMap<String, Relation>,
    #[serde(default)]
    sources: BTreeMap<String, Relation>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    adapter_type: Option<String>,
}

#[derive(Deserialize)]
struct Relation {
    resource_type: String,
    #[serde(default)]
    relation_name: Option<String>,
    #[serde(default)]
    database: Option<String>,
    #[serde(default)]
    schema: Option<String>,
    #[serde(default)]
    identifier: Option<String>,
    #[serde(default)]
    alias: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    external: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    columns: BTreeMap<String, ColumnNode>,
    #[serde(flatten)]
    tagged: Tagged,
    #[serde(default)]
    config: Config,
}

#[derive(Deserialize)]
struct ColumnNode {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    data_type: Option<String>,
    #[serde(default)]
    quote: Option<bool>,
    #[serde(flatten)]
    tagged: Tagged,
    #[serde(default)]
    config: Config,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Config {
    materialized: Option<String>,
    #[serde(flatten)]
    tagged: Tagged,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tagged {
    tags: Option<OneOrMany>,
    meta: Option<Meta>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    tags: Option<OneOrMany>,
}

/// dbt takes `tags: x` for `tags: [x]`.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Relation {
    fn written(&self) -> Written<'_> {
        Written {
            relation_name: self.relation_name.as_deref(),
            database: self.database.as_deref(),
            schema: self.schema.as_deref(),
            name: self.identifier.as_deref().or(self.alias.as_deref()).unwrap_or(&self.name),
        }
    }
}

impl Tagged {
    fn texts(&self) -> impl Iterator<Item = &str> {
        let meta = self.meta.as_ref().and_then(|meta| meta.tags.as_ref());
        self.tags.iter().chain(meta).flat_map(|tags| match tags {
            OneOrMany::One(tag) => std::slice::from_ref(tag).iter().map(String::as_str),
            OneOrMany::Many(tags) => tags.iter().map(String::as_str),
        })
    }
}

fn tags(own: &Tagged, config: &Config) -> Vec<Tag> {
    own.texts().chain(config.tagged.texts()).filter(|text| !text.is_empty()).map(read_foreign).collect()
}

/// Reads one manifest into the draft.
pub(super) fn read(
    name: &str,
    files: &Files,
    draft: &mut Draft<'_>,
    sources: &mut Sources,
    out: &mut Diagnostics,
) {
    let source = sources.add(name, "");
    let mut bytes = Vec::new();
    let read = files.open(name).and_then(|mut reader| std::io::Read::read_to_end(&mut reader, &mut bytes));
    let parsed = match read {
        Ok(_) => serde_json::from_slice::<Manifest>(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes))
            .map_err(|error| (u32::try_from(error.line()).unwrap_or(u32::MAX), error.to_string())),
        Err(error) => Err((1, error.to_string())),
    };
    let manifest = match parsed {
        Ok(manifest) => manifest,
        Err((line, why)) => {
            out.error(
                Diagnostic::error(Code::BadFile, format!("`{name}` is not a manifest of dbt"))
                    .at(Place::Line(source, line.max(1)), why)
                    .help("`manifest.json` is the name of dbt's; name a catalog file otherwise"),
            );
            return;
        }
    };
    let place = source.whole();
    let Some(integration) = integration(manifest.metadata.adapter_type.as_deref(), place, draft, out) else {
        return;
    };
    for (id, relation) in manifest.nodes.iter().chain(&manifest.sources) {
        let relevant = matches!(relation.resource_type.as_str(), "model" | "seed" | "snapshot" | "source");
        if !relevant || relation.config.materialized.as_deref() == Some("ephemeral") {
            continue;
        }
        let Some(path) = path(&relation.written(), draft.integrations[integration].platform) else {
            out.error(
                Diagnostic::error(Code::BadValue, format!("`{id}` has no database, schema and name"))
                    .at(place, "")
                    .help("write the manifest with `dbt parse` or `dbt compile` against the real target"),
            );
            continue;
        };
        let path = stored(integration, path, draft);
        add(integration, &path, relation, place, draft, out);
    }
}

/// The one integration of the adapter's platform.
fn integration(
    adapter: Option<&str>,
    place: Place,
    draft: &Draft<'_>,
    out: &mut Diagnostics,
) -> Option<IntegrationId> {
    let platform = match adapter {
        Some("snowflake") => Platform::Snowflake,
        Some("databricks" | "spark") => Platform::Databricks,
        Some("trino" | "starburst") => Platform::Trino,
        Some("redshift") => Platform::Redshift,
        Some("synapse") => Platform::Synapse,
        Some("bigquery") => Platform::BigQuery,
        Some(_) | None => {
            out.error(
                Diagnostic::error(
                    Code::BadValue,
                    format!("`metadata.adapter_type` is `{}`, of no platform here", adapter.unwrap_or("absent")),
                )
                .at(place, "")
                .help("the adapters are: snowflake, databricks, spark, trino, starburst, redshift, synapse, bigquery"),
            );
            return None;
        }
    };
    let fitting: Vec<_> =
        draft.integrations.iter().filter(|(_, integration)| integration.platform == platform).collect();
    match fitting.as_slice() {
        [(id, _)] => Some(*id),
        [] => {
            out.error(
                Diagnostic::error(
                    Code::UnknownIntegration,
                    format!("no integration has the type `{}` of this manifest", platform.api_type()),
                )
                .at(place, "")
                .help("add one to integrations/, or remove the manifest"),
            );
            None
        }
        several => {
            let names: Vec<&str> = several.iter().map(|(_, integration)| integration.name.as_str()).collect();
            out.error(
                Diagnostic::error(
                    Code::UnknownIntegration,
                    format!("several integrations have the type `{}` of this manifest", platform.api_type()),
                )
                .at(place, format!("one of {}?", names.join(", ")))
                .help("write its tags into tags.csv, which names the integration"),
            );
            None
        }
    }
}

fn add(
    integration: IntegrationId,
    path: &[String; 3],
    relation: &Relation,
    place: Place,
    draft: &mut Draft<'_>,
    out: &mut Diagnostics,
) {
    let folding = draft.integrations[integration].platform.folding();
    let [database, schema, table] = path;
    let tables = &mut draft.schema(integration, database, schema).tables;
    let table = tables.entry(table.clone()).or_insert_with(|| DraftTable {
        kind: kind(relation),
        location: None,
        tags: Vec::new(),
        columns: BTreeMap::new(),
        place,
        origin: Origin::Dbt,
    });
    table.tags.extend(tags(&relation.tagged, &relation.config));
    let lists_columns = table.origin != Origin::Dbt && !table.columns.is_empty();
    for (key, column) in &relation.columns {
        let written = column.name.as_deref().unwrap_or(key);
        let name = match (folding, column.quote) {
            (Folding::Upper, None | Some(false)) => written.to_uppercase(),
            (Folding::Lower, _) => written.to_lowercase(),
            (Folding::Insensitive | Folding::Exact, _) => {
                // Column names of BigQuery and Synapse are not told apart by case.
                let folded = written.to_lowercase();
                let known = table.columns.keys().find(|name| name.to_lowercase() == folded);
                known.cloned().unwrap_or_else(|| written.to_owned())
            }
            (Folding::Upper, Some(true)) => written.to_owned(),
        };
        let tags = tags(&column.tagged, &column.config);
        match table.columns.get_mut(&name) {
            Some(found) => found.tags.extend(tags),
            None if !lists_columns => {
                let text = column.data_type.clone().unwrap_or_default();
                table.columns.insert(name, DraftColumn { text, tags, place });
            }
            None if tags.is_empty() => {}
            None => {
                let shown = path.each_ref().map(|part| quoted(part)).join(".");
                out.error(
                    Diagnostic::error(
                        Code::UnknownObject,
                        format!("dbt tags the column `{name}` of `{shown}`, which has none of that name"),
                    )
                    .at(place, "the tag would protect nothing")
                    .at(table.place, "the table is described here")
                    .did_you_mean(&name, table.columns.keys().map(String::as_str))
                    .help("describe the column, or correct its name in dbt (`quote: true` keeps its case)"),
                );
            }
        }
    }
}

fn kind(relation: &Relation) -> TableKind {
    if relation.external.is_some() {
        return TableKind::External;
    }
    match relation.config.materialized.as_deref() {
        Some("view") => TableKind::View,
        // Snowflake's dynamic tables and Databricks' streaming tables refuse writing as materialized views do.
        Some("materialized_view" | "dynamic_table" | "streaming_table") => TableKind::MaterializedView,
        Some(_) | None => TableKind::Table,
    }
}
