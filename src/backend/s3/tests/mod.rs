//! What lowering to S3 means, on small worlds written as text, and the laws on random ones.
//!
//! These tests cannot show how AWS itself composes `GrantScope` or matches GetDataAccess: they hold our reading of its
//! documentation against the reference semantics.

mod exports;
mod lowering;
mod random;

use std::collections::BTreeMap;

use super::S3;
use crate::backend::state::Reading;
use crate::backend::{Artefact, Backend, Fact, FactKind, Lowered, Lowering, Observed, StateFolder, Symbols};
use crate::diagnostic::Diagnostics;
use crate::ids::{Id, IdVec};
use crate::inventory::catalog::{DataSource, SecurableSet};
use crate::inventory::directory::{Access, Group, User};
use crate::inventory::integration::{GrantMode, Scope, Strategy};
use crate::inventory::{Accounts, Instant, Integration, IntegrationId, Inventory, Platform, Securable};
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
        strategy: Strategy::Auto,
        enforcement: Default::default(),
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
            "users" => lake.strategy = Strategy::Users,
            "quota" => lake.grants_quota = Some(words[1].parse().unwrap()),
            "norole" => {
                config.as_object_mut().unwrap().remove("awsLocationRole");
            }
            "role" => config["awsLocationRole"] = words[1].replace("\\n", "\n").into(),
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

struct Done {
    lowered: Option<Lowered>,
    symbols: Symbols,
    diagnostics: Diagnostics,
    accounts: Accounts,
}

fn lower(program: &Program) -> Done {
    let meaning = Meaning::new(program);
    let here = IntegrationId::from_raw(0);
    let accounts = Accounts::of(&program.inventory, here);
    let (mut symbols, mut diagnostics) = (Symbols::default(), Diagnostics::new());
    let lowering =
        Lowering { program, meaning: &meaning, integration: here, accounts: &accounts, salted: false };
    let lowered = S3.lower(&lowering, &mut symbols, &mut diagnostics).ok();
    Done { lowered, symbols, diagnostics, accounts }
}

fn shown(done: &Done) -> String {
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
fn permitted(program: &Program, done: &Done) -> BTreeMap<(String, &'static str), Vec<String>> {
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
    let same_policies = |(left, right): (&Fact, &Fact)| {
        left.policies == right.policies || left.key.kind == FactKind::Location
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
