//! `30_policies.sql`: policies, and where they stand, before anybody is granted a table.
//!
//! CREATE and ATTACH know no IF NOT EXISTS that all clusters read alike, so a procedure of ours asks the system views first.
//! Invariant: the table of what was written holds `{salt}`, never the salt.

use super::body::{MASKING, PolicyBody};
use super::standing::{MaskStanding, RowStanding};
use super::statement::{attach_mask, attach_rows, create, lookup, remember, switch};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::redshift::bootstrap::UNLESS;
use crate::backend::redshift::native::{DIALECT, Home, POLICIES};
use crate::backend::views::Script;

/// The file's statements. `facts`: in the order of texts.
pub(in super::super) fn script(
    home: &Home<'_>,
    facts: &[Fact],
    symbols: &Symbols,
    salt: Option<&str>,
) -> Script {
    let of = |kind: FactKind| facts.iter().filter(move |fact| fact.key.kind == kind);
    let text = |symbol| symbols.text(symbol);
    let policies = || of(FactKind::MaskingPolicy).chain(of(FactKind::RowAccessPolicy));
    let mut script = Script::new("policies, and where they stand");
    script.statement("policies", "BEGIN");
    script.statement("policies", &format!("DELETE FROM {}", home.path(POLICIES)));
    for fact in policies() {
        script.statement(text(fact.policies), &remember(home, text(fact.key.object), text(fact.body)));
    }
    script.statement("policies", "COMMIT");
    for fact in policies() {
        let (object, body) = (text(fact.key.object), PolicyBody::parse(text(fact.body)));
        let create = match salt {
            Some(salt) => create(object, &body).replace("{salt}", &DIALECT.literal(salt)),
            None => create(object, &body),
        };
        script.statement(text(fact.policies), &unless(home, &existing(object), &create));
        if let Some(grant) = lookup(home, object, &body) {
            script.statement(text(fact.policies), &grant);
        }
    }
    for fact in of(FactKind::MaskAttachment) {
        let (object, standing) = (text(fact.key.object), MaskStanding::parse(text(fact.body)));
        let attach = attach_mask(home, object, &standing);
        script.statement(text(fact.policies), &unless(home, &standing_mask(object, &standing), &attach));
    }
    for fact in of(FactKind::RowAttachment) {
        let (object, standing) = (text(fact.key.object), RowStanding::parse(text(fact.body)));
        script.statement(text(fact.policies), &switch(home, object, true));
        let attach = attach_rows(home, object, &standing);
        script.statement(text(fact.policies), &unless(home, &standing_rows(object, &standing), &attach));
    }
    script
}

/// A statement that runs where a query counts nothing.
fn unless(home: &Home<'_>, count: &str, statement: &str) -> String {
    format!("CALL {}({}, {})", home.path(UNLESS), DIALECT.literal(count), DIALECT.literal(statement))
}

fn existing(object: &str) -> String {
    let Object { word, .. } = Object::parse(object);
    let name = DIALECT.literal(Object::parse(object).name());
    let (view, database, column) = match word.as_str() {
        MASKING => ("svv_masking_policy", "policy_database", "policy_name"),
        _ => ("svv_rls_policy", "poldb", "polname"),
    };
    format!("SELECT COUNT(*) FROM {view} WHERE {database} = current_database() AND {column} = {name}")
}

fn standing_mask(object: &str, standing: &MaskStanding) -> String {
    let object = Object::parse(object);
    let [_, schema, table] = parts(&object);
    let outputs = serde_json::to_string(&[object.column.as_deref().unwrap_or("")]).unwrap_or_default();
    format!(
        "SELECT COUNT(*) FROM svv_attached_masking_policy WHERE policy_name = {} AND schema_name = {schema} AND table_name = {table} AND output_columns = {} AND grantee_type = 'public'",
        DIALECT.literal(&standing.policy),
        DIALECT.literal(&outputs),
    )
}

fn standing_rows(object: &str, standing: &RowStanding) -> String {
    let object = Object::parse(object);
    let [_, schema, table] = parts(&object);
    format!(
        "SELECT COUNT(*) FROM svv_rls_attached_policy WHERE polname = {} AND relschema = {schema} AND relname = {table} AND granteekind = 'public'",
        DIALECT.literal(&standing.policy),
    )
}

fn parts(object: &Object) -> [String; 3] {
    let part = |at: usize| DIALECT.literal(object.path.get(at).map_or("", String::as_str));
    [part(0), part(1), part(2)]
}
