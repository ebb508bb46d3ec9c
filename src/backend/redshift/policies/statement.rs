//! One change of a policy or its place as SQL, without its last `;`.
//!
//! Policies cannot be replaced, only their expression altered; a column takes one mask for everybody. So what is swapped is swapped
//! in one transaction, and a table whose row policies come is switched on first, which shows no row:
//! docs.aws.amazon.com/redshift/latest/dg/r_ALTER_MASKING_POLICY.html, r_ALTER_RLS_POLICY.html, r_ALTER_TABLE.html (2026-11-25).
//! That these statements can be in a transaction is INFERRED: r_BEGIN.html lists none of them as an exception.

use super::body::{MASKING, PolicyBody, RLS};
use super::standing::{MaskStanding, RowStanding};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::redshift::native::{DIALECT, Home, POLICIES};
use crate::backend::redshift::statement::{grantee, relation};
use crate::backend::views::Site;

/// Statements that hold together or not at all.
fn together(statements: &[String]) -> String {
    format!("BEGIN;\n{};\nCOMMIT", statements.join(";\n"))
}

fn name(object: &str) -> String {
    DIALECT.identifier(Object::parse(object).name())
}

/// `CREATE MASKING POLICY …`, `CREATE RLS POLICY …`.
pub(super) fn create(object: &str, body: &PolicyBody) -> String {
    let word = Object::parse(object).word;
    let list: Vec<String> =
        body.inputs.iter().map(|(name, of)| format!("{} {of}", DIALECT.identifier(name))).collect();
    let with = if list.is_empty() { String::new() } else { format!(" WITH ({})", list.join(", ")) };
    format!("CREATE {word} {}{with} USING ({})", name(object), body.expression)
}

/// What lets a masking policy read the entitlements, if it does. RLS policies are given that as they are made:
/// docs.aws.amazon.com/redshift/latest/dg/r_CREATE_RLS_POLICY.html (2026-11-25).
pub(super) fn lookup(home: &Home<'_>, object: &str, body: &PolicyBody) -> Option<String> {
    let looks = Object::parse(object).word == MASKING && body.expression.contains(&home.entitlements());
    looks.then(|| format!("GRANT SELECT ON TABLE {} TO MASKING POLICY {}", home.entitlements(), name(object)))
}

/// What is written under a policy's name.
pub(super) fn remember(home: &Home<'_>, object: &str, body: &str) -> String {
    format!(
        "INSERT INTO {} (\"name\", \"body\") VALUES ({}, {})",
        home.path(POLICIES),
        DIALECT.literal(Object::parse(object).name()),
        DIALECT.literal(body)
    )
}

fn forget(home: &Home<'_>, object: &str) -> String {
    let name = DIALECT.literal(Object::parse(object).name());
    format!("DELETE FROM {} WHERE \"name\" = {name}", home.path(POLICIES))
}

/// `ATTACH MASKING POLICY …`.
pub(super) fn attach_mask(home: &Home<'_>, object: &str, standing: &MaskStanding) -> String {
    let inputs: Vec<String> = standing.inputs.iter().map(|each| DIALECT.identifier(each)).collect();
    let column = Object::parse(object).column.unwrap_or_default();
    let using =
        if standing.inputs == [column] { String::new() } else { format!(" USING ({})", inputs.join(", ")) };
    let priority =
        if standing.priority == 0 { String::new() } else { format!(" PRIORITY {}", standing.priority) };
    format!(
        "ATTACH {} {}{using} TO {}{priority}",
        mask(standing),
        place(home, object),
        grantee(&standing.grantee)
    )
}

fn detach_mask(home: &Home<'_>, object: &str, standing: &MaskStanding) -> String {
    format!("DETACH {} {} FROM {}", mask(standing), place(home, object), grantee(&standing.grantee))
}

fn mask(standing: &MaskStanding) -> String {
    format!("{MASKING} {}", DIALECT.identifier(&standing.policy))
}

/// `ON "s"."t" ("c")`.
fn place(home: &Home<'_>, object: &str) -> String {
    let column = Object::parse(object).column.unwrap_or_default();
    format!("ON {} ({})", relation(home, object), DIALECT.identifier(&column))
}

/// `ALTER TABLE … ROW LEVEL SECURITY ON`.
pub(super) fn switch(home: &Home<'_>, object: &str, on: bool) -> String {
    let to = if on { "ON CONJUNCTION TYPE AND" } else { "OFF" };
    format!("ALTER TABLE {} ROW LEVEL SECURITY {to}", relation(home, object))
}

/// `ATTACH RLS POLICY …`.
pub(super) fn attach_rows(home: &Home<'_>, object: &str, standing: &RowStanding) -> String {
    let policy = DIALECT.identifier(&standing.policy);
    format!("ATTACH {RLS} {policy} ON {} TO {}", relation(home, object), grantee(&standing.grantee))
}

fn detach_rows(home: &Home<'_>, object: &str, standing: &RowStanding) -> String {
    let policy = DIALECT.identifier(&standing.policy);
    format!("DETACH {RLS} {policy} ON {} FROM {}", relation(home, object), grantee(&standing.grantee))
}

/// A policy or an attachment that comes; `None`: another kind of fact.
pub(in super::super) fn add(home: &Home<'_>, fact: &Fact, symbols: &Symbols) -> Option<String> {
    let (object, body) = (symbols.text(fact.key.object), symbols.text(fact.body));
    match fact.key.kind {
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
            let parsed = PolicyBody::parse(body);
            let mut statements = vec![create(object, &parsed)];
            statements.extend(lookup(home, object, &parsed));
            statements.extend([forget(home, object), remember(home, object, body)]);
            Some(together(&statements))
        }
        FactKind::MaskAttachment => Some(attach_mask(home, object, &MaskStanding::parse(body))),
        FactKind::RowAttachment => {
            let standing = RowStanding::parse(body);
            Some(together(&[switch(home, object, true), attach_rows(home, object, &standing)]))
        }
        _ => None,
    }
}

/// One that goes.
pub(in super::super) fn remove(home: &Home<'_>, fact: &Fact, symbols: &Symbols) -> Option<String> {
    let (object, body) = (symbols.text(fact.key.object), symbols.text(fact.body));
    match fact.key.kind {
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
            let drop = format!("DROP {} {}", Object::parse(object).word, name(object));
            Some(together(&[drop, forget(home, object)]))
        }
        FactKind::MaskAttachment => Some(detach_mask(home, object, &MaskStanding::parse(body))),
        FactKind::RowAttachment => {
            let standing = RowStanding::parse(body);
            let mut statements = Vec::new();
            if !standing.policy.is_empty() {
                statements.push(detach_rows(home, object, &standing));
            }
            // Another's policy still needs the switch.
            if !standing.shared {
                statements.push(switch(home, object, false));
            }
            Some(if statements.len() == 1 { statements.concat() } else { together(&statements) })
        }
        _ => None,
    }
}

/// One whose content changes: a body that was altered by hand, or another policy in the same place.
pub(in super::super) fn replace(
    home: &Home<'_>,
    fact: &Fact,
    before: &str,
    symbols: &Symbols,
) -> Option<String> {
    let (object, body) = (symbols.text(fact.key.object), symbols.text(fact.body));
    match fact.key.kind {
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
            let parsed = PolicyBody::parse(body);
            let alter = format!(
                "ALTER {} {} USING ({})",
                Object::parse(object).word,
                name(object),
                parsed.expression
            );
            let mut statements = vec![alter];
            statements.extend(lookup(home, object, &parsed));
            statements.extend([forget(home, object), remember(home, object, body)]);
            Some(together(&statements))
        }
        FactKind::MaskAttachment => {
            let (old, new) = (MaskStanding::parse(before), MaskStanding::parse(body));
            Some(together(&[detach_mask(home, object, &old), attach_mask(home, object, &new)]))
        }
        FactKind::RowAttachment => {
            let (old, new) = (RowStanding::parse(before), RowStanding::parse(body));
            let mut statements = vec![switch(home, object, true)];
            if (&old.policy, &old.grantee) != (&new.policy, &new.grantee) {
                statements.push(attach_rows(home, object, &new));
                if !old.policy.is_empty() {
                    statements.push(detach_rows(home, object, &old));
                }
            }
            Some(if statements.len() == 1 { statements.concat() } else { together(&statements) })
        }
        _ => None,
    }
}
