//! The files that build a state from nothing: `10_roles.sql 20_policies.sql 30_attach.sql 40_grants.sql`.
//!
//! In: facts. Out: statements in a safe order, each named after its policies, all of which may be run again: roles; closed
//! policies, then their bodies and entitlements; attachments; grants; memberships last, for they open the door.
//! Invariant: the salt stands in bodies only, so only `20_policies.sql` is secret.

use super::bootstrap;
use super::native::{ENTITLEMENTS, Home, PolicyBody};
use super::statement::{add_rows, create_policy, entitlement_row, set_mask};
use crate::backend::contract::{Artefact, Change, Op};
use crate::backend::fact::{Fact, FactKind, Symbols, sort_by_text};
use crate::backend::sql::{Dialect, method};
use crate::inventory::{ColumnType, IntegrationId, Inventory};

/// A statement should stay below a megabyte: docs.snowflake.com/en/user-guide/query-size-limits (2026-11-23).
const CHUNK: usize = 512 * 1024;

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
    let of = |kinds: &[FactKind]| -> Vec<&Fact> {
        kinds.iter().flat_map(|kind| facts.iter().filter(move |fact| fact.key.kind == *kind)).collect()
    };
    let plain = |fact: &Fact| {
        let change = Change { op: Op::Add, fact: *fact, before: None };
        super::statement::statement(inventory, integration, &change, symbols)
    };
    let mut roles = Script::new("roles");
    for fact in of(&[FactKind::Role]) {
        roles.statement(symbols.text(fact.policies), &plain(fact));
    }
    let mut policies = Script::new("policies and entitlements");
    if facts
        .iter()
        .any(|fact| !matches!(fact.key.kind, FactKind::Role | FactKind::Grant | FactKind::Membership))
    {
        for text in bootstrap::set_up(&inventory.integrations[integration]) {
            policies.statement("set-up", &text);
        }
    }
    let home = Home::of(&inventory.integrations[integration]);
    entitlements(&mut policies, &home, &of(&[FactKind::Entitlement]), symbols);
    for fact in of(&[FactKind::MaskingPolicy, FactKind::RowAccessPolicy]) {
        policy(&mut policies, fact, symbols, salt);
    }
    let mut attachments = Script::new("where policies stand");
    for fact in of(&[FactKind::MaskAttachment]) {
        let text = set_mask(symbols.text(fact.key.object), symbols.text(fact.body), true);
        attachments.statement(symbols.text(fact.policies), &text);
    }
    for fact in of(&[FactKind::RowAttachment]) {
        attachments.statement(symbols.text(fact.policies), &attach_rows(fact, symbols));
    }
    let mut grants = Script::new("grants, then members");
    for fact in of(&[FactKind::Grant, FactKind::Membership]) {
        grants.statement(symbols.text(fact.policies), &plain(fact));
    }
    [
        ("10_roles.sql", roles, false),
        ("20_policies.sql", policies, true),
        ("30_attach.sql", attachments, false),
        ("40_grants.sql", grants, false),
    ]
    .into_iter()
    .map(|(path, script, secret)| Artefact { path: path.to_owned(), bytes: script.text.into_bytes(), secret })
    .collect()
}

/// Statements with a comment each.
struct Script {
    text: String,
}

impl Script {
    fn new(what: &str) -> Script {
        Script { text: format!("-- grantc: {what}. May be run again.\n") }
    }

    fn statement(&mut self, policies: &str, text: &str) {
        // Observed facts bring comments that anybody may have written.
        let policies: String =
            policies.chars().map(|each| if each.is_control() { ' ' } else { each }).collect();
        self.text.push_str(&format!("\n-- {policies}\n{text};\n"));
    }
}

/// A closed policy where there is none yet, then its body: a policy that is attached is never replaced.
fn policy(script: &mut Script, fact: &Fact, symbols: &Symbols, salt: Option<&str>) {
    let (object, policies) = (symbols.text(fact.key.object), symbols.text(fact.policies));
    let body = PolicyBody::parse(symbols.text(fact.body));
    let closed = match fact.key.kind {
        FactKind::RowAccessPolicy => "FALSE".to_owned(),
        _ => method::null(&ColumnType::parse(&body.returns)),
    };
    script.statement(policies, &create_policy(object, &body, &closed, policies, true));
    script.statement(policies, &format!("ALTER {object} SET BODY -> {}", salted(&body.expression, salt)));
}

/// The salt by value in a body. Literals that people write never hold the placeholder: see [`Dialect::literal`].
pub(super) fn salted(expression: &str, salt: Option<&str>) -> String {
    match salt {
        Some(salt) => expression.replace("{salt}", &Dialect::Snowflake.literal(salt)),
        None => expression.to_owned(),
    }
}

/// All rows in one transaction, so that a second run leaves what the first did and no reader sees the table half full.
fn entitlements(script: &mut Script, home: &Home, facts: &[&Fact], symbols: &Symbols) {
    if facts.is_empty() {
        return;
    }
    let table = home.path(ENTITLEMENTS);
    script.statement("entitlements", "BEGIN TRANSACTION");
    script.statement("entitlements", &format!("DELETE FROM {table}"));
    let mut rows = String::new();
    let mut flush = |rows: &mut String| {
        if !rows.is_empty() {
            let insert = format!("INSERT INTO {table} (\"ACCOUNT\", \"NAME\", \"VALUE\") VALUES\n{rows}");
            script.statement("entitlements", &insert);
            rows.clear();
        }
    };
    for (index, fact) in facts.iter().enumerate() {
        // VALUES takes 16,384 rows: docs.snowflake.com/en/sql-reference/sql/insert (2026-11-23).
        if rows.len() > CHUNK || index % 16_000 == 0 {
            flush(&mut rows);
        }
        if !rows.is_empty() {
            rows.push_str(",\n");
        }
        rows.push_str(&entitlement_row(fact, symbols));
    }
    flush(&mut rows);
    script.statement("entitlements", "COMMIT");
}

/// Adding fails where the policy stands already, so it is first swapped with itself, in one statement: dropping it before adding
/// it would leave a moment in which every row shows.
fn attach_rows(fact: &Fact, symbols: &Symbols) -> String {
    let (object, body) = (symbols.text(fact.key.object), symbols.text(fact.body));
    let (swap, add) = (add_rows(object, body, Some(body)), add_rows(object, body, None));
    let block = format!("BEGIN {swap}; EXCEPTION WHEN OTHER THEN {add}; END");
    // A literal or a variable, no expression: docs.snowflake.com/en/sql-reference/sql/execute-immediate (2026-11-26).
    format!("EXECUTE IMMEDIATE {}", Dialect::Snowflake.plain_literal(&block))
}
