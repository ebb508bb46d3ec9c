//! The exports that a state gives: policies and governed tags as the REST API lists them, tags of columns as information_schema.
//!
//! In: facts. Out: `policies.json`, `column_tags.csv`, `governed_tags.json`. Invariant: `observe` reads back what is written here.

use serde_json::{Value, json};

use super::policy::{self, Argument, Policy, comment};
use super::tags::{self, description, key_of};
use crate::backend::contract::Artefact;
use crate::backend::export::Table;
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;

const COLUMN_TAGS: [&str; 6] =
    ["CATALOG_NAME", "SCHEMA_NAME", "TABLE_NAME", "COLUMN_NAME", "TAG_NAME", "TAG_VALUE"];

/// The exports; none where nothing follows tags and nothing should.
pub(in crate::backend::unity_catalog) fn state(
    facts: &[Fact],
    symbols: &Symbols,
    by_tags: bool,
) -> Vec<Artefact> {
    let mut columns = Table::new("column_tags.csv", &COLUMN_TAGS);
    let (mut policies, mut any) = (Vec::new(), by_tags);
    for fact in facts {
        let text = |symbol| symbols.text(symbol);
        let object = Object::parse(text(fact.key.object));
        if let Some(key) = key_of(fact, symbols) {
            any = true;
            if let [catalog, schema, table] = object.path.as_slice() {
                columns.row(&[
                    ("CATALOG_NAME", catalog),
                    ("SCHEMA_NAME", schema),
                    ("TABLE_NAME", table),
                    ("COLUMN_NAME", object.column.as_deref().unwrap_or_default()),
                    ("TAG_NAME", key),
                    ("TAG_VALUE", &tags::value_of(text(fact.body))),
                ]);
            }
        }
        if matches!(fact.key.kind, FactKind::MaskingPolicy | FactKind::RowAccessPolicy) {
            any = true;
            policies.push(listed(&object, &Policy::parse(text(fact.body)), text(fact.policies)));
        }
    }
    if !any {
        return Vec::new();
    }
    let json = |path: &str, value: Value| Artefact {
        path: path.to_owned(),
        bytes: format!("{value:#}\n").into_bytes(),
        secret: false,
    };
    vec![
        columns.artefact(),
        json("policies.json", json!({ "policies": policies })),
        json("governed_tags.json", json!({ "tag_policies": governed_tags(facts, symbols) })),
    ]
}

/// A policy as `GET /api/2.1/unity-catalog/policies/{on_securable_type}/{on_securable_fullname}` lists it.
fn listed(object: &Object, policy: &Policy, policies: &str) -> Value {
    let (scope, name) = policy::scope(object);
    let function = Object::parse(&policy.function).path.join(".");
    let using: Vec<Value> = policy
        .using
        .iter()
        .map(|argument| match argument {
            Argument::Alias(alias) => json!({ "alias": alias }),
            Argument::Constant(text) => json!({ "constant": text }),
        })
        .collect();
    let columns: Vec<Value> = policy
        .columns
        .iter()
        .map(|(alias, condition)| json!({"alias": alias, "condition": condition}))
        .collect();
    let (kind, mask, filter) = if policy.masks() {
        let call = json!({"function_name": function, "on_column": policy.on, "using": using});
        ("POLICY_TYPE_COLUMN_MASK", call, Value::Null)
    } else {
        ("POLICY_TYPE_ROW_FILTER", Value::Null, json!({"function_name": function, "using": using}))
    };
    json!({
        "name": name,
        "policy_type": kind,
        "on_securable_type": scope.word,
        "on_securable_fullname": scope.path.join("."),
        "for_securable_type": "TABLE",
        "comment": comment(policies),
        "to_principals": policy.to,
        "except_principals": policy.except,
        "when_condition": policy.when,
        "match_columns": columns,
        "column_mask": mask,
        "row_filter": filter,
    })
}

/// Governed tags as bodies of `POST /api/2.1/tag-policies`: docs.databricks.com/api/workspace/tagpolicies/createtagpolicy
/// (2026-11-25).
pub(in crate::backend::unity_catalog) fn governed_tags(facts: &[Fact], symbols: &Symbols) -> Vec<Value> {
    let governed = facts.iter().filter(|fact| fact.key.kind == FactKind::Rule);
    governed
        .map(|fact| {
            let values: Vec<Value> = tags::values(symbols.text(fact.body))
                .into_iter()
                .map(|value| json!({ "name": value }))
                .collect();
            let key = Object::parse(symbols.text(fact.key.object)).name().to_owned();
            json!({"tag_key": key, "description": description(), "values": values})
        })
        .collect()
}
