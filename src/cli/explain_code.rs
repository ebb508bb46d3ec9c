//! `explain-code`: the page of an error, finding or gap.

use serde::Serialize;

use super::{ExitCode, Global, OutputFormat};
use crate::diagnostic::{nearest, pages};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[OutputFormat::Human, OutputFormat::Json, OutputFormat::Markdown];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The code, as it stands in brackets after `error` or `finding`, or a gap's
    #[arg(value_name = "CODE", required_unless_present = "list")]
    pub code: Option<String>,
    /// List all codes with their titles
    #[arg(long, conflicts_with = "code")]
    pub list: bool,
}

#[derive(Serialize)]
struct One {
    schema_version: u32,
    code: &'static str,
    title: &'static str,
    page: &'static str,
}

#[derive(Serialize)]
struct List {
    schema_version: u32,
    codes: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    code: &'static str,
    title: &'static str,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let Some(written) = &args.code else { return list(global) };
    // What stands in brackets is easily copied with them.
    let name = written.trim_start_matches("error").trim_start_matches("finding").trim_matches(['[', ']']);
    let known = pages::all().find(|(code, _)| *code == name);
    let Some((code, title, page)) = known.and_then(|(code, title)| Some((code, title, pages::named(code)?)))
    else {
        let help = match nearest(written, pages::all().map(|(code, _)| code)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`grantc explain-code --list` prints all of them".to_owned(),
        };
        return global.usage(&format!("no error, finding or gap has the code `{written}`"), &help);
    };
    if global.format == OutputFormat::Json {
        return global.print_json(&One { schema_version: 1, code, title, page }, ExitCode::Ok);
    }
    global.print(page, ExitCode::Ok)
}

fn list(global: &Global) -> ExitCode {
    if global.format == OutputFormat::Json {
        let codes = pages::all().map(|(code, title)| Item { code, title }).collect();
        return global.print_json(&List { schema_version: 1, codes }, ExitCode::Ok);
    }
    let width = pages::all().map(|(code, _)| code.len()).max().unwrap_or(0);
    let text: String = pages::all().map(|(code, title)| format!("{code:width$}  {title}\n")).collect();
    global.print(&text, ExitCode::Ok)
}
