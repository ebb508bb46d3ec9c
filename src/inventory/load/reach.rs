//! Turns groups in groups into the set of users that each group reaches.
//!
//! In: groups with their direct members, edges. Out: the same groups, closed under membership.
//! Invariant: a cycle is reported, never followed. Cost: one pass over the edges, one union of sets for each.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ids::IdVec;
use crate::inventory::GroupId;
use crate::inventory::directory::Group;
use crate::source::{Place, Sources};

/// Closes the groups over edges (parent, child, where written).
pub(super) fn close(
    groups: &mut IdVec<GroupId, Group>,
    edges: &[(GroupId, GroupId, Place)],
    sources: &Sources,
    out: &mut Diagnostics,
) {
    let mut parents: IdVec<GroupId, Vec<GroupId>> = groups.ids().map(|_| Vec::new()).collect();
    for (parent, child, _) in edges {
        groups[*parent].subgroups.push(*child);
    }
    for id in groups.ids() {
        let subgroups = &mut groups[id].subgroups;
        subgroups.sort_unstable();
        subgroups.dedup();
        for child in subgroups {
            parents[*child].push(id);
        }
    }
    let mut waits: IdVec<GroupId, usize> = groups.values().map(|group| group.subgroups.len()).collect();
    let mut ready: Vec<GroupId> = groups.ids().filter(|id| waits[*id] == 0).collect();
    while let Some(id) = ready.pop() {
        let mut members = std::mem::take(&mut groups[id].members);
        for child in &groups[id].subgroups {
            members |= &groups[*child].members;
        }
        groups[id].members = members;
        for parent in &parents[id] {
            waits[*parent] -= 1;
            if waits[*parent] == 0 {
                ready.push(*parent);
            }
        }
    }
    report_cycles(groups, &mut waits, edges, sources, out);
}

/// What still waits is on a cycle or above one: going down through what waits comes back, or to what has been told.
fn report_cycles(
    groups: &IdVec<GroupId, Group>,
    waits: &mut IdVec<GroupId, usize>,
    edges: &[(GroupId, GroupId, Place)],
    sources: &Sources,
    out: &mut Diagnostics,
) {
    let mut position: IdVec<GroupId, Option<usize>> = groups.ids().map(|_| None).collect();
    for start in groups.ids() {
        let mut path: Vec<GroupId> = Vec::new();
        let mut next = (waits[start] > 0).then_some(start);
        let mut back = None;
        while let Some(at) = next {
            back = position[at];
            if back.is_some() {
                break;
            }
            position[at] = Some(path.len());
            path.push(at);
            next = groups[at].subgroups.iter().copied().find(|child| waits[*child] > 0);
        }
        if let Some(from) = back {
            let cycle: Vec<GroupId> = path.iter().skip(from).copied().collect();
            out.error(cycle_error(groups, &cycle, edges, sources));
        }
        // Everything on the way is told: what leads into a cycle is mended with it.
        for id in path {
            waits[id] = 0;
            position[id] = None;
        }
    }
}

fn cycle_error(
    groups: &IdVec<GroupId, Group>,
    cycle: &[GroupId],
    edges: &[(GroupId, GroupId, Place)],
    sources: &Sources,
) -> Diagnostic {
    // Told as people write it: who is in whom. The path went from groups down to their members.
    let mut round: Vec<GroupId> = cycle.to_vec();
    round.extend(cycle.first());
    round.reverse();
    let names: Vec<&str> = round.iter().map(|id| groups[*id].id.as_str()).collect();
    let mut diagnostic =
        Diagnostic::error(Code::GroupCycle, format!("groups are in each other: {}", names.join(" → ")));
    for (child, parent) in round.iter().zip(round.iter().skip(1)) {
        let place = edges
            .iter()
            .filter(|(up, down, _)| up == parent && down == child)
            .map(|(_, _, place)| *place)
            .min_by_key(|place| (sources.name(*place), sources.line(*place), *place));
        if let Some(place) = place {
            diagnostic =
                diagnostic.at(place, format!("`{}` is in `{}`", groups[*child].id, groups[*parent].id));
        }
    }
    diagnostic.help("remove one of these")
}
