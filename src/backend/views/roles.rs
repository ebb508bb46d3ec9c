//! Classes as roles that may read views.
//!
//! In: classes, the views that were drawn. Out: a role per class, its members, and its grants: they grow with views and users,
//! never with their product.

use std::collections::BTreeMap;

use super::Drawn;
use crate::backend::body::{Names, identity};
use crate::backend::class::{Classes, Refused};
use crate::backend::contract::Lowering;
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols};
use crate::backend::object;
use crate::ids::Id;
use crate::inventory::directory::Access;
use crate::inventory::{AccountId, Securable, TableId};

/// One grant of a role: object, privilege, body.
pub type RoleGrant = (String, &'static str, String);

/// The facts of the roles. `grants`: what reading a view takes.
pub fn role_facts(
    lowering: &Lowering<'_>,
    views: &[Drawn],
    refused: &Refused,
    mut names: Names,
    grants: &dyn Fn(&Drawn) -> Vec<RoleGrant>,
    symbols: &mut Symbols,
) -> Vec<Fact> {
    let by_table: BTreeMap<TableId, &Drawn> = views.iter().map(|view| (view.table, view)).collect();
    let securables = by_table.keys().map(|table| Securable::Table(*table));
    let classes = Classes::of(lowering, Access::Read, securables, refused);
    let mut found: BTreeMap<FactKey, Fact> = BTreeMap::new();
    for class in &classes.classes {
        // The class's hash leaves out who is refused: two classes may share it, and must not share a role.
        let identity = [class.access.word().to_owned(), class.hash.clone(), identity(&class.accounts)];
        let role = object::role(&names.give(&class.subscription, &class.hash, &identity));
        let policies = symbols.intern(&class.policies.join(", "));
        let (role, empty) = (symbols.intern(&role), symbols.intern(""));
        let mut add = |kind, object, grantee, privilege, body| {
            let key = FactKey { kind, privilege, object, grantee };
            found.entry(key).or_insert(Fact { key, body, policies });
        };
        add(FactKind::Role, role, empty, empty, empty);
        for account in &class.accounts {
            let user = object::user(&lowering.accounts.accounts[AccountId::from_raw(account)].name);
            add(FactKind::Membership, role, symbols.intern(&user), empty, empty);
        }
        for securable in &class.securables {
            let Securable::Table(table) = securable else { continue };
            for (object, privilege, body) in by_table.get(table).map(|view| grants(view)).unwrap_or_default()
            {
                let (object, privilege) = (symbols.intern(&object), symbols.intern(privilege));
                add(FactKind::Grant, object, role, privilege, symbols.intern(&body));
            }
        }
    }
    found.into_values().collect()
}
