//! Texts made to overflow, to blow up, or to be read otherwise.

use super::*;
use crate::backend::sql::eval::{rows, seen};

/// On a stack that a deep tree would overflow.
fn on_a_small_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap()
}

#[test]
fn deep_and_hostile_texts_end_quickly_without_overflow() {
    let nested = |open: &str, inner: &str, close: &str, n: usize| {
        format!("{}{inner}{}", open.repeat(n), close.repeat(n))
    };
    let mut texts = vec![
        nested("(", "1", ")", 10_000),
        nested("(", "1", "", 10_000),
        nested("((1) + ", "1", ")", 300),
        nested("NOT ", "TRUE", "", 10_000),
        nested("- ", "1", "", 10_000),
        nested("CASE WHEN ", "TRUE", " THEN 1 END", 3_000),
        nested("CASE ", "", "", 3_000),
        nested("CAST(", "1", " AS INT)", 3_000),
        nested("COALESCE(", "1", ", 2)", 390),
        nested("IF(IF(", "1", "", 390),
        nested("EXISTS (SELECT 1 FROM entitlements WHERE ", "TRUE", ")", 390),
        nested("a IN (SELECT ", "1", " FROM t)", 390),
        nested("ARRAY[", "1", "]", 10_000),
        nested("{", "1", "}", 10_000),
        nested("CAST(NULL AS array(", "x", "))", 190),
        nested("1 BETWEEN ", "1", " AND 1", 3_000),
        nested("LEFT(", "'a'", ", 1)", 240),
        nested("(N'a' + ", "N'b'", ")", 240),
        nested("CAST(CAST(", "a", " AS DATE) AS TIMESTAMP)", 120),
        nested("COALESCE(CAST(COALESCE(a, b) AS DATE), ", "t", ")", 120),
        nested("CONVERT(varchar(max), ", "a", ")", 240),
        nested("HASHBYTES('SHA2_256', ", "a", ")", 240),
        nested("make_dt_interval(1, ", "a", ")", 240),
        nested("DATEADD(day, DATEDIFF(day, 0, ", "a", "), 0)", 120),
        nested("COLLATE(", "a", ", '')", 240),
        nested("CAST(CAST(", "a", " AS BYTES) AS STRING)", 120),
        nested("(a COLLATE Latin1_General_100_BIN2 + ", "a", ")", 240),
        format!("N'a'{}", " + N'a'".repeat(6_000)),
        // The parser tries these in several ways, and what is inside again in each.
        nested("POSITION(CAST(", "", "", 190),
        nested("POSITION(a:b[", "1", "])", 190),
        nested("a -> CAST(", "1", "", 390),
        nested("IF(a.b(f(c => ", "1", ")))", 130),
        nested("INTERVAL ", "'1'", " DAY", 3_000),
        format!("1{}", " + 1".repeat(6_000)),
        format!("1{}", " + 1".repeat(40_000)),
        format!("1{} +", " + 1".repeat(6_000)),
        format!("1{}", " IS NULL".repeat(6_000)),
        format!("1{}", "::INT".repeat(6_000)),
        format!("a{}", ".a".repeat(6_000)),
        format!("a{}", "[1]".repeat(6_000)),
        format!("'a'{}", " || 'a'".repeat(6_000)),
        format!("a IN ({}1)", "1, ".repeat(10_000)),
        "'".to_owned(),
        "\"".to_owned(),
        "/*".to_owned(),
        "$$".to_owned(),
        "1; DROP TABLE t".to_owned(),
        "1 1".to_owned(),
        String::new(),
        "\0\u{202e}'\u{feff}".to_owned(),
        "{salt".to_owned(),
        "{salt}{salt}".to_owned(),
        "CAST(".to_owned(),
        "CAST(1 AS".to_owned(),
        ")))((".to_owned(),
        "LPAD('x', 99999999999999, 'y')".to_owned(),
        "REPEAT(REPEAT(REPEAT('xxxxxxxxxx', 10000), 10000), 10000)".to_owned(),
        "REGEXP_REPLACE('x', '((((a{100}){100}){100}){100})', '')".to_owned(),
        "ROUND(1, 99999999999999999999)".to_owned(),
        "ROUND(1, -9223372036854775808)".to_owned(),
        "DATEADD(day, 9223372036854775807, DATE '9999-12-31')".to_owned(),
        "SUBSTR('x', -9223372036854775808)".to_owned(),
        "DATE '9999-12-31' + INTERVAL '9223372036854775807' DAY".to_owned(),
        "CAST(1 AS NUMBER(4294967295, 4294967295))".to_owned(),
        "CAST('x' AS CHAR(18446744073709551615))".to_owned(),
        "TIMESTAMP '9999-12-31 23:59:59.999999999'".to_owned(),
    ];
    let many: Vec<String> =
        (0..3_000).map(|n| format!("(a = 'v{n}' AND contains(current_groups(), 'g{n}'))")).collect();
    texts.push(many.join(" OR "));
    for text in texts {
        on_a_small_stack(move || {
            for dialect in Dialect::ALL {
                if let Some(body) = parse(&text, dialect) {
                    let _ = evaluate(&body, &fixture(dialect), &cell);
                    let _ = seen(&body, &fixture(dialect), "VAL");
                    let _ = rows(&body, &fixture(dialect));
                    let _ = body.mentions();
                    drop(body.into_conjuncts());
                }
            }
        });
    }
}

#[test]
fn wide_and_moderately_deep_bodies_are_understood() {
    let many: Vec<String> =
        (0..3_000).map(|n| format!("(a = 'v{n}' AND contains(current_groups(), 'g{n}'))")).collect();
    let wide = format!("({} OR a = 'EMEA')", many.join(" OR "));
    let deep = format!("{}a = 'EMEA'{}", "(TRUE AND (FALSE OR ".repeat(100), "))".repeat(100));
    on_a_small_stack(move || {
        check(T, &[(&wide, "true"), (&deep, "true")]);
        check(S, &[(&deep, "true")]);
    });
}

#[test]
fn nested_subqueries_over_a_large_table_run_out_of_steps_and_are_unknown() {
    struct Large(Table);
    impl Session for Large {
        fn is_role(&self, _: &str) -> Option<bool> {
            None
        }
        fn has_group(&self, _: &str) -> Option<bool> {
            None
        }
        fn current_user(&self) -> Option<&str> {
            None
        }
        fn table(&self, _: &[String]) -> Option<&Table> {
            Some(&self.0)
        }
        fn today(&self) -> Option<i32> {
            None
        }
    }
    let rows = (0..5_000).map(|row| vec![Value::Text(row.to_string())]).collect();
    let large = Large(Table::new(vec!["X".to_owned()], rows));
    let ask = |text: &str| shows(parse(text, Dialect::Snowflake).map(|body| evaluate(&body, &large, &cell)));
    let slow = "EXISTS (SELECT 1 FROM T A WHERE EXISTS (SELECT 1 FROM T B WHERE A.X || B.X = 'no'))";
    assert_eq!(ask(slow), "?");
    assert_eq!(ask("EXISTS (SELECT 1 FROM T WHERE X = '4999')"), "true");
    assert_eq!(ask("EXISTS (SELECT 1 FROM T WHERE X = '5000')"), "false");
}
