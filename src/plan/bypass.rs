//! What gives a user more than the reference, after the plan: foreign facts that we may not touch.
//!
//! In: the facts after the plan. Out: a bypass per (user, securable, access) with the policy that it goes round and
//! the native facts through which. They come first in every plan.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::Side;
use super::effects::people;
use super::exposure;
use super::wire::Bypass;
use crate::backend::{Fact, Permits};
use crate::ids::Id;
use crate::inventory::directory::{Access, UserSet};
use crate::inventory::{ColumnId, Securable, TableId};
use crate::ir::{MaskChoice, MaskId, Meaning, Method, Program, Subject};

/// Everything wider than the reference on one integration.
pub fn of(program: &Program, meaning: &Meaning<'_>, side: &Side<'_>, after: &[Fact]) -> Vec<Bypass> {
    let permits = exposure::permits(&program.inventory, side, after);
    // What `custom` shows only the platform knows: it is compared with what the policies would have there.
    let custom = program.masks.values().any(|mask| matches!(mask.method, Method::Custom(_)));
    let intended = custom.then(|| exposure::permits(&program.inventory, side, &side.lowered.facts));
    let parts: Vec<Vec<Bypass>> = exposure::securables(&program.inventory, side)
        .into_par_iter()
        .map(|securable| {
            let mut found = Vec::new();
            for access in Access::ALL {
                access_bypasses(program, meaning, side, permits.as_ref(), securable, access, &mut found);
            }
            if let Securable::Table(table) = securable {
                let states = (permits.as_ref(), intended.as_deref());
                table_bypasses(program, meaning, side, states, table, &mut found);
            }
            found
        })
        .collect();
    parts.into_iter().flatten().collect()
}

fn user_id(program: &Program, raw: u32) -> String {
    program.inventory.directory.users[crate::inventory::UserId::from_raw(raw)].id.clone()
}

fn integration_name(program: &Program, side: &Side<'_>) -> String {
    program.inventory.integrations[side.integration].name.clone()
}

/// Each account with its users; an account that is nobody's in the directory has none.
fn users_of(side: &Side<'_>, account: &str) -> Option<UserSet> {
    side.accounts.find(account).map(|id| side.accounts.accounts[id].users.clone())
}

fn access_bypasses(
    program: &Program,
    meaning: &Meaning<'_>,
    side: &Side<'_>,
    permits: &dyn Permits,
    securable: Securable,
    access: Access,
    found: &mut Vec<Bypass>,
) {
    let allowed = meaning.may(securable, access);
    for raw in permits.may(securable, access) | permits.partly(securable, access) {
        let Some(account) = permits.accounts().get(raw as usize) else { continue };
        let wider: Vec<String> = match users_of(side, account) {
            Some(users) => (users - &allowed).iter().map(|user| user_id(program, user)).collect(),
            None => people(&program.inventory, side.accounts, account),
        };
        if wider.is_empty() {
            continue;
        }
        let native = permits.through(account, securable, access).join("; ");
        let policy = denying_policy(program, meaning, securable, access);
        for user in wider {
            found.push(Bypass {
                user,
                object: program.inventory.catalog.shown_name(securable),
                integration: integration_name(program, side),
                access: access.word().to_owned(),
                policy: policy.clone(),
                native: native.clone(),
            });
        }
    }
}

/// The policies that bear on the access, by name: those that a bypass goes round.
fn denying_policy(program: &Program, meaning: &Meaning<'_>, securable: Securable, access: Access) -> String {
    use crate::ir::meaning::ReasonPolicy;
    let names: Vec<&str> = meaning
        .reasons(securable, access)
        .iter()
        .map(|reason| match reason.policy {
            ReasonPolicy::Subscription(id, _) => program.subscriptions[id].head.name.as_str(),
            ReasonPolicy::Guardrail(id) => program.guardrails[id].head.name.as_str(),
        })
        .collect();
    if names.is_empty() { "no subscription".to_owned() } else { names.join(", ") }
}

/// Columns seen clear that the reference masks, and rows that it hides.
fn table_bypasses(
    program: &Program,
    meaning: &Meaning<'_>,
    side: &Side<'_>,
    (permits, intended): (&dyn Permits, Option<&dyn Permits>),
    table: TableId,
    found: &mut Vec<Bypass>,
) {
    let catalog = &program.inventory.catalog;
    let readers = permits.may(Securable::Table(table), Access::Read);
    if readers.is_empty() {
        return;
    }
    for column in &catalog.tables[table].columns {
        let masked = meaning.mask_choices(*column);
        if masked.is_empty() {
            continue;
        }
        let seen = exposure::clear(permits, &readers, *column);
        for (choice, mut users) in masked {
            if choice.mask.is_none() {
                // A `when` that the user alone settles as false never masks: the reference shows the column clear too.
                users -= never_masked(meaning, &choice, *column, table, &users);
            }
            // Where a mask with `when` applies and none without, the platform may show the clear value on some rows.
            let wider = if choice.mask.is_some() { &seen.sometimes } else { &seen.always };
            let Some(mask) = choice.mask.or(choice.when.first().copied()) else { continue };
            for raw in wider {
                let Some(account) = permits.accounts().get(raw as usize) else { continue };
                if !seen.always.contains(raw) && is_custom(program, &choice) {
                    let theirs =
                        intended.is_some_and(|state| shown_sometimes(state, table, *column, account));
                    if theirs {
                        continue;
                    }
                }
                for user in users_of(side, account).into_iter().flat_map(|of| of & &users) {
                    found.push(Bypass {
                        user: user_id(program, user),
                        object: catalog.shown_column(*column),
                        integration: integration_name(program, side),
                        access: Access::Read.word().to_owned(),
                        policy: program.masks[mask].head.name.clone(),
                        native: format!(
                            "the column is shown clear; {}",
                            permits.through(account, Securable::Table(table), Access::Read).join("; ")
                        ),
                    });
                }
            }
        }
    }
    row_bypasses(program, meaning, side, permits, table, &readers, found);
}

fn row_bypasses(
    program: &Program,
    meaning: &Meaning<'_>,
    side: &Side<'_>,
    permits: &dyn Permits,
    table: TableId,
    readers: &roaring::RoaringBitmap,
    found: &mut Vec<Bypass>,
) {
    let wanted = meaning.filters_on(table);
    if wanted.is_empty() {
        return;
    }
    let rows = permits.rows(table);
    let mut missing: BTreeMap<(String, String), String> = BTreeMap::new();
    for raw in readers {
        let Some(account) = permits.accounts().get(raw as usize) else { continue };
        let Some(users) = users_of(side, account) else { continue };
        let has = exposure::filters(&rows, raw);
        for (filter, concerned) in &wanted {
            let name = &program.filters[*filter].head.name;
            if has.contains(name.as_str()) {
                continue;
            }
            // A filter that the user alone makes true hides nothing from him, here or there.
            let subject = Subject { securable: Securable::Table(table), column: None, access: Access::Read };
            let hidden = &users & concerned;
            let open = meaning.settled(&program.filters[*filter].rows, subject, &hidden, true);
            for user in hidden - open {
                missing.insert((user_id(program, user), name.clone()), account.clone());
            }
        }
    }
    for ((user, policy), account) in missing {
        let through = permits.through(&account, Securable::Table(table), Access::Read).join("; ");
        found.push(Bypass {
            user,
            object: program.inventory.catalog.shown_name(Securable::Table(table)),
            integration: integration_name(program, side),
            access: Access::Read.word().to_owned(),
            policy,
            native: format!("the filter does not stand on the table; {through}"),
        });
    }
}

fn is_custom(program: &Program, choice: &MaskChoice) -> bool {
    let custom = |mask: &MaskId| matches!(program.masks[*mask].method, Method::Custom(_));
    choice.when.iter().chain(&choice.mask).any(custom)
}

/// Whether a state shows the column to the account in a way that may be clear, and is not always.
fn shown_sometimes(state: &dyn Permits, table: TableId, column: ColumnId, account: &str) -> bool {
    let Ok(raw) = state.accounts().binary_search_by(|name| name.as_str().cmp(account)) else { return false };
    let readers = state.may(Securable::Table(table), Access::Read);
    let seen = exposure::clear(state, &readers, column);
    let raw = raw as u32;
    seen.sometimes.contains(raw) && !seen.always.contains(raw)
}

/// The users for whom every `when` of a choice is false on every row.
fn never_masked(
    meaning: &Meaning<'_>,
    choice: &MaskChoice,
    column: ColumnId,
    table: TableId,
    users: &UserSet,
) -> UserSet {
    let subject = Subject { securable: Securable::Table(table), column: Some(column), access: Access::Read };
    let masks = &meaning.program().masks;
    choice
        .when
        .iter()
        .filter_map(|mask| masks[*mask].when.as_ref())
        .fold(users.clone(), |left, rows| meaning.settled(rows, subject, &left, false))
}
