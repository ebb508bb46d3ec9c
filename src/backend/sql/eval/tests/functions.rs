//! Functions and casts of known values.

use super::*;

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
