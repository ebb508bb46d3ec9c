//! `completions`: a completion script for a shell.

use clap::CommandFactory as _;

use super::{Cli, ExitCode, Global, OutputFormat};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = super::format::HUMAN_ONLY;

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "grantc", &mut script);
    global.write(ExitCode::Ok, |out| out.write_all(&script))
}
