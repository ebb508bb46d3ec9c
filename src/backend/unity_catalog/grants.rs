//! Classes as groups: what a class of securables may be done with, and who may.
//!
//! In: the classes of an access. Out: a group per class, with SELECT (read) or MODIFY (write) on each member, USE SCHEMA and USE
//! CATALOG on what it lies in, and the accounts as members.
//! Cost: one fact per class and object, one per class and account; never their product.

use super::desired::Desired;
use super::native;
use crate::backend::body::{Asks, identity};
use crate::backend::class::{Class, Classes, Refused};
use crate::backend::fact::FactKind;
use crate::backend::gap::GapCode;
use crate::backend::object::Object;
use crate::inventory::catalog::TableKind;
use crate::inventory::directory::Access;
use crate::inventory::{Securable, TableId};

/// Asks for the groups of an access.
pub(super) fn lower(desired: &mut Desired<'_>, access: Access, tables: &[TableId], refused: &Refused) {
    let mut granted = Vec::new();
    for table in tables {
        if access == Access::Read || is_written_to(desired, *table, refused) {
            granted.push(Securable::Table(*table));
        }
    }
    let classes = Classes::of(desired.lowering, access, granted.into_iter(), refused);
    for class in &classes.classes {
        lower_class(desired, class);
    }
}

/// Whether the table can be written to by anybody, and a gap for those who cannot. MODIFY is of use to those only who may
/// SELECT too: docs.databricks.com/data-governance/unity-catalog/access-control/privileges-reference (2026-11-25).
fn is_written_to(desired: &mut Desired<'_>, table: TableId, refused: &Refused) -> bool {
    let lowering = desired.lowering;
    let (catalog, securable) = (&lowering.inventory().catalog, Securable::Table(table));
    let within = |access| {
        lowering.accounts.within(&(lowering.meaning.may(securable, access) - refused.users(securable)))
    };
    let writers = within(Access::Write);
    if writers.is_empty() {
        return false;
    }
    let what = match catalog.tables[table].kind {
        TableKind::Table | TableKind::External => None,
        TableKind::View => Some("a view"),
        TableKind::MaterializedView => Some("a materialized view"),
    };
    let shown = catalog.shown_name(securable);
    let blind = (&writers - within(Access::Read)).len();
    let message = match what {
        Some(what) => format!("`{shown}` is {what}, which Databricks does not write to: nobody gets write"),
        None if blind > 0 => {
            let whom = if blind == 1 { "one account".to_owned() } else { format!("{blind} accounts") };
            format!("Databricks writes only for those who may read as well: {whom} cannot write `{shown}`")
        }
        None => return true,
    };
    for policy in writing(desired, securable) {
        desired.gap(&policy, GapCode::WriteRefused, shown.clone(), message.clone());
    }
    what.is_none()
}

/// The active subscriptions that allow writing a securable.
fn writing(desired: &Desired<'_>, securable: Securable) -> Vec<String> {
    let (program, meaning) = (desired.lowering.program, desired.lowering.meaning);
    meaning
        .active_subscriptions()
        .iter()
        .map(|id| &program.subscriptions[*id])
        .filter(|each| each.allow.contains(Access::Write) && each.on.contains(securable))
        .map(|each| each.head.name.clone())
        .collect()
}

fn lower_class(desired: &mut Desired<'_>, class: &Class) {
    // The class's hash leaves out who is refused: two classes may share it, and must not share a group.
    let identity = [class.access.word().to_owned(), class.hash.clone(), identity(&class.accounts)];
    let name = desired.names.give(&class.subscription, &class.hash, &identity);
    desired.group(&name, &class.accounts, &class.policies);
    let (group, catalog) = (native::group(&name), &desired.lowering.inventory().catalog);
    let policies = || class.policies.iter().map(String::as_str);
    let privilege = match class.access {
        Access::Read => "SELECT",
        Access::Write => "MODIFY",
    };
    for securable in &class.securables {
        let Securable::Table(table) = *securable else { continue };
        let [database, schema, name] = catalog.path(table);
        let word = native::relation_word(catalog.tables[table].kind);
        for (object, privilege) in [
            (Object::new(word, [database, schema, name]), privilege),
            (Object::new("SCHEMA", [database, schema]), "USE SCHEMA"),
            (Object::new("CATALOG", [database]), "USE CATALOG"),
        ] {
            let key = (FactKind::Grant, object.text(), group.clone(), privilege);
            desired.add(key, String::new(), policies());
        }
    }
}
