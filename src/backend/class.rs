//! Classes: securables that the same policies select and for which their conditions mean the same.
//!
//! In: the active subscriptions and guardrails of an access. Out: [`Class`]es with one set of users each, so that grants
//! grow with objects and memberships with users, never with their product.
//! Invariant: every securable of a class has exactly the class's users; names depend on policy names, not on texts.
//! Cost: one pass over policies × securables that they select, one condition evaluation per class.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::contract::Lowering;
use crate::inventory::directory::{Access, UserSet};
use crate::inventory::{AccountSet, Securable};
use crate::ir::meaning::{ReasonPolicy, combine};
use crate::ir::{Condition, Reason, Subject};

/// Securables with one condition.
#[derive(Clone, Debug)]
pub struct Class {
    /// Read or write.
    pub access: Access,
    /// The subscription that names it: the first by name.
    pub subscription: String,
    /// The names of every subscription and guardrail that bears on it, subscriptions first.
    pub policies: Vec<String>,
    /// Eight hex digits over what makes it this class: stable while names and tags are.
    pub hash: String,
    /// In id order.
    pub securables: Vec<Securable>,
    /// Who may, by the reference, less those who are refused.
    pub users: UserSet,
    /// The accounts all of whose users may.
    pub accounts: AccountSet,
}

/// The classes of one integration and access.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    /// By the names of their policies, then hash.
    pub classes: Vec<Class>,
}

/// Users who do not get a securable here, and the policies for whose sake.
#[derive(Clone, Debug, Default)]
pub struct Refused {
    by_securable: BTreeMap<Securable, (UserSet, BTreeSet<String>)>,
}

impl Refused {
    /// Refuses a securable to users on behalf of a policy.
    pub fn add(&mut self, securable: Securable, users: &UserSet, policy: &str) {
        if users.is_empty() {
            return;
        }
        let (refused, policies) = self.by_securable.entry(securable).or_default();
        *refused |= users;
        policies.insert(policy.to_owned());
    }

    /// Who is refused the securable.
    pub fn users(&self, securable: Securable) -> UserSet {
        self.by_securable.get(&securable).map(|(users, _)| users.clone()).unwrap_or_default()
    }

    fn policies(&self, securable: Securable) -> Vec<String> {
        self.by_securable
            .get(&securable)
            .map(|(_, names)| names.iter().cloned().collect())
            .unwrap_or_default()
    }
}

impl Classes {
    /// The classes of an access among some securables of the integration. Classes without accounts are left out.
    pub fn of(
        lowering: &Lowering<'_>,
        access: Access,
        securables: impl Iterator<Item = Securable>,
        refused: &Refused,
    ) -> Classes {
        let mut found: BTreeMap<Key, Vec<Securable>> = BTreeMap::new();
        let selection = Selection::of(lowering, access);
        for securable in securables {
            if let Some(key) = selection.key(lowering, securable, access, refused) {
                found.entry(key).or_default().push(securable);
            }
        }
        let mut classes: Vec<Class> = found
            .into_iter()
            .filter_map(|(key, securables)| key.class(lowering, access, securables, refused))
            .collect();
        classes.sort_by(|left, right| (&left.policies, &left.hash).cmp(&(&right.policies, &right.hash)));
        Classes { classes }
    }
}

/// What two securables of one class share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Active policies, by kind and name: their order is that of `Meaning::reasons`.
    policies: Vec<(u8, String)>,
    /// What their conditions read of the securable.
    reads: Vec<String>,
    /// Policies for whose sake some users are refused, and who.
    refused: (Vec<String>, Vec<u32>),
}

/// The active policies of an access.
struct Selection {
    conditions_read: BTreeMap<String, Vec<Condition>>,
}

impl Selection {
    fn of(lowering: &Lowering<'_>, access: Access) -> Selection {
        let program = lowering.program;
        let mut conditions_read = BTreeMap::new();
        let mut note = |kind: &str, name: &str, condition| {
            let read: Vec<Condition> = program
                .conditions
                .reachable(condition)
                .into_iter()
                .map(|id| program.conditions.get(id).clone())
                .filter(|each| {
                    matches!(
                        each,
                        Condition::CoversTags { .. } | Condition::CoversName(_) | Condition::Approved(_)
                    )
                })
                .collect();
            conditions_read.insert(format!("{kind} {name}"), read);
        };
        for id in lowering.meaning.active_subscriptions() {
            let each = &program.subscriptions[*id];
            if each.allow.contains(access) {
                note("s", &each.head.name, each.to);
            }
        }
        for id in lowering.meaning.active_guardrails() {
            let each = &program.guardrails[*id];
            if each.require.contains(access) {
                note("g", &each.head.name, each.to);
            }
        }
        Selection { conditions_read }
    }

    fn key(
        &self,
        lowering: &Lowering<'_>,
        securable: Securable,
        access: Access,
        refused: &Refused,
    ) -> Option<Key> {
        let program = lowering.program;
        let subscriptions = lowering
            .meaning
            .active_subscriptions()
            .iter()
            .map(|id| &program.subscriptions[*id])
            .filter(|each| each.allow.contains(access) && each.on.contains(securable))
            .map(|each| (0, each.head.name.clone()));
        let guardrails = lowering
            .meaning
            .active_guardrails()
            .iter()
            .map(|id| &program.guardrails[*id])
            .filter(|each| each.require.contains(access) && each.on.contains(securable))
            .map(|each| (1, each.head.name.clone()));
        let policies: Vec<(u8, String)> = subscriptions.chain(guardrails).collect();
        if !policies.iter().any(|(kind, _)| *kind == 0) {
            return None;
        }
        let subject = Subject { securable, column: None, access };
        let mut reads = Vec::new();
        for (kind, name) in &policies {
            let at = format!("{} {name}", if *kind == 0 { "s" } else { "g" });
            for condition in self.conditions_read.get(&at).into_iter().flatten() {
                match condition {
                    Condition::CoversTags { under, .. } => {
                        reads.push(lowering.meaning.tag_texts(under, subject).join("\n"))
                    }
                    _ => reads.push(program.inventory.catalog.dotted_name(securable)),
                }
            }
        }
        let refused = (refused.policies(securable), refused.users(securable).iter().collect());
        Some(Key { policies, reads, refused })
    }
}

impl Key {
    fn class(
        self,
        lowering: &Lowering<'_>,
        access: Access,
        securables: Vec<Securable>,
        refused: &Refused,
    ) -> Option<Class> {
        let first = *securables.first()?;
        let reasons: Vec<Reason> = lowering.meaning.reasons(first, access);
        let users = combine(lowering.meaning.everyone(), &reasons) - refused.users(first);
        let accounts = lowering.accounts.within(&users);
        if accounts.is_empty() {
            return None;
        }
        debug_assert!(reasons.len() == self.policies.len(), "a key lists the reasons");
        debug_assert!(reasons.iter().any(|reason| matches!(reason.policy, ReasonPolicy::Subscription(..))));
        let subscription = self.policies.iter().find(|(kind, _)| *kind == 0).map(|(_, name)| name.clone())?;
        let hash = short_hash(
            [access.word().to_owned()]
                .into_iter()
                .chain(self.policies.iter().map(|(kind, name)| format!("{kind} {name}")))
                .chain(self.reads.iter().map(|read| format!("reads {read}")))
                .chain(self.refused.0.iter().map(|name| format!("refused {name}"))),
        );
        Some(Class {
            access,
            subscription,
            policies: self.policies.into_iter().map(|(_, name)| name).collect(),
            hash,
            securables,
            users,
            accounts,
        })
    }
}

/// Eight hex digits of SHA-256 over parts, each ended by a NUL.
pub fn short_hash(parts: impl IntoIterator<Item = String>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// A generated name: `PREFIX_<stem>_<hash8>`, upper or lower as the caller folds it, at most `limit` bytes: the stem is cut,
/// never the hash, so that names never collide by truncation. The stem keeps letters, digits and `_`.
pub fn generated_name(prefix: &str, stem: &str, hash: &str, limit: usize) -> String {
    let room = limit.saturating_sub(prefix.len() + hash.len() + 2);
    let stem: String =
        stem.chars().map(|each| if each.is_ascii_alphanumeric() { each } else { '_' }).take(room).collect();
    format!("{prefix}_{stem}_{hash}")
}
