//! What lowering to S3 means, on small worlds written as text, and the laws on random ones.
//!
//! These tests cannot show how AWS itself composes `GrantScope` or matches GetDataAccess: they hold our reading of its
//! documentation against the reference semantics.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::S3;
use crate::backend::state::Reading;
use crate::backend::{
    Artefact, Backend, Change, Lowered, Lowering, Observed, Op, Phase, StateFolder, Symbols,
};
use crate::diagnostic::{Code, Diagnostics};
use crate::ids::{Id, IdVec};
use crate::inventory::catalog::{DataSource, SecurableSet};
use crate::inventory::directory::{Access, Group, User};
use crate::inventory::integration::{GrantMode, Scope, Strategy as HoldBy};
use crate::inventory::{
    Accounts, DataSourceId, Instant, Integration, IntegrationId, Inventory, Platform, Securable,
};
use crate::ir::policy::AccessSet;
use crate::ir::{
    Combine, Condition, Guardrail, Meaning, PolicyHead, Program, Subscription, SubscriptionId, Window,
};
use crate::prefix::Prefix;
use crate::source::{Place, Sources};

const ROLE: &str = "arn:aws:iam::123456789012:role/";
const UUID: &str = "00000000-0000-0000-0000-0000000000";

/// `iam` and `dir7` for accounts, any other text for itself.
fn account(word: &str, id: &str) -> String {
    match word.strip_prefix("dir").filter(|digits| digits.len() == 2) {
        Some(digits) => format!("{UUID}{digits}"),
        None if word == "iam" => format!("{ROLE}{id}"),
        None => word.to_owned(),
    }
}

fn short(text: &str) -> String {
    text.replace(&format!("DIRECTORY_USER {UUID}"), "dir")
        .replace(&format!("DIRECTORY_GROUP {UUID}"), "group")
        .replace("IAM ", "")
        .replace(ROLE, "")
        .replace(UUID, "dir")
}

/// A world, one thing a line:
/// `user ID ACCOUNT` · `group ID ACCOUNT MEMBER…` · `data PREFIX` · `set KEY VALUE` ·
/// `allow NAME ACCESS PREFIX… to USER…` · `need NAME ACCESS PREFIX… to USER…` (`all` for everyone). `_` is a blank.
fn world(text: &str) -> Program {
    let mut sources = Sources::default();
    let file = sources.add("world", "");
    let place = Place::File(file);
    let here = IntegrationId::from_raw(0);
    let lines: Vec<Vec<String>> = text
        .lines()
        .map(|line| line.split_whitespace().map(|word| word.replace('_', " ")).collect::<Vec<_>>())
        .filter(|words| !words.is_empty())
        .collect();
    let of = |kind: &str| -> Vec<Vec<String>> {
        let mut found: Vec<Vec<String>> =
            lines.iter().filter(|words| words[0] == kind).map(|words| words[1..].to_vec()).collect();
        found.sort();
        found
    };
    let mut inventory = Inventory::default();
    let mut config = serde_json::json!({
        "awsAccountId": "123456789012", "awsRegion": "eu-central-1", "awsLocationRole": format!("{ROLE}location"),
    });
    let mut lake = Integration {
        name: "lake".into(),
        platform: Platform::S3,
        config: serde_json::Value::Null,
        scope: Scope::Managed,
        user_template: None,
        group_template: None,
        strategy: HoldBy::Auto,
        name_prefix: "GRANTC".into(),
        groups_trusted: false,
        mode: GrantMode::Exact,
        grants_quota: None,
        place,
    };
    for words in of("set") {
        match words[0].as_str() {
            "trusted" => lake.groups_trusted = true,
            "minimal" => lake.mode = GrantMode::Minimal,
            "users" => lake.strategy = HoldBy::Users,
            "quota" => lake.grants_quota = Some(words[1].parse().unwrap()),
            "norole" => {
                config.as_object_mut().unwrap().remove("awsLocationRole");
            }
            "path" => config["awsLocationPath"] = words[1].as_str().into(),
            other => panic!("{other}"),
        }
    }
    lake.config = config;
    inventory.integrations.push(lake);
    let directory = &mut inventory.directory;
    for words in of("user") {
        let id = directory.users.push(User { id: words[0].clone(), place });
        if words[1] != "none" {
            directory.user_accounts.insert((id, here), account(&words[1], &words[0]));
        }
    }
    for words in of("group") {
        let members = words[2..].iter().map(|member| directory.user(member).unwrap().raw()).collect();
        let id = directory.groups.push(Group { id: words[0].clone(), subgroups: Vec::new(), members, place });
        if words[1] != "none" {
            directory.group_accounts.insert((id, here), account(&words[1], &words[0]));
        }
    }
    let mut prefixes: Vec<Prefix> =
        of("data").into_iter().map(|words| Prefix::parse_policy(&words[0]).unwrap()).collect();
    prefixes.sort();
    prefixes.dedup();
    for prefix in &prefixes {
        inventory.catalog.data_sources.push(DataSource {
            integration: here,
            prefix: prefix.clone(),
            name: None,
            tags: Vec::new(),
            place,
        });
        inventory.catalog.covering.push(Vec::new());
    }
    let mut program = Program {
        inventory,
        at: Instant(0),
        conditions: Default::default(),
        subscriptions: IdVec::<SubscriptionId, _>::new(),
        guardrails: IdVec::new(),
        masks: IdVec::new(),
        filters: IdVec::new(),
        tests: Vec::new(),
    };
    for kind in ["allow", "need"] {
        for words in of(kind) {
            let to_at = words.iter().position(|word| word == "to").unwrap();
            let access = AccessSet { read: words[1].contains("read"), write: words[1].contains("write") };
            let mut on = SecurableSet::default();
            for word in &words[2..to_at] {
                let at = prefixes.iter().position(|prefix| prefix.to_string() == *word).unwrap();
                on.data_sources.insert(at as u32);
            }
            let users = &words[to_at + 1..];
            let directory = &program.inventory.directory;
            let condition = if users == ["all"] {
                Condition::Anyone
            } else {
                let mut ids: Vec<_> = users.iter().map(|user| directory.user(user).unwrap()).collect();
                ids.sort();
                Condition::Users(ids)
            };
            let to = program.conditions.intern(condition);
            let head = PolicyHead {
                name: words[0].clone(),
                description: None,
                name_span: file.span(0, 0),
                span: file.span(0, 0),
                window: Window::default(),
            };
            if kind == "allow" {
                program.subscriptions.push(Subscription {
                    head,
                    allow: access,
                    on,
                    to,
                    combine: Combine::Any,
                });
            } else {
                program.guardrails.push(Guardrail { head, require: access, on, to });
            }
        }
    }
    program
}

struct Lowering1 {
    lowered: Option<Lowered>,
    symbols: Symbols,
    diagnostics: Diagnostics,
    accounts: Accounts,
}

fn lower(program: &Program) -> Lowering1 {
    let meaning = Meaning::new(program);
    let here = IntegrationId::from_raw(0);
    let accounts = Accounts::of(&program.inventory, here);
    let (mut symbols, mut diagnostics) = (Symbols::default(), Diagnostics::new());
    let lowering =
        Lowering { program, meaning: &meaning, integration: here, accounts: &accounts, salted: false };
    let lowered = S3.lower(&lowering, &mut symbols, &mut diagnostics).ok();
    Lowering1 { lowered, symbols, diagnostics, accounts }
}

fn shown(done: &Lowering1) -> String {
    let mut lines: Vec<String> = Vec::new();
    if let Some(lowered) = &done.lowered {
        let text = |symbol| done.symbols.text(symbol);
        for fact in &lowered.facts {
            let key = fact.key;
            lines.push(match key.kind.word() {
                "grant" => format!(
                    "{} {} {} ({})",
                    text(key.privilege),
                    text(key.object),
                    short(text(key.grantee)),
                    text(fact.policies)
                ),
                kind => format!("{kind} {} {}", text(key.object), short(text(fact.body))),
            });
        }
        lines.extend(
            lowered
                .gaps
                .iter()
                .map(|gap| format!("{} {} {}: {}", gap.code.name(), gap.policy, gap.object, gap.message)),
        );
    }
    lines.extend(done.diagnostics.iter().map(|each| {
        let more: Vec<&str> = each.notes.iter().chain(&each.help).map(String::as_str).collect();
        format!("{}: {} | {}", each.code.name(), each.message, more.join(" | "))
    }));
    lines.join("\n")
}

/// What a world becomes, less the location `s3://`.
#[track_caller]
fn check(text: &str, expected: &str) {
    let program = world(text);
    let found = shown(&lower(&program));
    let found: Vec<&str> = found.lines().filter(|line| *line != "location s3:// location").collect();
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(found.join("\n"), expected.join("\n"));
    laws(&program);
}

fn folder(artefacts: &[Artefact]) -> StateFolder {
    let files = artefacts.iter().map(|each| (each.path.clone(), each.bytes.clone())).collect();
    StateFolder { name: "state/lake".into(), files: Some(files) }
}

fn observe(program: &Program, folder: &StateFolder, symbols: &mut Symbols) -> Result<Observed, String> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
    let reading = Reading { folder, sources: &mut sources, diagnostics: &mut diagnostics };
    let found = S3.observe(&program.inventory, IntegrationId::from_raw(0), reading, None, symbols);
    let told = diagnostics
        .iter()
        .map(|each| {
            let label = each.labels.first().map(|label| label.text.as_str()).unwrap_or_default();
            format!("{}: {} ({label})", each.code.name(), each.message)
        })
        .collect::<Vec<_>>()
        .join("\n");
    match found {
        Ok(observed) if told.is_empty() => Ok(observed),
        _ => Err(told),
    }
}

/// data source and access → accounts, by the facts.
fn permitted(program: &Program, done: &Lowering1) -> BTreeMap<(String, &'static str), Vec<String>> {
    let here = IntegrationId::from_raw(0);
    let facts = &done.lowered.as_ref().unwrap().facts;
    let permits = S3.permits(&program.inventory, here, facts, &done.symbols, &done.accounts);
    let mut all = BTreeMap::new();
    for (id, source) in program.inventory.catalog.data_sources.iter() {
        for access in Access::ALL {
            let securable = Securable::DataSource(id);
            let names: Vec<String> = permits
                .may(securable, access)
                .iter()
                .map(|at| permits.accounts()[at as usize].clone())
                .collect();
            for name in &names {
                assert!(!permits.through(name, securable, access).is_empty());
            }
            assert!(permits.partly(securable, access).is_empty(), "lowering grants whole data sources");
            all.insert((source.prefix.to_string(), access.word()), names);
        }
    }
    all
}

/// Laws 1 and 3, and that both modes permit the same.
fn laws(program: &Program) {
    let done = lower(program);
    let Some(lowered) = &done.lowered else { return };
    let meaning = Meaning::new(program);
    let here = IntegrationId::from_raw(0);
    let permitted_now = permitted(program, &done);
    for (id, source) in program.inventory.catalog.data_sources.iter() {
        for access in Access::ALL {
            let may = done.accounts.within(&meaning.may(Securable::DataSource(id), access));
            let expected: Vec<String> =
                may.iter().map(|raw| done.accounts.accounts[Id::from_raw(raw)].name.clone()).collect();
            let object = source.prefix.to_string();
            let found = &permitted_now[&(object.clone(), access.word())];
            for name in found {
                assert!(expected.contains(name), "{name} gets {} of {object} and may not", access.word());
            }
            if !lowered.gaps.iter().any(|gap| gap.object == object) {
                assert_eq!(*found, expected, "no gap says why {} of {object} differs", access.word());
            }
        }
    }

    let mut symbols = done.symbols.clone();
    let state = S3.state(&program.inventory, here, &lowered.facts, &symbols, None);
    let observed = observe(program, &folder(&state), &mut symbols).unwrap();
    assert_eq!(observed.ours, lowered.facts, "observe(state(desired)) = desired");
    let same_policies = |(left, right): (&crate::backend::Fact, &crate::backend::Fact)| {
        left.policies == right.policies || left.key.kind == crate::backend::FactKind::Location
    };
    assert!(observed.ours.iter().zip(&lowered.facts).all(same_policies), "the mark names the policies");
    assert!(observed.present && !observed.open);

    for artefact in S3.emit(&program.inventory, here, &lowered.facts, &symbols, None) {
        let bodies: Vec<serde_json::Value> = serde_json::from_slice(&artefact.bytes).unwrap();
        let kind = if artefact.path == "locations.json" { "location" } else { "grant" };
        let facts = lowered.facts.iter().filter(|fact| fact.key.kind.word() == kind).count();
        assert_eq!(bodies.len(), facts, "one request for each fact");
    }

    let mut other = program.clone();
    let settings = &mut other.inventory.integrations[here];
    settings.mode = match settings.mode {
        GrantMode::Exact => GrantMode::Minimal,
        GrantMode::Minimal => GrantMode::Exact,
    };
    let other_done = lower(&other);
    if other_done.lowered.is_some() {
        assert_eq!(permitted_now, permitted(&other, &other_done), "both modes permit the same");
    }
}

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
    let exact = shown(&lower(&crate::backend::s3::tests::world(world)));
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
    let change = |op, fact: &crate::backend::Fact| Change { op, fact: *fact, before: None };
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

const EMPTY: &str = "user alice iam\nuser bob dir02\ngroup g dir51 bob\ndata s3://lake/*\ndata s3://lake/a*";

/// What an export means: facts (`*` ours, `?` not understood), or what is said.
#[track_caller]
fn check_export(settings: &str, grants: &str, locations: &str, tags: Option<&str>, expected: &str) {
    let program = world(&format!("{EMPTY}\n{settings}"));
    let mut files =
        vec![("list_access_grants.json", grants), ("list_access_grants_locations.json", locations)];
    files.extend(tags.map(|tags| ("tags.ndjson", tags)));
    files.retain(|(_, text)| *text != "absent");
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect();
    let folder = StateFolder { name: "state/lake".into(), files: Some(files) };
    let mut symbols = Symbols::default();
    let found = match observe(&program, &folder, &mut symbols) {
        Err(told) => told,
        Ok(observed) => {
            let line = |mark: &str, fact: &crate::backend::Fact| {
                let text = |symbol| symbols.text(symbol);
                let unknown = if S3.understood(fact, &symbols) { "" } else { "?" };
                let key = fact.key;
                let words =
                    [text(key.privilege).to_owned(), text(key.object).to_owned(), short(text(key.grantee))];
                format!("{mark}{unknown}{}", words.join(" ").trim())
            };
            let ours = observed.ours.iter().map(|fact| line("*", fact));
            let foreign = observed.foreign.iter().map(|fact| line("", fact));
            ours.chain(foreign).collect::<Vec<_>>().join("\n")
        }
    };
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(found, expected.join("\n"));
}

fn grant(id: &str, scope: &str, permission: &str, more: &str) -> String {
    format!(
        r#"{{"CreatedAt":"2026-01-01","AccessGrantId":"{id}","AccessGrantArn":"arn/{id}","Grantee":{{"GranteeType":"IAM","GranteeIdentifier":"{ROLE}alice"}},"Permission":"{permission}","AccessGrantsLocationId":"default","AccessGrantsLocationConfiguration":{{"S3SubPrefix":"x"}},"GrantScope":"{scope}"{more}}}"#
    )
}

const DEFAULT: &str = r#"{"AccessGrantsLocationsList":[{"AccessGrantsLocationId":"default","AccessGrantsLocationArn":"arn/location","LocationScope":"s3://","IAMRoleArn":"arn:aws:iam::123456789012:role/location","New":{"x":1}}]}"#;

#[test]
fn pages_come_in_every_shape() {
    let (one, two) = (grant("1", "s3://lake/*", "READ", ""), grant("2", "s3://lake/a*", "WRITE", ""));
    let page = |entries: &str, more: &str| format!(r#"{{"AccessGrantsList":[{entries}]{more}}}"#);
    let first = page(&one, r#","NextToken":"t""#);
    let last = page(&two, "");
    let expected = "s3://\nREAD s3://lake/* alice\nWRITE s3://lake/a* alice";
    for text in [
        page(&format!("{one},{two}"), r#","NextToken":null,"Other":[1]"#),
        format!("{first}{last}"),
        format!("{first}\n{last}\n"),
        format!("[{first},{last}]"),
        format!("[{one},{two}]"),
        format!("{one}\n{two}\n"),
        format!("\u{feff}[{one},{two}]"),
        format!("{first}{}", page(&format!("{one},{two}"), "")),
    ] {
        check_export("", &text, DEFAULT, None, expected);
    }
    let broken = "bad-state: `state/lake/list_access_grants.json` cannot be read";
    check_export(
        "",
        &last.replace("}]}", "}]"),
        DEFAULT,
        None,
        &format!("{broken} (EOF while parsing an object at line 1 column {})", last.len() - 1),
    );
    check_export(
        "",
        &format!("{last}{first}"),
        DEFAULT,
        None,
        &format!("{broken} (the last page says `NextToken`: the list is not complete)"),
    );
    check_export("", "", DEFAULT, None, &format!("{broken} (the file is empty)"));
    check_export(
        "",
        r#"{"Grants":[]}"#,
        DEFAULT,
        None,
        &format!("{broken} (document 1 is neither a page nor an entry of the list)"),
    );
    check_export("", "[]", DEFAULT, None, "s3://");
}

#[test]
fn scopes_come_in_every_shape() {
    let scope = |printed: &str, expected: &str| {
        check_export("", &grant("1", printed, "READ", ""), DEFAULT, None, &format!("s3://\n{expected}"));
    };
    scope("s3://lake*", "READ s3://lake/* alice");
    scope("s3://lake/*", "READ s3://lake/* alice");
    scope("s3://lake", "READ s3://lake/* alice");
    scope("s3://lake/", "READ s3://lake/* alice");
    scope("s3://lake/p*", "READ s3://lake/p* alice");
    scope("s3://lake/p/*", "READ s3://lake/p/* alice");
    scope("s3://lake/p", "READ s3://lake/p alice");
    scope("s3://My_Bucket/p", "READ s3://My_Bucket/p alice");
    scope("s3://lake/p*q", "?READ s3://lake/p*q alice");
    scope("s3://lake/p?", "?READ s3://lake/p? alice");
    scope("s3://lake/${aws:username}/*", "?READ s3://lake/${aws:username}/* alice");
    scope("s3://*", "?READ s3://* alice");
}

#[test]
fn grants_without_a_subprefix_are_their_whole_location() {
    let locations = r#"[{"AccessGrantsLocationId":"l1","LocationScope":"s3://lake/p","IAMRoleArn":"r"}]"#;
    for (scope, subprefix, expected) in [
        ("s3://lake/p", r#"{"S3SubPrefix":""}"#, "READ in s3://lake/p s3://lake/p* alice"),
        ("s3://lake/p", "null", "READ in s3://lake/p s3://lake/p* alice"),
        ("s3://lake/p*", "{}", "READ in s3://lake/p s3://lake/p* alice"),
        ("", "{}", "READ in s3://lake/p s3://lake/p* alice"),
        ("s3://lake/p/q", r#"{"S3SubPrefix":"/q"}"#, "READ in s3://lake/p s3://lake/p/q alice"),
    ] {
        let text = grant("1", scope, "READ", "")
            .replace(r#"{"S3SubPrefix":"x"}"#, subprefix)
            .replace("\"default\"", "\"l1\"");
        check_export("", &text, locations, None, &format!("s3://lake/p\n{expected}"));
    }
}

#[test]
fn what_is_tagged_is_ours_unless_we_do_not_understand_it() {
    let grants = [
        grant("1", "s3://lake/*", "READ", ""),
        grant("2", "s3://lake/a*", "READ", ""),
        grant("3", "s3://lake/p*q", "READ", ""),
        grant("4", "s3://lake/b", "LIST", ""),
    ]
    .join("\n");
    let tags = "{\"arn\":\"arn/1\",\"tags\":[{\"Key\":\"grantc\",\"Value\":\"r w\"},{\"Key\":\"team\",\"Value\":\"x\"}]}
        {\"arn\":\"arn/2\",\"tags\":{\"team\":\"x\"}}\n{\"arn\":\"arn/3\",\"tags\":{\"grantc\":\"\"}}\n{\"arn\":\"arn/4\",\"tags\":{\"grantc\":\"\"}}\n{\"arn\":\"arn/location\",\"tags\":{\"grantc\":\"\"}}";
    let ours = "*s3://\n*READ s3://lake/* alice\nREAD s3://lake/a* alice\n?LIST s3://lake/b alice\n?READ s3://lake/p*q alice";
    check_export("", &grants, DEFAULT, Some(tags), ours);
    // Nobody told us the role of our location: it is nothing to plan for.
    let location = "*READ s3://lake/* alice\nREAD s3://lake/a* alice\n?LIST s3://lake/b alice\n?READ s3://lake/p*q alice";
    check_export("set norole", &grants, DEFAULT, Some(tags), location);
    let foreign = "s3://\nREAD s3://lake/* alice\nREAD s3://lake/a* alice\n?LIST s3://lake/b alice\n?READ s3://lake/p*q alice";
    check_export("", &grants, DEFAULT, None, foreign);
    check_export("", &grants, DEFAULT, Some(""), foreign);
}

#[test]
fn a_location_of_ours_that_others_use_is_theirs() {
    let tags = r#"{"arn":"arn/location","tags":{"grantc":""}}"#;
    let path = "set path s3://lake/";
    check_export(path, "[]", DEFAULT, Some(tags), "*s3://");
    check_export(
        path,
        &grant("1", "s3://lake/*", "READ", ""),
        DEFAULT,
        Some(tags),
        "s3://\nREAD in s3:// s3://lake/* alice",
    );
}

#[test]
fn applications_make_another_grant_unless_all_are_meant() {
    let none = "s3://\nREAD s3://lake/* alice";
    for more in ["", r#","ApplicationArn":"""#, r#","ApplicationArn":"ALL""#, r#","ApplicationArn":"NA""#] {
        check_export("", &grant("1", "s3://lake/*", "READ", more), DEFAULT, None, none);
    }
    let app = r#","ApplicationArn":"arn:aws:sso::1:application/a""#;
    let both = [grant("1", "s3://lake/*", "READ", ""), grant("2", "s3://lake/*", "READ", app)].join("");
    let expected = format!("{none}\nREAD s3://lake/* alice through arn:aws:sso::1:application/a");
    check_export("", &both, DEFAULT, None, &expected);
}

#[test]
fn two_grants_never_share_a_key_in_silence() {
    let two =
        |left: &str, right: &str| [grant("1", left, "READ", ""), grant("2", right, "READ", "")].join("");
    let both = "s3://\nREAD s3://lake* alice\nREAD s3://lake/* alice";
    check_export("", &two("s3://lake*", "s3://lake/*"), DEFAULT, None, both);
    check_export("", &two("s3://lake/*", "s3://lake*"), DEFAULT, None, both);
    let tags = r#"{"arn":"arn/1","tags":{"grantc":""}}"#;
    let ours = "*READ s3://lake/* alice\ns3://\nREAD s3://lake/ alice";
    check_export("", &two("s3://lake*", "s3://lake/"), DEFAULT, Some(tags), ours);
    check_export(
        "",
        &two("s3://lake/x", "s3://lake/x"),
        DEFAULT,
        None,
        &format!(
            "bad-state: two grants are alike: READ on `s3://lake/x` to `IAM {ROLE}alice`; the first is taken (listed here)"
        ),
    );
}

#[test]
fn a_partly_filled_folder_is_an_error() {
    let lacks =
        |have: &str, missing: &str| format!("bad-state: `state/lake` has {have}: `{missing}` is missing ()");
    let (grants, locations) = ("list_access_grants.json", "list_access_grants_locations.json");
    check_export("", "absent", DEFAULT, None, &lacks(&format!("only `{locations}`"), grants));
    check_export("", "[]", "absent", None, &lacks(&format!("only `{grants}`"), locations));
    check_export(
        "",
        "absent",
        "absent",
        Some(""),
        &lacks("neither list", &format!("{grants}` and `{locations}")),
    );
    check_export(
        "",
        &grant("1", "s3://lake/*", "READ", ""),
        "[]",
        None,
        "bad-state: a grant stands in the location `default`, which is not in `list_access_grants_locations.json` (in this list)",
    );
    let program = world(EMPTY);
    let absent = StateFolder { name: "state/lake".into(), files: None };
    assert!(!observe(&program, &absent, &mut Symbols::default()).unwrap().present);
}

#[test]
fn foreign_grants_count_for_all_whom_they_reach() {
    let program = world(EMPTY);
    let directory = |kind: &str, id: &str, scope: &str, permission: &str| {
        grant(&format!("{kind}{id}{scope}"), scope, permission, "")
            .replace("\"IAM\"", &format!("\"{kind}\""))
            .replace(&format!("{ROLE}alice"), id)
    };
    let grants = [
        directory("DIRECTORY_GROUP", &format!("{UUID}51").to_uppercase(), "s3://lake*", "READ"),
        directory("DIRECTORY_GROUP", &format!("{UUID}99"), "s3://lake/a*", "WRITE"),
        directory("DIRECTORY_USER", &format!("{UUID}02"), "s3://lake/a/b/*", "WRITE"),
        grant("1", "s3://lake/a*", "READ", r#","ApplicationArn":"arn:aws:sso::1:application/a""#),
        grant("2", "s3://lake/zz*", "READWRITE", ""),
        grant("3", "s3://lake/*", "WRITE", ""),
        grant("4", "s3://lake/a*b", "READWRITE", ""),
    ]
    .join("\n");
    let files =
        [("list_access_grants.json", grants.as_str()), ("list_access_grants_locations.json", DEFAULT)];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect();
    let folder = StateFolder { name: "state/lake".into(), files: Some(files) };
    let mut symbols = Symbols::default();
    let observed = observe(&program, &folder, &mut symbols).unwrap();
    let here = IntegrationId::from_raw(0);
    let accounts = Accounts::of(&program.inventory, here);
    let permits = S3.permits(&program.inventory, here, &observed.foreign, &symbols, &accounts);
    let names = |set: roaring::RoaringBitmap| {
        set.iter().map(|at| short(&permits.accounts()[at as usize])).collect::<Vec<_>>().join(", ")
    };
    let [lake, inner] = [0, 1].map(|raw| Securable::DataSource(DataSourceId::from_raw(raw)));
    assert_eq!(names(permits.may(lake, Access::Read)), "dir02");
    assert_eq!(names(permits.may(lake, Access::Write)), "alice");
    assert_eq!(names(permits.partly(lake, Access::Read)), "alice");
    assert_eq!(names(permits.may(inner, Access::Read)), "dir02, alice");
    assert_eq!(names(permits.may(inner, Access::Write)), "group99, alice");
    assert_eq!(names(permits.partly(inner, Access::Write)), "dir02");
    assert_eq!(
        permits.through(&format!("{ROLE}alice"), inner, Access::Read),
        [format!("READ on s3://lake/a* to IAM {ROLE}alice through arn:aws:sso::1:application/a")]
    );
    assert!(permits.through("nobody", lake, Access::Read).is_empty());
}

#[test]
fn codes_are_stable() {
    assert_eq!([Code::PlatformLimit.name(), Code::BadState.name()], ["platform-limit", "bad-state"]);
}

fn random_world() -> impl Strategy<Value = String> {
    let keys = ["*", "a*", "a/*", "a", "ab*", "ab", "a/b*", "b*", "é*"];
    let users = ["u1", "u2", "u3", "u4"];
    let accounts = ["iam", "dir01", "dir02", "dir03", "none", "odd"];
    let pick = |of: &'static [&'static str]| proptest::sample::subsequence(of, 1..=of.len());
    let access = proptest::sample::select(vec!["read", "write", "read,write"]);
    let policy = (any::<bool>(), access, any::<u16>(), pick(Box::leak(Box::new(users))));
    (
        pick(Box::leak(Box::new(keys))),
        proptest::collection::vec(proptest::sample::select(accounts.to_vec()), 4),
        proptest::collection::vec(pick(Box::leak(Box::new(users))), 0..4),
        proptest::collection::vec(policy, 0..5),
        (
            any::<bool>(),
            any::<bool>(),
            proptest::sample::select(vec!["s3://", "s3://lake/", "s3://lake/a", "s3://lake/a/"]),
        ),
    )
        .prop_map(move |(keys, accounts, groups, policies, (trusted, minimal, path))| {
            let mut lines = vec![format!("set path {path}")];
            lines.extend(trusted.then(|| "set trusted".to_owned()));
            lines.extend(minimal.then(|| "set minimal".to_owned()));
            lines.extend(keys.iter().map(|key| format!("data s3://lake/{key}")));
            lines.extend(users.iter().zip(&accounts).map(|(user, account)| format!("user {user} {account}")));
            for (at, members) in groups.iter().enumerate() {
                lines.push(format!("group g{at} dir5{} {}", at / 2, members.join(" ")));
            }
            for (at, (guards, access, on, to)) in policies.iter().enumerate() {
                let on: Vec<String> = keys
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| on >> bit & 1 == 1)
                    .map(|(_, key)| format!("s3://lake/{key}"))
                    .collect();
                let kind = if *guards && at > 1 { "need" } else { "allow" };
                lines.push(format!("{kind} p{at} {access} {} to {}", on.join(" "), to.join(" ")));
            }
            lines.join("\n")
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn lowering_never_widens_and_reads_back(text in random_world()) {
        laws(&world(&text));
    }
}
