//! What each of the four later dialects means by its own words.

use super::*;

#[test]
fn names_fold_by_the_dialect() {
    check(
        D,
        &[("U", "column u"), ("`U`", "column u"), ("`A`", "'EMEA'"), ("row_table.A", "'EMEA'"), ("u.v", "?")],
    );
    check(R, &[("U", "column u"), ("\"U\"", "column u"), ("[u]", "?")]);
    check(A, &[("[u]", "column u"), ("\"u\"", "column u"), ("U", "column U"), ("[A]", "'EMEA'")]);
    check(G, &[("U", "column u"), ("`U`", "column u"), ("`a.b`", "column a.b")]);
}

#[test]
fn equality_follows_the_platform() {
    check(D, &[("'a' = 'a '", "false"), ("'a' = 'A'", "false"), ("'a' COLLATE UTF8_LCASE = 'A'", "?")]);
    check(
        D,
        &[
            ("CAST(a AS BINARY) = CAST('EMEA' AS BINARY)", "true"),
            ("CAST(a AS BINARY) IN (CAST('x' AS BINARY), CAST('EMEA' AS BINARY))", "true"),
            ("CAST(a AS BINARY) = 'EMEA'", "?"),
            ("length(CAST('é' AS BINARY))", "?"),
            ("CAST(CAST('é' AS BINARY) AS STRING)", "'é'"),
            ("CAST(z AS BINARY) = CAST('EMEA' AS BINARY)", "NULL"),
        ],
    );
    check(
        G,
        &[
            ("'a' = 'a '", "false"),
            ("COLLATE('a', 'und:ci') = 'A'", "?"),
            ("COLLATE('a', '') = 'A'", "false"),
        ],
    );
    check(
        G,
        &[
            ("CAST(a AS BYTES) <> CAST('emea' AS BYTES)", "true"),
            ("LENGTH(CAST('é' AS BYTES))", "?"),
            ("TO_HEX(CAST('a' AS BYTES))", "?"),
        ],
    );
    let loose = [
        ("'a' = 'a '", "true"),
        ("'a ' <> 'a'", "false"),
        ("'a' >= 'a '", "true"),
        ("'a' = 'A'", "?"),
        ("'a' = 'b'", "false"),
        ("'a' IN ('b', 'a  ')", "true"),
        ("'a' IN ('b', 'c')", "false"),
        ("'a' < 'b'", "?"),
        ("NULLIF('a', 'a ')", "NULL"),
        ("CASE 'a ' WHEN 'a' THEN 1 ELSE 2 END", "1"),
        ("'a' LIKE 'a'", "?"),
        ("'a' = NULL", "NULL"),
    ];
    check(R, &loose);
    check(A, &loose);
    check(
        R,
        &[
            ("COLLATE('a', 'case_sensitive') = 'A'", "false"),
            ("COLLATE('a', 'case_sensitive') = 'a '", "true"),
            ("COLLATE('a', 'cs') < 'b'", "true"),
            ("COLLATE('a' || CHR(1), 'cs') < COLLATE('a ' || CHR(1), 'cs')", "true"),
            ("COLLATE('a', 'cs') < COLLATE('a' || CHR(1), 'cs')", "?"),
            ("COLLATE('a', 'case_insensitive') = 'A'", "?"),
            ("COLLATE(u, 'cs') = a", "?"),
            ("(COLLATE('a', 'cs') || '.') = 'A.'", "?"),
            ("COLLATE('a.', 'cs') LIKE '_.'", "true"),
            ("REGEXP_REPLACE('a1', '[0-9]', '#')", "?"),
            ("REGEXP_REPLACE(COLLATE('a1', 'cs'), '[0-9]', '#')", "'a#'"),
            ("'é' = 'e'", "?"),
        ],
    );
    check(
        A,
        &[
            ("N'a' COLLATE Latin1_General_100_BIN2 = N'A'", "false"),
            ("N'a' COLLATE Latin1_General_100_BIN2 = N'a '", "true"),
            ("(N'a' COLLATE Latin1_General_100_BIN2 + N'.') = (N'a ' + N'.')", "false"),
            ("N'a' COLLATE Latin1_General_CI_AS = N'A'", "?"),
            ("N'a' COLLATE Latin1_General_100_BIN2 = N'A' COLLATE Latin1_General_CI_AS", "?"),
            ("N'a' COLLATE Latin1_General_100_BIN2 < N'😀'", "?"),
            ("N'é' = N'e'", "?"),
            ("N'é' = N'é '", "true"),
            ("N'a' COLLATE Latin1_General_100_BIN2 LIKE N'[a]'", "?"),
            ("N'a%' COLLATE Latin1_General_100_BIN2 LIKE N'_\\%' ESCAPE N'\\'", "true"),
            ("N'[a' COLLATE Latin1_General_100_BIN2 LIKE N'\\[a' ESCAPE N'\\'", "true"),
            ("N'😀' COLLATE Latin1_General_100_BIN2 LIKE N'_'", "?"),
        ],
    );
    check(
        D,
        &[(r"'a%b' LIKE 'a\\%b'", "true"), (r"'axb' LIKE 'a\\%b'", "false"), (r"'a%b' LIKE 'a\%b'", "true")],
    );
    check(G, &[(r"'a%b' LIKE 'a\\%b'", "true"), (r"'axb' LIKE 'a\\%b'", "false")]);
}

#[test]
fn sessions_answer_in_every_dialect() {
    check(
        D,
        &[
            ("is_account_group_member('analysts')", "true"),
            ("is_account_group_member('others')", "false"),
            ("is_account_group_member(NULL)", "?"),
            ("is_member('analysts')", "?"),
            ("session_user() = 'ALICE' AND current_user() = 'ALICE'", "true"),
            ("current_user = 'ALICE'", "?"),
            ("date_from_unix_date(CAST(unix_seconds(current_timestamp()) / 86400 AS INT))", "2026-06-01"),
            ("CAST(current_timestamp() AS DATE)", "?"),
        ],
    );
    check(
        R,
        &[
            ("user_is_member_of(current_user, 'analysts')", "true"),
            ("user_is_member_of('bob', 'analysts')", "?"),
            ("current_user = 'ALICE' AND session_user = 'ALICE'", "true"),
            ("CAST((CAST(GETDATE() AS TIMESTAMPTZ) AT TIME ZONE 'UTC') AS DATE)", "2026-06-01"),
            ("CAST((CAST(SYSDATE AS TIMESTAMPTZ) AT TIME ZONE 'CET') AS DATE)", "?"),
            ("CAST(GETDATE() AS DATE)", "?"),
            ("CURRENT_DATE", "?"),
        ],
    );
    check(
        A,
        &[
            ("IS_ROLEMEMBER('analysts') = 1", "true"),
            ("1 = IS_ROLEMEMBER(N'analysts')", "true"),
            ("(IS_ROLEMEMBER('others') = 1) AND 1 = 1", "?"),
            ("(IS_ROLEMEMBER('others') = 1) AND 1 = 0", "false"),
            ("CASE WHEN IS_ROLEMEMBER('others') = 1 THEN 1 ELSE 2 END", "2"),
            ("CASE WHEN IS_ROLEMEMBER('others') = 0 THEN 1 ELSE 2 END", "?"),
            ("CASE WHEN IS_ROLEMEMBER('analysts') <> 1 THEN 1 ELSE 2 END", "2"),
            ("IS_ROLEMEMBER('analysts')", "?"),
            ("IS_ROLEMEMBER('analysts', 'bob') = 1", "?"),
            ("USER_NAME() = 'ALICE' AND SYSTEM_USER = 'ALICE' AND SESSION_USER = N'ALICE'", "true"),
            ("CAST(SYSUTCDATETIME() AS date)", "2026-06-01"),
            ("CAST(GETDATE() AS date)", "?"),
            ("TRUE", "column TRUE"),
            ("b = CAST(1 AS bit)", "true"),
            ("b = 1", "true"),
            ("b <> 0", "true"),
        ],
    );
    check(
        G,
        &[
            ("SESSION_USER() = 'ALICE'", "true"),
            ("CURRENT_DATE('UTC')", "2026-06-01"),
            ("CURRENT_DATE()", "?"),
            ("CURRENT_DATE('Europe/Paris')", "?"),
            ("DATE(CURRENT_TIMESTAMP(), 'UTC')", "2026-06-01"),
        ],
    );
    for dialect in LATER {
        check(
            &[*dialect],
            &[("g.f1 = 1", "true"), ("g.f0 = 1", "false"), ("g.f2 = 1", "?"), ("h.f1 = 1", "?")],
        );
    }
    let user = |dialect| if dialect == Dialect::BigQuery { "SESSION_USER()" } else { "CURRENT_USER" };
    for dialect in [Dialect::Redshift, Dialect::Synapse, Dialect::BigQuery] {
        let owned = format!("SELECT 1 FROM DB.GRANTC.ENTITLEMENTS e WHERE e.ACCOUNT = {}", user(dialect));
        check(
            &[dialect],
            &[
                (&format!("CASE WHEN EXISTS ({owned} AND e.VALUE = 'APAC ') THEN 1 ELSE 2 END"), {
                    if dialect == Dialect::BigQuery { "2" } else { "1" }
                }),
                (&format!("CASE WHEN EXISTS ({owned} AND e.VALUE = 'AMER') THEN 1 ELSE 2 END"), "2"),
                (&format!("CASE WHEN EXISTS ({owned} AND e.VALUE = 'apac') THEN 1 ELSE 2 END"), {
                    if dialect == Dialect::BigQuery { "2" } else { "?" }
                }),
            ],
        );
    }
}

#[test]
fn functions_of_text_in_every_dialect() {
    check(
        D,
        &[
            ("CHAR_LENGTH('Zoë😀')", "4"),
            ("LEFT('Zoë😀x', 4) || RIGHT('Zoë😀x', 2)", "'Zoë😀😀x'"),
            ("repeat('*', -1)", "''"),
            ("rtrim('_', 'ab__')", "'ab'"),
            ("concat('a', NULL)", "NULL"),
            ("sha2('', 256)", "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"),
            ("sha2('', 512)", "?"),
            (r"regexp_replace('a1', '[0-9]', '\\$')", "'a$'"),
            ("regexp_replace('a1', '[0-9]', '$0')", "?"),
            ("CAST('abc' AS VARCHAR(2))", "?"),
            ("CAST('abc' AS VARCHAR(3))", "'abc'"),
            ("CAST('a' AS CHAR(3))", "?"),
            ("CAST(DATE'2026-01-02' AS STRING)", "'2026-01-02'"),
            ("CAST(12.7 AS INT)", "?"),
            ("if(TRUE, 1, 2)", "1"),
            ("try_cast('12' AS INT)", "12"),
        ],
    );
    check(
        R,
        &[
            ("LEN('ab ')", "3"),
            ("'a'::varchar(1)", "'a'"),
            ("CAST('é' AS VARCHAR(1))", "?"),
            ("CAST('a ' AS CHAR(5)) || '.'", "'a.'"),
            ("SUBSTRING('abc', -1)", "?"),
            ("CONCAT('a', 'b') || CHR(33)", "'ab!'"),
            ("SHA2('', 256)", "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"),
            ("NVL(z, 'x')", "'x'"),
            ("CONVERT(integer, '12')", "12"),
            ("ROUND(2.5)", "?"),
            ("CAST(d AS VARCHAR(10))", "?"),
        ],
    );
    check(
        A,
        &[
            ("LEN(N'ab ')", "2"),
            ("(LEN(N'ab ' + N'.') - 1)", "3"),
            ("LEN(N'😀')", "?"),
            ("LEN(N'😀' COLLATE Latin1_General_100_CS_AS_SC)", "1"),
            ("LEFT(N'é', 1) + RIGHT(N'ab', 1)", "'éb'"),
            ("'é'", "?"),
            ("N'a' + NULL", "NULL"),
            ("CONCAT(N'a', NULL, N'b')", "'ab'"),
            ("N'a' + 1", "?"),
            ("1 + 2", "3"),
            ("REPLICATE(N'*', -1)", "NULL"),
            ("REPLICATE(N'*', 5000)", "?"),
            ("CAST(N'abc' AS nvarchar(2))", "?"),
            ("CAST(N'é' AS varchar(2))", "?"),
            ("CAST(N'é' COLLATE Latin1_General_CI_AS AS varchar(2))", "'é'"),
            ("CAST(N'a' AS nchar(3)) + N'.'", "'a  .'"),
            ("CONVERT(varchar(10), d, 23)", "'2026-03-15'"),
            ("CONVERT(varchar(9), d, 23)", "?"),
            ("CONVERT(date, '2026-03-15', 23)", "2026-03-15"),
            ("CONVERT(date, '03/15/2026', 101)", "?"),
            ("TRY_CONVERT(int, N'12')", "12"),
            ("DATE '2026-03-15'", "?"),
            ("LOWER('ABC')", "'abc'"),
            ("LOWER('I')", "?"),
            (
                "CONVERT(varchar(64), HASHBYTES('SHA2_256', CONVERT(varchar(max), N'' COLLATE Latin1_General_100_BIN2_UTF8)), 2)",
                "'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855'",
            ),
            ("CONVERT(varchar(64), HASHBYTES('SHA2_256', N''), 2)", "?"),
            (
                "CONVERT(varchar(32), HASHBYTES('SHA2_256', CONVERT(varchar(max), N'' COLLATE Latin1_General_100_BIN2_UTF8)), 2)",
                "?",
            ),
            ("IIF(1 = 1, 1, 2)", "1"),
            ("7 % 4", "3"),
            ("CAST(5 AS bit)", "true"),
        ],
    );
    check(
        G,
        &[
            ("TO_HEX(SHA256(''))", "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"),
            ("TO_HEX(MD5(''))", "?"),
            ("REPEAT('*', GREATEST(1 - 3, 0))", "''"),
            ("REPEAT('*', -1)", "?"),
            ("1.5", "?"),
            ("NUMERIC '1.5' + 1", "2.5"),
            ("-NUMERIC '1.5'", "-1.5"),
            ("SAFE_CAST('x' AS INT64)", "?"),
            ("SAFE_CAST('12' AS INT64)", "12"),
            ("CAST('abc' AS STRING(2))", "?"),
            ("RTRIM('ab ', ' ') || '.'", "'ab.'"),
            ("RTRIM('ab\\t ')", "?"),
            (r"REGEXP_REPLACE('a1', r'[0-9]', '\\\\')", r"'a\'"),
            (r"REGEXP_REPLACE('a1', '[0-9]', '\\1')", "?"),
            (r#""it's""#, r#"'it's'"#),
        ],
    );
}

#[test]
fn functions_of_dates_in_every_dialect() {
    check(
        D,
        &[
            ("trunc(d, 'MM')", "2026-03-01"),
            ("trunc(d, 'DAY')", "?"),
            ("date_trunc('MONTH', d)", "?"),
            ("date_add(d, -1)", "2026-03-14"),
            ("CAST(CAST(t AS DATE) AS TIMESTAMP_NTZ)", "2026-03-15T00:00:00Z"),
            (
                "(CAST(CAST(t AS DATE) AS TIMESTAMP_NTZ) + make_dt_interval(0, hour(t)))",
                "2026-03-15T13:00:00Z",
            ),
            ("(CAST(d AS TIMESTAMP_NTZ) + make_dt_interval(1, 2, 3, 4.5))", "2026-03-16T02:03:04.5Z"),
            ("CAST(t AS TIMESTAMP)", "?"),
            ("unix_micros(t)", "?"),
            ("TIMESTAMP_NTZ'2026-03-15 00:00:00' = d", "true"),
            ("TIMESTAMP'2026-03-15 00:00:00' = d", "?"),
            ("timestamp_micros(0) = CAST(DATE'1970-01-01' AS TIMESTAMP_NTZ)", "?"),
            ("make_date(2026, 3, 15) = d", "true"),
        ],
    );
    check(
        R,
        &[
            ("DATE_TRUNC('month', d)", "2026-03-01T00:00:00Z"),
            ("CAST(DATEADD(day, -1, d) AS DATE)", "2026-03-14"),
            ("CAST((t AT TIME ZONE 'UTC') AS DATE)", "?"),
            ("CAST(t AS DATE)", "2026-03-15"),
            ("d - INTERVAL '1' DAY", "?"),
            ("TIMESTAMP '2026-03-15 00:00:00' = d", "true"),
        ],
    );
    check(
        A,
        &[
            ("DATEADD(day, -1, d)", "2026-03-14"),
            ("DATEADD(hour, 1, t)", "2026-03-15T14:45:00Z"),
            ("DATEFROMPARTS(YEAR(t), MONTH(t), 1)", "2026-03-01"),
            ("DATEADD(month, DATEDIFF(month, 0, t), 0)", "2026-03-01T00:00:00Z"),
            ("DATEADD(month, DATEDIFF(month, 0, t), 1)", "?"),
            ("DATEADD(month, DATEDIFF(day, 0, t), 0)", "?"),
            ("DATEDIFF(day, 0, t)", "?"),
            ("CAST(SWITCHOFFSET(t, '+00:00') AS datetime2(7)) > d", "true"),
            ("CAST(SWITCHOFFSET(t, '+01:00') AS datetime2(7)) > d", "?"),
            ("DATEPART(hour, t)", "13"),
        ],
    );
    check(
        G,
        &[
            ("DATE_TRUNC(d, MONTH)", "2026-03-01"),
            ("DATETIME_TRUNC(t, HOUR)", "2026-03-15T13:00:00Z"),
            ("DATETIME_TRUNC(t, WEEK(MONDAY))", "?"),
            ("TIMESTAMP_TRUNC(t, DAY)", "?"),
            ("DATE_SUB(d, INTERVAL 1 DAY)", "2026-03-14"),
            ("DATE_SUB(d, INTERVAL 1 MONTH)", "?"),
            ("DATETIME '2026-03-15 00:00:00' = d", "true"),
            ("TIMESTAMP '2026-03-15 00:00:00' = d", "?"),
        ],
    );
    // Of an instant, the session's zone is asked for.
    let mut zoned = fixture(Dialect::Databricks);
    zoned.instants = vec!["T"];
    for (dialect, text, expected) in [
        (Dialect::Databricks, "CAST(t AS DATE)", "?"),
        (Dialect::Databricks, "hour(t)", "?"),
        (Dialect::Databricks, "t > d", "?"),
        (Dialect::Databricks, "unix_micros(t)", "1773582300000000"),
        (Dialect::Databricks, "CAST(t AS TIMESTAMP)", "2026-03-15T13:45:00Z"),
        (Dialect::Redshift, "DATE_TRUNC('day', t)", "?"),
        (Dialect::Redshift, "DATE_TRUNC('day', t AT TIME ZONE 'UTC')", "2026-03-15T00:00:00Z"),
        (Dialect::Redshift, "CAST(t AS DATE)", "?"),
        (Dialect::Synapse, "CAST(t AS date)", "?"),
        (Dialect::Synapse, "CAST(SWITCHOFFSET(t, '+00:00') AS date)", "2026-03-15"),
        (Dialect::BigQuery, "CAST(t AS DATE)", "?"),
        (Dialect::BigQuery, "DATE(t, 'UTC')", "2026-03-15"),
        (Dialect::BigQuery, "DATETIME_TRUNC(t, DAY)", "?"),
    ] {
        let got = shows(parse(text, dialect).map(|body| evaluate(&body, &zoned, &cell)));
        assert_eq!(got, expected, "{dialect:?}: {text}");
    }
}

#[test]
fn operators_without_parentheses_that_dialects_bind_differently_are_not_understood() {
    for dialect in Dialect::ALL {
        check(
            &[dialect],
            &[
                ("1 = 1 = 1", "?"),
                ("n = 1 IS NULL", "?"),
                ("1 < n IN (1)", "?"),
                ("n IS NULL IS NULL", "?"),
                ("(n = 1) IS NULL", "false"),
            ],
        );
    }
}
