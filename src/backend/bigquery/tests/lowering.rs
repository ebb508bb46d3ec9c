//! What a program becomes.

use super::{World, lines, with, world};
use crate::backend::bigquery::BigQuery;
use crate::backend::contract::{Backend, Change, Op, Phase};
use crate::backend::fact::{FactKind, Symbols};
use crate::inventory::Integration;
use crate::inventory::integration::{Enforcement, Strategy};

fn check(world: &World, expected: &[&str]) {
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols);
    assert_eq!(lines(&lowered.facts, &symbols), expected, "{:?}", lowered.gaps);
}

fn trusted(settings: &mut Integration) {
    settings.groups_trusted = true;
}

const CUSTOMER: &str = "VIEW \"shop-1\".\"sales_secure\".\"customer\"";

#[test]
fn users_read_an_authorized_view_and_nothing_else() {
    let policies = "subscription r { allow read on tables tagged Shop.Customer to user in group \"analysts\" or user is \"dave\" }";
    check(
        &world(policies),
        &[
            &format!("view {CUSTOMER}"),
            &format!("authorized_view SCHEMA \"shop-1\".\"sales\" {CUSTOMER}"),
            &format!("grant roles/bigquery.dataViewer {CUSTOMER} USER \"user:alice@acme.example\""),
            &format!("grant roles/bigquery.dataViewer {CUSTOMER} USER \"user:dave@acme.example\""),
        ],
    );
}

#[test]
fn a_group_stands_for_its_members_if_all_of_them_may() {
    let staff = "subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" or user is \"dave\" }";
    let grants = |members: &[&str]| -> Vec<String> {
        let mut all = vec![
            format!("view {CUSTOMER}"),
            format!("authorized_view SCHEMA \"shop-1\".\"sales\" {CUSTOMER}"),
        ];
        all.extend(
            members.iter().map(|member| format!("grant roles/bigquery.dataViewer {CUSTOMER} {member}")),
        );
        all
    };
    let expect = |world: &World, members: &[&str]| {
        let grants = grants(members);
        check(world, &grants.iter().map(String::as_str).collect::<Vec<_>>());
    };
    let (staff_group, dave) = ("GROUP \"group:staff@acme.example\"", "USER \"user:dave@acme.example\"");
    let users = ["USER \"user:alice@acme.example\"", "USER \"user:bob@acme.example\"", dave];
    expect(&with(staff, "", &trusted), &[staff_group, dave]);
    expect(&world(staff), &users);
    let by_users = |settings: &mut Integration| {
        trusted(settings);
        settings.strategy = Strategy::Users;
    };
    expect(&with(staff, "", &by_users), &users);
    // One of the group may not: the others hold for themselves.
    let guarded = format!(
        "{staff} guardrail g {{ require read on tables tagged Shop.Customer to not user is \"bob\" }}"
    );
    let without_bob = ["GROUP \"group:analysts@acme.example\"", "USER \"user:dave@acme.example\""];
    expect(&with(&guarded, "", &trusted), &without_bob);
}

#[test]
fn views_ask_the_entitlements_and_their_dataset_may_read_them() {
    let policies = r#"
        subscription r { allow read on tables tagged Shop.Customer to anyone }
        mask mails { on columns tagged PII.Mail using hash except user in group "support" }
        filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region }
    "#;
    let world = world(policies);
    let mut symbols = Symbols::default();
    let lines = lines(&world.lower(&mut symbols).facts, &symbols);
    let dataset = "authorized_view SCHEMA \"shop-1\".\"grantc\" SCHEMA \"shop-1\".\"sales_secure\"";
    assert!(lines.iter().any(|line| line == dataset), "{lines:#?}");
    let files = world.files();
    let views = &files["30_views.sql"];
    for part in [
        "CREATE OR REPLACE VIEW `shop-1`.`sales_secure`.`customer` AS /* grantc: ",
        "FROM `shop-1`.`sales`.`customer` t CROSS JOIN (SELECT MAX(CASE WHEN e.`name` = ",
        "FROM `shop-1`.`grantc`.`entitlements` e WHERE e.`account` = LOWER(SESSION_USER())) g WHERE ",
        "|| 's\\'alt'",
    ] {
        assert!(views.contains(part), "{part}: {views}");
    }
    assert!(files["10_schema.sql"].contains(
        "CREATE SCHEMA IF NOT EXISTS `shop-1`.`sales_secure` OPTIONS (location = 'EU', description = 'grantc: views');"
    ));
    let rows = &files["20_entitlements.sql"];
    assert!(rows.contains("('alice@acme.example', 'user attribute region as string', 'EMEA')"), "{rows}");
    assert!(rows.contains("BEGIN TRANSACTION;\nDELETE FROM `shop-1`.`grantc`.`entitlements` WHERE TRUE;"));
    let grants = &files["40_grants.sql"];
    let first = "GRANT `roles/bigquery.dataViewer` ON VIEW `shop-1`.`sales_secure`.`customer` TO 'user:alice@acme.example', 'user:bob@acme.example'";
    assert!(grants.contains(first), "{grants}");
    let lists: serde_json::Value = serde_json::from_str(&files["authorized_views.json"]).unwrap();
    let entry = serde_json::json!({"view": {"projectId": "shop-1", "datasetId": "sales_secure", "tableId": "customer"}});
    let source = serde_json::json!({"projectId": "shop-1", "datasetId": "sales"});
    let of_source = lists.as_array().unwrap().iter().find(|list| list["datasetReference"] == source);
    assert_eq!(of_source.unwrap()["access"], serde_json::json!([entry]));
}

/// `GRANT` takes literals alone.
#[test]
fn a_grantee_is_one_literal_though_the_account_has_the_salts_place_in_it() {
    let policies = "subscription r { allow read on tables tagged Shop.Customer to user is \"dave\" }";
    let world =
        super::with(policies, "", &|settings| settings.user_template = super::template("user:{salt}"));
    let grants = &world.files()["40_grants.sql"];
    assert!(grants.contains(" TO 'user:{salt}dave@acme.example'"), "{grants}");
}

#[test]
fn what_a_path_cannot_hold_is_nobodys() {
    let policies = "subscription r { allow read on tables of integration bq to user is \"dave\" }";
    let mut symbols = Symbols::default();
    let lowered = world(policies).lower(&mut symbols);
    let gaps: Vec<(&str, &str)> =
        lowered.gaps.iter().map(|gap| (gap.object.as_str(), gap.message.as_str())).collect();
    assert_eq!(
        gaps,
        [
            (
                "\"shop-1\".sales.\"odd*name\"",
                "a path of BigQuery cannot hold the name `odd*name`: nobody gets `\"shop-1\".sales.\"odd*name\"`"
            ),
            (
                "\"shop-1\".web.visits",
                "its view would live in `web_secure`, which is a dataset of the catalog: nobody gets `\"shop-1\".web.visits`"
            ),
        ]
    );
}

#[test]
fn an_account_that_is_no_member_gets_nothing_and_is_told_once() {
    let policies =
        "subscription r { allow read on tables tagged Shop to user is one of [\"dave\", \"Eve\"] }";
    let mut symbols = Symbols::default();
    let lowered = with(policies, "user Eve\n", &|_| {}).lower(&mut symbols);
    assert!(lines(&lowered.facts, &symbols).iter().all(|line| !line.contains("Eve")));
    let told: Vec<&str> = lowered
        .gaps
        .iter()
        .filter(|gap| gap.message.contains("Eve"))
        .map(|gap| gap.object.as_str())
        .collect();
    assert_eq!(told, ["user:Eve@acme.example"]);
}

fn says(policies: &str, more: &str, set: &dyn Fn(&mut Integration), expected: &str) {
    let said = with(policies, more, set).try_lower(&mut Symbols::default()).map(|_| ()).unwrap_err();
    assert!(said.contains(expected), "{said}");
}

#[test]
fn settings_without_a_meaning_are_errors() {
    let policies = "subscription r { allow read on tables tagged Shop to anyone }";
    says(policies, "", &|it| it.strategy = Strategy::Roles, "`strategy: roles` has no meaning");
    says(policies, "", &|it| it.strategy = Strategy::Groups, "`strategy: groups` needs `groups: trusted`");
    let homeless = |it: &mut Integration| {
        it.enforcement = Enforcement::Native;
        it.config = serde_json::json!({});
    };
    says(policies, "", &homeless, "needs the location of the datasets");
    says(policies, "table bq shop-2.a.b: id INT64\n", &|_| {}, "set `config.project`");
    for (key, value) in [("datasetSuffix", "secure"), ("dataset", "a.b"), ("project", "a`b")] {
        says(
            policies,
            "",
            &|it| it.config = serde_json::json!({ key: value }),
            &format!("`config.{key}` cannot be `{value}`"),
        );
    }
}

#[test]
fn more_members_than_a_policy_takes_are_an_error_that_names_the_levers() {
    let crowd: String = (0..1_501).map(|at| format!("user u{at} in crowd\n")).collect();
    let more = format!("group crowd\n{crowd}");
    let policies = "subscription r { allow read on tables tagged Shop.Customer to user in group \"crowd\" }";
    says(policies, &more, &|_| {}, "`grantc.groups: trusted`");
    says(policies, &more, &|_| {}, "needs 1501 members in its IAM policy, and BigQuery takes 1500");
    let mut symbols = Symbols::default();
    let lowered = with(policies, &more, &trusted).lower(&mut symbols);
    let grants =
        lines(&lowered.facts, &symbols).into_iter().filter(|line| line.starts_with("grant ")).count();
    assert_eq!(grants, 1, "one group holds for all");
}

#[test]
fn too_many_views_of_a_dataset_are_authorized_by_their_own() {
    let more: String = (0..2_501).map(|at| format!("table bq shop-1.wide.t{at}: id INT64\n")).collect();
    let policies = "subscription r { allow read on tables in \"shop-1\".wide to user is \"dave\" }";
    let mut symbols = Symbols::default();
    let lowered = with(policies, &more, &|_| {}).lower(&mut symbols);
    let authorized: Vec<String> = lines(&lowered.facts, &symbols)
        .into_iter()
        .filter(|line| line.starts_with("authorized_view "))
        .collect();
    assert_eq!(authorized, ["authorized_view SCHEMA \"shop-1\".\"wide\" SCHEMA \"shop-1\".\"wide_secure\""]);
}

#[test]
fn a_changed_view_is_authorized_and_granted_again() {
    let before = "subscription r { allow read on tables tagged Shop.Customer to user is \"dave\" }";
    let after = format!("{before} mask m {{ on columns tagged PII.Mail using null }}");
    let mut symbols = Symbols::default();
    let (was, is) = (world(before).lower(&mut symbols), world(&after).lower(&mut symbols));
    for (was, is) in was.facts.iter().zip(&is.facts) {
        assert_eq!(was.key, is.key);
        assert_ne!(was.body, is.body, "{:?}", was.key.kind);
        let change = Change { op: Op::Replace, fact: *is, before: Some(*was) };
        let phase = BigQuery.phase(&change, &symbols);
        let expected = if is.key.kind == FactKind::Grant { Phase::Expose } else { Phase::Protect };
        assert_eq!(phase, expected, "{:?}", is.key.kind);
        let needs = BigQuery.needs(is, &symbols);
        assert_eq!(needs.len(), usize::from(is.key.kind == FactKind::AuthorizedView));
    }
}

#[test]
fn long_lists_go_on_in_another_file() {
    let region = "a_rather_long_name_of_a_region_somewhere_on_earth";
    let readers: String =
        (0..8_000).map(|at| format!("user reader{at} in crowd region={region}_{at}\n")).collect();
    let policies = r#"
        subscription r { allow read on tables tagged Shop.Customer to user in group "crowd" }
        filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region }
    "#;
    let files = with(policies, &format!("group crowd\n{readers}"), &trusted).files();
    let entitlements: Vec<(&str, &String)> = files
        .iter()
        .filter(|(path, _)| path.starts_with("20_"))
        .map(|(path, text)| (path.as_str(), text))
        .collect();
    let names: Vec<&str> = entitlements.iter().map(|(path, _)| *path).collect();
    assert_eq!(names, ["20_entitlements.sql", "20_entitlements_002.sql"]);
    assert!(entitlements.iter().all(|(_, text)| text.len() < 1_000_000));
    let rows: usize = entitlements.iter().map(|(_, text)| text.matches(region).count()).sum();
    assert_eq!(rows, 8_000);
    assert!(entitlements[1].1.contains("COMMIT TRANSACTION;"), "they take the old ones' place at the end");
}

/// The filter speaks to another platform only: whom it concerns cannot be shown his rows.
#[test]
fn who_is_refused_by_a_filter_gets_no_grant_on_the_view_that_others_read() {
    let policies = "subscription r { allow read on tables tagged Shop.Customer to user is \"alice\" or user is \"dave\" }
         filter lost { on tables tagged Shop.Customer rows where sql for trino \"id = 1\" except user is \"dave\" }";
    check(
        &world(policies),
        &[
            &format!("view {CUSTOMER}"),
            &format!("authorized_view SCHEMA \"shop-1\".\"sales\" {CUSTOMER}"),
            &format!("grant roles/bigquery.dataViewer {CUSTOMER} USER \"user:dave@acme.example\""),
        ],
    );
}
