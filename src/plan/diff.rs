//! What is desired against what is observed, as changes.
//!
//! In: two sets of facts over one table of symbols. Out: [`Diff`].
//! Invariant: applying the changes to what is observed leaves every desired fact that is not blocked, and in scope
//! `managed` every foreign fact. A fact that we do not understand is never removed.
//! Cost: two parallel sorts of fixed-width keys and one merge; texts are looked at for the changes only.

use std::cmp::Ordering;

use rayon::slice::ParallelSliceMut;

use super::Side;
use crate::backend::fact::order_key;
use crate::backend::{Change, Fact, FactKey, Op};

/// A desired fact whose place a foreign one holds.
#[derive(Clone, Copy, Debug)]
pub struct Blocked {
    /// What should stand there.
    pub desired: Fact,
    /// What does.
    pub foreign: Fact,
}

/// The difference of two sets of facts.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    /// In the order of texts.
    pub changes: Vec<Change>,
    /// Desired and there.
    pub unchanged: usize,
    /// Foreign and left alone.
    pub unmanaged: usize,
    /// Desired, and the place is taken.
    pub blocked: Vec<Blocked>,
    /// Changes that would expose what a blocked protection should protect: not made.
    pub withheld: Vec<Change>,
}

/// Compares.
pub fn diff(side: &Side<'_>, authoritative: bool) -> Diff {
    let mut desired = side.lowered.facts.clone();
    let mut observed: Vec<(Fact, bool)> = side.observed.ours.iter().map(|fact| (*fact, true)).collect();
    observed.extend(side.observed.foreign.iter().map(|fact| (*fact, false)));
    desired.par_sort_by_key(|fact| fact.key);
    // Ours before foreign of the same key: the mark decides.
    observed.par_sort_by_key(|(fact, ours)| (fact.key, !ours));
    desired.dedup_by_key(|fact| fact.key);
    observed.dedup_by_key(|(fact, _)| fact.key);

    let removable =
        |fact: &Fact, ours: bool| ours || (authoritative && side.backend.understood(fact, side.symbols));
    let mut diff = Diff::default();
    let (mut left, mut right) = (desired.iter().peekable(), observed.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(wanted), Some((found, _))) => wanted.key.cmp(&found.key),
        };
        match order {
            Ordering::Less => {
                if let Some(fact) = left.next() {
                    diff.changes.push(Change { op: Op::Add, fact: *fact, before: None });
                }
            }
            Ordering::Greater => {
                if let Some((fact, ours)) = right.next() {
                    if removable(fact, *ours) {
                        diff.changes.push(Change { op: Op::Remove, fact: *fact, before: Some(*fact) });
                    } else {
                        diff.unmanaged += 1;
                    }
                }
            }
            Ordering::Equal => {
                if let (Some(wanted), Some((found, ours))) = (left.next(), right.next()) {
                    if wanted.body == found.body || side.backend.same(wanted, found, side.symbols) {
                        diff.unchanged += 1;
                    } else if removable(found, *ours) {
                        diff.changes.push(Change { op: Op::Replace, fact: *wanted, before: Some(*found) });
                    } else {
                        diff.unmanaged += 1;
                        diff.blocked.push(Blocked { desired: *wanted, foreign: *found });
                    }
                }
            }
        }
    }
    let holder = |key: &FactKey| {
        let at = observed.binary_search_by_key(key, |(fact, _)| fact.key).ok()?;
        observed.get(at).filter(|(fact, ours)| !removable(fact, *ours)).map(|(fact, _)| *fact)
    };
    for wanted in &desired {
        let rival = side.backend.rival(wanted, side.symbols);
        if let Some(foreign) = rival.as_ref().and_then(holder) {
            diff.changes.retain(|change| change.fact.key != wanted.key);
            diff.blocked.push(Blocked { desired: *wanted, foreign });
        }
    }
    let changes = std::mem::take(&mut diff.changes);
    (diff.changes, diff.withheld) = super::withhold::withhold(side, &diff.blocked, changes);
    for changes in [&mut diff.changes, &mut diff.withheld] {
        changes.par_sort_by(|a, b| {
            (order_key(&a.fact, side.symbols), a.op).cmp(&(order_key(&b.fact, side.symbols), b.op))
        });
    }
    let text = |each: &Blocked| order_key(&each.desired, side.symbols);
    diff.blocked.sort_by(|a, b| text(a).cmp(&text(b)));
    diff
}
