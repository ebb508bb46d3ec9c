//! A table seen through several views, and perhaps itself: an account sees the most that one of its ways shows.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::{Judge, Judged};
use crate::backend::contract::{RowsSeen, Seen};

/// A view over a table, and who may read it.
pub struct Way<'v> {
    /// The view.
    pub judged: &'v Judged,
    /// What it is called, where its filters have no names of ours.
    pub label: &'v str,
    /// Who may read it.
    pub readers: RoaringBitmap,
}

/// What accounts see of a column; those who are not listed see it clear. `open`: who reads the table itself.
/// `names`: the column in the view, and in the table, as the dialect reads them.
pub fn columns(
    judge: &Judge,
    ways: &[Way<'_>],
    mut open: RoaringBitmap,
    (column, base): (&str, &str),
) -> Vec<(Seen, RoaringBitmap)> {
    let mut judged: Vec<(Seen, RoaringBitmap)> = Vec::new();
    for way in ways {
        let mut left = way.readers.clone();
        for (seen, accounts) in judge.column(way.judged, column, base) {
            left -= &accounts;
            judged.push((seen, accounts & &way.readers));
        }
        // Who is not listed sees it clear.
        open |= left;
    }
    // The most open first: whoever is counted once is not counted again.
    judged.sort_by_key(|(seen, _)| *seen);
    let mut found = Vec::new();
    for (seen, accounts) in judged {
        let accounts = accounts - &open;
        open |= &accounts;
        if seen != Seen::Clear && !accounts.is_empty() {
            found.push((seen, accounts));
        }
    }
    found
}

/// Which filters bear on accounts; those who are not listed see every row.
pub fn rows(judge: &Judge, ways: &[Way<'_>], open: &RoaringBitmap) -> Vec<(RowsSeen, RoaringBitmap)> {
    let through = |way: &Way<'_>| -> Vec<(RowsSeen, RoaringBitmap)> {
        let found = judge.rows(way.judged, way.label);
        found.into_iter().map(|(seen, accounts)| (seen, (accounts & &way.readers) - open)).collect()
    };
    if let [way] = ways {
        return through(way).into_iter().filter(|(_, accounts)| !accounts.is_empty()).collect();
    }
    // Through two views somebody sees the rows of both: only a filter that stands in each of them bears.
    let mut bearing: BTreeMap<u32, Option<Vec<String>>> = BTreeMap::new();
    for way in ways {
        let mut left = &way.readers - open;
        let mut narrow = |account: u32, names: Vec<String>| {
            let kept = bearing.entry(account).or_insert(None);
            *kept = Some(match kept.take() {
                None => names,
                Some(kept) => kept.into_iter().filter(|name| names.contains(name)).collect(),
            });
        };
        for (seen, accounts) in through(way) {
            left -= &accounts;
            let names = match seen {
                RowsSeen::All => Vec::new(),
                RowsSeen::Filtered(names) => names,
            };
            accounts.iter().for_each(|account| narrow(account, names.clone()));
        }
        left.iter().for_each(|account| narrow(account, Vec::new()));
    }
    let mut found: BTreeMap<RowsSeen, RoaringBitmap> = BTreeMap::new();
    for (account, names) in bearing {
        let names = names.unwrap_or_default();
        if !names.is_empty() {
            found.entry(RowsSeen::Filtered(names)).or_default().insert(account);
        }
    }
    found.into_iter().collect()
}
