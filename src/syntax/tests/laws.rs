//! Laws of reading and writing, on random policies and random texts.
//!
//! Not shown: that the grammar is the language that the documentation describes; the other tests pin that by example.

use proptest::prelude::*;

use super::arbitrary::{document, soup, source};
use crate::diagnostic::{Code, Diagnostics};
use crate::syntax::ast::{Declaration, Document, ObjectTarget};
use crate::syntax::{KEYWORDS, format, parse, parse_object, to_text};

fn parsed(text: &str) -> Result<Document, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    parse(source(), text, &mut diagnostics).map_err(|_| diagnostics)
}

fn formatted(text: &str) -> Option<String> {
    format(source(), text, &mut Diagnostics::new()).ok()
}

/// A valid text with comments and blanks between its tokens.
fn commented() -> impl Strategy<Value = String> {
    (document(), proptest::collection::vec(0_usize..12, 1..40)).prop_map(|(document, dice)| {
        let text = to_text(&document);
        let tokens = crate::syntax::tokens::tokens(&text).list;
        let mut out = String::new();
        let mut end = 0;
        for (token, die) in tokens.iter().zip(dice.iter().cycle()) {
            let gap = text.get(end..token.start).unwrap();
            out += gap;
            if !gap.is_empty() {
                out += match die {
                    0 => "# trailing\n",
                    1 => "\n# own\n",
                    2 => "\n\n# apart\n\n",
                    3 => "\n",
                    4 => "\r\n\t",
                    _ => "",
                };
            }
            out += token.text(&text);
            end = token.end;
        }
        out
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_the_same(document in document()) {
        let text = to_text(&document);
        let again = parsed(&text);
        prop_assert!(again.as_ref().is_ok_and(|again| *again == document), "{text}\n{again:?}");
    }

    #[test]
    fn the_canonical_form_is_its_own(text in commented()) {
        let once = formatted(&text).unwrap();
        prop_assert_eq!(formatted(&once), Some(once));
    }

    #[test]
    fn formatting_changes_neither_meaning_nor_comments(text in commented()) {
        let document = parsed(&text).unwrap();
        // Printed, not `format`ted: `format` would hide a fault by giving the text back as it was.
        let printed = crate::syntax::print::print(&text, &document);
        prop_assert!(parsed(&printed).is_ok_and(|again| again == document), "{text}\n---\n{printed}");

        prop_assert_eq!(crate::syntax::print::comments(&text), crate::syntax::print::comments(&printed));
    }

    #[test]
    fn any_text_is_a_policy_or_an_error(text in prop_oneof![soup(), any::<String>()]) {
        let mut diagnostics = Diagnostics::new();
        let result = parse(source(), &text, &mut diagnostics);
        prop_assert_eq!(result.is_err(), diagnostics.result().is_err());
        for label in diagnostics.iter().flat_map(|each| &each.labels) {
            let crate::source::Place::Span(span) = label.place else { continue };
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{label:?}");
        }
    }

    #[test]
    fn a_broken_policy_hides_no_other(documents in proptest::collection::vec(document(), 1..4)) {
        let text: String = documents
            .iter()
            .map(|document| format!("{}\nmask broken_one {{\n  on columns using using\n}}\n", to_text(document)))
            .collect();
        let mut diagnostics = Diagnostics::new();
        let read = crate::syntax::parse_partly(source(), &text, &mut diagnostics);
        prop_assert_eq!(diagnostics.len(), documents.len());
        let good: Vec<Declaration> = documents.into_iter().flat_map(|document| document.declarations).collect();
        prop_assert_eq!(read.declarations, good);
    }

    #[test]
    fn an_object_of_the_command_line_is_an_object_or_an_error(text in prop_oneof!["[a-z.:\"*/]{0,12}", any::<String>()]) {
        if let Ok(object) = parse_object(&text) {
            let segments = match &object.target.node {
                ObjectTarget::Path(path) => path.segments.len(),
                ObjectTarget::S3(key) => usize::from(key.starts_with("s3://")),
            };
            prop_assert!((1..=4).contains(&segments));
        }
    }
}

#[test]
fn nesting_never_overflows_the_stack() {
    let deep = |open: &str, close: &str| {
        format!("condition a = {}anyone{}", open.repeat(100_000), close.repeat(100_000))
    };
    let selector =
        format!("subscription a {{ allow read on tables {}tagged A to anyone }}", "(".repeat(100_000));
    let rows = format!("filter a {{ on tables rows where {}column x = 1 }}", "not (".repeat(100_000));
    let texts = [
        deep("(", ")"),
        deep("not ", ""),
        deep("( not ", ")"),
        deep("{", "}"),
        deep("[", "]"),
        selector,
        rows,
    ];
    let codes = std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(move || {
            texts.map(|text| {
                parsed(&text).map_or_else(|said| said.iter().map(|each| each.code).collect(), |_| Vec::new())
            })
        })
        .unwrap()
        .join()
        .unwrap();
    let (deep, syntax) = (vec![Code::TooDeep], vec![Code::Syntax]);
    assert_eq!(codes, [deep.clone(), deep.clone(), deep.clone(), syntax, deep.clone(), deep.clone(), deep]);
}

#[test]
fn two_hundred_levels_are_read_and_one_more_is_not() {
    let text = |levels: usize| format!("condition a = {}anyone{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parsed(&text(200)).is_ok());
    assert!(formatted(&text(200)).is_some());
    assert!(parsed(&text(201)).is_err());
}

#[test]
fn the_grammar_reserves_exactly_the_keywords() {
    let grammar = include_str!("../../../grammar/policy.pest");
    let (_, list) = grammar.split_once("keyword = _{").unwrap();
    let (list, rules) = list.split_once('}').unwrap();
    let listed: Vec<&str> = list.split('|').map(|word| word.trim().strip_prefix("kw_").unwrap()).collect();
    assert_eq!(listed, KEYWORDS);
    let mut defined: Vec<&str> =
        rules.lines().filter_map(|line| line.strip_prefix("kw_")?.split_whitespace().next()).collect();
    defined.sort_unstable();
    assert_eq!(defined, KEYWORDS);
}
