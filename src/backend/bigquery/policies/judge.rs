//! What tables show to whoever reads them himself, judged by the policies that stand there, ours or not.
//!
//! In: row access policies, data policies and their readers, routines, what stands on columns. Out: accounts by what they see. A table
//! with any row access policy shows an account the rows of all those that list it, and nothing if none does; a column with data
//! policies shows the most that one of them shows that the account may read through, and nothing if it may through none
//! (docs.cloud.google.com/bigquery/docs/managing-row-level-security and column-data-masking-intro, 2026-11-25).
//! What is not understood may show anything. Cost: one evaluation per predicate, account that reads the table, and conjunct.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::native::{DataPolicy, RAW, READ, RowPolicy, VALUE, attached, table_of};
use crate::backend::bigquery::member;
use crate::backend::bigquery::native::DIALECT;
use crate::backend::bigquery::principals::Principals;
use crate::backend::contract::{RowsSeen, Seen};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::sql::eval::{self, Body, RowsTruth, Session};

/// Lists its holder in row access policies.
const FILTERED_VIEWER: &str = "roles/bigquery.filteredDataViewer";

/// Project, dataset, name.
type Path = Vec<String>;

/// A row access policy as it is judged.
struct Policy {
    /// The name of each conjunct; the policy's own where it has none.
    parts: Vec<(String, Option<Body>)>,
    listed: RoaringBitmap,
    asks_for_the_user: bool,
}

/// A data policy as it is judged.
struct Reading {
    seen: Seen,
    readers: RoaringBitmap,
}

/// Everything that stands on tables.
#[derive(Default)]
pub(in crate::backend::bigquery) struct Judge {
    /// By index of the account: the address that it asks with.
    sessions: Vec<Option<String>>,
    /// Tables with a row access policy, and those policies.
    rows: BTreeMap<Path, Vec<Policy>>,
    /// Table or dataset → who is listed by every policy in it.
    everywhere: BTreeMap<Path, RoaringBitmap>,
    /// Table and lower-case column → what stands there; `None`: what we cannot look into.
    columns: BTreeMap<(Path, String), Vec<Option<Reading>>>,
}

impl Judge {
    /// Reads facts.
    pub(in crate::backend::bigquery) fn of(
        facts: &[Fact],
        symbols: &Symbols,
        principals: &Principals,
    ) -> Judge {
        let text = |symbol| symbols.text(symbol);
        let mut judge = Judge {
            sessions: principals
                .accounts
                .iter()
                .map(|each| member::address(each).map(str::to_owned))
                .collect(),
            ..Judge::default()
        };
        let (mut routines, mut data, mut readers) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::<_, RoaringBitmap>::new());
        for fact in facts {
            let (object, body) = (text(fact.key.object), text(fact.body));
            match fact.key.kind {
                FactKind::RowAttachment => {
                    judge.rows.entry(Object::parse(object).path).or_default();
                }
                FactKind::RowAccessPolicy => {
                    let table = Object::parse(&table_of(object).unwrap_or_default()).path;
                    let policy = Policy::of(object, &RowPolicy::parse(body), principals);
                    judge.rows.entry(table).or_default().push(policy);
                }
                FactKind::Function => {
                    routines.insert(object, body);
                }
                FactKind::MaskingPolicy => {
                    data.insert(object, DataPolicy::parse(body));
                }
                FactKind::Grant if text(fact.key.privilege) == READ => {
                    let held = principals.holders(text(fact.key.grantee)).cloned().unwrap_or_default();
                    *readers.entry(object).or_default() |= held;
                }
                // Granted by IAM it is as if every policy below listed him: docs.cloud.google.com/bigquery/docs/
                // best-practices-row-level-security#filtered-data-viewer (2026-11-25).
                FactKind::Grant if text(fact.key.privilege).starts_with(FILTERED_VIEWER) => {
                    let held = principals.holders(text(fact.key.grantee)).cloned().unwrap_or_default();
                    *judge.everywhere.entry(Object::parse(object).path).or_default() |= held;
                }
                FactKind::Role
                | FactKind::Group
                | FactKind::Location
                | FactKind::Entitlement
                | FactKind::MaskAttachment
                | FactKind::View
                | FactKind::AuthorizedView
                | FactKind::Rule
                | FactKind::Grant
                | FactKind::Membership => {}
            }
        }
        for fact in facts.iter().filter(|fact| fact.key.kind == FactKind::MaskAttachment) {
            let object = Object::parse(text(fact.key.object));
            let column = object.column.unwrap_or_default().to_lowercase();
            let policies = attached(text(fact.body));
            let standing = policies.iter().map(|policy| {
                let seen = shows(data.get(policy.as_str())?, &routines);
                let readers = readers.get(policy.as_str()).cloned().unwrap_or_default();
                Some(Reading { seen, readers })
            });
            judge.columns.insert((object.path, column), standing.collect());
        }
        judge
    }

    /// What readers of a table see of a column; those who are not listed see it clear.
    pub(in crate::backend::bigquery) fn column(
        &self,
        table: &[String],
        column: &str,
        readers: &RoaringBitmap,
    ) -> Vec<(Seen, RoaringBitmap)> {
        let Some(standing) = self.columns.get(&(table.to_vec(), column.to_lowercase())) else {
            return Vec::new();
        };
        let mut found: BTreeMap<Seen, RoaringBitmap> = BTreeMap::new();
        let mut left = readers.clone();
        for wanted in [Seen::Clear, Seen::Sometimes] {
            let through = standing.iter().fold(RoaringBitmap::new(), |all, each| match each {
                Some(reading) if reading.seen == wanted => all | &reading.readers,
                None if wanted == Seen::Sometimes => all | readers,
                _ => all,
            });
            let here = &left & through;
            left -= &here;
            if wanted != Seen::Clear {
                found.insert(wanted, here);
            }
        }
        // Masked, or refused.
        found.insert(Seen::Masked, left);
        found.into_iter().filter(|(_, accounts)| !accounts.is_empty()).collect()
    }

    /// Which filters bear on readers of a table; those who are not listed see every row.
    pub(in crate::backend::bigquery) fn rows(
        &self,
        table: &[String],
        readers: &RoaringBitmap,
    ) -> Vec<(RowsSeen, RoaringBitmap)> {
        let Some(policies) = self.rows.get(table) else { return Vec::new() };
        let everything: BTreeSet<&str> =
            policies.iter().flat_map(|policy| policy.parts.iter().map(|(name, _)| name.as_str())).collect();
        let dataset = table.get(..2).unwrap_or_default();
        let listed = [table, dataset].into_iter().filter_map(|path| self.everywhere.get(path));
        let everywhere = listed.fold(RoaringBitmap::new(), |all, each| all | each);
        let mut found: BTreeMap<Vec<String>, RoaringBitmap> = BTreeMap::new();
        let mut alike: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for account in readers {
            let mut bear: Option<BTreeSet<String>> = None;
            for (at, policy) in policies
                .iter()
                .enumerate()
                .filter(|(_, policy)| policy.listed.contains(account) || everywhere.contains(account))
            {
                let names = match (policy.asks_for_the_user, alike.get(&at)) {
                    (false, Some(known)) => known.clone(),
                    (asks, _) => {
                        let names =
                            policy.bearing(self.sessions.get(account as usize).and_then(Option::as_deref));
                        if !asks {
                            alike.insert(at, names.clone());
                        }
                        names
                    }
                };
                // The rows of all policies that list him: only what stands in each of them bears.
                let names: BTreeSet<String> = names.into_iter().collect();
                bear = Some(bear.map_or_else(|| names.clone(), |bear| &bear & &names));
            }
            let bear = match bear {
                Some(bear) => bear.into_iter().collect(),
                // No row at all.
                None if everything.is_empty() => vec!["no row access policy".to_owned()],
                None => everything.iter().map(|name| (*name).to_owned()).collect(),
            };
            found.entry(bear).or_default().insert(account);
        }
        found
            .into_iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, accounts)| (RowsSeen::Filtered(names), accounts))
            .collect()
    }
}

/// What a data policy shows to those who may read through it.
fn shows(policy: &DataPolicy, routines: &BTreeMap<&str, &str>) -> Seen {
    if policy.kind == RAW {
        return Seen::Clear;
    }
    match (&policy.predefined, &policy.routine) {
        (None, Some(routine)) => {
            let text = routines.get(routine.as_str()).and_then(|body| body.split_once('\n'));
            let body = text.and_then(|(_, expression)| eval::parse(expression, DIALECT));
            body.map_or(Seen::Sometimes, |body| eval::seen(&body, &Asking { address: None }, VALUE))
        }
        // Each of Google's rules leaves something out; what comes to be one of them later, we cannot know.
        (Some(rule), None) => match rule.as_str() {
            "ALWAYS_NULL"
            | "DEFAULT_MASKING_VALUE"
            | "DATE_YEAR_MASK"
            | "SHA256"
            | "RANDOM_HASH"
            | "EMAIL_MASK"
            | "LAST_FOUR_CHARACTERS"
            | "FIRST_FOUR_CHARACTERS" => Seen::Masked,
            _ => Seen::Sometimes,
        },
        (None, None) | (Some(_), Some(_)) => Seen::Sometimes,
    }
}

impl Policy {
    fn of(object: &str, policy: &RowPolicy, principals: &Principals) -> Policy {
        let label = Object::parse(object).quoted();
        let body = eval::parse(&policy.predicate, DIALECT);
        let asks_for_the_user = body.as_ref().is_some_and(|body| body.mentions().user);
        let conjuncts = body.clone().and_then(|body| body.split(policy.filters.len()));
        let parts = match conjuncts {
            Some(conjuncts) => policy.filters.iter().cloned().zip(conjuncts.into_iter().map(Some)).collect(),
            None => vec![(label, body)],
        };
        let held = policy.grantees.iter().filter_map(|grantee| principals.holders(grantee));
        let listed = held.fold(RoaringBitmap::new(), |all, each| all | each);
        Policy { parts, listed, asks_for_the_user }
    }

    /// The names of the conjuncts that are not true on every row.
    fn bearing(&self, address: Option<&str>) -> Vec<String> {
        let session = Asking { address };
        let bears = |part: &Option<Body>| match part.as_ref().map(|part| eval::rows(part, &session)) {
            Some(RowsTruth::True) => false,
            Some(RowsTruth::FalseOrNull | RowsTruth::Depends) | None => true,
        };
        self.parts.iter().filter(|(_, part)| bears(part)).map(|(name, _)| name.clone()).collect()
    }
}

/// One account's session.
struct Asking<'a> {
    address: Option<&'a str>,
}

impl Session for Asking<'_> {
    fn current_user(&self) -> Option<&str> {
        self.address
    }
}
