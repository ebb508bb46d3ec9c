//! For a person at a terminal: the code, the place, the line with its cause underlined, the way out.
//!
//! ```text
//! error[unknown-group]: unknown group `analyst`
//!   --> policies/finance.policy:12:19
//!    |
//! 12 |   to user in group "analyst"
//!    |                    ^^^^^^^^^ not in the directory
//!    |
//!    = help: did you mean `analysts`?
//! ```
//!
//! In: diagnostics. Out: one paragraph each, with a blank line between. Names of files are relative to where the
//! reader stands ([`Options::base`]).

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::excerpt::{Excerpt, Mark, cut};
use super::{Location, OPENS_NOTE, Options, visible, visible_lines};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::source::{Place, SourceId, Sources};

/// Prints all of them.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, options: &Options) -> String {
    diagnostics.iter().map(|each| one(each, sources, options)).collect::<Vec<_>>().join("\n")
}

/// Prints one.
pub fn one(diagnostic: &Diagnostic, sources: &Sources, options: &Options) -> String {
    let renderer = if options.color { Renderer::styled().hyperlink(false) } else { Renderer::plain() };
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Finding => Level::WARNING.with_name("finding"),
    };
    let mut elements = Vec::new();
    for (source, labels) in by_file(diagnostic) {
        elements.extend(file_elements(source, &labels, diagnostic, sources, options));
    }
    let has_lines = elements.iter().any(|element| matches!(element, Element::Cause(_)));
    elements.extend(diagnostic.notes.iter().map(|note| Level::NOTE.message(visible_lines(note)).into()));
    elements.extend(diagnostic.opens.then(|| Level::NOTE.message(OPENS_NOTE).into()));
    elements.extend(diagnostic.help.iter().map(|help| Level::HELP.message(visible_lines(help)).into()));
    let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code.name());
    let group = Group::with_title(title).elements(elements);
    let text = renderer.term_width(options.width.max(40)).render(&[group]);
    // Without a line to number there is no margin, and arrows would start at the edge.
    let margin = if has_lines { "" } else { "  " };
    let mut lines = text.lines();
    let mut shown = lines.next().unwrap_or("").to_owned();
    for line in lines {
        shown.push('\n');
        shown.push_str(if line.is_empty() { "" } else { margin });
        shown.push_str(line);
    }
    shown.push('\n');
    shown
}

/// The labels by file, in the order in which the files are first named.
fn by_file(diagnostic: &Diagnostic) -> Vec<(SourceId, Vec<usize>)> {
    let mut files: Vec<(SourceId, Vec<usize>)> = Vec::new();
    for (index, label) in diagnostic.labels.iter().enumerate() {
        let source = label.place.source();
        match files.iter_mut().find(|(known, _)| *known == source) {
            Some((_, labels)) => labels.push(index),
            None => files.push((source, vec![index])),
        }
    }
    files
}

/// What is shown of one file: excerpts where the text is at hand, else the place with its words.
fn file_elements<'a>(
    source: SourceId,
    labels: &[usize],
    diagnostic: &'a Diagnostic,
    sources: &'a Sources,
    options: &Options,
) -> Vec<Element<'a>> {
    let mut marks = Vec::new();
    let mut named = Vec::new();
    for index in labels {
        let Some(label) = diagnostic.labels.get(*index) else { continue };
        match label.place {
            Place::Span(span) if !sources.get(source).text.is_empty() => marks.push(Mark {
                label: *index,
                bytes: span.start as usize..span.end as usize,
                line: sources.line(label.place),
            }),
            Place::Span(_) | Place::Line(..) | Place::File(_) => named.push(*index),
        }
    }
    let cut = cut(&sources.get(source).text, &marks);
    let path = format!("{}{}", options.base, visible(&sources.get(source).name));
    let mut elements: Vec<Element<'a>> =
        cut.excerpts.into_iter().map(|each| snippet(each, &path, diagnostic).into()).collect();
    for label in cut.bare.iter().chain(&named).filter_map(|index| diagnostic.labels.get(*index)) {
        elements.push(Origin::path(Location::of(label.place, sources).display(&options.base)).into());
        if !label.text.is_empty() {
            elements.push(Level::NOTE.no_name().message(visible(&label.text)).into());
        }
    }
    elements
}

fn snippet<'a>(excerpt: Excerpt, path: &str, diagnostic: &'a Diagnostic) -> Snippet<'a, Annotation<'a>> {
    let mut snippet =
        Snippet::source(excerpt.text).line_start(excerpt.first_line as usize).path(path.to_owned());
    for (index, bytes) in excerpt.marks {
        let Some(label) = diagnostic.labels.get(index) else { continue };
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let words = (!label.text.is_empty()).then(|| visible(&label.text));
        snippet = snippet.annotation(kind.span(bytes).label(words));
    }
    snippet
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::diagnostic::render::fixture::sample;
    use proptest::prelude::*;

    /// Draws one diagnostic over `files` (name, text) whose labels are (file, start, end, words).
    fn check(files: &[(&str, &str)], labels: &[(usize, u32, u32, &str)], expected: &str) {
        let mut sources = Sources::default();
        let ids: Vec<SourceId> = files.iter().map(|(name, text)| sources.add(*name, *text)).collect();
        let mut diagnostic = Diagnostic::error(Code::Syntax, "broken");
        for (file, start, end, words) in labels {
            diagnostic = diagnostic.at(ids[*file].span(*start as usize, *end as usize), *words);
        }
        let shown = one(&diagnostic, &sources, &Options::default());
        let (head, body) = shown.split_once('\n').unwrap();
        assert_eq!(head, "error[syntax]: broken");
        assert_eq!(body.trim_end(), expected.trim_matches('\n').trim_end(), "\n{body}");
    }

    #[test]
    fn the_house_style() {
        let (all, sources) = sample();
        let shown = render(&all, &sources, &Options { base: "access/".to_owned(), ..Options::default() });
        let expected = r#"
error[unknown-group]: unknown group `analyst`
 --> access/policies/finance.policy:4:20
  |
4 |   to user in group "analyst"
  |                    ^^^^^^^^^ not in the directory
  |
  = help: did you mean `analysts`?

finding[unknown-tag]: nothing carries `PII.Emial`
 --> access/policies/finance.policy:8:21
  |
7 | mask m {
  | ------ so this mask hides nothing
8 |   on columns tagged PII.Emial
  |                     ^^^^^^^^^ no column and no vocabulary has it
  |
  = note: this finding opens: compile, plan and apply stop unless it is accepted

finding[unknown-membership]: unknown user `eve@acme.example`
  --> access/directory/memberships.csv:17
   = ignored
   = note: 3 more lines name unknown users
"#;
        assert_eq!(shown, expected.trim_start_matches('\n'));
    }

    #[test]
    fn other_files_follow_the_cause() {
        check(
            &[("a.policy", "mask m { }"), ("b.policy", "x\nmask m { }")],
            &[(0, 5, 6, "again"), (1, 7, 8, "first")],
            r"
 --> a.policy:1:6
  |
1 | mask m { }
  |      ^ again
  |
 ::: b.policy:2:6
  |
2 | mask m { }
  |      - first",
        );
    }

    #[test]
    fn wide_and_zero_width_characters_keep_the_underline_in_place() {
        check(
            &[("a", "\tto 顧客 e\u{301} x\u{200b}y")],
            &[(0, 4, 10, "customers"), (0, 11, 14, "accent")],
            "
 --> a:1:5
  |
1 |     to 顧客 e\u{301} x\u{fffd}y
  |        ^^^^ - accent
  |        |
  |        customers",
        );
    }

    #[test]
    fn a_wide_line_is_trimmed_to_the_terminal() {
        let text = format!("{}HERE{}", "a ".repeat(10_000), " b".repeat(10_000));
        let mut sources = Sources::default();
        let source = sources.add("w.json", text);
        let diagnostic = Diagnostic::error(Code::Syntax, "broken").at(source.span(20_000, 20_004), "this");
        let shown = one(&diagnostic, &sources, &Options::default());
        assert!(shown.contains("w.json:1:20001"), "{shown}");
        assert!(shown.contains("HERE"));
        assert!(shown.lines().all(|line| line.chars().count() <= 150), "{shown}");
    }

    #[test]
    fn colours_only_when_asked() {
        let (all, sources) = sample();
        assert!(!render(&all, &sources, &Options::default()).contains('\u{1b}'));
        assert!(render(&all, &sources, &Options { color: true, ..Options::default() }).contains("\u{1b}["));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

        #[test]
        fn nothing_written_can_break_the_drawing(
            text in "(\\PC|[\\x00-\\x1f\\n\\r\\t\u{202e}\u{200b}\u{feff}]){0,120}",
            spans in prop::collection::vec((0..140_u32, 0..140_u32, 0..2_usize, "[a-z\u{1b}\n]{0,6}"), 0..5),
            message in "(\\PC|[\\x00-\\x1f]){0,20}",
        ) {
            let mut sources = Sources::default();
            let ids = [sources.add("a\u{1b}", text.clone()), sources.add("b", text)];
            let mut diagnostic = Diagnostic::error(Code::Syntax, message);
            for (start, end, file, words) in &spans {
                diagnostic = diagnostic.at(ids[*file].span(*start as usize, *end as usize), words.clone());
            }
            let shown = one(&diagnostic, &sources, &Options::default());
            prop_assert!(!shown.chars().any(|c| c != '\n' && super::super::text::is_hidden(c)), "{shown:?}");
            for (_, _, _, words) in &spans {
                prop_assert!(shown.contains(&*visible(words)), "{words:?} in\n{shown}");
            }
        }
    }
}
