//! What data there is: databases, schemas, tables, columns and registered S3 prefixes, with their own tags.

use roaring::RoaringBitmap;

use super::{ColumnId, ColumnType, DataSourceId, DatabaseId, IntegrationId, SchemaId, TableId, TagId};
use crate::ids::{Id, IdVec};
use crate::prefix::Prefix;
use crate::source::Place;

/// A database, as its platform stores the name.
#[derive(Clone, Debug)]
pub struct Database {
    /// Where it lives.
    pub integration: IntegrationId,
    /// The stored name, exact.
    pub name: String,
    /// Tags written on it, sorted.
    pub tags: Vec<TagId>,
}

/// A schema.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Where it lives.
    pub database: DatabaseId,
    /// The stored name, exact.
    pub name: String,
    /// Tags written on it, sorted.
    pub tags: Vec<TagId>,
}

/// What kind of relation: views refuse writing on every platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableKind {
    /// A table.
    Table,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
    /// A table over files.
    External,
}

/// A table or view.
#[derive(Clone, Debug)]
pub struct Table {
    /// Where it lives.
    pub schema: SchemaId,
    /// The stored name, exact.
    pub name: String,
    /// Table, view, …
    pub kind: TableKind,
    /// The files of a lake table.
    pub location: Option<Prefix>,
    /// Tags written on it, sorted.
    pub tags: Vec<TagId>,
    /// Its columns, in the order of their names' ids: `first_column..first_column + columns`.
    pub columns: Vec<ColumnId>,
    /// Where it is described.
    pub place: Place,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its table.
    pub table: TableId,
    /// The stored name, exact.
    pub name: String,
    /// Its type.
    pub column_type: ColumnType,
    /// Tags written on it, sorted.
    pub tags: Vec<TagId>,
}

/// A registered S3 prefix or object.
#[derive(Clone, Debug)]
pub struct DataSource {
    /// Where it lives.
    pub integration: IntegrationId,
    /// The keys that it covers.
    pub prefix: Prefix,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Tags written on it, sorted.
    pub tags: Vec<TagId>,
    /// Where it is described.
    pub place: Place,
}

/// What a user may be given access to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Securable {
    /// A table or view.
    Table(TableId),
    /// A registered prefix.
    DataSource(DataSourceId),
}

/// A set of securables.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecurableSet {
    /// Raw `TableId`s.
    pub tables: RoaringBitmap,
    /// Raw `DataSourceId`s.
    pub data_sources: RoaringBitmap,
}

impl SecurableSet {
    /// Whether the securable is in.
    pub fn contains(&self, securable: Securable) -> bool {
        match securable {
            Securable::Table(id) => self.tables.contains(id.raw()),
            Securable::DataSource(id) => self.data_sources.contains(id.raw()),
        }
    }

    /// Whether nothing is in.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.data_sources.is_empty()
    }

    /// The members, tables first, in id order.
    pub fn iter(&self) -> impl Iterator<Item = Securable> + '_ {
        let tables = self.tables.iter().map(|raw| Securable::Table(TableId::from_raw(raw)));
        tables.chain(self.data_sources.iter().map(|raw| Securable::DataSource(DataSourceId::from_raw(raw))))
    }
}

/// All data. Ids follow (integration, database, schema, table, column) and (integration, prefix) in byte order.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Databases.
    pub databases: IdVec<DatabaseId, Database>,
    /// Schemas.
    pub schemas: IdVec<SchemaId, Schema>,
    /// Tables.
    pub tables: IdVec<TableId, Table>,
    /// Columns.
    pub columns: IdVec<ColumnId, Column>,
    /// Registered prefixes.
    pub data_sources: IdVec<DataSourceId, DataSource>,
    /// For each data source, the others that cover it, nearest first: whose tags it inherits.
    pub covering: IdVec<DataSourceId, Vec<DataSourceId>>,
}

impl Catalog {
    /// The schema and database of a table.
    pub fn home(&self, table: TableId) -> (&Schema, &Database) {
        let schema = &self.schemas[self.tables[table].schema];
        (schema, &self.databases[schema.database])
    }

    /// The integration of a securable.
    pub fn integration(&self, securable: Securable) -> IntegrationId {
        match securable {
            Securable::Table(table) => self.home(table).1.integration,
            Securable::DataSource(id) => self.data_sources[id].integration,
        }
    }

    /// Database, schema and table name, as stored.
    pub fn path(&self, table: TableId) -> [&str; 3] {
        let (schema, database) = self.home(table);
        [&database.name, &schema.name, &self.tables[table].name]
    }

    /// The tags that a table carries, itself or inherited.
    pub fn table_tags(&self, table: TableId) -> impl Iterator<Item = TagId> + '_ {
        let (schema, database) = self.home(table);
        self.tables[table].tags.iter().chain(&schema.tags).chain(&database.tags).copied()
    }

    /// The tags that a column carries, itself or inherited.
    pub fn column_tags(&self, column: ColumnId) -> impl Iterator<Item = TagId> + '_ {
        let column = &self.columns[column];
        column.tags.iter().copied().chain(self.table_tags(column.table))
    }

    /// The tags that a data source carries, itself or inherited from those that cover it.
    pub fn data_source_tags(&self, id: DataSourceId) -> impl Iterator<Item = TagId> + '_ {
        let inherited = self.covering[id].iter().flat_map(|outer| &self.data_sources[*outer].tags);
        self.data_sources[id].tags.iter().chain(inherited).copied()
    }

    /// The tags that a securable carries, itself or inherited.
    pub fn securable_tags(&self, securable: Securable) -> Vec<TagId> {
        match securable {
            Securable::Table(table) => self.table_tags(table).collect(),
            Securable::DataSource(id) => self.data_source_tags(id).collect(),
        }
    }

    /// Every securable, tables first.
    pub fn securables(&self) -> impl Iterator<Item = Securable> + '_ {
        self.tables.ids().map(Securable::Table).chain(self.data_sources.ids().map(Securable::DataSource))
    }

    /// The stored dotted name, or the prefix: what approvals and `covers name` compare.
    pub fn dotted_name(&self, securable: Securable) -> String {
        match securable {
            Securable::Table(table) => self.path(table).join("."),
            Securable::DataSource(id) => self.data_sources[id].prefix.to_string(),
        }
    }

    /// The name as output shows it: parts quoted unless `[A-Za-z_][A-Za-z0-9_]*`.
    pub fn shown_name(&self, securable: Securable) -> String {
        match securable {
            Securable::Table(table) => self.path(table).map(quoted).join("."),
            Securable::DataSource(id) => self.data_sources[id].prefix.to_string(),
        }
    }

    /// A column's name as output shows it: `DB.SCHEMA.TABLE.COLUMN`.
    pub fn shown_column(&self, column: ColumnId) -> String {
        let column = &self.columns[column];
        format!("{}.{}", self.shown_name(Securable::Table(column.table)), quoted(&column.name))
    }
}

/// A name as output shows it: in double quotes, doubled inside, unless `[A-Za-z_][A-Za-z0-9_]*`.
pub fn quoted(name: &str) -> String {
    let mut bytes = name.bytes();
    let plain = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}
