//! A plan as a value that can be shown, kept and read back: the JSON that scripts rely on, field by field.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Diff, Side, change_policies};
use crate::backend::Change;
use crate::inventory::Instant;

/// What will change, and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// 1; readers ignore fields that they do not know.
    pub schema_version: u32,
    /// The instant that the policies were compiled for.
    pub at: String,
    /// By name.
    pub integrations: BTreeMap<String, Integration>,
    /// Who has more than the policies say, even after the plan.
    pub bypasses: Vec<Bypass>,
    /// Who gains and who loses.
    pub effects: Effects,
    /// What the platforms cannot enforce.
    pub gaps: Vec<Gap>,
    /// When the clock alone changes something.
    pub next_change: Option<String>,
    /// Over everything that the plan rests on: another digest is another plan.
    pub digest: String,
}

/// One integration's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// The platform, as the integrations API calls it.
    #[serde(rename = "type")]
    pub platform: String,
    /// In the order of execution.
    pub changes: Vec<WireChange>,
    /// Foreign facts that are left alone.
    pub unmanaged: usize,
    /// Facts that are as they should be.
    pub unchanged: usize,
    /// Facts that should be there, whose place a foreign one holds.
    #[serde(default)]
    pub blocked: Vec<WireBlocked>,
    /// Changes that wait until what blocks them is gone.
    #[serde(default)]
    pub withheld: Vec<WireChange>,
    /// No export was there: the plan starts from nothing.
    #[serde(default)]
    pub from_nothing: bool,
    /// The platform, as it stands, lets everyone do everything.
    #[serde(default)]
    pub open: bool,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireChange {
    /// `add`, `remove`, `replace`.
    pub op: String,
    /// `grant`, `membership`, `role`, …
    pub kind: String,
    /// What it is about, in the platform's names.
    pub id: String,
    /// The statement, request or rule, with `{salt}` for the salt.
    pub native: String,
    /// The policies that it comes from.
    pub policy: Vec<String>,
    /// Changes of one step are made at once.
    #[serde(default)]
    pub step: usize,
    /// What must be waited for before the next change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<String>,
}

/// A desired fact whose place is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireBlocked {
    /// `mask_attachment`, …
    pub kind: String,
    /// What should stand there.
    pub id: String,
    /// What does.
    pub foreign: String,
    /// The policies that want it.
    pub policy: Vec<String>,
}

/// Somebody has more than the policies say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bypass {
    /// Who: a user of the directory, or an account that is nobody's there.
    pub user: String,
    /// What.
    pub object: String,
    /// On which integration.
    #[serde(default)]
    pub integration: String,
    /// `read` or `write`.
    pub access: String,
    /// What it goes round.
    pub policy: String,
    /// Through which native facts.
    pub native: String,
}

/// Who gains and who loses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    /// Who may or sees more.
    pub gains: Vec<Effect>,
    /// Who may or sees less.
    pub losses: Vec<Effect>,
    /// Masks and filters whose content or entitlements change: rows and values may change for those whom they concern.
    #[serde(default)]
    pub may_change: Vec<MayChange>,
}

/// A mask or filter whose native content changes, so that what it shows may, without anybody gaining or losing it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MayChange {
    /// The mask or filter.
    pub policy: String,
    /// Where.
    pub integration: String,
    /// How many native changes bear on it.
    pub changes: usize,
}

/// What one user gains or loses on one securable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Effect {
    /// Who.
    pub user: String,
    /// On what.
    pub object: String,
    /// On which integration.
    #[serde(default)]
    pub integration: String,
    /// `read` or `write`.
    pub access: String,
    /// Whether the access itself comes or goes; else only what is seen of it changes.
    #[serde(default)]
    pub access_changes: bool,
    /// Columns seen clear that were not, or the reverse.
    pub columns_clear: Vec<String>,
    /// In gains: filters that no longer stand before the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filters_lifted: Option<Vec<String>>,
    /// In losses: filters that now do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filters_added: Option<Vec<String>>,
}

/// What a platform cannot enforce.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// The policy whose wish it is.
    pub policy: String,
    /// Where.
    pub integration: String,
    /// What kind.
    pub code: String,
    /// What cannot be enforced, for whom, what was done.
    pub message: String,
    /// The securable or column.
    #[serde(default)]
    pub object: String,
}

impl From<&crate::backend::Gap> for Gap {
    fn from(gap: &crate::backend::Gap) -> Self {
        Gap {
            policy: gap.policy.clone(),
            integration: gap.integration.clone(),
            code: gap.code.name().to_owned(),
            message: gap.message.clone(),
            object: gap.object.clone(),
        }
    }
}

/// Sorted, and one effect per user, object and access.
pub(super) fn merge(effects: &mut Vec<Effect>) {
    effects.sort();
    effects.dedup();
}

impl Plan {
    /// A plan of nothing.
    pub(super) fn empty(at: Instant) -> Plan {
        Plan {
            schema_version: 1,
            at: at.rfc3339(),
            integrations: BTreeMap::new(),
            bypasses: Vec::new(),
            effects: Effects::default(),
            gaps: Vec::new(),
            next_change: None,
            digest: String::new(),
        }
    }

    /// Whether what exists differs from what should: also where something foreign stands in the way.
    pub fn has_changes(&self) -> bool {
        self.integrations
            .values()
            .any(|each| !each.changes.is_empty() || !each.withheld.is_empty() || !each.blocked.is_empty())
    }

    /// How many changes of an operation.
    pub fn count(&self, op: &str) -> usize {
        self.integrations.values().flat_map(|each| &each.changes).filter(|change| change.op == op).count()
    }
}

impl Integration {
    /// How many facts exist before the plan.
    pub fn existing(&self) -> usize {
        let gone = |change: &&WireChange| change.op == "remove" || change.op == "replace";
        let waiting = self.withheld.iter().filter(gone).count();
        self.unchanged + self.unmanaged + self.changes.iter().filter(gone).count() + waiting
    }

    /// The part of one side.
    pub(super) fn of(
        program: &crate::ir::Program,
        side: &Side<'_>,
        diff: &Diff,
        steps: &[Vec<Change>],
    ) -> Integration {
        let inventory = &program.inventory;
        let change = |change: &Change, step: usize| WireChange {
            op: change.op.word().to_owned(),
            kind: change.fact.key.kind.word().to_owned(),
            id: side.backend.title(&change.fact, side.symbols),
            native: side.backend.statement(inventory, side.integration, change, side.symbols),
            policy: change_policies(change, side.symbols),
            step,
            wait: None,
        };
        let mut changes: Vec<WireChange> = steps
            .iter()
            .enumerate()
            .flat_map(|(step, changes)| changes.iter().map(move |each| (each, step + 1)))
            .map(|(each, step)| change(each, step))
            .collect();
        for (at, wait) in waits(side, steps) {
            if let Some(change) = changes.get_mut(at) {
                change.wait = Some(wait.to_owned());
            }
        }
        Integration {
            platform: inventory.integrations[side.integration].platform.api_type().to_owned(),
            changes,
            unmanaged: diff.unmanaged,
            unchanged: diff.unchanged,
            blocked: diff
                .blocked
                .iter()
                .map(|each| WireBlocked {
                    kind: each.desired.key.kind.word().to_owned(),
                    id: side.backend.title(&each.desired, side.symbols),
                    foreign: side.symbols.text(each.foreign.body).to_owned(),
                    policy: super::fact_policies(&each.desired, side.symbols),
                })
                .collect(),
            withheld: diff.withheld.iter().map(|each| change(each, 0)).collect(),
            from_nothing: !side.observed.present,
            open: side.observed.open,
        }
    }
}

/// After which changes, by their place, something must be waited for: at the end of a phase in which an effect comes late.
fn waits(side: &Side<'_>, steps: &[Vec<Change>]) -> Vec<(usize, &'static str)> {
    let changes = || steps.iter().flatten();
    let (mut found, mut open) = (Vec::new(), None);
    for (at, (change, next)) in changes().zip(changes().skip(1)).enumerate() {
        open = side.backend.settles(change, side.symbols).or(open);
        let phase = |change| side.backend.phase(change, side.symbols);
        if phase(change) != phase(next) {
            found.extend(open.take().map(|wait| (at, wait)));
        }
    }
    found
}
