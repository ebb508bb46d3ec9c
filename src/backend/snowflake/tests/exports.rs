//! What is read of exports that others wrote.

use std::collections::BTreeMap;

use super::{World, texts, world};
use crate::backend::contract::{Backend, Observed};
use crate::backend::fact::Symbols;
use crate::backend::snowflake::Snowflake;
use crate::backend::state::StateFolder;
use crate::inventory::Securable;
use crate::inventory::directory::Access;

/// Empty exports, with some files put in their place.
fn folder(files: &[(&str, &str)]) -> StateFolder {
    let mut all: BTreeMap<String, Vec<u8>> = [
        ("grants_to_roles.csv", "PRIVILEGE,GRANTED_ON,NAME,TABLE_CATALOG,TABLE_SCHEMA,GRANTED_TO,GRANTEE_NAME,DELETED_ON\n"),
        ("grants_to_users.csv", "ROLE,GRANTED_TO,GRANTEE_NAME,DELETED_ON\n"),
        ("roles.csv", "name,comment\n"),
        ("policy_references.csv", "POLICY_DB,POLICY_SCHEMA,POLICY_NAME,POLICY_KIND,REF_DATABASE_NAME,REF_SCHEMA_NAME,REF_ENTITY_NAME,REF_ENTITY_DOMAIN,REF_COLUMN_NAME,REF_ARG_COLUMN_NAMES,TAG_NAME\n"),
        ("masking_policies.csv", "POLICY_NAME,POLICY_SCHEMA,POLICY_CATALOG,POLICY_SIGNATURE,POLICY_RETURN_TYPE,POLICY_BODY,POLICY_COMMENT,DELETED\n"),
        ("row_access_policies.csv", "POLICY_NAME,POLICY_SCHEMA,POLICY_CATALOG,POLICY_SIGNATURE,POLICY_RETURN_TYPE,POLICY_BODY,POLICY_COMMENT,DELETED\n"),
        ("entitlements.csv", "ACCOUNT,NAME,VALUE\n"),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
    .collect();
    for (name, text) in files {
        let entry = all.entry((*name).to_owned()).or_default();
        // A text that begins with a comma-free newline follows the headers; any other is the whole file.
        match text.strip_prefix('\n') {
            Some(rows) => entry.extend(rows.as_bytes()),
            None => *entry = text.as_bytes().to_vec(),
        }
    }
    StateFolder { name: "state/sf".to_owned(), files: Some(all) }
}

fn plain() -> World {
    world("", r#"subscription r { allow read on tables in RETAIL.PUBLIC to anyone }"#)
}

fn observed(files: &[(&str, &str)]) -> (World, Symbols, Observed) {
    let (world, mut symbols) = (plain(), Symbols::default());
    let observed = world.observe(&folder(files), &mut symbols, None).unwrap();
    (world, symbols, observed)
}

/// Facts as lines; `ours` first.
fn check(files: &[(&str, &str)], ours: &[&str], foreign: &[&str]) {
    let (_, symbols, observed) = observed(files);
    let lines = |facts: &[crate::backend::Fact]| -> Vec<String> {
        texts(facts, &symbols).iter().map(|line| line.trim_end_matches(" | ").to_owned()).collect()
    };
    assert_eq!(lines(&observed.ours), ours);
    assert_eq!(lines(&observed.foreign), foreign);
}

#[test]
fn ours_is_what_carries_the_mark() {
    check(
        &[
            ("roles.csv", "\nGRANTC_A_1,grantc: a\nANALYST,\nGRANTC_B_2,somebody else's\n"),
            (
                "grants_to_roles.csv",
                "\nSELECT,TABLE,SALES,RETAIL,PUBLIC,ROLE,GRANTC_A_1,\nSELECT,TABLE,SALES,RETAIL,PUBLIC,ROLE,GRANTC_B_2,\nOWNERSHIP,ROLE,GRANTC_A_1,,,ROLE,ADMIN,\n",
            ),
            ("grants_to_users.csv", "\nGRANTC_A_1,USER,ALICE,\nANALYST,USER,BOB,\n"),
        ],
        &[
            r#"role  | ROLE "GRANTC_A_1""#,
            r#"grant SELECT | TABLE "RETAIL"."PUBLIC"."SALES" | ROLE "GRANTC_A_1""#,
            r#"membership  | ROLE "GRANTC_A_1" | USER "ALICE""#,
        ],
        &[
            r#"role  | ROLE "ANALYST""#,
            r#"role  | ROLE "GRANTC_B_2""#,
            r#"grant OWNERSHIP | ROLE "GRANTC_A_1" | ROLE "ADMIN""#,
            r#"grant SELECT | TABLE "RETAIL"."PUBLIC"."SALES" | ROLE "GRANTC_B_2""#,
            r#"membership  | ROLE "ANALYST" | USER "BOB""#,
        ],
    );
}

#[test]
fn without_a_readable_mark_the_name_decides() {
    check(
        &[("roles.csv", "name\nGRANTC_A_0123ABCD\nGRANTCX_A_0123ABCD\nGRANTC_ADMIN\n")],
        &[r#"role  | ROLE "GRANTC_A_0123ABCD""#],
        &[r#"role  | ROLE "GRANTCX_A_0123ABCD""#, r#"role  | ROLE "GRANTC_ADMIN""#],
    );
}

#[test]
fn history_repeats_and_unknown_columns_do_not_count() {
    check(
        &[(
            "grants_to_roles.csv",
            "grantee_name,granted_to,PRIVILEGE,GRANTED_ON,NAME,TABLE_CATALOG,TABLE_SCHEMA,DELETED_ON,NEW\n\
             R,ROLE,SELECT,TABLE,SALES,RETAIL,PUBLIC,,1\n\
             R,ROLE,SELECT,TABLE,SALES,RETAIL,PUBLIC,,2\n\
             R,ROLE,INSERT,TABLE,SALES,RETAIL,PUBLIC,2026-01-01 00:00:00 Z,3\n",
        )],
        &[],
        &[r#"grant SELECT | TABLE "RETAIL"."PUBLIC"."SALES" | ROLE "R""#],
    );
}

#[test]
fn show_grants_are_read_too_and_one_fact_counts_once() {
    let json = r#"[{"privilege":"SELECT","granted_on":"ICEBERG_TABLE","name":"RETAIL.PUBLIC.SALES","granted_to":"ROLE","grantee_name":"\"r x\""},
        {"privilege":"USAGE","granted_on":"ROLE","name":"CHILD","granted_to":"ROLE","grantee_name":"PARENT"},
        {"privilege":"SELECT","granted_on":"TABLE","name":"RETAIL.\"Mixed\".\"odd.name\"","granted_to":"DATABASE_ROLE","grantee_name":"RETAIL.DR"}]"#;
    check(
        &[
            ("show_grants_a.json", json),
            (
                "show_grants_b.csv",
                "created_on,role,granted_to,grantee_name,granted_by\nx,R,USER,\"\"\"a@b.example\"\"\",ADMIN\n",
            ),
            (
                "show_grants_c.csv",
                "created_on,privilege,granted_on,name,granted_to,grantee_name\nx,SELECT,TABLE,RETAIL.PUBLIC.SALES,ROLE,\"\"\"r x\"\"\"\n",
            ),
            (
                "show_future_grants.csv",
                "created_on,privilege,grant_on,name,grant_to,grantee_name\nx,SELECT,TABLE,RETAIL.PUBLIC.<TABLE>,ROLE,GRANTC_R\n",
            ),
        ],
        &[],
        &[
            r#"grant SELECT | FUTURE TABLE "RETAIL"."PUBLIC"."<TABLE>" | ROLE "GRANTC_R""#,
            r#"grant SELECT | TABLE "RETAIL"."Mixed"."odd.name" | DATABASE ROLE "RETAIL"."DR""#,
            r#"grant SELECT | TABLE "RETAIL"."PUBLIC"."SALES" | ROLE "r x""#,
            r#"membership  | ROLE "CHILD" | ROLE "PARENT""#,
            r#"membership  | ROLE "R" | USER "a@b.example""#,
        ],
    );
}

#[test]
fn what_we_do_not_know_is_kept_and_never_revoked() {
    let (_, symbols, observed) = observed(&[
        ("roles.csv", "\nGRANTC_A_1,grantc: a\n"),
        (
            "grants_to_roles.csv",
            "\nEVOLVE SCHEMA,TABLE,SALES,RETAIL,PUBLIC,ROLE,GRANTC_A_1,\nUSAGE,FUNCTION,\"F(NUMBER):VARCHAR\",RETAIL,PUBLIC,ROLE,R,\nSELECT,TABLE,SALES,RETAIL,PUBLIC,ROLE,R,\n",
        ),
    ]);
    let known: Vec<bool> = observed.foreign.iter().map(|fact| Snowflake.understood(fact, &symbols)).collect();
    assert_eq!(known, [false, false, true], "{:?}", texts(&observed.foreign, &symbols));
}

#[test]
fn a_partly_filled_folder_is_an_error_and_none_is_nothing() {
    let (world, mut symbols) = (plain(), Symbols::default());
    let mut partial = folder(&[]);
    partial.files.as_mut().unwrap().remove("roles.csv");
    partial.files.as_mut().unwrap().remove("entitlements.csv");
    let message = world.observe(&partial, &mut symbols, None).unwrap_err();
    assert_eq!(message, "`state/sf` lacks `roles.csv`, `entitlements.csv`");
    let none = StateFolder { name: "state/sf".to_owned(), files: None };
    assert!(!world.observe(&none, &mut symbols, None).unwrap().present);
    for (name, text, why) in [
        ("roles.csv", "nome\n", "has no column `NAME`"),
        ("roles.csv", "name,comment\na,b,c\n", "cannot be read"),
        ("show_grants.json", "{", "cannot be read"),
    ] {
        let message = world.observe(&folder(&[(name, text)]), &mut symbols, None).unwrap_err();
        assert!(message.contains(why), "{message}");
    }
}

#[test]
fn a_policy_of_ours_keeps_its_columns_and_another_is_foreign() {
    let comment =
        r#""grantc: phones; {""columns"":[""COUNTRY""],""types"":[""VARCHAR(20)"",""VARCHAR(10)""]}""#;
    let policies = format!(
        "\nP,GRANTC,GRANTC,\"(VAL VARCHAR, A1 VARCHAR)\",VARCHAR(20),NULL,{comment},\nQ,PUBLIC,GOV,(VAL VARCHAR),VARCHAR(16777216),'x',,\n"
    );
    check(
        &[
            ("masking_policies.csv", &policies),
            (
                "policy_references.csv",
                "\nGRANTC,GRANTC,P,MASKING_POLICY,RETAIL,PUBLIC,CUSTOMER,TABLE,PHONE,,\nGOV,PUBLIC,Q,MASKING_POLICY,RETAIL,PUBLIC,CUSTOMER,TABLE,EMAIL,,\nGOV,PUBLIC,Q,MASKING_POLICY,RETAIL,PUBLIC,CUSTOMER,TABLE,PHONE,,PII\n",
            ),
        ],
        &[
            "masking_policy  | MASKING POLICY \"GRANTC\".\"GRANTC\".\"P\" |  | (VAL VARCHAR(20), A1 VARCHAR(10))\nVARCHAR(20)\n[\"COUNTRY\"]\nNULL",
            r#"mask_attachment  | TABLE "RETAIL"."PUBLIC"."CUSTOMER" COLUMN "PHONE" |  | MASKING POLICY "GRANTC"."GRANTC"."P" ON ("COUNTRY")"#,
        ],
        &[
            "masking_policy  | MASKING POLICY \"GOV\".\"PUBLIC\".\"Q\" |  | (VAL VARCHAR(16777216))\nVARCHAR(16777216)\n[]\n'x'",
            r#"mask_attachment  | TABLE "RETAIL"."PUBLIC"."CUSTOMER" COLUMN "EMAIL" |  | MASKING POLICY "GOV"."PUBLIC"."Q""#,
            r#"mask_attachment  | TAGGED TABLE "RETAIL"."PUBLIC"."CUSTOMER" COLUMN "PHONE" |  | MASKING POLICY "GOV"."PUBLIC"."Q""#,
        ],
    );
}

#[test]
fn a_way_is_told_from_the_relation_to_the_user() {
    let rows = "\nUSAGE,DATABASE,RETAIL,,,ROLE,IN,\nUSAGE,DATABASE,RETAIL,,,ROLE,PARENT,\nUSAGE,SCHEMA,PUBLIC,RETAIL,,ROLE,IN,\nSELECT,TABLE,SALES,RETAIL,PUBLIC,ROLE,CHILD,\nUSAGE,ROLE,CHILD,,,ROLE,OTHER,\nUSAGE,ROLE,OTHER,,,ROLE,THIRD,\nUSAGE,ROLE,THIRD,,,ROLE,OTHER,\nUSAGE,ROLE,THIRD,,,ROLE,CHILD,\nUSAGE,ROLE,THIRD,,,ROLE,PARENT,\nOWNERSHIP,SCHEMA,PUBLIC,RETAIL,,ROLE,IN,\nINSERT,TABLE,SALES,RETAIL,PUBLIC,ROLE,CHILD,\n";
    let users = "\nPARENT,USER,ZOE,\nIN,USER,ZOE,\nOTHER,USER,BOB,\n";
    let (world, symbols, observed) =
        observed(&[("grants_to_roles.csv", rows), ("grants_to_users.csv", users)]);
    let inventory = &world.program.inventory;
    let permits =
        Snowflake.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let sales = catalog.tables.ids().find(|id| catalog.path(*id) == ["RETAIL", "PUBLIC", "SALES"]).unwrap();
    assert_eq!(
        permits.through("ZOE", Securable::Table(sales), Access::Read),
        [
            r#"GRANT SELECT ON TABLE "RETAIL"."PUBLIC"."SALES" TO ROLE "CHILD""#,
            r#"GRANT ROLE "CHILD" TO ROLE "OTHER""#,
            r#"GRANT ROLE "OTHER" TO ROLE "THIRD""#,
            r#"GRANT ROLE "THIRD" TO ROLE "PARENT""#,
            r#"GRANT ROLE "PARENT" TO USER "ZOE""#,
            r#"GRANT OWNERSHIP ON SCHEMA "RETAIL"."PUBLIC" TO ROLE "IN""#,
            r#"GRANT ROLE "IN" TO USER "ZOE""#,
            r#"GRANT USAGE ON SCHEMA "RETAIL"."PUBLIC" TO ROLE "IN""#,
            r#"GRANT USAGE ON DATABASE "RETAIL" TO ROLE "IN""#,
        ]
    );
}

#[test]
fn privileges_flow_up_the_hierarchy_and_need_the_way_in() {
    let who = |rows: &str, users: &str| {
        let (world, symbols, observed) =
            observed(&[("grants_to_roles.csv", rows), ("grants_to_users.csv", users)]);
        let inventory = &world.program.inventory;
        let permits =
            Snowflake.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
        let sales = inventory
            .catalog
            .tables
            .ids()
            .find(|id| inventory.catalog.path(*id) == ["RETAIL", "PUBLIC", "SALES"])
            .unwrap();
        Access::ALL
            .map(|access| {
                let may = permits.may(Securable::Table(sales), access);
                may.iter().map(|raw| permits.accounts()[raw as usize].clone()).collect::<Vec<_>>().join(" ")
            })
            .join(" / ")
    };
    let way_in = "\nUSAGE,DATABASE,RETAIL,,,ROLE,IN,\nUSAGE,SCHEMA,PUBLIC,RETAIL,,ROLE,IN,\n";
    let reads = "SELECT,TABLE,SALES,RETAIL,PUBLIC,ROLE,CHILD,\nUSAGE,ROLE,CHILD,,,ROLE,PARENT,\n";
    assert_eq!(who(&format!("{way_in}{reads}"), "\nPARENT,USER,ZOE,\nIN,USER,ZOE,\n"), "ZOE / ");
    assert_eq!(who(&format!("{way_in}{reads}"), "\nPARENT,USER,ZOE,\n"), " / ");
    assert_eq!(who(&format!("{way_in}{reads}"), "\nIN,USER,ZOE,\n"), " / ");
    let public = way_in.replace(",IN,", ",PUBLIC,");
    assert_eq!(who(&format!("{public}{reads}"), "\nCHILD,USER,ZOE,\n"), "ZOE / ");
    let writes = "UPDATE,TABLE,SALES,RETAIL,PUBLIC,ROLE,PUBLIC,\n";
    assert_eq!(who(&format!("{public}{writes}"), "\n"), " / ALICE BOB CAROL DAVE DPO");
    assert_eq!(who("\nOWNERSHIP,SCHEMA,PUBLIC,RETAIL,,ROLE,R,\n", "\nR,USER,BOB,\n"), "BOB / BOB");
    assert_eq!(who("\nIMPORTED PRIVILEGES,DATABASE,RETAIL,,,ROLE,R,\n", "\nR,USER,BOB,\n"), "BOB / ");
    // Who holds it twice holds it: by two roles, above and on the relation, as owner beside.
    let twice = "SELECT,TABLE,SALES,RETAIL,PUBLIC,ROLE,A,\nSELECT,TABLE,SALES,RETAIL,PUBLIC,ROLE,B,\n";
    let all = "\nA,USER,ZOE,\nB,USER,ZOE,\nIN,USER,ZOE,\n";
    assert_eq!(who(&format!("{way_in}{twice}"), all), "ZOE / ");
    let above = "SELECT,SCHEMA,PUBLIC,RETAIL,,ROLE,A,\nSELECT,DATABASE,RETAIL,,,ROLE,A,\n";
    assert_eq!(who(&format!("{way_in}{above}"), all), "ZOE / ");
    assert_eq!(who(&format!("{way_in}{above}{twice}"), all), "ZOE / ");
    for one in ["SELECT,SCHEMA,PUBLIC,RETAIL,,ROLE,A,\n", "SELECT,DATABASE,RETAIL,,,ROLE,A,\n"] {
        assert_eq!(who(&format!("{way_in}{one}"), all), "ZOE / ");
    }
    for one in ["OWNERSHIP,SCHEMA,PUBLIC,RETAIL,,ROLE,A,\n", "OWNERSHIP,DATABASE,RETAIL,,,ROLE,A,\n"] {
        assert_eq!(who(&format!("{way_in}{one}"), all), "ZOE / ZOE");
    }
    let owner = "OWNERSHIP,SCHEMA,PUBLIC,RETAIL,,ROLE,A,\nOWNERSHIP,DATABASE,RETAIL,,,ROLE,A,\n";
    assert_eq!(who(&format!("{way_in}{owner}"), all), "ZOE / ZOE");
    assert_eq!(who(&format!("{way_in}{owner}{twice}"), all), "ZOE / ZOE");
    let imported = "IMPORTED PRIVILEGES,DATABASE,RETAIL,,,ROLE,A,\n";
    assert_eq!(who(&format!("{way_in}{imported}{twice}"), all), "ZOE / ");
    assert_eq!(who(&format!("{way_in}{imported}{owner}"), all), "ZOE / ZOE");
    // Either of schema and database is no way in.
    assert_eq!(who(&format!("\nUSAGE,SCHEMA,PUBLIC,RETAIL,,ROLE,A,\n{twice}"), all), " / ");
    assert_eq!(who(&format!("\nUSAGE,DATABASE,RETAIL,,,ROLE,A,\n{twice}"), all), " / ");
    // A cycle, which Snowflake refuses, does not hang.
    let cycle = "USAGE,ROLE,A,,,ROLE,B,\nUSAGE,ROLE,B,,,ROLE,A,\nSELECT,TABLE,SALES,RETAIL,PUBLIC,ROLE,A,\n";
    assert_eq!(who(&format!("{way_in}{cycle}"), "\nB,USER,BOB,\nIN,USER,BOB,\n"), "BOB / ");
}
