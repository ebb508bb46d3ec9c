//! `import`: what exists elsewhere, as catalog, directory or policies.

use super::{ExitCode, Global, OutputFormat};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = super::format::HUMAN_ONLY;

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to import
    #[arg(value_name = "ARGUMENTS", num_args = 0.., allow_hyphen_values = true, trailing_var_arg = true)]
    pub rest: Vec<String>,
}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(
        global,
        "import",
        "catalog and directory are read from YAML, JSON and CSV, SCIM exports and the manifest of dbt as they are",
    )
}
