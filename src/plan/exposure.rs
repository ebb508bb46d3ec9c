//! What a state exposes to each account: the common ground of order, effects and bypasses.

use std::collections::BTreeSet;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use roaring::RoaringBitmap;

use super::Side;
use crate::backend::fact::order_key;
use crate::backend::{Fact, Observed, Permits, RowsSeen, Seen, Symbols};
use crate::inventory::directory::Access;
use crate::inventory::{ColumnId, Inventory, Securable, TableId};

/// Ours and foreign facts together, in the order of texts: nothing shown may depend on the order of interning.
pub fn all(observed: &Observed, symbols: &Symbols) -> Vec<Fact> {
    let mut facts: Vec<Fact> = observed.ours.iter().chain(&observed.foreign).copied().collect();
    facts.par_sort_by(|left, right| order_key(left, symbols).cmp(&order_key(right, symbols)));
    facts
}

/// Who sees a column clear.
#[derive(Clone, Debug, Default)]
pub struct Clear {
    /// On some rows at least, or we cannot tell.
    pub sometimes: RoaringBitmap,
    /// On every row.
    pub always: RoaringBitmap,
}

/// Who of the readers of its table sees a column clear.
pub fn clear(permits: &dyn Permits, readers: &RoaringBitmap, column: ColumnId) -> Clear {
    let mut clear = Clear { sometimes: readers.clone(), always: readers.clone() };
    for (seen, accounts) in permits.columns(column) {
        match seen {
            Seen::Masked => {
                clear.sometimes -= &accounts;
                clear.always -= &accounts;
            }
            Seen::Sometimes => clear.always -= &accounts,
            Seen::Clear => {}
        }
    }
    clear
}

/// The filters through which an account reads a table; none: it sees all rows.
pub fn filters(rows: &[(RowsSeen, RoaringBitmap)], account: u32) -> BTreeSet<&str> {
    rows.iter()
        .filter(|(_, accounts)| accounts.contains(account))
        .flat_map(|(seen, _)| match seen {
            RowsSeen::All => [].as_slice(),
            RowsSeen::Filtered(names) => names.as_slice(),
        })
        .map(String::as_str)
        .collect()
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
        let at = |name: &String| names.binary_search(name).ok().and_then(|at| u32::try_from(at).ok());
        let index = states
            .iter()
            .map(|state| state.accounts().iter().map(|name| at(name).unwrap_or(u32::MAX)).collect())
            .collect();
        Names { names, index }
    }

    /// A state's own set under the common numbers.
    pub fn common(&self, state: usize, accounts: &RoaringBitmap) -> RoaringBitmap {
        let Some(index) = self.index.get(state) else { return RoaringBitmap::new() };
        accounts.iter().filter_map(|raw| index.get(raw as usize).copied()).collect()
    }

    /// A state's rows under the common numbers.
    pub fn rows(
        &self,
        state: usize,
        permits: &dyn Permits,
        table: TableId,
    ) -> Vec<(RowsSeen, RoaringBitmap)> {
        permits.rows(table).into_iter().map(|(seen, of)| (seen, self.common(state, &of))).collect()
    }

    /// The name of a common number.
    pub fn name(&self, raw: u32) -> &str {
        self.names.get(raw as usize).map_or("", String::as_str)
    }
}

/// The securables of a side, in id order.
pub fn securables(inventory: &Inventory, side: &Side<'_>) -> Vec<Securable> {
    let catalog = &inventory.catalog;
    catalog.securables().filter(|each| catalog.integration(*each) == side.integration).collect()
}

/// What facts mean on the platform of a side.
pub fn permits<'a>(inventory: &'a Inventory, side: &Side<'a>, facts: &[Fact]) -> Box<dyn Permits + 'a> {
    side.backend.permits(inventory, side.integration, facts, side.symbols, side.accounts)
}

/// Whether a state lets nobody do or see what neither of two others does.
pub fn is_within(inventory: &Inventory, side: &Side<'_>, state: &[Fact], ends: [&[Fact]; 2]) -> bool {
    let state = permits(inventory, side, state);
    let ends = ends.map(|facts| permits(inventory, side, facts));
    let states = [state.as_ref(), ends[0].as_ref(), ends[1].as_ref()];
    let names = Names::of(&states);
    securables(inventory, side).into_par_iter().all(|securable| {
        let may = |access| {
            let [state, before, after] = [0, 1, 2]
                .map(|at: usize| states.get(at).map(|of| names.common(at, &of.may(securable, access))));
            (state.unwrap_or_default(), before.unwrap_or_default(), after.unwrap_or_default())
        };
        let (write, before, after) = may(Access::Write);
        if !write.is_subset(&(before | after)) {
            return false;
        }
        let (read, before, after) = may(Access::Read);
        read.is_subset(&(&before | &after))
            && match securable {
                Securable::DataSource(_) => true,
                Securable::Table(table) => {
                    columns_are_within(inventory, &names, states, table)
                        && rows_are_within(&names, states, table, &read, [&before, &after])
                }
            }
    })
}

fn columns_are_within(
    inventory: &Inventory,
    names: &Names,
    states: [&dyn Permits; 3],
    table: TableId,
) -> bool {
    let readers = states.map(|state| state.may(Securable::Table(table), Access::Read));
    inventory.catalog.tables[table].columns.iter().all(|column| {
        let mut seen = states.iter().zip(&readers).enumerate().map(|(at, (state, readers))| {
            let clear = clear(*state, readers, *column);
            (names.common(at, &clear.sometimes), names.common(at, &clear.always))
        });
        let (sometimes, always) = seen.next().unwrap_or_default();
        let ends = seen
            .fold((RoaringBitmap::new(), RoaringBitmap::new()), |all, each| (all.0 | each.0, all.1 | each.1));
        sometimes.is_subset(&ends.0) && always.is_subset(&ends.1)
    })
}

fn rows_are_within(
    names: &Names,
    states: [&dyn Permits; 3],
    table: TableId,
    readers: &RoaringBitmap,
    ends: [&RoaringBitmap; 2],
) -> bool {
    let [state, before, after] = states;
    let now = names.rows(0, state, table);
    let ends = [(names.rows(1, before, table), ends[0]), (names.rows(2, after, table), ends[1])];
    readers.iter().all(|account| {
        let stand = filters(&now, account);
        ends.iter()
            .any(|(rows, readers)| readers.contains(account) && stand.is_superset(&filters(rows, account)))
    })
}
