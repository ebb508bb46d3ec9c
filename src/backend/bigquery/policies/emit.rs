//! The files that build a state from nothing: `10_schema.sql 20_routines.sql 30_data_policies.json 40_policies.sql 50_grants.sql`.
//!
//! In: facts. Out: statements in a safe order, each named after its policies, all of which may be run again; data policies are
//! requests, each of which is sent to dataPolicies.create unless one of that name is there.
//! Invariant: the salt stands in routines only, so only `20_routines*.sql` is secret.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::native::{DataPolicy, READ, RowPolicy, attached};
use super::statement;
use crate::backend::bigquery::bootstrap;
use crate::backend::bigquery::emit::Scripts;
use crate::backend::bigquery::native::Home;
use crate::backend::bigquery::statement::grant;
use crate::backend::contract::{Artefact, Op};
use crate::backend::fact::{Fact, FactKind, Symbols, sort_by_text};
use crate::inventory::{IntegrationId, Inventory};

/// Members that one statement lists in the table of bindings.
const LISTED: usize = 2_000;

/// The files.
pub(in crate::backend::bigquery) fn emit(
    inventory: &Inventory,
    integration: IntegrationId,
    facts: &[Fact],
    symbols: &Symbols,
    salt: Option<&str>,
) -> Vec<Artefact> {
    let mut facts = facts.to_vec();
    sort_by_text(&mut facts, symbols);
    let text = |symbol| symbols.text(symbol);
    let of = |kind: FactKind| facts.iter().filter(move |fact| fact.key.kind == kind);
    let (home, settings) = (Home::of(inventory, integration), &inventory.integrations[integration]);
    let mut schema = Scripts::new("10_schema", "the dataset of routines, and the table of bindings", false);
    for statement in bootstrap::set_up_tables(inventory, integration) {
        schema.statement("set-up", &statement);
    }
    let mut routines = Scripts::new("20_routines", "masking routines", true);
    for fact in of(FactKind::Function) {
        let create = statement::create_routine(text(fact.key.object), text(fact.body), salt);
        routines.statement(text(fact.policies), &create);
    }
    let mut policies = Scripts::new("40_policies", "what stands on tables and columns", false);
    for fact in of(FactKind::RowAttachment) {
        policies.statement(text(fact.policies), &statement::fence(settings, text(fact.key.object), Op::Add));
    }
    for fact in of(FactKind::MaskAttachment) {
        let attach = statement::attach(text(fact.key.object), &attached(text(fact.body)));
        policies.statement(text(fact.policies), &attach);
    }
    for fact in of(FactKind::RowAccessPolicy) {
        let policy = RowPolicy::parse(text(fact.body));
        let create = statement::create_policy(text(fact.key.object), &policy, text(fact.policies));
        policies.statement(text(fact.policies), &create);
    }
    let requests: Vec<Value> = of(FactKind::MaskingPolicy)
        .map(|fact| statement::request(text(fact.key.object), &DataPolicy::parse(text(fact.body)), Op::Add))
        .filter_map(|request| request.get("dataPolicies.create").cloned())
        .collect();
    let mut bytes = serde_json::to_vec_pretty(&requests).unwrap_or_default();
    bytes.push(b'\n');
    let requests = Artefact { path: "30_data_policies.json".to_owned(), bytes, secret: false };
    let mut files: Vec<Artefact> = schema.artefacts().chain(routines.artefacts()).collect();
    files.push(requests);
    let grants = grants(&home, &of(FactKind::Grant).collect::<Vec<_>>(), symbols);
    files.extend(policies.artefacts().chain(grants.artefacts()));
    files
}

/// Every GRANT reads and writes the whole policy of its object: one for all of its members. Readers of data policies come first.
fn grants(home: &Home<'_>, facts: &[&Fact], symbols: &Symbols) -> Scripts {
    let text = |symbol| symbols.text(symbol);
    let mut by_object: BTreeMap<(bool, &str, &str), Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        let role = text(fact.key.privilege);
        by_object.entry((role != READ, text(fact.key.object), role)).or_default().push(fact);
    }
    let mut script = Scripts::new("50_grants", "grants", false);
    for ((on_table, object, role), facts) in by_object {
        let grantees: Vec<&str> = facts.iter().map(|fact| text(fact.key.grantee)).collect();
        let policies: BTreeSet<&str> = facts.iter().map(|fact| text(fact.policies)).collect();
        let policies = policies.into_iter().collect::<Vec<_>>().join(", ");
        if !on_table {
            script.statement(&policies, &statement::read("GRANT", "TO", object, &grantees));
            continue;
        }
        for listed in grantees.chunks(LISTED) {
            script.statement(&policies, &statement::list(home, role, object, listed));
        }
        script.statement(&policies, &grant(role, object, &grantees));
    }
    script
}
