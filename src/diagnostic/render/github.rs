//! GitHub workflow commands: each diagnostic an annotation on the line that caused it.
//!
//! In: diagnostics. Out: `::error file=…,line=…::…`, one a line; findings are warnings.
//! Escapes as the runner's toolkit does (docs.github.com, "Workflow commands for GitHub Actions", read 2026-11-23):
//! `%`, CR and LF in data, also `:` and `,` in properties. The runner reads them from either output stream.

use super::{Location, OPENS_NOTE, Options, visible, visible_lines};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::Sources;

/// Prints all of them.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, options: &Options) -> String {
    diagnostics.iter().map(|each| one(each, sources, options)).collect()
}

fn one(diagnostic: &Diagnostic, sources: &Sources, options: &Options) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Finding => "warning",
    };
    let mut properties = Vec::new();
    if let Some(label) = diagnostic.labels.first() {
        let location = Location::of(label.place, sources);
        properties.push(("file", format!("{}{}", options.base, location.file)));
        properties.extend(location.line.map(|line| ("line", line.to_string())));
        properties.extend(location.column.map(|column| ("col", column.to_string())));
        // Columns hold only on one line; the end column is inclusive there.
        if location.line == location.end_line {
            let end = location.end_column.map(|end| end.saturating_sub(1).max(location.column.unwrap_or(1)));
            properties.extend(end.map(|end| ("endColumn", end.to_string())));
        } else {
            properties.extend(location.end_line.map(|line| ("endLine", line.to_string())));
        }
    }
    properties.push(("title", diagnostic.code.name().to_owned()));
    let properties: Vec<String> =
        properties.iter().map(|(key, value)| format!("{key}={}", escape_property(value))).collect();
    format!("::{command} {}::{}\n", properties.join(","), escape_data(&message(diagnostic, sources, options)))
}

/// The sentence, then what the labels, notes and ways out say, a line each.
fn message(diagnostic: &Diagnostic, sources: &Sources, options: &Options) -> String {
    let mut lines = vec![visible(&diagnostic.message).into_owned()];
    for (index, label) in diagnostic.labels.iter().enumerate() {
        let place = Location::of(label.place, sources).display(&options.base);
        match (index, label.text.is_empty()) {
            (0, true) => {}
            (0, false) => lines.push(visible(&label.text).into_owned()),
            (_, true) => lines.push(place),
            (_, false) => lines.push(format!("{place}: {}", visible(&label.text))),
        }
    }
    lines.extend(diagnostic.notes.iter().map(|note| format!("note: {}", visible_lines(note))));
    if diagnostic.opens {
        lines.push(format!("note: {OPENS_NOTE}"));
    }
    lines.extend(diagnostic.help.iter().map(|help| format!("help: {}", visible_lines(help))));
    lines.join("\n")
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::diagnostic::render::fixture::sample;

    #[test]
    fn each_is_one_command_on_its_line() {
        let (all, sources) = sample();
        let options = Options { base: "access/".to_owned(), ..Options::default() };
        let shown = render(&all, &sources, &options);
        assert_eq!(
            shown.lines().next().unwrap(),
            "::error file=access/policies/finance.policy,line=4,col=20,endColumn=28,title=unknown-group::\
             unknown group `analyst`%0Anot in the directory%0Ahelp: did you mean `analysts`?"
        );
        assert!(
            shown.contains(
                "::warning file=access/directory/memberships.csv,line=17,title=unknown-membership::"
            )
        );
        assert_eq!(shown.lines().count(), 3);
    }

    #[test]
    fn text_cannot_start_a_command_of_its_own() {
        let mut sources = Sources::default();
        let file = sources.add("a,b:c%.policy", "x");
        let mut all = Diagnostics::new();
        all.push(Diagnostic::error(Code::Syntax, "50%\n::error::forged").at(file.whole(), "x\n::set-env::"));
        let shown = render(&all, &sources, &Options::default());
        assert_eq!(shown.lines().count(), 1);
        assert!(shown.starts_with("::error file=a%2Cb%3Ac%25.policy,title=syntax::50%25\\n::error::forged"));
    }
}
