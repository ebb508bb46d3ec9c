//! What several findings need to know of a program, computed once.
//!
//! In: a [`Program`]. Out: [`Facts`]: securables and columns in classes for which the same policies mean the same,
//! each with one member to ask about, so that no finding walks users × securables.
//! Invariant: a class is not empty, its sample is its smallest member, and classes stand in the order of their samples.
//! Cost: policies × classes bitmap operations; under a condition that reads the securable, one key per securable.

use std::collections::BTreeMap;

use rayon::prelude::*;
use roaring::RoaringBitmap;

use super::partition::{SubjectKeys, pieces_of};
use crate::ids::Id;
use crate::inventory::catalog::SecurableSet;
use crate::inventory::directory::{Access, UserSet};
use crate::inventory::{ColumnId, DataSourceId, Securable, TableId};
use crate::ir::meaning::MaskOn;
use crate::ir::{
    Applies, Condition, ConditionId, FilterId, MaskId, Meaning, Program, Reason, Subject, SubscriptionId,
};

/// Securables that the same subscriptions and guardrails select, now or at another time, with one set of users.
pub(crate) struct AccessClass {
    /// Read or write.
    pub(crate) access: Access,
    /// All of one kind, tables or data sources.
    pub(crate) members: SecurableSet,
    /// The first member.
    pub(crate) sample: Securable,
    /// The subscriptions that select it, active or not.
    pub(crate) subscriptions: Vec<SubscriptionId>,
    /// Who may, at the program's instant.
    pub(crate) may: UserSet,
}

/// Columns that the same active masks select at the same depths, for the same users.
pub(crate) struct ColumnClass {
    /// Raw `ColumnId`s.
    pub(crate) columns: RoaringBitmap,
    /// The first column.
    pub(crate) sample: ColumnId,
    /// The masks that concern somebody, the winner first.
    pub(crate) masks: Vec<MaskOn>,
}

/// Tables that the same active filters select, for the same users.
pub(crate) struct FilterClass {
    /// Raw `TableId`s.
    pub(crate) tables: RoaringBitmap,
    /// The filters that concern somebody, by name.
    pub(crate) filters: Vec<(FilterId, UserSet)>,
}

/// A program and what follows from it.
pub(crate) struct Facts<'p> {
    /// The program.
    pub(crate) program: &'p Program,
    /// Its meaning, at its own instant.
    pub(crate) meaning: Meaning<'p>,
    /// For reading, then for writing; tables, then data sources.
    pub(crate) access: Vec<AccessClass>,
    /// Columns that some active mask selects.
    pub(crate) columns: Vec<ColumnClass>,
    /// Tables that some active filter selects.
    pub(crate) filters: Vec<FilterClass>,
    of_subscription: BTreeMap<SubscriptionId, Vec<usize>>,
}

impl<'p> Facts<'p> {
    /// Divides a program into classes.
    pub(crate) fn of(program: &'p Program) -> Self {
        let meaning = Meaning::new(program);
        let access: Vec<AccessClass> =
            Access::ALL.into_iter().flat_map(|access| access_classes(&meaning, access)).collect();
        let mut of_subscription: BTreeMap<SubscriptionId, Vec<usize>> = BTreeMap::new();
        for (index, class) in access.iter().enumerate() {
            for id in &class.subscriptions {
                of_subscription.entry(*id).or_default().push(index);
            }
        }
        let columns = column_classes(&meaning);
        let filters = filter_classes(&meaning);
        Facts { program, meaning, access, columns, filters, of_subscription }
    }

    /// The classes that a subscription selects, for the accesses that it allows.
    pub(crate) fn classes_of(&self, subscription: SubscriptionId) -> impl Iterator<Item = &AccessClass> {
        let indices = self.of_subscription.get(&subscription).map(Vec::as_slice).unwrap_or_default();
        indices.iter().filter_map(|index| self.access.get(*index))
    }

    /// The active policies on a class with their holders.
    pub(crate) fn reasons(&self, class: &AccessClass) -> Vec<Reason> {
        self.meaning.reasons(class.sample, class.access)
    }

    /// Whether a condition, or one below it, is `approved`: true of more users once somebody approves.
    pub(crate) fn waits_for_approval(&self, condition: ConditionId) -> bool {
        let conditions = &self.program.conditions;
        conditions.reads_subject(condition)
            && conditions
                .reachable(condition)
                .into_iter()
                .any(|id| matches!(conditions.get(id), Condition::Approved(_)))
    }

    /// Whether a condition holds for everyone in every world, by its form alone.
    pub(crate) fn is_always(&self, condition: ConditionId) -> bool {
        form(self.program, condition) == Some(true)
    }
}

/// True or false where the form of a condition alone decides it.
fn form(program: &Program, condition: ConditionId) -> Option<bool> {
    let negation_among = |list: &[ConditionId]| {
        list.iter().any(|each| match program.conditions.get(*each) {
            Condition::Not(inner) => list.contains(inner),
            Condition::Anyone
            | Condition::Users(_)
            | Condition::InAnyGroup(_)
            | Condition::InAllGroups(_)
            | Condition::HasAttribute(_)
            | Condition::AttributeIn(..)
            | Condition::CoversTags { .. }
            | Condition::CoversName(_)
            | Condition::Approved(_)
            | Condition::And(_)
            | Condition::Or(_) => false,
        })
    };
    let decided = |list: &[ConditionId], by: bool| {
        if negation_among(list) || list.iter().any(|each| form(program, *each) == Some(by)) {
            Some(by)
        } else {
            list.iter().all(|each| form(program, *each) == Some(!by)).then_some(!by)
        }
    };
    match program.conditions.get(condition) {
        Condition::Anyone => Some(true),
        Condition::Not(inner) => form(program, *inner).map(|holds| !holds),
        Condition::And(list) => decided(list, false),
        Condition::Or(list) => decided(list, true),
        Condition::Users(_)
        | Condition::InAnyGroup(_)
        | Condition::InAllGroups(_)
        | Condition::HasAttribute(_)
        | Condition::AttributeIn(..)
        | Condition::CoversTags { .. }
        | Condition::CoversName(_)
        | Condition::Approved(_) => None,
    }
}

fn access_classes(meaning: &Meaning<'_>, access: Access) -> Vec<AccessClass> {
    let program = meaning.program();
    let mut selecting: Vec<(&SecurableSet, ConditionId)> = Vec::new();
    let mut all = SecurableSet::default();
    let subscriptions: Vec<SubscriptionId> = program
        .subscriptions
        .iter()
        .filter(|(_, each)| each.allow.contains(access) && !each.head.window.is_empty())
        .map(|(id, _)| id)
        .collect();
    for id in &subscriptions {
        let each = &program.subscriptions[*id];
        all.tables |= &each.on.tables;
        all.data_sources |= &each.on.data_sources;
        selecting.push((&each.on, each.to));
    }
    // Where no subscription is, nobody may: guardrails alone make no class.
    for each in program.guardrails.values() {
        if each.require.contains(access) && !each.head.window.is_empty() {
            selecting.push((&each.on, each.to));
        }
    }
    let keys = SubjectKeys::of(meaning);
    let mut pieces: Vec<SecurableSet> = Vec::new();
    for tables in pieces_of(&all.tables, selecting.iter().map(|(on, _)| &on.tables)) {
        let as_securable = |raw| Securable::Table(TableId::from_raw(raw));
        let conditions = conditions_on(&selecting, tables.min().map(as_securable));
        let subject = |raw| Subject { securable: as_securable(raw), column: None, access };
        for tables in keys.split(tables, &conditions, subject) {
            pieces.push(SecurableSet { tables, ..SecurableSet::default() });
        }
    }
    for data_sources in pieces_of(&all.data_sources, selecting.iter().map(|(on, _)| &on.data_sources)) {
        let as_securable = |raw| Securable::DataSource(DataSourceId::from_raw(raw));
        let conditions = conditions_on(&selecting, data_sources.min().map(as_securable));
        let subject = |raw| Subject { securable: as_securable(raw), column: None, access };
        for data_sources in keys.split(data_sources, &conditions, subject) {
            pieces.push(SecurableSet { data_sources, ..SecurableSet::default() });
        }
    }
    let mut classes: Vec<AccessClass> = pieces
        .into_par_iter()
        .filter_map(|members| {
            let sample = members.iter().next()?;
            let subscriptions =
                subscriptions.iter().copied().filter(|id| program.subscriptions[*id].on.contains(sample));
            let subscriptions = subscriptions.collect();
            let may = meaning.may(sample, access);
            Some(AccessClass { access, members, sample, subscriptions, may })
        })
        .collect();
    classes.sort_by_key(|class| class.sample);
    classes
}

fn conditions_on(selecting: &[(&SecurableSet, ConditionId)], sample: Option<Securable>) -> Vec<ConditionId> {
    let on = |set: &SecurableSet| sample.is_some_and(|sample| set.contains(sample));
    selecting.iter().filter(|(set, _)| on(set)).map(|(_, condition)| *condition).collect()
}

fn column_classes(meaning: &Meaning<'_>) -> Vec<ColumnClass> {
    let program = meaning.program();
    let masks: Vec<MaskId> = meaning.active_masks().to_vec();
    let all =
        masks.iter().fold(RoaringBitmap::new(), |all: RoaringBitmap, id| all | &program.masks[*id].columns);
    let selecting = masks.iter().flat_map(|id| {
        let mask = &program.masks[*id];
        std::iter::once(&mask.columns).chain(mask.depths.iter().map(|(_, columns)| columns))
    });
    let keys = SubjectKeys::of(meaning);
    let mut pieces = Vec::new();
    for columns in pieces_of(&all, selecting) {
        let sample = columns.min();
        let conditions: Vec<ConditionId> = masks
            .iter()
            .map(|id| &program.masks[*id])
            .filter(|mask| sample.is_some_and(|sample| mask.columns.contains(sample)))
            .filter_map(|mask| condition_of(mask.applies))
            .collect();
        pieces.extend(keys.split(columns, &conditions, |raw| {
            let column = ColumnId::from_raw(raw);
            let table = program.inventory.catalog.columns[column].table;
            Subject { securable: Securable::Table(table), column: Some(column), access: Access::Read }
        }));
    }
    let mut classes: Vec<ColumnClass> = pieces
        .into_par_iter()
        .filter_map(|columns| {
            let sample = ColumnId::from_raw(columns.min()?);
            Some(ColumnClass { columns, sample, masks: meaning.masks_on(sample) })
        })
        .collect();
    classes.sort_by_key(|class| class.sample);
    classes
}

fn filter_classes(meaning: &Meaning<'_>) -> Vec<FilterClass> {
    let program = meaning.program();
    let filters: Vec<FilterId> = meaning.active_filters().to_vec();
    let all = filters
        .iter()
        .fold(RoaringBitmap::new(), |all: RoaringBitmap, id| all | &program.filters[*id].tables);
    let keys = SubjectKeys::of(meaning);
    let mut pieces = Vec::new();
    for tables in pieces_of(&all, filters.iter().map(|id| &program.filters[*id].tables)) {
        let sample = tables.min();
        let conditions: Vec<ConditionId> = filters
            .iter()
            .map(|id| &program.filters[*id])
            .filter(|filter| sample.is_some_and(|sample| filter.tables.contains(sample)))
            .filter_map(|filter| condition_of(filter.applies))
            .collect();
        pieces.extend(keys.split(tables, &conditions, |raw| Subject {
            securable: Securable::Table(TableId::from_raw(raw)),
            column: None,
            access: Access::Read,
        }));
    }
    let mut classes: Vec<(TableId, FilterClass)> = pieces
        .into_par_iter()
        .filter_map(|tables| {
            let sample = TableId::from_raw(tables.min()?);
            Some((sample, FilterClass { tables, filters: meaning.filters_on(sample) }))
        })
        .collect();
    classes.sort_by_key(|(sample, _)| *sample);
    classes.into_iter().map(|(_, class)| class).collect()
}

/// The condition that `except` or `only for` names.
pub(crate) fn condition_of(applies: Applies) -> Option<ConditionId> {
    match applies {
        Applies::Everyone => None,
        Applies::Except(condition) | Applies::OnlyFor(condition) => Some(condition),
    }
}
