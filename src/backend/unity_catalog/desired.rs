//! Collects the facts of a lowering: each once, with the policies that ask for it.
//!
//! In: groups, grants, memberships, functions, attachments and entitlements as `lower` meets them. Out: facts sorted by text.
//! Invariant: groups for conditions are shared by whoever needs the same set of accounts for the same reason.

use std::collections::{BTreeMap, BTreeSet};

use super::abac::{Keys, Wanted};
use super::entitlements::{VALUE, exists};
use super::native::{self, Attached, DIALECT, Home, NAME_LIMIT};
use crate::backend::body::{Asks, Entitlements, Names, identity};
use crate::backend::class::short_hash;
use crate::backend::contract::Lowering;
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols, sort_by_text};
use crate::backend::gap::Gap;
use crate::backend::object::{Object, user};
use crate::backend::sql::{Dialect, Operand, Unsupported};
use crate::ids::Id;
use crate::inventory::integration::Enforcement;
use crate::inventory::{AccountId, AccountSet, ColumnType};

/// Kind, object, grantee, privilege.
type Key = (FactKind, String, String, String);

/// A group's members and whose it is.
type Members = (AccountSet, BTreeSet<String>);

/// What has been asked for so far.
pub(super) struct Desired<'a> {
    /// The program.
    pub(super) lowering: &'a Lowering<'a>,
    /// Where our functions live.
    pub(super) home: Home,
    /// The names given so far.
    pub(super) names: Names,
    /// What cannot be held.
    pub(super) gaps: Vec<Gap>,
    /// Where functions stand, if policies that follow tags put them there.
    pub(super) by_tags: Option<Wanted>,
    facts: BTreeMap<Key, (String, BTreeSet<String>)>,
    /// Groups with their members, written out once at the end: many columns ask for the same group.
    groups: BTreeMap<String, Members>,
    entitlements: Entitlements,
    /// Functions of filters keep the order of their filters: labels of conjuncts.
    ordered: BTreeMap<String, String>,
}

impl<'a> Desired<'a> {
    /// Nothing yet.
    pub(super) fn new(lowering: &'a Lowering<'a>) -> Desired<'a> {
        let settings = lowering.settings();
        Desired {
            lowering,
            home: Home::of(settings),
            names: Names::new(&settings.name_prefix, str::to_ascii_lowercase, NAME_LIMIT),
            gaps: Vec::new(),
            by_tags: (settings.enforcement == Enforcement::Tags)
                .then(|| Wanted::new(Keys::of(settings), &settings.name_prefix)),
            facts: BTreeMap::new(),
            groups: BTreeMap::new(),
            entitlements: Entitlements::default(),
            ordered: BTreeMap::new(),
        }
    }

    /// Asks for a fact on behalf of policies.
    pub(super) fn add<'p>(
        &mut self,
        (kind, object, grantee, privilege): (FactKind, String, String, &str),
        body: String,
        policies: impl IntoIterator<Item = &'p str>,
    ) {
        let key = (kind, object, grantee, privilege.to_owned());
        let entry = self.facts.entry(key).or_insert_with(|| (body, BTreeSet::new()));
        entry.1.extend(policies.into_iter().map(str::to_owned));
    }

    /// A column masked by a function.
    pub(super) fn mask(&mut self, column: Object, attached: Attached, policies: &[String]) {
        match &mut self.by_tags {
            Some(wanted) => wanted.mask(column, attached, policies),
            None => self.attach(FactKind::MaskAttachment, &column, &attached, policies),
        }
    }

    /// A table filtered by a function.
    pub(super) fn filter(&mut self, table: Object, attached: Attached, policies: &[String]) {
        match &mut self.by_tags {
            Some(wanted) => wanted.filter(table, attached, policies),
            None => self.attach(FactKind::RowAttachment, &table, &attached, policies),
        }
    }

    fn attach(&mut self, kind: FactKind, object: &Object, attached: &Attached, policies: &[String]) {
        let by = policies.iter().map(String::as_str);
        self.add((kind, object.text(), String::new(), ""), attached.text(), by);
    }

    /// Says of a function in which order its comment lists whose it is.
    pub(super) fn order(&mut self, function: &str, policies: &[String]) {
        self.ordered.insert(function.to_owned(), policies.join(", "));
    }

    /// A group with members.
    pub(super) fn group(&mut self, name: &str, members: &AccountSet, policies: &[String]) {
        let (accounts, names) = self.groups.entry(name.to_owned()).or_default();
        *accounts |= members;
        names.extend(policies.iter().cloned());
    }

    /// The groups so far.
    pub(super) fn groups(&self) -> impl Iterator<Item = (&str, &AccountSet, &BTreeSet<String>)> {
        self.groups.iter().map(|(name, (members, policies))| (name.as_str(), members, policies))
    }

    fn write_groups(&mut self) {
        for (name, (members, policies)) in std::mem::take(&mut self.groups) {
            let group = native::group(&name);
            let policies = || policies.iter().map(String::as_str);
            self.add((FactKind::Group, group.clone(), String::new(), ""), String::new(), policies());
            for account in members {
                let member = user(&self.lowering.accounts.accounts[AccountId::from_raw(account)].name);
                self.add((FactKind::Membership, group.clone(), member, ""), String::new(), policies());
            }
        }
    }

    fn write_entitlements(&mut self) {
        for (account, name, value, policies) in std::mem::take(&mut self.entitlements).rows() {
            let account = user(&self.lowering.accounts.accounts[account].name);
            self.add(
                (FactKind::Entitlement, format!("VALUE {value}"), account, name),
                String::new(),
                policies.iter().map(String::as_str),
            );
        }
    }

    /// The facts, sorted by text.
    pub(super) fn facts(&mut self, symbols: &mut Symbols) -> Vec<Fact> {
        self.write_groups();
        self.write_entitlements();
        let mut facts: Vec<Fact> = self
            .facts
            .iter()
            .map(|((kind, object, grantee, privilege), (body, policies))| {
                let ordered = self.ordered.get(object).filter(|_| *kind == FactKind::Function);
                let names = match ordered {
                    Some(names) => names.clone(),
                    None => policies.iter().cloned().collect::<Vec<_>>().join(", "),
                };
                Fact {
                    key: FactKey {
                        kind: *kind,
                        privilege: symbols.intern(privilege),
                        object: symbols.intern(object),
                        grantee: symbols.intern(grantee),
                    },
                    body: symbols.intern(body),
                    policies: symbols.intern(&names),
                }
            })
            .collect();
        sort_by_text(&mut facts, symbols);
        facts
    }
}

impl<'a> Asks<'a> for Desired<'a> {
    fn lowering(&self) -> &'a Lowering<'a> {
        self.lowering
    }

    fn dialect(&self) -> Dialect {
        DIALECT
    }

    /// Membership of an account group, direct or through others. A session cannot drop it; a group that is gone reveals nothing.
    fn test(&mut self, stem: &str, parts: &[String], accounts: &AccountSet, policies: &[String]) -> String {
        if accounts.is_empty() {
            return DIALECT.never().to_owned();
        }
        // INVARIANT: the accounts are part of the identity, so no two sets ever share a group, whatever the parts say.
        let hash = short_hash(parts.iter().cloned());
        let identity: Vec<String> = parts.iter().cloned().chain([identity(accounts)]).collect();
        let name = self.names.give(stem, &hash, &identity);
        self.group(&name, accounts, policies);
        format!("is_account_group_member({})", DIALECT.literal(&name))
    }

    fn among(&mut self, name: &str, operand: &Operand, of: &ColumnType) -> Result<String, Unsupported> {
        let (operand, value) = DIALECT.among(operand, of, VALUE)?;
        Ok(exists(&self.home, name, &format!("{value} = {operand}")))
    }

    fn has(&mut self, name: &str) -> String {
        exists(&self.home, name, "")
    }

    fn entitlements(&mut self) -> &mut Entitlements {
        &mut self.entitlements
    }

    fn gaps(&mut self) -> &mut Vec<Gap> {
        &mut self.gaps
    }
}
