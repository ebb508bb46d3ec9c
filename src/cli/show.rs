//! `show`: a plan that was kept with `plan --out`.

use std::path::PathBuf;

use super::{ExitCode, Global, OutputFormat};
use crate::plan::render;

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
pub fn run(args: &Args, global: &Global) -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "the edge: the file named on the command line")]
    let text = match std::fs::read_to_string(&args.plan) {
        Ok(text) => text,
        Err(error) => return global.fail(&format!("`{}` cannot be read: {error}", args.plan.display()), ""),
    };
    match render::from_json(&text) {
        Ok(plan) => super::plan::show(global, &plan, ExitCode::Ok),
        Err(why) => global.fail(
            &format!("`{}` is not a plan: {why}", args.plan.display()),
            "`grantc plan --out FILE` writes one",
        ),
    }
}
