//! `plan`: what would change natively, who gains or loses what, and what bypasses the policies.

use std::path::PathBuf;

use super::accepted::parse_code;
use super::{ExitCode, Global, OutputFormat};
use crate::diagnostic::Code;

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[
    OutputFormat::Human,
    OutputFormat::Json,
    OutputFormat::Ndjson,
    OutputFormat::Markdown,
    OutputFormat::Html,
    OutputFormat::Sql,
];

/// In which order statements run where that is free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Order {
    /// Revoke before granting: at no step more than before or after
    #[default]
    NeverWider,
    /// Grant before revoking: at no step less than before or after
    NeverNarrower,
}

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Keep the plan in this file, for `show` and `apply --plan`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Only this integration; may be given several times
    #[arg(long, value_name = "NAME")]
    pub integration: Vec<String>,
    /// Exit 3 if somebody gains access, clear text or rows
    #[arg(long)]
    pub deny_gains: bool,
    /// Exit 3 if a platform cannot enforce a policy exactly
    #[arg(long)]
    pub deny_gaps: bool,
    /// Exit 3 if what others granted gives a user more than the policies
    #[arg(long)]
    pub deny_bypasses: bool,
    /// A finding that opens but shall not stop this run; may be given several times
    #[arg(long, value_name = "CODE", value_parser = parse_code)]
    pub accept: Vec<Code>,
    /// How many revocations the guard lets through
    #[arg(long, value_name = "N")]
    pub allow_revokes: Option<u64>,
    /// In which order statements run where that is free
    #[arg(long, value_enum, default_value = "never-wider")]
    pub order: Order,
}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    super::not_yet(global, "plan", "compare the artefacts with the platform's own exports by hand")
}
