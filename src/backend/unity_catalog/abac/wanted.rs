//! What should stand where, as tags and policies: collected while tables are lowered, written out once.
//!
//! In: functions and the columns that they mask, read, or filter by. Out: a tag on every such column, a policy for each mask and
//! place, a policy for each filtered table, and the values that the governed tags must allow.
//! Invariant: no function stands in two policies that differ, so a column meets one mask and a table one filter.

use std::collections::{BTreeMap, BTreeSet};

use super::place::{self, Limits, Tables};
use super::policy::{self, Policy};
use super::tags::{self, Keys};
use crate::backend::fact::FactKind;
use crate::backend::object::Object;
use crate::backend::unity_catalog::native::Attached;

/// So many conditions a policy's MATCH COLUMNS takes (newer copies of the page say six for filters):
/// docs.databricks.com/data-governance/unity-catalog/abac/requirements (2026-11-25).
pub(in crate::backend::unity_catalog) const CONDITIONS: usize = 3;

/// The policies that want something.
type Policies = BTreeSet<String>;

/// A function, the columns that it reads, and whose it is.
#[derive(Clone, Debug)]
struct Use {
    attached: Attached,
    policies: Policies,
}

/// A fact that is asked for.
#[derive(Clone, Debug)]
pub(in crate::backend::unity_catalog) struct Asked {
    pub(in crate::backend::unity_catalog) kind: FactKind,
    pub(in crate::backend::unity_catalog) object: String,
    /// The key of a tag; else empty.
    pub(in crate::backend::unity_catalog) key: String,
    pub(in crate::backend::unity_catalog) body: String,
    pub(in crate::backend::unity_catalog) policies: BTreeSet<String>,
}

/// What has been asked for so far.
#[derive(Clone, Debug)]
pub(in crate::backend::unity_catalog) struct Wanted {
    keys: Keys,
    /// The name of the policies that filter.
    rows: String,
    masked: Vec<(Object, Use)>,
    filtered: Vec<(Object, Use)>,
}

/// What cannot be: too many of something.
#[derive(Clone, Debug)]
pub(in crate::backend::unity_catalog) enum TooMany {
    /// Policies on a table.
    OnTable(Vec<String>, usize),
    /// Policies in all.
    InAll(usize, usize),
    /// Values of a governed tag.
    Values(String, usize, usize),
}

impl Wanted {
    /// Nothing yet. `prefix` begins the names of what we generate.
    pub(in crate::backend::unity_catalog) fn new(keys: Keys, prefix: &str) -> Wanted {
        let rows = format!("{}_rows", prefix.to_lowercase());
        Wanted { keys, rows, masked: Vec::new(), filtered: Vec::new() }
    }

    /// A column masked by a function.
    pub(in crate::backend::unity_catalog) fn mask(
        &mut self,
        column: Object,
        attached: Attached,
        policies: &[String],
    ) {
        self.masked.push((column, Use { attached, policies: policies.iter().cloned().collect() }));
    }

    /// A table filtered by a function.
    pub(in crate::backend::unity_catalog) fn filter(
        &mut self,
        table: Object,
        attached: Attached,
        policies: &[String],
    ) {
        self.filtered.push((table, Use { attached, policies: policies.iter().cloned().collect() }));
    }

    /// The facts.
    pub(in crate::backend::unity_catalog) fn facts(&self, limits: Limits) -> Result<Vec<Asked>, TooMany> {
        let mut asked: BTreeMap<(FactKind, String, String), (String, Policies)> = BTreeMap::new();
        let mut ask = |kind, object: String, key: &str, body: String, policies: &Policies| {
            let entry =
                asked.entry((kind, object, key.to_owned())).or_insert_with(|| (body, Policies::new()));
            entry.1.extend(policies.iter().cloned());
        };
        let (mut masks, mut uses): (BTreeMap<String, Tables>, BTreeMap<String, Use>) = Default::default();
        for (column, each) in &self.masked {
            let name = Object::parse(&each.attached.function).name().to_owned();
            masks.entry(name.clone()).or_default().insert(column.path.clone());
            uses.entry(name).or_insert_with(|| each.clone()).policies.extend(each.policies.iter().cloned());
            let (key, body) = (&self.keys.mask, each.attached.text());
            ask(FactKind::MaskAttachment, column.text(), key, body, &each.policies);
        }
        let mut inputs = BTreeSet::new();
        for (object, each) in self.masked.iter().chain(&self.filtered) {
            for name in &each.attached.columns {
                let value = tags::input(name);
                let column = Object { column: Some(name.clone()), ..object.clone() };
                let (key, body) = (&self.keys.input, tags::input_body(&value));
                ask(FactKind::MaskAttachment, column.text(), key, body, &each.policies);
                inputs.insert(value);
            }
        }
        let reads = |attached: &Attached| -> Vec<(String, String)> {
            attached.columns.iter().map(|name| (self.keys.input.clone(), tags::input(name))).collect()
        };
        for (table, each) in &self.filtered {
            let policy = Policy::ours(&each.attached, None, &reads(&each.attached));
            let object = policy::object(table, &self.rows);
            ask(FactKind::RowAccessPolicy, object.text(), "", policy.text(), &each.policies);
        }
        let filtered: Tables = self.filtered.iter().map(|(table, _)| table.path.clone()).collect();
        let placed =
            place::place(&masks, &filtered, limits).map_err(|table| TooMany::OnTable(table, limits.table))?;
        let count = placed.len() + filtered.len();
        if count > limits.all {
            return Err(TooMany::InAll(count, limits.all));
        }
        for (scope, name) in placed {
            let Some(each) = uses.get(&name) else { continue };
            let mask = Some((self.keys.mask.as_str(), name.as_str()));
            let policy = Policy::ours(&each.attached, mask, &reads(&each.attached));
            let object = policy::object(&scope, &name);
            ask(FactKind::MaskingPolicy, object.text(), "", policy.text(), &each.policies);
        }
        for (key, values) in [(&self.keys.mask, masks.into_keys().collect()), (&self.keys.input, inputs)] {
            let values: BTreeSet<String> = values;
            if values.len() > limits.values {
                return Err(TooMany::Values(key.clone(), values.len(), limits.values));
            }
            ask(FactKind::Rule, tags::governed(key), "", tags::values_body(values), &Policies::new());
        }
        let asked = asked.into_iter();
        Ok(asked
            .map(|((kind, object, key), (body, policies))| Asked { kind, object, key, body, policies })
            .collect())
    }
}
