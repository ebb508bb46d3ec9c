//! The files that build a state from nothing: `10_schema.sql 20_entitlements.sql 30_views.sql 40_grants.sql`.
//!
//! In: facts. Out: batches in a safe order, each named after its policies, all of which may be run again: schema and roles;
//! entitlements; views, which nobody may read yet; grants; memberships last, for they open the door.
//! Invariant: the salt stands in views only, so only `30_views.sql` is secret. A client that goes on after an error (`sqlcmd`
//! without `-b`) leaves less than the policies say, never more: the entitlements change all together or not at all.

use super::bootstrap::{self, create_table, drop_table};
use super::native::{DIALECT, Home, STAGING};
use super::statement::{define, entitlement_row, exec, quoted, statement};
use crate::backend::contract::{Artefact, Change, Op};
use crate::backend::fact::{Fact, FactKind, Symbols, sort_by_text};
use crate::backend::object::Object;
use crate::backend::views::{Script, Site, ViewBody};
use crate::inventory::{IntegrationId, Inventory};

/// Rows of one INSERT. VALUES takes one row, and many SELECTs in a UNION are slow to plan:
/// learn.microsoft.com/sql/t-sql/statements/insert-transact-sql, its syntax for Synapse (2026-11-25).
const ROWS: usize = 250;

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
    let policies = |fact: &Fact| symbols.text(fact.policies);
    let mut schema = Script::batches("schema and roles");
    for text in bootstrap::set_up(inventory, integration) {
        schema.statement("set-up", &text);
    }
    for fact in of(FactKind::Role) {
        let name = Object::parse(symbols.text(fact.key.object)).name().to_owned();
        let create = format!(
            "IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE [name] = {} AND [type] = 'R') CREATE ROLE {}",
            DIALECT.literal(&name),
            DIALECT.identifier(&name)
        );
        schema.statement(policies(fact), &create);
    }
    let mut views = Script::batches("views");
    for fact in of(FactKind::View) {
        let (object, body) = (symbols.text(fact.key.object), ViewBody::parse(symbols.text(fact.body)));
        views.statement(policies(fact), &unless_there(object));
        views.statement(policies(fact), &define("ALTER", object, &body, policies(fact), salt));
    }
    let mut grants = Script::batches("grants, then members");
    for fact in of(FactKind::Grant).chain(of(FactKind::Membership)) {
        let change = Change { op: Op::Add, fact: *fact, before: None };
        grants.statement(policies(fact), &statement(inventory, integration, &change, symbols));
    }
    let rows: Vec<String> = of(FactKind::Entitlement).map(|fact| entitlement_row(fact, symbols)).collect();
    vec![
        schema.artefact("10_schema.sql", false),
        entitlements(&home, &rows).artefact("20_entitlements.sql", false),
        views.artefact("30_views.sql", true),
        grants.artefact("40_grants.sql", false),
    ]
}

/// An empty view, marked as ours, so that the next batch can alter it: short enough to be quoted twice, and without the salt.
fn unless_there(object: &str) -> String {
    let empty = ViewBody { query: "SELECT 1 AS [x] WHERE 1 = 0".to_owned(), ..ViewBody::default() };
    let create = exec(&define("CREATE", object, &empty, "", None));
    format!("IF OBJECT_ID({}, 'V') IS NULL {create}", DIALECT.literal(&quoted(object)))
}

/// Rows wait in a table of their own until all of them are there, and then take the place of those before. Readers see what is
/// not committed yet, so what hides comes first and goes last: at no moment has anybody more than before or after.
fn entitlements(home: &Home<'_>, rows: &[String]) -> Script {
    let mut script = Script::batches("entitlements");
    let (table, staging) = (home.entitlements(), home.path(STAGING));
    script.statement("entitlements", &drop_table(home, STAGING));
    script.statement("entitlements", &create_table(home, STAGING));
    for chunk in rows.chunks(ROWS) {
        let insert =
            format!("INSERT INTO {staging} ([account], [name], [value])\n{}", chunk.join(" UNION ALL\n"));
        script.statement("entitlements", &insert);
    }
    // Blanks at the end do not count in comparisons.
    let missing = |from: &str, other: &str| {
        format!(
            "NOT EXISTS (SELECT 1 FROM {other} o WHERE o.[account] = {from}.[account] AND o.[name] = {from}.[name] AND o.[value] + N'.' = {from}.[value] + N'.')"
        )
    };
    let come = |hides: &str| {
        format!(
            "INSERT INTO {table} ([account], [name], [value]) SELECT s.[account], s.[name], s.[value] FROM {staging} s WHERE s.[name] {hides} N'not %' AND {}",
            missing("s", &table)
        )
    };
    let go = |hides: &str| {
        format!("DELETE FROM {table} WHERE [name] {hides} N'not %' AND {}", missing(&table, &staging))
    };
    let swap = [come("LIKE"), go("NOT LIKE"), come("NOT LIKE"), go("LIKE")].join(";\n");
    script.statement(
        "entitlements",
        &format!(
            "DECLARE @rows bigint = (SELECT COUNT_BIG(*) FROM {staging});\nIF @rows <> {} THROW 50000, N'grantc: rows of entitlements are missing, and nothing is changed', 1;\n{swap}",
            rows.len()
        ),
    );
    script.statement("entitlements", &drop_table(home, STAGING));
    script
}
