//! What views show to whom, judged by what they say.
//!
//! In: views, ours or not, and the entitlement table. Out: accounts by what they see of a column, and by the filters that bear.
//! The judge reads SQL, not what we meant by it: what it does not understand may show anything.
//! Cost: one evaluation per expression and set of flags among those that it asks for; one per account where it asks for the user.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::{Site, ViewBody};
use crate::backend::contract::{RowsSeen, Seen};
use crate::backend::sql::eval::{self, Body, RowsTruth, Session, Table};
use crate::backend::sql::view::{self, Reading, View};
use crate::ir::value::Value;

/// A view as it is judged.
pub struct Judged {
    reading: Reading,
    filters: Vec<String>,
}

impl Judged {
    /// Reads a view.
    pub fn of(body: &ViewBody, site: &dyn Site) -> Judged {
        Judged { reading: view::read(&body.query, site.dialect()), filters: body.filters.clone() }
    }

    /// The relations that it reads, as far as we can tell; `None`: it may read any.
    pub fn reads(&self) -> Option<Vec<Vec<String>>> {
        match &self.reading {
            Reading::View(view) => Some(vec![view.base.clone()]),
            Reading::Reads(paths) => Some(paths.clone()),
            Reading::Unreadable => None,
        }
    }

    fn view(&self) -> Option<&View> {
        match &self.reading {
            Reading::View(view) => Some(view),
            Reading::Reads(_) | Reading::Unreadable => None,
        }
    }
}

/// Who asks, and what he can reach.
pub struct Judge {
    /// By index of the account: the name that he asks with.
    sessions: Vec<Option<String>>,
    entitlements: Table,
    /// The path of the table, as views name it.
    path: Vec<String>,
    /// Name → the accounts that have a row under it.
    flags: BTreeMap<String, RoaringBitmap>,
}

impl Judge {
    /// `rows`: account, name, value.
    pub fn of(accounts: &[String], site: &dyn Site, rows: &[[String; 3]]) -> Judge {
        let sessions: Vec<Option<String>> =
            accounts.iter().map(|each| site.session_name(each).map(str::to_owned)).collect();
        let mut by_session: BTreeMap<&str, RoaringBitmap> = BTreeMap::new();
        for (at, session) in sessions.iter().enumerate() {
            if let Some(session) = session {
                by_session.entry(session).or_default().insert(at as u32);
            }
        }
        let mut flags: BTreeMap<String, RoaringBitmap> = BTreeMap::new();
        for [account, name, _] in rows {
            if let Some(set) = by_session.get(account.as_str()) {
                *flags.entry(name.clone()).or_default() |= set;
            }
        }
        let columns = ["account", "name", "value"].map(str::to_owned).to_vec();
        let rows = rows.iter().map(|row| row.clone().map(Value::Text).to_vec()).collect();
        Judge { sessions, entitlements: Table::new(columns, rows), path: site.entitlements_path(), flags }
    }

    /// What a view shows of a column, by account. `base`: the column's name as the view's dialect reads it.
    pub fn column(&self, judged: &Judged, column: &str, base: &str) -> Vec<(Seen, RoaringBitmap)> {
        let unknown = || vec![(Seen::Sometimes, self.everybody())];
        let Some(view) = judged.view() else { return unknown() };
        let mut found = view.columns.iter().filter(|(name, _)| name == column);
        match (found.next(), found.next()) {
            (Some((_, body)), None) => self.by_answer(view, body, |session| eval::seen(body, session, base)),
            // It is not shown at all.
            (None, _) => vec![(Seen::Masked, self.everybody())],
            (Some(_), Some(_)) => unknown(),
        }
    }

    /// Which filters bear, by account. A conjunct that is true on every row for somebody is none for him.
    pub fn rows(&self, judged: &Judged, label: &str) -> Vec<(RowsSeen, RoaringBitmap)> {
        let whole = || vec![(RowsSeen::Filtered(vec![label.to_owned()]), self.everybody())];
        let Some(view) = judged.view() else { return whole() };
        let Some(body) = &view.filter else { return Vec::new() };
        let parts: Vec<(String, Body)> = match body.clone().split(judged.filters.len()) {
            Some(conjuncts) => judged.filters.iter().cloned().zip(conjuncts).collect(),
            None => vec![(label.to_owned(), body.clone())],
        };
        let answers = self.by_answer(view, body, |session| {
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
        all.insert_range(0..self.sessions.len() as u32);
        all
    }

    /// Accounts by an answer: one question for all accounts that have the same of the flags that the body asks for.
    fn by_answer<A: Ord>(
        &self,
        view: &View,
        body: &Body,
        ask: impl Fn(&Asking<'_>) -> A,
    ) -> Vec<(A, RoaringBitmap)> {
        let mentions = body.mentions();
        let mut alike = vec![self.everybody()];
        for flag in mentions.columns.iter().filter_map(|column| view.flags.get(column)) {
            let Some(holders) = self.flags.get(flag) else { continue };
            alike = alike.iter().flat_map(|set| [set & holders, set - holders]).collect();
            alike.retain(|set| !set.is_empty());
        }
        if mentions.user {
            alike = self.everybody().iter().map(|account| RoaringBitmap::from_iter([account])).collect();
        }
        let mut answers: BTreeMap<A, RoaringBitmap> = BTreeMap::new();
        for set in alike {
            let Some(account) = set.min() else { continue };
            *answers.entry(ask(&Asking { judge: self, view, account })).or_default() |= set;
        }
        answers.into_iter().collect()
    }
}

/// One account's session.
struct Asking<'a> {
    judge: &'a Judge,
    view: &'a View,
    account: u32,
}

impl Session for Asking<'_> {
    fn current_user(&self) -> Option<&str> {
        self.judge.sessions.get(self.account as usize)?.as_deref()
    }

    fn table(&self, path: &[String]) -> Option<&Table> {
        (*path == self.judge.path).then_some(&self.judge.entitlements)
    }

    fn names_the_row(&self, qualifier: &[String]) -> bool {
        self.view.names_the_row(qualifier)
    }

    fn given(&self, qualifier: &[String], name: &str) -> Option<Value> {
        // Flags that are read from another table say what we cannot know.
        self.view.entitlements.as_ref().filter(|path| **path == self.judge.path)?;
        let flag = self.view.flags.get(&(qualifier.to_vec(), name.to_owned()))?;
        let has = self.judge.flags.get(flag).is_some_and(|set| set.contains(self.account));
        Value::number(if has { "1" } else { "0" })
    }
}
