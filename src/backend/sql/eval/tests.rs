//! Meaning as data: expression, what is known of it. What these cannot show: that the platforms agree.

use super::*;
use crate::backend::contract::Seen;
use crate::backend::sql::method;
use crate::inventory::{ColumnType, Platform};
use crate::ir::{Literal, Method, RoundTo};

struct Fixture {
    entitlements: Table,
    codes: Table,
}

/// Alice holds `ANALYST` and `SUPPORT`, is in `analysts`, and has EMEA and APAC as regions; Bob has AMER.
fn fixture(dialect: Dialect) -> Fixture {
    let fold = |name: &str| match dialect {
        Dialect::Snowflake => name.to_owned(),
        Dialect::Trino => name.to_lowercase(),
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let rows = [
        ["ALICE", "region", "EMEA"],
        ["ALICE", "region", "APAC"],
        ["BOB", "region", "AMER"],
        ["ALICE", "clearance", "secret"],
    ];
    Fixture {
        entitlements: Table::new(
            ["ACCOUNT", "NAME", "VALUE"].map(fold).to_vec(),
            rows.iter().map(|row| row.iter().map(|cell| text(cell)).collect()).collect(),
        ),
        codes: Table::new(
            ["CODE"].map(fold).to_vec(),
            vec![vec![Value::number("1").unwrap_or(Value::Null)], vec![Value::Null]],
        ),
    }
}

impl Session for Fixture {
    fn is_role(&self, role: &str) -> Option<bool> {
        if role == "MAYBE" { None } else { Some(["ANALYST", "SUPPORT"].contains(&role)) }
    }
    fn has_group(&self, group: &str) -> Option<bool> {
        Some(group == "analysts")
    }
    fn current_user(&self) -> Option<&str> {
        Some("ALICE")
    }
    fn table(&self, path: &[String]) -> Option<&Table> {
        let path: Vec<String> = path.iter().map(|part| part.to_uppercase()).collect();
        match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["ENTITLEMENTS"] | ["DB", "GRANTC", "ENTITLEMENTS"] => Some(&self.entitlements),
            ["CODES"] => Some(&self.codes),
            _ => None,
        }
    }
    fn today(&self) -> Option<i32> {
        date("2026-06-01")
    }
    fn names_the_row(&self, qualifier: &[String]) -> bool {
        qualifier.iter().map(|part| part.to_uppercase()).eq(["ROW_TABLE"])
    }
}

fn date(text: &str) -> Option<i32> {
    match Value::date(text) {
        Some(Value::Date(days)) => Some(days),
        _ => None,
    }
}

/// `A` = EMEA, `N` = 1250, `D` = 2026-03-15, `T` = 2026-03-15 13:45, `Z` is NULL, `B` is true; `U` and others are not known.
fn cell(name: &str) -> Partial {
    let days = date("2026-03-15").unwrap_or_default();
    Partial::Value(match name.to_uppercase().as_str() {
        "A" | "VALUE" => Value::Text("EMEA".to_owned()),
        "N" => Value::number("1250").unwrap_or(Value::Null),
        "D" => Value::Date(days),
        "T" => Value::Timestamp((i64::from(days) * 86_400 + 13 * 3_600 + 45 * 60) * 1_000_000),
        "Z" => Value::Null,
        "B" => Value::Boolean(true),
        _ => return Partial::Column(name.to_owned()),
    })
}

fn shows(partial: Option<Partial>) -> String {
    match partial {
        None => "not read".to_owned(),
        Some(Partial::Unknown) => "?".to_owned(),
        Some(Partial::Column(name)) => format!("column {name}"),
        Some(Partial::Value(Value::Text(text))) => format!("'{text}'"),
        Some(Partial::Value(value)) => value.to_string(),
    }
}

fn evaluated(dialect: Dialect, text: &str) -> String {
    let fixture = fixture(dialect);
    shows(parse(text, dialect).map(|body| evaluate(&body, &fixture, &cell)))
}

fn check(dialects: &[Dialect], rows: &[(&str, &str)]) {
    for dialect in dialects {
        for (text, expected) in rows {
            // Trino's names are lower-case.
            let expected = match expected.strip_prefix("column ") {
                Some(name) if *dialect == Dialect::Trino => format!("column {}", name.to_lowercase()),
                _ => (*expected).to_owned(),
            };
            assert_eq!(evaluated(*dialect, text), expected, "{dialect:?}: {text}");
        }
    }
}

const S: &[Dialect] = &[Dialect::Snowflake];
const T: &[Dialect] = &[Dialect::Trino];
const BOTH: &[Dialect] = &[Dialect::Snowflake, Dialect::Trino];

#[test]
fn logic_has_three_values() {
    let values = ["TRUE", "FALSE", "NULL"];
    let and = ["true false NULL", "false false false", "NULL false NULL"];
    let or = ["true true true", "true false NULL", "true NULL NULL"];
    for (table, word) in [(and, "AND"), (or, "OR")] {
        for (left, expected) in values.iter().zip(table) {
            for (right, expected) in values.iter().zip(expected.split(' ')) {
                check(BOTH, &[(&format!("{left} {word} {right}"), expected)]);
            }
        }
    }
    check(
        BOTH,
        &[
            ("NOT NULL", "NULL"),
            ("NOT TRUE OR NOT FALSE AND NULL", "NULL"),
            ("u = 1 AND FALSE", "false"),
            ("u = 1 AND NULL", "?"),
            ("(u = 1 AND NULL) IS TRUE", "false"),
            ("u = 1 OR TRUE", "true"),
            ("COALESCE(u = 1, TRUE) IS NULL", "false"),
            ("(u = 1) IS NOT TRUE", "?"),
            ("NULL IS NULL", "true"),
            ("z IS NOT NULL", "false"),
            ("(z = 1) IS NULL", "true"),
            ("a IS FALSE", "?"),
        ],
    );
}

#[test]
fn comparisons_are_exact_and_null_is_unknown() {
    check(
        BOTH,
        &[
            ("a = 'EMEA'", "true"),
            ("a = 'emea'", "false"),
            ("a = 'EMEA '", "false"),
            ("a <> z", "NULL"),
            ("'é' > 'z'", "true"),
            ("n = 1250.00", "true"),
            ("n >= 1250.01", "false"),
            ("-1.5 < -1", "true"),
            ("n = '1250'", "?"),
            ("d = DATE '2026-03-15'", "true"),
            ("t > DATE '2026-03-15'", "true"),
            ("CAST(d AS TIMESTAMP) = TIMESTAMP '2026-03-15 00:00:00'", "true"),
            ("t < TIMESTAMP '2026-03-15 13:45:00.000001'", "true"),
            ("z IS NOT DISTINCT FROM NULL", "true"),
            ("a IS DISTINCT FROM z", "true"),
            ("u IS DISTINCT FROM z", "?"),
            ("u = u", "?"),
            ("u", "column U"),
            ("a IN ('AMER', 'EMEA')", "true"),
            ("a IN ('AMER', NULL)", "NULL"),
            ("a NOT IN ('AMER', NULL)", "NULL"),
            ("a NOT IN ('AMER')", "true"),
            ("z IN ('AMER')", "NULL"),
            ("a IN (u, 'EMEA')", "true"),
            ("a IN (u, 'AMER')", "?"),
            ("n BETWEEN 1000 AND 1250 AND TRUE", "true"),
            ("n NOT BETWEEN 1000 AND z", "NULL"),
            ("n BETWEEN 2000 AND z", "false"),
            ("a LIKE 'E%'", "true"),
            ("a NOT LIKE '_M_A'", "false"),
            ("a LIKE z", "NULL"),
            ("'a%b' LIKE 'a!%b' ESCAPE '!'", "true"),
            ("'axb' LIKE 'a!%b' ESCAPE '!'", "false"),
            ("a LIKE 'E!M%' ESCAPE '!'", "?"),
            ("a ILIKE 'emea'", "?"),
            ("ROW_TABLE.a = 'EMEA'", "true"),
            ("other_table.a = 'EMEA'", "?"),
            ("a COLLATE \"x\" = 'EMEA'", "?"),
            ("(a, n) = ('EMEA', 1250)", "?"),
        ],
    );
}

#[test]
fn literals_are_read_by_the_dialects_own_rules() {
    check(
        S,
        &[
            (r"'it''s \\'", r"'it's \'"),
            (
                r"'a\nb' = 'a
b'",
                "true",
            ),
            (r"'\'' = ''''", "true"),
            (r"LENGTH('\0')", "1"),
            (r"'\q'", "'q'"),
            (r"'\x41'", "not read"),
            (r"'\101'", "not read"),
            (r"$$it's \n$$", r"'it's \n'"),
            ("a", "'EMEA'"),
            ("\"a\"", "'EMEA'"),
            ("\"u\"", "column u"),
            ("u", "column U"),
            (r"'a\\%b' LIKE 'a\\%b' ESCAPE '\\'", "false"),
            (r"'a%b' LIKE 'a\\%b' ESCAPE '\\'", "true"),
            ("('x{sa' || 'lt}')", "'x{salt}'"),
            ("('x' || {salt})", "'x{salt}'"),
            ("'{salt}'", "'{salt}'"),
        ],
    );
    check(
        T,
        &[
            (r"'it''s \'", r"'it's \'"),
            (
                r"'a\nb' = 'a
b'",
                "false",
            ),
            (r"LENGTH('\\')", "2"),
            ("\"U\"", "column u"),
            ("`a`", "?"),
            (r"'a%b' LIKE 'a\%b' ESCAPE '\'", "true"),
            ("u & 'x'", "?"),
            ("E'x'", "?"),
            ("N'x'", "?"),
            ("TRUE /*! OR FALSE */", "not read"),
            ("TRUE /* a /* b */ OR FALSE */", "not read"),
            ("TRUE -- OR FALSE", "true"),
            ("FALSE /* TRUE */", "false"),
            ("('x' || {salt})", "'x{salt}'"),
        ],
    );
    check(
        BOTH,
        &[("DATE '2026-02-30'", "?"), ("DATE '2026-2-3'", "?"), ("TIMESTAMP '2026-01-01 00:00:00Z'", "?")],
    );
}

#[test]
fn a_case_takes_what_its_reachable_branches_agree_on() {
    check(
        BOTH,
        &[
            ("CASE WHEN a = 'EMEA' THEN 1 ELSE 2 END", "1"),
            ("CASE WHEN z = 1 THEN 1 WHEN NULL THEN 2 END", "NULL"),
            ("CASE a WHEN 'AMER' THEN 1 WHEN 'EMEA' THEN 2 ELSE 3 END", "2"),
            ("CASE z WHEN NULL THEN 1 ELSE 2 END", "2"),
            ("CASE WHEN u = 1 THEN 'x' ELSE 'x' END", "'x'"),
            ("CASE WHEN u = 1 THEN 'x' ELSE 'y' END", "?"),
            ("CASE WHEN u = 1 THEN 'x' WHEN TRUE THEN 'x' ELSE 'y' END", "'x'"),
            ("CASE WHEN u = 1 THEN u ELSE u END", "column U"),
            ("CASE WHEN u = 1 AND FALSE THEN 'x' ELSE 'y' END", "'y'"),
            ("CASE WHEN u = 1 THEN FALSE ELSE NULL END IS TRUE", "false"),
            ("CASE WHEN COALESCE(u = 1, TRUE) THEN 1 ELSE 1 END", "1"),
            ("COALESCE(z, NULL, a)", "'EMEA'"),
            ("COALESCE(z, u)", "column U"),
            ("COALESCE(u, 'x')", "?"),
            ("NULLIF(a, 'EMEA')", "NULL"),
            ("NULLIF(a, 'x')", "'EMEA'"),
            ("NULLIF(a, u)", "?"),
        ],
    );
    check(S, &[("IFF(u = 1, 1, 1)", "1"), ("NVL(z, 2)", "2"), ("IF(TRUE, 1, 2)", "?")]);
    check(T, &[("IF(a = 'x', 1)", "NULL"), ("IFF(TRUE, 1, 2)", "?")]);
}

#[test]
fn functions_of_text() {
    check(
        BOTH,
        &[
            ("LENGTH('Zoë')", "3"),
            ("'a' || 'b' || n", "?"),
            ("'a' || z || 'b'", "NULL"),
            ("CONCAT('a', 'b')", "'ab'"),
            ("SUBSTR('abcde', 2, 3)", "'bcd'"),
            ("SUBSTRING('abcde', -2)", "'de'"),
            ("SUBSTRING('abcde' FROM 2 FOR 1)", "'b'"),
            ("SUBSTR('abc', 9)", "''"),
            ("SUBSTR('abc', 0)", "?"),
            ("SUBSTR('abc', -9)", "?"),
            ("UPPER('ab') || LOWER('CD')", "'ABcd'"),
            ("UPPER('ß')", "?"),
            ("RPAD('', 3, '*')", "'***'"),
            ("LPAD('7', 3, '0')", "'007'"),
            ("RPAD('abcd', 2, '*')", "'ab'"),
            ("RTRIM('ab  ')", "'ab'"),
            ("TRIM('  ab  ')", "'ab'"),
            ("REGEXP_REPLACE('a1b22', '[0-9]', '#')", "'a#b##'"),
            ("REGEXP_REPLACE(z, '[0-9]', '#')", "NULL"),
            ("REGEXP_REPLACE('a', '.', '#')", "?"),
            ("REGEXP_REPLACE(U, u, '#')", "?"),
            ("REGEXP_REPLACE('a', '(a', '#')", "?"),
            ("CAST('abcdef' AS VARCHAR(3))", "'abc'"),
            ("CAST('12.5' AS DECIMAL(5,1))", "12.5"),
            ("CAST(12.55 AS DECIMAL(5,1))", "12.6"),
            ("CAST(123456 AS DECIMAL(5,1))", "?"),
            ("CAST('x' AS INTEGER)", "?"),
            ("TRY_CAST('x' AS INTEGER)", "?"),
            ("CAST(n AS VARCHAR)", "?"),
            ("CAST(NULL AS BIGINT)", "NULL"),
            ("CAST('2026-01-01' AS DATE) = DATE '2026-01-01'", "true"),
            ("CAST(t AS DATE) = d", "true"),
            ("CAST(u AS VARCHAR(10))", "column U"),
            ("NO_SUCH_FUNCTION('x')", "?"),
            ("schema1.length('x')", "?"),
            ("LENGTH(DISTINCT 'x')", "?"),
            ("COUNT(*) OVER ()", "?"),
        ],
    );
    check(
        S,
        &[
            ("LEFT('abc', 2) || RIGHT('abc', 2)", "'abbc'"),
            ("RIGHT('abc', 9)", "'abc'"),
            ("REPEAT('*', 3)", "'***'"),
            ("REPEAT('*', -1)", "''"),
            ("RTRIM('ab__', '_')", "'ab'"),
            ("'12'::NUMBER(5,0)", "12"),
            ("SHA2('', 256)", "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"),
            ("SHA2('', 512)", "?"),
            (r"REGEXP_REPLACE('a.b', '[\\[.]', '\\\\')", r"'a\b'"),
            (r"REGEXP_REPLACE('a', 'a', '\\1')", "?"),
            ("CAST('a' AS CHAR(3))", "'a'"),
        ],
    );
    check(
        T,
        &[
            (
                "lower(to_hex(sha256(to_utf8(''))))",
                "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
            ),
            ("to_hex(to_utf8('a'))", "?"),
            ("REPEAT('*', 3)", "?"),
            ("LEFT('abc', 2)", "?"),
            (r"regexp_replace('a', 'a', '\$x')", "'$x'"),
            ("regexp_replace('a', 'a', '$1')", "?"),
            ("regexp_replace('ab', 'b$', '#')", "'a#'"),
            ("regexp_replace('ab\n', 'b$', '#')", "?"),
            ("rtrim('ab\t  ')", "?"),
            ("CAST('a' AS CHAR(3))", "'a  '"),
            ("CAST(NULL AS array(row(a varchar, b map(varchar, bigint))))", "NULL"),
            (
                "CASE WHEN CAST(NULL AS timestamp(3) with time zone) IS NULL THEN CAST('x' AS varchar(5)) END",
                "'x'",
            ),
        ],
    );
}

#[test]
fn functions_of_numbers_and_dates() {
    check(
        BOTH,
        &[
            ("n - MOD(n, 100) + 100 * 2", "1400"),
            ("MOD(-7, 2)", "-1"),
            ("-7 % 2", "-1"),
            ("1 / 0", "?"),
            ("MOD(1, 0)", "?"),
            ("6 / 3", "2"),
            ("7 / 2", "?"),
            ("0.1 + 0.2 = 0.3", "true"),
            ("ROUND(-2.5)", "-3"),
            ("ROUND(2.345, 2)", "2.35"),
            ("ROUND(n, -3)", "1000"),
            ("FLOOR(-1.5)", "-2"),
            ("CEIL(1.2)", "2"),
            ("CEIL(-1.2)", "-1"),
            ("FLOOR(3)", "3"),
            ("ABS(-3) + SIGN(-2)", "2"),
            ("n + z", "NULL"),
            ("99999999999999999999999999999999999999 * 10", "?"),
            ("DATE_TRUNC('month', d)", "2026-03-01"),
            ("DATE_TRUNC('year', t)", "2026-01-01T00:00:00Z"),
            ("DATE_TRUNC('hour', t)", "2026-03-15T13:00:00Z"),
            ("DATE_TRUNC('quarter', d)", "2026-01-01"),
            ("DATE_TRUNC('week', d)", "?"),
            ("DATE_TRUNC('hour', d)", "?"),
            ("CURRENT_DATE", "2026-06-01"),
            ("d - INTERVAL '90' DAY", "2025-12-15"),
            ("d + INTERVAL '1' MONTH", "?"),
        ],
    );
    check(
        S,
        &[
            ("CURRENT_DATE() - 1", "2026-05-31"),
            ("(CAST(CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP()) AS DATE) - 90)", "2026-03-03"),
            ("CAST(CURRENT_TIMESTAMP() AS DATE)", "?"),
            ("DATEADD(day, -1, d)", "2026-03-14"),
            ("DATEADD('week', 1, d)", "2026-03-22"),
            ("DATEADD(month, 1, d)", "?"),
            ("DATE_TRUNC(MONTH, d)", "2026-03-01"),
            ("TRUNC(1.29, 1)", "1.2"),
            ("1e2", "?"),
        ],
    );
    check(
        T,
        &[
            ("(CAST(current_timestamp AT TIME ZONE 'UTC' AS date) - INTERVAL '90' DAY)", "2026-03-03"),
            ("CAST(current_timestamp AS date)", "?"),
            ("CAST(current_timestamp AT TIME ZONE 'Europe/Paris' AS date)", "?"),
            ("date_add('day', -1, d)", "2026-03-14"),
            ("d + 1", "?"),
        ],
    );
}

#[test]
fn sessions_answer_for_roles_groups_and_users() {
    check(
        S,
        &[
            ("IS_ROLE_IN_SESSION('ANALYST')", "true"),
            ("IS_ROLE_IN_SESSION('analyst')", "false"),
            ("IS_ROLE_IN_SESSION('NOBODY')", "false"),
            ("IS_ROLE_IN_SESSION('MAYBE')", "?"),
            ("IS_ROLE_IN_SESSION(u)", "?"),
            ("(CURRENT_ROLE() = 'NOBODY') IS TRUE", "false"),
            ("(CURRENT_ROLE() IN ('NOBODY', 'ELSE')) IS TRUE", "false"),
            ("CURRENT_ROLE() = 'ANALYST'", "?"),
            ("CURRENT_USER() = 'ALICE' AND CURRENT_USER = 'ALICE'", "true"),
            ("contains(current_groups(), 'analysts')", "?"),
        ],
    );
    check(
        T,
        &[
            ("contains(current_groups(), 'analysts')", "true"),
            ("contains(current_groups(), 'others')", "false"),
            ("contains(current_groups(), NULL)", "NULL"),
            ("contains(ARRAY['x', a], 'EMEA')", "true"),
            ("contains(ARRAY['x', NULL], a)", "NULL"),
            ("current_user = 'ALICE'", "true"),
            ("CASE current_user WHEN 'ALICE' THEN 'a@acme.example' END", "'a@acme.example'"),
            ("IS_ROLE_IN_SESSION('ANALYST')", "?"),
        ],
    );
}

#[test]
fn subqueries_bind_names_inside_first() {
    let regions = "SELECT 1 FROM entitlements e WHERE e.account = CURRENT_USER AND e.name = 'region'";
    check(
        BOTH,
        &[
            (&format!("EXISTS ({regions} AND e.value = a)"), "true"),
            (&format!("EXISTS ({regions} AND e.value = 'AMER')"), "false"),
            (&format!("NOT EXISTS ({regions} AND e.value = u)"), "?"),
            (&format!("EXISTS ({regions} AND e.value = z)"), "false"),
            // The trap: the outer column `value` is captured by the table's own, so that this is true for every row.
            (&format!("EXISTS ({regions} AND e.value = value)"), "true"),
            ("EXISTS (SELECT 1 FROM entitlements WHERE value = 'AMER' AND account = CURRENT_USER)", "false"),
            ("EXISTS (SELECT 1 FROM entitlements e WHERE e.value = ROW_TABLE.value)", "true"),
            // An alias hides the table's name.
            ("EXISTS (SELECT 1 FROM entitlements e WHERE entitlements.value = 'EMEA')", "?"),
            ("EXISTS (SELECT 1 FROM entitlements WHERE entitlements.value = 'EMEA')", "true"),
            (
                "EXISTS (SELECT * FROM db.grantc.entitlements WHERE grantc.entitlements.value = 'EMEA')",
                "true",
            ),
            ("EXISTS (SELECT 1 FROM no_such_table)", "?"),
            ("EXISTS (SELECT COUNT(*) FROM entitlements WHERE FALSE)", "?"),
            ("EXISTS (SELECT 1 FROM entitlements LIMIT 0)", "?"),
            ("EXISTS (SELECT 1 FROM entitlements a JOIN entitlements b ON TRUE)", "?"),
            ("EXISTS (SELECT 1 FROM entitlements GROUP BY value HAVING FALSE)", "?"),
            ("EXISTS (SELECT 1 FROM entitlements WHERE no_such_column = 1)", "?"),
            ("a IN (SELECT value FROM entitlements WHERE account = CURRENT_USER)", "true"),
            ("'AMER' NOT IN (SELECT value FROM entitlements WHERE account = CURRENT_USER)", "true"),
            ("z IN (SELECT value FROM entitlements WHERE FALSE)", "false"),
            ("z IN (SELECT value FROM entitlements)", "NULL"),
            ("2 NOT IN (SELECT code FROM codes)", "NULL"),
            ("1 IN (SELECT code FROM codes)", "true"),
            ("a IN (SELECT MAX(value) FROM entitlements)", "?"),
            ("a IN (SELECT value FROM entitlements UNION SELECT 'x')", "?"),
            (
                "EXISTS (SELECT 1 FROM entitlements e WHERE EXISTS (SELECT 1 FROM entitlements f \
                 WHERE f.account = e.account AND f.value = 'secret' AND e.value = 'AMER'))",
                "false",
            ),
            ("(SELECT value FROM entitlements)", "?"),
        ],
    );
}

/// `val` is the argument.
fn check_seen(dialects: &[Dialect], rows: &[(&str, Seen)]) {
    for dialect in dialects {
        let fixture = fixture(*dialect);
        for (text, expected) in rows {
            let body = parse(text, *dialect).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(seen(&body, &fixture, "VAL"), *expected, "{dialect:?}: {text}");
        }
    }
}

#[test]
fn a_mask_is_clear_masked_or_both() {
    use Seen::{Clear, Masked, Sometimes};
    check_seen(
        BOTH,
        &[
            ("val", Clear),
            ("CAST(val AS VARCHAR(20))", Clear),
            ("CASE WHEN val IS NULL THEN NULL ELSE val END", Clear),
            ("CASE WHEN val IS NULL THEN val ELSE '***' END", Masked),
            ("NULL", Masked),
            ("'***'", Masked),
            ("CASE WHEN other = 1 THEN val ELSE NULL END", Sometimes),
            ("CASE WHEN COALESCE(other = 1, TRUE) THEN '***' ELSE val END", Sometimes),
            ("CASE WHEN COALESCE(other = 1, TRUE) THEN '***' ELSE NULL END", Masked),
            ("CASE WHEN COALESCE(FALSE, TRUE) THEN '***' ELSE val END", Clear),
            ("CASE WHEN COALESCE(NULL, TRUE) THEN '***' ELSE val END", Masked),
            // The same value in another dress.
            ("val || ''", Sometimes),
            ("UPPER(val)", Sometimes),
            ("val + 0", Sometimes),
            ("SUBSTR(val, 1)", Sometimes),
            ("SUBSTR(val, 1, 100)", Sometimes),
            ("MASK_UDF(val)", Sometimes),
            ("other", Sometimes),
            ("CONCAT(SUBSTR(val, 1, 1), SUBSTR(val, 2))", Sometimes),
            ("COALESCE(NULL, val)", Clear),
            ("COALESCE(val, '***')", Sometimes),
            ("val = TRUE", Sometimes),
            ("(SELECT value FROM entitlements)", Sometimes),
            // Forms that lose something.
            (
                "CASE WHEN LENGTH(val) <= 4 THEN RPAD('', LENGTH(val), '*') ELSE SUBSTR(val, 1, 4) || RPAD('', LENGTH(val) - 4, '*') END",
                Masked,
            ),
            ("CASE WHEN LENGTH(val) > 4 THEN SUBSTR(val, 1, 4) ELSE '' END", Masked),
            ("CASE WHEN LENGTH(val) <= 3 THEN '' ELSE SUBSTR(val, 1, 4) END", Sometimes),
            ("CASE WHEN LENGTH(other) <= 4 THEN '' ELSE SUBSTR(val, 1, 4) END", Sometimes),
            (
                "CASE WHEN LENGTH(val) <= 4 THEN '' ELSE SUBSTR(val, 1, 2) || SUBSTR(val, LENGTH(val) - 2 + 1) END",
                Sometimes,
            ),
            ("DATE_TRUNC('month', val)", Masked),
            ("DATE_TRUNC('second', val)", Sometimes),
            ("LENGTH(val)", Masked),
        ],
    );
    check_seen(
        S,
        &[
            ("CASE WHEN IS_ROLE_IN_SESSION('ANALYST') THEN VAL ELSE NULL END", Clear),
            (
                "CASE WHEN VAL IS NULL THEN NULL WHEN IS_ROLE_IN_SESSION('ANALYST') THEN VAL ELSE SHA2(VAL, 256) END",
                Clear,
            ),
            ("CASE WHEN IS_ROLE_IN_SESSION('NOBODY') THEN VAL ELSE SHA2((VAL || {salt}), 256) END", Masked),
            ("CASE WHEN IS_ROLE_IN_SESSION('MAYBE') THEN VAL ELSE NULL END", Sometimes),
            // Whoever holds the role can drop it.
            ("CASE WHEN IS_ROLE_IN_SESSION('ANALYST') THEN NULL ELSE VAL END", Sometimes),
            ("CASE WHEN IS_ROLE_IN_SESSION('ANALYST') THEN NULL ELSE '***' END", Masked),
            ("CASE WHEN CURRENT_ROLE() = 'ANALYST' THEN VAL ELSE '***' END", Sometimes),
            ("CASE WHEN CURRENT_ROLE() IN ('NOBODY') THEN VAL ELSE '***' END", Masked),
            ("\"val\"", Sometimes),
            (
                "CASE WHEN IS_ROLE_IN_SESSION('NOBODY') THEN VAL WHEN COALESCE(A1 = 'US', TRUE) THEN SHA2((VAL || {salt}), 256) ELSE NULL END",
                Masked,
            ),
        ],
    );
    check_seen(
        T,
        &[
            (
                "CAST(CASE WHEN contains(current_groups(), 'analysts') THEN \"VAL\" ELSE NULL END AS varchar(20))",
                Clear,
            ),
            ("CASE WHEN contains(current_groups(), 'analysts') THEN NULL ELSE val END", Masked),
            ("lower(to_hex(sha256(to_utf8((val || {salt})))))", Masked),
            ("to_hex(to_utf8(val))", Sometimes),
        ],
    );
}

#[test]
fn a_filter_is_open_closed_or_depends() {
    use RowsTruth::{Depends, FalseOrNull, True};
    let check = |text: &str, expected: RowsTruth| {
        let body = parse(text, Dialect::Snowflake).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(rows(&body, &fixture(Dialect::Snowflake)), expected, "{text}");
    };
    check("IS_ROLE_IN_SESSION('ANALYST') OR R = 'x'", True);
    check("IS_ROLE_IN_SESSION('NOBODY') OR R = 'x'", Depends);
    check("IS_ROLE_IN_SESSION('NOBODY')", FalseOrNull);
    check("R = 'x' AND NULL", FalseOrNull);
    check("R = NULL", FalseOrNull);
    check("NOT IS_ROLE_IN_SESSION('ANALYST')", Depends);
    check("UDF(R)", Depends);
    check(
        "EXISTS (SELECT 1 FROM ENTITLEMENTS E WHERE E.ACCOUNT = CURRENT_USER() AND E.NAME = 'none' AND E.VALUE = R)",
        FalseOrNull,
    );
    check(
        "EXISTS (SELECT 1 FROM ENTITLEMENTS E WHERE E.ACCOUNT = CURRENT_USER() AND E.NAME = 'region' AND E.VALUE = R)",
        Depends,
    );
    check("CASE WHEN R = 1 THEN FALSE ELSE NULL END", FalseOrNull);
}

#[test]
fn conjuncts_are_split_outside_parentheses_only() {
    let check = |text: &str, expected: usize| {
        let body = parse(text, Dialect::Trino).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(body.into_conjuncts().len(), expected, "{text}");
    };
    check("(a = 1) AND (b = 2 AND c = 3) AND d", 3);
    check("(a = 1 AND b = 2) OR c", 1);
    check("a BETWEEN 1 AND 2 AND b", 2);
    check("a = 1", 1);
}

#[test]
fn mentions_are_what_a_body_asks_of_a_session() {
    let mentions = |text: &str, dialect| parse(text, dialect).map(|body| body.mentions());
    let of = mentions(
        "CASE WHEN IS_ROLE_IN_SESSION('A') THEN 1 WHEN EXISTS (SELECT 1 FROM T WHERE X = CURRENT_USER()) THEN 2 END",
        Dialect::Snowflake,
    );
    let roles = BTreeSet::from(["A".to_owned()]);
    assert_eq!(of, Some(Mentions { roles, groups: BTreeSet::new(), user: true }));
    let of = mentions("contains(current_groups(), 'g') AND x = 1", Dialect::Trino);
    let groups = BTreeSet::from(["g".to_owned()]);
    assert_eq!(of, Some(Mentions { roles: BTreeSet::new(), groups, user: false }));
}

/// Every method that we print means what the reference shows, and is seen as masked.
#[test]
fn printed_methods_mean_the_reference() {
    let texts = ["", "a", "1234", "55512345", "Zoë Müller", "it's \\ \"x\" 100%", "UNITED STATES", "a\nb1"];
    let numbers = ["0", "1250", "-1250", "1249.99", "0.5", "-0.49", "123456.78"];
    let text_methods = [
        Method::Null,
        Method::Constant(Literal::Text("it's \\ {salt}".into())),
        Method::Hash,
        Method::KeepFirst(3),
        Method::KeepFirst(0),
        Method::KeepLast(4),
        Method::KeepLast(0),
        Method::Regex { pattern: "[0-9]+".into(), replace: "\\1$1".into() },
        Method::Regex { pattern: "(?i)[a-f]x?\\]?".into(), replace: "".into() },
        Method::Regex { pattern: "\\.|\\\\|\"".into(), replace: "#".into() },
    ];
    let number_methods = [
        Method::Null,
        Method::Constant(Literal::Number("-3.50".into())),
        Method::RoundNumber("100".into()),
        Method::RoundNumber("0.5".into()),
    ];
    let date_methods = [
        Method::Null,
        Method::Constant(Literal::Date(-1)),
        Method::RoundDate(RoundTo::Year),
        Method::RoundDate(RoundTo::Month),
        Method::RoundDate(RoundTo::Day),
    ];
    let mut judged = 0;
    for (dialect, platform) in [(Dialect::Snowflake, Platform::Snowflake), (Dialect::Trino, Platform::Trino)]
    {
        let mut check = |column: &str, method: &Method, values: &[Value]| {
            let column = ColumnType::parse(column);
            let Ok(text) = method::print(method, "val", &column, platform, dialect, true) else { return };
            let body = parse(&text, dialect).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(seen(&body, &fixture(dialect), "VAL"), Seen::Masked, "{dialect:?} {column:?}: {text}");
            for value in values.iter().chain([&Value::Null]) {
                let cell = |_: &str| Partial::Value(value.clone());
                let got = evaluate(&body, &fixture(dialect), &cell);
                let wanted = match (value, method) {
                    // Only what stands around the expression keeps NULL for a constant.
                    (Value::Null, Method::Constant(literal)) => literal.value(),
                    _ => method.show(value, "{salt}").unwrap(),
                };
                let Partial::Value(got) = got else { panic!("{text} of {value:?}") };
                let same =
                    got == wanted || got.compare(&wanted, column.padded).is_some_and(|order| order.is_eq());
                assert!(same, "{dialect:?} {text} of {value:?}: {got:?}, not {wanted:?}");
                judged += 1;
            }
        };
        for method in &text_methods {
            let values: Vec<Value> = texts.iter().map(|text| Value::Text((*text).to_owned())).collect();
            for column in ["VARCHAR", "VARCHAR(200)", "CHAR(70)"] {
                check(column, method, &values);
            }
        }
        for method in &number_methods {
            let values: Vec<Value> = numbers.iter().filter_map(|number| Value::number(number)).collect();
            check("DECIMAL(12,2)", method, &values);
            let whole: Vec<Value> = ["7", "-50", "1250"].iter().filter_map(|n| Value::number(n)).collect();
            check("INTEGER", method, &whole);
        }
        for method in &date_methods {
            check("DATE", method, &[Value::Date(20_527), Value::Date(-1)]);
            let timestamps = [Value::Timestamp(-1_000_000), Value::Timestamp(1_773_000_123_000_000)];
            let name = if dialect == Dialect::Snowflake { "TIMESTAMP_NTZ" } else { "timestamp(6)" };
            check(name, method, &timestamps);
            check(name, &Method::RoundDate(RoundTo::Hour), &timestamps);
        }
        check("BOOLEAN", &Method::Constant(Literal::Boolean(true)), &[Value::Boolean(false)]);
        if dialect == Dialect::Trino {
            check(
                "timestamp(6) with time zone",
                &Method::RoundDate(RoundTo::Day),
                &[Value::Timestamp(86_400_000_001)],
            );
        }
    }
    assert!(judged > 300, "{judged}");
}

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
        nested("INTERVAL ", "'1'", " DAY", 3_000),
        format!("1{}", " + 1".repeat(20_000)),
        format!("1{}", " + 1".repeat(40_000)),
        format!("1{} +", " + 1".repeat(20_000)),
        format!("1{}", " IS NULL".repeat(20_000)),
        format!("1{}", "::INT".repeat(20_000)),
        format!("a{}", ".a".repeat(20_000)),
        format!("a{}", "[1]".repeat(20_000)),
        format!("'a'{}", " || 'a'".repeat(20_000)),
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
            for dialect in BOTH {
                if let Some(body) = parse(&text, *dialect) {
                    let _ = evaluate(&body, &fixture(*dialect), &cell);
                    let _ = seen(&body, &fixture(*dialect), "VAL");
                    let _ = rows(&body, &fixture(*dialect));
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
    assert_eq!(ask(&format!("NOT {slow}")), "?");
    assert_eq!(ask("EXISTS (SELECT 1 FROM T WHERE X = '4999')"), "true");
    assert_eq!(ask("EXISTS (SELECT 1 FROM T WHERE X = '5000')"), "false");
}
