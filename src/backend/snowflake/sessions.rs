//! Policy bodies judged for every account: what a mask shows, what a filter lets through.
//!
//! In: bodies, ours or not; who holds which role; the entitlement table. Out: accounts by what they see. The judge reads SQL, not
//! what we meant by it: what it does not understand may show anything.
//! Cost: one evaluation per body and set of roles among those that it asks for; one per account where it asks for the user.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::native::{ENTITLEMENTS, Home, PolicyBody, SCHEMA};
use crate::backend::contract::{RowsSeen, Seen};
use crate::backend::sql::Dialect;
use crate::backend::sql::eval::{self, Body, RowsTruth, Session, Table};
use crate::ir::value::Value;

/// A policy as it is judged.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    body: Option<Body>,
    /// The argument that holds the masked value.
    value: String,
    /// Whose it is, in the order of its conjuncts; empty for others' policies.
    filters: Vec<String>,
}

impl Policy {
    /// Reads a policy; `policies` is what its comment lists.
    pub(super) fn of(body: &PolicyBody, policies: &str) -> Policy {
        Policy {
            body: eval::parse(&body.expression, Dialect::Snowflake),
            value: body.arguments.first().map(|(name, _)| argument_name(name)).unwrap_or_default(),
            filters: policies.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        }
    }
}

/// The stored name of an argument: plain names fold up.
fn argument_name(written: &str) -> String {
    match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => written.to_ascii_uppercase(),
    }
}

/// Who asks, and what he can reach.
#[derive(Default)]
pub(super) struct Judge {
    accounts: Vec<String>,
    roles: BTreeMap<String, RoaringBitmap>,
    table: [String; 3],
    entitlements: Table,
}

impl Judge {
    /// `roles`: the accounts of each; `entitlements`: account, name, value.
    pub(super) fn of(
        accounts: Vec<String>,
        roles: BTreeMap<String, RoaringBitmap>,
        home: Home,
        entitlements: Vec<[String; 3]>,
    ) -> Judge {
        let columns = ["ACCOUNT", "NAME", "VALUE"].map(str::to_owned).to_vec();
        let rows = entitlements.into_iter().map(|row| row.map(Value::Text).to_vec()).collect();
        Judge {
            accounts,
            roles,
            table: [home.database, SCHEMA.to_owned(), ENTITLEMENTS.to_owned()],
            entitlements: Table::new(columns, rows),
        }
    }

    /// What a mask shows, by account.
    pub(super) fn mask(&self, policy: &Policy) -> Vec<(Seen, RoaringBitmap)> {
        let Some(body) = &policy.body else { return vec![(Seen::Sometimes, self.everybody())] };
        self.by_answer(body, |session| eval::seen(body, session, &policy.value))
    }

    /// Which filters bear, by account. A conjunct that is true on every row for somebody is none for him.
    pub(super) fn rows(&self, policy: &Policy, label: &str) -> Vec<(RowsSeen, RoaringBitmap)> {
        let whole = || vec![(RowsSeen::Filtered(vec![label.to_owned()]), self.everybody())];
        let Some(body) = policy.body.clone() else { return whole() };
        // The comment names a filter per conjunct; what does not fit is judged as one, under its native name.
        let parts: Vec<(String, Body)> = match body.clone().split(policy.filters.len()) {
            Some(conjuncts) => policy.filters.iter().cloned().zip(conjuncts).collect(),
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

    /// Accounts by an answer: one question for all accounts that hold the same of the roles that the body asks for.
    fn by_answer<A: Ord>(&self, body: &Body, ask: impl Fn(&Asking<'_>) -> A) -> Vec<(A, RoaringBitmap)> {
        let mentions = body.mentions();
        let mut alike = vec![self.everybody()];
        for role in &mentions.roles {
            let Some(holders) = self.roles.get(role) else { continue };
            alike = alike.iter().flat_map(|set| [set & holders, set - holders]).collect();
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

/// One account's session, with every role that it may activate.
struct Asking<'a> {
    judge: &'a Judge,
    account: u32,
}

impl Session for Asking<'_> {
    fn is_role(&self, role: &str) -> Option<bool> {
        Some(role == "PUBLIC" || self.judge.roles.get(role).is_some_and(|held| held.contains(self.account)))
    }

    fn current_user(&self) -> Option<&str> {
        self.judge.accounts.get(self.account as usize).map(String::as_str)
    }

    fn table(&self, path: &[String]) -> Option<&Table> {
        (*path == self.judge.table).then_some(&self.judge.entitlements)
    }
}
