//! Classes as roles: what a class of securables may be done with, and who may.
//!
//! In: the classes of an access. Out: a role per class, with SELECT (read) or INSERT, UPDATE, DELETE, TRUNCATE (write) on each
//! member, USAGE on its database and schema, and the accounts as members.
//! Cost: one fact per class and object, one per class and account; never their product.

use super::desired::Desired;
use super::native::{self, Object};
use crate::backend::body::{Asks, identity};
use crate::backend::class::{Class, Classes, Refused};
use crate::backend::fact::FactKind;
use crate::backend::gap::GapCode;
use crate::inventory::catalog::TableKind;
use crate::inventory::directory::Access;
use crate::inventory::{Securable, TableId};

/// Asks for the roles of an access.
pub(super) fn lower(desired: &mut Desired<'_>, access: Access, refused: &Refused) {
    let tables: Vec<TableId> =
        desired.lowering.tables().filter(|table| may_be_granted(desired, *table, access)).collect();
    let classes = Classes::of(desired.lowering, access, tables.into_iter().map(Securable::Table), refused);
    for class in &classes.classes {
        lower_class(desired, class);
    }
}

/// Views and external tables take no DML: the privileges of docs.snowflake.com/en/sql-reference/sql/grant-privilege (2026-11-23).
fn may_be_granted(desired: &mut Desired<'_>, table: TableId, access: Access) -> bool {
    let catalog = &desired.lowering.inventory().catalog;
    let what = match (access, catalog.tables[table].kind) {
        (Access::Read, _) | (Access::Write, TableKind::Table) => return true,
        (Access::Write, TableKind::View) => "a view",
        (Access::Write, TableKind::MaterializedView) => "a materialized view",
        (Access::Write, TableKind::External) => "an external table",
    };
    let securable = Securable::Table(table);
    let shown = catalog.shown_name(securable);
    if desired.lowering.accounts.within(&desired.lowering.meaning.may(securable, access)).is_empty() {
        return false;
    }
    let program = desired.lowering.program;
    let policies: Vec<String> = desired
        .lowering
        .meaning
        .active_subscriptions()
        .iter()
        .map(|id| &program.subscriptions[*id])
        .filter(|each| each.allow.contains(access) && each.on.contains(securable))
        .map(|each| each.head.name.clone())
        .collect();
    for policy in policies {
        let message = format!("`{shown}` is {what}, which Snowflake does not write to: nobody gets write");
        desired.gap(&policy, GapCode::WriteRefused, shown.clone(), message);
    }
    false
}

fn lower_class(desired: &mut Desired<'_>, class: &Class) {
    // The class's hash leaves out who is refused: two classes may share it, and must not share a role.
    let identity = [class.access.word().to_owned(), class.hash.clone(), identity(&class.accounts)];
    let name = desired.names.give(&class.subscription, &class.hash, &identity);
    desired.role(&name, &class.accounts, &class.policies);
    let (role, catalog) = (native::role(&name), &desired.lowering.inventory().catalog);
    let policies = || class.policies.iter().map(String::as_str);
    let privileges: &[&str] = match class.access {
        Access::Read => &["SELECT"],
        Access::Write => &native::WRITE,
    };
    for securable in &class.securables {
        let Securable::Table(table) = *securable else { continue };
        let [database, schema, table_name] = catalog.path(table);
        let word = native::relation_word(catalog.tables[table].kind);
        let object = Object::new(word, [database, schema, table_name]).text();
        for privilege in privileges {
            let key = (FactKind::Grant, object.clone(), role.clone(), *privilege);
            desired.add(key, String::new(), policies());
        }
        for object in [Object::new("DATABASE", [database]), Object::new("SCHEMA", [database, schema])] {
            let key = (FactKind::Grant, object.text(), role.clone(), "USAGE");
            desired.add(key, String::new(), policies());
        }
    }
}
