//! One change as T-SQL, without its last `;`.
//!
//! A view is altered, which keeps what is granted on it, whatever its columns become; to drop it would take that away:
//! learn.microsoft.com/sql/t-sql/statements/alter-view-transact-sql (2026-11-25). Each is a batch of its own: CREATE and ALTER
//! VIEW stand first in theirs. Pools have no `CREATE OR ALTER`, no `ALTER ROLE … ADD MEMBER`, no DDL in transactions.

use super::native::{DIALECT, Home};
use crate::backend::contract::{Change, Op};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::views::{self, Site, ViewBody};
use crate::inventory::{IntegrationId, Inventory};

/// The body of a grant that may be handed on.
pub(super) const GRANT_OPTION: &str = "WITH GRANT OPTION";
/// Begins the privilege of a fact that takes away, whoever gives.
pub(super) const DENY: &str = "DENY ";

/// The statement of a change.
pub(super) fn statement(
    inventory: &Inventory,
    integration: IntegrationId,
    change: &Change,
    symbols: &Symbols,
) -> String {
    let home = Home::of(inventory, integration);
    match change.op {
        Op::Add => add(&home, &change.fact, symbols),
        Op::Remove => remove(&home, change.before.as_ref().unwrap_or(&change.fact), symbols),
        Op::Replace => match change.fact.key.kind {
            FactKind::View => view("ALTER", &change.fact, symbols),
            // REVOKE GRANT OPTION FOR is none of a pool's.
            _ => format!(
                "{}; {}",
                remove(&home, change.before.as_ref().unwrap_or(&change.fact), symbols),
                add(&home, &change.fact, symbols)
            ),
        },
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
        _ => object.to_owned(),
    }
}

/// A statement that must begin a batch, inside another. EXEC takes literals and variables only, no expression.
pub(super) fn exec(text: &str) -> String {
    // Names and literals have no line breaks: what is left of them stands between words.
    let line: String =
        text.chars().map(|each| if matches!(each, '\n' | '\r' | '\0') { ' ' } else { each }).collect();
    format!("EXEC(N'{}')", line.replace('\'', "''"))
}

/// `CREATE VIEW`, or `ALTER VIEW`. Our comment begins the query: `sys.sql_modules` keeps texts as they are written.
pub(super) fn define(
    word: &str,
    object: &str,
    body: &ViewBody,
    policies: &str,
    salt: Option<&str>,
) -> String {
    format!("{word} VIEW {} AS {}", quoted(object), body.marked(policies, DIALECT, salt))
}

fn view(word: &str, fact: &Fact, symbols: &Symbols) -> String {
    let body = ViewBody::parse(symbols.text(fact.body));
    define(word, symbols.text(fact.key.object), &body, symbols.text(fact.policies), None)
}

/// The quoted path of an object, as this dialect quotes.
pub(super) fn quoted(object: &str) -> String {
    DIALECT.path(Object::parse(object).path.iter().map(String::as_str))
}

/// `OBJECT::[s].[v]`, `OBJECT::[s].[t] ([c])`, `SCHEMA::[s]`, `DATABASE::[d]`.
fn securable(text: &str) -> String {
    let object = Object::parse(text);
    let class = match object.word.as_str() {
        "TABLE" | "VIEW" => "OBJECT",
        "DATABASE_PRINCIPAL" => "USER",
        word => word,
    };
    match &object.column {
        Some(column) => format!("{class}::{} ({})", quoted(text), DIALECT.identifier(column)),
        None => format!("{class}::{}", quoted(text)),
    }
}

/// The name of a role or user.
fn principal(text: &str) -> String {
    DIALECT.identifier(Object::parse(text).name())
}

/// `EXEC procedure N'role', N'member'`. Arguments are literals or variables: a name that is no plain literal is put into one.
fn members(procedure: &str, role: &str, member: &str) -> String {
    let (mut declared, mut arguments) = (String::new(), Vec::new());
    for (variable, object) in [("@role", role), ("@member", member)] {
        let literal = DIALECT.literal(Object::parse(object).name());
        if literal.starts_with('(') {
            declared.push_str(&format!("DECLARE {variable} nvarchar(128) = {literal}; "));
            arguments.push(variable.to_owned());
        } else {
            arguments.push(literal);
        }
    }
    format!("{declared}EXEC {procedure} {}", arguments.join(", "))
}

fn add(home: &Home<'_>, fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let (object, grantee) = (text(fact.key.object), text(fact.key.grantee));
    match fact.key.kind {
        FactKind::Role => format!("CREATE ROLE {}", principal(object)),
        FactKind::Membership => members("sp_addrolemember", object, grantee),
        FactKind::Grant => {
            let privilege = text(fact.key.privilege);
            let (word, privilege) =
                privilege.strip_prefix(DENY).map_or(("GRANT", privilege), |privilege| ("DENY", privilege));
            let option = if text(fact.body) == GRANT_OPTION { " WITH GRANT OPTION" } else { "" };
            format!("{word} {privilege} ON {} TO {}{option}", securable(object), principal(grantee))
        }
        FactKind::View => view("CREATE", fact, symbols),
        FactKind::Entitlement => format!(
            "INSERT INTO {} ([account], [name], [value]) {}",
            home.entitlements(),
            entitlement_row(fact, symbols)
        ),
        _ => foreign_kind(object),
    }
}

fn remove(home: &Home<'_>, fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let (object, grantee) = (text(fact.key.object), text(fact.key.grantee));
    match fact.key.kind {
        FactKind::Role => format!("DROP ROLE {}", principal(object)),
        FactKind::Membership => members("sp_droprolemember", object, grantee),
        FactKind::Grant => {
            let privilege = text(fact.key.privilege);
            let privilege = privilege.strip_prefix(DENY).unwrap_or(privilege);
            let cascade = if text(fact.body) == GRANT_OPTION { " CASCADE" } else { "" };
            format!("REVOKE {privilege} ON {} FROM {}{cascade}", securable(object), principal(grantee))
        }
        FactKind::View => format!("DROP VIEW {}", quoted(object)),
        FactKind::Entitlement => {
            let [account, name, value] = views::entitlement(fact, symbols).map(|part| DIALECT.literal(&part));
            // A blank at the end does not count in comparisons.
            format!(
                "DELETE FROM {} WHERE [account] = {account} AND [name] = {name} AND [value] + N'.' = {value} + N'.'",
                home.entitlements()
            )
        }
        _ => foreign_kind(object),
    }
}

/// `SELECT N'alice', N'user attribute region as string', N'EMEA'`: VALUES has one row only, of constants.
pub(super) fn entitlement_row(fact: &Fact, symbols: &Symbols) -> String {
    let [account, name, value] = views::entitlement(fact, symbols).map(|part| DIALECT.literal(&part));
    format!("SELECT {account}, {name}, {value}")
}

/// Kinds that Synapse's facts never have.
fn foreign_kind(object: &str) -> String {
    format!("SELECT {}", DIALECT.literal(&format!("no statement for {object}")))
}
