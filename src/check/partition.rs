//! Divides sets into pieces within which the same policies mean the same.
//!
//! In: a set of raw ids, the sets that policies select, their conditions. Out: pieces, none empty.
//! Invariant: within a piece, every condition has one set of holders.
//! Cost: policies × pieces bitmap operations; one key per member where a condition reads the securable.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use crate::inventory::Securable;
use crate::inventory::directory::Access;
use crate::ir::{Condition, ConditionId, Meaning, Subject};

/// Divides a set until every one of `by` holds all of a piece or none of it.
pub(crate) fn pieces_of<'a>(
    set: &RoaringBitmap,
    by: impl Iterator<Item = &'a RoaringBitmap>,
) -> Vec<RoaringBitmap> {
    let mut pieces = if set.is_empty() { Vec::new() } else { vec![set.clone()] };
    for each in by {
        let mut next = Vec::with_capacity(pieces.len() + 1);
        for piece in pieces {
            if piece.is_disjoint(each) || piece.is_subset(each) {
                next.push(piece);
            } else {
                next.push(&piece & each);
                next.push(piece - each);
            }
        }
        pieces = next;
    }
    pieces
}

/// What conditions that read the securable can tell apart.
pub(crate) struct SubjectKeys<'m, 'p> {
    meaning: &'m Meaning<'p>,
    approved: BTreeSet<(Securable, Access)>,
}

impl<'m, 'p> SubjectKeys<'m, 'p> {
    /// Of a program and an instant.
    pub(crate) fn of(meaning: &'m Meaning<'p>) -> Self {
        let approvals = &meaning.program().inventory.approvals;
        SubjectKeys {
            meaning,
            approved: approvals.iter().map(|each| (each.securable, each.access)).collect(),
        }
    }

    /// Divides a piece by what the conditions read of each member.
    pub(crate) fn split(
        &self,
        piece: RoaringBitmap,
        conditions: &[ConditionId],
        subject: impl Fn(u32) -> Subject,
    ) -> Vec<RoaringBitmap> {
        let table = &self.meaning.program().conditions;
        let leaves: BTreeSet<ConditionId> = conditions
            .iter()
            .filter(|id| table.reads_subject(**id))
            .flat_map(|id| table.reachable(*id))
            .filter(|id| table.reads_subject(*id))
            .collect();
        if leaves.is_empty() {
            return vec![piece];
        }
        let mut parts: BTreeMap<Vec<Vec<String>>, RoaringBitmap> = BTreeMap::new();
        for raw in &piece {
            let key = leaves.iter().map(|leaf| self.read(*leaf, subject(raw))).collect();
            parts.entry(key).or_default().insert(raw);
        }
        parts.into_values().collect()
    }

    fn read(&self, leaf: ConditionId, subject: Subject) -> Vec<String> {
        let inventory = &self.meaning.program().inventory;
        match self.meaning.program().conditions.get(leaf) {
            Condition::CoversTags { under, .. } => self.meaning.tag_texts(under, subject),
            Condition::CoversName(attribute) => {
                let Securable::Table(table) = subject.securable else { return Vec::new() };
                let [database, schema, name] = inventory.catalog.path(table);
                let values = [
                    format!("{database}.*"),
                    format!("{database}.{schema}.*"),
                    format!("{database}.{schema}.{name}"),
                ];
                let holders = inventory.directory.attributes.get(attribute);
                let held = |value: &String| holders.is_some_and(|holders| holders.contains_key(value));
                values.into_iter().filter(held).collect()
            }
            // A securable of which no record speaks is like any other such.
            Condition::Approved(_) if self.approved.contains(&(subject.securable, subject.access)) => {
                vec![format!("{:?}", subject.securable)]
            }
            Condition::Approved(_)
            | Condition::Anyone
            | Condition::Users(_)
            | Condition::InAnyGroup(_)
            | Condition::InAllGroups(_)
            | Condition::HasAttribute(_)
            | Condition::AttributeIn(..)
            | Condition::And(_)
            | Condition::Or(_)
            | Condition::Not(_) => Vec::new(),
        }
    }
}
