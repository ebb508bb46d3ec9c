//! One change as SQL, without its last `;`.
//!
//! A view is replaced in one statement, which keeps its grants, as long as its columns stay; else it is dropped and made anew in
//! one transaction: docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html (2026-11-25).

use super::native::{DIALECT, Home, PUBLIC};
use super::policies::standing::{MaskStanding, RowStanding};
use super::policies::statement as policies;
use crate::backend::contract::{Change, Op};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::views::{self, Site, ViewBody};
use crate::inventory::{IntegrationId, Inventory};

/// The statement of a change.
pub(super) fn statement(
    inventory: &Inventory,
    integration: IntegrationId,
    change: &Change,
    symbols: &Symbols,
) -> String {
    let home = Home::of(inventory, integration);
    let before = change.before.map(|fact| symbols.text(fact.body));
    let (fact, before) = (&change.fact, before.unwrap_or(""));
    match change.op {
        Op::Add => policies::add(&home, fact, symbols).unwrap_or_else(|| add(&home, fact, symbols)),
        Op::Remove => policies::remove(&home, fact, symbols).unwrap_or_else(|| remove(&home, fact, symbols)),
        Op::Replace => policies::replace(&home, fact, before, symbols)
            .unwrap_or_else(|| replace(&home, fact, before, symbols)),
    }
}

/// What a fact is about, as plans show it.
pub(super) fn title(fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let (object, grantee) = (text(fact.key.object), text(fact.key.grantee));
    match fact.key.kind {
        FactKind::Grant => format!("{} on {object} to {grantee}", text(fact.key.privilege)),
        FactKind::Membership => format!("{object} to {grantee}"),
        FactKind::Entitlement => {
            let [_, name, value] = views::entitlement(fact, symbols);
            format!("{name} = {} of {grantee}", DIALECT.literal(&value))
        }
        FactKind::MaskAttachment => {
            let standing = MaskStanding::parse(text(fact.body));
            standing_title("MASKING POLICY", &standing.policy, object, &standing.grantee)
        }
        FactKind::RowAttachment => {
            let standing = RowStanding::parse(text(fact.body));
            if standing.policy.is_empty() {
                return format!("ROW LEVEL SECURITY on {object}");
            }
            standing_title("RLS POLICY", &standing.policy, object, &standing.grantee)
        }
        _ => object.to_owned(),
    }
}

fn standing_title(word: &str, policy: &str, object: &str, grantee: &str) -> String {
    format!("{word} {} on {object} to {grantee}", DIALECT.identifier(policy))
}

/// `CREATE OR REPLACE VIEW`: late-binding, so that it may read other databases and external tables.
pub(super) fn create_view(object: &str, body: &ViewBody, policies: &str, salt: Option<&str>) -> String {
    format!(
        "CREATE OR REPLACE VIEW {} AS {} WITH NO SCHEMA BINDING",
        quoted(object),
        body.marked(policies, DIALECT, salt)
    )
}

/// The quoted path of an object, as this dialect quotes.
pub(super) fn quoted(object: &str) -> String {
    let object = Object::parse(object);
    // A schema is named inside its database.
    let parts =
        if object.word == "SCHEMA" { object.path.get(1..).unwrap_or(&object.path) } else { &object.path };
    DIALECT.path(parts.iter().map(String::as_str))
}

/// The quoted path of a relation, in two parts where it is in the connected database: GRANT and ATTACH take no more there.
pub(super) fn relation(home: &Home<'_>, object: &str) -> String {
    let object = Object::parse(object);
    let parts = match object.path.as_slice() {
        [database, rest @ ..] if rest.len() == 2 && *database == home.database => rest,
        parts => parts,
    };
    DIALECT.path(parts.iter().map(String::as_str))
}

/// `ROLE "r"`, `"user"`, `GROUP "g"`, `PUBLIC`.
pub(super) fn grantee(text: &str) -> String {
    let object = Object::parse(text);
    match object.word.as_str() {
        PUBLIC => PUBLIC.to_owned(),
        "USER" => DIALECT.identifier(object.name()),
        word => format!("{word} {}", DIALECT.identifier(object.name())),
    }
}

/// `TABLE "s"."v"`: views are granted as tables.
fn securable(home: &Home<'_>, text: &str) -> String {
    match Object::parse(text).word.as_str() {
        "SCHEMA" => format!("SCHEMA {}", quoted(text)),
        _ => format!("TABLE {}", relation(home, text)),
    }
}

fn add(home: &Home<'_>, fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let (object, to) = (text(fact.key.object), grantee(text(fact.key.grantee)));
    match fact.key.kind {
        FactKind::Role => format!("CREATE {}", grantee(object)),
        FactKind::Membership => format!("GRANT {} TO {to}", grantee(object)),
        FactKind::Grant => {
            format!("GRANT {} ON {} TO {to}", text(fact.key.privilege), securable(home, object))
        }
        FactKind::View => create_view(object, &ViewBody::parse(text(fact.body)), text(fact.policies), None),
        FactKind::Entitlement => format!(
            "INSERT INTO {} (\"account\", \"name\", \"value\") VALUES {}",
            home.entitlements(),
            entitlement_row(fact, symbols)
        ),
        _ => foreign_kind(object),
    }
}

fn remove(home: &Home<'_>, fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let (object, from) = (text(fact.key.object), grantee(text(fact.key.grantee)));
    match fact.key.kind {
        FactKind::Role => format!("DROP {}", grantee(object)),
        FactKind::Membership => format!("REVOKE {} FROM {from}", grantee(object)),
        FactKind::Grant => {
            format!("REVOKE {} ON {} FROM {from}", text(fact.key.privilege), securable(home, object))
        }
        FactKind::View => format!("DROP VIEW {}", quoted(object)),
        FactKind::Entitlement => {
            let [account, name, value] = views::entitlement(fact, symbols).map(|part| DIALECT.literal(&part));
            format!(
                "DELETE FROM {} WHERE \"account\" = {account} AND \"name\" = {name} AND \"value\" = {value}",
                home.entitlements()
            )
        }
        _ => foreign_kind(object),
    }
}

fn replace(home: &Home<'_>, fact: &Fact, before: &str, symbols: &Symbols) -> String {
    let object = symbols.text(fact.key.object);
    let another = fact.key.kind == FactKind::View
        && ViewBody::parse(symbols.text(fact.body)).shape != ViewBody::parse(before).shape;
    let create = add(home, fact, symbols);
    if another { format!("BEGIN;\nDROP VIEW {};\n{create};\nCOMMIT", quoted(object)) } else { create }
}

/// `('alice', 'user attribute region as string', 'EMEA')`.
pub(super) fn entitlement_row(fact: &Fact, symbols: &Symbols) -> String {
    let [account, name, value] = views::entitlement(fact, symbols).map(|part| DIALECT.literal(&part));
    format!("({account}, {name}, {value})")
}

/// Kinds that Redshift's facts never have.
fn foreign_kind(object: &str) -> String {
    format!("SELECT {}", DIALECT.literal(&format!("no statement for {object}")))
}
