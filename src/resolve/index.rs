//! The catalog turned inside out: from tags, schemas, types and integrations to the securables that have them.
//!
//! In: an [`Inventory`]. Out: [`Index`], built once per program.
//! Invariant: `by_tag` counts what carries the tag *or a tag below it*; tables and data sources count what they
//! inherit, columns only what is written on them.
//! Cost: one pass over the catalog times the tags that each securable carries; a selector's atom is then one lookup.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::ids::{Id, IdVec};
use crate::inventory::{
    DatabaseId, IntegrationId, Inventory, SchemaId, TableId, TagId, TypeClass, catalog::Catalog,
};
use crate::prefix::PrefixMap;

/// Who carries a tag or one below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Carriers {
    /// Tables, inherited tags included.
    pub(super) tables: RoaringBitmap,
    /// Data sources, inherited tags included.
    pub(super) data_sources: RoaringBitmap,
    /// Columns on which it is written.
    pub(super) columns: RoaringBitmap,
    /// The tables of those columns.
    pub(super) with_column: RoaringBitmap,
}

/// What selectors look things up in.
pub(super) struct Index {
    pub(super) tables: RoaringBitmap,
    pub(super) data_sources: RoaringBitmap,
    pub(super) columns: RoaringBitmap,
    pub(super) databases_of: IdVec<IntegrationId, Vec<DatabaseId>>,
    pub(super) schemas_of: IdVec<DatabaseId, Vec<SchemaId>>,
    pub(super) tables_of: IdVec<SchemaId, Vec<TableId>>,
    pub(super) tables_in: IdVec<IntegrationId, RoaringBitmap>,
    pub(super) data_sources_in: IdVec<IntegrationId, RoaringBitmap>,
    pub(super) of_class: BTreeMap<TypeClass, RoaringBitmap>,
    /// The registered prefixes of each integration.
    pub(super) registered: IdVec<IntegrationId, PrefixMap<u32>>,
    by_tag: IdVec<TagId, Carriers>,
    known_tags: IdVec<TagId, bool>,
}

impl Index {
    /// Reads the catalog once.
    pub(super) fn new(inventory: &Inventory) -> Self {
        let catalog = &inventory.catalog;
        let count = |number: usize| (0..u32::try_from(number).unwrap_or(u32::MAX)).collect::<RoaringBitmap>();
        let mut index = Index {
            tables: count(catalog.tables.len()),
            data_sources: count(catalog.data_sources.len()),
            columns: count(catalog.columns.len()),
            databases_of: inventory.integrations.ids().map(|_| Vec::new()).collect(),
            schemas_of: catalog.databases.ids().map(|_| Vec::new()).collect(),
            tables_of: catalog.schemas.ids().map(|_| Vec::new()).collect(),
            tables_in: inventory.integrations.ids().map(|_| RoaringBitmap::new()).collect(),
            data_sources_in: inventory.integrations.ids().map(|_| RoaringBitmap::new()).collect(),
            of_class: BTreeMap::new(),
            registered: IdVec::new(),
            by_tag: inventory.tags.iter().map(|_| Carriers::default()).collect(),
            known_tags: inventory.tags.iter().map(|_| false).collect(),
        };
        index.read_places(catalog);
        index.read_tags(inventory);
        let mut registered: Vec<Vec<_>> = inventory.integrations.ids().map(|_| Vec::new()).collect();
        for (id, data_source) in catalog.data_sources.iter() {
            if let Some(list) = registered.get_mut(data_source.integration.raw() as usize) {
                list.push((data_source.prefix.clone(), id.raw()));
            }
        }
        // Two data sources with one prefix are refused by the loader, so `unique` keeps all.
        index.registered =
            registered.into_iter().map(|list| PrefixMap::unique(list).unwrap_or_default()).collect();
        index
    }

    fn read_places(&mut self, catalog: &Catalog) {
        for (id, database) in catalog.databases.iter() {
            self.databases_of[database.integration].push(id);
        }
        for (id, schema) in catalog.schemas.iter() {
            self.schemas_of[schema.database].push(id);
        }
        for (id, table) in catalog.tables.iter() {
            self.tables_of[table.schema].push(id);
            let database = catalog.schemas[table.schema].database;
            self.tables_in[catalog.databases[database].integration].insert(id.raw());
        }
        for (id, data_source) in catalog.data_sources.iter() {
            self.data_sources_in[data_source.integration].insert(id.raw());
        }
        for (id, column) in catalog.columns.iter() {
            self.of_class.entry(column.column_type.class).or_default().insert(id.raw());
        }
    }

    fn read_tags(&mut self, inventory: &Inventory) {
        let (catalog, tags) = (&inventory.catalog, &inventory.tags);
        for (id, _) in catalog.tables.iter() {
            for tag in catalog.table_tags(id).flat_map(|tag| tags.upwards(tag)) {
                self.by_tag[tag].tables.insert(id.raw());
            }
        }
        for (id, _) in catalog.data_sources.iter() {
            for tag in catalog.data_source_tags(id).flat_map(|tag| tags.upwards(tag)) {
                self.by_tag[tag].data_sources.insert(id.raw());
            }
        }
        for (id, column) in catalog.columns.iter() {
            for tag in column.tags.iter().flat_map(|tag| tags.upwards(*tag)) {
                self.by_tag[tag].columns.insert(id.raw());
                self.by_tag[tag].with_column.insert(column.table.raw());
            }
        }
        for (id, _) in tags.iter().filter(|(id, _)| tags.is_known(*id)) {
            for tag in tags.upwards(id) {
                self.known_tags[tag] = true;
            }
        }
    }

    /// Who carries the tag or one below it.
    pub(super) fn carriers(&self, tag: TagId) -> Option<&Carriers> {
        self.by_tag.lookup(tag)
    }

    /// Whether the tag or one below it is carried or in a vocabulary.
    pub(super) fn is_known(&self, tag: TagId) -> bool {
        self.known_tags.lookup(tag).copied().unwrap_or(false)
    }

    /// The columns of the tables.
    pub(super) fn columns_of(&self, catalog: &Catalog, tables: &RoaringBitmap) -> RoaringBitmap {
        if *tables == self.tables {
            return self.columns.clone();
        }
        let tables = tables.iter().map(TableId::from_raw);
        tables.flat_map(|table| &catalog.tables[table].columns).map(|column| column.raw()).collect()
    }

    /// The tables of the columns.
    pub(super) fn tables_of_columns(&self, catalog: &Catalog, columns: &RoaringBitmap) -> RoaringBitmap {
        columns
            .iter()
            .map(|raw| catalog.columns[crate::inventory::ColumnId::from_raw(raw)].table.raw())
            .collect()
    }
}
