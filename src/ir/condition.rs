//! Conditions on the user, hash-consed.
//!
//! A condition is evaluated to the *set* of users for whom it holds, never user by user. Most do not look at
//! the securable and are evaluated once; `covers …` and `approved` need a [`Subject`].

use indexmap::IndexSet;

use crate::ids::Id;
use crate::inventory::directory::Access;
use crate::inventory::{ColumnId, GroupId, Securable, Tag, UserId};

crate::ids! {
    /// A condition; equal conditions have equal ids.
    ConditionId,
}

/// Where `covers tags under` looks for a user's tags.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TagHolder {
    /// Among the values of an attribute.
    Attribute(String),
    /// Among the names of the user's groups.
    Groups,
}

/// One node; children are ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// Every user of the directory.
    Anyone,
    /// These users (unknown ones have been told of and left out), sorted.
    Users(Vec<UserId>),
    /// Members of any of the groups, sorted.
    InAnyGroup(Vec<GroupId>),
    /// Members of all of the groups, sorted.
    InAllGroups(Vec<GroupId>),
    /// Has a value of the attribute.
    HasAttribute(String),
    /// Has one of the values of the attribute; `!=` and `not in` are its `Not`.
    AttributeIn(String, Vec<String>),
    /// The securable carries a tag below `under` that, or an ancestor of which, the user holds.
    CoversTags {
        /// Where the user's tags are.
        holder: TagHolder,
        /// The tag below which the securable's tags count.
        under: Tag,
    },
    /// A value of the attribute is the table's dotted name, or a dotted prefix of it ending in `.*`.
    CoversName(String),
    /// A record of approval stands, by a member of the group if one is given.
    Approved(Option<GroupId>),
    /// All hold; sorted, at least two.
    And(Vec<ConditionId>),
    /// One holds; sorted, at least two.
    Or(Vec<ConditionId>),
    /// It does not hold.
    Not(ConditionId),
}

/// What a condition is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The table or data source.
    pub securable: Securable,
    /// In a mask, the column.
    pub column: Option<ColumnId>,
    /// Read or write; in masks and filters, read.
    pub access: Access,
}

/// All conditions of a program, each once, children before parents.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    table: IndexSet<Condition>,
    reads_subject: Vec<bool>,
}

impl Conditions {
    /// Interns a condition in normal form: `and`/`or` flattened, sorted and without repeats, `not not` gone.
    pub fn intern(&mut self, condition: Condition) -> ConditionId {
        let condition = match condition {
            Condition::And(list) => {
                let mut flat = self.flatten(list, |each| match each {
                    Condition::And(inner) => Some(inner),
                    _ => None,
                });
                if let (Some(only), None) = (flat.first().copied(), flat.get(1)) {
                    return only;
                }
                flat.sort();
                Condition::And(flat)
            }
            Condition::Or(list) => {
                let mut flat = self.flatten(list, |each| match each {
                    Condition::Or(inner) => Some(inner),
                    _ => None,
                });
                if let (Some(only), None) = (flat.first().copied(), flat.get(1)) {
                    return only;
                }
                flat.sort();
                Condition::Or(flat)
            }
            Condition::Not(inner) => match self.get(inner) {
                Condition::Not(twice) => return *twice,
                _ => Condition::Not(inner),
            },
            other => other,
        };
        let reads = match &condition {
            Condition::CoversTags { .. } | Condition::CoversName(_) | Condition::Approved(_) => true,
            Condition::And(list) | Condition::Or(list) => list.iter().any(|id| self.reads_subject(*id)),
            Condition::Not(inner) => self.reads_subject(*inner),
            Condition::Anyone
            | Condition::Users(_)
            | Condition::InAnyGroup(_)
            | Condition::InAllGroups(_)
            | Condition::HasAttribute(_)
            | Condition::AttributeIn(..) => false,
        };
        let (index, new) = self.table.insert_full(condition);
        if new {
            self.reads_subject.push(reads);
        }
        ConditionId::from_raw(index as u32)
    }

    fn flatten(
        &self,
        list: Vec<ConditionId>,
        inner_of: impl Fn(&Condition) -> Option<&Vec<ConditionId>>,
    ) -> Vec<ConditionId> {
        let mut flat = Vec::with_capacity(list.len());
        for id in list {
            match inner_of(self.get(id)) {
                Some(inner) => flat.extend(inner),
                None => flat.push(id),
            }
        }
        flat.sort();
        flat.dedup();
        flat
    }

    /// The condition of an id.
    pub fn get(&self, id: ConditionId) -> &Condition {
        // INVARIANT: ids come from `intern` of this table; the fallback is the condition that nobody meets in no world.
        const NOBODY: &Condition = &Condition::Users(Vec::new());
        self.table.get_index(id.raw() as usize).unwrap_or(NOBODY)
    }

    /// Whether the set depends on what is asked about.
    pub fn reads_subject(&self, id: ConditionId) -> bool {
        self.reads_subject.get(id.raw() as usize).copied().unwrap_or(true)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// `id` and every condition below it, each once, in id order.
    pub fn reachable(&self, id: ConditionId) -> Vec<ConditionId> {
        let mut found = std::collections::BTreeSet::from([id]);
        let mut open = vec![id];
        while let Some(at) = open.pop() {
            let children: &[ConditionId] = match self.get(at) {
                Condition::And(list) | Condition::Or(list) => list,
                Condition::Not(inner) => std::slice::from_ref(inner),
                _ => &[],
            };
            for child in children {
                if found.insert(*child) {
                    open.push(*child);
                }
            }
        }
        found.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_conditions_have_one_form() {
        let mut all = Conditions::default();
        assert!(all.is_empty());
        let [a, b, c] = ["a", "b", "c"].map(|name| all.intern(Condition::HasAttribute(name.to_owned())));
        let ab = all.intern(Condition::And(vec![b, a, b]));
        assert_eq!(all.get(ab), &Condition::And(vec![a, b]));
        let abc = all.intern(Condition::And(vec![c, ab]));
        assert_eq!(all.get(abc), &Condition::And(vec![a, b, c]));
        let or = all.intern(Condition::Or(vec![b, a]));
        let any = all.intern(Condition::Or(vec![c, or]));
        assert_eq!(all.get(any), &Condition::Or(vec![a, b, c]));
        // One kind does not flatten the other.
        let mixed = all.intern(Condition::And(vec![or, c]));
        assert_eq!(all.get(mixed), &Condition::And(vec![c, or]));
        let mixed_too = all.intern(Condition::Or(vec![ab, c]));
        assert_eq!(all.get(mixed_too), &Condition::Or(vec![c, ab]));
        assert_eq!(all.intern(Condition::And(vec![a, a])), a);
        assert_eq!(all.intern(Condition::Or(vec![a])), a);
        let not = all.intern(Condition::Not(a));
        assert_eq!(all.get(not), &Condition::Not(a));
        assert_eq!(all.intern(Condition::Not(not)), a);
        assert_eq!((all.len(), all.is_empty()), (10, false));
    }

    #[test]
    fn what_is_below_and_what_reads_the_securable() {
        let mut all = Conditions::default();
        let a = all.intern(Condition::HasAttribute("a".to_owned()));
        let approved = all.intern(Condition::Approved(None));
        let not = all.intern(Condition::Not(approved));
        let both = all.intern(Condition::And(vec![a, not]));
        let other = all.intern(Condition::Not(a));
        assert_eq!(all.reachable(both), [a, approved, not, both]);
        assert_eq!(all.reachable(other), [a, other]);
        assert_eq!(
            [a, approved, not, both, other].map(|id| all.reads_subject(id)),
            [false, true, true, true, false]
        );
    }
}
