//! Truth tables, comparisons, literals, CASE.

use super::*;

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
