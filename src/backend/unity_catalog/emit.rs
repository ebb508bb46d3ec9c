//! The files that build a state from nothing: `groups.json`, `10_functions.sql 20_attach.sql 30_grants.sql`, or `permissions.json`
//! in place of the last.
//!
//! In: facts. Out: statements in a safe order, each named after its policies, all of which may be run again: entitlements, then
//! functions; masks and filters; grants last, for they open the door. Groups and their members give nothing until then.
//! Where masks and filters follow tags, `governed_tags.json` says what tags the account must know, and grants wait for the tags.
//! Invariant: the salt stands in bodies only, so only `10_functions.sql` is secret.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::abac::{Keys, WAIT, governed_tags, tags};
use super::bootstrap;
use super::native::{Attached, DIALECT, ENTITLEMENTS, FunctionBody, Home};
use super::statement::{self, create_function, set_filter, set_mask};
use crate::backend::contract::{Artefact, Change, Op};
use crate::backend::fact::{Fact, FactKind, Symbols, sort_by_text};
use crate::backend::object::Object;
use crate::backend::views::{Script, entitlement};
use crate::inventory::integration::Enforcement;
use crate::inventory::{IntegrationId, Inventory};

/// Statements are kept well below the 16 MiB that the Statement Execution API takes.
const CHUNK: usize = 4 << 20;

/// The files.
pub(super) fn emit(
    inventory: &Inventory,
    integration: IntegrationId,
    facts: &[Fact],
    symbols: &Symbols,
    salt: Option<&str>,
) -> Vec<Artefact> {
    let mut facts = facts.to_vec();
    sort_by_text(&mut facts, symbols);
    let of = |kind: FactKind| facts.iter().filter(move |fact| fact.key.kind == kind);
    let object = |fact: &Fact| Object::parse(symbols.text(fact.key.object));
    let mut functions = Script::new("functions and entitlements");
    let settings = &inventory.integrations[integration];
    if of(FactKind::Function).chain(of(FactKind::Entitlement)).next().is_some() {
        for text in bootstrap::set_up(settings) {
            functions.statement("set-up", &text);
        }
    }
    let rows = of(FactKind::Entitlement).map(|fact| entitlement(fact, symbols));
    fill(&mut functions, &Home::of(settings), rows);
    for fact in of(FactKind::Function) {
        let (policies, body) = (symbols.text(fact.policies), FunctionBody::parse(symbols.text(fact.body)));
        let text = create_function(&object(fact), &body, &salted(&body.expression, salt), policies, true);
        functions.statement(policies, &text);
    }
    let by_tags = settings.enforcement == Enforcement::Tags;
    let mut attachments = Script::new(if by_tags { TAGGED } else { "where functions stand" });
    for fact in in_order(&facts, &Keys::of(settings), symbols) {
        let change = Change { op: Op::Add, fact, before: None };
        let text = statement::statement(inventory, integration, &change, symbols);
        attachments.statement(symbols.text(fact.policies), &text);
    }
    for fact in of(FactKind::MaskAttachment).filter(|fact| tags::key_of(fact, symbols).is_none()) {
        let text = set_mask(&object(fact), &Attached::parse(symbols.text(fact.body)));
        attachments.statement(symbols.text(fact.policies), &text);
    }
    for fact in of(FactKind::RowAttachment) {
        let text = set_filter(&object(fact), &Attached::parse(symbols.text(fact.body)));
        attachments.statement(symbols.text(fact.policies), &text);
    }
    // Tables before schemas before catalogs: the way in comes last.
    let mut grants: Vec<&Fact> = of(FactKind::Grant).collect();
    grants.sort_by_key(|fact| depth(&object(fact)));
    let once = "grants, once `groups.json` is there";
    let after = format!("{once} and the tags of `20_attach.sql` count: {WAIT}");
    let mut script = Script::new(if by_tags { &after } else { once });
    for fact in &grants {
        let change = Change { op: Op::Add, fact: **fact, before: None };
        let text = statement::statement(inventory, integration, &change, symbols);
        script.statement(symbols.text(fact.policies), &text);
    }
    let groups = groups(of(FactKind::Group), of(FactKind::Membership), symbols);
    let mut attachments = attachments.artefact("20_attach.sql", false);
    if by_tags {
        attachments.bytes.extend(format!("\n-- WAIT before `30_grants.sql`: {WAIT}\n").into_bytes());
    }
    let mut files = vec![
        functions.artefact("10_functions.sql", true),
        attachments,
        script.artefact("30_grants.sql", false),
        json_file("groups.json", &groups),
        json_file("permissions.json", &permissions(&grants, symbols)),
    ];
    if by_tags {
        files.push(json_file("governed_tags.json", &Value::Array(governed_tags(&facts, symbols))));
    }
    files
}

/// What `20_attach.sql` holds where masks and filters follow tags.
const TAGGED: &str = "tags and the policies that follow them, once the account has the governed tags of `governed_tags.json` with their values (POST /api/2.1/tag-policies, or CREATE GOVERNED TAG; add values to those that are there, take none away)";

/// Tags on what functions read, policies, tags on what is masked: a tag on a masked column counts when all that it leans on does.
fn in_order(facts: &[Fact], keys: &Keys, symbols: &Symbols) -> Vec<Fact> {
    let place = |fact: &Fact| match (fact.key.kind, tags::key_of(fact, symbols)) {
        (_, Some(key)) if key == keys.input => Some(0),
        (FactKind::MaskingPolicy | FactKind::RowAccessPolicy, _) => Some(1),
        (_, Some(_)) => Some(2),
        (_, None) => None,
    };
    let mut placed: Vec<(u8, Fact)> = facts.iter().filter_map(|fact| Some((place(fact)?, *fact))).collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, fact)| fact).collect()
}

fn depth(object: &Object) -> u8 {
    match object.word.as_str() {
        "CATALOG" => 2,
        "SCHEMA" => 1,
        _ => 0,
    }
}

fn json_file(path: &str, value: &Value) -> Artefact {
    Artefact { path: path.to_owned(), bytes: format!("{value:#}\n").into_bytes(), secret: false }
}

/// The salt by value in a body. Literals that people write never hold the placeholder: see `Dialect::literal`.
pub(super) fn salted(expression: &str, salt: Option<&str>) -> String {
    match salt {
        Some(salt) => expression.replace("{salt}", &DIALECT.literal(salt)),
        None => expression.to_owned(),
    }
}

/// All rows in one statement, so that a second run leaves what the first did and no reader sees the table half full; too many for
/// one are gathered beside it first.
fn fill(script: &mut Script, home: &Home, rows: impl Iterator<Item = [String; 3]>) {
    let mut chunks: Vec<String> = Vec::new();
    for row in rows {
        let row = format!("({})", row.map(|part| DIALECT.literal(&part)).join(", "));
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => {
                chunk.push_str(",\n");
                chunk.push_str(&row);
            }
            Some(_) | None => chunks.push(row),
        }
    }
    let (table, beside) = (home.path(ENTITLEMENTS), home.path(&format!("{ENTITLEMENTS}_next")));
    let whose = "entitlements";
    match chunks.as_slice() {
        [] => {}
        [rows] => script.statement(whose, &format!("INSERT OVERWRITE {table} VALUES\n{rows}")),
        many => {
            script.statement(
                whose,
                &format!("CREATE OR REPLACE TABLE {beside} (account STRING, name STRING, value STRING)"),
            );
            for rows in many {
                script.statement(whose, &format!("INSERT INTO {beside} VALUES\n{rows}"));
            }
            script.statement(
                whose,
                &format!("INSERT OVERWRITE {table} SELECT account, name, value FROM {beside}"),
            );
            script.statement(whose, &format!("DROP TABLE {beside}"));
        }
    }
}

/// Groups with their members, as the account's SCIM API lists them. `value` is the id of a member there: ours is the name that it
/// is found by.
pub(super) fn groups<'f>(
    groups: impl Iterator<Item = &'f Fact>,
    memberships: impl Iterator<Item = &'f Fact>,
    symbols: &Symbols,
) -> Value {
    let mut members: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for fact in memberships {
        let member = Object::parse(symbols.text(fact.key.grantee));
        let (kind, place) = if member.word == "GROUP" { ("Group", "Groups") } else { ("User", "Users") };
        let name = member.name();
        members
            .entry(symbols.text(fact.key.object))
            .or_default()
            .push(json!({"value": name, "display": name, "type": kind, "$ref": format!("{place}/{name}")}));
    }
    let resources: Vec<Value> = groups
        .map(|fact| {
            let object = symbols.text(fact.key.object);
            let members = members.remove(object).unwrap_or_default();
            statement::group(Object::parse(object).name(), &members)
        })
        .collect();
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

/// Bodies of `PATCH /api/2.1/unity-catalog/permissions/{securable_type}/{full_name}`, by securable.
fn permissions(grants: &[&Fact], symbols: &Symbols) -> Value {
    let mut bodies: Vec<(Object, BTreeMap<String, BTreeSet<String>>)> = Vec::new();
    for fact in grants {
        let object = Object::parse(symbols.text(fact.key.object));
        if bodies.last().is_none_or(|(last, _)| *last != object) {
            bodies.push((object, BTreeMap::new()));
        }
        let principal = Object::parse(symbols.text(fact.key.grantee)).name().to_owned();
        if let Some((_, changes)) = bodies.last_mut() {
            // SQL spells privileges with blanks, REST with underscores.
            let privilege = symbols.text(fact.key.privilege).replace(' ', "_");
            changes.entry(principal).or_default().insert(privilege);
        }
    }
    let body = |(object, changes): (Object, BTreeMap<String, BTreeSet<String>>)| {
        let changes: Vec<Value> = changes
            .into_iter()
            .map(|(principal, add)| json!({"principal": principal, "add": add, "remove": []}))
            .collect();
        json!({"securable_type": securable_type(&object), "full_name": object.path.join("."), "changes": changes})
    };
    Value::Array(bodies.into_iter().map(body).collect())
}

/// The word of the Permissions API.
fn securable_type(object: &Object) -> &'static str {
    match depth(object) {
        2 => "catalog",
        1 => "schema",
        _ => "table",
    }
}
