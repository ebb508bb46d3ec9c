//! How plans read, and that no text in them can break out of its place.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::plan;
use crate::inventory::integration::Scope;
use crate::plan::Plan;
use crate::plan::render::{Format, from_json, render, summary};
use crate::plan::wire::{Bypass, Effect, Effects, Gap, Integration, MayChange, WireBlocked, WireChange};

const FORMATS: [Format; 6] =
    [Format::Human, Format::Markdown, Format::Json, Format::Ndjson, Format::Sql, Format::Html];

/// A plan in which every text is the same.
fn filled(text: &str) -> Plan {
    let t = || text.to_owned();
    let change = |op: &str, native: String| WireChange {
        op: op.to_owned(),
        kind: "grant".to_owned(),
        id: t(),
        native,
        policy: vec![t()],
        step: 1,
        wait: Some(t()),
    };
    let effect = |gains: bool| Effect {
        user: t(),
        object: t(),
        integration: t(),
        access: "read".to_owned(),
        access_changes: false,
        columns_clear: vec![t()],
        filters_lifted: gains.then(|| vec![t()]),
        filters_added: (!gains).then(|| vec![t()]),
    };
    Plan {
        schema_version: 1,
        at: "2026-06-01T00:00:00Z".to_owned(),
        integrations: BTreeMap::from([(
            t(),
            Integration {
                platform: "Snowflake".to_owned(),
                changes: vec![
                    change("add", "GRANT SELECT ON T TO ROLE R".to_owned()),
                    change("remove", format!("Request {text}")),
                ],
                unmanaged: 1,
                unchanged: 2,
                blocked: vec![WireBlocked {
                    kind: "mask_attachment".to_owned(),
                    id: t(),
                    foreign: t(),
                    policy: vec![t()],
                }],
                withheld: vec![change("add", format!("GRANT {text}"))],
                from_nothing: true,
                open: true,
            },
        )]),
        bypasses: vec![Bypass {
            user: t(),
            object: t(),
            integration: t(),
            access: "read".to_owned(),
            policy: t(),
            native: t(),
        }],
        effects: Effects {
            gains: vec![effect(true)],
            losses: vec![effect(false)],
            may_change: vec![MayChange { policy: t(), integration: t(), changes: 2 }],
        },
        gaps: vec![Gap {
            policy: t(),
            integration: t(),
            code: "overlap".to_owned(),
            message: t(),
            object: t(),
        }],
        next_change: Some("2027-01-01T00:00:00Z".to_owned()),
        digest: "sha256:00".to_owned(),
    }
}

#[test]
fn a_plan_reads_as_one_would_say_it() {
    let plan = plan(
        "role R1\nread CUSTOMER R1\nmember R1 alice\npolicy P1 R2\nmask CUSTOMER.EMAIL P1\nfilter CUSTOMER own_region",
        "read CUSTOMER R1\nwrite SALES R1\nmember R1 bob\nforeign read CUSTOMER R9\nforeign member R9 eve",
        Scope::Managed,
    );
    let expected = "\
BYPASSED: 1 person has more than the policies say, even after this plan
  ! eve  read on RETAIL.PUBLIC.CUSTOMER  (past readers, on sf)
      through read CUSTOMER R9

sf (Snowflake): 5 to add, 0 to replace, 2 to remove; 1 as they should be, 2 of others left alone
  grants
    - write SALES R1  readers, own_region
  mask attachments
    + mask CUSTOMER.EMAIL P1  readers, own_region
  masking policies
    + policy P1 R2  readers, own_region
  memberships
    - member R1 bob    readers, own_region
    + member R1 alice  readers, own_region
  roles
    + role R1  readers, own_region
  row attachments
    + filter CUSTOMER own_region  readers, own_region

Who gains
  + alice  gains read on RETAIL.PUBLIC.CUSTOMER  (clear: ACTIVE, BORN, COUNTRY, ID, PHONE)  sf

Who loses
  - bob  loses read on RETAIL.PUBLIC.CUSTOMER  sf
  - bob  loses write on RETAIL.PUBLIC.SALES, RETAIL_EU.PUBLIC.SALES  sf
  - eve  no longer sees clear text of RETAIL.PUBLIC.CUSTOMER: EMAIL; no longer sees the rows of RETAIL.PUBLIC.CUSTOMER that own_region hides  sf

Plan: 5 to add, 0 to replace, 2 to remove on 1 integration; 1 person gains, 2 lose
";
    assert_eq!(render(&plan, Format::Human, false), expected);
}

#[test]
fn nothing_to_do_is_said_plainly() {
    let plan = plan("role R1", "role R1", Scope::Managed);
    assert_eq!(summary(&plan), "In sync: nothing to do, 1 fact is as it should be on 1 integration");
    for format in [Format::Human, Format::Markdown, Format::Sql, Format::Html] {
        assert!(render(&plan, format, false).contains("In sync: nothing to do"), "{format:?}");
    }
}

#[test]
fn many_who_share_all_of_it_are_one_line() {
    let mut plan = filled("x");
    let one = plan.effects.gains[0].clone();
    let effect = |user: usize, object: usize| Effect {
        user: format!("u{user:03}@acme.example"),
        object: format!("DB.S.T{object:02}"),
        access_changes: true,
        columns_clear: Vec::new(),
        filters_lifted: Some(Vec::new()),
        ..one.clone()
    };
    plan.effects.gains = (0..50)
        .flat_map(|user| (0..5).map(move |object| (user, object)))
        .map(|(u, o)| effect(u, o))
        .collect();
    let text = render(&plan, Format::Human, false);
    let line = "  + 50 people (u000@acme.example, u001@acme.example, u002@acme.example … and 47 more)  gain read on 5 securables (DB.S.T00, DB.S.T01, DB.S.T02 … and 2 more)  x";
    assert!(text.contains(line), "{text}");
    // Each user another table: twenty lines, the rest as a number.
    plan.effects.gains = (0..50).map(|user| effect(user, user)).collect();
    let text = render(&plan, Format::Human, false);
    assert!(text.contains("  … and 30 more: `--format json` lists all"), "{text}");
}

#[test]
fn equal_gaps_are_counted() {
    let mut plan = filled("x");
    plan.gaps = (0..7).map(|at| Gap { object: format!("T{at}"), ..plan.gaps[0].clone() }).collect();
    let text = render(&plan, Format::Human, false);
    assert!(text.contains("  [overlap] x: x (7 times)\n      x on T0, T1, T2 … and 4 more\n"), "{text}");
}

#[test]
fn colours_only_when_asked() {
    let plan = filled("x");
    assert!(render(&plan, Format::Human, true).contains("\u{1b}["));
    for format in FORMATS {
        assert!(!render(&plan, format, false).contains('\u{1b}'), "{format:?}");
    }
}

#[test]
fn statements_run_and_all_else_is_a_comment() {
    let sql = render(&filled("a\nDROP ROLE R; --\u{2028}b"), Format::Sql, false);
    let code: Vec<&str> = sql.lines().filter(|line| !line.is_empty() && !line.starts_with("-- ")).collect();
    assert_eq!(code, ["GRANT SELECT ON T TO ROLE R;"], "{sql}");
}

#[test]
fn lines_say_what_they_are() {
    let text = render(&filled("x"), Format::Ndjson, false);
    let values: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = values.iter().map(|value| value["kind"].as_str().unwrap()).collect();
    let expected =
        ["plan", "change", "change", "blocked", "withheld", "bypass", "gain", "loss", "may_change", "gap"];
    assert_eq!(kinds, expected);
    assert_eq!(values[0]["schema_version"], 1);
    assert_eq!(values[1]["change"]["kind"], "grant");
}

#[test]
fn only_plans_of_this_version_are_read() {
    let text = render(&filled("x"), Format::Json, false);
    let with = |from: &str, to: &str| from_json(&text.replacen(from, to, 1));
    assert_eq!(from_json(&text), Ok(filled("x")));
    assert_eq!(with("\"at\"", "\"new_field\": [1], \"at\""), Ok(filled("x")));
    assert!(with("\"schema_version\": 1", "\"schema_version\": 2").unwrap_err().contains("schema_version 2"));
    assert!(with("\"schema_version\": 1,", "").unwrap_err().contains("no schema_version"));
    assert!(with("\"digest\"", "\"other\"").is_err());
    assert!(from_json("[1]").is_err() && from_json("").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn no_text_breaks_out(text in "(\\PC|[\\x00-\\x1f`<>&\"'\\-\u{202e}\u{200b}\u{2028}\u{85}]){1,24}") {
        let plan = filled(&text);
        prop_assert_eq!(&from_json(&render(&plan, Format::Json, false)).unwrap(), &plan);
        let hidden = |text: &str| {
            text.chars().any(|c| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}' | '\u{2028}')))
        };
        for format in [Format::Human, Format::Markdown, Format::Sql, Format::Html] {
            prop_assert!(!hidden(&render(&plan, format, false)), "{:?}", format);
        }
        // As many lines and tags as with a harmless text.
        let harmless = filled("x");
        for format in [Format::Human, Format::Markdown] {
            let lines = |plan| render(plan, format, false).lines().count();
            prop_assert_eq!(lines(&plan), lines(&harmless), "{:?}", format);
        }
        let tags = |plan| render(plan, Format::Html, false).chars().filter(|c| matches!(c, '<' | '>' | '"')).count();
        prop_assert_eq!(tags(&plan), tags(&harmless));
        let sql = render(&plan, Format::Sql, false);
        prop_assert!(sql.lines().all(|line| line.is_empty() || line.starts_with("-- ") || line == "GRANT SELECT ON T TO ROLE R;"), "{}", sql);
        prop_assert_eq!(render(&plan, Format::Ndjson, false).lines().count(), 10);
    }
}
