//! `explain-code`: the page of an error or finding.

use serde::Serialize;

use super::{ExitCode, Global, OutputFormat};
use crate::diagnostic::{Code, nearest, pages};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[OutputFormat::Human, OutputFormat::Json, OutputFormat::Markdown];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The code, as it stands in brackets after `error` or `finding`
    #[arg(value_name = "CODE", required_unless_present = "list")]
    pub code: Option<String>,
    /// List all codes with their titles
    #[arg(long, conflicts_with = "code")]
    pub list: bool,
}

#[derive(Serialize)]
struct Item {
    code: &'static str,
    title: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'static str>,
}

#[derive(Serialize)]
struct One {
    schema_version: u32,
    #[serde(flatten)]
    item: Item,
}

#[derive(Serialize)]
struct List {
    schema_version: u32,
    codes: Vec<Item>,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let Some(written) = &args.code else { return list(global) };
    // What stands in brackets is easily copied with them.
    let name = written.trim_start_matches("error").trim_start_matches("finding").trim_matches(['[', ']']);
    let Some(code) = Code::named(name) else {
        let help = match nearest(written, Code::ALL.iter().map(|code| code.name())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`grantc explain-code --list` prints all of them".to_owned(),
        };
        return global.usage(&format!("no error or finding has the code `{written}`"), &help);
    };
    let page = pages::page(code);
    if global.format == OutputFormat::Json {
        let item = Item { code: code.name(), title: code.title(), page };
        return json(&One { schema_version: 1, item }, global);
    }
    global.print(page.unwrap_or(code.title()), ExitCode::Ok)
}

fn list(global: &Global) -> ExitCode {
    if global.format == OutputFormat::Json {
        let codes = Code::ALL
            .iter()
            .map(|code| Item { code: code.name(), title: code.title(), page: None })
            .collect();
        return json(&List { schema_version: 1, codes }, global);
    }
    let width = Code::ALL.iter().map(|code| code.name().len()).max().unwrap_or(0);
    let text: String =
        Code::ALL.iter().map(|code| format!("{:width$}  {}\n", code.name(), code.title())).collect();
    global.print(&text, ExitCode::Ok)
}

fn json(value: &impl Serialize, global: &Global) -> ExitCode {
    match serde_json::to_string_pretty(value) {
        Ok(text) => global.print(&format!("{text}\n"), ExitCode::Ok),
        Err(error) => global.fail(&format!("the page cannot be printed: {error}"), ""),
    }
}
