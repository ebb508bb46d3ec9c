//! The options of every command, as they are written; they stand before or after the command.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

use super::context::{ColorWhen, Global};
use super::format::OutputFormat;
use crate::inventory;

/// The options of every command.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Options {
    /// The folder that holds grantc.yaml [default: the nearest upward]
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,

    /// The format of the result, where the command has it
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "human",
        hide_possible_values = true,
        value_name = "human|json|ndjson|sarif|junit|github|markdown|html|sql"
    )]
    pub format: OutputFormat,

    /// When to write colours
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        hide_possible_values = true,
        value_name = "auto|always|never"
    )]
    pub color: ColorWhen,

    /// Results, errors and findings only
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say more; twice: still more
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// How many threads to work on [default: as many as there are cores]
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// The instant to compile for: a date (00:00 UTC) or an RFC 3339 time [default: now]
    #[arg(long, global = true, value_name = "DATE|RFC3339", value_parser = parse_instant)]
    pub at: Option<inventory::Instant>,
}

impl Options {
    /// Fills in what was not given.
    pub fn resolve(self, started: Instant) -> Global {
        Global {
            project: self.project,
            format: self.format,
            color: self.color,
            quiet: self.quiet,
            verbose: self.verbose,
            threads: self.threads,
            at: self.at.unwrap_or_else(super::clock::now),
            started,
        }
    }
}

fn parse_instant(text: &str) -> Result<inventory::Instant, String> {
    inventory::Instant::parse(text)
        .ok_or_else(|| "write a date (`2026-12-31`) or an RFC 3339 time (`2026-12-31T18:00:00Z`)".to_owned())
}

/// The colours of messages about the command line itself, which is not understood yet: `--color` is looked for by eye.
pub fn early_color(arguments: &[OsString]) -> clap::ColorChoice {
    let words: Vec<&str> = arguments.iter().map(|each| each.to_str().unwrap_or("")).collect();
    let split = words.windows(2).filter_map(|pair| match pair {
        ["--color", value] => Some(*value),
        _ => None,
    });
    let joined = words.iter().filter_map(|word| word.strip_prefix("--color="));
    match split.chain(joined).last() {
        Some("always") => clap::ColorChoice::Always,
        Some("never") => clap::ColorChoice::Never,
        _ => clap::ColorChoice::Auto,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_known_before_the_command_line_is() {
        let check = |line: &str, expected: clap::ColorChoice| {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(early_color(&arguments), expected, "{line}");
        };
        check("grantc check", clap::ColorChoice::Auto);
        check("grantc --color never chekc", clap::ColorChoice::Never);
        check("grantc chekc --color=always", clap::ColorChoice::Always);
    }
}
