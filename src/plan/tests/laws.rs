//! What always holds, by example.

use super::{Order, fake, plan, steps, with_side, world};
use crate::backend::Symbols;
use crate::inventory::integration::Scope;

fn check(desired: &str, observed: &str, expected: &[&str]) {
    assert_eq!(steps(desired, observed, false, Order::NeverWider), expected, "{observed} → {desired}");
}

#[test]
fn diff_with_self_is_empty() {
    let facts = "role R1\nread CUSTOMER R1\nmember R1 alice\npolicy P1 R1\nmask CUSTOMER.EMAIL P1";
    check(facts, facts, &[]);
    let plan = plan(facts, facts, Scope::Managed);
    assert!(!plan.has_changes() && plan.effects.gains.is_empty() && plan.effects.losses.is_empty());
}

#[test]
fn a_mask_stands_before_the_grant_and_goes_after_it() {
    let facts = "role R1\nread CUSTOMER R1\nmember R1 alice\npolicy P1 R2\nmask CUSTOMER.EMAIL P1";
    check(
        facts,
        "",
        &[
            "+ role R1",
            "+ policy P1 R2",
            "+ mask CUSTOMER.EMAIL P1",
            "+ read CUSTOMER R1",
            "+ member R1 alice",
        ],
    );
    check(
        "",
        facts,
        &[
            "- read CUSTOMER R1",
            "- member R1 alice",
            "- mask CUSTOMER.EMAIL P1",
            "- role R1",
            "- policy P1 R2",
        ],
    );
}

#[test]
fn managed_scope_touches_only_ours() {
    let foreign = "foreign read CUSTOMER R9\nforeign member R9 bob\nforeign filter SALES F2";
    check("", foreign, &[]);
    check("filter SALES F1", foreign, &["blocked filter SALES F1"]);
    let all = steps("", foreign, true, Order::NeverWider);
    assert_eq!(all, ["- read CUSTOMER R9", "- member R9 bob", "- filter SALES F2"]);
}

#[test]
fn what_is_left_alone_is_counted() {
    let (program, id) = world();
    let mut symbols = Symbols::default();
    let foreign = "foreign read CUSTOMER R9\nforeign filter SALES F2\nforeign filter CUSTOMER F2";
    let (lowered, seen) = fake::state("filter SALES F1\nfilter CUSTOMER F1", foreign, &mut symbols);
    let diff =
        with_side(program, *id, &lowered, &seen, &symbols, |side| crate::plan::diff::diff(side, false));
    assert_eq!((diff.unmanaged, diff.blocked.len(), diff.unchanged), (3, 2, 0));
}

#[test]
fn unknown_privileges_are_kept() {
    assert!(steps("", "foreign odd CUSTOMER R9", true, Order::NeverWider).is_empty());
}

#[test]
fn a_blocked_protection_withholds_the_grant() {
    // A foreign mask stands on the column: nobody new reads that table, others go on.
    check(
        "read CUSTOMER R1\nread SALES R2\nmember R1 alice\nmember R2 bob\npolicy P1 R3\nmask CUSTOMER.EMAIL P1",
        "foreign mask CUSTOMER.EMAIL P9",
        &[
            "+ policy P1 R3",
            "+ read SALES R2",
            "+ member R2 bob",
            "withheld + read CUSTOMER R1",
            "withheld + member R1 alice",
            "blocked mask CUSTOMER.EMAIL P1",
        ],
    );
    // New members wait also where the grant exists, and where they reach it through another role.
    check(
        "read CUSTOMER R1\nmember R1 R2\nmember R2 alice\nfilter CUSTOMER F1",
        "read CUSTOMER R1\nmember R1 R2\nforeign filter CUSTOMER F2",
        &["withheld + member R2 alice", "blocked filter CUSTOMER F1"],
    );
    // What goes, goes.
    check(
        "filter CUSTOMER F1",
        "read CUSTOMER R1\nforeign filter CUSTOMER F2",
        &["- read CUSTOMER R1", "blocked filter CUSTOMER F1"],
    );
}

#[test]
fn a_foreign_rival_blocks_and_ours_goes_when_the_other_way_stands() {
    let desired = "read CUSTOMER R1\ntag CUSTOMER.EMAIL V1";
    check(
        desired,
        "foreign mask CUSTOMER.EMAIL P9",
        &["withheld + read CUSTOMER R1", "blocked tag CUSTOMER.EMAIL V1"],
    );
    check(
        desired,
        "mask CUSTOMER.EMAIL P1",
        &["+ tag CUSTOMER.EMAIL V1", "+ read CUSTOMER R1", "- mask CUSTOMER.EMAIL P1"],
    );
}

#[test]
fn what_counts_late_is_waited_for_before_the_next_phase() {
    let desired = "read CUSTOMER R1\ntag CUSTOMER.EMAIL V1\ntag CUSTOMER.PHONE V1";
    let plan = super::plan(desired, "mask CUSTOMER.EMAIL P1", Scope::Managed);
    let changes = plan.integrations.values().flat_map(|part| &part.changes);
    let waits: Vec<(&str, Option<&str>)> =
        changes.map(|change| (change.id.as_str(), change.wait.as_deref())).collect();
    assert_eq!(
        waits,
        [
            ("tag CUSTOMER.EMAIL V1", None),
            ("tag CUSTOMER.PHONE V1", Some("a while")),
            ("read CUSTOMER R1", None),
            ("mask CUSTOMER.EMAIL P1", None),
        ]
    );
    let sql = crate::plan::render::sql::render(&plan);
    let place = |text: &str| sql.find(text).unwrap();
    assert!(place("CUSTOMER.PHONE V1;") < place("-- WAIT before going on: a while"), "{sql}");
    assert!(place("-- WAIT before going on: a while") < place("GRANT read CUSTOMER R1;"), "{sql}");
}

#[test]
fn nothing_leans_on_a_foreign_policy_of_our_name() {
    check(
        "read CUSTOMER R1\npolicy P2 R3\nmask CUSTOMER.EMAIL P2",
        "policy P1 R3\nmask CUSTOMER.EMAIL P1\nforeign policy P2 PUBLIC",
        // The old mask stays, and so does the policy that it needs.
        &[
            "withheld - policy P1 R3",
            "withheld ~ mask CUSTOMER.EMAIL P2",
            "withheld + read CUSTOMER R1",
            "blocked policy P2 R3",
        ],
    );
}

#[test]
fn a_foreign_role_of_our_name_gets_nothing() {
    check(
        "role R1\nread CUSTOMER R1\nread SALES R2\nmember R1 alice\nmember R2 R1",
        "foreign role R1 theirs",
        &[
            "+ read SALES R2",
            "withheld + read CUSTOMER R1",
            "withheld + member R1 alice",
            "withheld + member R2 R1",
            "blocked role R1",
        ],
    );
}

#[test]
fn giving_comes_first_only_where_nobody_has_more_half_way() {
    let narrow = |desired, observed| steps(desired, observed, false, Order::NeverNarrower);
    // The same user through another role: no moment without.
    assert_eq!(
        narrow("read CUSTOMER R1\nmember R1 alice", "read CUSTOMER R2\nmember R2 alice"),
        ["+ read CUSTOMER R1", "+ member R1 alice", "- read CUSTOMER R2", "- member R2 alice"]
    );
    // Alice leaves a role that is granted more: with both she would read what is meant for bob alone.
    assert_eq!(
        narrow("read CUSTOMER R1\nmember R1 bob", "read SALES R1\nmember R1 alice"),
        ["- read SALES R1", "- member R1 alice", "+ read CUSTOMER R1", "+ member R1 bob"]
    );
}

#[test]
fn a_policy_changes_only_behind_those_that_leave_it() {
    check(
        "policy P1 R3\npolicy P2 R2\nmask CUSTOMER.EMAIL P2\nmask CUSTOMER.PHONE P1",
        "policy P1 R1\npolicy P2 R2\nmask CUSTOMER.EMAIL P1\nmask CUSTOMER.PHONE P1",
        &["~ mask CUSTOMER.EMAIL P2", "~ policy P1 R3"],
    );
    // Two that trade places have no safe order.
    check(
        "policy P1 R3\npolicy P2 R4\npolicy P3 R4\nmask CUSTOMER.EMAIL P2\nmask CUSTOMER.PHONE P1",
        "policy P1 R1\npolicy P2 R2\npolicy P3 R1\nmask CUSTOMER.EMAIL P1\nmask CUSTOMER.PHONE P2",
        &["among them: policy P1 R3, policy P2 R4, mask CUSTOMER.EMAIL P2, mask CUSTOMER.PHONE P1"],
    );
}

#[test]
fn effects_are_what_facts_mean() {
    let plan = plan(
        "read CUSTOMER R1\nmember R1 alice\nmember R1 bob\npolicy P1 R2\nmask CUSTOMER.EMAIL P1\nfilter CUSTOMER own_region",
        "read CUSTOMER R1\nread SALES R1\nmember R1 bob\nmember R2 bob\npolicy P1 R2\nmask CUSTOMER.EMAIL P1",
        Scope::Managed,
    );
    let told = |effects: &[crate::plan::wire::Effect]| -> Vec<String> {
        let one = |each: &crate::plan::wire::Effect| {
            let filters = each.filters_lifted.iter().chain(&each.filters_added).flatten().cloned();
            let seen: Vec<String> = each.columns_clear.iter().cloned().chain(filters).collect();
            format!("{} {} {} {}", each.user, each.access_changes, each.object, seen.join(" "))
        };
        effects.iter().map(one).collect()
    };
    assert_eq!(told(&plan.effects.gains), ["alice true RETAIL.PUBLIC.CUSTOMER ACTIVE BORN COUNTRY ID PHONE"]);
    // Both tables named SALES: the fake names tables by their last part.
    assert_eq!(
        told(&plan.effects.losses),
        [
            "bob false RETAIL.PUBLIC.CUSTOMER EMAIL own_region",
            "bob true RETAIL.PUBLIC.SALES AMOUNT ID RAW REGION SOLD",
            "bob true RETAIL_EU.PUBLIC.SALES ID REGION",
        ]
    );
}

#[test]
fn bypasses_name_the_policy_and_the_way() {
    let plan = plan(
        "read CUSTOMER R1\nmember R1 alice\npolicy P1 R2\nmask CUSTOMER.EMAIL P1\nfilter CUSTOMER own_region",
        "foreign member R2 alice\nforeign read CUSTOMER R9\nforeign member R9 eve",
        Scope::Managed,
    );
    let told: Vec<String> = plan
        .bypasses
        .iter()
        .map(|each| format!("{} {} {} | {}", each.user, each.object, each.policy, each.native))
        .collect();
    assert_eq!(
        told,
        [
            "alice RETAIL.PUBLIC.CUSTOMER.EMAIL emails | the column is shown clear; read CUSTOMER R1",
            "eve RETAIL.PUBLIC.CUSTOMER readers | read CUSTOMER R9",
        ]
    );
}

#[test]
fn digest_changes_iff_facts_change() {
    let digest = |desired: &str, observed: &str| plan(desired, observed, Scope::Managed).digest;
    let base = digest("role R1\nread CUSTOMER R1", "role R1\nforeign role R2");
    assert_eq!(base, digest("read CUSTOMER R1\nrole R1", "foreign role R2\nrole R1"));
    for (desired, observed) in [
        ("role R1", "role R1\nforeign role R2"),
        ("role R1\nread CUSTOMER R1", "role R1\nrole R2"),
        ("role R1\nread CUSTOMER R1", "role R1\nforeign role R2 x"),
        ("role R1\nread CUSTOMER R1\nrole R2", "role R1"),
        ("role R1\nwrite CUSTOMER R1", "role R1\nforeign role R2"),
    ] {
        assert_ne!(base, digest(desired, observed), "{desired} / {observed}");
    }
    assert_ne!(
        base,
        plan("role R1\nread CUSTOMER R1", "role R1\nforeign role R2", Scope::Authoritative).digest
    );
}
