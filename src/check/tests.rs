//! Each finding where it belongs, and silence where it does not.
//!
//! What these cannot show: that `resolve` makes the same program of the real language (the fixtures show that).

use super::world::{diagnose, findings};

/// `said` is `code policy` per finding, `!` behind the code of those that open; empty: silence.
fn check(lines: &str, said: &[&str]) {
    assert_eq!(findings(lines), said, "{lines}");
}

#[test]
fn a_clean_project_has_no_findings() {
    check(
        "
        subscription readers: allow read; on T1 T2 V1; to analysts
        subscription helpers: allow read; on T2 V1; to contractors
        subscription files: allow read; on s3://lake/raw/*; to contractors
        subscription keys: allow read; on T1; to approved; combine any
        guardrail trained: require read; on T1; to region=EMEA or support
        mask emails: on EMAIL; using hash; except support; depth 2
        mask phones: on PHONE; using keep; except support
        mask everything: on EMAIL PHONE; using null; only for contractors; priority 9
        filter own: on T1; except support
        ",
        &[],
    );
    check("", &[]);
}

#[test]
fn two_masks_of_one_rank_tie_unless_they_show_the_same() {
    let tie = |mask: &str, said: &[&str]| {
        check(&format!("mask a: on EMAIL; using null; except support\n{mask}"), said);
    };
    tie("mask b: on EMAIL; using hash", &["mask-tie b"]);
    tie("mask b: on EMAIL; using null; only for analysts", &[]);
    tie("mask b: on EMAIL; using hash; only for support", &[]);
    tie("mask b: on PHONE; using hash", &[]);
    tie("mask b: on EMAIL; using hash; only for analysts; priority 1", &[]);
    tie("mask b: on EMAIL; using hash; only for analysts; depth 2", &[]);
    tie("mask b: on EMAIL; using hash; until 2026-01-01", &[]);
    tie("mask b: on EMAIL; using hash; from 2026-07-01", &[]);
}

#[test]
fn a_when_is_free_to_be_true_or_false() {
    let masks = "mask a: on EMAIL; using null; when\nmask b: on EMAIL; using hash; when";
    check(masks, &["mask-tie b"]);
    // One above hides both only if it has no `when`.
    check(&format!("{masks}\nmask c: on EMAIL; using keep; priority 1; when"), &["mask-tie b"]);
    check(&format!("{masks}\nmask c: on EMAIL; using keep; priority 1"), &["shadowed a", "shadowed b"]);
}

#[test]
fn a_tie_is_told_once_per_pair_with_its_columns_counted() {
    let said =
        diagnose("mask a: on EMAIL PHONE; using null\nmask b: on EMAIL PHONE; using hash; only for analysts");
    let texts: Vec<String> =
        said.iter().map(|each| format!("{}\n{}", each.message, each.notes.join("\n"))).collect();
    assert_eq!(
        texts,
        ["masks `a` and `b` both apply to `DB.S.T1.EMAIL` for `alice`, with equal right\n\
             so it is for 4 columns and 2 users"]
    );
    let helps: Vec<String> = said.iter().flat_map(|each| each.help.clone()).collect();
    assert_eq!(helps, ["write `priority 1` in the one that must win"]);
}

#[test]
fn a_subscription_whose_users_others_let_in_is_shadowed() {
    let wide = "subscription wide: allow read; on T1 T2; to analysts or contractors\n";
    let narrow = |narrow: &str, said: &[&str]| check(&format!("{wide}subscription {narrow}"), said);
    narrow("n: allow read; on T1; to contractors", &["shadowed n"]);
    narrow("n: allow read; on T1; to analysts or contractors; until 2027-01-01", &["shadowed n"]);
    narrow("n: allow read; on T1 V1; to contractors", &[]);
    narrow("n: allow read,write; on T1; to contractors", &[]);
    narrow("n: allow read; on T1; to approved", &[]);
    narrow("n: allow read; on T1; to contractors; combine all", &[]);
    narrow("n: allow read; on T1; to contractors; until 2026-01-01", &[]);
    narrow(
        "n: allow read; on T1 T2; to name in by\nuser zoe: contractors by=DB.S.T1\n\
         subscription all: allow read; on T2; to analysts or contractors; combine all",
        &["shadowed n"],
    );
    // Without `n`, which lets nobody in there, `all` alone would open T2.
    check(
        "user zoe: contractors by=DB.S.T1
        subscription wide: allow read; on T1; to contractors
        subscription n: allow read; on T1 T2; to name in by
        subscription all: allow read; on T2; to analysts; combine all",
        &[],
    );
    // What ends earlier does not shadow what lasts.
    check(
        "subscription wide: allow read; on T1; to analysts; until 2026-12-31\nsubscription n: allow read; on T1; to support",
        &[],
    );
    // Of two that say the same, one stays.
    check(
        "subscription b: allow read; on T1; to analysts\nsubscription a: allow read; on T1; to analysts",
        &["shadowed a"],
    );
}

#[test]
fn a_mask_that_others_hide_from_everyone_is_shadowed() {
    let low = "mask low: on EMAIL; using null; only for analysts\n";
    let high = |high: &str, said: &[&str]| check(&format!("{low}mask {high}"), said);
    high("high: on EMAIL; using hash; priority 1", &["shadowed low"]);
    high("high: on EMAIL; using hash; depth 1", &["shadowed low"]);
    high("high: on EMAIL; using hash; priority 1; when", &[]);
    high("high: on EMAIL; using hash; priority 1; except support", &[]);
    high("high: on T1.EMAIL; using hash; priority 1", &[]);
    high("high: on EMAIL; using hash; priority 1; until 2027-01-01", &[]);
    high("high: on EMAIL; using null", &[]);
    check(
        &format!(
            "{low}mask x: on EMAIL; using hash; priority 1; only for support\nmask y: on EMAIL; using keep; priority 2; only for region=EMEA"
        ),
        &["shadowed low"],
    );
}

#[test]
fn a_condition_that_nobody_meets_is_told_of() {
    check("subscription a: allow read; on T1; to empty", &["never-true a"]);
    check("subscription a: allow read; on T1; to region=APAC", &["never-true a"]);
    check("subscription a: allow read; on T1; to approved", &[]);
    check("subscription a: allow read; on T1; to groups cover PII", &["never-true a"]);
    let readers = "subscription readers: allow read; on T1; to analysts\n";
    check(&format!("{readers}guardrail g: require read; on T1; to empty"), &["never-true g"]);
    check(&format!("{readers}guardrail g: require read; on T1; to approved"), &[]);
    check(&format!("{readers}guardrail g: require write; on T1; to empty"), &[]);
    check("mask m: on EMAIL; only for empty", &["never-true m"]);
    check("mask m: on EMAIL; only for approved", &[]);
    check("mask m: on EMAIL; only for support", &[]);
    check("filter f: on T1; only for empty", &["never-true f"]);
    check("filter f: on T1; only for support", &[]);
}

#[test]
fn a_policy_that_asks_nothing_is_vacuous() {
    check("guardrail g: require read; on T1; to anyone", &["vacuous g"]);
    check("guardrail g: require read; on T1; to support or not support", &["vacuous g"]);
    // All meet it today: no mistake.
    check("guardrail g: require read; on T1; to analysts or contractors", &[]);
    check("mask m: on EMAIL; except anyone", &["vacuous m"]);
    check("mask m: on EMAIL; except not support", &[]);
    check("filter f: on T1; except anyone", &["vacuous f"]);
    check("filter f: on T1; only for anyone", &[]);
}

#[test]
fn a_subscription_all_of_whose_users_are_stopped_is_a_conflict() {
    let readers = "subscription readers: allow read; on T1 T2; to contractors\n";
    let other = |other: &str, said: &[&str]| check(&format!("{readers}{other}"), said);
    other("guardrail g: require read; on T1 T2; to analysts", &["conflict readers"]);
    other("guardrail g: require read; on T1; to analysts", &[]);
    other("guardrail g: require write; on T1 T2; to analysts", &[]);
    other("guardrail g: require read; on T1 T2; to analysts; until 2026-01-01", &[]);
    other("guardrail g: require read; on T1 T2; to approved", &[]);
    check(
        "subscription a: allow read; on T1; to contractors
        guardrail g: require read; on T1; to approved
        approve alice T1 read",
        &[],
    );
    other("subscription all: allow read; on T1 T2; to analysts; combine all", &["conflict readers"]);
    check(
        "subscription a: allow read; on T1; to analysts; combine all\nsubscription b: allow read; on T1; to contractors; combine all",
        &["conflict a"],
    );
    // Neither alone, but both together.
    check(
        "subscription a: allow read; on T1; to analysts\nguardrail g: require read; on T1; to support or contractors\nguardrail h: require read; on T1; to region=EMEA",
        &["conflict a"],
    );
}

#[test]
fn no_way_out_of_a_conflict_opens_anything() {
    let helps =
        |lines: &str| -> Vec<String> { diagnose(lines).iter().flat_map(|each| each.help.clone()).collect() };
    let readers = "subscription readers: allow read; on T1; to contractors\n";
    assert_eq!(
        helps(&format!("{readers}guardrail g: require read; on T1; to analysts")),
        ["let them overlap, or delete the subscription"]
    );
    // Without `readers`, `all` would let its own users in.
    assert_eq!(
        helps(&format!("{readers}subscription all: allow read; on T1; to analysts; combine all")),
        ["let them overlap"]
    );
}

#[test]
fn the_end_of_the_last_any_or_of_an_all_widens() {
    let any = "subscription any: allow read; on T1; to support";
    let all = "subscription all: allow read; on T1; to analysts; combine all";
    check(&format!("{any}; until 2027-01-01\n{all}"), &["expiry-widens! any"]);
    check(
        &format!("{all}; until 2027-01-01\nsubscription any: allow read; on T1; to anyone"),
        &["expiry-widens! all"],
    );
    check(&format!("{any}\n{all}"), &[]);
    check(&format!("{any}; until 2027-01-01"), &[]);
    // Everyone whom the `any` lets in meets the `all`, but its end changes nothing for them.
    check(&format!("{any}\n{all}; until 2027-01-01"), &[]);
    // Both end together.
    check(&format!("{any}; until 2027-01-01\n{all}; until 2027-01-01"), &[]);
    // Another goes on in its place.
    check(
        &format!(
            "{any}; until 2027-01-01\n{all}\nsubscription next: allow read; on T1; to support; from 2027-01-01"
        ),
        &[],
    );
    check(&format!("{any}; until 2027-01-01\n{all}\nguardrail g: require read; on T1; to support"), &[]);
    check(&format!("{any}; from 2026-01-01; until 2026-01-01\n{all}"), &[]);
}

#[test]
fn an_end_in_the_past_counts_while_it_still_lets_somebody_in() {
    let any = "subscription any: allow read; on T1; to support; until 2026-01-01\n";
    check(
        &format!("{any}subscription all: allow read; on T1; to analysts; combine all"),
        &["expiry-widens! any"],
    );
    check(
        &format!("{any}subscription all: allow read; on T1; to analysts; combine all; until 2026-03-01"),
        &[],
    );
}

#[test]
fn who_may_already_gains_nothing_by_an_end() {
    check(
        "subscription any: allow read; on T1; to support; until 2027-01-01
        subscription also: allow read; on T1; to region=EMEA; until 2027-01-01
        subscription all: allow read; on T1; to analysts; combine all",
        &[],
    );
}

#[test]
fn what_begins_at_the_same_instant_is_not_blamed_on_an_end() {
    check(
        "subscription any: allow read; on T1; to support; until 2027-01-01\n\
         subscription all: allow read; on T1; to analysts; combine all\n\
         subscription more: allow read; on T1; to analysts; from 2027-01-01",
        &[],
    );
}

#[test]
fn entitled_users_without_an_account_are_counted_once_per_integration() {
    let readers = "subscription readers: allow read; on T1 T2; to analysts\n";
    check(&format!("{readers}no accounts on snow"), &["no-account -"]);
    check(&format!("{readers}no accounts on lake"), &[]);
    check(&format!("{readers}no accounts on snow\naccount alice snow A\naccount bob snow B"), &[]);
    let said = diagnose(&format!("{readers}no accounts on snow\naccount alice snow A"));
    let messages: Vec<&str> = said.iter().map(|each| each.message.as_str()).collect();
    assert_eq!(messages, ["1 user may use data of `snow` and have no account there, as `bob`"]);
}

#[test]
fn a_shared_account_is_told_with_its_users() {
    let said = diagnose("account alice snow ADMIN\naccount bob snow ADMIN");
    let messages: Vec<&str> = said.iter().map(|each| each.message.as_str()).collect();
    assert_eq!(messages, ["`alice` and `bob` share the account `ADMIN` of `snow`"]);
    check("account alice snow ADMIN\naccount bob lake ADMIN", &[]);
}

#[test]
fn writing_a_table_that_is_masked_for_him_is_a_way_around() {
    let writers = "subscription writers: allow write; on T1; to contractors\n";
    check(&format!("{writers}mask m: on EMAIL; except support"), &["mask-bypass! m"]);
    check(&format!("{writers}mask m: on EMAIL; except contractors"), &[]);
    check(&format!("{writers}mask m: on T2.EMAIL; except support"), &[]);
    check(&format!("{writers}filter f: on T1; only for contractors"), &["mask-bypass! f"]);
    check(&format!("{writers}filter f: on T1; except contractors"), &[]);
    check(
        &format!(
            "{writers}guardrail g: require write; on T1; to contractors and not region=EMEA\nmask m: on EMAIL; only for analysts"
        ),
        &[],
    );
    // Of a mask that is never seen there is nothing to get around.
    check(
        &format!("{writers}mask high: on EMAIL; priority 1\nmask low: on EMAIL; using hash"),
        &["mask-bypass! high", "shadowed low"],
    );
    check("subscription writers: allow write; on V1; to contractors\nmask m: on EMAIL", &[]);
    check("subscription readers: allow read; on T1; to contractors\nmask m: on EMAIL", &[]);
}

#[test]
fn reading_the_files_of_a_masked_table_is_a_way_around() {
    let files = "subscription files: allow read; on s3://lake/t2/*; to contractors\n";
    check(&format!("{files}mask m: on EMAIL; except support"), &["mask-bypass! m"]);
    check(&format!("{files}mask m: on EMAIL; except contractors"), &[]);
    check(&format!("{files}mask m: on T1.EMAIL"), &[]);
    check(&format!("{files}filter f: on T2"), &["mask-bypass! f"]);
    check("subscription files: allow read; on s3://lake/raw/*; to contractors\nmask m: on EMAIL", &[]);
    check("subscription files: allow write; on s3://lake/t2/*; to contractors\nmask m: on EMAIL", &[]);
    let said = diagnose(&format!("{files}mask m: on EMAIL"));
    let messages: Vec<&str> = said.iter().map(|each| each.message.as_str()).collect();
    assert_eq!(
        messages,
        ["`carol` may read `s3://lake/t2/*`, which holds the files of `DB.S.T2`, around mask `m`"]
    );
}

#[test]
fn keys_belong_to_the_longest_prefix() {
    let wide = "prefix s3://lake/*\nsubscription files: allow read; on s3://lake/*; to contractors\n";
    check(&format!("{wide}mask m: on EMAIL"), &[]);
    check(
        "prefix s3://lake/t2/part/*\nsubscription files: allow read; on s3://lake/t2/part/*; to contractors\nmask m: on EMAIL",
        &["mask-bypass! m"],
    );
}

#[test]
fn writing_for_everyone_is_too_much() {
    check("subscription a: allow write; on T1; to anyone", &["over-privilege a"]);
    check("subscription a: allow read; on T1; to anyone", &[]);
    check("subscription a: allow write; on T1; to analysts or contractors", &[]);
    check(
        "subscription a: allow write; on T1; to anyone\nguardrail g: require write; on T1; to analysts",
        &[],
    );
}

#[test]
fn a_hash_without_a_salt_is_told_of() {
    check("no salt\nmask m: on EMAIL; using hash", &["unsalted-hash m"]);
    check("mask m: on EMAIL; using hash", &[]);
    check("no salt\nmask m: on EMAIL; using keep", &[]);
}

#[test]
fn securables_are_told_apart_where_conditions_read_them() {
    // By name: carol is let in to T1 alone.
    let named = "subscription a: allow read; on T1 T2; to name in by or analysts\n";
    check(
        &format!(
            "user zed: by=DB.S.T1\n{named}subscription b: allow read; on T1; to zeds\nuser zoe: zeds by=DB.S.T1"
        ),
        &["shadowed b"],
    );
    check(&format!("{named}subscription b: allow read; on T1 T2; to zeds\nuser zoe: zeds by=DB.S.T1"), &[]);
    // By approval: T2 alone.
    check(
        "approve carol T2 write
        subscription a: allow write; on T1 T2; to approved
        mask m: on EMAIL",
        &["mask-bypass! m"],
    );
    // By tag: the columns below PII.Email alone, of three tables.
    let said = diagnose(
        "user zoe: PII.Email
        mask a: on EMAIL PHONE; using null; only for groups cover PII
        mask b: on EMAIL PHONE; using hash; only for PII.Email",
    );
    let notes: Vec<String> = said.iter().flat_map(|each| each.notes.clone()).collect();
    assert_eq!(notes, ["so it is for 3 columns and 1 user"]);
}

#[test]
fn what_is_said_does_not_depend_on_the_order_of_declarations() {
    let lines = [
        "subscription a: allow read,write; on T1 T2; to anyone",
        "subscription s: allow read; on s3://lake/t2/*; to contractors",
        "mask m: on EMAIL; using null",
        "mask n: on EMAIL; using hash; only for analysts",
        "filter f: on T1; only for empty",
        "guardrail g: require read; on T1; to anyone",
    ];
    let forwards = findings(&lines.join("\n"));
    let backwards = findings(&lines.iter().rev().copied().collect::<Vec<_>>().join("\n"));
    assert_eq!(forwards, backwards);
    assert!(forwards.len() >= 6, "{forwards:?}");
}
