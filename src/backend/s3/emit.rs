//! Facts → the requests that make them, and what the platform would list afterwards.
//!
//! `locations.json` and `access-grants.json` are lists of the parameters of CreateAccessGrantsLocation and CreateAccessGrant, one
//! a line, as `aws s3control … --cli-input-json` and the SDKs take them. To run them again is harmless: AWS answers
//! AccessGrantsLocationAlreadyExistsError and AccessGrantAlreadyExists.
//! The id of a location other than `s3://` (always `default`) is known only once it exists: until then its scope stands in
//! for it, which AWS refuses as an id, so that nothing can be granted in a wrong location.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::location::{LocationScope, Site};
use super::native::{Grant, MARK, permission_word};
use crate::backend::class::short_hash;
use crate::backend::{Artefact, Change, Fact, FactKind, Op, Symbols};

/// Long ago, so that nobody takes it for news.
const CREATED: &str = "1970-01-01T00:00:00+00:00";

/// What builds the facts from nothing.
pub(super) fn emit(site: &Site, facts: &[Fact], symbols: &Symbols) -> Vec<Artefact> {
    let locations = facts.iter().filter_map(|fact| create_location(site, fact, symbols));
    let grants = facts.iter().filter_map(|fact| create_grant(site, fact, symbols));
    vec![artefact("access-grants.json", list(grants)), artefact("locations.json", list(locations))]
}

/// What the platform would list after that, and the tags.
pub(super) fn state(site: &Site, facts: &[Fact], symbols: &Symbols) -> Vec<Artefact> {
    let instance = site.instance_arn();
    let mut tags = String::new();
    let mut tag = |arn: &str, fact: &Fact| {
        tags.push_str(&json!({"arn": arn, "tags": mark(fact, symbols)}).to_string());
        tags.push('\n');
    };
    let mut grants = Vec::new();
    let mut locations: BTreeMap<LocationScope, Value> = BTreeMap::new();
    let mut needed: BTreeSet<LocationScope> = BTreeSet::new();
    for fact in facts {
        if let Some(grant) = Grant::read(fact, symbols) {
            let entry = listed_grant(&instance, &grant);
            if let Some(arn) = entry.get("AccessGrantArn").and_then(Value::as_str) {
                tag(arn, fact);
            }
            grants.push(entry);
            needed.insert(grant.location);
        } else if fact.key.kind == FactKind::Location
            && let Ok(scope) = LocationScope::parse(symbols.text(fact.key.object))
        {
            let entry = listed_location(&instance, &scope, symbols.text(fact.body));
            if let Some(arn) = entry.get("AccessGrantsLocationArn").and_then(Value::as_str) {
                tag(arn, fact);
            }
            locations.insert(scope, entry);
        }
    }
    // A location that is not ours to register still has to exist where grants stand in it.
    for scope in needed {
        let entry = listed_location(&instance, &scope, site.role.as_deref().unwrap_or_default());
        locations.entry(scope).or_insert(entry);
    }
    let page = |name: &str, entries: Vec<Value>| {
        let body = list(entries.into_iter());
        format!("{{\"{name}\": {}}}\n", body.trim_end())
    };
    vec![
        artefact("list_access_grants.json", page("AccessGrantsList", grants)),
        artefact(
            "list_access_grants_locations.json",
            page("AccessGrantsLocationsList", locations.into_values().collect()),
        ),
        artefact("tags.ndjson", tags),
    ]
}

/// One change as a request: `{"Operation": {parameters}}`. AWS deletes by id, which only a list of the moment knows: the
/// parameters of a deletion are what the list is searched by.
pub(super) fn statement(site: &Site, change: &Change, symbols: &Symbols) -> String {
    let fact = &change.fact;
    let location = fact.key.kind == FactKind::Location;
    let request = match (location, change.op) {
        (true, Op::Add) => json!({"CreateAccessGrantsLocation": create_location(site, fact, symbols)}),
        (true, Op::Replace) => json!({"UpdateAccessGrantsLocation": {
            "AccountId": site.account,
            "AccessGrantsLocationId": location_id_of(symbols.text(fact.key.object)),
            "IAMRoleArn": symbols.text(fact.body),
        }}),
        (true, Op::Remove) => json!({"DeleteAccessGrantsLocation": {
            "AccountId": site.account,
            "AccessGrantsLocationId": location_id_of(symbols.text(fact.key.object)),
        }}),
        (false, Op::Add) => json!({"CreateAccessGrant": create_grant(site, fact, symbols)}),
        (false, Op::Remove) => json!({"DeleteAccessGrant": search(site, fact, symbols)}),
        // There is no update: what we desire of a grant is in its key, so this does not come up by itself.
        (false, Op::Replace) => json!({
            "DeleteAccessGrant": search(site, change.before.as_ref().unwrap_or(fact), symbols),
            "CreateAccessGrant": create_grant(site, fact, symbols),
        }),
    };
    request.to_string()
}

fn create_location(site: &Site, fact: &Fact, symbols: &Symbols) -> Option<Value> {
    (fact.key.kind == FactKind::Location).then(|| {
        with_account(
            site,
            json!({
                "LocationScope": symbols.text(fact.key.object),
                "IAMRoleArn": symbols.text(fact.body),
                "Tags": mark(fact, symbols),
            }),
        )
    })
}

fn create_grant(site: &Site, fact: &Fact, symbols: &Symbols) -> Option<Value> {
    let grant = Grant::read(fact, symbols)?;
    let mut body = json!({
        "AccessGrantsLocationId": location_id_of(&grant.location.to_string()),
        "AccessGrantsLocationConfiguration": configuration(&grant)?,
        "Grantee": grantee(&grant),
        "Permission": permission_word(grant.permission),
        "Tags": mark(fact, symbols),
    });
    if let Some(fields) = body.as_object_mut() {
        if grant.scope.is_object() {
            fields.insert("S3PrefixType".to_owned(), json!("Object"));
        }
        if let Some(application) = &grant.application {
            fields.insert("ApplicationArn".to_owned(), json!(application));
        }
    }
    Some(with_account(site, body))
}

fn search(site: &Site, fact: &Fact, symbols: &Symbols) -> Option<Value> {
    let grant = Grant::read(fact, symbols)?;
    let mut body = json!({
        "AccessGrantsLocationId": location_id_of(&grant.location.to_string()),
        "GrantScope": grant.scope.to_string(),
        "Grantee": grantee(&grant),
        "Permission": permission_word(grant.permission),
    });
    if let (Some(fields), Some(application)) = (body.as_object_mut(), &grant.application) {
        fields.insert("ApplicationArn".to_owned(), json!(application));
    }
    Some(with_account(site, body))
}

fn with_account(site: &Site, mut body: Value) -> Value {
    if let (Some(fields), Some(account)) = (body.as_object_mut(), &site.account) {
        fields.insert("AccountId".to_owned(), json!(account));
    }
    body
}

fn location_id_of(scope: &str) -> &str {
    if scope == "s3://" { "default" } else { scope }
}

fn grantee(grant: &Grant) -> Value {
    json!({"GranteeType": grant.grantee.kind.word(), "GranteeIdentifier": grant.grantee.identifier})
}

/// `None` where the location cannot say the scope, never an empty one instead: that would be the whole location. `lower` makes
/// no such grant, but AWS may hold one.
fn configuration(grant: &Grant) -> Option<Value> {
    match grant.location.subprefix(&grant.scope) {
        Ok(Some(subprefix)) => Some(json!({"S3SubPrefix": subprefix})),
        Ok(None) => Some(json!({})),
        Err(_) => None,
    }
}

/// The tag that marks what is ours; its value names the policies, as far as 256 characters go
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_Tag.html>).
fn mark(fact: &Fact, symbols: &Symbols) -> Value {
    let mut value = String::new();
    for name in symbols.text(fact.policies).split(", ").filter(|name| !name.is_empty()) {
        if value.len() + 1 + name.len() > 250 {
            value.push_str(" ...");
            break;
        }
        if !value.is_empty() {
            value.push(' ');
        }
        value.push_str(name);
    }
    json!([{"Key": MARK, "Value": value}])
}

/// As AWS makes them, but always the same for the same thing.
fn id(parts: &[&str]) -> String {
    let hash = |salt: &str| short_hash(parts.iter().copied().chain([salt]).map(str::to_owned));
    let (a, b, c, d) = (hash("a"), hash("b"), hash("c"), hash("d"));
    let text = format!("{a}{b}{c}{d}");
    let part = |start: usize, end: usize| text.get(start..end).unwrap_or_default().to_owned();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

fn location_id(scope: &LocationScope) -> String {
    match scope {
        LocationScope::Default => "default".to_owned(),
        LocationScope::Within(_) => id(&["location", &scope.to_string()]),
    }
}

fn listed_location(instance: &str, scope: &LocationScope, role: &str) -> Value {
    let id = location_id(scope);
    json!({
        "CreatedAt": CREATED,
        "AccessGrantsLocationArn": format!("{instance}/location/{id}"),
        "AccessGrantsLocationId": id,
        "LocationScope": scope.to_string(),
        "IAMRoleArn": role,
    })
}

fn listed_grant(instance: &str, grant: &Grant) -> Value {
    let (scope, who, location) =
        (grant.scope.to_string(), grant.grantee.to_string(), grant.location.to_string());
    let application = grant.application.as_deref().unwrap_or("ALL");
    let id = id(&["grant", permission_word(grant.permission), &scope, &who, &location, application]);
    json!({
        "CreatedAt": CREATED,
        "AccessGrantArn": format!("{instance}/grant/{id}"),
        "AccessGrantId": id,
        "Grantee": grantee(grant),
        "Permission": permission_word(grant.permission),
        "AccessGrantsLocationId": location_id(&grant.location),
        "AccessGrantsLocationConfiguration": configuration(grant).unwrap_or_else(|| json!({"S3SubPrefix": "?"})),
        "GrantScope": scope,
        "ApplicationArn": application,
    })
}

fn list(entries: impl Iterator<Item = Value>) -> String {
    let lines: Vec<String> = entries.map(|entry| entry.to_string()).collect();
    if lines.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", lines.join(",\n")) }
}

fn artefact(path: &str, text: String) -> Artefact {
    Artefact { path: path.to_owned(), bytes: text.into_bytes(), secret: false }
}
