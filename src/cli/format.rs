//! The formats that results and diagnostics are printed in, and which command has which.

use clap::ValueEnum;

use crate::diagnostic::render;

/// A format of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum OutputFormat {
    /// For a person at a terminal
    Human,
    /// One JSON document
    Json,
    /// One JSON object a line
    Ndjson,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for test reports
    Junit,
    /// GitHub workflow commands, shown as annotations
    Github,
    /// Markdown, for a comment on a review
    Markdown,
    /// One HTML page
    Html,
    /// The platforms' own statements
    Sql,
}

/// What has one form only.
pub const HUMAN_ONLY: &[OutputFormat] = &[OutputFormat::Human];

impl OutputFormat {
    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            OutputFormat::Human => "human",
            OutputFormat::Json => "json",
            OutputFormat::Ndjson => "ndjson",
            OutputFormat::Sarif => "sarif",
            OutputFormat::Junit => "junit",
            OutputFormat::Github => "github",
            OutputFormat::Markdown => "markdown",
            OutputFormat::Html => "html",
            OutputFormat::Sql => "sql",
        }
    }

    /// How diagnostics are printed when they are the result itself (`check`).
    pub fn of_results(self) -> render::Format {
        match self {
            OutputFormat::Human | OutputFormat::Html | OutputFormat::Sql => render::Format::Human,
            OutputFormat::Json => render::Format::Json,
            OutputFormat::Ndjson => render::Format::Ndjson,
            OutputFormat::Sarif => render::Format::Sarif,
            OutputFormat::Junit => render::Format::Junit,
            OutputFormat::Github => render::Format::Github,
            OutputFormat::Markdown => render::Format::Markdown,
        }
    }

    /// How diagnostics are printed beside a result: for programs where programs read, else for people.
    pub fn beside_results(self) -> render::Format {
        match self {
            OutputFormat::Json | OutputFormat::Ndjson => render::Format::Ndjson,
            OutputFormat::Github => render::Format::Github,
            OutputFormat::Human
            | OutputFormat::Sarif
            | OutputFormat::Junit
            | OutputFormat::Markdown
            | OutputFormat::Html
            | OutputFormat::Sql => render::Format::Human,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_command_line() {
        for format in OutputFormat::value_variants() {
            assert_eq!(OutputFormat::from_str(format.word(), false), Ok(*format));
        }
    }
}
