//! The files that build a state from nothing: `10_schema.sql 20_entitlements.sql 30_views.sql 40_grants.sql authorized_views.json`.
//!
//! In: facts. Out: statements in a safe order, each named after its policies, all of which may be run again: datasets; entitlements,
//! which change all at once; views; grants; and the access entries, before which the views show nothing to anybody.
//! A file is one script, and a script has a megabyte at most: what does not fit goes into `30_views_002.sql` and so on.
//! Invariant: the salt stands in views only, so only `30_views*.sql` is secret.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::native::{DIALECT, Home};
use super::statement::{COLUMNS, access_entry, create_view, dataset_reference, entitlement_row, grant};
use super::{bootstrap, policies};
use crate::backend::contract::Artefact;
use crate::backend::fact::{Fact, FactKind, Symbols, sort_by_text};
use crate::backend::object::Object;
use crate::backend::views::{Script, Site, ViewBody};
use crate::inventory::integration::Enforcement;
use crate::inventory::{IntegrationId, Inventory};

/// Bytes of a script: docs.cloud.google.com/bigquery/quotas#query_jobs (2026-11-25) says 1 MB, comments included.
const SCRIPT: usize = 900_000;
/// Bytes of the rows of one INSERT.
const ROWS: usize = 300_000;

/// The files.
pub(super) fn emit(
    inventory: &Inventory,
    integration: IntegrationId,
    facts: &[Fact],
    symbols: &Symbols,
    salt: Option<&str>,
) -> Vec<Artefact> {
    if inventory.integrations[integration].enforcement == Enforcement::Native {
        return policies::emit(inventory, integration, facts, symbols, salt);
    }
    let mut facts = facts.to_vec();
    sort_by_text(&mut facts, symbols);
    let of = |kind: FactKind| facts.iter().filter(move |fact| fact.key.kind == kind);
    let text = |symbol| symbols.text(symbol);
    let datasets: BTreeSet<[String; 2]> = of(FactKind::View)
        .filter_map(|fact| match Object::parse(text(fact.key.object)).path.as_slice() {
            [project, dataset, _] => Some([project.clone(), dataset.clone()]),
            _ => None,
        })
        .collect();
    let mut schema = Scripts::new("10_schema", "datasets and the entitlement table", false);
    for statement in bootstrap::set_up(inventory, integration, &datasets) {
        schema.statement("set-up", &statement);
    }
    let home = Home::of(inventory, integration);
    let rows: Vec<String> = of(FactKind::Entitlement).map(|fact| entitlement_row(fact, symbols)).collect();
    let mut views = Scripts::new("30_views", "views", true);
    for fact in of(FactKind::View) {
        let body = ViewBody::parse(text(fact.body));
        let create = create_view(text(fact.key.object), &body, text(fact.policies), salt);
        views.statement(text(fact.policies), &create);
    }
    let mut grants = Scripts::new("40_grants", "grants", false);
    let mut by_object: BTreeMap<(&str, &str), Vec<&Fact>> = BTreeMap::new();
    for fact in of(FactKind::Grant) {
        by_object.entry((text(fact.key.object), text(fact.key.privilege))).or_default().push(fact);
    }
    // Every GRANT reads and writes the whole policy of its object: one for all of its members.
    for ((object, role), facts) in by_object {
        let grantees: Vec<&str> = facts.iter().map(|fact| text(fact.key.grantee)).collect();
        let policies: BTreeSet<&str> = facts.iter().map(|fact| text(fact.policies)).collect();
        let policies: Vec<&str> = policies.into_iter().collect();
        grants.statement(&policies.join(", "), &grant(role, object, &grantees));
    }
    let scripts = [schema, entitlements(&home, &rows), views, grants];
    let mut files: Vec<Artefact> = scripts.into_iter().flat_map(Scripts::artefacts).collect();
    let authorized: Vec<&Fact> = of(FactKind::AuthorizedView).collect();
    files.push(authorized_views(&authorized, symbols));
    files
}

/// Rows come into a table beside, and take the place of the others in one transaction: a script may be run in pieces, and nobody
/// may meet a half-filled table.
fn entitlements(home: &Home<'_>, rows: &[String]) -> Scripts {
    let next = DIALECT.path([home.project.as_str(), &home.dataset, "entitlements_next"]);
    let table = home.entitlements();
    let mut scripts = Scripts::new("20_entitlements", "entitlements", false);
    scripts.statement("entitlements", &format!("CREATE OR REPLACE TABLE {next} LIKE {table}"));
    let mut chunk: Vec<&str> = Vec::new();
    let mut size = 0;
    let insert = |chunk: &[&str], scripts: &mut Scripts| {
        if !chunk.is_empty() {
            let rows = chunk.join(",\n");
            scripts.statement("entitlements", &format!("INSERT INTO {next} {COLUMNS} VALUES\n{rows}"));
        }
    };
    for row in rows {
        if size + row.len() > ROWS {
            insert(&chunk, &mut scripts);
            (chunk, size) = (Vec::new(), 0);
        }
        chunk.push(row);
        size += row.len() + 2;
    }
    insert(&chunk, &mut scripts);
    scripts.statement(
        "entitlements",
        &format!(
            "BEGIN TRANSACTION;\nDELETE FROM {table} WHERE TRUE;\nINSERT INTO {table} {COLUMNS} SELECT `account`, `name`, `value` FROM {next};\nCOMMIT TRANSACTION"
        ),
    );
    scripts.statement("entitlements", &format!("DROP TABLE IF EXISTS {next}"));
    scripts
}

/// The entries that a dataset's access list must have: to be added to those that datasets.get gives, and sent to datasets.patch.
fn authorized_views(facts: &[&Fact], symbols: &Symbols) -> Artefact {
    let mut by_dataset: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for fact in facts {
        let entry = access_entry(symbols.text(fact.key.grantee));
        by_dataset.entry(symbols.text(fact.key.object)).or_default().push(entry);
    }
    let list: Vec<Value> = by_dataset
        .into_iter()
        .map(|(dataset, access)| json!({"datasetReference": dataset_reference(dataset), "access": access}))
        .collect();
    let mut bytes = serde_json::to_vec_pretty(&list).unwrap_or_default();
    bytes.push(b'\n');
    Artefact { path: "authorized_views.json".to_owned(), bytes, secret: false }
}

/// Files of one kind, each small enough for a job.
pub(super) struct Scripts {
    stem: &'static str,
    what: &'static str,
    secret: bool,
    files: Vec<Script>,
    size: usize,
}

impl Scripts {
    /// Nothing yet. `secret`: bodies stand in them.
    pub(super) fn new(stem: &'static str, what: &'static str, secret: bool) -> Scripts {
        Scripts { stem, what, secret, files: vec![Script::new(what)], size: 0 }
    }

    /// Another statement, without its `;`.
    pub(super) fn statement(&mut self, policies: &str, text: &str) {
        let size = policies.len() + text.len() + 8;
        if self.size > 0 && self.size + size > SCRIPT {
            self.files.push(Script::new(self.what));
            self.size = 0;
        }
        self.size += size;
        if let Some(script) = self.files.last_mut() {
            script.statement(policies, text);
        }
    }

    /// The files.
    pub(super) fn artefacts(self) -> impl Iterator<Item = Artefact> {
        let Scripts { stem, secret, .. } = self;
        self.files.into_iter().zip(1..).map(move |(script, at)| match at {
            1 => script.artefact(&format!("{stem}.sql"), secret),
            at => script.artefact(&format!("{stem}_{at:03}.sql"), secret),
        })
    }
}
