//! Collects the facts of a lowering: each once, with the policies that ask for it.
//!
//! In: roles, grants, memberships, policies, attachments and entitlements as `lower` meets them. Out: facts sorted by text.
//! Invariant: roles for conditions are shared by whoever needs the same set of accounts for the same reason.

use std::collections::{BTreeMap, BTreeSet};

use super::entitlements::{equal, exists};
use super::native::{self, Home, NAME_LIMIT};
use crate::backend::body::{Asks, Entitlements, Names, identity};
use crate::backend::class::short_hash;
use crate::backend::contract::Lowering;
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols, sort_by_text};
use crate::backend::gap::Gap;
use crate::backend::sql::{Dialect, Operand, Unsupported};
use crate::ids::Id;
use crate::inventory::{AccountId, AccountSet, ColumnType};

/// Kind, object, grantee, privilege.
type Key = (FactKind, String, String, String);

/// What has been asked for so far.
pub(super) struct Desired<'a> {
    /// The program.
    pub(super) lowering: &'a Lowering<'a>,
    /// Where our policies live.
    pub(super) home: Home,
    /// The names given so far.
    pub(super) names: Names,
    /// What cannot be held.
    pub(super) gaps: Vec<Gap>,
    facts: BTreeMap<Key, (String, BTreeSet<String>)>,
    /// Roles with their members, written out once at the end: many columns ask for the same role.
    roles: BTreeMap<String, (AccountSet, BTreeSet<String>)>,
    entitlements: Entitlements,
    /// Policies keep the order of their filters: labels of conjuncts.
    ordered: BTreeMap<Key, String>,
}

impl<'a> Desired<'a> {
    /// Nothing yet.
    pub(super) fn new(lowering: &'a Lowering<'a>) -> Desired<'a> {
        let settings = lowering.settings();
        Desired {
            lowering,
            home: Home::of(settings),
            names: Names::new(&settings.name_prefix, str::to_ascii_uppercase, NAME_LIMIT),
            gaps: Vec::new(),
            facts: BTreeMap::new(),
            roles: BTreeMap::new(),
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
        let entry = self
            .facts
            .entry((kind, object, grantee, privilege.to_owned()))
            .or_insert_with(|| (body, BTreeSet::new()));
        entry.1.extend(policies.into_iter().map(str::to_owned));
    }

    /// Says of a policy in which order its comment lists whose it is.
    pub(super) fn order(&mut self, kind: FactKind, object: &str, policies: &[String]) {
        let key = (kind, object.to_owned(), String::new(), String::new());
        self.ordered.insert(key, policies.join(", "));
    }

    /// A role with members.
    pub(super) fn role(&mut self, name: &str, members: &AccountSet, policies: &[String]) {
        if !self.roles.contains_key(name) {
            self.roles.insert(name.to_owned(), Default::default());
        }
        if let Some((accounts, names)) = self.roles.get_mut(name) {
            *accounts |= members;
            names.extend(
                policies.iter().filter(|policy| !names.contains(*policy)).cloned().collect::<Vec<_>>(),
            );
        }
    }

    /// Writes the roles and their memberships out.
    fn write_roles(&mut self) {
        for (name, (members, policies)) in std::mem::take(&mut self.roles) {
            let role = native::role(&name);
            let policies = || policies.iter().map(String::as_str);
            self.add((FactKind::Role, role.clone(), String::new(), ""), String::new(), policies());
            for account in members {
                let account = &self.lowering.accounts.accounts[AccountId::from_raw(account)].name;
                let user = native::user(account);
                self.add((FactKind::Membership, role.clone(), user, ""), String::new(), policies());
            }
        }
    }

    fn write_entitlements(&mut self) {
        for (account, name, value, policies) in std::mem::take(&mut self.entitlements).rows() {
            let account = native::user(&self.lowering.accounts.accounts[account].name);
            self.add(
                (FactKind::Entitlement, format!("VALUE {value}"), account, name),
                String::new(),
                policies.iter().map(String::as_str),
            );
        }
    }

    /// The facts, sorted by text.
    pub(super) fn facts(&mut self, symbols: &mut Symbols) -> Vec<Fact> {
        self.write_roles();
        self.write_entitlements();
        let mut facts: Vec<Fact> = self
            .facts
            .iter()
            .map(|(key, (body, policies))| {
                let names = match self.ordered.get(key) {
                    Some(names) => names.clone(),
                    None => policies.iter().cloned().collect::<Vec<_>>().join(", "),
                };
                let (kind, object, grantee, privilege) = key;
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
        Dialect::Snowflake
    }

    /// A session that drops the role sees less: nothing may depend on its absence.
    fn test(&mut self, stem: &str, parts: &[String], accounts: &AccountSet, policies: &[String]) -> String {
        if accounts.is_empty() {
            return "FALSE".to_owned();
        }
        // INVARIANT: the accounts are part of the identity, so no two sets ever share a role, whatever the parts say.
        let hash = short_hash(parts.iter().cloned());
        let identity: Vec<String> = parts.iter().cloned().chain([identity(accounts)]).collect();
        let name = self.names.give(stem, &hash, &identity);
        self.role(&name, accounts, policies);
        format!("IS_ROLE_IN_SESSION({})", Dialect::Snowflake.literal(&name))
    }

    fn among(&mut self, name: &str, operand: &Operand, of: &ColumnType) -> Result<String, Unsupported> {
        Ok(exists(&self.home, name, &equal(operand, of)))
    }

    fn has(&mut self, name: &str) -> String {
        exists(&self.home, name, "TRUE")
    }

    fn entitlements(&mut self) -> &mut Entitlements {
        &mut self.entitlements
    }

    fn gaps(&mut self) -> &mut Vec<Gap> {
        &mut self.gaps
    }
}
