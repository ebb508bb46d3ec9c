//! What goes wrong on demand.
//!
//! Every count is of requests; 0 and `None` mean never.

/// The switches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// Every so many-th request is answered with 503 SlowDown, and does nothing.
    pub(crate) slow_down_every: u64,
    /// Every so many-th request is answered with 500 InternalError, and does nothing.
    pub(crate) internal_every: u64,
    /// Every so many-th request that changes something is done, and its connection cut without an answer.
    pub(crate) lost_every: u64,
    /// So many creations of grants are refused first: AWS takes a while to know a new grantee.
    pub(crate) unknown_grantees: u64,
    /// So many list requests do not show what was created, and still show what was deleted, before them.
    pub(crate) stale_lists: u64,
}

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Served,
    SlowDown,
    Internal,
    /// Done, and the answer lost.
    Lost,
}

/// The switches, and what has been counted.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    pub(crate) faults: Faults,
    requests: u64,
    changes: u64,
}

impl Trouble {
    /// Of the switches.
    pub(crate) fn new(faults: Faults) -> Trouble {
        Trouble { faults, ..Trouble::default() }
    }

    /// What happens to the next request.
    pub(crate) fn next(&mut self, changes: bool) -> Fate {
        let due = |every: u64, count: u64| every != 0 && count.is_multiple_of(every);
        self.requests += 1;
        if due(self.faults.slow_down_every, self.requests) {
            return Fate::SlowDown;
        }
        if due(self.faults.internal_every, self.requests) {
            return Fate::Internal;
        }
        if changes {
            self.changes += 1;
            if due(self.faults.lost_every, self.changes) {
                return Fate::Lost;
            }
        }
        Fate::Served
    }
}
