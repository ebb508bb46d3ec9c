//! Prints diagnostics: for people, for other programs, for the places where reviews happen.
//!
//! In: [`Diagnostics`] and the [`Sources`] that they point into. Out: text, whole, ending in a line break (or empty).
//! Invariant: no renderer drops a diagnostic or a label; the user's text never leaves its quoting; same input, same bytes.
//! Cost: linear in what is shown; a long source costs one pass over the lines that a label touches.

pub mod github;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod sarif;

mod excerpt;
mod location;
mod text;

pub use location::Location;
pub use text::{visible, visible_lines};

use super::{Diagnostics, Severity};
use crate::source::Sources;

/// How diagnostics are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For a person at a terminal.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// GitHub workflow commands, shown as annotations.
    Github,
    /// Markdown, for a comment on a review.
    Markdown,
}

impl Format {
    /// Every one.
    pub const ALL: [Format; 7] = [
        Format::Human,
        Format::Json,
        Format::Ndjson,
        Format::Sarif,
        Format::Junit,
        Format::Github,
        Format::Markdown,
    ];
}

/// What a renderer may vary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether to write ANSI colours (human only).
    pub color: bool,
    /// Columns to render within (human only).
    pub width: usize,
    /// Put before every file name, so that it is a path from where the reader stands: empty, or ending in `/`.
    /// JSON keeps names relative to the project.
    pub base: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { color: false, width: 140, base: String::new() }
    }
}

/// Prints all of them, in their order.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, format: Format, options: &Options) -> String {
    match format {
        Format::Human => human::render(diagnostics, sources, options),
        Format::Json => json::render(diagnostics, sources),
        Format::Ndjson => json::render_lines(diagnostics, sources),
        Format::Sarif => sarif::render(diagnostics, sources, options),
        Format::Junit => junit::render(diagnostics, sources, options),
        Format::Github => github::render(diagnostics, sources, options),
        Format::Markdown => markdown::render(diagnostics, sources, options),
    }
}

/// What was said, counted: `2 errors, 1 finding`.
pub fn summary(diagnostics: &Diagnostics) -> String {
    let count = |severity| diagnostics.iter().filter(|each| each.severity == severity).count();
    let plural = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        many => Some(format!("{many} {word}s")),
    };
    match (plural(count(Severity::Error), "error"), plural(count(Severity::Finding), "finding")) {
        (Some(errors), Some(findings)) => format!("{errors}, {findings}"),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => "no errors, no findings".to_owned(),
    }
}

/// The word before the code.
fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Finding => "finding",
    }
}

/// What an opening finding adds to its notes.
const OPENS_NOTE: &str = "this finding opens: compile, plan and apply stop unless it is accepted";

#[cfg(test)]
pub(crate) mod fixture {
    //! One set of diagnostics that every renderer is tested on.
    use crate::diagnostic::{Code, Diagnostic, Diagnostics};
    use crate::source::{Place, Sources};

    pub(crate) const POLICY: &str = "subscription readers {\n  allow read\n  on tables\n  to user in group \"analyst\"\n}\n\nmask m {\n  on columns tagged PII.Emial\n  using hash\n}\n";

    pub(crate) fn sample() -> (Diagnostics, Sources) {
        let mut sources = Sources::default();
        let policy = sources.add("policies/finance.policy", POLICY);
        let users = sources.add("directory/memberships.csv", "");
        let at = |needle: &str| {
            let start = POLICY.find(needle).unwrap();
            policy.span(start, start + needle.len())
        };
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(
            Diagnostic::error(Code::UnknownGroup, "unknown group `analyst`")
                .at(at("\"analyst\""), "not in the directory")
                .policy("readers")
                .did_you_mean("analyst", ["analysts"]),
        );
        diagnostics.push(
            Diagnostic::finding(Code::UnknownTag, "nothing carries `PII.Emial`")
                .at(at("PII.Emial"), "no column and no vocabulary has it")
                .at(at("mask m"), "so this mask hides nothing")
                .opens()
                .policy("m"),
        );
        diagnostics.push(
            Diagnostic::finding(Code::UnknownMembership, "unknown user `eve@acme.example`")
                .at(Place::Line(users, 17), "ignored")
                .note("3 more lines name unknown users"),
        );
        (diagnostics, sources)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Diagnostic};

    #[test]
    fn summaries_count_and_inflect() {
        let check = |errors: usize, findings: usize, expected: &str| {
            let mut all = Diagnostics::new();
            (0..errors).for_each(|_| all.push(Diagnostic::error(Code::Syntax, "x")));
            (0..findings).for_each(|_| all.push(Diagnostic::finding(Code::UnknownTag, "x")));
            assert_eq!(summary(&all), expected);
        };
        check(0, 0, "no errors, no findings");
        check(1, 0, "1 error");
        check(2, 1, "2 errors, 1 finding");
        check(0, 3, "3 findings");
    }

    #[test]
    fn every_format_shows_every_diagnostic_and_place() {
        let (all, sources) = fixture::sample();
        for format in Format::ALL {
            let shown = render(&all, &sources, format, &Options::default());
            for needle in [
                "unknown-group",
                "unknown-tag",
                "unknown-membership",
                "directory/memberships.csv",
                "policies/finance.policy",
                "analyst",
                "3 more lines",
                "not in the directory",
                "so this mask hides nothing",
                "did you mean",
                "17",
            ] {
                assert!(shown.contains(needle), "{format:?} lacks {needle}:\n{shown}");
            }
            assert!(shown.ends_with('\n'), "{format:?} ends in a line break");
        }
    }
}
