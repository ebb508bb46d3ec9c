//! `compile`: what builds the desired state from nothing, with each platform's own tools.

use std::path::PathBuf;

use super::accepted::parse_code;
use super::{ExitCode, Global, OutputFormat};
use crate::diagnostic::Code;

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[OutputFormat::Human, OutputFormat::Json];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to write; it is replaced as a whole, and never if grantc did not write it
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Also write what `state/` would hold after the artefacts ran
    #[arg(long, value_name = "DIR")]
    pub as_state: Option<PathBuf>,
    /// A finding that opens but shall not stop this run; may be given several times
    #[arg(long, value_name = "CODE", value_parser = parse_code)]
    pub accept: Vec<Code>,
}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(global, "compile", "`grantc explain-code` and `grantc init` work already")
}
