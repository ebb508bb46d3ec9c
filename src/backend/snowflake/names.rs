//! Generated names: stable while what they stand for is the same, never the same for two things.
//!
//! In: a stem and the parts that make a thing this thing. Out: `PREFIX_STEM_HASH`, upper case, so that quoted and unquoted
//! use agree. Invariant: one name, one list of parts; a clash of hashes gets a longer name.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::native::NAME_LIMIT;
use crate::backend::class::{generated_name, short_hash};
use crate::backend::contract::Lowering;
use crate::ids::Id;
use crate::inventory::{AccountSet, Securable};
use crate::ir::{Condition, ConditionId, Subject, TagHolder};

/// The names given so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    prefix: String,
    given: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// Names that begin with a prefix.
    pub(super) fn new(prefix: &str) -> Names {
        Names { prefix: prefix.to_ascii_uppercase(), given: BTreeMap::new() }
    }

    /// The name of a thing. `identity` tells it from others that have the same stem and hash.
    pub(super) fn give(&mut self, stem: &str, hash: &str, identity: &[String]) -> String {
        let (stem, parts) = (stem.to_ascii_uppercase(), identity);
        let mut hash = hash.to_owned();
        loop {
            let name = generated_name(&self.prefix, &stem, &hash.to_ascii_uppercase(), NAME_LIMIT);
            match self.given.get(&name) {
                None => {
                    self.given.insert(name.clone(), parts.to_vec());
                    return name;
                }
                Some(known) if known == parts => return name,
                // Eight more digits, over all that was hashed before: ends, for the hash only grows.
                Some(_) => {
                    let longer = short_hash(parts.iter().cloned().chain([hash.clone()]));
                    hash.push_str(&longer);
                }
            }
        }
    }
}

/// A set of accounts as a part of an identity.
pub(super) fn identity(accounts: &AccountSet) -> String {
    let ids: Vec<String> = accounts.iter().map(|id| id.to_string()).collect();
    digest("accounts", &ids)
}

/// What a condition says, and what it reads of the subject, as one hash over names: equal hashes, equal sets of users. It does
/// not depend on ids, nor on who meets the condition, so names made of it outlive both.
pub(super) fn condition_key(lowering: &Lowering<'_>, condition: ConditionId, subject: Subject) -> String {
    let program = lowering.program;
    let (directory, mut keys) = (&program.inventory.directory, BTreeMap::<ConditionId, String>::new());
    // Children stand before parents.
    for id in program.conditions.reachable(condition) {
        let of = |children: &[ConditionId]| {
            let mut list: Vec<String> =
                children.iter().map(|child| keys.get(child).cloned().unwrap_or_default()).collect();
            list.sort();
            list
        };
        let groups = |list: &[crate::inventory::GroupId]| -> Vec<String> {
            list.iter().map(|group| directory.groups[*group].id.clone()).collect()
        };
        let (word, parts) = match program.conditions.get(id) {
            Condition::Anyone => ("anyone", Vec::new()),
            Condition::Users(users) => {
                ("users", users.iter().map(|user| directory.users[*user].id.clone()).collect())
            }
            Condition::InAnyGroup(list) => ("any", groups(list)),
            Condition::InAllGroups(list) => ("all", groups(list)),
            Condition::HasAttribute(name) => ("has", vec![name.clone()]),
            Condition::AttributeIn(name, values) => {
                ("in", [name.clone()].into_iter().chain(values.iter().cloned()).collect())
            }
            Condition::CoversTags { holder, under } => {
                let holder = match holder {
                    TagHolder::Attribute(name) => format!("attribute {name}"),
                    TagHolder::Groups => "groups".to_owned(),
                };
                let texts = lowering.meaning.tag_texts(under, subject);
                ("tags", [holder, under.text()].into_iter().chain(texts).collect())
            }
            Condition::CoversName(name) => ("name", vec![name.clone(), dotted(lowering, subject.securable)]),
            Condition::Approved(by) => (
                "approved",
                by.iter()
                    .map(|group| directory.groups[*group].id.clone())
                    .chain([dotted(lowering, subject.securable), subject.access.word().to_owned()])
                    .collect(),
            ),
            Condition::And(list) => ("and", of(list)),
            Condition::Or(list) => ("or", of(list)),
            Condition::Not(inner) => ("not", of(&[*inner])),
        };
        keys.insert(id, digest(word, &parts));
    }
    keys.remove(&condition).unwrap_or_else(|| format!("condition {}", condition.raw()))
}

fn dotted(lowering: &Lowering<'_>, securable: Securable) -> String {
    lowering.inventory().catalog.shown_name(securable)
}

fn digest(word: &str, parts: &[String]) -> String {
    let mut digest = Sha256::new();
    for part in [word].into_iter().chain(parts.iter().map(String::as_str)) {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clash_gets_a_longer_name() {
        let mut names = Names::new("grantc");
        let first = names.give("a", "00000000", &["x".into()]);
        assert_eq!(first, "GRANTC_A_00000000");
        let second = names.give("a", "00000000", &["y".into()]);
        assert!(second.starts_with(&first) && second.len() == first.len() + 8, "{second}");
        assert_eq!(names.give("a", "00000000", &["x".into()]), first);
    }
}
