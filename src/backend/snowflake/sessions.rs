//! Policy bodies judged for every account: what a mask shows, what a filter lets through.
use super::native::{Home, PolicyBody};
use crate::backend::contract::{RowsSeen, Seen};
use roaring::RoaringBitmap;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(super) struct Policy {
    filters: Vec<String>,
}
impl Policy {
    pub(super) fn of(_body: &PolicyBody, policies: &str) -> Policy {
        Policy { filters: policies.split(", ").filter(|e| !e.is_empty()).map(str::to_owned).collect() }
    }
}
#[derive(Default)]
pub(super) struct Judge {
    accounts: Vec<String>,
}
impl Judge {
    pub(super) fn of(
        accounts: Vec<String>,
        _roles: BTreeMap<String, RoaringBitmap>,
        _home: Home,
        _e: Vec<[String; 3]>,
    ) -> Judge {
        Judge { accounts }
    }
    fn all(&self) -> RoaringBitmap {
        (0..self.accounts.len() as u32).collect()
    }
    pub(super) fn mask(&self, _policy: &Policy) -> Vec<(Seen, RoaringBitmap)> {
        vec![(Seen::Masked, self.all())]
    }
    pub(super) fn rows(&self, policy: &Policy, label: &str) -> Vec<(RowsSeen, RoaringBitmap)> {
        let mut names = policy.filters.clone();
        if names.is_empty() {
            names.push(label.to_owned());
        }
        vec![(RowsSeen::Filtered(names), self.all())]
    }
}
