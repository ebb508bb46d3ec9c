//! Exports of policies and tags as facts, and what the policies of others stand on.
//!
//! In: `policies.json`, `column_tags.csv`, `governed_tags.json`. Out: policies, ours by the mark in their comment; tags under our two
//! keys, all of them ours; what policies grant; and for each column or table that a policy of somebody else meets, that it stands there: beside one of
//! ours queries fail. Invariant: what cannot be read of a condition meets nothing.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::condition::{Condition, canonical};
use super::policy::{self, Argument, Policy, scope_of};
use super::tags::{self, Keys};
use crate::backend::export::{self, Export, Pages, pages};
use crate::backend::fact::FactKind;
use crate::backend::object::Object;
use crate::backend::state::Reading;
use crate::backend::unity_catalog::native::{Attached, BY_POLICY, MARK};
use crate::backend::unity_catalog::sightings::State;
use crate::diagnostic::Reported;

/// The files; needed where masks and filters should follow tags.
pub(in crate::backend::unity_catalog) const FILES: [&str; 3] =
    [POLICIES.name, "column_tags.csv", GOVERNED.name];
const POLICIES: Pages = Pages { name: "policies.json", key: "policies", entry: &["name"] };
const GOVERNED: Pages = Pages { name: "governed_tags.json", key: "tag_policies", entry: &["tag_key"] };

/// Tags of columns: key and value by column, by table.
type Tagged = BTreeMap<Vec<String>, Vec<(String, String, String)>>;

/// What the policies of others stand on, to be told after everything else has been seen.
#[derive(Default)]
pub(in crate::backend::unity_catalog) struct Others {
    policies: Vec<(Object, Policy)>,
    tags: Tagged,
}

/// Reads the files that are there. `by_tags`: whether masks and filters should follow tags.
pub(in crate::backend::unity_catalog) fn read(
    reading: &mut Reading<'_>,
    state: &mut State<'_>,
    keys: &Keys,
    by_tags: bool,
) -> Result<Others, Reported> {
    let mut others = Others::default();
    for listed in pages::<Listed>(reading, &POLICIES)? {
        let Some((object, policy)) = listed.policy() else {
            listed.give(state);
            continue;
        };
        let kind = if policy.masks() { FactKind::MaskingPolicy } else { FactKind::RowAccessPolicy };
        let ours = listed.comment.strip_prefix(MARK).map(|rest| rest.trim_start().to_owned());
        if ours.is_none() {
            others.policies.push((object.clone(), policy.clone()));
        }
        state.need(&policy.function);
        state.put((kind, &object.text(), "", ""), policy.text(), ours);
    }
    const COLUMNS: [&str; 5] = ["CATALOG_NAME", "SCHEMA_NAME", "TABLE_NAME", "COLUMN_NAME", "TAG_NAME"];
    if let Some(export) = export::export(reading, "column_tags.csv", &COLUMNS)? {
        column_tags(&export, state, keys, &mut others);
    }
    for listed in pages::<TagPolicy>(reading, &GOVERNED)? {
        if by_tags && keys.has(&listed.tag_key) {
            let values = listed.values.into_iter().map(|value| value.name);
            let ours = listed.description.starts_with(MARK).then(String::new);
            let object = tags::governed(&listed.tag_key);
            state.put((FactKind::Rule, &object, "", ""), tags::values_body(values), ours);
        }
    }
    Ok(others)
}

fn column_tags(export: &Export, state: &mut State<'_>, keys: &Keys, others: &mut Others) {
    for row in &export.rows {
        let field = |header: &str| export.field(row, header);
        let path = ["CATALOG_NAME", "SCHEMA_NAME", "TABLE_NAME"].map(|header| field(header).to_lowercase());
        let (column, key, value) =
            (field("COLUMN_NAME").to_lowercase(), field("TAG_NAME"), field("TAG_VALUE"));
        if !others.policies.is_empty() {
            let tags = others.tags.entry(path.to_vec()).or_default();
            tags.push((column.clone(), key.to_owned(), value.to_owned()));
        }
        if !keys.has(key) {
            continue;
        }
        let mut object = state.object(&path);
        object.column = Some(column);
        // A value that is no function of ours is no other's business either: the key is ours.
        let body = if key == keys.mask {
            let function = state.home_function(value);
            let (columns, policies) = state.told(&function).unwrap_or_default();
            (Attached { function, columns }.text(), policies)
        } else {
            (tags::input_body(value), String::new())
        };
        state.put((FactKind::MaskAttachment, &object.text(), "", key), body.0, Some(body.1));
    }
}

impl Others {
    /// Tells where they stand; what stands there by itself has been told already.
    pub(in crate::backend::unity_catalog) fn tell(&self, state: &mut State<'_>) {
        for (object, policy) in &self.policies {
            let conditions = policy.columns.iter().map(|(_, condition)| Condition::parse(condition));
            let Some(conditions) = conditions.collect::<Option<Vec<Condition>>>() else { continue };
            let on = policy.columns.iter().position(|(alias, _)| *alias == policy.on);
            let on = on.and_then(|at| conditions.get(at));
            let (scope, _) = policy::scope(object);
            for (table, columns) in state.tables(&scope.path) {
                let tags = self.tags.get(&table).map(Vec::as_slice).unwrap_or_default();
                let meets = |column: &str, condition: &Condition| {
                    let tag = |key: &str, value: Option<&str>| {
                        Some(tags.iter().any(|(on, of, is)| {
                            on == column && of == key && value.is_none_or(|value| value == is)
                        }))
                    };
                    condition.holds(&tag) == Some(true)
                };
                let any = |condition: &Condition| columns.iter().any(|column| meets(column, condition));
                if !conditions.iter().all(any) {
                    continue;
                }
                let place = state.object(&table);
                let body = object.text();
                if !policy.masks() {
                    state.put((FactKind::RowAttachment, &place.text(), "", ""), body, None);
                    continue;
                }
                for column in columns.iter().filter(|column| on.is_some_and(|on| meets(column, on))) {
                    let place = Object { column: Some(column.clone()), ..place.clone() };
                    state.put((FactKind::MaskAttachment, &place.text(), "", ""), body.clone(), None);
                }
            }
        }
    }
}

/// `PolicyInfo` of the REST API, as far as it matters.
#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    name: String,
    #[serde(default)]
    policy_type: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    on_securable_fullname: String,
    #[serde(default)]
    to_principals: Vec<String>,
    #[serde(default)]
    except_principals: Vec<String>,
    #[serde(default)]
    when_condition: Option<String>,
    #[serde(default)]
    match_columns: Vec<Match>,
    column_mask: Option<Call>,
    row_filter: Option<Call>,
}

#[derive(Deserialize)]
struct Match {
    #[serde(default)]
    alias: String,
    #[serde(default)]
    condition: String,
}

#[derive(Deserialize)]
struct Call {
    #[serde(default)]
    function_name: String,
    #[serde(default)]
    on_column: String,
    #[serde(default)]
    using: Vec<Argument>,
}

impl Listed {
    /// A policy that neither masks nor filters. One that denies takes access away. Any other may grant, beside all grants, and is taken
    /// to give everything to whom it is about: what exactly, and to whom not, is not asked.
    fn give(&self, state: &mut State<'_>) {
        if self.policy_type.trim().to_ascii_uppercase().ends_with("DENY") {
            return;
        }
        let place = state.object(&path(&self.on_securable_fullname));
        for principal in &self.to_principals {
            state.grant(&place, principal, &format!("{BY_POLICY} {}", self.name));
        }
    }

    /// The policy and its place; `None`: it neither masks nor filters.
    fn policy(&self) -> Option<(Object, Policy)> {
        let call = self.column_mask.as_ref().or(self.row_filter.as_ref())?;
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort();
            list
        };
        let policy = Policy {
            function: Object::new("FUNCTION", path(&call.function_name).iter().map(String::as_str)).text(),
            to: sorted(&self.to_principals),
            except: sorted(&self.except_principals),
            // TRUE is what is meant where there is none.
            when: match self.when_condition.as_deref().unwrap_or_default().trim() {
                "" | "TRUE" | "true" => String::new(),
                text => canonical(text),
            },
            columns: self
                .match_columns
                .iter()
                .map(|each| (each.alias.clone(), canonical(&each.condition)))
                .collect(),
            on: if self.column_mask.is_some() { call.on_column.clone() } else { String::new() },
            using: call.using.clone(),
        };
        Some((policy::object(&scope_of(&path(&self.on_securable_fullname)), &self.name), policy))
    }
}

/// The parts of a dotted name, as they compare.
fn path(text: &str) -> Vec<String> {
    text.split('.').map(|part| part.trim_matches('`').to_lowercase()).collect()
}

#[derive(Deserialize)]
struct TagPolicy {
    #[serde(default)]
    tag_key: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    values: Vec<Value>,
}

#[derive(Deserialize)]
struct Value {
    #[serde(default)]
    name: String,
}
