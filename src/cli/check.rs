//! `check`: errors and findings in policies, catalog and directory, as the result.

use super::{ExitCode, Global, OutputFormat};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[
    OutputFormat::Human,
    OutputFormat::Json,
    OutputFormat::Ndjson,
    OutputFormat::Sarif,
    OutputFormat::Junit,
    OutputFormat::Github,
    OutputFormat::Markdown,
];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(global, "check", "the checks land with the resolver")
}
