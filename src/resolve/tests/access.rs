//! Who may: how subscriptions and guardrails combine, windows, and every condition.

use super::{check, check_at, check_in};

#[test]
fn without_a_subscription_nobody_may() {
    check("", "read RETAIL.PUBLIC.CUSTOMER: nobody\nwrite RETAIL.PUBLIC.CUSTOMER: nobody");
}

#[test]
fn a_guardrail_alone_never_grants() {
    check("guardrail g { require read on tables to anyone }", "read RETAIL.PUBLIC.CUSTOMER: nobody");
}

#[test]
fn one_of_the_any_subscriptions_is_enough() {
    check(
        "subscription a { allow read on tables to user in group \"analysts\" }
         subscription b { allow read on tables in RETAIL to user is \"dave\" }",
        "read RETAIL.PUBLIC.CUSTOMER: alice dave
         read RETAIL_EU.PUBLIC.SALES: alice",
    );
}

#[test]
fn every_all_subscription_is_needed_and_is_enough_without_any() {
    check(
        "subscription a { allow read on tables in RETAIL to user in group \"staff\" combine all }
         subscription b { allow read on tables in RETAIL.PUBLIC.SALES to user has attribute clearance combine all }",
        "read RETAIL.PUBLIC.CUSTOMER: alice bob
         read RETAIL.PUBLIC.SALES: alice",
    );
}

#[test]
fn any_and_all_subscriptions_must_both_hold() {
    check(
        "subscription some { allow read on tables to user in group \"staff\" }
         subscription every { allow read on tables to user has attribute clearance combine all }",
        "read RETAIL.PUBLIC.SALES: alice",
    );
}

#[test]
fn a_guardrail_beats_every_subscription() {
    check(
        "subscription a { allow read, write on tables to anyone }
         subscription b { allow read on tables to user is \"dave\" combine all }
         guardrail g { require read on tables tagged Domain.Customer to user in group \"staff\" }",
        "read RETAIL.PUBLIC.CUSTOMER: nobody
         write RETAIL.PUBLIC.CUSTOMER: alice bob carol dave dpo
         read RETAIL.PUBLIC.SALES: dave",
    );
}

#[test]
fn write_does_not_imply_read() {
    check(
        "subscription a { allow write on tables to user is \"dave\" }",
        "read RETAIL.PUBLIC.SALES: nobody\nwrite RETAIL.PUBLIC.SALES: dave",
    );
}

#[test]
fn from_is_inclusive_and_until_exclusive_at_midnight_utc() {
    let policies = "subscription a { allow read on tables to anyone from 2026-03-01 until 2026-04-01 }";
    let everyone = "read RETAIL.PUBLIC.SALES: alice bob carol dave dpo";
    let nobody = "read RETAIL.PUBLIC.SALES: nobody";
    check_at("", policies, "2026-02-28T23:59:59Z", nobody);
    check_at("", policies, "2026-03-01", everyone);
    check_at("", policies, "2026-03-31T23:59:59Z", everyone);
    check_at("", policies, "2026-04-01", nobody);
    check_at("", policies, "2026-04-01T01:00:00+02:00", everyone);
}

#[test]
fn a_guardrail_outside_its_window_requires_nothing() {
    let policies = "subscription a { allow read on tables to anyone }
                    guardrail g { require read on tables to user is \"dpo\" until 2026-06-01 }";
    check_at("", policies, "2026-05-31", "read RETAIL.PUBLIC.SALES: dpo");
    check_at("", policies, "2026-06-01", "read RETAIL.PUBLIC.SALES: alice bob carol dave dpo");
}

/// Who may read SALES if the condition is all that it takes.
fn condition(text: &str, expected: &str) {
    condition_in("", text, expected);
}

fn condition_in(world: &str, text: &str, expected: &str) {
    check_in(
        world,
        &format!("subscription a {{ allow read on tables tagged Domain.Sales to {text} }}"),
        &format!("read RETAIL.PUBLIC.SALES: {expected}"),
    );
}

#[test]
fn anyone_is_every_directory_user() {
    condition("anyone", "alice bob carol dave dpo");
    condition("not anyone", "nobody");
}

#[test]
fn users_are_named_exactly() {
    condition("user is \"dave\"", "dave");
    condition("user is \"Dave\"", "nobody");
    condition("user is one of [\"dpo\", \"dave\", \"dave\"]", "dave dpo");
    condition("user is \"gone\"", "nobody");
}

#[test]
fn membership_is_transitive() {
    condition("user in group \"staff\"", "alice bob");
    condition("user in group \"analysts\"", "alice");
    condition("user in any of groups [\"analysts\", \"curators\"]", "alice carol");
    condition("user in all of groups [\"analysts\", \"staff\"]", "alice");
    condition("user in all of groups [\"analysts\", \"curators\"]", "nobody");
}

#[test]
fn whom_two_alternatives_name_is_named_once() {
    condition("user in any of groups [\"analysts\", \"staff\"]", "alice bob");
    condition("user attribute region in [\"EMEA\", \"APAC\"]", "alice bob");
    condition("user is \"alice\" or user in group \"staff\"", "alice bob");
    check_in(
        &format!("{LEDGERS}\n user una scope=Finance,Finance.Ledger\n group Finance\n user unb in Finance Finance.Ledger"),
        "subscription a { allow read on tables in FIN.PUBLIC.L1 to user attribute scope covers tags under Finance }
         subscription b { allow write on tables in FIN.PUBLIC.L1 to user groups cover tags under Finance }",
        "read FIN.PUBLIC.L1: uma umb umc una
         write FIN.PUBLIC.L1: ume unb",
    );
    check_in(
        "user una table=RETAIL.*,RETAIL.PUBLIC.*",
        "subscription a { allow read on tables to user attribute table covers name }",
        "read RETAIL.PUBLIC.SALES: una",
    );
}

#[test]
fn one_value_of_an_attribute_is_enough_and_the_negations_are_negations() {
    condition("user has attribute region", "alice bob");
    condition("user attribute region = \"APAC\"", "bob");
    condition("user attribute region = \"apac\"", "nobody");
    condition("user attribute region != \"APAC\"", "alice carol dave dpo");
    condition("user attribute region in [\"EMEA\", \"LATAM\"]", "alice bob");
    condition("user attribute region not in [\"APAC\", \"LATAM\"]", "alice carol dave dpo");
}

#[test]
fn not_binds_before_and_before_or() {
    condition("user is \"dave\" or user in group \"staff\" and not user is \"bob\"", "alice dave");
    condition("(user is \"dave\" or user in group \"staff\") and not user is \"bob\"", "alice dave");
    condition("not (user is \"dave\" or user in group \"staff\")", "carol dpo");
}

#[test]
fn a_named_condition_means_what_it_says() {
    check(
        "condition both = staff and not bobs
         condition staff = user in group \"staff\"
         condition bobs = user is \"bob\"
         subscription a { allow read on tables to both or user is \"dpo\" }",
        "read RETAIL.PUBLIC.SALES: alice dpo",
    );
}

const LEDGERS: &str = "
    table sf FIN.PUBLIC.L1 [Finance.Ledger.Emea]: ID NUMBER
    table sf FIN.PUBLIC.L2 [Finance]: ID NUMBER
    table sf FIN.PUBLIC.L3 [Domain]: ID NUMBER
    group Finance.Ledger
    user uma scope=Finance.Ledger.Emea
    user umb scope=Finance.Ledger
    user umc scope=Finance
    user umd scope=Finance.Ledger.Apac
    user ume in Finance.Ledger";

#[test]
fn a_tag_below_is_covered_by_itself_and_by_every_ancestor() {
    check_in(
        LEDGERS,
        "subscription a { allow read on tables in FIN to user attribute scope covers tags under Finance }",
        // L2 carries Finance itself, which is not below Finance; L3 carries nothing there.
        "read FIN.PUBLIC.L1: uma umb umc
         read FIN.PUBLIC.L2: nobody
         read FIN.PUBLIC.L3: nobody",
    );
}

#[test]
fn values_above_the_tag_that_is_named_count_too() {
    check_in(
        LEDGERS,
        "subscription a { allow read on tables in FIN to user attribute scope covers tags under Finance.Ledger }",
        "read FIN.PUBLIC.L1: uma umb umc\nread FIN.PUBLIC.L2: nobody",
    );
}

#[test]
fn groups_cover_tags_by_their_names() {
    check_in(
        LEDGERS,
        "subscription a { allow read on tables in FIN to user groups cover tags under Finance }",
        "read FIN.PUBLIC.L1: ume\nread FIN.PUBLIC.L2: nobody",
    );
}

#[test]
fn inherited_tags_are_covered_on_tables_and_prefixes() {
    check_in(
        "user una zone=Lake.Pii
         schema sf FIN.PUBLIC [Lake.Pii]
         table sf FIN.PUBLIC.L1: ID NUMBER
         prefix lake s3://acme/zone/* [Lake.Pii]
         prefix lake s3://acme/zone/in/x*",
        "subscription a { allow read on everything to user attribute zone covers tags under Lake }",
        "read FIN.PUBLIC.L1: una
         read s3://acme/zone/*: una
         read s3://acme/zone/in/x*: una
         read s3://acme/raw*: nobody",
    );
}

#[test]
fn covers_name_is_the_name_or_a_dotted_prefix_with_a_star() {
    check_in(
        "user una may=RETAIL.PUBLIC.SALES
         user unb may=RETAIL.*
         user unc may=RETAIL.PUBLIC.*
         user und may=RETAIL
         user une may=RETAIL.PUB*
         user unf may=RETAIL.PUBLIC.SALES.*
         user ung may=retail.public.sales
         user unh may=*",
        "subscription a { allow read on tables to user attribute may covers name }",
        "read RETAIL.PUBLIC.SALES: una unb unc
         read RETAIL.PUBLIC.CUSTOMER: unb unc
         read RETAIL_EU.PUBLIC.SALES: nobody",
    );
}

#[test]
fn covers_name_is_false_on_the_prefixes_of_everything() {
    check_in(
        "user una may=RETAIL.*",
        "subscription a { allow read on everything to user attribute may covers name or user is \"dpo\" }",
        "read RETAIL.PUBLIC.SALES: dpo una\nread s3://acme/raw*: dpo",
    );
}

#[test]
fn an_approval_is_for_one_user_securable_and_access() {
    check_in(
        "approval dave read RETAIL.PUBLIC.SALES by alice
         approval carol write RETAIL.PUBLIC.SALES by alice
         approval dpo read s3://acme/raw* by bob",
        "subscription a { allow read, write on everything to approved }",
        "read RETAIL.PUBLIC.SALES: dave
         write RETAIL.PUBLIC.SALES: carol
         read RETAIL.PUBLIC.CUSTOMER: nobody
         read s3://acme/raw*: dpo
         write s3://acme/raw*: nobody",
    );
}

#[test]
fn nobody_approves_himself_and_an_approval_ends() {
    let world = "approval dave read RETAIL.PUBLIC.SALES by dave
                 approval carol read RETAIL.PUBLIC.SALES by alice until 2026-06-02
                 approval dpo read RETAIL.PUBLIC.SALES";
    let policies = "subscription a { allow read on tables to approved }";
    check_at(world, policies, "2026-06-01", "read RETAIL.PUBLIC.SALES: carol dpo");
    check_at(world, policies, "2026-06-02", "read RETAIL.PUBLIC.SALES: dpo");
}

#[test]
fn the_giver_must_be_in_the_group() {
    check_in(
        "approval dave read RETAIL.PUBLIC.SALES by alice
         approval carol read RETAIL.PUBLIC.SALES by carol
         approval dpo read RETAIL.PUBLIC.SALES by somebody-else
         approval bob read RETAIL.PUBLIC.SALES
         approval alice read RETAIL.PUBLIC.SALES by carol",
        "subscription a { allow read on tables to approved by group \"staff\" }",
        "read RETAIL.PUBLIC.SALES: dave",
    );
}

/// What a selector of tables and prefixes selects, as the names that anyone may then read.
fn selects(selector: &str, expected: &[&str]) {
    let objects = [
        ("RETAIL.PUBLIC.CUSTOMER", "customer"),
        ("RETAIL.PUBLIC.SALES", "sales"),
        ("RETAIL_EU.PUBLIC.SALES", "eu"),
        ("RETAIL.\"Mixed\".\"odd.name\"", "odd"),
        ("hive.web.visits", "visits"),
        ("s3://acme/curated/*", "curated"),
        ("s3://acme/curated/pii/*", "pii"),
        ("s3://acme/raw*", "raw"),
    ];
    let answers: Vec<String> = objects
        .iter()
        .map(|(object, short)| {
            let who = if expected.contains(short) { "alice bob carol dave dpo" } else { "nobody" };
            format!("read {object}: {who}")
        })
        .collect();
    check(&format!("subscription a {{ allow read on {selector} to anyone }}"), &answers.join("\n"));
}

#[test]
fn a_bare_selector_is_all_of_its_kind() {
    selects("tables", &["customer", "sales", "eu", "odd", "visits"]);
    selects("prefixes", &["curated", "pii", "raw"]);
    selects("everything", &["customer", "sales", "eu", "odd", "visits", "curated", "pii", "raw"]);
}

#[test]
fn tagged_counts_containers_and_tags_below() {
    selects("tables tagged Domain", &["customer", "sales"]);
    selects("tables tagged Domain.Customer", &["customer"]);
    selects("prefixes tagged Lake", &["curated", "pii"]);
    selects("everything tagged PII", &["pii"]);
    selects("tables tagged PII", &[]);
}

#[test]
fn with_column_tagged_counts_what_is_written_on_columns() {
    selects("tables with column tagged PII", &["customer", "visits"]);
    selects("tables with column tagged PII.Email", &["customer"]);
    selects("tables with column tagged Domain", &[]);
    selects("everything tagged PII or with column tagged PII", &["customer", "visits", "pii"]);
}

#[test]
fn paths_fold_as_the_platform_does() {
    selects("tables in retail", &["customer", "sales", "odd"]);
    selects("tables in RETAIL.public.sales", &["sales"]);
    selects("tables in \"retail\"", &[]);
    selects("tables in HIVE.Web", &["visits"]);
    selects("tables in \"HIVE\"", &[]);
    selects("tables in RETAIL.\"Mixed\".\"odd.name\"", &["odd"]);
    selects("tables in RETAIL.Mixed", &[]);
}

#[test]
fn a_glob_stays_within_its_segment() {
    selects("tables in RETAIL*", &["customer", "sales", "eu", "odd"]);
    selects("tables in *.PUBLIC.SALES", &["sales", "eu"]);
    selects("tables in RETAIL.P*.*s*", &["customer", "sales"]);
    selects("tables in *", &["customer", "sales", "eu", "odd", "visits"]);
    selects("tables in \"RETAIL*\"", &[]);
}

#[test]
fn a_prefix_selects_what_it_covers_wholly() {
    selects("prefixes in \"s3://acme/curated/*\"", &["curated", "pii"]);
    selects("prefixes in \"s3://acme/*\"", &["curated", "pii", "raw"]);
    selects("prefixes in \"s3://acme/curated/p*\"", &["pii"]);
    selects("prefixes in \"s3://acme/curated/pii/x*\"", &[]);
    selects("everything in \"s3://acme/raw*\" or in RETAIL_EU", &["raw", "eu"]);
}

#[test]
fn named_is_the_last_name_exactly_and_only_a_star_is_wild() {
    selects("tables named \"SALES\"", &["sales", "eu"]);
    selects("tables named \"sales\"", &[]);
    selects("tables named \"*.name\"", &["odd"]);
    selects("prefixes named \"r*\"", &["raw"]);
    selects("everything named \"*a*\"", &["odd", "raw", "curated"]);
}

#[test]
fn integrations_and_logic_narrow() {
    selects("everything of integration lake", &["curated", "pii", "raw"]);
    selects("tables of integration \"tr\"", &["visits"]);
    selects("tables not tagged Domain and not in RETAIL_EU", &["odd", "visits"]);
    selects("tables tagged Domain.Customer or in hive", &["customer", "visits"]);
    selects("tables tagged Domain and (named \"S*\" or named \"X\")", &["sales"]);
    selects("everything not tagged Lake and not named \"SALES\"", &["customer", "odd", "visits", "raw"]);
}
