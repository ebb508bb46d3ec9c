//! Who has no account where he may do something, and who shares one.
//!
//! In: the directory, the integrations' templates, the classes. Out: `no-account`, once per integration, and
//! `shared-account`, once per account.
//! Cost: users × integrations for the accounts; classes × integrations for the rest.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::facts::Facts;
use super::words::{counted, first_user, user_names};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ids::Id;
use crate::inventory::accounts::Accounts;
use crate::inventory::catalog::SecurableSet;
use crate::inventory::directory::UserSet;
use crate::inventory::{IntegrationId, Securable, UserId};

pub(super) fn run(facts: &Facts<'_>, diagnostics: &mut Diagnostics) {
    let inventory = &facts.program.inventory;
    let mut data: BTreeMap<IntegrationId, SecurableSet> = BTreeMap::new();
    for securable in inventory.catalog.securables() {
        let set = data.entry(inventory.catalog.integration(securable)).or_default();
        match securable {
            Securable::Table(id) => set.tables.insert(id.raw()),
            Securable::DataSource(id) => set.data_sources.insert(id.raw()),
        };
    }
    for (id, integration) in inventory.integrations.iter() {
        let accounts = Accounts::of(inventory, id);
        let entitled = data.get(&id).map_or_else(UserSet::new, |data| entitled(facts, data));
        let missing = entitled & &accounts.missing;
        if !missing.is_empty() {
            let (count, user) = (counted(missing.len(), "user"), first_user(facts.program, &missing));
            diagnostics.push(
                Diagnostic::finding(
                    Code::NoAccount,
                    format!("{count} may use data of `{}` and have no account there, as `{user}`", integration.name),
                )
                .at(integration.place, "nothing is granted to them here")
                .help("give each one under `accounts:` in the directory, or all by `principals: {users: …}` in `grantc:` of the integration"),
            );
        }
        for (_, account) in accounts.shared() {
            let users = &account.users;
            let names = user_names(facts.program, users);
            let mut diagnostic = Diagnostic::finding(
                Code::SharedAccount,
                format!("{names} share the account `{}` of `{}`", account.name, integration.name),
            )
            .note("it gets only what all of them may, and sees only what all of them see");
            if let Some(first) = users.min().map(UserId::from_raw) {
                diagnostic = diagnostic.at(inventory.directory.users[first].place, "one of them");
            }
            diagnostics.push(
                diagnostic
                    .at(integration.place, "the integration of the account")
                    .help("give each user an account of his own under `accounts:`"),
            );
        }
    }
}

/// Who may read or write any of the data.
fn entitled(facts: &Facts<'_>, data: &SecurableSet) -> UserSet {
    let meets = |one: &RoaringBitmap, other: &RoaringBitmap| !one.is_disjoint(other);
    facts
        .access
        .iter()
        .filter(|class| {
            meets(&class.members.tables, &data.tables)
                || meets(&class.members.data_sources, &data.data_sources)
        })
        .fold(UserSet::new(), |users, class| users | &class.may)
}
