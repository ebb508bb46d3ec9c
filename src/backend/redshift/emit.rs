//! The files that build a state from nothing: `10_schema.sql 20_entitlements.sql 30_views.sql 40_grants.sql`; under
//! `enforcement: native`, `30_policies.sql` in place of `30_views.sql`.
//!
//! In: facts. Out: statements in a safe order, each named after its policies, all of which may be run again: schema and roles;
//! entitlements, in one transaction; views, which nobody may read yet, or policies; grants; memberships last, for they open the door.
//! Invariant: the salt stands in views and policies only, so only the third file is secret.

use super::bootstrap::{self, CREATE_ROLE};
use super::native::{DIALECT, Home};
use super::policies;
use super::statement::{create_view, entitlement_row, quoted, statement};
use crate::backend::contract::{Artefact, Change, Op};
use crate::backend::fact::{Fact, FactKind, Symbols, sort_by_text};
use crate::backend::object::Object;
use crate::backend::views::{Script, Site, ViewBody};
use crate::inventory::integration::Enforcement;
use crate::inventory::{IntegrationId, Inventory};

/// A statement has 16 MB at most, and a list of rows is quick below a few thousand:
/// docs.aws.amazon.com/redshift/latest/dg/c_redshift-sql.html (2026-11-23).
const ROWS: usize = 5_000;

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
    let home = Home::of(inventory, integration);
    let of = |kind: FactKind| facts.iter().filter(move |fact| fact.key.kind == kind);
    let by = |fact: &Fact| symbols.text(fact.policies);
    let mut schema = Script::new("schema and roles");
    for text in bootstrap::set_up(inventory, integration) {
        schema.statement("set-up", &text);
    }
    for fact in of(FactKind::Role) {
        let name = Object::parse(symbols.text(fact.key.object)).name().to_owned();
        let call = format!("CALL {}({})", home.path(CREATE_ROLE), DIALECT.literal(&name));
        schema.statement(by(fact), &call);
    }
    let mut entitlements = Script::new("entitlements");
    entitlements.statement("entitlements", "BEGIN");
    entitlements.statement("entitlements", &format!("DELETE FROM {}", home.entitlements()));
    let rows: Vec<String> = of(FactKind::Entitlement).map(|fact| entitlement_row(fact, symbols)).collect();
    for chunk in rows.chunks(ROWS) {
        let insert = format!(
            "INSERT INTO {} (\"account\", \"name\", \"value\") VALUES\n{}",
            home.entitlements(),
            chunk.join(",\n")
        );
        entitlements.statement("entitlements", &insert);
    }
    entitlements.statement("entitlements", "COMMIT");
    let (name, third) = match inventory.integrations[integration].enforcement {
        Enforcement::Native => ("30_policies.sql", policies::emit::script(&home, &facts, symbols, salt)),
        Enforcement::Auto | Enforcement::Tags => ("30_views.sql", views(&facts, symbols, salt)),
    };
    let mut grants = Script::new("grants, then members");
    for fact in of(FactKind::Grant).chain(of(FactKind::Membership)) {
        let change = Change { op: Op::Add, fact: *fact, before: None };
        grants.statement(by(fact), &statement(inventory, integration, &change, symbols));
    }
    vec![
        schema.artefact("10_schema.sql", false),
        entitlements.artefact("20_entitlements.sql", false),
        third.artefact(name, true),
        grants.artefact("40_grants.sql", false),
    ]
}

/// Every view.
fn views(facts: &[Fact], symbols: &Symbols, salt: Option<&str>) -> Script {
    let mut views = Script::new("views");
    for fact in facts.iter().filter(|fact| fact.key.kind == FactKind::View) {
        let policies = symbols.text(fact.policies);
        let (object, body) = (symbols.text(fact.key.object), ViewBody::parse(symbols.text(fact.body)));
        // One of other columns cannot be replaced; dropping takes its grants with it, which the next file gives again.
        views.statement(policies, "BEGIN");
        views.statement(policies, &format!("DROP VIEW IF EXISTS {}", quoted(object)));
        views.statement(policies, &create_view(object, &body, policies, salt));
        views.statement(policies, "COMMIT");
    }
    views
}
