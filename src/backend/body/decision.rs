//! What makes two tests the same: conditions and sets of accounts as hashes over names.
//!
//! Invariant: equal keys, equal sets of users; keys do not depend on ids, nor on who meets the condition, so names made of
//! them outlive both.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::backend::contract::Lowering;
use crate::ids::Id;
use crate::inventory::directory::Access;
use crate::inventory::{AccountSet, ColumnId, Securable};
use crate::ir::{Applies, Condition, ConditionId, MaskChoice, MaskId, Subject, TagHolder};

use crate::backend::protection::CellRule;

/// A set of accounts as a part of an identity.
pub fn identity(accounts: &AccountSet) -> String {
    let ids: Vec<String> = accounts.iter().map(|id| id.to_string()).collect();
    digest("accounts", &ids)
}

/// What a condition says, and what it reads of the subject, as one hash over names: equal hashes, equal sets of users.
pub fn condition_key(lowering: &Lowering<'_>, condition: ConditionId, subject: Subject) -> String {
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

/// Whom a mask or filter concerns, in words.
pub(super) fn applies_word(lowering: &Lowering<'_>, applies: Applies, subject: Subject) -> String {
    match applies {
        Applies::Everyone => "everyone".to_owned(),
        Applies::Except(condition) => format!("except {}", condition_key(lowering, condition, subject)),
        Applies::OnlyFor(condition) => format!("only for {}", condition_key(lowering, condition, subject)),
    }
}

/// Everything that decides who sees what of a column: name, whom it concerns, whether it looks at rows; three parts a mask,
/// the winner first. The same decision, the same sets.
pub fn decision(lowering: &Lowering<'_>, column: ColumnId) -> Vec<String> {
    let table = lowering.inventory().catalog.columns[column].table;
    let subject = Subject { securable: Securable::Table(table), column: Some(column), access: Access::Read };
    let mut parts = Vec::new();
    for on in lowering.meaning.masks_on(column) {
        let mask = &lowering.program.masks[on.mask];
        parts.push(mask.head.name.clone());
        parts.push(applies_word(lowering, mask.applies, subject));
        parts.push(if mask.when.is_some() { "when" } else { "always" }.to_owned());
    }
    parts
}

/// Which masks of the decision a rule is made of, by their places in it.
pub fn rule_word(lowering: &Lowering<'_>, column: ColumnId, rule: &CellRule) -> String {
    let CellRule::Masked(MaskChoice { when, mask }) = rule else { return "hidden".to_owned() };
    let order: Vec<MaskId> = lowering.meaning.masks_on(column).iter().map(|on| on.mask).collect();
    let place = |id: &MaskId| order.iter().position(|each| each == id).unwrap_or(order.len()).to_string();
    let when: Vec<String> = when.iter().map(place).collect();
    format!("when {} mask {}", when.join(","), mask.as_ref().map(place).unwrap_or_default())
}
