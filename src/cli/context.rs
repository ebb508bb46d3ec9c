//! What every command shares: the global options, where results and diagnostics go, how a run ends.
//!
//! Results go to stdout, everything else to stderr. A reader who closes stdout early (`| head`) has what he wanted: that is
//! no error. Any other failure to write is.

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anstream::{AutoStream, ColorChoice};

use super::clock;
use super::exit::ExitCode;
use super::format::OutputFormat;
use super::progress::{PATIENCE, Progress};
use crate::diagnostic::Diagnostics;
use crate::diagnostic::render::{self, Options, visible};
use crate::inventory;
use crate::source::Sources;

/// When to write colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set; also with CLICOLOR_FORCE
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The options of every command, resolved.
#[derive(Clone, Debug)]
pub struct Global {
    /// `--project`.
    pub project: Option<PathBuf>,
    /// `--format`; human without.
    pub format: OutputFormat,
    /// `--color`.
    pub color: ColorWhen,
    /// `--quiet`: results, errors and findings only.
    pub quiet: bool,
    /// How many `-v`.
    pub verbose: u8,
    /// `--threads`.
    pub threads: Option<NonZeroUsize>,
    /// `--at`, else the instant at which the run started.
    pub at: inventory::Instant,
    /// When the run started, for what it cost.
    pub started: Instant,
}

impl Global {
    /// The folder that holds `grantc.yaml`: `--project`, else the nearest upward from the working directory. Relative,
    /// so that file names in messages are paths from where the reader stands.
    ///
    /// # Errors
    /// If there is none; it has been said.
    pub fn project_root(&self) -> Result<PathBuf, ExitCode> {
        if let Some(dir) = &self.project {
            return if dir.join(PROJECT_FILE).is_file() {
                Ok(dir.clone())
            } else {
                Err(self.fail(
                    &format!("`{}` holds no {PROJECT_FILE}", dir.display()),
                    &format!("`grantc init {}` makes a project", dir.display()),
                ))
            };
        }
        #[expect(clippy::disallowed_methods, reason = "the edge where the working directory is read")]
        let here = std::env::current_dir().unwrap_or_default();
        let mut relative = PathBuf::new();
        for folder in here.ancestors() {
            if folder.join(PROJECT_FILE).is_file() {
                return Ok(if relative.as_os_str().is_empty() { PathBuf::from(".") } else { relative });
            }
            relative.push("..");
        }
        Err(self.fail(
            &format!("no {PROJECT_FILE} here or in any folder above"),
            "name the project with `--project DIR`, or make one with `grantc init`",
        ))
    }

    /// Prints a result and ends with `code`, unless stdout cannot take it.
    pub fn print(&self, text: &str, code: ExitCode) -> ExitCode {
        self.write(code, |out| out.write_all(text.as_bytes()))
    }

    /// Prints a result as indented JSON.
    pub fn print_json(&self, value: &impl serde::Serialize, code: ExitCode) -> ExitCode {
        self.write(code, |out| {
            serde_json::to_writer_pretty(&mut *out, value)?;
            out.write_all(b"\n")
        })
    }

    /// Streams a result, byte for byte, and ends with `code`, unless stdout cannot take it.
    pub fn write(&self, code: ExitCode, body: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> ExitCode {
        let mut out = BufWriter::new(io::stdout().lock());
        match body(&mut out).and_then(|()| out.flush()) {
            Ok(()) => code,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => code,
            Err(error) => self.fail(&format!("the result cannot be written: {error}"), ""),
        }
    }

    /// Whether a result for people may be coloured.
    pub fn colors_results(&self) -> bool {
        self.choice(&io::stdout()) != ColorChoice::Never
    }

    fn choice(&self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        match self.color {
            ColorWhen::Auto => AutoStream::choice(stream),
            ColorWhen::Always => ColorChoice::AlwaysAnsi,
            ColorWhen::Never => ColorChoice::Never,
        }
    }

    /// Says something beside the result, unless `--quiet`.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.stderr(&format!("{text}\n"));
        }
    }

    /// Says why the command failed, and the way out if there is one; ends with [`ExitCode::Error`].
    pub fn fail(&self, message: &str, help: &str) -> ExitCode {
        self.complain(message, help);
        ExitCode::Error
    }

    /// Says what is wrong with the command line; ends with [`ExitCode::Usage`].
    pub fn usage(&self, message: &str, help: &str) -> ExitCode {
        self.complain(message, help);
        ExitCode::Usage
    }

    fn complain(&self, message: &str, help: &str) {
        let red = anstyle::AnsiColor::BrightRed.on_default().bold();
        let bold = anstyle::Style::new().bold();
        let mut text = format!("{red}error{red:#}{bold}: {}{bold:#}\n", visible(message));
        if !help.is_empty() {
            text.push_str(&format!("  = {bold}help{bold:#}: {}\n", visible(help)));
        }
        self.stderr(&text);
    }

    /// Prints diagnostics beside a result, sorted, with their count. `root` is [`Global::project_root`]'s.
    pub fn report(&self, diagnostics: &mut Diagnostics, sources: &Sources, root: &Path) {
        diagnostics.sort(sources);
        if diagnostics.is_empty() {
            return;
        }
        let format = self.format.beside_results();
        self.stderr(&render::render(diagnostics, sources, format, &self.options(root)));
        if format == render::Format::Human {
            self.say(&format!("\n{}", summary_line(diagnostics)));
        }
    }

    /// Prints diagnostics as the result itself (`check`), sorted: for people on stderr, in other formats on stdout.
    pub fn report_result(
        &self,
        diagnostics: &mut Diagnostics,
        sources: &Sources,
        root: &Path,
        code: ExitCode,
    ) -> ExitCode {
        diagnostics.sort(sources);
        let format = self.format.of_results();
        let text = render::render(diagnostics, sources, format, &self.options(root));
        if format == render::Format::Human {
            self.stderr(&text);
            let gap = if diagnostics.is_empty() { "" } else { "\n" };
            self.say(&format!("{gap}{}", summary_line(diagnostics)));
            return code;
        }
        self.print(&text, code)
    }

    fn options(&self, root: &Path) -> Options {
        Options { color: true, base: base(root), ..Options::default() }
    }

    /// A progress bar for `total` items.
    pub fn progress(&self, label: &'static str, total: u64) -> Progress {
        Progress::new(label, total, !self.quiet && io::stderr().is_terminal())
    }

    /// The last line of a long command: elapsed, items, peak memory. Only past half a second, or with `-v`.
    pub fn done(&self, items: u64, noun: &str) {
        let elapsed = self.started.elapsed();
        if elapsed > PATIENCE || self.verbose > 0 {
            let memory = clock::peak_memory().map(|bytes| format!(", peak memory {}", clock::memory(bytes)));
            self.say(&format!(
                "{}, {} {noun}{}",
                clock::duration(elapsed),
                clock::count(items),
                memory.unwrap_or_default()
            ));
        }
    }

    /// Writes to stderr; colours stay where the reader wants them. If stderr is gone there is nobody left to tell.
    fn stderr(&self, text: &str) {
        let stream = io::stderr();
        let choice = self.choice(&stream);
        let mut out = AutoStream::new(stream.lock(), choice);
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}

/// The file that makes a folder a project.
pub const PROJECT_FILE: &str = "grantc.yaml";

/// What stands before file names: nothing for the working directory, else the folder with `/`.
fn base(root: &Path) -> String {
    let shown = root.to_string_lossy().replace('\\', "/");
    match shown.as_str() {
        "" | "." => String::new(),
        other if other.ends_with('/') => other.to_owned(),
        other => format!("{other}/"),
    }
}

fn summary_line(diagnostics: &Diagnostics) -> String {
    let summary = render::summary(diagnostics);
    match diagnostics.iter().next() {
        Some(first) => format!("{summary}; `grantc explain-code {}` says more", first.code.name()),
        None => summary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_paths_from_where_the_reader_stands() {
        let check = |root: &str, expected: &str| assert_eq!(base(Path::new(root)), expected);
        check(".", "");
        check("", "");
        check("../..", "../../");
        check("access", "access/");
        check("/abs/", "/abs/");
    }
}
