//! What S3 should answer: keys in, at the edge of and just outside every data source, and who may read and write them by the reference.
//!
//! In: a case. Out: `keys`, `groups` (native group → its members' accounts) and `answers` (account → `read` and `write`, a word for each
//! key: `yes`, `no`, or `gap` where the reference says yes and a gap says that the platform may say no).
//! The data source of a key is found here by comparing texts: grantc's own lattice has no say.

use std::collections::{BTreeMap, BTreeSet};

use grantc::ids::Id;
use grantc::inventory::directory::Access;
use grantc::inventory::{Securable, UserId};
use serde_json::{Value as Json, json};

use super::support::case::Case;
use super::support::never_wider::excused;

/// `keys`, `groups` and `answers` of an integration.
pub(crate) fn of(case: &Case<'_>) -> Json {
    let sources: Vec<(String, Securable)> =
        case.securables().into_iter().filter_map(|each| Some((scope(case, each)?, each))).collect();
    let keys: BTreeSet<String> = sources.iter().flat_map(|(scope, _)| around(scope)).collect();
    let owners: Vec<Option<Securable>> = keys.iter().map(|key| owner(&sources, key)).collect();
    let mut answers: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for access in Access::ALL {
        let words: BTreeMap<Securable, BTreeMap<&str, &str>> =
            sources.iter().map(|(_, each)| (*each, words(case, *each, access))).collect();
        for account in case.accounts.accounts.values() {
            let word = |owner: &Option<Securable>| {
                owner.map_or("no", |owner| {
                    *words.get(&owner).and_then(|each| each.get(account.name.as_str())).unwrap()
                })
            };
            let told = owners.iter().map(word).collect();
            answers.entry(&account.name).or_default().insert(access.word(), told);
        }
    }
    json!({"keys": keys, "groups": groups(case), "answers": answers})
}

fn scope(case: &Case<'_>, securable: Securable) -> Option<String> {
    let Securable::DataSource(id) = securable else { return None };
    Some(case.inventory().catalog.data_sources[id].prefix.to_string())
}

/// Keys on both sides of a scope's edge. `-`, `.` and `0` stand just before and behind `/`.
fn around(scope: &str) -> Vec<String> {
    let start = scope.trim_end_matches('*');
    let stem = start.trim_end_matches('/');
    let shorter: String = stem.chars().take(stem.chars().count() - 1).collect();
    let bucket = start.split('/').nth(2).unwrap();
    let near = ["", "x", "/-"].map(|end| format!("{start}{end}"));
    let beside = ["", "-x", ".x", "0"].map(|end| format!("{stem}{end}"));
    let elsewhere = [format!("s3://{bucket}2/x"), format!("s3://{bucket}-x/x"), shorter];
    let is_key = |text: &String| text.splitn(4, '/').nth(3).is_some_and(|key| !key.is_empty());
    near.into_iter().chain(beside).chain(elsewhere).filter(is_key).collect()
}

/// The data source whose scope is the longest of those that hold the key.
fn owner(sources: &[(String, Securable)], key: &str) -> Option<Securable> {
    let holds = |scope: &str| scope.strip_suffix('*').map_or(key == scope, |start| key.starts_with(start));
    let held = sources.iter().filter(|(scope, _)| holds(scope));
    held.max_by_key(|(scope, _)| (scope.trim_end_matches('*').len(), !scope.ends_with('*')))
        .map(|(_, each)| *each)
}

/// A word for each account.
fn words<'c>(case: &'c Case<'_>, securable: Securable, access: Access) -> BTreeMap<&'c str, &'static str> {
    let may = case.meaning.may(securable, access);
    let within = case.accounts.within(&may);
    let word = |raw: u32, account| match (within.contains(raw), excused(case, securable, access, account)) {
        (false, _) => "no",
        (true, false) => "yes",
        (true, true) => "gap",
    };
    let accounts = case.accounts.accounts.iter();
    accounts.map(|(id, account)| (account.name.as_str(), word(id.raw(), account))).collect()
}

/// Who is in which native group of the platform, as the directory has it.
pub(crate) fn groups<'c>(case: &'c Case<'_>) -> BTreeMap<&'c str, BTreeSet<&'c str>> {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (id, group) in case.inventory().directory.groups.iter() {
        if let Some(native) = case.accounts.of_group(id) {
            let accounts =
                group.members.iter().filter_map(|raw| case.accounts.of_user(UserId::from_raw(raw)));
            let names = accounts.map(|account| case.accounts.accounts[account].name.as_str());
            groups.entry(native).or_default().extend(names);
        }
    }
    groups
}
