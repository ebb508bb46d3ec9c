//! The exports of platforms: tables read from CSV or JSON, and written as the platforms' own tools write them.

mod read;
mod write;

pub use read::{Export, complete, export, tell};
pub use write::Table;
