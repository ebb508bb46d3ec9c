//! One change as GoogleSQL without its last `;`, or, for an authorization, the access entry that comes or goes: there is no statement
//! for it, but datasets.get and datasets.patch of the whole list under its etag:
//! docs.cloud.google.com/bigquery/docs/authorized-views (2026-11-25).

use serde_json::{Value, json};

use super::bootstrap::views_dataset;
use super::native::{DIALECT, Home};
use super::{member, policies};
use crate::backend::contract::{Change, Op};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::views::{self, Site, ViewBody};
use crate::inventory::{IntegrationId, Inventory};

/// The statement of a change. What replaces is what adds: a view is replaced in one statement, a grant and an authorization are made again.
pub(super) fn statement(
    inventory: &Inventory,
    integration: IntegrationId,
    change: &Change,
    symbols: &Symbols,
) -> String {
    let (home, settings) = (Home::of(inventory, integration), &inventory.integrations[integration]);
    match change.op {
        Op::Add | Op::Replace => policies::add(&home, settings, change.op, &change.fact, symbols)
            .unwrap_or_else(|| add(&home, &change.fact, symbols)),
        Op::Remove => policies::remove(&home, settings, &change.fact, symbols)
            .unwrap_or_else(|| remove(&home, &change.fact, symbols)),
    }
}

/// What a fact is about, as plans show it.
pub(super) fn title(fact: &Fact, symbols: &Symbols) -> String {
    if let Some(title) = policies::title(fact, symbols) {
        return title;
    }
    let text = |symbol| symbols.text(symbol);
    let (object, grantee) = (text(fact.key.object), text(fact.key.grantee));
    match fact.key.kind {
        FactKind::Grant => format!("{} on {object} to {grantee}", text(fact.key.privilege)),
        FactKind::AuthorizedView => format!("{grantee} in {object}"),
        FactKind::Entitlement => {
            let [_, name, value] = views::entitlement(fact, symbols);
            format!("{name} = {} of {grantee}", DIALECT.literal(&value))
        }
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::MaskAttachment
        | FactKind::RowAttachment
        | FactKind::View
        | FactKind::Rule
        | FactKind::Membership => object.to_owned(),
    }
}

/// `CREATE OR REPLACE VIEW`.
pub(super) fn create_view(object: &str, body: &ViewBody, policies: &str, salt: Option<&str>) -> String {
    format!("CREATE OR REPLACE VIEW {} AS {}", quoted(object), body.marked(policies, DIALECT, salt))
}

/// ``GRANT `role` ON VIEW … TO 'user:…', …``.
pub(super) fn grant(role: &str, object: &str, grantees: &[&str]) -> String {
    let members: Vec<String> =
        grantees.iter().map(|grantee| DIALECT.plain_literal(&member::name(grantee))).collect();
    format!("GRANT {} ON {} TO {}", DIALECT.identifier(role), securable(object), members.join(", "))
}

/// An entry of a dataset's access list: a view, or all views of a dataset.
pub(super) fn access_entry(grantee: &str) -> Value {
    match Object::parse(grantee).path.as_slice() {
        [project, dataset] => json!({
            "dataset": {"dataset": {"projectId": project, "datasetId": dataset}, "targetTypes": ["VIEWS"]}
        }),
        [project, dataset, table] => {
            json!({"view": {"projectId": project, "datasetId": dataset, "tableId": table}})
        }
        _ => json!({}),
    }
}

/// `{"projectId": …, "datasetId": …}`.
pub(super) fn dataset_reference(object: &str) -> Value {
    let path = Object::parse(object).path;
    let part = |at: usize| path.get(at).map_or("", String::as_str);
    json!({"projectId": part(0), "datasetId": part(1)})
}

/// The quoted path of an object, as this dialect quotes.
fn quoted(object: &str) -> String {
    DIALECT.path(Object::parse(object).path.iter().map(String::as_str))
}

fn securable(object: &str) -> String {
    let word = Object::parse(object).word;
    let word = match word.as_str() {
        "SCHEMA" | "TABLE" | "VIEW" => word.as_str(),
        "EXTERNAL" => "EXTERNAL TABLE",
        _ => "TABLE",
    };
    format!("{word} {}", quoted(object))
}

fn patch(op: &str, fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let reference = dataset_reference(text(fact.key.object));
    let entry = access_entry(text(fact.key.grantee));
    json!({"datasets.patch": {"datasetReference": reference, op: [entry]}}).to_string()
}

fn add(home: &Home<'_>, fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let object = text(fact.key.object);
    match fact.key.kind {
        FactKind::Grant => grant(text(fact.key.privilege), object, &[text(fact.key.grantee)]),
        FactKind::View => {
            let create = create_view(object, &ViewBody::parse(text(fact.body)), text(fact.policies), None);
            match Object::parse(object).path.as_slice() {
                [project, dataset, _] => format!("{};\n{create}", views_dataset(home, [project, dataset])),
                _ => create,
            }
        }
        FactKind::AuthorizedView => patch("add", fact, symbols),
        FactKind::Entitlement => {
            format!("INSERT INTO {} {COLUMNS} VALUES {}", home.entitlements(), entitlement_row(fact, symbols))
        }
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::MaskAttachment
        | FactKind::RowAttachment
        | FactKind::Rule
        | FactKind::Membership => foreign_kind(object),
    }
}

fn remove(home: &Home<'_>, fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let object = text(fact.key.object);
    match fact.key.kind {
        FactKind::Grant => format!(
            "REVOKE {} ON {} FROM {}",
            DIALECT.identifier(text(fact.key.privilege)),
            securable(object),
            DIALECT.plain_literal(&member::name(text(fact.key.grantee)))
        ),
        FactKind::View => format!("DROP VIEW IF EXISTS {}", quoted(object)),
        FactKind::AuthorizedView => patch("remove", fact, symbols),
        FactKind::Entitlement => {
            let [account, name, value] = views::entitlement(fact, symbols).map(|part| DIALECT.literal(&part));
            format!(
                "DELETE FROM {} WHERE `account` = {account} AND `name` = {name} AND `value` = {value}",
                home.entitlements()
            )
        }
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::MaskAttachment
        | FactKind::RowAttachment
        | FactKind::Rule
        | FactKind::Membership => foreign_kind(object),
    }
}

/// The columns of the entitlement table.
pub(super) const COLUMNS: &str = "(`account`, `name`, `value`)";

/// `('alice@acme.example', 'user attribute region as string', 'EMEA')`.
pub(super) fn entitlement_row(fact: &Fact, symbols: &Symbols) -> String {
    let [account, name, value] = views::entitlement(fact, symbols).map(|part| DIALECT.literal(&part));
    format!("({account}, {name}, {value})")
}

/// Kinds that BigQuery's facts never have.
fn foreign_kind(object: &str) -> String {
    format!("SELECT {}", DIALECT.literal(&format!("no statement for {object}")))
}
