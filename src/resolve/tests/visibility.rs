//! Filters: which rows are seen, and how conditions on rows decide.

use super::{check, check_in};

const S: &str = "RETAIL.PUBLIC.SALES";

/// One filter on SALES: rows that its condition shows and hides to alice (region EMEA, analyst).
fn rows(condition: &str, expected: &str) {
    check(
        &format!("filter f {{ on tables in {S} rows where {condition} }}"),
        &expected
            .replace("alice {", &format!("row alice {S} {{"))
            .replace("dave {", &format!("row dave {S} {{")),
    );
}

#[test]
fn a_filter_concerns_everyone_unless_it_says_otherwise() {
    check(
        "filter a { on tables tagged Domain.Sales rows where column ID = 1 }
         filter b { on tables tagged Domain.Sales rows where column ID = 1 except user is \"dpo\" }
         filter c { on tables tagged Domain.Sales rows where column ID = 1 only for user in group \"staff\" }",
        "filters alice RETAIL.PUBLIC.SALES: a b c
         filters dpo RETAIL.PUBLIC.SALES: a
         filters dave RETAIL.PUBLIC.SALES: a b
         filters dave RETAIL.PUBLIC.CUSTOMER: none",
    );
}

#[test]
fn every_filter_must_be_true() {
    check(
        "filter a { on tables tagged Domain.Sales rows where column ID > 1 }
         filter b { on tables tagged Domain.Sales rows where column REGION = \"EMEA\" }",
        "row alice RETAIL.PUBLIC.SALES {ID=2, REGION=EMEA}: visible
         row alice RETAIL.PUBLIC.SALES {ID=1, REGION=EMEA}: hidden
         row alice RETAIL.PUBLIC.SALES {ID=2, REGION=APAC}: hidden
         row alice RETAIL.PUBLIC.SALES {ID=2}: hidden",
    );
}

#[test]
fn a_table_without_filters_is_seen_whole() {
    check("", "row alice RETAIL.PUBLIC.SALES {ID=2}: visible");
}

#[test]
fn comparisons_are_exact_and_unknown_hides() {
    rows(
        "column region = \"EMEA\"",
        "alice {REGION=EMEA}: visible\nalice {REGION=emea}: hidden\nalice {REGION=EMEA }: hidden",
    );
    rows("column \"REGION\" != \"EMEA\"", "alice {REGION=APAC}: visible\nalice {REGION=NULL}: hidden");
    rows("not column REGION = \"EMEA\"", "alice {REGION=NULL}: hidden\nalice {REGION=APAC}: visible");
    rows("column AMOUNT >= 10.50", "alice {AMOUNT=10.5}: visible\nalice {AMOUNT=10.49}: hidden");
    rows("1 < column ID", "alice {ID=2}: visible\nalice {ID=1}: hidden");
    rows("column REGION is null", "alice {REGION=NULL}: visible\nalice {REGION=EMEA}: hidden");
    rows("column RAW is not null", "alice {RAW=NULL}: hidden");
    rows("column REGION in [\"EMEA\", \"APAC\"]", "alice {REGION=APAC}: visible\nalice {REGION=US}: hidden");
    rows(
        "column REGION not in [\"EMEA\", \"APAC\"]",
        "alice {REGION=US}: visible\nalice {REGION=NULL}: hidden",
    );
    rows("column REGION like \"E%_A\"", "alice {REGION=EMEA}: visible\nalice {REGION=EA}: hidden");
    rows("column REGION like \"50\\\\%\"", "alice {REGION=50%}: visible\nalice {REGION=50x}: hidden");
}

#[test]
fn today_is_the_utc_date() {
    rows(
        "column SOLD >= today - 90 days",
        "alice {SOLD=2026-03-03}: visible\nalice {SOLD=2026-03-02T23:59:59Z}: hidden",
    );
    rows(
        "column SOLD < today + 1 day",
        "alice {SOLD=2026-06-01T23:59:59Z}: visible\nalice {SOLD=2026-06-02}: hidden",
    );
}

#[test]
fn three_valued_logic_is_kleenes() {
    rows(
        "column ID = 1 or column REGION = \"EMEA\"",
        "alice {ID=1}: visible\nalice {REGION=EMEA}: visible\nalice {ID=2}: hidden",
    );
    rows("not (column ID = 1 and column REGION = \"EMEA\")", "alice {ID=2}: visible\nalice {ID=1}: hidden");
}

#[test]
fn users_bring_values_and_lacking_an_attribute_is_unknown() {
    rows(
        "column tagged Geo.Region in user attribute region",
        "alice {REGION=EMEA}: visible\nalice {REGION=APAC}: hidden\ndave {REGION=EMEA}: hidden",
    );
    rows("column REGION = user attribute region", "alice {REGION=EMEA}: visible\nalice {REGION=US}: hidden");
    rows(
        "column REGION not in user attribute region",
        "alice {REGION=EMEA}: hidden\nalice {REGION=APAC}: visible\ndave {REGION=EMEA}: hidden",
    );
    rows(
        "column REGION != user attribute region",
        "alice {REGION=APAC}: visible\ndave {REGION=APAC}: hidden",
    );
    rows("column REGION = user name", "alice {REGION=alice}: visible\nalice {REGION=bob}: hidden");
    rows("column REGION in user groups", "alice {REGION=staff}: visible\nalice {REGION=curators}: hidden");
    rows("column REGION not in user groups", "dave {REGION=staff}: visible\nalice {REGION=staff}: hidden");
}

#[test]
fn a_value_that_cannot_be_cast_is_unknown() {
    check_in(
        "user una level=7,high",
        "filter f { on tables in RETAIL.PUBLIC.SALES rows where column ID in user attribute level }
         filter g { on tables in RETAIL_EU rows where column ID not in user attribute level }",
        "row una RETAIL.PUBLIC.SALES {ID=7}: visible
         row una RETAIL.PUBLIC.SALES {ID=8}: hidden
         row carol RETAIL.PUBLIC.SALES {ID=3}: visible
         row una RETAIL_EU.PUBLIC.SALES {ID=8}: hidden
         row carol RETAIL_EU.PUBLIC.SALES {ID=8}: visible",
    );
}

#[test]
fn char_padding_does_not_count() {
    check(
        "filter f { on tables in RETAIL.PUBLIC.CUSTOMER rows where column COUNTRY = \"DE\" }",
        "row alice RETAIL.PUBLIC.CUSTOMER {COUNTRY=DE  }: visible
         row alice RETAIL.PUBLIC.CUSTOMER {COUNTRY= DE}: hidden",
    );
}

#[test]
fn a_condition_on_the_user_is_an_atom_and_never_unknown() {
    rows(
        "column ID = 1 or user in group \"staff\"",
        "alice {ID=NULL}: visible\ndave {ID=NULL}: hidden\ndave {ID=1}: visible",
    );
    rows("column ID = 1 or not user has attribute region", "dave {ID=2}: visible\nalice {ID=2}: hidden");
}

#[test]
fn a_filter_needs_every_choice_of_columns() {
    check_in(
        "table sf A.B.T: R1 VARCHAR [Geo.Region]; R2 VARCHAR [Geo.Region.Home]; N NUMBER",
        "filter f { on tables in A rows where column tagged Geo.Region in user attribute region or column N = 1 }",
        "row alice A.B.T {R1=EMEA, R2=EMEA}: visible
         row alice A.B.T {R1=EMEA, R2=APAC}: hidden
         row bob A.B.T {R1=EMEA, R2=APAC}: visible
         row alice A.B.T {R1=EMEA, R2=APAC, N=1}: visible
         row bob A.B.T {R1=EMEA}: hidden",
    );
}

#[test]
fn in_a_filter_covers_tags_reads_the_table() {
    check_in(
        "user una scope=Domain.Sales",
        "filter f { on tables tagged Domain rows where column ID = 1 except user attribute scope covers tags under Domain }",
        "filters una RETAIL.PUBLIC.SALES: none
         filters una RETAIL.PUBLIC.CUSTOMER: f",
    );
}

#[test]
fn sql_reads_into_the_same_conditions() {
    rows(
        "sql \"region = 'EMEA' AND amount >= 1.5\"",
        "alice {REGION=EMEA, AMOUNT=2}: visible\nalice {REGION=EMEA, AMOUNT=1}: hidden",
    );
    rows(
        "sql \"\\\"REGION\\\" IN ('EMEA', 'APAC')\"",
        "alice {REGION=APAC}: visible\nalice {REGION=US}: hidden",
    );
    rows("sql \"region NOT IN ('EMEA')\"", "alice {REGION=US}: visible\nalice {REGION=NULL}: hidden");
    rows("sql \"id BETWEEN 2 AND 4\"", "alice {ID=2}: visible\nalice {ID=4}: visible\nalice {ID=5}: hidden");
    rows(
        "sql \"id NOT BETWEEN -2 AND 4\"",
        "alice {ID=5}: visible\nalice {ID=-2}: hidden\nalice {ID=NULL}: hidden",
    );
    rows(
        "sql \"region IS NOT NULL AND NOT (id = 1 OR id = 2)\"",
        "alice {REGION=x, ID=3}: visible\nalice {REGION=x, ID=2}: hidden",
    );
    rows("sql \"region LIKE 'E%'\"", "alice {REGION=EMEA}: visible\nalice {REGION=APAC}: hidden");
    rows(
        "sql \"sold >= DATE '2026-01-01'\"",
        "alice {SOLD=2026-01-01}: visible\nalice {SOLD=2025-12-31}: hidden",
    );
    rows(
        "sql \"sold >= CURRENT_DATE - INTERVAL '90' DAY\"",
        "alice {SOLD=2026-03-03}: visible\nalice {SOLD=2026-03-02}: hidden",
    );
    rows(
        "sql \"sold < CURRENT_DATE + 1 -- tomorrow\"",
        "alice {SOLD=2026-06-01}: visible\nalice {SOLD=2026-06-02}: hidden",
    );
    rows("sql \"id <> 1 or region = 'it''s'\"", "alice {ID=1, REGION=it's}: visible");
    // Parentheses around what is compared.
    rows("sql \"(id) = (1)\"", "alice {ID=1}: visible\nalice {ID=2}: hidden");
    rows("sql \"(id) IN ((1), 2)\"", "alice {ID=1}: visible\nalice {ID=3}: hidden");
    rows(
        "sql \"sold >= (CURRENT_DATE) - (90)\"",
        "alice {SOLD=2026-03-03}: visible\nalice {SOLD=2026-03-02}: hidden",
    );
    // A text between double quotes, where that is one.
    rows(
        "sql for bigquery \"region = \\\"EMEA\\\"\"",
        "alice {REGION=EMEA}: visible\nalice {REGION=US}: hidden",
    );
    rows("sql for snowflake \"region = 'EMEA'\"", "alice {REGION=EMEA}: visible\nalice {REGION=US}: hidden");
}

#[test]
fn sqls_like_has_no_escape_of_its_own() {
    rows("sql \"region LIKE 'a\\\\%'\"", "alice {REGION=a\\b}: visible\nalice {REGION=a%}: hidden");
    rows("sql \"region LIKE 'a!%' ESCAPE '!'\"", "alice {REGION=a%}: visible\nalice {REGION=a!b}: hidden");
    rows(
        "sql \"region NOT LIKE '!_!!' ESCAPE '!'\"",
        "alice {REGION=_!}: hidden\nalice {REGION=a!}: visible",
    );
}

#[test]
fn a_boolean_column_is_a_condition_in_sql() {
    check(
        "filter f { on tables in RETAIL.PUBLIC.CUSTOMER rows where sql \"active AND country = 'DE'\" }",
        "row alice RETAIL.PUBLIC.CUSTOMER {ACTIVE=true, COUNTRY=DE}: visible
         row alice RETAIL.PUBLIC.CUSTOMER {ACTIVE=false, COUNTRY=DE}: hidden
         row alice RETAIL.PUBLIC.CUSTOMER {COUNTRY=DE}: hidden",
    );
    check(
        "filter f { on tables in RETAIL.PUBLIC.CUSTOMER rows where sql \"active = FALSE OR active IN (TRUE)\" }",
        "row alice RETAIL.PUBLIC.CUSTOMER {ACTIVE=true}: visible
         row alice RETAIL.PUBLIC.CUSTOMER {ACTIVE=false}: visible
         row alice RETAIL.PUBLIC.CUSTOMER {COUNTRY=DE}: hidden",
    );
}
