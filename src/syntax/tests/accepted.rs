//! Texts that are policies, and what they mean.

use super::{EXAMPLE, check};
use crate::ids::Id;
use crate::source::{SourceId, Sources};
use crate::syntax::ast::{DeclarationKind, Document, ObjectTarget};
use crate::syntax::{parse, parse_object, to_text};

fn read(text: &str) -> Document {
    parse(SourceId::from_raw(0), text, &mut crate::diagnostic::Diagnostics::new()).unwrap()
}

/// Checks that two texts mean the same.
#[track_caller]
fn same(left: &str, right: &str) {
    assert_eq!(read(left), read(right));
}

/// Checks that two texts do not mean the same.
#[track_caller]
fn differ(left: &str, right: &str) {
    assert_ne!(read(left), read(right));
}

#[test]
fn the_example_is_canonical() {
    check(EXAMPLE, EXAMPLE);
    assert_eq!(to_text(&read(EXAMPLE)), EXAMPLE);
}

#[test]
fn and_binds_closer_than_or_and_not_closest() {
    let grouped = |text: &str| to_text(&read(text));
    assert_eq!(grouped("condition x = a and b or c"), "condition x = (a and b) or c\n");
    assert_eq!(grouped("condition x = a or b and not c"), "condition x = a or (b and not c)\n");
    assert_eq!(grouped("condition x = not a and b"), "condition x = not a and b\n");
    differ("condition x = not a and b", "condition x = not (a and b)");
}

#[test]
fn a_mix_of_and_and_or_is_kept_for_check() {
    let mixes = |text: &str| {
        let mut sources = Sources::default();
        sources.add("a", text);
        let document = read(text);
        let spans = document.declarations.iter().flat_map(|each| each.mixed.clone());
        spans.map(|span| sources.text(span).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(mixes("condition x = a and b or c # end"), ["a and b or c"]);
    assert_eq!(mixes("condition x = (a and b) or c"), [""; 0]);
    assert_eq!(
        mixes("filter f { on tables tagged A or tagged B and tagged C rows where a }"),
        ["tagged A or tagged B and tagged C"]
    );
    assert_eq!(mixes("filter f { on tables rows where a and (b or c and d) }"), ["b or c and d"]);
}

#[test]
fn spans_end_with_the_last_word() {
    let text = "subscription a {\n  allow read # why\n  on tables # what\n\n  to anyone\n}\n\n# the next\ncondition b = anyone # end\n";
    let mut sources = Sources::default();
    sources.add("a", text);
    let document = read(text);
    let [first, second] = document.declarations.as_slice() else { panic!("two declarations") };
    let DeclarationKind::Subscription(subscription) = &first.kind else { panic!("a subscription") };
    assert_eq!(sources.text(subscription.on.span), "tables");
    assert_eq!(sources.text(first.clauses.span("on").unwrap()), "on tables");
    assert_eq!(sources.text(first.clauses.keyword("on").unwrap()), "on");
    assert_eq!(sources.text(second.span), "condition b = anyone");
}

#[test]
fn any_word_is_a_name_where_only_a_name_can_stand() {
    let text = "filter f {\n  on     tables tagged and.or and in not.to.mask and of integration user\n  \
                rows   where column mask = user attribute not\n}\n";
    check(text, text);
    same("condition x = user attribute \"k\" = \"v\"", "condition x = user attribute k = \"v\"");
    let tagged = "filter f {\n  on     tables\n  rows   where column tagged tagged is null\n}\n";
    check(tagged, tagged);
    differ(tagged, &tagged.replace("tagged tagged", "\"tagged\""));
}

#[test]
fn quotes_make_a_path_exact_and_a_tag_only_longer() {
    let on = |selection: &str| format!("subscription s {{ allow read on tables {selection} to anyone }}");
    differ(&on("in SALES"), &on("in \"SALES\""));
    differ(&on("in S*"), &on("in \"S*\""));
    same(&on("tagged PII"), &on("tagged \"PII\""));
    same(&on("in \"a\"\"b\""), &on("in \"a\\\"b\""));
    differ(&on("in \"s3://b/*\""), &on("in \"s3\".\"b\""));
}

#[test]
fn comparing_with_what_the_user_has_is_looking_into_it() {
    let rows = |text: &str| format!("filter f {{ on tables rows where {text} }}");
    same(&rows("column a = user groups"), &rows("column a in user groups"));
    same(&rows("column a != user attribute k"), &rows("column a not in user attribute k"));
    same(&rows("column a = user name"), &rows("column a in user name"));
    differ(&rows("not column a in user groups"), &rows("column a not in user groups"));
    same(&rows("column a > today -  90 days"), &rows("column a > today -90 days"));
    differ(&rows("column a > today - 1 day"), &rows("column a > today + 1 day"));
}

#[test]
fn blanks_order_and_comments_mean_nothing() {
    let text = "mask m { on columns using hash from 2026-01-01 }";
    same(text, "\u{feff}mask m {\r\n\tfrom # c\r 2026-01-01\rusing hash\non columns\n}\n# end");
    same(text, "mask m{on columns using hash from 2026-01-01}");
    assert_eq!(read("").declarations, []);
    assert_eq!(read("\u{feff}# nothing\r\n").declarations, []);
}

#[test]
fn strings_keep_every_character() {
    let text = "condition x = user in group \"a\\\"b\\\\c\\nd\u{200b}\u{202e}\0é\t'#{\"\n";
    check(text, text);
}

#[test]
fn one_user_is_a_list_of_one() {
    same("condition x = user is \"a\"", "condition x = user is one of [\"a\"]");
}

#[test]
fn objects_of_the_command_line() {
    let show = |text: &str| match parse_object(text) {
        Ok(object) => {
            let integration = object.integration.map_or(String::new(), |name| format!("{} | ", name.node));
            match object.target.node {
                ObjectTarget::S3(text) => format!("{integration}s3 {text}"),
                ObjectTarget::Path(path) => {
                    let names = path.segments.iter();
                    let shown = names
                        .map(|name| if name.quoted { format!("<{}>", name.text) } else { name.text.clone() });
                    format!("{integration}{}", shown.collect::<Vec<_>>().join(" "))
                }
            }
        }
        Err(message) => message,
    };
    for (text, expected) in [
        ("RETAIL.PUBLIC.T", "RETAIL PUBLIC T"),
        ("RETAIL.*.\"a.b\".C", "RETAIL * <a.b> C"),
        ("\"a\"\"b\\n\"", "<a\"b\\n>"),
        ("snow:A.B", "snow | A B"),
        ("\"my int\":A.B", "my int | A B"),
        ("s3://b/a:b c*", "s3 s3://b/a:b c*"),
        ("lake:s3://b/k", "lake | s3 s3://b/k"),
        ("\"s3://b/k\"", "s3 s3://b/k"),
        ("\"a:b\".c", "<a:b> c"),
        ("", "`` has a name missing"),
        ("a..b", "`a..b` has a name missing"),
        ("a.b.", "`a.b.` has a name missing"),
        ("a b", "` ` cannot stand in a bare name of `a b`: put the name in double quotes"),
        ("a.\"b", "a quote in `\"b` is not closed"),
        ("a.\"\"", "a name in `a.\"\"` is empty"),
        ("a.b.c.d.e", "`a.b.c.d.e` has more names than DATABASE.SCHEMA.TABLE.COLUMN"),
        ("https://x", "`:` cannot stand in a bare name of `https://x`: put the name in double quotes"),
        ("a:b:c", "`:` cannot stand in a bare name of `a:b:c`: put the name in double quotes"),
        (":a", "`:` cannot stand in a bare name of `:a`: put the name in double quotes"),
    ] {
        assert_eq!(show(text), expected, "{text}");
    }
}
