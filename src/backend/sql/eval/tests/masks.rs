//! What masks show and what filters let through.

use super::*;
use crate::backend::contract::Seen;

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

/// `SUBSTR` from the end is `RIGHT`; from zero it is from the beginning.
#[test]
fn the_end_of_a_text_is_a_part_if_the_text_is_longer() {
    use Seen::{Masked, Sometimes};
    check_seen(
        &[Dialect::BigQuery],
        &[
            ("CASE WHEN LENGTH(val) <= 4 THEN '*' ELSE LPAD(SUBSTR(val, -4), LENGTH(val), '*') END", Masked),
            ("CASE WHEN LENGTH(val) <= 3 THEN '*' ELSE SUBSTR(val, -5) END", Sometimes),
            ("SUBSTR(val, -4)", Sometimes),
            ("SUBSTR(val, -0)", Sometimes),
            ("SUBSTR(val, - -1)", Sometimes),
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
fn what_is_not_understood_does_not_hide_what_is() {
    let udfs = (0..50).map(|n| format!("WHEN MY_UDF(r{n}) THEN '{n}'")).collect::<Vec<_>>().join(" ");
    let body = format!("CASE WHEN TRUE THEN '***' {udfs} ELSE val END");
    check_seen(BOTH, &[(&body, Seen::Masked)]);
    check_seen(S, &[("CASE WHEN FALSE THEN val:name::VARCHAR ELSE NULL END", Seen::Masked)]);
}
