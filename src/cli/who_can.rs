//! `who-can`: the users who may, grouped by the reason.

use super::explain::Access;
use super::{ExitCode, Global, OutputFormat};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[OutputFormat::Human, OutputFormat::Json];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Reading or writing
    #[arg(value_enum, value_name = "ACCESS")]
    pub access: Access,
    /// `[INTEGRATION:]DB.SCHEMA.TABLE`, or an S3 prefix or key
    #[arg(value_name = "OBJECT")]
    pub object: String,
}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(global, "who-can", "the reference meaning lands with the resolver")
}
