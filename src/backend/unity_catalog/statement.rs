//! One change as one SQL statement without its `;`, or as one request of the account's SCIM API (groups have no SQL).
//!
//! In: a change. Out: what a principal with the set-up's privileges runs. A mask, filter, policy or tag that takes another's place
//! is set over it, never dropped first: no moment is unprotected.

use serde_json::{Value, json};

use super::abac::{Policy, policy, tags};
use super::native::{self, Attached, DIALECT, ENTITLEMENTS, FunctionBody, Home, MARK};
use crate::backend::contract::{Change, Op};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::views::entitlement;
use crate::inventory::{IntegrationId, Inventory};

/// The statement of a change.
pub(super) fn statement(
    inventory: &Inventory,
    integration: IntegrationId,
    change: &Change,
    symbols: &Symbols,
) -> String {
    let (home, fact) = (Home::of(&inventory.integrations[integration]), &change.fact);
    let text = |symbol| symbols.text(symbol);
    let (object, body) = (Object::parse(text(fact.key.object)), text(fact.body));
    let (grantee, privilege) = (Object::parse(text(fact.key.grantee)), text(fact.key.privilege));
    let principal = || DIALECT.identifier(grantee.name());
    let comes = change.op != Op::Remove;
    if let Some(key) = tags::key_of(fact, symbols) {
        return if comes { tags::set(&object, key, body) } else { tags::unset(&object, key) };
    }
    match fact.key.kind {
        FactKind::Grant => {
            let on = native::shown(text(fact.key.object));
            if comes {
                format!("GRANT {privilege} ON {on} TO {}", principal())
            } else {
                format!("REVOKE {privilege} ON {on} FROM {}", principal())
            }
        }
        FactKind::Function if comes => {
            let body = FunctionBody::parse(body);
            create_function(&object, &body, &body.expression, text(fact.policies), change.op == Op::Replace)
        }
        FactKind::Function => format!("DROP FUNCTION IF EXISTS {}", native::quoted(&object)),
        FactKind::MaskAttachment if comes => set_mask(&object, &Attached::parse(body)),
        FactKind::MaskAttachment => format!("{} DROP MASK", alter_column(&object)),
        FactKind::RowAttachment if comes => set_filter(&object, &Attached::parse(body)),
        FactKind::RowAttachment => format!("ALTER TABLE {} DROP ROW FILTER", native::quoted(&object)),
        FactKind::Entitlement => {
            let (table, [account, name, value]) = (home.path(ENTITLEMENTS), entitlement(fact, symbols));
            let [account, name, value] = [account, name, value].map(|part| DIALECT.literal(&part));
            if comes {
                format!("INSERT INTO {table} (account, name, value) VALUES ({account}, {name}, {value})")
            } else {
                format!("DELETE FROM {table} WHERE account = {account} AND name = {name} AND value = {value}")
            }
        }
        FactKind::Group if comes => format!("POST {GROUPS} {}", group(object.name(), &[])),
        FactKind::Group => format!("DELETE {GROUPS}/{}", id_of(&object)),
        FactKind::Membership => {
            let operation = if comes {
                json!({"op": "add", "path": "members", "value": [{"value": id_of(&grantee)}]})
            } else {
                json!({"op": "remove", "path": format!("members[value eq \"{}\"]", id_of(&grantee))})
            };
            let patch = json!({"schemas": [PATCH], "Operations": [operation]});
            format!("PATCH {GROUPS}/{} {patch}", id_of(&object))
        }
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy if comes => {
            Policy::parse(body).create(&object, text(fact.policies))
        }
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy => policy::drop(&object),
        FactKind::Rule if comes => {
            let before = change.before.as_ref().map(|before| text(before.body));
            tags::govern(object.name(), body, before)
        }
        FactKind::Rule => format!("DROP GOVERNED TAG {}", DIALECT.identifier(object.name())),
        FactKind::Role | FactKind::Location | FactKind::View | FactKind::AuthorizedView => {
            format!("SELECT {}", DIALECT.literal(&format!("no statement for {}", object.text())))
        }
    }
}

/// Account groups: docs.databricks.com/api/account/accountgroups (2026-11-25).
const GROUPS: &str = "/api/2.0/accounts/{account_id}/scim/v2/Groups";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What stands for an id that only the account knows.
fn id_of(principal: &Object) -> String {
    format!("{{id of {}}}", principal.name())
}

/// A group of ours as SCIM has it; the mark stands in `externalId`.
pub(super) fn group(name: &str, members: &[Value]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name,
        "externalId": format!("{MARK}{name}"),
        "members": members,
    })
}

/// What a fact is about, as plans show it.
pub(super) fn title(fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let (object, privilege) = (native::shown(text(fact.key.object)), text(fact.key.privilege));
    let grantee = native::shown(text(fact.key.grantee));
    if let Some(key) = tags::key_of(fact, symbols) {
        return format!("{key} = {} on {object}", tags::value_of(text(fact.body)));
    }
    match fact.key.kind {
        FactKind::Grant => format!("{privilege} on {object} to {grantee}"),
        FactKind::Membership => format!("{object} to {grantee}"),
        FactKind::Entitlement => {
            let [_, name, value] = entitlement(fact, symbols);
            format!("{name} = {} of {grantee}", DIALECT.literal(&value))
        }
        FactKind::MaskAttachment | FactKind::RowAttachment => {
            format!("{} on {object}", native::shown(&Attached::parse(text(fact.body)).function))
        }
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
            let (scope, name) = policy::scope(&Object::parse(text(fact.key.object)));
            format!("POLICY {} on {}", DIALECT.identifier(&name), native::shown(&scope.text()))
        }
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule => object,
    }
}

/// `CREATE FUNCTION … RETURN …`.
pub(super) fn create_function(
    object: &Object,
    body: &FunctionBody,
    expression: &str,
    policies: &str,
    again: bool,
) -> String {
    format!(
        "CREATE {}FUNCTION {}{} RETURNS {} COMMENT {} RETURN {expression}",
        if again { "OR REPLACE " } else { "" },
        native::quoted(object),
        body.signature(),
        body.returns,
        DIALECT.plain_literal(&body.comment(policies)),
    )
}

fn alter_column(object: &Object) -> String {
    let column = DIALECT.identifier(object.column.as_deref().unwrap_or(""));
    format!("ALTER TABLE {} ALTER COLUMN {column}", native::quoted(object))
}

fn column_list(columns: &[String]) -> String {
    columns.iter().map(|each| DIALECT.identifier(each)).collect::<Vec<_>>().join(", ")
}

/// `SET MASK`, which takes the place of another.
pub(super) fn set_mask(object: &Object, attached: &Attached) -> String {
    let using = match attached.columns.as_slice() {
        [] => String::new(),
        columns => format!(" USING COLUMNS ({})", column_list(columns)),
    };
    format!("{} SET MASK {}{using}", alter_column(object), native::quoted(&Object::parse(&attached.function)))
}

/// `SET ROW FILTER`, which takes the place of another.
pub(super) fn set_filter(object: &Object, attached: &Attached) -> String {
    let function = native::quoted(&Object::parse(&attached.function));
    let columns = column_list(&attached.columns);
    format!("ALTER TABLE {} SET ROW FILTER {function} ON ({columns})", native::quoted(object))
}
