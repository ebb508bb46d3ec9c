//! `fmt`: policies in their canonical form, in place or checked.

use std::path::PathBuf;

use super::{ExitCode, Global, OutputFormat};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = super::format::HUMAN_ONLY;

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Change nothing; exit 3 if a file is not in its canonical form
    #[arg(long)]
    pub check: bool,
    /// The files, or `-` for stdin to stdout [default: every policy of the project]
    #[arg(value_name = "FILES")]
    pub files: Vec<PathBuf>,
}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(global, "fmt", "the canonical printer lands with the parser")
}
