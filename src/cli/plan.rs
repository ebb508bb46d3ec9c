//! `plan`: what would change natively, who gains or loses what, and what bypasses the policies.

use std::path::PathBuf;

use super::accepted::parse_code;
use super::stage::{self, Loaded};
use super::{ExitCode, Global, OutputFormat, output};
use crate::diagnostic::{Code, Diagnostics};
use crate::pipeline;
use crate::plan::{Plan, render};

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
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let mut loaded = match stage::load(global) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    if let Err(code) = loaded.gate(global, &args.accept) {
        return code;
    }
    let plan = match compare(&mut loaded, global, &args.integration, args.order.into()) {
        Ok(plan) => plan,
        Err(code) => return code,
    };
    if let Some(file) = &args.out
        && let Err(error) = output::write_file(file, render::json::render(&plan).as_bytes(), None)
    {
        return global.fail(&format!("`{}` cannot be written: {error}", file.display()), "");
    }
    let code = verdict(args, global, &plan);
    let code = show(global, &plan, code);
    let changes: usize = plan.integrations.values().map(|each| each.changes.len() + each.unchanged).sum();
    global.done(changes as u64, "native facts compared");
    code
}

/// Compiles, reads the exports and compares; prints what stands in the way.
///
/// # Errors
/// The exit code, after it was said.
pub fn compare(
    loaded: &mut Loaded,
    global: &Global,
    only: &[String],
    order: crate::plan::Order,
) -> Result<Plan, ExitCode> {
    let mut said = Diagnostics::new();
    let (world, sources) = (&loaded.world, &mut loaded.sources);
    let result = pipeline::plan(world, only, order, sources, &mut said);
    match result {
        Ok(plan) => {
            global.report(&mut said, &loaded.sources, &loaded.root);
            for (name, each) in plan.integrations.iter().filter(|(_, each)| each.from_nothing) {
                let what = if each.open {
                    "and a coordinator without rules lets everyone do everything"
                } else {
                    "so everything is to be added"
                };
                global.say(&format!(
                    "warning: there is no export of `{name}` in {}: planned from nothing, {what}",
                    loaded.world.project.state.join(name).display()
                ));
            }
            Ok(plan)
        }
        Err(_) => Err(loaded.fail(global, said)),
    }
}

/// Gates outrank changes.
fn verdict(args: &Args, global: &Global, plan: &Plan) -> ExitCode {
    let gates = [
        (args.deny_gains, plan.effects.gains.len(), "gains", "--deny-gains"),
        (args.deny_gaps, plan.gaps.len(), "gaps", "--deny-gaps"),
        (args.deny_bypasses, plan.bypasses.len(), "bypasses", "--deny-bypasses"),
    ];
    let mut code = if plan.has_changes() { ExitCode::Changes } else { ExitCode::Ok };
    for (denied, count, what, flag) in gates {
        if denied && count > 0 {
            global.say(&format!("stopped by {flag}: {count} {what}"));
            code = ExitCode::Findings;
        }
    }
    let revokes = plan.count("remove") as u64;
    if let Some(limit) = args.allow_revokes.filter(|limit| revokes > *limit) {
        global.say(&format!("stopped by --allow-revokes: {revokes} removals, {limit} allowed"));
        code = ExitCode::Stale;
    }
    code
}

/// Prints a plan in the format asked for.
pub fn show(global: &Global, plan: &Plan, code: ExitCode) -> ExitCode {
    let format = match global.format {
        OutputFormat::Json => render::Format::Json,
        OutputFormat::Ndjson => render::Format::Ndjson,
        OutputFormat::Markdown => render::Format::Markdown,
        OutputFormat::Html => render::Format::Html,
        OutputFormat::Sql => render::Format::Sql,
        OutputFormat::Human | OutputFormat::Sarif | OutputFormat::Junit | OutputFormat::Github => {
            render::Format::Human
        }
    };
    let text = render::render(plan, format, global.colors_results());
    global.print(&text, code)
}

impl From<Order> for crate::plan::Order {
    fn from(order: Order) -> Self {
        match order {
            Order::NeverWider => crate::plan::Order::NeverWider,
            Order::NeverNarrower => crate::plan::Order::NeverNarrower,
        }
    }
}
