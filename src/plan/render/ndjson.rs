//! One JSON object a line, for plans that are too large to hold.
//!
//! The first line says what it is and counts; then `kind` names what follows and the field of the same name holds it:
//! `change` (in the order of execution), `blocked`, `withheld`, `bypass`, `gain`, `loss`, `may_change`, `gap`.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::plan::Plan;

/// Prints a plan.
pub fn render(plan: &Plan) -> String {
    let mut lines = Lines(String::new());
    let integrations: Map<String, Value> = plan
        .integrations
        .iter()
        .map(|(name, part)| {
            let counts = json!({
                "type": part.platform,
                "changes": part.changes.len(),
                "blocked": part.blocked.len(),
                "withheld": part.withheld.len(),
                "unmanaged": part.unmanaged,
                "unchanged": part.unchanged,
                "from_nothing": part.from_nothing,
                "open": part.open,
            });
            (name.clone(), counts)
        })
        .collect();
    lines.push(&json!({
        "schema_version": plan.schema_version,
        "kind": "plan",
        "at": plan.at,
        "integrations": integrations,
        "bypasses": plan.bypasses.len(),
        "gains": plan.effects.gains.len(),
        "losses": plan.effects.losses.len(),
        "gaps": plan.gaps.len(),
        "next_change": plan.next_change,
        "digest": plan.digest,
    }));
    for (name, part) in &plan.integrations {
        part.changes.iter().for_each(|each| lines.of(name, "change", each));
        part.blocked.iter().for_each(|each| lines.of(name, "blocked", each));
        part.withheld.iter().for_each(|each| lines.of(name, "withheld", each));
    }
    plan.bypasses.iter().for_each(|each| lines.one("bypass", each));
    plan.effects.gains.iter().for_each(|each| lines.one("gain", each));
    plan.effects.losses.iter().for_each(|each| lines.one("loss", each));
    plan.effects.may_change.iter().for_each(|each| lines.one("may_change", each));
    plan.gaps.iter().for_each(|each| lines.one("gap", each));
    lines.0
}

struct Lines(String);

impl Lines {
    fn push(&mut self, value: &Value) {
        self.0.push_str(&value.to_string());
        self.0.push('\n');
    }

    fn one(&mut self, kind: &str, value: &impl Serialize) {
        self.push(&json!({ "kind": kind, kind: value }));
    }

    fn of(&mut self, integration: &str, kind: &str, value: &impl Serialize) {
        self.push(&json!({ "kind": kind, "integration": integration, kind: value }));
    }
}
