//! The exports of tables as facts.
//!
//! In: what rowAccessPolicies.list and .getIamPolicy, dataPolicies.list, tables.get and INFORMATION_SCHEMA.ROUTINES answer, and our table
//! of bindings. Out: facts. Ours are policies and routines whose names have the shape of ours, what stands on columns if all of it is
//! ours, who may read through our data policies, and the bindings that our table lists.
//! Invariant: where a policy of somebody else lets in one of ours, it holds the fence's place, so that nobody new is let in.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::native::{
    BINDING, DataPolicy, READ, RowPolicy, attachment, data_policy_of, fence_name, grantee_of, policy_object,
    prefix,
};
use crate::backend::bigquery::member;
use crate::backend::bigquery::native::{DIALECT, Home, VIEWER};
use crate::backend::body::generated;
use crate::backend::export::{self, Export, Pages, pages};
use crate::backend::fact::FactKind;
use crate::backend::object::Object;
use crate::backend::state::Reading;
use crate::backend::views::Sightings;
use crate::diagnostic::{Code, Diagnostic, Reported};
use crate::inventory::{Accounts, Integration, IntegrationId, Inventory, TableId};

/// What is exported of tables.
pub(in crate::backend::bigquery) const FILES: [&str; 5] =
    ["bindings.csv", "routines.csv", ROW_POLICIES.name, DATA_POLICIES.name, TABLES.name];
const ROW_POLICIES: Pages = Pages {
    name: "row_access_policies.json",
    key: "rowAccessPolicies",
    entry: &["rowAccessPolicyReference"],
};
const DATA_POLICIES: Pages = Pages { name: "data_policies.json", key: "dataPolicies", entry: &["name"] };
const TABLES: Pages = Pages { name: "tables.json", key: "tables", entry: &["tableReference"] };

/// The bindings that are ours: dotted path, role, member.
#[derive(Clone, Default)]
pub(in crate::backend::bigquery) struct Bindings(BTreeSet<[String; 3]>);

impl Bindings {
    /// The body of a grant; `None`: it is not ours.
    pub(in crate::backend::bigquery) fn body(
        &self,
        object: &str,
        role: &str,
        grantee: &str,
    ) -> Option<String> {
        let key = [Object::parse(object).path.join("."), role.to_owned(), member::name(grantee)];
        (role == VIEWER && self.0.contains(&key)).then(|| BINDING.to_owned())
    }
}

/// What is read of tables.
#[derive(Default)]
pub(in crate::backend::bigquery) struct Exports {
    bindings: Bindings,
    routines: Option<Export>,
    row_policies: Vec<RowPolicyEntry>,
    data_policies: Vec<DataPolicyEntry>,
    tables: Vec<TableEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RowPolicyEntry {
    row_access_policy_reference: Reference,
    #[serde(default)]
    filter_predicate: String,
    grantees: Option<Vec<String>>,
    iam_policy: Option<IamPolicy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    project_id: String,
    dataset_id: String,
    table_id: String,
    #[serde(default)]
    policy_id: String,
}

#[derive(Deserialize)]
struct IamPolicy {
    #[serde(default)]
    bindings: Vec<Binding>,
}

#[derive(Deserialize)]
struct Binding {
    #[serde(default)]
    members: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DataPolicyEntry {
    name: String,
    #[serde(default)]
    data_policy_type: String,
    #[serde(default)]
    data_masking_policy: Masking,
    #[serde(default)]
    grantees: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Masking {
    predefined_expression: Option<String>,
    routine: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TableEntry {
    table_reference: Reference,
    schema: Schema,
}

#[derive(Deserialize)]
struct Schema {
    #[serde(default)]
    fields: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    name: String,
    #[serde(default)]
    data_policies: Vec<Named>,
    #[serde(default)]
    policy_tags: PolicyTags,
    #[serde(default)]
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize, Default)]
struct PolicyTags {
    #[serde(default)]
    names: Vec<String>,
}

/// Reads the files that are there.
pub(in crate::backend::bigquery) fn read(reading: &mut Reading<'_>) -> Result<Exports, Reported> {
    let mut exports = Exports::default();
    if let Some(export) = export::export(reading, "bindings.csv", &["OBJECT", "ROLE", "MEMBER"])? {
        let row = |row| ["OBJECT", "ROLE", "MEMBER"].map(|header| export.field(row, header).to_owned());
        exports.bindings.0 = export.rows.iter().map(row).collect();
    }
    const ROUTINE: [&str; 5] =
        ["ROUTINE_CATALOG", "ROUTINE_SCHEMA", "ROUTINE_NAME", "DATA_TYPE", "ROUTINE_DEFINITION"];
    exports.routines = export::export(reading, "routines.csv", &ROUTINE)?;
    exports.row_policies = pages(reading, &ROW_POLICIES)?;
    if let Some(entry) = exports.row_policies.iter().find(|entry| !entry.tells_whom()) {
        let path = format!("{}/{}", reading.folder.name, ROW_POLICIES.name);
        let Reference { dataset_id, table_id, policy_id, .. } = &entry.row_access_policy_reference;
        let message =
            format!("`{path}` does not tell whom `{policy_id}` of `{dataset_id}.{table_id}` is for");
        let told = Diagnostic::error(Code::BadState, message)
            .note("rowAccessPolicies.list leaves it out: each policy needs the answer of .getIamPolicy as `iamPolicy`");
        return Err(export::tell(reading, &path, 1, told));
    }
    exports.data_policies = pages(reading, &DATA_POLICIES)?;
    exports.tables = pages(reading, &TABLES)?;
    Ok(exports)
}

/// Where rows of exports are met.
struct State<'a> {
    inventory: &'a Inventory,
    integration: IntegrationId,
    settings: &'a Integration,
    prefix: String,
    /// The tables of the catalog.
    tables: BTreeMap<[&'a str; 3], TableId>,
    seen: &'a mut Sightings,
}

impl Exports {
    /// The bindings that are ours.
    pub(in crate::backend::bigquery) fn bindings(&self) -> Bindings {
        self.bindings.clone()
    }

    /// Puts everything among what is seen.
    pub(in crate::backend::bigquery) fn sight(
        &self,
        inventory: &Inventory,
        integration: IntegrationId,
        salt: Option<&str>,
        seen: &mut Sightings,
    ) {
        let settings = &inventory.integrations[integration];
        let catalog = &inventory.catalog;
        let here = catalog.tables.ids().filter(|table| catalog.home(*table).1.integration == integration);
        let tables = here.map(|table| (catalog.path(table), table)).collect();
        let mut state = State { inventory, integration, settings, prefix: prefix(settings), tables, seen };
        state.routines(self.routines.as_ref(), salt);
        state.row_policies(&self.row_policies);
        self.data_policies.iter().for_each(|entry| state.data_policy(entry));
        for entry in &self.tables {
            let Reference { project_id, dataset_id, table_id, .. } = &entry.table_reference;
            let table = Object::new("TABLE", [project_id.as_str(), dataset_id, table_id]);
            state.columns(&table, "", &entry.schema.fields);
        }
    }
}

impl State<'_> {
    fn is_ours(&self, name: &str) -> Option<String> {
        generated(name, &self.prefix).then(String::new)
    }

    /// Routines of our dataset, and what others look like: a data policy of theirs may lean on them.
    fn routines(&mut self, export: Option<&Export>, salt: Option<&str>) {
        let home = Home::of(self.inventory, self.integration);
        for row in export.iter().flat_map(|export| &export.rows) {
            let field = |header: &str| export.map_or("", |export| export.field(row, header)).to_owned();
            let path = ["ROUTINE_CATALOG", "ROUTINE_SCHEMA", "ROUTINE_NAME"].map(field);
            let in_our_dataset = path[0] == home.project && path[1] == home.dataset;
            let ours = self.is_ours(&path[2]).filter(|_| in_our_dataset);
            let definition = field("ROUTINE_DEFINITION");
            let definition = match salt {
                Some(salt) => definition.replace(&DIALECT.literal(salt), "{salt}"),
                None => definition,
            };
            let body = format!("{}\n{definition}", field("DATA_TYPE"));
            let object = Object::new("ROUTINE", path.iter().map(String::as_str)).text();
            self.seen.put((FactKind::Function, &object, "", ""), body, ours);
        }
    }

    fn row_policies(&mut self, entries: &[RowPolicyEntry]) {
        let mut by_table: BTreeMap<[&str; 3], Vec<&RowPolicyEntry>> = BTreeMap::new();
        for entry in entries {
            let Reference { project_id, dataset_id, table_id, .. } = &entry.row_access_policy_reference;
            by_table.entry([project_id, dataset_id, table_id]).or_default().push(entry);
        }
        let accounts = Accounts::of(self.inventory, self.integration);
        for (path, entries) in by_table {
            let table = Object::new("TABLE", path).text();
            let fence = fence_name(self.settings, &path);
            let mut letting_in = Vec::new();
            for entry in &entries {
                let name = &entry.row_access_policy_reference.policy_id;
                let policy = entry.policy();
                let ours = self.is_ours(name);
                if *name != fence
                    && ours.is_none()
                    && policy.grantees.iter().any(|each| lets_in(&accounts, each))
                {
                    letting_in.push(name.clone());
                }
            }
            let held = (!letting_in.is_empty()).then(|| format!("held by {}", letting_in.join(", ")));
            for entry in entries {
                let name = &entry.row_access_policy_reference.policy_id;
                if *name == fence {
                    let body = held.clone().unwrap_or_else(|| entry.fence());
                    let ours = held.is_none().then(String::new);
                    self.seen.put((FactKind::RowAttachment, &table, "", ""), body, ours);
                    continue;
                }
                let (policies, body) = RowPolicy::observed(&entry.filter_predicate, entry.policy().grantees);
                let ours = self.is_ours(name).map(|_| policies.unwrap_or_default());
                let object = policy_object(&path, name);
                self.seen.put((FactKind::RowAccessPolicy, &object, "", ""), body.text(), ours);
            }
            if let Some(held) = held {
                self.seen.put((FactKind::RowAttachment, &table, "", ""), held, None);
            }
        }
    }

    fn data_policy(&mut self, entry: &DataPolicyEntry) {
        let object = data_policy_of(&entry.name);
        let ours = self.is_ours(Object::parse(&object).name());
        let Masking { predefined_expression, routine } = &entry.data_masking_policy;
        let routine =
            routine.as_ref().map(|routine| match routine.split('/').collect::<Vec<_>>().as_slice() {
                ["projects", project, "datasets", dataset, "routines", name] => {
                    Object::new("ROUTINE", [*project, *dataset, *name]).text()
                }
                _ => format!("ROUTINE {routine}"),
            });
        let body = DataPolicy {
            kind: entry.data_policy_type.clone(),
            predefined: predefined_expression.clone(),
            routine,
        };
        self.seen.put((FactKind::MaskingPolicy, &object, "", ""), body.text(), ours.clone());
        for grantee in &entry.grantees {
            let grantee = grantee_of(grantee);
            self.seen.put((FactKind::Grant, &object, &grantee, READ), String::new(), ours.clone());
        }
    }

    fn columns(&mut self, table: &Object, above: &str, fields: &[Field]) {
        for field in fields {
            let name = format!("{above}{}", field.name);
            let policies = field.data_policies.iter().map(|each| data_policy_of(&each.name));
            let tags = field.policy_tags.names.iter().map(|tag| format!("POLICY TAG {tag}"));
            let standing: Vec<String> = policies.chain(tags).collect();
            if !standing.is_empty() {
                let ours = standing.iter().all(|each| self.is_ours(Object::parse(each).name()).is_some());
                let column = Some(self.spelled(table, &name));
                let object = Object { column, ..table.clone() }.text();
                let ours = ours.then(String::new);
                self.seen.put((FactKind::MaskAttachment, &object, "", ""), attachment(standing), ours);
            }
            self.columns(table, &format!("{name}."), &field.fields);
        }
    }

    /// A column as the catalog spells it: letter case does not count in columns.
    fn spelled(&self, table: &Object, name: &str) -> String {
        let catalog = &self.inventory.catalog;
        let [project, dataset, last] = table.path.as_slice() else { return name.to_owned() };
        let known =
            self.tables.get(&[project.as_str(), dataset, last]).map(|table| &catalog.tables[*table].columns);
        known
            .into_iter()
            .flatten()
            .map(|column| &catalog.columns[*column].name)
            .find(|known| known.eq_ignore_ascii_case(name))
            .map_or_else(|| name.to_owned(), Clone::clone)
    }
}

/// Whether a member may stand for an account of ours.
fn lets_in(accounts: &Accounts, grantee: &str) -> bool {
    !grantee.starts_with("USER ") || accounts.find(&member::name(grantee)).is_some()
}

impl RowPolicyEntry {
    fn tells_whom(&self) -> bool {
        self.grantees.is_some() || self.iam_policy.is_some()
    }

    fn policy(&self) -> RowPolicy {
        let bound = self.iam_policy.iter().flat_map(|policy| &policy.bindings);
        let listed = self.grantees.iter().flatten();
        let all = bound.flat_map(|binding| &binding.members).chain(listed);
        let grantees: BTreeSet<String> = all.map(|each| member::grantee(each)).collect();
        RowPolicy {
            filters: Vec::new(),
            grantees: grantees.into_iter().collect(),
            predicate: self.filter_predicate.clone(),
        }
    }

    /// The body of a fence: nothing, unless it says something else.
    fn fence(&self) -> String {
        let policy = self.policy();
        let is_ours = policy.grantees.is_empty() && policy.predicate.trim().eq_ignore_ascii_case("false");
        if is_ours { String::new() } else { policy.text() }
    }
}
