//! Masks: which columns, which mask wins, and what is shown.

use super::{check, check_at, check_in};

const C: &str = "RETAIL.PUBLIC.CUSTOMER";

fn masks(policies: &str, expected: &str) {
    check(policies, &expected.replace("CUSTOMER.", &format!("{C}.")));
}

#[test]
fn a_mask_concerns_everyone_unless_it_says_otherwise() {
    masks(
        "mask m { on columns tagged PII.Email using null }",
        "mask alice CUSTOMER.EMAIL: m\nmask dpo CUSTOMER.EMAIL: m\nmask alice CUSTOMER.PHONE: clear",
    );
    masks(
        "mask m { on columns tagged PII.Email using null except user in group \"support\" }",
        "mask alice CUSTOMER.EMAIL: m\nmask bob CUSTOMER.EMAIL: clear",
    );
    masks(
        "mask m { on columns tagged PII.Email using null only for user in group \"support\" }",
        "mask alice CUSTOMER.EMAIL: clear\nmask bob CUSTOMER.EMAIL: m",
    );
}

#[test]
fn columns_inherit_tags_and_have_types_names_paths_and_integrations() {
    for (selector, masked) in [
        ("columns tagged Domain.Customer", "EMAIL PHONE COUNTRY BORN ACTIVE ID"),
        ("columns tagged PII", "EMAIL PHONE BORN"),
        ("columns of type string", "EMAIL PHONE COUNTRY"),
        ("columns of type date", "BORN"),
        ("columns of type boolean", "ACTIVE"),
        ("columns named \"*O*\"", "PHONE COUNTRY BORN"),
        ("columns in retail.public.customer", "EMAIL PHONE COUNTRY BORN ACTIVE ID"),
        ("columns in RETAIL_EU", ""),
        ("columns tagged PII of tables in RETAIL", "EMAIL PHONE BORN"),
        ("columns tagged PII of tables in hive", ""),
        ("columns of tables with column tagged PII.Email", "EMAIL PHONE COUNTRY BORN ACTIVE ID"),
        ("columns of integration sf and not tagged PII and not of type string", "ACTIVE ID"),
    ] {
        let answers: Vec<String> = ["EMAIL", "PHONE", "COUNTRY", "BORN", "ACTIVE", "ID"]
            .iter()
            .map(|name| {
                let mask = if masked.split(' ').any(|each| each == *name) { "m" } else { "clear" };
                format!("mask alice CUSTOMER.{name}: {mask}")
            })
            .collect();
        masks(&format!("mask m {{ on {selector} using null }}"), &answers.join("\n"));
    }
}

#[test]
fn the_highest_priority_wins_then_the_deepest_tag() {
    masks(
        "mask deep { on columns tagged PII.Email using hash }
         mask flat { on columns tagged PII using null }",
        "mask alice CUSTOMER.EMAIL: deep\nmask alice CUSTOMER.PHONE: flat",
    );
    masks(
        "mask deep { on columns tagged PII.Email using hash }
         mask flat { on columns tagged PII using null priority 1 }",
        "mask alice CUSTOMER.EMAIL: flat",
    );
    masks(
        "mask low { on columns tagged PII.Email using hash priority -1 }
         mask other { on columns named \"EMAIL\" using null }",
        "mask alice CUSTOMER.EMAIL: other",
    );
}

#[test]
fn depth_counts_the_positive_tags_that_hold_on_the_column() {
    // `PII.Phone` does not hold on EMAIL, `not tagged` counts for nothing, two `not`s count as none.
    masks(
        "mask a { on columns tagged PII or tagged PII.Phone.Mobile.Work or not tagged Geo.Country.Code.Iso using null }
         mask b { on columns tagged PII.Email using null only for user is \"alice\" }",
        "mask alice CUSTOMER.EMAIL: b\nmask bob CUSTOMER.EMAIL: a",
    );
    masks(
        "mask a { on columns tagged PII and not tagged Domain.Customer.Vip.Gold using null }
         mask b { on columns not (not tagged PII.Email) using hash }",
        "mask alice CUSTOMER.EMAIL: b\nmask alice CUSTOMER.PHONE: a",
    );
    masks(
        "mask a { on columns of tables tagged Domain.Customer using null }
         mask b { on columns tagged PII using null only for user is \"alice\" }",
        "mask alice CUSTOMER.EMAIL: b\nmask bob CUSTOMER.EMAIL: a",
    );
}

#[test]
fn an_inherited_tag_is_as_deep_as_it_is_written() {
    masks(
        "mask outer { on columns tagged Domain.Customer using null }
         mask inner { on columns tagged PII using null }",
        "mask alice CUSTOMER.EMAIL: outer\nmask alice CUSTOMER.BORN: outer",
    );
}

#[test]
fn equal_methods_share_and_the_first_name_is_shown() {
    masks(
        "mask b { on columns tagged PII.Email using hash }
         mask a { on columns tagged PII.Email using hash }",
        "mask alice CUSTOMER.EMAIL: a",
    );
}

#[test]
fn a_mask_with_when_is_tried_before_those_below_it() {
    masks(
        "mask us { on columns tagged PII.Phone using keep last 4 when column country = \"US\" }
         mask rest { on columns tagged PII using null except user is \"dpo\" }",
        "mask alice CUSTOMER.PHONE: when us, rest
         mask dpo CUSTOMER.PHONE: when us, clear
         cell alice CUSTOMER.PHONE 5551234 {COUNTRY=US}: ***1234
         cell alice CUSTOMER.PHONE 5551234 {COUNTRY=DE}: NULL
         cell dpo CUSTOMER.PHONE 5551234 {COUNTRY=US}: ***1234
         cell dpo CUSTOMER.PHONE 5551234 {COUNTRY=DE}: 5551234",
    );
}

#[test]
fn unknown_masks_the_cell() {
    masks(
        "mask m { on columns tagged PII.Phone using null when column COUNTRY = \"US\" }",
        "cell alice CUSTOMER.PHONE 5551234 {COUNTRY=NULL}: NULL
         cell alice CUSTOMER.PHONE 5551234 {COUNTRY=DE}: 5551234",
    );
    masks(
        "mask m { on columns tagged PII.Phone using null when column COUNTRY not in user attribute region }",
        "cell dave CUSTOMER.PHONE 5551234 {COUNTRY=EMEA}: NULL
         cell alice CUSTOMER.PHONE 5551234 {COUNTRY=EMEA}: 5551234
         cell alice CUSTOMER.PHONE 5551234 {COUNTRY=APAC}: NULL",
    );
}

#[test]
fn when_masks_unless_every_choice_of_columns_is_false() {
    check_in(
        "table sf A.B.T: SSN VARCHAR [PII.Ssn]; R1 VARCHAR [Geo.Region]; R2 VARCHAR [Geo.Region.Home]",
        "mask m { on columns tagged PII.Ssn using null when column tagged Geo.Region = \"EMEA\" }",
        "cell alice A.B.T.SSN 123 {R1=US, R2=EMEA}: NULL
         cell alice A.B.T.SSN 123 {R1=US, R2=APAC}: 123
         cell alice A.B.T.SSN 123 {R1=US}: NULL",
    );
}

#[test]
fn masks_have_windows() {
    let policies = "mask m { on columns tagged PII.Email using null from 2026-06-01 until 2026-07-01 }";
    let column = "RETAIL.PUBLIC.CUSTOMER.EMAIL";
    check_at("", policies, "2026-05-31T23:59:59Z", &format!("mask alice {column}: clear"));
    check_at("", policies, "2026-06-01", &format!("mask alice {column}: m"));
    check_at("", policies, "2026-07-01", &format!("mask alice {column}: clear"));
}

#[test]
fn in_a_mask_covers_tags_reads_the_column() {
    check_in(
        "user una knows=PII.Email",
        "mask m { on columns tagged PII using null except user attribute knows covers tags under PII }",
        "mask una RETAIL.PUBLIC.CUSTOMER.EMAIL: clear
         mask una RETAIL.PUBLIC.CUSTOMER.PHONE: m
         mask alice RETAIL.PUBLIC.CUSTOMER.EMAIL: m",
    );
}

#[test]
fn in_a_mask_approved_means_to_read_the_table() {
    check_in(
        "approval alice read RETAIL.PUBLIC.CUSTOMER by bob
         approval dave write RETAIL.PUBLIC.CUSTOMER by bob",
        "mask m { on columns tagged PII using null except approved by group \"support\" }",
        "mask alice RETAIL.PUBLIC.CUSTOMER.EMAIL: clear
         mask dave RETAIL.PUBLIC.CUSTOMER.EMAIL: m",
    );
}

#[test]
fn methods_show_what_the_language_says() {
    let email = |using: &str, value: &str, shown: &str| {
        masks(
            &format!("mask m {{ on columns tagged PII.Email using {using} }}"),
            &format!("cell alice CUSTOMER.EMAIL {value}: {shown}"),
        );
    };
    email("constant \"hidden\"", "a@b", "hidden");
    email("constant \"hidden\"", "NULL", "NULL");
    email("hash", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    email("keep first 1", "abc", "a**");
    email("regex \"[^@]+@\" replace \"$1@\"", "abc@d@e", "$1@$1@e");
    email("regex \"\\\\d\" replace \"#\"", "a1٣", "a#٣");
    email("custom { snowflake \"upper({column})\" }", "abc", "custom");
    masks(
        "mask m { on columns tagged PII and of type date using round to month }",
        "cell alice CUSTOMER.BORN 1980-05-17: 1980-05-01",
    );
    check(
        "mask m { on columns named \"AMOUNT\" using round to 0.5 }
         mask n { on columns named \"SOLD\" using round to hour }",
        "cell alice RETAIL.PUBLIC.SALES.AMOUNT 10.25: 10.5
         cell alice RETAIL.PUBLIC.SALES.AMOUNT -10.25: -10.5
         cell alice RETAIL.PUBLIC.SALES.SOLD 2026-01-01T10:59:59Z: 2026-01-01T10:00:00Z",
    );
}

#[test]
fn a_tag_under_not_makes_no_mask_deeper() {
    check(
        "mask a_wide { on columns tagged PII or not tagged PII.Email using null }
         mask deep { on columns tagged PII.Email using constant \"d\" }",
        "mask alice RETAIL.PUBLIC.CUSTOMER.EMAIL: deep",
    );
}

#[test]
fn a_tag_on_a_column_and_on_its_table_selects_it() {
    check_in(
        "table sf A.B.T [X]: C VARCHAR [X]; D VARCHAR",
        "mask m { on columns tagged X using null }",
        "mask alice A.B.T.C: m\nmask alice A.B.T.D: m",
    );
}
