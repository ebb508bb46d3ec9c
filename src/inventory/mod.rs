//! What there is: who (directory), what data (catalog), on which platforms (integrations), and who was approved.
//!
//! In: the project's files. Out: [`Inventory`], names interned to dense ids.
//! Invariant: ids follow the byte order of names, so they do not depend on the order of files or rows.
//! Cost: one pass over the rows, one sort of the names.

pub mod accounts;
pub mod catalog;
pub mod column_type;
pub mod directory;
pub(crate) mod document;
pub mod files;
pub mod instant;
pub mod integration;
mod load;
pub mod project;
pub mod tag;

pub use accounts::{AccountId, AccountSet, Accounts};
pub use catalog::{Catalog, Securable, SecurableSet};
pub use column_type::{ColumnType, TypeClass};
pub use directory::{Approval, Directory};
pub use instant::Instant;
pub use integration::{Integration, Platform};
pub use load::{ProjectFiles, load, load_files, policy_files};
pub use project::Project;
pub use tag::{Tag, Tags};

use crate::ids::IdVec;

crate::ids! {
    /// A user of the directory.
    UserId,
    /// A group of the directory.
    GroupId,
    /// An integration: one platform that we manage.
    IntegrationId,
    /// A database (Trino: a catalog; BigQuery: a project).
    DatabaseId,
    /// A schema (BigQuery: a dataset).
    SchemaId,
    /// A table, view, materialized view or external table.
    TableId,
    /// A column of a table.
    ColumnId,
    /// A registered S3 prefix or object: a data source.
    DataSourceId,
    /// A tag or an ancestor of one.
    TagId,
}

/// Everything that policies speak about.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// The platforms, by name.
    pub integrations: IdVec<IntegrationId, Integration>,
    /// Every tag that something carries or a vocabulary lists, with all its ancestors.
    pub tags: Tags,
    /// Tables, columns and data sources.
    pub catalog: Catalog,
    /// Users, groups, attributes and accounts.
    pub directory: Directory,
    /// Who may because somebody said so.
    pub approvals: Vec<Approval>,
}
