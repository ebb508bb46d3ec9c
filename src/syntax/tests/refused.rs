//! Texts that are not policies, and what is said of them.
//!
//! `at LINE:COLUMN` is the cause; the line below says what is the matter there; then the other places and the ways out.

use super::{check, show};

/// Checks what is said of a clause in a subscription that is otherwise whole.
#[track_caller]
fn check_to(condition: &str, expected: &str) {
    check(&format!("condition x = {condition}"), expected);
}

/// Checks the first line and the first help of what is said of the rows of a filter.
#[track_caller]
fn check_rows(rows: &str, message: &str, help: &str) {
    let shown = show(&format!("filter f {{ on tables rows where {rows} }}"));
    let said = shown.lines().next().unwrap_or("").to_owned();
    let helped = shown.lines().find_map(|line| line.strip_prefix("  help: ")).unwrap_or("");
    assert!(said.ends_with(message) && helped == help, "{shown}");
}

#[test]
fn misspelt_words_get_the_nearest_that_could_stand_there() {
    check(
        "subscripton a { allow read on tables to anyone }",
        "syntax at 1:1 `subscripton`: unexpected `subscripton`\n  \
         expected `condition`, `subscription`, `guardrail`, `mask`, `filter` or `test`\n  \
         help: did you mean `subscription`?\n",
    );
    check(
        "subscription a { allow read on tables tagd PII to anyone }",
        "syntax at 1:39 `tagd`: unexpected `tagd`\n  \
         expected a selection such as `tagged PII`, a clause of a subscription or `}`\n  help: did you mean `tagged`?\n",
    );
    check_to(
        "user in grup \"x\"",
        "syntax at 1:23 `grup`: unexpected `grup`\n  expected `any`, `all` or `group`\n  help: did you mean `group`?\n",
    );
    check_to(
        "usr in group \"x\"",
        "syntax at 1:15 `usr`: unexpected `usr`\n  read as a condition's name\n  help: did you mean `user`?\n",
    );
    check(
        "mask a { on columns using hsh }",
        "syntax at 1:27 `hsh`: unexpected `hsh`\n  \
         expected `null`, `constant`, `hash`, `keep`, `regex`, `round` or `custom`\n  help: did you mean `hash`?\n",
    );
    check(
        "subscription a { alow read on tables to anyone }",
        "syntax at 1:18 `alow`: unexpected `alow`\n  expected a clause of a subscription or `}`\n  help: did you mean `allow`?\n",
    );
}

#[test]
fn words_of_other_languages_get_their_translation() {
    let said = |condition: &str| {
        let shown = show(&format!("condition x = {condition}"));
        shown.lines().rev().find_map(|line| line.strip_prefix("  help: ").map(str::to_owned)).unwrap_or(shown)
    };
    for (condition, help) in [
        ("user in group 'x'", "write `\"x\"`"),
        ("user in group “x”", "write `\"x\"`"),
        ("user attribute k == \"x\"", "write `=`"),
        ("user attribute k <> \"x\"", "write `!=`"),
        ("anyone && approved", "write `and`"),
        ("anyone || approved", "write `or`"),
        ("!anyone", "write `not`"),
        ("anyone AND approved", "keywords are lower-case: write `and`"),
        ("NOT anyone", "keywords are lower-case: write `not`"),
        ("User in group \"x\"", "keywords are lower-case: write `user`"),
        ("anyone // why", "a comment starts with `#`"),
        ("anyone -- why", "a comment starts with `#`"),
        ("anyone;", "clauses and declarations need nothing between them"),
        ("user attribute k = EMEA", "put text in double quotes: `\"EMEA\"`"),
        ("user attribute k = 2026-01-01", "put text in double quotes: `\"2026-01-01\"`"),
        ("user is one of [\"a\",]", "a list has no `,` after its last item"),
        ("user is one of []", "a list has at least one item"),
        ("user is one of [\"a\" \"b\"]", "write `,` between two items"),
        ("user is one of (\"a\")", "a list stands in brackets: `[\"a\", \"b\"]`"),
        ("user is not \"a\"", "write `not user is \"id\"`"),
        ("user in \"x\"", "write `user in group \"x\"`"),
        ("in group \"x\"", "say who or what: `user in group \"g\"`, `column name in [\"a\", \"b\"]`"),
        ("group \"x\"", "a condition on the user starts with `user`: `user in group \"g\"`"),
        ("user groups cover tags under A . B", "a dotted name has no blanks around its dots"),
    ] {
        assert_eq!(said(condition), help, "{condition}");
    }
}

#[test]
fn mistakes_in_rows() {
    check_rows(
        "column x = null",
        "null is not a value",
        "ask `is null` or `is not null`; the masking method is `null` alone",
    );
    check_rows("column x is Null", "unexpected `Null`", "keywords are lower-case: write `null`");
    check_rows(
        "user name = column x",
        "unexpected `name`",
        "`user name` stands to the right of `=`; on the left write `user is \"id\"`",
    );
    check_rows(
        "column x not like \"a\"",
        "unexpected `like`",
        "write `not` before the comparison: `not column name like \"a%\"`",
    );
    check_rows("column x between 1 and 2", "unexpected `between`", "write two comparisons joined by `and`");
    check_rows("column x in (1, 2)", "unexpected `(`", "a list stands in brackets: `[\"a\", \"b\"]`");
    check_rows(
        "column t > today-90 days",
        "unexpected `today-90`",
        "put blanks around `-`: `today - 90 days`",
    );
    check_rows("column t > today - 9000000 days", "`9000000` days lead out of the calendar", "");
    check_rows(
        "column t > 2026-01-01T10:00:00Z",
        "unexpected `2026-01-01T10`",
        "a literal is a date, not a time; write a time inside `sql \"…\"`",
    );
    check_rows("column x = EMEA", "unexpected `EMEA`", "put text in double quotes: `\"EMEA\"`");
    check(
        "filter f { on tables rows where column x < user groups }",
        "syntax at 1:42 `<`: `<` does not compare with what the user has\n  cannot order these\n  \
         1:44 `user groups`: may be several values\n  \
         help: write `=` or `in` (any of them), `!=` or `not in` (none of them)\n",
    );
    check(
        "filter a { on tables rows column x = 1 }",
        "syntax at 1:27 `column`: unexpected `column`\n  expected `where`\n  help: the clause has two words: `rows where …`\n",
    );
}

#[test]
fn brackets_that_are_not_closed_are_shown_where_they_open() {
    check(
        "subscription a { allow read on tables to anyone\nmask b { on columns using hash }",
        "syntax at 1:16 `{`: this `{` is not closed\n  opened here\n  2:1 `mask`: no `}` up to here\n  help: add the missing `}`\n",
    );
    check(
        "mask a { on columns using hash except (anyone or approved }",
        "syntax at 1:39 `(`: this `(` is not closed\n  opened here\n  1:59 `}`: no `)` up to here\n  help: add the missing `)`\n",
    );
    check(
        "mask a {",
        "syntax at 1:8 `{`: this `{` is not closed\n  opened here\n  help: add the missing `}`\n",
    );
    check(
        "condition a = anyone }",
        "syntax at 1:22 `}`: unexpected `}`\n  expected the next declaration, `and` or `or`\n  help: nothing is open here: delete it\n",
    );
}

#[test]
fn three_broken_declarations_give_three_errors() {
    check(
        "condition a = (user in group \"a\" or\nmask b { on columns using bar }\ncondtion c = anyone\ntset \"x\" { as \"b\" }\n\
         condition d = anyone\n",
        "syntax at 1:15 `(`: this `(` is not closed\n  opened here\n  2:1 `mask`: no `)` up to here\n  help: add the missing `)`\n\
         syntax at 2:27 `bar`: unexpected `bar`\n  \
         expected `null`, `constant`, `hash`, `keep`, `regex`, `round` or `custom`\n\
         syntax at 3:1 `condtion`: unexpected `condtion`\n  \
         expected `condition`, `subscription`, `guardrail`, `mask`, `filter` or `test`\n  help: did you mean `condition`?\n\
         syntax at 4:1 `tset`: unexpected `tset`\n  \
         expected `condition`, `subscription`, `guardrail`, `mask`, `filter` or `test`\n  help: did you mean `test`?\n",
    );
}

#[test]
fn several_faults_of_one_declaration_are_said_at_once() {
    check(
        "mask a {\n  allow read\n  using hash\n  using null\n  from 2026-02-30\n}",
        "syntax at 2:3 `allow`: a mask has no `allow`\n  not a clause of this kind\n  1:1 `mask a`: in this mask\n  \
         help: `allow` belongs to subscriptions; a mask has `on`, `using`, `when`, `except`, `only for`, `priority`, `from` and `until`\n\
         duplicate-clause at 4:3 `using`: `using` is written twice in this mask\n  again here\n  3:3 `using`: first here\n  \
         help: keep one of the two\n\
         bad-literal at 5:8 `2026-02-30`: `2026-02-30` is not a date of the calendar\n  no such day\n  \
         help: dates are written year, month, day: `2026-12-31`\n\
         missing-clause at 1:1 `mask a`: this mask lacks `on`\n  `on` missing\n  \
         help: add a line such as `on columns tagged PII`\n",
    );
}

#[test]
fn clauses_of_another_kind_name_their_own() {
    check(
        "mask a { on columns to anyone using hash }",
        "syntax at 1:21 `to`: a mask has no `to`\n  not a clause of this kind\n  1:1 `mask a`: in this mask\n  \
         help: write `only for` (those who are masked or filtered) or `except` (those who are not)\n  \
         help: `to` belongs to subscriptions and guardrails; a mask has `on`, `using`, `when`, `except`, `only for`, `priority`, `from` and `until`\n",
    );
    check(
        "mask a { on columns using hash except anyone only for anyone }",
        "duplicate-clause at 1:46 `only for`: `except` and `only for` exclude each other\n  says who it applies to\n  \
         1:32 `except`: says who it does not apply to\n  help: keep one: `only for a and not (b)` says both\n",
    );
}

#[test]
fn each_kind_selects_what_it_can() {
    check(
        "subscription a { allow read on columns tagged X to anyone }",
        "wrong-selector at 1:32 `columns`: a subscription is on tables, prefixes or everything, not on columns\n  \
         expected tables, prefixes or everything\n  \
         help: access is to whole tables: write `tables with column tagged …`, and hide columns by a `mask`\n",
    );
    for text in [
        "mask a { on tables using hash }",
        "mask a { on everything using hash }",
        "mask a { on prefixes using hash }",
        "filter a { on columns rows where anyone }",
        "filter a { on prefixes rows where anyone }",
        "guardrail a { require read on columns to anyone }",
        "test \"t\" { as \"a\" sees s3://b/k masked }",
        "test \"t\" { as \"a\" filtered \"s3://b/k\" by f }",
    ] {
        assert!(show(text).starts_with("wrong-selector"), "{text}: {}", show(text));
    }
    check(
        "subscription a { allow read on tables, prefixes to anyone }",
        "syntax at 1:38 `,`: unexpected `,`\n  \
         expected a selection such as `tagged PII`, a clause of a subscription or `}`\n  \
         help: write `everything` for tables and prefixes, or one declaration for each\n",
    );
}

#[test]
fn names_are_snake_case_and_no_keywords() {
    check(
        "mask mask { on columns using hash }",
        "syntax at 1:6 `mask`: `mask` is a keyword and cannot name a declaration\n  expected a name in snake_case\n  \
         help: choose another name\n",
    );
    check(
        "mask MyMask { on columns using hash }",
        "syntax at 1:6 `MyMask`: `MyMask` is not in snake_case\n  names are lower-case letters, digits and `_`\n  \
         help: write `my_mask`\n",
    );
    check(
        "mask \"x\" { on columns using hash }",
        "syntax at 1:6 `\"x\"`: unexpected `\"x\"`\n  expected a name in snake_case\n  \
         help: a name is a bare word in snake_case; the description comes after it\n",
    );
    check(
        "test a { as \"x\" }",
        "syntax at 1:6 `a`: unexpected `a`\n  expected a text in double quotes\n  help: put text in double quotes: `\"a\"`\n",
    );
}

#[test]
fn prefixes_end_in_a_star_after_a_whole_bucket() {
    let said = |prefix: &str| {
        let shown = show(&format!("subscription a {{ allow read on prefixes in \"{prefix}\" to anyone }}"));
        shown.lines().next().unwrap_or("").to_owned()
    };
    for (prefix, message) in [
        ("s3://b*", "`s3://b*` would cover every bucket whose name starts with `b`"),
        ("s3://b", "`s3://b` names a bucket without a key"),
        ("s3://b/", "`s3://b/` names no key"),
        ("s3:///k", "`s3:///k` names no bucket"),
        ("s3://*/k", "`s3://*/k` has a wildcard in the bucket"),
        ("s3://b/k*x", "`s3://b/k*x` has a wildcard that does not end it"),
        ("s3://b/k**", "`s3://b/k**` has a wildcard that does not end it"),
        ("s3://b/k?", "`s3://b/k?` has a wildcard that does not end it"),
        ("S3://b/*", "`S3://b/*` does not start with `s3://`"),
    ] {
        let expected = format!("bad-prefix at 1:44 `\"{prefix}\"`: {message}");
        assert_eq!(said(prefix), expected);
    }
    for prefix in ["s3://b/*", "s3://b/k", "s3://b/k*", "s3://b/é #/*"] {
        assert_eq!(said(prefix), "subscription a {", "{prefix}");
    }
    check(
        "subscription a { allow read on prefixes in s3://b/* to anyone }",
        "syntax at 1:44 `s3://b/*`: unexpected `s3://b/*`\n  expected a clause of a subscription, `}`, `and` or `or`\n  \
         help: put the prefix in double quotes: `in \"s3://bucket/key*\"`\n",
    );
}

#[test]
fn strings_end_on_their_line_and_have_three_escapes() {
    check(
        "mask a { on columns using regex \"\\d+\" replace \"x\" }",
        "bad-literal at 1:34 `\\d`: a string has no escape `\\d`\n  not an escape\n  \
         help: write `\\\\d` for a backslash and `d`; the escapes are `\\\"`, `\\\\` and `\\n`\n",
    );
    check(
        "condition a = user in group \"x\ncondition b = anyone",
        "bad-literal at 1:29 `\"`: this string is not closed\n  opened here\n  \
         help: a string ends on its line: close it with `\"`, and write a line break as `\\n`\n",
    );
    check(
        "subscription a { allow read on tables tagged \"\" to anyone }",
        "bad-literal at 1:46 `\"\"`: a name cannot be empty\n  nothing between the quotes\n",
    );
}

#[test]
fn what_cannot_be_seen_stands_only_in_strings() {
    check(
        "condition a = anyone\u{200b}",
        "syntax at 1:21 `\u{200b}`: hidden character U+200B (zero width space)\n  stands outside a string\n  \
         help: delete it; only strings may hold characters that cannot be seen\n",
    );
    for text in [
        "\u{202e}",
        "\0",
        "condition a\u{feff} = anyone",
        "# \u{2066} turned",
        "condition a\u{3164} = anyone",
        "\u{b}",
    ] {
        assert!(show(text).contains("hidden character"), "{text:?}: {}", show(text));
    }
    assert!(show("condition a =\u{a0}anyone").contains("unexpected blank U+00A0"));
}

#[test]
fn access_is_read_and_write() {
    let help = "  help: access is `read`, `write` or `read, write`\n";
    assert!(show("subscription a { allow select on tables to anyone }").ends_with(help));
    assert!(
        show("subscription a { allow read and write on tables to anyone }")
            .ends_with("  help: write `read, write`\n")
    );
    assert!(show("subscription a { allow read, read on tables to anyone }").starts_with("duplicate-clause"));
}

#[test]
fn numbers_have_their_bounds() {
    let refused = |method: &str| show(&format!("mask a {{ on columns using {method} }}"));
    for method in ["round to 0", "round to -5", "round to 0.00", "keep first 4294967296"] {
        assert!(refused(method).starts_with("bad-literal"), "{}", refused(method));
    }
    assert!(refused("round to 0.5").starts_with("mask a"));
    assert!(refused("custom { trino \"a\" trino \"b\" }").starts_with("duplicate-clause"));
    assert!(refused("hash priority 9223372036854775808").starts_with("bad-literal"));
}

#[test]
fn a_file_that_is_no_policy_is_not_told_forever() {
    let shown = show(&"mask x { }\n".repeat(1000));
    assert_eq!(shown.matches("missing-clause").count(), 100);
    assert!(shown.contains("more than 100 errors"));
}
