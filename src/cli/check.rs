//! `check`: errors and findings in policies, catalog and directory, as the result.

use super::accepted::Accepted;
use super::exit::Gate;
use super::{ExitCode, Global, OutputFormat};
use crate::diagnostic::Diagnostics;
use crate::pipeline;
use crate::source::Sources;

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
    let root = match global.project_root() {
        Ok(root) => root,
        Err(code) => return code,
    };
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let world = pipeline::load(&root, global.at, &mut sources, &mut diagnostics);
    let list = world.as_ref().map_or(&[][..], |world| world.project.accept.as_slice());
    let accepted = Accepted::new(&[], list);
    let mut open: Diagnostics = Diagnostics::new();
    for each in accepted.unaccepted(&diagnostics) {
        open.push(each.clone());
    }
    let silenced = diagnostics.len() - open.len();
    let code = Gate::Check.verdict(open.iter());
    let code = global.report_result(&mut open, &sources, &root, code);
    if silenced > 0 && global.format == OutputFormat::Human {
        global.say(&format!("{silenced} accepted in grantc.yaml"));
    }
    if let Ok(world) = &world {
        let program = &world.program;
        let policies = program.subscriptions.len()
            + program.guardrails.len()
            + program.masks.len()
            + program.filters.len();
        global.done(policies as u64, "policies");
    }
    code
}
