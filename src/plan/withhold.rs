//! What must wait while something foreign holds the place of what should protect.
//!
//! In: desired facts whose place is taken, and the changes. Out: the changes that can be made, and those that wait.
//! Invariant: where a mask, filter, policy or role of ours cannot stand, nobody new is let in, nothing of ours comes to
//! lean on the foreign one, and what still stands there keeps what it needs.
//! Cost: nothing without blocked facts; else one pass over all facts.

use std::collections::BTreeSet;

use super::Side;
use super::diff::Blocked;
use crate::backend::{Change, Fact, FactKey, FactKind, Op, Symbol};

/// Splits the changes: those to make, those that wait.
pub(super) fn withhold(
    side: &Side<'_>,
    blocked: &[Blocked],
    changes: Vec<Change>,
) -> (Vec<Change>, Vec<Change>) {
    if blocked.is_empty() {
        return (changes, Vec::new());
    }
    let risk = Risk::of(side, blocked);
    let (mut withheld, mut kept): (Vec<_>, Vec<_>) =
        changes.into_iter().partition(|change| change.op != Op::Remove && risk.concerns(side, &change.fact));
    // What is not replaced still needs what it needed: it must not be dropped from under it.
    let mut held: Vec<Fact> = withheld.iter().filter_map(|change| change.before).collect();
    while let Some(fact) = held.pop() {
        let needs = side.backend.needs(&fact, side.symbols);
        let (waiting, rest): (Vec<_>, Vec<_>) = kept.into_iter().partition(|change| {
            change.op == Op::Remove
                && stands_for_itself(change.fact.key.kind)
                && needs.iter().any(|need| need == side.symbols.text(change.fact.key.object))
        });
        held.extend(waiting.iter().map(|change| change.fact));
        withheld.extend(waiting);
        kept = rest;
    }
    (kept, withheld)
}

/// What others attach or read.
fn stands_for_itself(kind: FactKind) -> bool {
    match kind {
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy | FactKind::Function | FactKind::View => true,
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::Entitlement
        | FactKind::MaskAttachment
        | FactKind::RowAttachment
        | FactKind::AuthorizedView
        | FactKind::Rule
        | FactKind::Grant
        | FactKind::Membership => false,
    }
}

fn protects(kind: FactKind) -> bool {
    match kind {
        FactKind::Grant | FactKind::Membership | FactKind::Role | FactKind::Group => false,
        FactKind::Location
        | FactKind::Function
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::Entitlement
        | FactKind::MaskAttachment
        | FactKind::RowAttachment
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule => true,
    }
}

struct Risk {
    /// The securables that lack a protection; `None`: perhaps all.
    places: Option<BTreeSet<String>>,
    /// Facts that would lean on a foreign one.
    stuck: BTreeSet<FactKey>,
    /// Roles and groups whose name somebody else holds.
    taken: BTreeSet<Symbol>,
    /// Roles and groups whose new members would reach a place without protection, or a foreign role.
    roles: BTreeSet<Symbol>,
}

impl Risk {
    fn of(side: &Side<'_>, blocked: &[Blocked]) -> Risk {
        let (stuck, leaning) = stuck(side, blocked);
        let missing = blocked.iter().map(|each| each.desired).filter(|fact| protects(fact.key.kind));
        let places = missing.chain(leaning).map(|fact| side.backend.concerns(&fact, side.symbols)).collect();
        let taken: BTreeSet<Symbol> = blocked
            .iter()
            .filter(|each| matches!(each.desired.key.kind, FactKind::Role | FactKind::Group))
            .map(|each| each.desired.key.object)
            .collect();
        let mut risk = Risk { places, stuck, taken, roles: BTreeSet::new() };
        risk.roles = risk.roles_at_risk(side);
        risk
    }

    fn unprotected(&self, side: &Side<'_>, grant: &Fact) -> bool {
        let Some(places) = &self.places else { return true };
        !places.is_empty()
            && side.backend.concerns(grant, side.symbols).is_none_or(|place| places.contains(&place))
    }

    /// Holders of grants on such places, foreign roles, and whoever inherits from them.
    fn roles_at_risk(&self, side: &Side<'_>) -> BTreeSet<Symbol> {
        let known =
            || side.lowered.facts.iter().chain(&side.observed.ours).chain(&side.observed.foreign).copied();
        let grants = known().filter(|fact| fact.key.kind == FactKind::Grant && self.unprotected(side, fact));
        let mut open: Vec<Symbol> =
            grants.map(|fact| fact.key.grantee).chain(self.taken.iter().copied()).collect();
        let memberships = known().filter(|fact| fact.key.kind == FactKind::Membership);
        let members = super::group(memberships.map(|fact| (fact.key.object, fact.key.grantee)));
        let mut roles = BTreeSet::new();
        while let Some(role) = open.pop() {
            if roles.insert(role) {
                open.extend(members.get(&role).into_iter().flatten());
            }
        }
        roles
    }

    fn concerns(&self, side: &Side<'_>, fact: &Fact) -> bool {
        let key = fact.key;
        match key.kind {
            FactKind::Grant => self.taken.contains(&key.grantee) || self.unprotected(side, fact),
            FactKind::Membership => self.roles.contains(&key.object) || self.taken.contains(&key.grantee),
            FactKind::Role
            | FactKind::Group
            | FactKind::Location
            | FactKind::Function
            | FactKind::MaskingPolicy
            | FactKind::RowAccessPolicy
            | FactKind::Entitlement
            | FactKind::MaskAttachment
            | FactKind::RowAttachment
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule => self.stuck.contains(&key),
        }
    }
}

/// Desired facts that need a blocked policy, function or view, directly or through each other.
fn stuck(side: &Side<'_>, blocked: &[Blocked]) -> (BTreeSet<FactKey>, Vec<Fact>) {
    let text = |fact: &Fact| side.symbols.text(fact.key.object).to_owned();
    let mut open: Vec<String> = blocked
        .iter()
        .filter(|each| stands_for_itself(each.desired.key.kind))
        .map(|each| text(&each.desired))
        .collect();
    let (mut keys, mut facts) = (BTreeSet::new(), Vec::new());
    if open.is_empty() {
        return (keys, facts);
    }
    let leaning = side.lowered.facts.iter().filter(|fact| protects(fact.key.kind));
    let by_need =
        super::group(leaning.flat_map(|fact| {
            side.backend.needs(fact, side.symbols).into_iter().map(move |need| (need, *fact))
        }));
    while let Some(need) = open.pop() {
        for fact in by_need.get(&need).into_iter().flatten() {
            if keys.insert(fact.key) {
                facts.push(*fact);
                if stands_for_itself(fact.key.kind) {
                    open.push(text(fact));
                }
            }
        }
    }
    (keys, facts)
}
