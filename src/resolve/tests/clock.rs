//! Until when a plan is right: the next instant at which the clock alone changes something.

use crate::inventory::Instant;
use crate::ir::clock::next_change;
use crate::resolve::testing::{NOW, program};

/// The day, for instants at midnight.
fn next_in(world: &str, policies: &str) -> Option<String> {
    let at = next_change(&program(world, policies, NOW))?;
    let shown = Instant::rfc3339(at);
    Some(shown.strip_suffix("T00:00:00Z").map_or(shown.clone(), str::to_owned))
}

fn next(policies: &str) -> Option<String> {
    next_in("", policies)
}

fn on(day: &str) -> Option<String> {
    Some(day.to_owned())
}

#[test]
fn an_end_counts_where_it_changes_who_may() {
    let readers = |window: &str| format!("subscription a {{ allow read on tables to anyone {window} }}");
    assert_eq!(next(&readers("")), None);
    assert_eq!(next(&readers("until 2026-08-01")), on("2026-08-01"));
    assert_eq!(next(&readers("from 2026-07-01 until 2026-08-01")), on("2026-07-01"));
    assert_eq!(next(&readers("from 2026-05-01")), None);
    // What begins at this very instant has begun.
    assert_eq!(next(&readers(&format!("from {NOW} until 2026-07-02"))), on("2026-07-02"));
    let writers =
        "subscription a { allow write on tables in RETAIL.PUBLIC.SALES to user is \"bob\" until 2026-09-01 }";
    assert_eq!(next(writers), on("2026-09-01"));
    let lake = "subscription a { allow read on prefixes to user is \"bob\" until 2026-09-02 }";
    assert_eq!(next(lake), on("2026-09-02"));
    // Another gives the same, so the end changes nothing; the later one does.
    let both = format!(
        "{} subscription b {{ allow read on tables to anyone until 2027-01-01 }}",
        readers("until 2026-08-01")
    );
    assert_eq!(next(&both), on("2027-01-01"));
}

#[test]
fn the_end_of_a_guardrail_a_filter_or_a_mask_counts() {
    let all = "subscription a { allow read on tables to anyone }";
    let with = |policy: &str| next(&format!("{all} {policy}"));
    assert_eq!(
        with("guardrail g { require read on tables to user is \"dpo\" until 2026-06-15 }"),
        on("2026-06-15")
    );
    let filter =
        "filter f { on tables in RETAIL.PUBLIC.SALES rows where column REGION = \"EMEA\" until 2026-06-16 }";
    assert_eq!(with(filter), on("2026-06-16"));
    let mask = "mask m { on columns tagged PII.Email using null until 2026-06-17 }";
    assert_eq!(with(mask), on("2026-06-17"));
    let later = "mask m { on columns tagged PII.Email using null from 2026-06-18 }";
    assert_eq!(with(later), on("2026-06-18"));
    // Nobody meets them.
    assert_eq!(
        with("mask m { on columns tagged PII.Email using null except anyone until 2026-06-17 }"),
        None
    );
}

#[test]
fn the_end_of_an_approval_counts_where_somebody_asks_for_it() {
    let world = "approval carol read RETAIL.PUBLIC.SALES by alice until 2026-06-20
                 approval carol read s3://acme/raw* by alice until 2026-06-21";
    assert_eq!(next_in(world, "subscription a { allow read on tables to anyone }"), None);
    assert_eq!(next_in(world, "subscription a { allow read on tables to approved }"), on("2026-06-20"));
    assert_eq!(next_in(world, "subscription a { allow read on prefixes to approved }"), on("2026-06-21"));
    assert_eq!(next_in(world, "subscription a { allow write on tables to approved }"), None);
    // In rows, of a filter and of a mask's `when`.
    let all = "subscription a { allow read on tables to anyone }";
    let filter = format!("{all} filter f {{ on tables in RETAIL.PUBLIC.SALES rows where approved }}");
    assert_eq!(next_in(world, &filter), on("2026-06-20"));
    let elsewhere = format!("{all} filter f {{ on tables in RETAIL_EU.PUBLIC.SALES rows where approved }}");
    assert_eq!(next_in(world, &elsewhere), None);
    let mask = format!("{all} mask m {{ on columns in RETAIL.PUBLIC.SALES using null when not approved }}");
    assert_eq!(next_in(world, &mask), on("2026-06-20"));
    let elsewhere = format!("{all} mask m {{ on columns tagged PII.Email using null when not approved }}");
    assert_eq!(next_in(world, &elsewhere), None);
    let other =
        format!("{all} filter f {{ on tables in RETAIL.PUBLIC.SALES rows where user in group \"staff\" }}");
    assert_eq!(next_in(world, &other), None);
}
