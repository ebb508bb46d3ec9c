//! `drift`: whether the platforms still are as the policies want.

use super::{ExitCode, Global, OutputFormat};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[
    OutputFormat::Human,
    OutputFormat::Json,
    OutputFormat::Ndjson,
    OutputFormat::Markdown,
    OutputFormat::Github,
];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this integration; may be given several times
    #[arg(long, value_name = "NAME")]
    pub integration: Vec<String>,
}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(global, "drift", "`grantc plan` exits 2 when changes are due")
}
