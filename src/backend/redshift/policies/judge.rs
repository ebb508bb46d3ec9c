//! What masks and row policies on a table leave to each account, judged by what they say.
//!
//! In: policies and where they stand, ours or not; the entitlement table. Out: accounts by what they see. The judge reads SQL, not
//! what we meant by it: what it does not understand may show anything.
//! Of the masks on a column, the highest priority among those that concern a user counts; all row policies that concern him must
//! hold, or one of them where the table says so; none: no row. docs.aws.amazon.com/redshift/latest/dg/t_ddm-hierarchy.html, t_rls.html
//! (2026-11-25). `sys:secadmin` and holders of IGNORE RLS see every row. Cost: one evaluation per policy and account, once for all columns that it stands on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use roaring::RoaringBitmap;

use super::body::{MASKING, PolicyBody, RLS, policy_object};
use super::standing::{MaskStanding, RowStanding};
use crate::backend::contract::{RowsSeen, Seen};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::{Object, role};
use crate::backend::redshift::native::{DIALECT, Home, PUBLIC};
use crate::backend::sql::eval::{self, Body, RowsTruth, Session, Table};
use crate::backend::views::{Principals, Site};
use crate::ir::value::Value;

/// What Redshift calls the table in a policy that it prints.
const TABLE_WORDS: [&str; 2] = ["masked_table", "rls_table"];
/// Who may bypass row policies: docs.aws.amazon.com/redshift/latest/dg/t_rls_ownership.html (2026-11-25).
const SECURITY_ADMIN: &str = "sys:secadmin";
/// What lets others do so.
pub(super) const IGNORE_RLS: &str = "IGNORE RLS";
/// Stands for row-level security that is on while no policy concerns an account.
const NO_ROW: &str = "ROW LEVEL SECURITY";

/// Accounts by what they see.
type Answers<A> = Vec<(A, RoaringBitmap)>;

struct Policy {
    body: Option<Body>,
    inputs: Vec<String>,
    filters: Vec<String>,
    alias: String,
    /// Worked out once: by the place of the masked value among the inputs.
    masks: Vec<OnceLock<Answers<Seen>>>,
    /// Worked out once: the filters that bear; none where every row shows.
    rows: OnceLock<Answers<Vec<String>>>,
}

impl Policy {
    fn of(body: &PolicyBody) -> Policy {
        let inputs: Vec<String> = body.names().map(str::to_owned).collect();
        Policy {
            body: eval::parse(&body.expression, DIALECT),
            masks: inputs.iter().map(|_| OnceLock::new()).collect(),
            inputs,
            filters: body.filters.clone(),
            alias: body.alias.clone(),
            rows: OnceLock::new(),
        }
    }
}

/// Everything that stands before tables.
pub(in super::super) struct Judge {
    policies: BTreeMap<String, Policy>,
    /// Column → its masks, the highest priority first.
    masks: BTreeMap<String, Vec<MaskStanding>>,
    /// Table → its row policies.
    rows: BTreeMap<String, Vec<RowStanding>>,
    /// By index of the account: the name that he asks with.
    sessions: Vec<Option<String>>,
    /// Who is above row policies.
    above: RoaringBitmap,
    entitlements: Table,
    path: Vec<String>,
}

impl Judge {
    /// Reads facts. `entitlements`: account, name, value.
    pub(in super::super) fn of(
        facts: &[Fact],
        symbols: &Symbols,
        home: &Home<'_>,
        principals: &Principals<'_>,
        entitlements: &[[String; 3]],
    ) -> Judge {
        let text = |symbol| symbols.text(symbol);
        let mut policies = BTreeMap::new();
        let mut masks: BTreeMap<String, Vec<MaskStanding>> = BTreeMap::new();
        let mut rows: BTreeMap<String, Vec<RowStanding>> = BTreeMap::new();
        let mut above = holders(&role(SECURITY_ADMIN), principals);
        for fact in facts {
            let (object, body) = (text(fact.key.object).to_owned(), text(fact.body));
            match fact.key.kind {
                FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
                    policies.insert(object, Policy::of(&PolicyBody::parse(body)));
                }
                FactKind::MaskAttachment => {
                    masks.entry(object).or_default().push(MaskStanding::parse(body));
                }
                FactKind::RowAttachment => rows.entry(object).or_default().push(RowStanding::parse(body)),
                FactKind::Grant if text(fact.key.privilege) == IGNORE_RLS => {
                    above |= holders(text(fact.key.grantee), principals);
                }
                FactKind::Role
                | FactKind::Group
                | FactKind::Location
                | FactKind::Function
                | FactKind::Entitlement
                | FactKind::View
                | FactKind::AuthorizedView
                | FactKind::Rule
                | FactKind::Grant
                | FactKind::Membership => {}
            }
        }
        for standing in masks.values_mut() {
            standing.sort_by_key(|each| std::cmp::Reverse(each.priority));
        }
        let session = |account: &String| home.session_name(account).map(str::to_owned);
        let columns = ["account", "name", "value"].map(str::to_owned).to_vec();
        let table = entitlements.iter().map(|row| row.clone().map(Value::Text).to_vec()).collect();
        Judge {
            policies,
            masks,
            rows,
            sessions: principals.accounts.iter().map(session).collect(),
            above,
            entitlements: Table::new(columns, table),
            path: home.entitlements_path(),
        }
    }

    /// What those who read a table see of a column; who is not listed sees it clear.
    pub(in super::super) fn column(
        &self,
        table: &str,
        column: &str,
        principals: &Principals<'_>,
    ) -> Answers<Seen> {
        let object = Object { column: Some(column.to_owned()), ..Object::parse(table) };
        let mut found: BTreeMap<Seen, RoaringBitmap> = BTreeMap::new();
        let mut left = self.everybody();
        for standing in self.masks.get(&object.text()).into_iter().flatten() {
            let concerned = holders(&standing.grantee, principals) & &left;
            left -= &concerned;
            match self.mask(standing, column) {
                Some(answers) => {
                    for (seen, accounts) in answers {
                        *found.entry(*seen).or_default() |= accounts & &concerned;
                    }
                }
                None => *found.entry(Seen::Sometimes).or_default() |= concerned,
            }
        }
        found.into_iter().filter(|(seen, set)| *seen != Seen::Clear && !set.is_empty()).collect()
    }

    /// `None`: its body was not exported or cannot be read, or what it hides is not among its inputs: it may show anything.
    fn mask(&self, standing: &MaskStanding, column: &str) -> Option<&Answers<Seen>> {
        let policy = self.policies.get(&policy_object(MASKING, &standing.policy))?;
        let place = standing.inputs.iter().position(|each| each == column)?;
        let (body, value) = (policy.body.as_ref()?, policy.inputs.get(place)?);
        let answers = policy.masks.get(place)?;
        Some(answers.get_or_init(|| self.by_answer(policy, body, |session| eval::seen(body, session, value))))
    }

    /// Which filters bear on those who read a table; who is not listed sees every row.
    pub(in super::super) fn rows(&self, table: &str, principals: &Principals<'_>) -> Answers<RowsSeen> {
        let standing: Vec<&RowStanding> =
            self.rows.get(table).into_iter().flatten().filter(|each| each.on).collect();
        if standing.is_empty() {
            return Vec::new();
        }
        let all = standing.iter().all(|each| each.all);
        let concerned: Vec<(Answers<Vec<String>>, RoaringBitmap)> = standing
            .iter()
            .filter(|each| !each.policy.is_empty())
            .map(|each| (self.bearing(each), holders(&each.grantee, principals)))
            .collect();
        let mut found: BTreeMap<Vec<String>, RoaringBitmap> = BTreeMap::new();
        for account in self.everybody() - &self.above {
            let bears: Vec<&Vec<String>> = concerned
                .iter()
                .filter(|(_, holders)| holders.contains(account))
                .filter_map(|(answers, _)| answers.iter().find(|(_, set)| set.contains(account)))
                .map(|(names, _)| names)
                .collect();
            found.entry(combined(&bears, all)).or_default().insert(account);
        }
        found
            .into_iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, set)| (RowsSeen::Filtered(names), set))
            .collect()
    }

    /// The filters of a policy that bear, for every account. A conjunct that is true on every row for somebody is none for him.
    fn bearing(&self, standing: &RowStanding) -> Answers<Vec<String>> {
        let object = policy_object(RLS, &standing.policy);
        let whole = || vec![(vec![Object::parse(&object).quoted()], self.everybody())];
        let Some(policy) = self.policies.get(&object) else { return whole() };
        let Some(body) = &policy.body else { return whole() };
        let answers = policy.rows.get_or_init(|| {
            let parts: Vec<(String, Body)> = match body.clone().split(policy.filters.len()) {
                Some(conjuncts) => policy.filters.iter().cloned().zip(conjuncts).collect(),
                None => vec![(Object::parse(&object).quoted(), body.clone())],
            };
            self.by_answer(policy, body, |session| {
                let bears = |part: &Body| match eval::rows(part, session) {
                    RowsTruth::True => false,
                    RowsTruth::FalseOrNull | RowsTruth::Depends => true,
                };
                let names: BTreeSet<&String> =
                    parts.iter().filter(|(_, part)| bears(part)).map(|(name, _)| name).collect();
                names.into_iter().cloned().collect()
            })
        });
        answers.clone()
    }

    fn everybody(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(0..self.sessions.len() as u32);
        all
    }

    /// Accounts by an answer: one question for all where the body does not ask who they are.
    fn by_answer<A: Ord>(&self, policy: &Policy, body: &Body, ask: impl Fn(&Asking<'_>) -> A) -> Answers<A> {
        let alike: Vec<RoaringBitmap> = if body.mentions().user {
            self.everybody().iter().map(|account| RoaringBitmap::from_iter([account])).collect()
        } else {
            vec![self.everybody()]
        };
        let mut answers: BTreeMap<A, RoaringBitmap> = BTreeMap::new();
        for set in alike {
            let Some(account) = set.min() else { continue };
            *answers.entry(ask(&Asking { judge: self, policy, account })).or_default() |= set;
        }
        answers.into_iter().collect()
    }
}

/// What bears where several policies concern an account: all of them, or one of them.
fn combined(bears: &[&Vec<String>], all: bool) -> Vec<String> {
    match bears {
        [] => vec![NO_ROW.to_owned()],
        [one] => (*one).clone(),
        several if all => {
            let names: BTreeSet<&String> = several.iter().copied().flatten().collect();
            names.into_iter().cloned().collect()
        }
        several if several.iter().any(|names| names.is_empty()) => Vec::new(),
        several => {
            let each: Vec<String> = several.iter().map(|names| names.join(" and ")).collect();
            vec![each.join(" or ")]
        }
    }
}

/// The accounts that an attachment concerns.
fn holders(grantee: &str, principals: &Principals<'_>) -> RoaringBitmap {
    let object = Object::parse(grantee);
    match object.word.as_str() {
        PUBLIC => principals.all(),
        "USER" => principals.find(object.name()).into_iter().collect(),
        _ => principals.holders(grantee).cloned().unwrap_or_default(),
    }
}

/// One account's session.
struct Asking<'a> {
    judge: &'a Judge,
    policy: &'a Policy,
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
        matches!(qualifier, [word] if TABLE_WORDS.contains(&word.as_str()) || *word == self.policy.alias)
    }
}
