//! `show`: a plan that was kept with `plan --out`.

use std::path::PathBuf;

use super::{ExitCode, Global, OutputFormat};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[
    OutputFormat::Human,
    OutputFormat::Json,
    OutputFormat::Ndjson,
    OutputFormat::Markdown,
    OutputFormat::Html,
    OutputFormat::Sql,
];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(global, "show", "a plan is JSON: any JSON reader prints it")
}
