//! Keys and texts that a document may not hold.

use super::*;

#[test]
fn every_key_is_known_or_refused() {
    says(
        &[
            ("catalog/c.yaml", "integration: snow\ndatabase: {}\n"),
            ("catalog/d.yaml", "integration: snow\ndatabases: {D: {schema: {}, schemas: {S: {table: {}, tables: {T: {column: {}, columns: {C: {type: INT, tag: []}}}}}}}}\n"),
            ("directory/d.yaml", "user: {}\nusers: {a: {group: []}}\ngroups: {g: {member: []}}\napprovals: [{user: a, object: o, access: read, from: x}]\n"),
            ("integrations/snow.yaml", "type: Snowflake\nautobootstrap: true\nautoBootstrap: true\nconfig: {}\ngrantc: {principals: {user: x}, quota: {}}\n"),
        ],
        "
        unknown-key: an integration has no key `autobootstrap` [snow.yaml:2:1 `autobootstrap`] (did you mean `autoBootstrap`?) (the keys are: type, autoBootstrap, config, grantc)
        unknown-key: `principals` has no key `user` [snow.yaml:5:23 `user`] (did you mean `users`?)
        unknown-key: `grantc` has no key `quota` [snow.yaml:5:33 `quota`] (did you mean `quotas`?)
        ",
    );
    says(
        &[
            ("catalog/c.yaml", "integration: snow\ndatabase: {}\n"),
            (
                "catalog/d.yaml",
                "integration: snow\ndatabases: {D: {schema: {}, schemas: {S: {table: {}, tables: {T: {column: {}, columns: {C: {type: INT, tag: []}}}}}}}}\n",
            ),
            (
                "directory/d.yaml",
                "user: {}\nusers: {a: {group: []}}\ngroups: {g: {member: []}}\napprovals: [{user: a, object: o, access: read, from: x}]\n",
            ),
            ("directory/users.csv", "users\nx\n"),
        ],
        "
        unknown-key: a catalog file has no key `database` [c.yaml:2:1 `database`] (did you mean `databases`?)
        unknown-key: a database has no key `schema` [d.yaml:2:17 `schema`] (did you mean `schemas`?)
        unknown-key: a schema has no key `table` [d.yaml:2:43 `table`] (did you mean `tables`?)
        unknown-key: a table has no key `column` [d.yaml:2:67 `column`] (did you mean `columns`?)
        unknown-key: a column has no key `tag` [d.yaml:2:104 `tag`] (did you mean `tags`?)
        unknown-key: a directory file has no key `user` [d.yaml:1:1 `user`] (did you mean `users`?)
        unknown-key: a user has no key `group` [d.yaml:2:13 `group`] (did you mean `groups`?)
        unknown-key: a group has no key `member` [d.yaml:3:14 `member`] (did you mean `members`?)
        finding unknown-approval: an approval of unknown object `o` [d.yaml:4:31 `o`]
        unknown-key: an approval has no key `from` [d.yaml:4:48 `from`]
        unknown-key: this table has no column `users` [users.csv:1] (did you mean `user`?)
        bad-value: this table needs a column `user` [users.csv:1]
        ",
    );
}

#[test]
fn texts_are_texts() {
    says(
        &[
            (
                "directory/d.yaml",
                "users:
  a: {attributes: {region: [NO], n: [123], d: [2026-01-01], b: [true], z: [null], f: [1.5], o: [1:30], s: text, e: ['']}}
  b: {groups: [1]}
",
            ),
            ("directory/e.json", r#"{"users": {"c": {"attributes": {"n": [1], "b": [true], "t": ["1"]}}}}"#),
            ("catalog/c.yaml", "integration: snow\ntags: [2026]\n"),
        ],
        "
        bad-value: an item of `tags` must be a text [c.yaml:2:8 `2026`] (quote it: \"2026\")
        bad-value: the value of an attribute must be a text [d.yaml:2:29 `NO`] (quote it: \"NO\")
        bad-value: the value of an attribute must be a text [d.yaml:2:38 `123`] (quote it: \"123\")
        bad-value: the value of an attribute must be a text [d.yaml:2:48 `2026-01-01`] (quote it: \"2026-01-01\")
        bad-value: the value of an attribute must be a text [d.yaml:2:65 `true`] (quote it: \"true\")
        bad-value: the value of an attribute must be a text [d.yaml:2:76 `null`]
        bad-value: the value of an attribute must be a text [d.yaml:2:87 `1.5`] (quote it: \"1.5\")
        bad-value: the value of an attribute must be a text [d.yaml:2:97 `1:30`] (quote it: \"1:30\")
        bad-value: `s` must be a list [d.yaml:2:107 `text`] (write [\"text\"])
        bad-value: an item of `groups` must be a text [d.yaml:3:16 `1`] (quote it: \"1\")
        bad-value: the value of an attribute must be a text [e.json:1:39 `1`] (quote it: \"1\")
        bad-value: the value of an attribute must be a text [e.json:1:49 `true`] (quote it: \"true\")
        ",
    );
}

#[test]
fn what_yaml_and_json_can_do_and_we_do_not_read() {
    for (text, expected) in [
        ("a: &x [1]\nb: *x\n", "bad-file: aliases are not read [d.yaml:2:4 `*x`]"),
        ("users: {}\n---\nusers: {}\n", "bad-file: a second document begins in this file [d.yaml:2:1 `---`]"),
        (
            "users:\n\ta: {}\n",
            "bad-file: this is not YAML [d.yaml:2:2 ``] (indent with blanks, not with tabs)",
        ),
        ("users: !x {}\n", "bad-file: YAML tags are not read"),
        ("users: !!int 1\n", "bad-file: YAML tags are not read"),
        ("users:\n  <<: {a: {}}\n", "bad-file: merge keys are not read [d.yaml:2:3 `<<`]"),
        ("users:\n  ? [a]\n  : {}\n", "bad-file: a key must be a text"),
        ("users: {~: {}}\n", "bad-file: a key must be a text"),
        ("users: {\n", "bad-file: this is not YAML"),
        ("users: {'': {}}\n", "bad-value: the id of a user must not be empty [d.yaml:1:9 `''`]"),
        ("users: {a: {groups: ['']}}\n", "bad-value: an item of `groups` must not be empty"),
    ] {
        says(&[("directory/d.yaml", text)], expected);
    }
    says(
        &[("directory/d.yaml", "# é\nusers:\n  é: {}\n  'b': {} # ü\n  é: {}\n  b:\nusers:\n")],
        "
        duplicate-key: `é` is written twice [d.yaml:5:3 `é`, d.yaml:3:3 `é`]
        duplicate-key: `b` is written twice [d.yaml:6:3 `b`, d.yaml:4:3 `'b'`]
        duplicate-key: `users` is written twice [d.yaml:7:1 `users`, d.yaml:2:1 `users`]
        ",
    );
    for (text, expected) in [
        ("{\"users\": {},}", "bad-file: this is not JSON"),
        ("{\"users\": {} // x\n}", "bad-file: this is not JSON"),
        ("{'users': {}}", "bad-file: this is not JSON"),
        ("{users: {}}", "bad-file: this is not JSON"),
        ("", "bad-file: this file is empty"),
        ("{} {}", "bad-file: this is not JSON"),
        (
            "{\"users\": {\"a\": {}, \"a\": {}}}",
            "duplicate-key: `a` is written twice [d.json:1:21 `\"a\"`, d.json:1:12 `\"a\"`]",
        ),
    ] {
        says(&[("directory/d.json", text)], expected);
    }
    let deep = format!("users: {}{}", "[".repeat(150), "]".repeat(150));
    says(&[("directory/d.yaml", &deep)], "too-deep: nesting deeper than 100");
    let deep = format!("{}{}", "[".repeat(150), "]".repeat(150));
    says(&[("directory/d.json", &deep)], "too-deep: nesting deeper than 100");
    let deeper = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    says(&[("directory/d.json", &deeper)], "bad-file: this is not JSON");
    means(&[("directory/d.yaml", "# nothing\n"), ("directory/e.yaml", "")], "tags");
    means(
        &[("directory/d.yaml", "\u{feff}users:\r\n  a: {groups: [\"g\"]}\r\n")],
        "user a in g\ngroup g\ntags",
    );
    means(&[("directory/d.yaml", "users:\n  !!str 1: {groups: [!!str 2]}\n")], "user 1 in 2\ngroup 2\ntags");
}

#[test]
fn a_location_is_a_folder() {
    let table = |location: &str| {
        format!(
            "integration: snow\ndatabases: {{D: {{schemas: {{S: {{tables: {{T: {{location: '{location}'}}}}}}}}}}}}\n"
        )
    };
    for written in ["s3://acme/orders", "s3://acme/orders/", "s3://acme/orders/*"] {
        means(&[("catalog/c.yaml", &table(written))], "Table D.S.T at s3://acme/orders/* ( )\ntags");
    }
    means(&[("catalog/c.yaml", &table("s3://acme"))], "Table D.S.T at s3://acme/* ( )\ntags");
    says(&[("catalog/c.yaml", &table("abfss://acme"))], "bad-prefix: ");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 400, failure_persistence: None, ..Default::default() })]

    /// Texts that look like documents are read or refused, whatever they hold.
    #[test]
    fn no_text_panics(words in proptest::collection::vec(proptest::sample::select(vec![
        "users", "groups", "a", "é", ":", ": ", "- ", "[", "]", "{", "}", ",", "\n", "\n  ", "\t", "\"", "'", "|\n", ">-\n", "#",
        "&x ", "*x", "!t ", "? ", "---\n", "...\n", "\r", "\u{feff}", "\\u12", "%YAML 1.2\n", "1", "true", "\0", "\u{2028}",
    ]), 0..40)) {
        let text = words.concat();
        for name in ["directory/d.yaml", "directory/d.json", "catalog/c.yaml", "integrations/i.yaml", "directory/users.csv", "catalog/manifest.json"] {
            let _ = read(&with_base(&[(name, &text)]));
        }
    }
}
