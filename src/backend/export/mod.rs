//! The exports of platforms: tables read from CSV or JSON, and written as the platforms' own tools write them.

mod pages;
mod read;
mod write;

pub use pages::{Pages, pages};
pub use read::{Export, complete, export, tell};
pub use write::Table;
