//! Texts as each dialect's own lexer reads them.

use super::*;

/// Tokens without blanks, literals in their meaning.
fn shown(text: &str, dialect: Dialect) -> String {
    match tokens(text, dialect) {
        None => "not read".to_owned(),
        Some(tokens) => {
            let show = |token: &Token| match token {
                Token::SingleQuotedString(text) => format!("'{text}'"),
                Token::NationalStringLiteral(text) => format!("N'{text}'"),
                Token::Word(Word { value, quote_style: Some(quote), .. }) => format!("{quote}{value}"),
                other => other.to_string(),
            };
            let solid = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_)));
            solid.map(show).collect::<Vec<_>>().join(" ")
        }
    }
}

fn check(dialect: Dialect, rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        assert_eq!(shown(text, dialect), *expected, "{dialect:?}: {text}");
    }
}

#[test]
fn literals_end_where_the_dialect_ends_them() {
    check(
        Dialect::Databricks,
        &[
            (r"'it\'s \\' x", r"'it's \' x"),
            (r"'\u0024{x} \% \_ \q \n'", "'${x} \\% \\_ q \n'"),
            (r"r'a\b' R'\d'", "not read"),
            (r"r'a\b' + r'\d'", r"'a\b' + '\d'"),
            (r"r'a\' x", "not read"),
            ("\"it's\" x", "'it's' x"),
            ("'a''b'", "not read"),
            ("'a' 'b'", "not read"),
            ("'${x}'", "not read"),
            (r"'\101'", "not read"),
            ("X'1A'", "X'1A'"),
            ("DATE'2026-01-01'", "DATE '2026-01-01'"),
        ],
    );
    check(
        Dialect::Redshift,
        &[
            (r"'it''s \\' x", r"'it's \' x"),
            (r"'\'' x", "''' x"),
            (r"'\n'", "not read"),
            ("'a' 'b'", "not read"),
            (r"E'a\'b'", "not read"),
        ],
    );
    check(
        Dialect::Synapse,
        &[
            (r"N'it''s \' x", r"N'it's \' x"),
            (r"'\' + N'x'", r"'\' + N'x'"),
            ("'a\\\nb'", "not read"),
            ("N'a' N'b'", "not read"),
        ],
    );
    check(
        Dialect::BigQuery,
        &[
            (r"'it\'s \\' x", r"'it's \' x"),
            ("\"it's\" x", "'it's' x"),
            ("'it''s'", "not read"),
            ("'a'\"b\"", "not read"),
            ("'a' 'b'", "'ab'"),
            ("'a' -- c\n \"b\"", "'ab'"),
            (r"'\q'", "not read"),
            (r"'\x41'", "not read"),
            (r"r'a\d'", r"'a\d'"),
            (r"r'a\''", "not read"),
            ("'''a'''", "not read"),
            ("''", "''"),
            ("'a\nb'", "not read"),
            (r"b'a'", "X'a'"),
            (r"'\U0001F600\u00e9'", "'😀é'"),
        ],
    );
    check(Dialect::Trino, &[(r"'it''s \' x", r"'it's \' x")]);
    check(Dialect::Snowflake, &[(r"'it''s \'\\' || $$a\'$$", r"'it's '\' || 'a\''")]);
}

#[test]
fn names_end_where_the_dialect_ends_them() {
    check(Dialect::Databricks, &[("`a``b`.c", "`a`b . c"), ("``", "not read"), ("`a\\`", "`a\\")]);
    check(Dialect::Redshift, &[("\"a\"\"b\".\"c\"", "\"a\"b . \"c"), ("`a`", "not read")]);
    check(
        Dialect::Synapse,
        &[("[a]]b].[c].\"d\"\"e\"", "[a]b . [c . \"d\"e"), ("[t]._x", "[t . _x"), ("[a", "not read")],
    );
    check(
        Dialect::BigQuery,
        &[
            (r"`a\`b\\`.c", r"`a`b\ . c"),
            ("`a``b`", "not read"),
            (r"`a\`", "not read"),
            ("`p.d.t`", "`p.d.t"),
        ],
    );
}

#[test]
fn comments_are_blanks_where_lexers_agree_on_them() {
    for dialect in Dialect::ALL {
        check(
            dialect,
            &[
                ("a -- b'\nc", "a c"),
                ("a /* b' */ c", "a c"),
                ("a -- b\r\nc", "a c"),
                ("a -- b\rc", "not read"),
                ("a /* /* */ */ c", "not read"),
                ("a /*! c */", "not read"),
                ("a /* c", "not read"),
                ("a\u{a0}b", "not read"),
                ("a\u{200b}b", "not read"),
            ],
        );
    }
    check(Dialect::BigQuery, &[("a # b'\nc", "a c")]);
    check(Dialect::Snowflake, &[("a # b\nc", "not read"), ("a // b\nc", "not read")]);
    check(Dialect::Databricks, &[("a -- b\\\nc", "not read")]);
    check(Dialect::Redshift, &[("a $$b$$", "not read")]);
}

#[test]
fn the_salt_is_a_text() {
    for dialect in Dialect::ALL {
        let salt = if dialect == Dialect::Synapse { "x + N'{salt}'" } else { "x + '{salt}'" };
        check(dialect, &[("x + {salt}", salt), ("x + {sal}", "x + { sal }")]);
    }
}
