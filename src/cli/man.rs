//! `man`: the manual of the whole tool, one page of roff.
//!
//! In: the command line as clap knows it. Out: the usual sections, then one per command. Same bytes every time: no date.

use std::io::{self, Write};

use clap::CommandFactory as _;
use clap_mangen::{Man, roff::Roff, roff::bold, roff::roman};

use super::{Cli, ExitCode, Global, OutputFormat, exit};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = super::format::HUMAN_ONLY;

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
pub fn run(_args: &Args, global: &Global) -> ExitCode {
    match page() {
        Ok(page) => global.write(ExitCode::Ok, |out| out.write_all(&page)),
        Err(error) => global.fail(&format!("the manual cannot be made: {error}"), ""),
    }
}

fn page() -> io::Result<Vec<u8>> {
    let mut command = Cli::command().after_help("");
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone()).title("grantc").section("1").manual("grantc manual");
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    Roff::new().control("SH", ["COMMANDS"]).to_writer(&mut page)?;
    for each in command.get_subcommands().filter(|each| each.get_name() != "help") {
        section(each, &mut page)?;
    }
    list("EXIT STATUS", exit::TABLE.lines().skip(1), &mut page)?;
    let environment = [
        "NO_COLOR  if set, no colours, unless --color always",
        "CLICOLOR_FORCE  if set to anything but 0, colours even if the stream is no terminal",
    ];
    list("ENVIRONMENT", environment.into_iter(), &mut page)?;
    let files = [
        "grantc.yaml  names the parts of a project: policies, catalog, directory, integrations, state",
        "*.policy  the policies, below the folder that grantc.yaml names",
    ];
    list("FILES", files.into_iter(), &mut page)?;
    Ok(page)
}

/// One command: what it does, how it is called, its own options.
fn section(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let name = format!("grantc {}", command.get_name());
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    Roff::new().control("SS", [name.as_str()]).text([roman(about)]).to_writer(page)?;
    let mut usage = command.clone();
    let usage = usage.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim().to_owned();
    Roff::new().control("PP", []).text([bold(usage)]).to_writer(page)?;
    let own = command
        .get_arguments()
        .filter(|argument| !argument.is_global_set() && !argument.is_hide_set())
        .filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version"));
    for argument in own {
        let mut names: Vec<String> = Vec::new();
        names.extend(argument.get_short().map(|short| format!("-{short}")));
        names.extend(argument.get_long().map(|long| format!("--{long}")));
        let values: Vec<String> = if argument.get_action().takes_values() {
            argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect()
        } else {
            Vec::new()
        };
        let head = [names.join(", "), values.join(" ")].join(" ").trim().to_owned();
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        Roff::new().control("TP", []).text([bold(head)]).text([roman(help)]).to_writer(page)?;
    }
    Ok(())
}

/// A section of `term  explanation` lines.
fn list<'a>(title: &str, lines: impl Iterator<Item = &'a str>, page: &mut Vec<u8>) -> io::Result<()> {
    Roff::new().control("SH", [title]).to_writer(page)?;
    for line in lines {
        let (term, text) = line.trim().split_once("  ").unwrap_or((line.trim(), ""));
        Roff::new().control("TP", []).text([bold(term)]).text([roman(text.trim())]).to_writer(page)?;
    }
    page.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_has_every_command_option_and_exit_code() {
        let text = String::from_utf8(page().unwrap()).unwrap().replace("\\-", "-");
        for command in Cli::command().get_subcommands() {
            assert!(text.contains(&format!("grantc {}", command.get_name())), "{}", command.get_name());
        }
        for needle in ["--deny-gains", "--threads", "EXIT STATUS", "stale plan", "NO_COLOR", ".TH grantc 1"] {
            assert!(text.contains(needle), "{needle}\n{text}");
        }
    }
}
