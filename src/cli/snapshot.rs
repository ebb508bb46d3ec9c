//! `snapshot`: what exists on a platform, into `state/`.

use super::{ExitCode, Global, OutputFormat};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = super::format::HUMAN_ONLY;

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The integration
    #[arg(value_name = "INTEGRATION")]
    pub integration: String,
}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(
        global,
        "snapshot",
        "export with the platform's own tools into state/<integration>/: the headers stay as they come",
    )
}
