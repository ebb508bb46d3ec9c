//! What worlds become: grants, gaps, errors, requests.

use super::super::S3;
use super::{ROLE, check, lower, shown, world};
use crate::backend::{Backend, Change, Fact, Op, Phase};
use crate::ids::Id;
use crate::inventory::IntegrationId;

#[test]
fn accesses_of_one_grantee_become_one_grant() {
    check(
        "user alice iam\nuser bob dir02\nuser carol none\ndata s3://lake/raw/*\ndata s3://lake/x
         allow readers read s3://lake/raw/* s3://lake/x to all\nallow writers write s3://lake/raw/* to bob",
        "READWRITE s3://lake/raw/* dir02 (readers, writers)
         READ s3://lake/raw/* alice (readers)
         READ s3://lake/x dir02 (readers)
         READ s3://lake/x alice (readers)",
    );
}

#[test]
fn no_grant_reaches_into_a_data_source_that_its_grantee_may_not() {
    check(
        "user alice iam\nuser bob iam\ndata s3://lake/*\ndata s3://lake/hr/*\ndata s3://lake/pub*
         allow lake read s3://lake/* s3://lake/pub* to all\nallow hr read s3://lake/hr/* to alice",
        "READ s3://lake/* alice (lake)
         READ s3://lake/hr/* alice (hr)
         READ s3://lake/pub* alice (lake)
         READ s3://lake/pub* bob (lake)
         overlap lake s3://lake/*: `bob` may read `s3://lake/*` but not `s3://lake/hr/*` inside it: AWS has no deny, so they cannot read `s3://lake/*` there",
    );
}

#[test]
fn a_guardrail_inside_keeps_the_outer_grant_away() {
    check(
        "user alice iam\nuser bob iam\ndata s3://lake/*\ndata s3://lake/a/*\ndata s3://lake/a/b
         allow lake read s3://lake/* s3://lake/a/* s3://lake/a/b to all\nneed trained read s3://lake/a/b to bob",
        "READ s3://lake/* bob (lake)
         READ s3://lake/a/* bob (lake)
         READ s3://lake/a/b bob (lake, trained)
         overlap lake s3://lake/*: `alice` may read `s3://lake/*` but not `s3://lake/a/b` inside it: AWS has no deny, so they cannot read `s3://lake/*` there
         overlap lake s3://lake/a/*: `alice` may read `s3://lake/a/*` but not `s3://lake/a/b` inside it: AWS has no deny, so they cannot read `s3://lake/a/*` there",
    );
}

#[test]
fn minimal_mode_leaves_out_what_wider_grants_give() {
    let world = "user alice iam\nuser bob iam\ndata s3://lake/*\ndata s3://lake/a*\ndata s3://lake/ab
         allow lake read s3://lake/* s3://lake/a* s3://lake/ab to alice
         allow a read s3://lake/a* s3://lake/ab to bob\nallow w write s3://lake/ab to alice";
    check(
        &format!("set minimal\n{world}"),
        "READ s3://lake/* alice (lake)
         READ s3://lake/a* bob (a, lake)
         READWRITE s3://lake/ab alice (a, lake, w)",
    );
    let exact = shown(&lower(&super::world(world)));
    assert_eq!(exact.lines().filter(|line| line.starts_with("READ")).count(), 5);
}

#[test]
fn an_account_gets_what_all_of_its_users_may() {
    check(
        "user alice dir07\nuser bob dir07\nuser carol dir08\ndata s3://lake/a*\ndata s3://lake/b*
         allow some read s3://lake/a* to alice carol\nallow all read s3://lake/b* to all",
        "READ s3://lake/a* dir08 (some)
         READ s3://lake/b* dir07 (all)
         READ s3://lake/b* dir08 (all)",
    );
}

#[test]
fn trusted_groups_stand_for_their_members() {
    let people = "user alice dir01\nuser bob dir02\nuser carol dir03\nuser dave iam\nuser eve dir05
         group ab dir51 alice bob\ngroup abc dir52 alice bob carol\ngroup abcd dir53 alice bob carol dave\ngroup all dir54 alice bob carol dave eve
         group noaccount none alice\ngroup robots robots alice\ngroup iamonly dir55 dave
         data s3://lake/*\nallow r read s3://lake/* to alice bob carol dave\nallow w write s3://lake/* to alice bob eve";
    check(
        &format!("set trusted\n{people}"),
        "READWRITE s3://lake/* group51 (r, w)
         READ s3://lake/* dir03 (r)
         WRITE s3://lake/* dir05 (w)
         READ s3://lake/* dave (r)",
    );
    let users = "READWRITE s3://lake/* dir01 (r, w)
         READWRITE s3://lake/* dir02 (r, w)
         READ s3://lake/* dir03 (r)
         WRITE s3://lake/* dir05 (w)
         READ s3://lake/* dave (r)";
    check(people, users);
    check(&format!("set trusted\nset users\n{people}"), users);
}

#[test]
fn a_group_with_a_shared_account_is_not_used_where_that_would_widen() {
    check(
        "set trusted\nuser alice dir01\nuser bob dir01\nuser carol dir03\nuser dora dir04\ngroup ac dir51 alice carol dora\ngroup bare dir51 carol
         data s3://lake/*\nallow r read s3://lake/* to alice carol dora",
        "READ s3://lake/* dir03 (r)\nREAD s3://lake/* dir04 (r)",
    );
}

#[test]
fn a_group_with_a_member_who_may_not_is_not_used_even_if_he_has_no_account() {
    check(
        "set trusted\nuser alice dir01\nuser bob dir02\nuser carol none\ngroup abc dir51 alice bob carol
         data s3://lake/*\nallow r read s3://lake/* to alice bob",
        "READ s3://lake/* dir01 (r)\nREAD s3://lake/* dir02 (r)",
    );
}

#[test]
fn accounts_that_aws_has_no_grantee_for_are_told() {
    check(
        "user alice alice\nuser bob ROOT\nuser carol iam\ndata s3://lake/*\nallow r read s3://lake/* to all",
        "READ s3://lake/* carol (r)
         unrepresentable r s3://lake/*: not granted to `ROOT` and `alice`: a grantee is the ARN of an IAM user or role, or the UUID, in lower case, of a directory user",
    );
}

#[test]
fn data_sources_outside_the_location_are_told() {
    check(
        "set path s3://lake/raw/\nuser alice iam\ndata s3://lake/raw/a*\ndata s3://lake/raw/\ndata s3://other/*
         allow r read s3://lake/raw/a* s3://lake/raw/ s3://other/* to all",
        "location s3://lake/raw/ location
         READ s3://lake/raw/a* alice (r)
         unrepresentable r s3://lake/raw/: nobody gets `s3://lake/raw/` there: how AWS joins it to the location `s3://lake/raw/` is not documented; set `config.awsLocationPath` to `s3://`
         unrepresentable r s3://other/*: nobody gets `s3://other/*` there: it is not inside the location `s3://lake/raw/`; set `config.awsLocationPath` to one that covers it, or to `s3://`",
    );
    check(
        "set path lake\nset norole\nuser alice iam\ndata s3://lake/*\nallow r read s3://lake/* to all",
        "READ s3://lake/* alice (r)",
    );
    check(
        "set path s3://la*ke\nuser alice iam\ndata s3://lake/*\nallow r read s3://lake/* to all",
        "bad-value: `config.awsLocationPath` of `lake` cannot be a location: `s3://la*ke` | write `s3://`, or `s3://bucket/prefix/`",
    );
}

#[test]
fn a_location_has_the_arn_of_an_iam_role() {
    for wrong in [
        "access-grants",
        "arn:aws:iam::123456789012:user/a",
        "arn:aws:iam::123456789012:user/a:role/b",
        "arn:aws:iam::1234:role/a",
        "arn:aws:iam::123456789012:role/a\\nb",
        "arn:aws:iam::123456789012:role/a]b",
    ] {
        check(
            &format!("set role {wrong}\nuser alice iam\ndata s3://lake/*\nallow r read s3://lake/* to all"),
            &format!(
                "bad-value: `config.awsLocationRole` of `lake` is no IAM role: `{wrong}` | write the role that AWS shows, `arn:aws:iam::123456789012:role/access-grants`"
            ),
        );
    }
}

#[test]
fn more_grants_than_the_quota_are_an_error_that_names_the_levers() {
    let people = "user alice dir01\nuser bob dir02\nuser carol dir03\ndata s3://lake/*\ndata s3://lake/a*\ndata s3://lake/b
         allow r read s3://lake/* s3://lake/a* to all\nallow w write s3://lake/b to alice";
    check(&format!("set quota 7\n{people}"), "
         READ s3://lake/a* dir01 (r)
         READ s3://lake/a* dir02 (r)
         READ s3://lake/a* dir03 (r)
         WRITE s3://lake/b dir01 (w)
         overlap r s3://lake/*: `alice`, `bob` and `carol` may read `s3://lake/*` but not `s3://lake/b` inside it: AWS has no deny, so they cannot read `s3://lake/*` there");
    check(
        &format!("set quota 3\n{people}"),
        "platform-limit: `lake` needs 4 grants, and its instance takes 3 | 3 of them come from `r` | 1 of them come from `w` | `grantc.groups: trusted` grants to groups of the directory instead of their members | `grantc.mode: minimal` leaves out grants that wider ones already give | `grantc.quotas.grants: N`, once AWS has raised the quota of the instance",
    );
    check(
        &format!("set quota 3\nset minimal\nset trusted\n{people}"),
        "platform-limit: `lake` needs 4 grants, and its instance takes 3 | 3 of them come from `r` | 1 of them come from `w` | `grantc.quotas.grants: N`, once AWS has raised the quota of the instance",
    );
}

#[test]
fn hostile_names_stay_text() {
    check(
        "user a iam\ndata s3://lake/q\"'\\x*\ndata s3://lake/é🦀_&<b>/*\ndata s3://lake/%2A$(id)`x`
         allow r read s3://lake/q\"'\\x* s3://lake/é🦀_&<b>/* s3://lake/%2A$(id)`x` to all",
        "READ s3://lake/%2A$(id)`x` a (r)
         READ s3://lake/q\"'\\x* a (r)
         READ s3://lake/é🦀 &<b>/* a (r)",
    );
}

#[test]
fn requests_are_what_the_vendor_takes() {
    let program =
        world("user alice iam\ndata s3://lake/x\nallow r read s3://lake/x to all\nset path s3://lake/");
    let done = lower(&program);
    let facts = &done.lowered.as_ref().unwrap().facts;
    let here = IntegrationId::from_raw(0);
    let files = S3.emit(&program.inventory, here, facts, &done.symbols, None);
    let texts: Vec<String> = files
        .iter()
        .map(|file| format!("{} {}", file.path, String::from_utf8(file.bytes.clone()).unwrap()))
        .collect();
    assert_eq!(
        texts.join(""),
        r#"access-grants.json [
{"AccessGrantsLocationConfiguration":{"S3SubPrefix":"x"},"AccessGrantsLocationId":"s3://lake/","AccountId":"123456789012","Grantee":{"GranteeIdentifier":"arn:aws:iam::123456789012:role/alice","GranteeType":"IAM"},"Permission":"READ","S3PrefixType":"Object","Tags":[{"Key":"grantc","Value":"r"}]}
]
locations.json [
{"AccountId":"123456789012","IAMRoleArn":"arn:aws:iam::123456789012:role/location","LocationScope":"s3://lake/","Tags":[{"Key":"grantc","Value":""}]}
]
"#
    );
    let change = |op, fact: &Fact| Change { op, fact: *fact, before: None };
    let say = |op, at: usize| S3.statement(&program.inventory, here, &change(op, &facts[at]), &done.symbols);
    assert_eq!(
        say(Op::Remove, 1),
        r#"{"DeleteAccessGrant":{"AccessGrantsLocationId":"s3://lake/","AccountId":"123456789012","GrantScope":"s3://lake/x","Grantee":{"GranteeIdentifier":"arn:aws:iam::123456789012:role/alice","GranteeType":"IAM"},"Permission":"READ"}}"#
    );
    assert!(say(Op::Add, 1).starts_with(r#"{"CreateAccessGrant":{"#));
    assert_eq!(
        say(Op::Replace, 0),
        r#"{"UpdateAccessGrantsLocation":{"AccessGrantsLocationId":"s3://lake/","AccountId":"123456789012","IAMRoleArn":"arn:aws:iam::123456789012:role/location"}}"#
    );
    let phase = |op, at: usize| S3.phase(&change(op, &facts[at]), &done.symbols);
    assert_eq!(
        [phase(Op::Add, 0), phase(Op::Remove, 1), phase(Op::Add, 1), phase(Op::Remove, 0)],
        [Phase::Prepare, Phase::Withdraw, Phase::Expose, Phase::Dismantle]
    );
    assert_eq!(S3.needs(&facts[1], &done.symbols), ["s3://lake/"]);
    assert_eq!(S3.title(&facts[1], &done.symbols), format!("READ on s3://lake/x to IAM {ROLE}alice"));
}
