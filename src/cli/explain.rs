//! `explain`: whether and why a user may, by which policy lines, and what he sees.

use super::{ExitCode, Global, OutputFormat};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[OutputFormat::Human, OutputFormat::Json];

/// What a user does with an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Access {
    /// Read it
    #[default]
    Read,
    /// Write it
    Write,
}

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The user, by the directory's id
    #[arg(value_name = "USER")]
    pub user: String,
    /// `[INTEGRATION:]DB.SCHEMA.TABLE[.COLUMN]`, or an S3 prefix or key
    #[arg(value_name = "OBJECT")]
    pub object: String,
    /// Reading or writing
    #[arg(long, value_enum, default_value = "read")]
    pub access: Access,
}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(global, "explain", "the reference meaning lands with the resolver")
}
