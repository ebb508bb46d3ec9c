//! `drift`: whether the platforms still are as the policies want.

use super::{ExitCode, Global, OutputFormat, stage};
use crate::plan::Order;

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
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let mut loaded = match stage::load(global) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    let plan = match super::plan::compare(&mut loaded, global, &args.integration, Order::NeverWider) {
        Ok(plan) => plan,
        Err(code) => return code,
    };
    let code = if plan.has_changes() || !plan.bypasses.is_empty() { ExitCode::Changes } else { ExitCode::Ok };
    if global.format != OutputFormat::Human && global.format != OutputFormat::Github {
        return super::plan::show(global, &plan, code);
    }
    let mut text = String::new();
    for (name, each) in &plan.integrations {
        let state = if each.changes.is_empty() {
            "in sync".to_owned()
        } else {
            format!("{} facts differ", each.changes.len())
        };
        match global.format {
            OutputFormat::Github if !each.changes.is_empty() => {
                text.push_str(&format!("::warning title=grantc drift::{name}: {state}\n"));
            }
            OutputFormat::Github => {}
            _ => text.push_str(&format!(
                "{name}: {state}, {} unchanged, {} unmanaged\n",
                each.unchanged, each.unmanaged
            )),
        }
    }
    if !plan.bypasses.is_empty() {
        let word = if global.format == OutputFormat::Github { "::warning title=grantc drift::" } else { "" };
        text.push_str(&format!(
            "{word}{} bypasses: somebody has more than the policies say; `grantc plan` lists them\n",
            plan.bypasses.len()
        ));
    }
    global.print(&text, code)
}
