//! What a state exposes to each account: the common ground of effects and bypasses.

use roaring::RoaringBitmap;

use crate::backend::{Fact, Observed, Permits, RowsSeen, Seen};
use crate::inventory::directory::Access;
use crate::inventory::{ColumnId, Securable, TableId};

/// Ours and foreign facts together.
pub fn all(observed: &Observed) -> Vec<Fact> {
    observed.ours.iter().chain(&observed.foreign).copied().collect()
}

/// The accounts that may read the table and see the column clear, on some rows at least.
pub fn clear(permits: &dyn Permits, table: TableId, column: ColumnId) -> RoaringBitmap {
    let mut clear = permits.may(Securable::Table(table), Access::Read);
    for (seen, accounts) in permits.columns(column) {
        match seen {
            Seen::Masked => clear -= &accounts,
            Seen::Clear | Seen::Sometimes => {}
        }
    }
    clear
}

/// The accounts that see the column clear on every row.
pub fn always_clear(permits: &dyn Permits, table: TableId, column: ColumnId) -> RoaringBitmap {
    let mut clear = permits.may(Securable::Table(table), Access::Read);
    for (seen, accounts) in permits.columns(column) {
        match seen {
            Seen::Masked | Seen::Sometimes => clear -= &accounts,
            Seen::Clear => {}
        }
    }
    clear
}

/// The filters through which an account reads a table; none: it sees all rows.
pub fn filters(rows: &[(RowsSeen, RoaringBitmap)], account: u32) -> Vec<String> {
    rows.iter()
        .filter(|(_, accounts)| accounts.contains(account))
        .flat_map(|(seen, _)| match seen {
            RowsSeen::All => Vec::new(),
            RowsSeen::Filtered(names) => names.clone(),
        })
        .collect()
}
