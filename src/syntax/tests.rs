//! What the language's texts mean, and what is said of texts that mean nothing.
//!
//! One `check`: a text in; out comes its canonical form, or its errors, one a line.
//! Not shown here: that names exist, that values fit their columns (later stages say so).

mod accepted;
mod arbitrary;
mod formatted;
mod laws;
mod refused;

use super::{format, parse, print};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Place, Sources};

/// The example of the language's description.
const EXAMPLE: &str = include_str!("tests/example.policy");

/// Checks the canonical form of a text, or its errors.
#[track_caller]
fn check(text: &str, expected: &str) {
    let shown = show(text);
    assert!(shown.trim_end() == expected.trim_end(), "--- got\n{shown}\n--- expected\n{expected}");
}

fn show(text: &str) -> String {
    let mut sources = Sources::default();
    let source = sources.add("test.policy", text);
    let mut diagnostics = Diagnostics::new();
    match format(source, text, &mut diagnostics) {
        Ok(formatted) => {
            let document = parse(source, text, &mut diagnostics).unwrap();
            // `format` gives a text back as it was when printing would change it; it never has to.
            assert_eq!(print::print(text, &document), formatted);
            formatted
        }
        Err(_) => diagnostics.iter().map(|diagnostic| rendered(&sources, diagnostic)).collect(),
    }
}

/// `code at 1:5 `cause`: message; label; `other place`: label; help: …`.
fn rendered(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let mut out = diagnostic.code.name().to_owned();
    for (nth, label) in diagnostic.labels.iter().enumerate() {
        let (Place::Span(span), line) = (label.place, sources.line(label.place)) else { continue };
        let column = sources.line_column(span.source, span.start).1;
        let text = sources.text(span);
        if nth == 0 {
            out += &format!(" at {line}:{column} `{text}`: {}\n  {}\n", diagnostic.message, label.text);
        } else {
            out += &format!("  {line}:{column} `{text}`: {}\n", label.text);
        }
    }
    for help in &diagnostic.help {
        out += &format!("  help: {help}\n");
    }
    out
}
