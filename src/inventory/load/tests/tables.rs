//! Tables are read whole or refused.

use super::*;

#[test]
fn tables_are_read_whole_or_refused() {
    for (text, expected) in [
        (
            "user,group\na\n",
            "bad-file: `directory/memberships.csv` cannot be read as CSV [memberships.csv:2]",
        ),
        ("user,group\na,\n", "bad-value: `group` must not be empty [memberships.csv:2]"),
        ("user,user,group\na,a,b\n", "duplicate-key: the column `user` stands twice [memberships.csv:1]"),
        ("user\na\n", "bad-value: this table needs a column `group` [memberships.csv:1]"),
        ("", "bad-value: this table needs a column `user`\nbad-value: this table needs a column `group`"),
        ("user,group\na,\"b\nc,d\n", "bad-file: `directory/memberships.csv` cannot be read as CSV"),
    ] {
        let (inventory, said) = read(&with_base(&[
            ("directory/memberships.csv", text),
            ("directory/u.yaml", "users: {a: {}, c: {}}\n"),
        ]));
        assert!(inventory.is_none(), "{text:?}");
        for line in expected.lines() {
            assert!(said.iter().any(|said| said.starts_with(line)), "{text:?} says {said:?}, not {line}");
        }
    }
    let wrong = format!("user,object,access\n{}", "u,o,x\n".repeat(1000));
    let (_, said) = read(&with_base(&[("directory/approvals.csv", &wrong)]));
    assert_eq!(said.len(), 101, "the rest would say the same");
    says(
        &[
            ("catalog/columns.parquet", ""),
            ("catalog/README.md", "hello"),
            ("directory/membership.csv", "x"),
            ("directory/users.tsv", "x"),
            ("directory/sub/deep/users.csv", "user\na\n"),
        ],
        "
        bad-file: `catalog/columns.parquet` is not read [columns.parquet:file] (export the same columns as columns.csv)
        bad-file: `directory/membership.csv` is not read [membership.csv:file] (did you mean `memberships.csv`?)
        bad-file: `directory/users.tsv` is not read
        ",
    );
}

#[test]
fn lines_are_those_of_the_file() {
    says(
        &[
            ("directory/users.csv", "user\r\n\r\n\"a\r\nb\"\r\nc\r\nc\r\n"),
            ("directory/memberships.csv", "user,group\n\n\n\nx,g\n"),
        ],
        "
        finding unknown-membership: a membership of unknown user `x` [memberships.csv:5]
        duplicate-object: user `c` is described twice [users.csv:6, users.csv:5]
        ",
    );
}

#[test]
fn many_unknown_users_are_counted() {
    let rows: String = (0..250).map(|number| format!("u{number:03},g\n")).collect();
    let (inventory, said) =
        read(&with_base(&[("directory/memberships.csv", &format!("user,group\n{rows}"))]));
    assert!(inventory.is_some());
    assert_eq!(said.len(), 101);
    let last = said.last().unwrap();
    assert!(
        last.starts_with(
            "finding unknown-membership: 150 more unknown users are mentioned [memberships.csv:102]"
        ),
        "{last}"
    );
}
