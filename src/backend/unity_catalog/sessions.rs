//! Functions judged for every account: what a mask shows, what a filter lets through.
//!
//! In: functions, ours or not; who is in which group; the entitlement table. Out: accounts by what they see. The judge reads SQL,
//! not what we meant by it: what it does not understand may show anything.
//! Cost: one evaluation per body and set of groups among those that it asks for; one per account where it asks for the user.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::native::{DIALECT, ENTITLEMENTS, FunctionBody, Home, SCHEMA};
use crate::backend::contract::{RowsSeen, Seen};
use crate::backend::sql::eval::{self, Body, RowsTruth, Session, Table};
use crate::ir::value::Value;

/// A function as it is judged.
#[derive(Clone, Debug)]
pub(super) struct Function {
    body: Option<Body>,
    /// The argument that holds the masked value: the first.
    value: String,
    /// Whose it is, in the order of its conjuncts; empty for others' functions.
    filters: Vec<String>,
}

impl Function {
    /// Reads a function; `policies` is what its comment lists.
    pub(super) fn of(body: &FunctionBody, policies: &str) -> Function {
        Function {
            body: eval::parse(&body.expression, DIALECT),
            value: body.arguments.first().map(|(name, _)| name.to_lowercase()).unwrap_or_default(),
            filters: policies.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        }
    }
}

/// Who asks, and what he can reach.
pub(super) struct Judge {
    accounts: Vec<String>,
    groups: BTreeMap<String, RoaringBitmap>,
    table: [String; 3],
    entitlements: Table,
}

impl Judge {
    /// `groups`: the accounts of each; `entitlements`: account, name, value.
    pub(super) fn of(
        accounts: Vec<String>,
        groups: BTreeMap<String, RoaringBitmap>,
        home: &Home,
        entitlements: Vec<[String; 3]>,
    ) -> Judge {
        let columns = ["account", "name", "value"].map(str::to_owned).to_vec();
        let rows = entitlements.into_iter().map(|row| row.map(Value::Text).to_vec()).collect();
        Judge {
            accounts,
            groups,
            table: [home.catalog.clone(), SCHEMA.to_owned(), ENTITLEMENTS.to_owned()],
            entitlements: Table::new(columns, rows),
        }
    }

    /// What a mask shows, by account.
    pub(super) fn mask(&self, function: &Function) -> Vec<(Seen, RoaringBitmap)> {
        let Some(body) = &function.body else { return vec![(Seen::Sometimes, self.everybody())] };
        self.by_answer(body, |session| eval::seen(body, session, &function.value))
    }

    /// Which filters bear, by account. A conjunct that is true on every row for somebody is none for him.
    pub(super) fn rows(&self, function: &Function, label: &str) -> Vec<(RowsSeen, RoaringBitmap)> {
        let Some(body) = function.body.clone() else {
            return vec![(RowsSeen::Filtered(vec![label.to_owned()]), self.everybody())];
        };
        // The comment names a filter per conjunct; what does not fit is judged as one, under its native name.
        let parts: Vec<(String, Body)> = match body.clone().split(function.filters.len()) {
            Some(conjuncts) => function.filters.iter().cloned().zip(conjuncts).collect(),
            None => vec![(label.to_owned(), body.clone())],
        };
        let answers = self.by_answer(&body, |session| {
            let bears = |part: &Body| match eval::rows(part, session) {
                RowsTruth::True => false,
                RowsTruth::FalseOrNull | RowsTruth::Depends => true,
            };
            let mut names: Vec<String> =
                parts.iter().filter(|(_, part)| bears(part)).map(|(name, _)| name.clone()).collect();
            names.sort();
            if names.is_empty() { RowsSeen::All } else { RowsSeen::Filtered(names) }
        });
        answers.into_iter().filter(|(seen, _)| *seen != RowsSeen::All).collect()
    }

    fn everybody(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.accounts.len() as u32);
        all
    }

    /// Accounts by an answer: one question for all accounts that are in the same of the groups that the body asks for.
    fn by_answer<A: Ord>(&self, body: &Body, ask: impl Fn(&Asking<'_>) -> A) -> Vec<(A, RoaringBitmap)> {
        let mentions = body.mentions();
        let mut alike = vec![self.everybody()];
        for group in &mentions.groups {
            let Some(members) = self.groups.get(group) else { continue };
            alike = alike.iter().flat_map(|set| [set & members, set - members]).collect();
            alike.retain(|set| !set.is_empty());
        }
        if mentions.user {
            alike = self.everybody().iter().map(|account| RoaringBitmap::from_iter([account])).collect();
        }
        let mut answers: BTreeMap<A, RoaringBitmap> = BTreeMap::new();
        for set in alike {
            let Some(account) = set.min() else { continue };
            *answers.entry(ask(&Asking { judge: self, account })).or_default() |= set;
        }
        answers.into_iter().collect()
    }
}

/// One account's session.
struct Asking<'a> {
    judge: &'a Judge,
    account: u32,
}

impl Session for Asking<'_> {
    fn has_group(&self, group: &str) -> Option<bool> {
        Some(self.judge.groups.get(group).is_some_and(|members| members.contains(self.account)))
    }

    fn current_user(&self) -> Option<&str> {
        self.judge.accounts.get(self.account as usize).map(String::as_str)
    }

    fn table(&self, path: &[String]) -> Option<&Table> {
        (*path == self.judge.table).then_some(&self.judge.entitlements)
    }
}
