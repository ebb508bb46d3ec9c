//! What a program becomes on the tables themselves.

use sqlparser::ast::{BinaryOperator, Expr};
use sqlparser::dialect::BigQueryDialect;
use sqlparser::parser::Parser;

use super::{USUAL, and, native};
use crate::backend::bigquery::tests::{World, lines};
use crate::backend::fact::{FactKind, Symbols};
use crate::backend::gap::GapCode;

/// The facts of a kind: object and body.
fn of_kind(world: &World, kind: FactKind) -> Vec<(String, String)> {
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols);
    let text = |symbol| symbols.text(symbol).to_owned();
    let of = lowered.facts.iter().filter(|fact| fact.key.kind == kind);
    of.map(|fact| (text(fact.key.object), text(fact.body))).collect()
}

fn gaps(world: &World) -> Vec<(GapCode, String, String)> {
    let lowered = world.lower(&mut Symbols::default());
    lowered.gaps.into_iter().map(|gap| (gap.code, gap.policy, gap.message)).collect()
}

#[test]
fn a_table_is_granted_under_a_fence_a_policy_and_data_policies() {
    let mut symbols = Symbols::default();
    let lowered = native(USUAL).lower(&mut symbols);
    let lines = lines(&lowered.facts, &symbols);
    let kinds: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "function",
            "masking_policy",
            "masking_policy",
            "row_access_policy",
            "mask_attachment",
            "row_attachment",
            "grant",
            "grant",
            "grant",
            "grant",
            "grant",
            "grant"
        ],
        "{lines:#?}"
    );
}

#[test]
fn files_build_it_in_a_safe_order() {
    let files = native(USUAL).files();
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["10_schema.sql", "20_routines.sql", "30_data_policies.json", "40_policies.sql", "50_grants.sql"]
    );
    let says = |file: &str, part: &str| assert!(files[file].contains(part), "{part}: {}", files[file]);
    says("10_schema.sql", "CREATE TABLE IF NOT EXISTS `shop-1`.`grantc`.`bindings` (");
    says(
        "20_routines.sql",
        "(v STRING) RETURNS STRING OPTIONS (data_governance_type = 'DATA_MASKING') AS (TO_HEX(SHA256(CONCAT(v, 's\\'alt'))))",
    );
    says("40_policies.sql", " ON `shop-1`.`sales`.`customer` FILTER USING (FALSE);");
    says(
        "40_policies.sql",
        "ALTER TABLE `shop-1`.`sales`.`customer` ALTER COLUMN `email` SET OPTIONS (data_policies = ['{\\'name\\':\\'shop-1.region-eu.grantc_",
    );
    says(
        "40_policies.sql",
        "GRANT TO ('user:alice@acme.example', 'user:bob@acme.example', 'user:dave@acme.example') FILTER USING ('grantc: own; {\"filters\":[\"own\"]}' IS NOT NULL AND ((LOWER(SESSION_USER()) IN ('bob@acme.example')) OR ((((LOWER(SESSION_USER()) IN ('bob@acme.example')) AND `region` IN ('APAC', 'EMEA') OR (LOWER(SESSION_USER()) IN ('alice@acme.example')) AND `region` IN ('EMEA'))))));",
    );
    assert!(
        !files["40_policies.sql"].contains("SELECT"),
        "a subquery would let everybody read what it reads"
    );
    says("50_grants.sql", "GRANT FINE_GRAINED_READ ON DATA_POLICY `shop-1.region-eu.grantc_clear_");
    says("50_grants.sql", "TO 'principal://goog/subject/bob@acme.example';");
    says(
        "50_grants.sql",
        "GRANT `roles/bigquery.dataViewer` ON TABLE `shop-1`.`sales`.`customer` TO 'user:alice@acme.example', 'user:bob@acme.example', 'user:dave@acme.example';",
    );
    let requests: serde_json::Value = serde_json::from_str(&files["30_data_policies.json"]).unwrap();
    let kinds: Vec<&str> = requests
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["dataPolicy"]["dataPolicyType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["RAW_DATA_ACCESS_POLICY", "DATA_MASKING_POLICY"]);
    assert_eq!(requests[0]["parent"], "projects/shop-1/locations/eu");
    let routine = requests[1]["dataPolicy"]["dataMaskingPolicy"]["routine"].as_str().unwrap();
    assert!(routine.starts_with("projects/shop-1/datasets/grantc/routines/grantc_mask_"), "{routine}");
}

#[test]
fn nothing_stands_where_no_mask_or_filter_concerns_a_reader() {
    let policies = r#"
        subscription readers { allow read on tables tagged Shop.Customer to user in group "support" }
        mask mails { on columns tagged PII.Mail using hash except user in group "support" }
        filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region except user in group "support" }
    "#;
    let mut symbols = Symbols::default();
    let found = native(policies).lower(&mut symbols);
    assert_eq!(
        lines(&found.facts, &symbols),
        [
            "grant roles/bigquery.dataViewer TABLE \"shop-1\".\"sales\".\"customer\" USER \"user:bob@acme.example\""
        ]
    );
}

#[test]
fn methods_are_what_a_routine_may_say_and_else_null() {
    let shows = |of: &str, method: &str| -> String {
        let more = format!("table bq shop-1.sales.wide [Wide]: x {of}\n");
        let policies = format!(
            "subscription r {{ allow read on tables tagged Wide to user is \"dave\" }} mask m {{ on columns of tables tagged Wide using {method} }}"
        );
        let world = and(&policies, &more, &|_| {});
        let routine = of_kind(&world, FactKind::Function).first().map(|(_, body)| body.replace('\n', ": "));
        let policy = of_kind(&world, FactKind::MaskingPolicy).first().map(|(_, body)| body.clone());
        let told = gaps(&world).first().map(|(code, _, message)| format!("{} {message}", code.name()));
        routine.or(told).or(policy).unwrap_or_default()
    };
    let null = r#"{"type":"DATA_MASKING_POLICY","predefinedExpression":"ALWAYS_NULL"}"#;
    for (of, method, expected) in [
        ("STRING", "null", null),
        ("ARRAY<STRING>", "null", null),
        ("STRING", "hash", "STRING: TO_HEX(SHA256(CONCAT(v, {salt})))"),
        (
            "STRING(20)",
            "hash",
            "method-narrowed a hash has 64 characters and its type is `STRING(20)`: `null` is shown instead",
        ),
        (
            "STRING(20)",
            "keep first 2",
            "STRING: CASE WHEN LENGTH(v) <= 2 THEN RPAD('', LENGTH(v), '*') ELSE RPAD(SUBSTR(v, 1, 2), LENGTH(v), '*') END",
        ),
        (
            "STRING",
            "keep last 4",
            "STRING: CASE WHEN LENGTH(v) <= 4 THEN RPAD('', LENGTH(v), '*') ELSE LPAD(SUBSTR(v, -4), LENGTH(v), '*') END",
        ),
        ("STRING", "keep last 0", "STRING: RPAD('', LENGTH(v), '*')"),
        ("STRING", "regex \"[0-9]\" replace \"#\"", "STRING: REGEXP_REPLACE(v, '[0-9]', '#')"),
        (
            "STRING",
            "constant \"it's\"",
            "STRING: CASE WHEN v IS NULL THEN NULL ELSE CAST('it\\'s' AS STRING) END",
        ),
        (
            "NUMERIC(9,2)",
            "constant 1.5",
            "NUMERIC: CASE WHEN v IS NULL THEN NULL ELSE CAST(NUMERIC '1.5' AS NUMERIC) END",
        ),
        (
            "INT64",
            "round to 10",
            "method-narrowed a masking routine has no arithmetic: `null` is shown instead",
        ),
        (
            "DATE",
            "round to year",
            r#"{"type":"DATA_MASKING_POLICY","predefinedExpression":"DATE_YEAR_MASK"}"#,
        ),
        (
            "DATE",
            "round to month",
            "method-narrowed a data policy rounds dates to years only: `null` is shown instead",
        ),
        (
            "TIMESTAMP",
            "round to year",
            "method-narrowed a data policy rounds timestamps by the session's time zone: `null` is shown instead",
        ),
        (
            "STRING",
            "custom { bigquery \"UPPER({column})\" }",
            "method-narrowed a masking routine may call few functions, and which a `custom` text calls is not known: `null` is shown instead",
        ),
        (
            "STRUCT<a INT64>",
            "null",
            "rows-refused no data policy stands on the type `STRUCT<a INT64>`: one account does not get `\"shop-1\".sales.wide`",
        ),
    ] {
        assert_eq!(shows(of, method), expected, "{method} on {of}");
    }
}

#[test]
fn whoever_meets_a_when_does_not_get_the_table() {
    let policies = r#"
        subscription r { allow read on tables tagged Shop.Customer to user is one of ["alice", "bob"] }
        mask mails { on columns tagged PII.Mail using null when column region = "EMEA" except user is "bob" }
    "#;
    let world = native(policies);
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols);
    assert_eq!(
        lines(&lowered.facts, &symbols),
        [
            "grant roles/bigquery.dataViewer TABLE \"shop-1\".\"sales\".\"customer\" USER \"user:bob@acme.example\""
        ]
    );
    let why = "a data policy sees the cell alone, and `when` reads the row: one account does not get `\"shop-1\".sales.customer`";
    assert_eq!(gaps(&world), [(GapCode::RowsRefused, "mails".to_owned(), why.to_owned())]);
}

#[test]
fn a_filter_reads_the_clear_values_of_a_masked_column() {
    let policies = r#"
        subscription r { allow read on tables tagged Shop.Customer to anyone }
        mask mails { on columns tagged PII.Mail using null }
        filter known { on tables tagged Shop.Customer rows where column email is not null }
    "#;
    let world = native(policies);
    let (_, body) = of_kind(&world, FactKind::RowAccessPolicy).remove(0);
    assert!(body.ends_with("\n((`email` IS NOT NULL))"), "{body}");
    assert_eq!(gaps(&world), []);
}

#[test]
fn a_trusted_group_holds_for_its_members_in_all_three() {
    let world = and(USUAL, "", &|settings| settings.groups_trusted = true);
    let files = world.files();
    let grants = &files["50_grants.sql"];
    assert!(grants.contains("TO 'group:staff@acme.example', 'user:dave@acme.example'"), "{grants}");
    assert!(grants.contains("principalSet://goog/group/"), "{grants}");
    assert!(
        files["40_policies.sql"].contains("GRANT TO ('group:staff@acme.example', 'user:dave@acme.example')")
    );
    // The filter knows its users by themselves: who joins the group unknown to the directory sees no row.
    assert!(files["40_policies.sql"].contains("'alice@acme.example'"));
}

#[test]
fn a_policy_for_nobody_names_nobody() {
    // No account of these is a member that BigQuery knows.
    let world = and(USUAL, "", &|settings| settings.user_template = super::super::template("a', 'b"));
    let script = &world.files()["40_policies.sql"];
    assert!(
        script.contains("CREATE OR REPLACE ROW ACCESS POLICY") && !script.contains("GRANT TO"),
        "{script}"
    );
    assert_eq!(of_kind(&world, FactKind::Grant), []);
}

#[test]
fn a_filter_that_names_too_many_is_refused() {
    let crowd: String = (0..2_500).map(|at| format!("user reader{at} in crowd region=area{at}\n")).collect();
    let policies = r#"
        subscription r { allow read on tables tagged Shop.Customer to user in group "crowd" }
        filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region }
    "#;
    let world = and(policies, &format!("group crowd\n{crowd}"), &|settings| settings.groups_trusted = true);
    let told = gaps(&world);
    assert!(told.iter().all(|(code, ..)| *code == GapCode::RowsRefused), "{told:?}");
    assert!(told[0].2.contains("`enforcement: auto` asks a table instead"), "{told:?}");
    assert_eq!(of_kind(&world, FactKind::Grant), []);
}

#[test]
fn a_row_meets_every_filter_of_its_table() {
    let two =
        "filter second { on tables tagged Shop.Customer rows where column tagged Geo.Area != \"MARS\" }";
    let policies = of_kind(&native(&format!("{USUAL} {two}")), FactKind::RowAccessPolicy);
    let [(_, body)] = policies.as_slice() else { panic!("{policies:?}") };
    // Behind the line that says whose it is.
    let predicate = body.split_once('\n').unwrap().1;
    let parsed = Parser::new(&BigQueryDialect).try_with_sql(predicate).unwrap().parse_expr().unwrap();
    let Expr::BinaryOp { left, op: BinaryOperator::And, right } = parsed else { panic!("{predicate}") };
    let (left, right) = (left.to_string(), right.to_string());
    assert!(left.contains("MARS") != right.contains("MARS"), "one side each: {predicate}");
}
