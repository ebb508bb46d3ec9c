//! From two sets of facts to what will change, in which order, and who gains and loses what.
//!
//! ```text
//! desired × observed ─ diff ─▶ changes ─ order ─▶ steps ─┬─ effects ─▶ gains, losses
//!                                                        └─ bypasses: what stays wider than the reference
//! ```

pub mod bypass;
pub mod diff;
pub mod effects;
pub mod exposure;
pub mod order;
pub mod render;
pub mod wire;
mod withhold;

#[cfg(test)]
mod tests;

pub use diff::{Blocked, Diff};
pub use order::Order;
pub use wire::Plan;

use std::collections::BTreeMap;

use rayon::slice::ParallelSliceMut;
use sha2::{Digest, Sha256};

use crate::backend::fact::order_key;
use crate::backend::{Backend, Change, Fact, Gap, Lowered, Observed, Symbols};
use crate::diagnostic::{Diagnostics, Reported};
use crate::inventory::integration::Scope;
use crate::inventory::{Accounts, Integration, IntegrationId};
use crate::ir::{Meaning, Program};

/// One integration, lowered and observed.
pub struct Side<'a> {
    /// Which.
    pub integration: IntegrationId,
    /// Its platform.
    pub backend: &'static dyn Backend,
    /// Who has which account there.
    pub accounts: &'a Accounts,
    /// The texts of both sets of facts.
    pub symbols: &'a Symbols,
    /// What should exist.
    pub lowered: &'a Lowered,
    /// What exists.
    pub observed: &'a Observed,
}

/// Compares every integration and puts the plan together.
pub fn build(
    program: &Program,
    meaning: &Meaning<'_>,
    sides: &[Side<'_>],
    order: Order,
    diagnostics: &mut Diagnostics,
) -> Result<Plan, Reported> {
    let mut plan = Plan::empty(program.at);
    let mut digest = Sha256::new();
    for side in sides {
        let settings = &program.inventory.integrations[side.integration];
        let diff = diff::diff(side, settings.scope == Scope::Authoritative);
        let steps = order::order(&program.inventory, side, &diff.changes, order, diagnostics)?;
        digest_side(&mut digest, settings, side);
        let before = exposure::all(side.observed, side.symbols);
        let after = order::apply(&before, &diff.changes, side.symbols);
        let effects = effects::of(program, side, &before, &after);
        plan.effects.gains.extend(effects.gains);
        plan.effects.losses.extend(effects.losses);
        plan.effects.may_change.extend(effects::may_change(program, side, &diff.changes));
        plan.bypasses.extend(bypass::of(program, meaning, side, &after));
        plan.gaps.extend(side.lowered.gaps.iter().map(wire::Gap::from));
        plan.integrations.insert(settings.name.clone(), wire::Integration::of(program, side, &diff, &steps));
    }
    wire::merge(&mut plan.effects.gains);
    wire::merge(&mut plan.effects.losses);
    plan.bypasses.sort();
    plan.bypasses.dedup();
    plan.gaps.sort();
    plan.gaps.dedup();
    plan.next_change = crate::ir::clock::next_change(program).map(crate::inventory::Instant::rfc3339);
    plan.digest = format!("sha256:{}", hex(&digest.finalize()));
    Ok(plan)
}

/// Everything that a plan rests on: what should exist, what was seen, and whose facts may go. Facts come in the order of
/// texts, so neither files nor interning change it.
fn digest_side(digest: &mut Sha256, settings: &Integration, side: &Side<'_>) {
    let mut part = |text: &str| {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text.as_bytes());
    };
    part(&settings.name);
    part(match settings.scope {
        Scope::Managed => "managed",
        Scope::Authoritative => "authoritative",
    });
    for (set, facts) in
        [("desired", &side.lowered.facts), ("ours", &side.observed.ours), ("foreign", &side.observed.foreign)]
    {
        part(set);
        // The count keeps one set from reading as the beginning of the next.
        part(&facts.len().to_string());
        for fact in &sorted(facts, side.symbols) {
            part(fact.key.kind.word());
            for symbol in [fact.key.privilege, fact.key.object, fact.key.grantee, fact.body] {
                part(side.symbols.text(symbol));
            }
        }
    }
}

fn sorted(facts: &[Fact], symbols: &Symbols) -> Vec<Fact> {
    let mut facts = facts.to_vec();
    // Already in order by contract, which costs one pass.
    facts.par_sort_by(|left, right| order_key(left, symbols).cmp(&order_key(right, symbols)));
    facts
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Groups values by a key, in key order.
pub(crate) fn group<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, Vec<V>> {
    let mut groups: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in pairs {
        groups.entry(key).or_default().push(value);
    }
    groups
}

/// The names of the policies that a change comes from.
pub fn change_policies(change: &Change, symbols: &Symbols) -> Vec<String> {
    fact_policies(&change.fact, symbols)
}

fn fact_policies(fact: &Fact, symbols: &Symbols) -> Vec<String> {
    symbols.text(fact.policies).split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Gaps of all sides, sorted, without repeats.
pub fn gaps<'a>(sides: impl IntoIterator<Item = &'a Lowered>) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = sides.into_iter().flat_map(|side| side.gaps.iter().cloned()).collect();
    gaps.sort();
    gaps.dedup();
    gaps
}
