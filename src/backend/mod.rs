//! The platforms: one folder each, one row below each.
//!
//! In: a [`Program`](crate::ir::Program). Out: native facts and gaps ([`Lowered`]), artefacts, and what a platform's
//! facts *mean* ([`Permits`]), independent of how we lower.
//! Shared code never asks which platform it serves: it reads the capability table.

pub mod bigquery;
pub mod body;
pub mod capability;
pub mod class;
pub mod contract;
pub mod export;
pub mod fact;
pub mod gap;
pub mod names;
pub mod object;
pub mod protection;
pub mod redshift;
pub mod s3;
pub mod snowflake;
pub mod sql;
pub mod state;
#[cfg(test)]
pub(crate) mod testing;
pub mod synapse;
pub mod trino;
pub mod unity_catalog;
pub mod views;

pub use capability::{Capabilities, Support};
pub use class::{Class, Classes};
pub use contract::{
    Artefact, Backend, Change, Lowered, Lowering, Observed, Op, Permits, Phase, RowsSeen, Seen,
};
pub use fact::{Fact, FactKey, FactKind, Symbol, Symbols};
pub use gap::{Gap, GapCode};
pub use state::StateFolder;

use crate::inventory::Platform;

/// The backend of a platform; `None` where it has not been built.
pub fn of(platform: Platform) -> Option<&'static dyn Backend> {
    match platform {
        Platform::Snowflake => Some(&snowflake::Snowflake),
        Platform::Trino => Some(&trino::Trino),
        Platform::S3 => Some(&s3::S3),
        Platform::Databricks => Some(&unity_catalog::UnityCatalog),
        Platform::Redshift => Some(&redshift::Redshift),
        Platform::Synapse => Some(&synapse::Synapse),
        Platform::BigQuery => Some(&bigquery::BigQuery),
    }
}
