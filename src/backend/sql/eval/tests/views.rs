//! Definitions of views as they are read, and what they say however they are printed.

use crate::backend::sql::Dialect;
use crate::backend::sql::eval::fingerprint::fingerprint;
use crate::backend::sql::eval::view::{Reading, View, read};

const VIEW: &str = r#"SELECT t."id" AS "id", CASE WHEN g."f1" = 1 THEN t."email" ELSE NULL END AS "email"
FROM "shop"."public"."customer" t
CROSS JOIN (SELECT MAX(CASE WHEN e."name" = 'CLEAR' THEN 1 ELSE 0 END) AS "f1" FROM "secure"."entitlements" e WHERE e."account" = CURRENT_USER()) g
WHERE (g."f1" = 1 OR (t."id" > 3))"#;

fn view(text: &str) -> Option<View> {
    match read(text, Dialect::Snowflake) {
        Reading::View(view) => Some(view),
        Reading::Reads(_) | Reading::Unreadable => None,
    }
}

#[test]
fn our_views_are_read() {
    for text in [
        VIEW.to_owned(),
        format!("/* by hand */ {VIEW};"),
        format!("CREATE OR REPLACE VIEW \"a\".\"v\" AS {VIEW} WITH NO SCHEMA BINDING;"),
    ] {
        let view = view(&text).unwrap();
        assert_eq!(view.base, ["shop", "public", "customer"]);
        assert_eq!(view.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["id", "email"]);
        assert_eq!(
            view.entitlements.as_deref(),
            Some(["secure".to_owned(), "entitlements".to_owned()].as_slice())
        );
        assert_eq!(
            view.flags.get(&(vec!["G".to_owned()], "f1".to_owned())).map(String::as_str),
            Some("CLEAR")
        );
        assert!(view.filter.is_some() && view.names_the_row(&["T".to_owned()]));
        let mentions = view.columns[1].1.mentions();
        assert_eq!(
            mentions.columns.into_iter().collect::<Vec<_>>(),
            [(vec!["G".to_owned()], "f1".to_owned())]
        );
    }
}

#[test]
fn what_is_of_another_shape_is_no_view_of_ours() {
    for (from, to) in [
        ("CROSS JOIN", "JOIN"),
        ("CURRENT_USER()", "'BOB'"),
        ("e.\"account\" =", "e.\"account\" <>"),
        ("THEN 1 ELSE 0", "THEN 1 ELSE 1"),
        ("MAX(", "MIN("),
        ("= 'CLEAR' THEN", "= 'CLEAR' OR TRUE THEN"),
        ("SELECT t", "SELECT DISTINCT t"),
        ("AS \"email\"", "AS \"email\", t.*"),
        ("> 3))", "> 3)) LIMIT 3"),
        (" t\nCROSS", " AS g\nCROSS"),
    ] {
        assert!(VIEW.contains(from), "{from}");
        assert!(view(&VIEW.replacen(from, to, 1)).is_none(), "{to}");
    }
}

#[test]
fn other_queries_tell_what_they_read() {
    let reads = |text: &str| match read(text, Dialect::Snowflake) {
        Reading::Reads(paths) => {
            let mut paths: Vec<String> = paths.into_iter().map(|path| path.join(".")).collect();
            paths.sort();
            paths.join(" ")
        }
        Reading::View(_) => "view".to_owned(),
        Reading::Unreadable => "unreadable".to_owned(),
    };
    assert_eq!(reads("SELECT * FROM a.b UNION ALL SELECT x FROM \"c\""), "A.B c");
    assert_eq!(reads("WITH q AS (SELECT 1 FROM secret) SELECT * FROM q"), "Q SECRET");
    assert_eq!(reads("SELECT (SELECT MAX(x) FROM hidden.t) AS y FROM z"), "HIDDEN.T Z");
    assert_eq!(reads("SELECT FROM WHERE"), "unreadable");
    assert_eq!(reads(&"(".repeat(100_000)), "unreadable");
}

#[test]
fn printing_anew_changes_nothing() {
    let same = |left: &str, right: &str| {
        assert_eq!(fingerprint(left, Dialect::Trino), fingerprint(right, Dialect::Trino), "{left} | {right}");
    };
    same("SELECT t.\"id\" AS \"id\" FROM a.b t WHERE (x = 1)", "select t.id as id\n from A.B t where x=1;");
    same("CAST(x AS VARCHAR)", "(x)::varchar");
    same("a AND (b AND c)", "((a) AND (b and c))");
    same("a <> 'it''s'", "/* why */ A != 'it''s'");
    let view = VIEW.replace("CURRENT_USER()", "current_user");
    same(&view, &format!("CREATE VIEW v AS {view} WITH NO SCHEMA BINDING"));
}

#[test]
fn every_change_of_what_it_says_shows() {
    let differ = |left: &str, right: &str| {
        assert_ne!(fingerprint(left, Dialect::Trino), fingerprint(right, Dialect::Trino), "{left} | {right}");
    };
    differ("a AND (b OR c)", "(a AND b) OR c");
    differ("a = 'x'", "a = 'X'");
    differ("a = 'x'", "a = 'x '");
    differ("a = 1", "a = 2");
    differ("a < b", "a <= b");
    differ("f(a, b)", "f(b, a)");
    differ("\"Select\"", "\"select\"");
    differ("\"current_user\" = a", "current_user = a");
    differ(
        "a = 'Ident { value: \"x\", quote_style: Some(1)'",
        "a = 'Ident { value: \"x\", quote_style: None'",
    );
    differ("SELECT a FROM t", "SELECT a FROM t WHERE TRUE");
    differ("SELECT a AS b FROM t", "SELECT a AS c FROM t");
    differ("CASE WHEN a THEN b ELSE c END", "CASE WHEN a THEN c ELSE b END");
    differ("a IS NULL", "a IS NOT NULL");
    differ("((( not sql", "(( not sql");
    differ("", "a");
}

#[test]
fn types_that_the_parser_does_not_know_end_no_view() {
    let view = VIEW
        .replace("ELSE NULL END", "ELSE CAST(NULL AS binary varying(1000000)) END")
        .replace("CURRENT_USER()", "current_user");
    assert!(matches!(read(&view, Dialect::Redshift), Reading::View(_)));
}
