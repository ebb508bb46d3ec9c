//! `test`: the tests that stand in the policies.

use super::{ExitCode, Global, OutputFormat};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[
    OutputFormat::Human,
    OutputFormat::Json,
    OutputFormat::Ndjson,
    OutputFormat::Junit,
    OutputFormat::Github,
    OutputFormat::Markdown,
];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also say which policies, masks and filters no test touches
    #[arg(long)]
    pub coverage: bool,
}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(global, "test", "the reference meaning lands with the resolver")
}
