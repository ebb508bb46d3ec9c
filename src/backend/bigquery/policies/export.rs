//! The exports of tables that a state gives: `bindings.csv`, `routines.csv`, `row_access_policies.json`, `data_policies.json`,
//! `tables.json`.
//!
//! In: facts. Out: what the APIs answer, as far as it is read. Invariant: `observe` reads back what is written here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::native::{
    BINDING, DataPolicy, READ, RowPolicy, attached, data_policy_resource, fence_name, principal,
};
use super::statement::masking;
use crate::backend::bigquery::member;
use crate::backend::bigquery::native::DIALECT;
use crate::backend::contract::Artefact;
use crate::backend::export::Table;
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::inventory::Integration;

const ROUTINES: [&str; 5] =
    ["routine_catalog", "routine_schema", "routine_name", "data_type", "routine_definition"];

/// The exports of facts, which are sorted by text.
pub(in crate::backend::bigquery) fn state(
    settings: &Integration,
    facts: &[Fact],
    symbols: &Symbols,
    salt: Option<&str>,
) -> Vec<Artefact> {
    let text = |symbol| symbols.text(symbol);
    let mut bindings = Table::new("bindings.csv", &["object", "role", "member"]);
    let mut routines = Table::secret("routines.csv", &ROUTINES);
    let (mut policies, mut data_policies) = (Vec::new(), Vec::new());
    let mut columns: BTreeMap<Vec<String>, Vec<Value>> = BTreeMap::new();
    let mut readers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| text(fact.key.privilege) == READ) {
        readers.entry(text(fact.key.object)).or_default().push(principal(text(fact.key.grantee)));
    }
    for fact in facts {
        let (object, body) = (text(fact.key.object), text(fact.body));
        let path = Object::parse(object).path;
        match fact.key.kind {
            FactKind::Grant if body == BINDING => {
                let (role, member) = (text(fact.key.privilege), member::name(text(fact.key.grantee)));
                bindings.row(&[("object", &path.join(".")), ("role", role), ("member", &member)]);
            }
            FactKind::Function => {
                let (of, expression) = body.split_once('\n').unwrap_or_default();
                let expression = match salt {
                    Some(salt) => expression.replace("{salt}", &DIALECT.literal(salt)),
                    None => expression.to_owned(),
                };
                let [project, dataset, name] = path.as_slice() else { continue };
                routines.row(&[
                    ("routine_catalog", project),
                    ("routine_schema", dataset),
                    ("routine_name", name),
                    ("data_type", of),
                    ("routine_definition", &expression),
                ]);
            }
            FactKind::RowAttachment => {
                let parts: Vec<&str> = path.iter().map(String::as_str).collect();
                let (predicate, members) = fence(body);
                policies.push(policy(&path, &fence_name(settings, &parts), &predicate, &members));
            }
            FactKind::RowAccessPolicy => {
                let Some((name, table)) = path.split_last() else { continue };
                let found = RowPolicy::parse(body);
                let members: Vec<String> = found.grantees.iter().map(|each| member::name(each)).collect();
                policies.push(policy(table, name, &found.marked(text(fact.policies)), &members));
            }
            FactKind::MaskingPolicy => {
                data_policies.push(data_policy(object, &DataPolicy::parse(body), readers.remove(object)));
            }
            FactKind::MaskAttachment => {
                let column = Object::parse(object).column.unwrap_or_default();
                let names: Vec<Value> =
                    attached(body).iter().map(|each| json!({"name": data_policy_resource(each)})).collect();
                columns.entry(path).or_default().push(json!({"name": column, "dataPolicies": names}));
            }
            FactKind::Role
            | FactKind::Group
            | FactKind::Location
            | FactKind::Entitlement
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule
            | FactKind::Grant
            | FactKind::Membership => {}
        }
    }
    let tables: Vec<Value> = columns
        .into_iter()
        .map(|(path, fields)| json!({"tableReference": reference(&path), "schema": {"fields": fields}}))
        .collect();
    vec![
        bindings.artefact(),
        routines.artefact(),
        file("row_access_policies.json", &policies),
        file("data_policies.json", &[json!({"dataPolicies": data_policies})]),
        file("tables.json", &tables),
    ]
}

fn file(path: &str, list: &[Value]) -> Artefact {
    let mut bytes = serde_json::to_vec_pretty(list).unwrap_or_default();
    bytes.push(b'\n');
    Artefact { path: path.to_owned(), bytes, secret: false }
}

/// The predicate and the members of a fence: those of ours are nobody, and everything that ours does not say is tampering.
fn fence(body: &str) -> (String, Vec<String>) {
    if body.is_empty() {
        return ("FALSE".to_owned(), Vec::new());
    }
    let found = RowPolicy::parse(body);
    (found.predicate, found.grantees.iter().map(|each| member::name(each)).collect())
}

fn reference(path: &[String]) -> Value {
    let part = |at: usize| path.get(at).map_or("", String::as_str);
    json!({"projectId": part(0), "datasetId": part(1), "tableId": part(2)})
}

/// An entry of what rowAccessPolicies.list answers, with what .getIamPolicy answers beside it.
fn policy(table: &[String], name: &str, predicate: &str, members: &[String]) -> Value {
    let part = |at: usize| table.get(at).map_or("", String::as_str);
    let reference = json!({"projectId": part(0), "datasetId": part(1), "tableId": part(2), "policyId": name});
    let bindings = match members {
        [] => json!([]),
        members => json!([{"role": "roles/bigquery.filteredDataViewer", "members": members}]),
    };
    json!({"rowAccessPolicyReference": reference, "filterPredicate": predicate, "iamPolicy": {"bindings": bindings}})
}

/// An entry of what dataPolicies.list answers.
fn data_policy(object: &str, policy: &DataPolicy, grantees: Option<Vec<String>>) -> Value {
    let (resource, name) = (data_policy_resource(object), Object::parse(object).name().to_owned());
    let (kind, grantees) = (&policy.kind, grantees.unwrap_or_default());
    let entry = json!({"name": resource, "dataPolicyId": name, "dataPolicyType": kind, "grantees": grantees});
    match (entry, masking(policy)) {
        (Value::Object(mut entry), Some(masking)) => {
            entry.insert("dataMaskingPolicy".to_owned(), masking);
            Value::Object(entry)
        }
        (entry, _) => entry,
    }
}
