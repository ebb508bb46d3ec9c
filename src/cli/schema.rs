//! `schema`: the JSON Schema of a file of the project or of an output.
//!
//! In: a name. Out: the schema (draft 2020-12), as written by hand in `schema/`. Files are closed: what grantc refuses as an
//! unknown key, the schema refuses too. Outputs are open: readers ignore fields that they do not know.
//! Tested against every fixture and against what the commands print (`tests/schema.rs`).

use serde::Serialize;

use super::{ExitCode, Global, OutputFormat};
use crate::diagnostic::nearest;

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[OutputFormat::Human, OutputFormat::Json];

/// The schemas: name, what it describes, text. Files first, then outputs.
pub const SCHEMAS: &[(&str, &str, &str)] = &[
    ("project", "grantc.yaml", include_str!("schema/project.json")),
    ("catalog", "catalog/*.yaml", include_str!("schema/catalog.json")),
    ("directory", "directory/*.yaml", include_str!("schema/directory.json")),
    ("integration", "integrations/*", include_str!("schema/integration.json")),
    ("check", "check --format json", include_str!("schema/check.json")),
    ("explain", "explain --format json", include_str!("schema/explain.json")),
    ("who-can", "who-can --format json", include_str!("schema/who-can.json")),
    ("test", "test --format json", include_str!("schema/test.json")),
    ("plan", "plan --format json, plan --out", include_str!("schema/plan.json")),
    ("report", "report.json of compile", include_str!("schema/report.json")),
];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which one
    #[arg(value_name = "NAME", required_unless_present = "list")]
    pub name: Option<String>,
    /// List all names with what they describe
    #[arg(long, conflicts_with = "name")]
    pub list: bool,
}

#[derive(Serialize)]
struct List {
    schema_version: u32,
    schemas: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    name: &'static str,
    describes: &'static str,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let Some(written) = &args.name else { return list(global) };
    let names = || SCHEMAS.iter().map(|(name, _, _)| *name);
    match SCHEMAS.iter().find(|(name, _, _)| name == written) {
        Some((_, _, text)) => global.print(text, ExitCode::Ok),
        None => {
            let known = format!("the schemas are: {}", names().collect::<Vec<_>>().join(", "));
            let help = match nearest(written, names()) {
                Some(near) => format!("did you mean `{near}`? {known}"),
                None => known,
            };
            global.usage(&format!("there is no schema `{written}`"), &help)
        }
    }
}

fn list(global: &Global) -> ExitCode {
    if global.format == OutputFormat::Json {
        let schemas = SCHEMAS.iter().map(|(name, describes, _)| Item { name, describes }).collect();
        return global.print_json(&List { schema_version: 1, schemas }, ExitCode::Ok);
    }
    let width = SCHEMAS.iter().map(|(name, _, _)| name.len()).max().unwrap_or(0);
    let text: String =
        SCHEMAS.iter().map(|(name, describes, _)| format!("{name:width$}  {describes}\n")).collect();
    global.print(&text, ExitCode::Ok)
}

#[cfg(test)]
mod tests;
