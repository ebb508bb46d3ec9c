//! JUnit XML: each diagnostic a failed case, in a suite per file.
//!
//! In: diagnostics. Out: one document; without diagnostics one passed case, since an empty report fails some readers.
//! Characters that XML 1.0 cannot hold are spelled out.

use std::collections::BTreeMap;

use super::{Location, Options, human, severity_word, visible};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::Sources;

/// Prints all of them.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, options: &Options) -> String {
    let mut suites: BTreeMap<String, Vec<&Diagnostic>> = BTreeMap::new();
    for each in diagnostics.iter() {
        let file = each.labels.first().map(|label| sources.name(label.place)).unwrap_or("project");
        suites.entry(format!("{}{file}", options.base)).or_default().push(each);
    }
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.push_str(&open("testsuites", diagnostics.iter(), "grantc"));
    if diagnostics.is_empty() {
        xml.push_str("  <testsuite name=\"grantc\" tests=\"1\" failures=\"0\" errors=\"0\">\n");
        xml.push_str(
            "    <testcase name=\"no errors, no findings\" classname=\"grantc\"/>\n  </testsuite>\n",
        );
    }
    for (file, members) in &suites {
        xml.push_str("  ");
        xml.push_str(&open("testsuite", members.iter().copied(), file));
        for each in members {
            xml.push_str(&case(each, file, sources, options));
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn open<'a>(element: &str, members: impl Iterator<Item = &'a Diagnostic>, name: &str) -> String {
    let (mut errors, mut failures) = (0_usize, 0_usize);
    for each in members {
        match each.severity {
            Severity::Error => errors += 1,
            Severity::Finding => failures += 1,
        }
    }
    let tests = (errors + failures).max(1);
    format!(
        "<{element} name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n",
        escape(name)
    )
}

fn case(diagnostic: &Diagnostic, file: &str, sources: &Sources, options: &Options) -> String {
    let element = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Finding => "failure",
    };
    let place = diagnostic.labels.first().map(|label| Location::of(label.place, sources));
    let line = place.as_ref().and_then(|place| place.line).map(|line| format!(" line=\"{line}\""));
    let plain = Options { color: false, ..options.clone() };
    format!(
        "    <testcase name=\"{code}: {message}\" classname=\"{class}\" file=\"{class}\"{line}>\n      \
         <{element} type=\"{code}\" message=\"{word}: {message}\">{body}</{element}>\n    </testcase>\n",
        code = diagnostic.code.name(),
        message = escape(&visible(&diagnostic.message)),
        class = escape(file),
        line = line.unwrap_or_default(),
        word = severity_word(diagnostic.severity),
        body = escape(&human::one(diagnostic, sources, &plain)),
    )
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' | '\t' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                out.push_str(&format!("\\u{{{:x}}}", c as u32));
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::diagnostic::render::fixture::sample;

    #[test]
    fn suites_count_their_cases() {
        let (all, sources) = sample();
        let xml = render(&all, &sources, &Options::default());
        assert!(
            xml.contains("<testsuites name=\"grantc\" tests=\"3\" failures=\"2\" errors=\"1\">"),
            "{xml}"
        );
        assert!(xml.contains(
            "<testsuite name=\"policies/finance.policy\" tests=\"2\" failures=\"1\" errors=\"1\">"
        ));
        assert_eq!(xml.matches("<testcase ").count(), 3);
        assert_eq!(xml.matches("</testcase>").count(), 3);
    }

    #[test]
    fn nothing_to_say_is_one_passed_case() {
        let xml = render(&Diagnostics::new(), &Sources::default(), &Options::default());
        assert!(xml.contains("tests=\"1\" failures=\"0\" errors=\"0\""));
        assert!(!xml.contains("<failure"));
    }

    #[test]
    fn text_cannot_close_an_element() {
        let mut all = Diagnostics::new();
        all.push(Diagnostic::error(Code::Syntax, "</error><x a=\"'&\u{0}\u{ffff}"));
        let xml = render(&all, &Sources::default(), &Options::default());
        assert!(xml.contains("&lt;/error&gt;&lt;x a=&quot;&apos;&amp;\\u{0}\\u{ffff}"), "{xml}");
    }
}
