//! Lists: pages with opaque tokens, and lists that lag behind what was done.
//!
//! User guide: pages hold up to 1,000 entries (`maxResults` 0 to 1000); the last has no `NextToken`.

use std::collections::HashMap;

use super::error::{Answer, invalid_request};
use super::store::Grant;

/// When grants were made and deleted, counted in list requests.
#[derive(Debug, Default)]
pub(crate) struct Aging {
    lists: u64,
    lag: u64,
    born: HashMap<u64, u64>,
    dead: Vec<(Grant, u64)>,
}

impl Aging {
    /// A list is asked for; what is older than `lag` of them is settled.
    pub(crate) fn list(&mut self, lag: u64) {
        self.lists += 1;
        self.lag = lag;
        let (lists, old) = (self.lists, |at: u64, lists: u64| lists - at > lag);
        self.dead.retain(|(_, at)| !old(*at, lists));
        self.born.retain(|_, at| !old(*at, lists));
    }

    /// A grant is made.
    pub(crate) fn born(&mut self, number: u64) {
        self.born.insert(number, self.lists);
    }

    /// A grant is deleted.
    pub(crate) fn died(&mut self, grant: Grant) {
        // One that no list has shown yet is not shown afterwards.
        if self.born.remove(&grant.number).is_none() && self.lag > 0 {
            self.dead.push((grant, self.lists));
        }
    }

    /// Whether lists show the grant already.
    pub(crate) fn shows(&self, number: u64) -> bool {
        !self.born.contains_key(&number)
    }

    /// Grants that are deleted and still shown.
    pub(crate) fn lingering(&self) -> impl Iterator<Item = &Grant> {
        self.dead.iter().map(|(grant, _)| grant)
    }
}

/// So much at most, and where it goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    after: u64,
    most: usize,
}

/// Makes tokens that say nothing.
const VEIL: u64 = 0x5bd1_e995_9d2c_5681;

impl Page {
    /// Of the parameters `nextToken` and `maxResults`.
    pub(crate) fn asked(token: Option<&str>, most: Option<&str>) -> Answer<Page> {
        let after = match token {
            None => 0,
            Some(token) => {
                let number =
                    u64::from_str_radix(token, 16).map_err(|_| invalid_request("nextToken is invalid"))?;
                number.rotate_right(17) ^ VEIL
            }
        };
        let most = match most.map(str::parse) {
            None | Some(Ok(0)) => 1000,
            Some(Ok(most @ 1..=1000)) => most,
            Some(_) => return Err(invalid_request("maxResults must be between 0 and 1000")),
        };
        Ok(Page { after, most })
    }

    /// The entries of the page, and the token of the next. The entries come in order of their numbers, from 1.
    pub(crate) fn of<T>(self, all: impl Iterator<Item = (u64, T)>) -> (Vec<T>, Option<String>) {
        let mut rest = all.filter(|(number, _)| *number > self.after);
        let mut last = 0;
        let mut entries = Vec::new();
        for (number, entry) in rest.by_ref().take(self.most) {
            last = number;
            entries.push(entry);
        }
        let token = rest.next().map(|_| format!("{:016x}", (last ^ VEIL).rotate_left(17)));
        (entries, token)
    }
}
