//! Changes in an order in which every step is safe.
//!
//! In: changes. Out: steps; the changes of one step are made at once (a file that is swapped), others one by one.
//! Law 4: after any prefix of the steps, access and clear text are within (before ∪ after) for every user. The phases
//! of [`crate::backend::Phase`] give that; within a phase a thing is made before what needs it and unmade after.
//! Cost: linear in changes and their needs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

use rayon::slice::ParallelSliceMut;

use super::{Side, exposure};
use crate::backend::fact::order_key;
use crate::backend::{Change, Fact, FactKey, FactKind, Op, Phase, Symbols};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::inventory::Inventory;

/// What goes first where both are safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What is taken away goes before what is given: nobody has more than before or after, some may have less for a while.
    #[default]
    NeverWider,
    /// What is given comes first where nothing but grants, memberships, roles and groups changes on that integration and
    /// nobody has more than before or after half-way; else as above.
    NeverNarrower,
}

/// Changes in steps.
pub fn order(
    inventory: &Inventory,
    side: &Side<'_>,
    changes: &[Change],
    order: Order,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Vec<Change>>, Reported> {
    let give_first = order == Order::NeverNarrower && may_give_first(inventory, side, changes);
    let rank = |phase: Phase| match (give_first, phase) {
        (true, Phase::Withdraw) => (Phase::Expose, 1),
        (_, phase) => (phase, 0),
    };
    let phases =
        super::group(changes.iter().map(|change| (rank(side.backend.phase(change, side.symbols)), *change)));
    let mut steps = Vec::new();
    for changes in phases.into_values() {
        let (swapped, single): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| side.backend.atomic(&change.fact));
        steps.extend(sorted(side, &single, diagnostics)?.into_iter().map(|change| vec![change]));
        if !swapped.is_empty() {
            steps.push(swapped);
        }
    }
    Ok(steps)
}

/// Whether giving before taking is safe. Half-way both the old and the new facts stand, and together they may mean more than
/// either: who leaves a role while the role is granted more would have it for a moment. So the platform's own meaning of
/// that moment is asked; grants and memberships only add, so no step before or behind it means more.
fn may_give_first(inventory: &Inventory, side: &Side<'_>, changes: &[Change]) -> bool {
    let only_access = changes.iter().all(|change| match change.fact.key.kind {
        FactKind::Grant | FactKind::Membership | FactKind::Role | FactKind::Group => change.op != Op::Replace,
        FactKind::Location
        | FactKind::Function
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::Entitlement
        | FactKind::MaskAttachment
        | FactKind::RowAttachment
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule => false,
    });
    if !only_access {
        return false;
    }
    let before = exposure::all(side.observed, side.symbols);
    let after = apply(&before, changes, side.symbols);
    let both = apply(&before, changes.iter().filter(|change| change.op != Op::Remove), side.symbols);
    exposure::is_within(inventory, side, &both, [&before, &after])
}

/// Topological, and among what is free in the order given.
fn sorted(
    side: &Side<'_>,
    changes: &[Change],
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Change>, Reported> {
    let mut graph: DiGraph<usize, ()> = DiGraph::with_capacity(changes.len(), 0);
    let mut makers: BTreeMap<&str, Vec<NodeIndex>> = BTreeMap::new();
    let nodes: Vec<NodeIndex> = (0..changes.len()).map(|index| graph.add_node(index)).collect();
    let made = |fact: &Fact| {
        !matches!(fact.key.kind, FactKind::Grant | FactKind::Membership | FactKind::Entitlement)
    };
    for (change, node) in changes.iter().zip(&nodes).filter(|(change, _)| made(&change.fact)) {
        makers.entry(side.symbols.text(change.fact.key.object)).or_default().push(*node);
    }
    for (change, node) in changes.iter().zip(&nodes) {
        let needs = side.backend.needs(&change.fact, side.symbols);
        let others = |need: &String| {
            makers.get(need.as_str()).into_iter().flatten().copied().filter(|maker| maker != node)
        };
        for maker in needs.iter().flat_map(others) {
            match change.op {
                Op::Add | Op::Replace => graph.add_edge(maker, *node, ()),
                Op::Remove => graph.add_edge(*node, maker, ()),
            };
        }
        // What it leans on until then may change only behind it: its new content was never meant for this place.
        let left = change.before.filter(|_| change.op == Op::Replace);
        let left = left.map(|before| side.backend.needs(&before, side.symbols)).unwrap_or_default();
        for maker in left.iter().filter(|need| !needs.contains(need)).flat_map(others) {
            graph.add_edge(*node, maker, ());
        }
    }
    let mut waiting: Vec<usize> =
        nodes.iter().map(|node| graph.neighbors_directed(*node, Direction::Incoming).count()).collect();
    let mut free: BinaryHeap<Reverse<usize>> = waiting
        .iter()
        .enumerate()
        .filter(|(_, count)| **count == 0)
        .map(|(index, _)| Reverse(index))
        .collect();
    let mut out = Vec::with_capacity(changes.len());
    while let Some(Reverse(index)) = free.pop() {
        out.extend(changes.get(index).copied());
        for next in graph.neighbors(NodeIndex::new(index)) {
            if let Some(count) = waiting.get_mut(next.index()) {
                *count -= 1;
                if *count == 0 {
                    free.push(Reverse(next.index()));
                }
            }
        }
    }
    if out.len() < changes.len() {
        let stuck = changes.iter().zip(&waiting).filter(|(_, count)| **count > 0);
        let titles: Vec<String> =
            stuck.take(4).map(|(change, _)| side.backend.title(&change.fact, side.symbols)).collect();
        return Err(diagnostics.error(
            Diagnostic::error(Code::PlanCycle, "changes need each other in a circle, so no order is safe")
                .note(format!("among them: {}", titles.join(", ")))
                .help("apply in two steps: leave one of these policies as it was, apply, then change it"),
        ));
    }
    Ok(out)
}

/// The facts after some changes were made, each key at most once changed, in the order of texts.
pub fn apply<'a>(
    facts: &[Fact],
    changes: impl IntoIterator<Item = &'a Change>,
    symbols: &Symbols,
) -> Vec<Fact> {
    let changed: BTreeMap<FactKey, &Change> =
        changes.into_iter().map(|change| (change.fact.key, change)).collect();
    let mut state: Vec<Fact> =
        facts.iter().filter(|fact| !changed.contains_key(&fact.key)).copied().collect();
    state.extend(changed.values().filter(|change| change.op != Op::Remove).map(|change| change.fact));
    state.par_sort_by(|left, right| order_key(left, symbols).cmp(&order_key(right, symbols)));
    state
}
