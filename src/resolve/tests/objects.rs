//! OBJECT and USER of tests and of the command line.

use super::super::testing::world;
use super::super::{find_object, find_user};
use super::{says, says_in};
use crate::resolve::testing::RETAIL;

/// All matches of an OBJECT, or the message with its hints.
fn found_in(extra: &str, object: &str, expected: &str) {
    let inventory = world(&format!("{RETAIL}\n{extra}"));
    let path = crate::syntax::parse_object(object).unwrap();
    let found = match find_object(&inventory, &path, None) {
        Ok(found) => {
            let key = found.key.as_ref().map(|key| format!(" owns {key}")).unwrap_or_default();
            format!("{}{key}", found.shown(&inventory).join(", "))
        }
        Err(diagnostic) => format!("{}: {}", diagnostic.code.name(), {
            let mut said = vec![diagnostic.message.clone()];
            said.extend(diagnostic.help.clone());
            said.join("; ")
        }),
    };
    assert_eq!(found, expected, "{object}");
}

fn found(object: &str, expected: &str) {
    found_in("", object, expected);
}

#[test]
fn a_path_is_a_table_or_a_column() {
    found("RETAIL.PUBLIC.SALES", "sf:RETAIL.PUBLIC.SALES");
    found("retail.public.sales", "sf:RETAIL.PUBLIC.SALES");
    found("sf:retail.public.sales.id", "sf:RETAIL.PUBLIC.SALES.ID");
    found("RETAIL.\"Mixed\".\"odd.name\".\"Id\"", "sf:RETAIL.Mixed.\"odd.name\".Id");
    found("Hive.Web.Visits.IP", "tr:hive.web.visits.ip");
}

#[test]
fn several_matches_are_all_found() {
    found("RETAIL*.PUBLIC.SALES", "sf:RETAIL.PUBLIC.SALES, sf:RETAIL_EU.PUBLIC.SALES");
    found_in(
        "integration tr2 Trino\ntable tr2 hive.web.visits: id bigint",
        "hive.web.visits",
        "tr:hive.web.visits, tr2:hive.web.visits",
    );
    found_in(
        "integration tr2 Trino\ntable tr2 hive.web.visits: id bigint",
        "tr2:hive.web.visits",
        "tr2:hive.web.visits",
    );
}

#[test]
fn an_address_is_a_registered_prefix_or_belongs_to_the_longest() {
    found("s3://acme/raw*", "lake:s3://acme/raw*");
    found("lake:s3://acme/curated/pii/*", "lake:s3://acme/curated/pii/*");
    found("s3://acme/curated/pii/a.csv", "lake:s3://acme/curated/pii/* owns s3://acme/curated/pii/a.csv");
    found("s3://acme/curated/p*", "lake:s3://acme/curated/* owns s3://acme/curated/p*");
    found("s3://acme/raw/a?*b", "lake:s3://acme/raw* owns s3://acme/raw/a?*b");
    found("s3://other/x", "unknown-object: no registered prefix covers `s3://other/x`");
}

#[test]
fn a_registered_prefix_is_itself_whoever_covers_it_elsewhere() {
    found_in(
        "integration lake2 Native S3\nprefix lake2 s3://acme/*",
        "s3://acme/raw*",
        "lake:s3://acme/raw*",
    );
}

#[test]
fn what_is_not_there_names_what_is() {
    found(
        "SALES",
        "unknown-object: no table or column is `SALES`; did you mean `RETAIL.PUBLIC.SALES` or `RETAIL_EU.PUBLIC.SALES`?",
    );
    found(
        "RETAIL.PUBLIC.SALE",
        "unknown-object: no table or column is `RETAIL.PUBLIC.SALE`; did you mean `RETAIL.PUBLIC.SALES`?",
    );
    found(
        "RETAIL.PUBLIC.SALES.AMONT",
        "unknown-object: no table or column is `RETAIL.PUBLIC.SALES.AMONT`; did you mean `RETAIL.PUBLIC.SALES.AMOUNT`?",
    );
    found(
        "\"retail\".PUBLIC.SALES",
        "unknown-object: no table or column is `\"retail\".PUBLIC.SALES`; did you mean `RETAIL.PUBLIC.SALES`?",
    );
    found(
        "trr:hive.web.visits",
        "unknown-integration: unknown integration `trr`; did you mean `tr`?; the integrations are: lake, sf, tr",
    );
    found(
        "s3://acme/curatet/*",
        "unknown-object: no registered prefix covers `s3://acme/curatet/*`; did you mean `s3://acme/curated/*`?",
    );
}

#[test]
fn users_are_exact_and_leavers_have_left() {
    let inventory = world(RETAIL);
    assert!(find_user(&inventory, "alice", None).is_ok());
    let said = |id: &str| {
        let diagnostic = find_user(&inventory, id, None).unwrap_err();
        format!("{} {}", diagnostic.message, diagnostic.help.join(" "))
    };
    assert_eq!(said("Alice"), "unknown user `Alice` did you mean `alice`?");
    assert_eq!(said("gone"), "user `gone` has left ");
}

#[test]
fn tests_name_users_objects_and_policies() {
    let policies = "mask emails { on columns tagged PII.Email using hash }
        filter regions { on tables tagged Domain.Sales rows where column ID = 1 }";
    says(
        &format!(
            "{policies} test \"good\" {{
                as \"alice\" can read RETAIL.PUBLIC.SALES cannot write s3://acme/raw/x
                sees RETAIL.PUBLIC.CUSTOMER.EMAIL masked by emails
                filtered RETAIL.PUBLIC.SALES by regions unfiltered RETAIL.PUBLIC.CUSTOMER }}"
        ),
        "",
    );
    says(
        &format!(
            "{policies} test \"bad\" {{
                as \"alicia\" can read RETAIL.PUBLIC.SALLES can read RETAIL.PUBLIC.SALES.ID
                sees RETAIL.PUBLIC.SALES clear
                sees RETAIL.PUBLIC.CUSTOMER.EMAIL masked by email
                filtered RETAIL.PUBLIC.SALES by region unfiltered RETAIL.PUBLIC.SALES.ID }}"
        ),
        "error[unknown-user] \"alicia\": unknown user `alicia` (did you mean `alice`?)
         error[unknown-object] RETAIL.PUBLIC.SALLES: no table or column is `RETAIL.PUBLIC.SALLES` (did you mean `RETAIL.PUBLIC.SALES`?)
         error[unknown-object] RETAIL.PUBLIC.SALES.ID: this line asks about another kind of object
         error[unknown-object] RETAIL.PUBLIC.SALES: this line asks about another kind of object
         error[unknown-policy] email: unknown mask `email` (did you mean `emails`?)
         error[unknown-policy] region: unknown filter `region` (did you mean `regions`?)
         error[unknown-object] RETAIL.PUBLIC.SALES.ID: this line asks about another kind of object",
    );
}

#[test]
fn an_expectation_is_about_every_match() {
    use crate::ir::Expectation;
    let program = crate::resolve::testing::program(
        "",
        "test \"t\" { as \"alice\" at 2026-01-01 cannot read RETAIL*.PUBLIC.SALES }",
        crate::resolve::testing::NOW,
    );
    let test = &program.tests[0];
    assert_eq!(test.at, crate::inventory::Instant::parse("2026-01-01"));
    let Expectation::Access { can: false, securables, .. } = &test.expectations[0].0 else { panic!() };
    assert_eq!(securables.len(), 2);
    says_in(
        "",
        "test \"t\" { as \"gone\" can read RETAIL.PUBLIC.SALES }",
        "error[unknown-user] \"gone\": user `gone` has left",
    );
}
