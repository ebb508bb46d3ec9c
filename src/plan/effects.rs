//! Who gains and who loses what, between two states.
//!
//! In: the facts before and after. Out: an effect per (user, securable, access).
//! What counts is what the platform's facts mean, through roles, inheritance and rules: not which statements run.
//! Cost: set operations per securable; users are named only where something differs.

use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use roaring::RoaringBitmap;

use super::Side;
use super::exposure;
use super::wire::Effect;
use crate::backend::{Fact, Permits};
use crate::ids::Id;
use crate::inventory::accounts::Accounts;
use crate::inventory::directory::Access;
use crate::inventory::{Inventory, Securable, TableId};
use crate::ir::Program;

/// Gains and losses of one integration.
#[derive(Debug, Default)]
pub struct Effects {
    /// Who may or sees more.
    pub gains: Vec<Effect>,
    /// Who may or sees less.
    pub losses: Vec<Effect>,
}

/// Compares what two states mean.
pub fn of(program: &Program, side: &Side<'_>, before: &[Fact], after: &[Fact]) -> Effects {
    let inventory = &program.inventory;
    let permits = |facts: &[Fact]| {
        side.backend.permits(inventory, side.integration, facts, side.symbols, side.accounts)
    };
    let (before, after) = (permits(before), permits(after));
    let names = Names::of(&[before.as_ref(), after.as_ref()]);
    let catalog = &inventory.catalog;
    let securables: Vec<Securable> =
        catalog.securables().filter(|each| catalog.integration(*each) == side.integration).collect();
    let parts: Vec<Effects> = securables
        .into_par_iter()
        .map(|securable| one(inventory, side.accounts, &names, before.as_ref(), after.as_ref(), securable))
        .collect();
    parts.into_iter().fold(Effects::default(), |mut all, part| {
        all.gains.extend(part.gains);
        all.losses.extend(part.losses);
        all
    })
}

/// The accounts of several states under common numbers.
pub struct Names {
    names: Vec<String>,
    index: Vec<Vec<u32>>,
}

impl Names {
    /// Every account that one of the states knows.
    pub fn of(states: &[&dyn Permits]) -> Names {
        let all: BTreeSet<&String> = states.iter().flat_map(|state| state.accounts()).collect();
        let names: Vec<String> = all.into_iter().cloned().collect();
        let index = states
            .iter()
            .map(|state| {
                let at = |name: &String| names.binary_search(name).ok().and_then(|at| u32::try_from(at).ok());
                state.accounts().iter().map(|name| at(name).unwrap_or(u32::MAX)).collect()
            })
            .collect();
        Names { names, index }
    }

    /// A state's own set under the common numbers.
    pub fn common(&self, state: usize, accounts: &RoaringBitmap) -> RoaringBitmap {
        let Some(index) = self.index.get(state) else { return RoaringBitmap::new() };
        accounts.iter().filter_map(|raw| index.get(raw as usize).copied()).collect()
    }

    /// The name of a common number.
    pub fn name(&self, raw: u32) -> &str {
        self.names.get(raw as usize).map_or("", String::as_str)
    }
}

/// The people of an account: its users in the directory, or the account itself if it is nobody's there.
pub fn people(inventory: &Inventory, accounts: &Accounts, account: &str) -> Vec<String> {
    match accounts.find(account) {
        Some(id) => accounts.accounts[id]
            .users
            .iter()
            .map(|raw| inventory.directory.users[crate::inventory::UserId::from_raw(raw)].id.clone())
            .collect(),
        None => vec![account.to_owned()],
    }
}

#[derive(Default)]
struct Delta {
    access: bool,
    columns: Vec<String>,
    filters: Vec<String>,
}

fn one(
    inventory: &Inventory,
    accounts: &Accounts,
    names: &Names,
    before: &dyn Permits,
    after: &dyn Permits,
    securable: Securable,
) -> Effects {
    let mut effects = Effects::default();
    let object = inventory.catalog.shown_name(securable);
    let mut tell = |access: Access, gains: bool, raw: u32, delta: Delta| {
        for user in people(inventory, accounts, names.name(raw)) {
            let effect = Effect::new(
                &user,
                &object,
                access,
                delta.access,
                delta.columns.clone(),
                delta.filters.clone(),
                gains,
            );
            if gains { effects.gains.push(effect) } else { effects.losses.push(effect) }
        }
    };
    let write = (
        names.common(0, &before.may(securable, Access::Write)),
        names.common(1, &after.may(securable, Access::Write)),
    );
    for raw in &write.1 - &write.0 {
        tell(Access::Write, true, raw, Delta { access: true, ..Delta::default() });
    }
    for raw in &write.0 - &write.1 {
        tell(Access::Write, false, raw, Delta { access: true, ..Delta::default() });
    }
    let read = (
        names.common(0, &before.may(securable, Access::Read)),
        names.common(1, &after.may(securable, Access::Read)),
    );
    let (gains, losses) = reading(inventory, names, before, after, securable, &read);
    for (raw, delta) in gains {
        tell(Access::Read, true, raw, delta);
    }
    for (raw, delta) in losses {
        tell(Access::Read, false, raw, delta);
    }
    effects
}

type Deltas = BTreeMap<u32, Delta>;

fn reading(
    inventory: &Inventory,
    names: &Names,
    before: &dyn Permits,
    after: &dyn Permits,
    securable: Securable,
    read: &(RoaringBitmap, RoaringBitmap),
) -> (Deltas, Deltas) {
    let (mut gains, mut losses) = (Deltas::new(), Deltas::new());
    for raw in &read.1 - &read.0 {
        gains.entry(raw).or_default().access = true;
    }
    for raw in &read.0 - &read.1 {
        losses.entry(raw).or_default().access = true;
    }
    let Securable::Table(table) = securable else { return (gains, losses) };
    if read.0.is_empty() && read.1.is_empty() {
        return (gains, losses);
    }
    for column in &inventory.catalog.tables[table].columns {
        let name = &inventory.catalog.columns[*column].name;
        let was = names.common(0, &exposure::clear(before, table, *column));
        let is = names.common(1, &exposure::clear(after, table, *column));
        for raw in &is - &was {
            gains.entry(raw).or_default().columns.push(name.clone());
        }
        for raw in &was - &is {
            losses.entry(raw).or_default().columns.push(name.clone());
        }
    }
    row_deltas(names, before, after, table, &(&read.0 & &read.1), &mut gains, &mut losses);
    (gains, losses)
}

/// Filters lifted from, or added to, accounts that read before and after.
fn row_deltas(
    names: &Names,
    before: &dyn Permits,
    after: &dyn Permits,
    table: TableId,
    both: &RoaringBitmap,
    gains: &mut Deltas,
    losses: &mut Deltas,
) {
    let by_account = |state: usize, permits: &dyn Permits| {
        let mut filters: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
        for (seen, accounts) in permits.rows(table) {
            if let crate::backend::RowsSeen::Filtered(labels) = seen {
                for raw in names.common(state, &accounts) {
                    filters.entry(raw).or_default().extend(labels.iter().cloned());
                }
            }
        }
        filters
    };
    let (was, is) = (by_account(0, before), by_account(1, after));
    if was == is {
        return;
    }
    let none = BTreeSet::new();
    for raw in both {
        let (was, is) = (was.get(&raw).unwrap_or(&none), is.get(&raw).unwrap_or(&none));
        let lifted: Vec<String> = was.difference(is).cloned().collect();
        let added: Vec<String> = is.difference(was).cloned().collect();
        if !lifted.is_empty() {
            gains.entry(raw).or_default().filters = lifted;
        }
        if !added.is_empty() {
            losses.entry(raw).or_default().filters = added;
        }
    }
}
