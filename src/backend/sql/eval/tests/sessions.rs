//! Roles, groups, users, subqueries, and what a body asks of a session.

use super::*;

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
    assert_eq!(of, Some(Mentions { roles, groups: BTreeSet::new(), user: true, columns: BTreeSet::new() }));
    let of = mentions("contains(current_groups(), 'g') AND x = 1", Dialect::Trino);
    let groups = BTreeSet::from(["g".to_owned()]);
    assert_eq!(of, Some(Mentions { roles: BTreeSet::new(), groups, user: false, columns: BTreeSet::new() }));
}
