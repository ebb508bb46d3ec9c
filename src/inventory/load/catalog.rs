//! Catalog files to [`Catalog`] and [`Tags`].
//!
//! In: YAML, JSON, CSV and dbt manifests in any mixture. Out: ids in byte order of (integration, database, schema,
//! table, column) and (integration, prefix). Several files may describe tables of one database or schema, whose
//! tags add up; a table, column or prefix is described once. dbt and tags.csv only add to what is described, so
//! they come last. Cost: one pass over the rows and ordered maps of the names.

use std::collections::{BTreeMap, BTreeSet};

use super::{Form, base_name, catalog_csv, catalog_yaml, dbt, readable};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ids::IdVec;
use crate::inventory::catalog::{Catalog, Column, DataSource, Database, Schema, Table, TableKind};
use crate::inventory::document;
use crate::inventory::files::Files;
use crate::inventory::{ColumnType, DataSourceId, Integration, IntegrationId, Platform, Tag, TagId, Tags};
use crate::prefix::Prefix;
use crate::source::{Place, Sources};

/// What has been read so far, by name.
pub(super) struct Draft<'i> {
    pub(super) integrations: &'i IdVec<IntegrationId, Integration>,
    pub(super) databases: BTreeMap<(IntegrationId, String), DraftDatabase>,
    /// By the text of the prefix.
    pub(super) prefixes: BTreeMap<(IntegrationId, String), DraftPrefix>,
    /// Tags that exist though nothing carries them.
    pub(super) vocabulary: BTreeSet<Tag>,
}

#[derive(Default)]
pub(super) struct DraftDatabase {
    pub(super) tags: Vec<Tag>,
    pub(super) schemas: BTreeMap<String, DraftSchema>,
}

#[derive(Default)]
pub(super) struct DraftSchema {
    pub(super) tags: Vec<Tag>,
    pub(super) tables: BTreeMap<String, DraftTable>,
}

pub(super) struct DraftTable {
    pub(super) kind: TableKind,
    pub(super) location: Option<Prefix>,
    pub(super) tags: Vec<Tag>,
    pub(super) columns: BTreeMap<String, DraftColumn>,
    pub(super) place: Place,
    pub(super) origin: Origin,
}

/// Which kind of file describes a table: rows of one table come one by one, a document has it whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Document,
    Rows,
    Dbt,
}

pub(super) struct DraftColumn {
    pub(super) text: String,
    pub(super) tags: Vec<Tag>,
    pub(super) place: Place,
}

pub(super) struct DraftPrefix {
    pub(super) prefix: Prefix,
    pub(super) name: Option<String>,
    pub(super) tags: Vec<Tag>,
    pub(super) place: Place,
}

/// Reads the catalog's folder.
pub(super) fn load(
    files: &Files,
    integrations: &IdVec<IntegrationId, Integration>,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> (Catalog, Tags) {
    let mut draft = Draft {
        integrations,
        databases: BTreeMap::new(),
        prefixes: BTreeMap::new(),
        vocabulary: BTreeSet::new(),
    };
    let list = readable(files, "catalog/", &catalog_csv::TABLES, sources, out);
    for (name, form) in &list {
        match (form, base_name(name)) {
            (Form::Document, dbt::FILE) | (Form::Table, catalog_csv::TAGS) => {}
            (Form::Document, _) => {
                let Some(source) = files.text(name, sources, out) else { continue };
                let Some(node) = document::read(source, sources, out) else { continue };
                catalog_yaml::read(&node, &mut draft, out);
            }
            (Form::Table, _) => catalog_csv::read(name, files, &mut draft, sources, out),
        }
    }
    for (name, _) in list.iter().filter(|(name, _)| base_name(name) == dbt::FILE) {
        dbt::read(name, files, &mut draft, sources, out);
    }
    for (name, _) in list.iter().filter(|(name, _)| base_name(name) == catalog_csv::TAGS) {
        catalog_csv::read(name, files, &mut draft, sources, out);
    }
    draft.finish()
}

impl Draft<'_> {
    /// Describes a table, or says that it has been described.
    pub(super) fn add_table(
        &mut self,
        at: (IntegrationId, &str, &str, &str),
        table: DraftTable,
        out: &mut Diagnostics,
    ) {
        let (integration, database, schema, name) = at;
        let tables = &mut self.schema(integration, database, schema).tables;
        match tables.get(name) {
            Some(first) => {
                out.error(twice(&format!("table `{database}.{schema}.{name}`"), table.place, first.place));
            }
            None => {
                tables.insert(name.to_owned(), table);
            }
        }
    }

    /// The schema of a name, made if nothing of it has been described.
    pub(super) fn schema(
        &mut self,
        integration: IntegrationId,
        database: &str,
        schema: &str,
    ) -> &mut DraftSchema {
        let database = self.databases.entry((integration, database.to_owned())).or_default();
        database.schemas.entry(schema.to_owned()).or_default()
    }

    /// Registers a prefix, or says that it is registered.
    pub(super) fn add_prefix(&mut self, integration: IntegrationId, new: DraftPrefix, out: &mut Diagnostics) {
        if !self.expect(integration, Platform::S3, new.place, out) {
            return;
        }
        let key = (integration, new.prefix.to_string());
        match self.prefixes.get(&key) {
            Some(first) => {
                out.error(twice(&format!("prefix `{}`", key.1), new.place, first.place));
            }
            None => {
                self.prefixes.insert(key, new);
            }
        }
    }

    /// Whether an integration may hold prefixes (S3 asked for) or tables (anything else).
    pub(super) fn expect(
        &self,
        integration: IntegrationId,
        asked: Platform,
        place: Place,
        out: &mut Diagnostics,
    ) -> bool {
        let found = &self.integrations[integration];
        let fits = (found.platform == Platform::S3) == (asked == Platform::S3);
        if !fits {
            let (what, help) = match found.platform {
                Platform::S3 => ("tables", "describe them under the integration whose engine reads them"),
                _ => ("prefixes", "register them under an integration of type `Native S3`"),
            };
            out.error(
                Diagnostic::error(
                    Code::BadValue,
                    format!(
                        "`{}` is of type `{}`, which has no {what}",
                        found.name,
                        found.platform.api_type()
                    ),
                )
                .at(place, "")
                .help(help),
            );
        }
        fits
    }

    /// Names end, ids begin.
    fn finish(self) -> (Catalog, Tags) {
        let mut tags = self.tags();
        let mut ids = |list: &[Tag]| -> Vec<TagId> {
            let set: BTreeSet<TagId> = list.iter().map(|tag| tags.intern(tag, true)).collect();
            set.into_iter().collect()
        };
        let mut catalog = Catalog::default();
        for ((integration, name), database) in self.databases {
            let platform = self.integrations[integration].platform;
            let database_id =
                catalog.databases.push(Database { integration, name, tags: ids(&database.tags) });
            for (name, schema) in database.schemas {
                let schema_id =
                    catalog.schemas.push(Schema { database: database_id, name, tags: ids(&schema.tags) });
                for (name, table) in schema.tables {
                    let table_id = catalog.tables.push(Table {
                        schema: schema_id,
                        name,
                        kind: table.kind,
                        location: table.location,
                        tags: ids(&table.tags),
                        columns: Vec::with_capacity(table.columns.len()),
                        place: table.place,
                    });
                    for (name, column) in table.columns {
                        let column_id = catalog.columns.push(Column {
                            table: table_id,
                            name,
                            column_type: ColumnType::on(platform, &column.text),
                            tags: ids(&column.tags),
                        });
                        catalog.tables[table_id].columns.push(column_id);
                    }
                }
            }
        }
        for ((integration, _), source) in self.prefixes {
            catalog.data_sources.push(DataSource {
                integration,
                prefix: source.prefix,
                name: source.name,
                tags: ids(&source.tags),
                place: source.place,
            });
        }
        catalog.covering = covering(&catalog.data_sources);
        (catalog, tags)
    }

    /// Every tag in byte order of its segments, so that ids do not depend on who carries what.
    fn tags(&self) -> Tags {
        let mut all: BTreeSet<&Tag> = self.vocabulary.iter().collect();
        for database in self.databases.values() {
            all.extend(&database.tags);
            for schema in database.schemas.values() {
                all.extend(&schema.tags);
                for table in schema.tables.values() {
                    all.extend(&table.tags);
                    all.extend(table.columns.values().flat_map(|column| &column.tags));
                }
            }
        }
        all.extend(self.prefixes.values().flat_map(|source| &source.tags));
        let mut tags = Tags::default();
        for tag in all {
            tags.intern(tag, true);
        }
        tags
    }
}

/// Something is described where it is described already.
pub(super) fn twice(what: &str, again: Place, first: Place) -> Diagnostic {
    Diagnostic::error(Code::DuplicateObject, format!("{what} is described twice"))
        .at(again, "again here")
        .at(first, "first here")
        .help("remove one of the two")
}

/// For each data source, those of its integration that cover it, nearest first.
///
/// In byte order of what stands before the `*`, whatever covers a prefix stands before it and after nothing that
/// it does not itself stand within: a stack of the open ones is enough.
fn covering(sources: &IdVec<DataSourceId, DataSource>) -> IdVec<DataSourceId, Vec<DataSourceId>> {
    let mut order: Vec<(IntegrationId, String, bool, DataSourceId)> = sources
        .iter()
        .map(|(id, source)| {
            let text = source.prefix.to_string();
            match text.strip_suffix('*') {
                Some(stem) => (source.integration, stem.to_owned(), false, id),
                None => (source.integration, text, true, id),
            }
        })
        .collect();
    order.sort();
    let mut covering: IdVec<DataSourceId, Vec<DataSourceId>> = sources.ids().map(|_| Vec::new()).collect();
    let mut open: Vec<DataSourceId> = Vec::new();
    for (integration, _, _, id) in order {
        let inner = &sources[id];
        while open.last().is_some_and(|outer| {
            let outer = &sources[*outer];
            outer.integration != integration || !outer.prefix.covers(&inner.prefix)
        }) {
            open.pop();
        }
        covering[id] = open.iter().rev().copied().collect();
        open.push(id);
    }
    covering
}
