//! `apply`: carries out a plan in a safe order, journals, reads back.

use std::path::PathBuf;

use super::accepted::parse_code;
use super::{ExitCode, Global, OutputFormat};
use crate::diagnostic::Code;

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[OutputFormat::Human, OutputFormat::Json, OutputFormat::Ndjson];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan to carry out; a stale one is refused
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Only this integration; may be given several times
    #[arg(long, value_name = "NAME")]
    pub integration: Vec<String>,
    /// A finding that opens but shall not stop this run; may be given several times
    #[arg(long, value_name = "CODE", value_parser = parse_code)]
    pub accept: Vec<Code>,
    /// How many revocations the guard lets through
    #[arg(long, value_name = "N")]
    pub allow_revokes: Option<u64>,
    /// Apply although there is no `state/` to compare with
    #[arg(long)]
    pub bootstrap: bool,
}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(
        global,
        "apply",
        "run what `grantc compile -o DIR` writes with the platform's own tools, in the order of the file names; `grantc plan` on a fresh export then shows what did not take",
    )
}
