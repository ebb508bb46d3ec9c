//! The command line: arguments in, exit code out; a file per command.
//!
//! Results go to stdout, diagnostics and progress to stderr. Every exit code is one of [`ExitCode`]; what clap would end
//! with 2 ends with 64, since 2 says that changes are due.

pub mod accepted;
pub mod clock;
pub mod context;
pub mod exit;
pub mod format;
pub mod options;
pub mod output;
pub mod progress;

pub mod apply;
pub mod check;
pub mod compile;
pub mod completions;
pub mod data_sources;
pub mod drift;
pub mod explain;
pub mod explain_code;
pub mod export;
pub mod fmt;
pub mod import;
pub mod init;
pub mod integrations;
pub mod lsp;
pub mod man;
pub mod plan;
pub mod schema;
pub mod serve;
pub mod show;
pub mod snapshot;
pub mod stage;
pub mod test;
pub mod who_can;

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _, Parser};

pub use context::Global;
pub use exit::{ExitCode, Gate};
pub use format::OutputFormat;

/// Compiles data-access policies to the native access controls of the platforms that hold the data.
#[derive(Debug, Parser)]
#[command(name = "grantc", version, after_help = exit::TABLE, max_term_width = 110)]
pub struct Cli {
    /// The options of every command.
    #[command(flatten)]
    pub options: options::Options,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Declares the commands: their arguments, names and the formats that each one has.
macro_rules! commands {
    ($($(#[$attribute:meta])* $variant:ident => $module:ident, $name:literal;)+) => {
        /// What to do.
        #[derive(Debug, clap::Subcommand)]
        pub enum Command { $($(#[$attribute])* #[command(name = $name)] $variant($module::Args),)+ }

        impl Command {
            /// The word on the command line.
            pub fn name(&self) -> &'static str {
                match self { $(Command::$variant(_) => $name,)+ }
            }

            /// The formats that its result has.
            pub fn formats(&self) -> &'static [OutputFormat] {
                match self { $(Command::$variant(_) => $module::FORMATS,)+ }
            }

            fn run(&self, global: &Global) -> ExitCode {
                match self { $(Command::$variant(args) => $module::run(args, global),)+ }
            }
        }
    };
}

commands! {
    /// Write a small working project
    Init => init, "init";
    /// Look for errors and findings in policies, catalog and directory
    Check => check, "check";
    /// Print policies in their canonical form
    Fmt => fmt, "fmt";
    /// Write what builds the desired state with each platform's own tools
    Compile => compile, "compile";
    /// Say what would change, who gains or loses what, and what bypasses the policies
    Plan => plan, "plan";
    /// Print a plan that was kept with `plan --out`
    Show => show, "show";
    /// Carry out a plan, and read back what took
    Apply => apply, "apply";
    /// Say whether the platforms still are as the policies want
    Drift => drift, "drift";
    /// Say whether and why a user may read or write an object, and what he sees of it
    Explain => explain, "explain";
    /// List the users who may read or write an object, by the reason
    WhoCan => who_can, "who-can";
    /// Run the tests that stand in the policies
    Test => test, "test";
    /// Export what exists on a platform into `state/`
    Snapshot => snapshot, "snapshot";
    /// Turn what exists elsewhere into catalog, directory or policies
    Import => import, "import";
    /// Manage the connections to platforms
    Integrations => integrations, "integrations";
    /// Manage the registered data sources
    DataSources => data_sources, "data-sources";
    /// Write who may what, for auditors and other tools
    Export => export, "export";
    /// Serve the integrations API
    Serve => serve, "serve";
    /// Print the JSON Schema of a file of the project or of an output
    Schema => schema, "schema";
    /// Serve editors over the language server protocol
    Lsp => lsp, "lsp";
    /// Print the page of an error or finding
    ExplainCode => explain_code, "explain-code";
    /// Print a completion script for a shell
    Completions => completions, "completions";
    /// Print the manual, as roff
    Man => man, "man";
}

/// Runs the tool on arguments (the first is its own name).
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let started = clock::start();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parser = Cli::command().color(options::early_color(&arguments));
    let cli = match parser.try_get_matches_from(&arguments).and_then(|found| Cli::from_arg_matches(&found)) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let global = cli.options.resolve(started);
    let formats = cli.command.formats();
    if !formats.contains(&global.format) {
        let words: Vec<&str> = formats.iter().map(|format| format.word()).collect();
        return global.usage(
            &format!("`{}` has no format `{}`", cli.command.name(), global.format.word()),
            &format!("it has {}", words.join(", ")),
        );
    }
    if let Some(threads) = global.threads
        && let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global()
    {
        return global.fail(&format!("{threads} threads cannot be started: {error}"), "");
    }
    cli.command.run(&global)
}

/// Help and version are results; everything else that clap says is about the command line.
fn refuse(error: &clap::Error) -> ExitCode {
    // If the stream is gone there is nobody left to tell.
    let _ = error.print();
    match error.kind() {
        clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion => ExitCode::Ok,
        _ => ExitCode::Usage,
    }
}

/// What a command says whose engine is not in this version.
fn not_yet(global: &Global, command: &str, meanwhile: &str) -> ExitCode {
    global.fail(&format!("`grantc {command}` is not in this version yet"), meanwhile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_the_human_format_and_says_what_it_does() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
        }
    }
}
