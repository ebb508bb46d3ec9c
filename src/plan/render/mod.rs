//! Plans as text: for those who approve them, for reviews, for programs.
//!
//! In: a [`Plan`], ours or read back from a file. Out: text, whole, ending in a line break.
//! Invariant: what comes from input never leaves its place: no control or bidirectional character reaches a terminal, no
//! markup a page, no line break an SQL comment. Every format but the machines' ones shortens long lists and says so.
//! Cost: linear in the plan.

pub mod html;
pub mod human;
pub mod json;
pub mod markdown;
pub mod ndjson;
pub mod sql;
mod told;

pub use json::from_json;

use super::Plan;
use told::counted;

/// How plans are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For a person at a terminal.
    Human,
    /// For a comment on a review.
    Markdown,
    /// One JSON document, as `plan --out` keeps it.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// The platforms' own statements, in order.
    Sql,
    /// One page that needs nothing else.
    Html,
}

/// Prints a plan; `color` is for people at terminals only.
pub fn render(plan: &Plan, format: Format, color: bool) -> String {
    match format {
        Format::Human => human::render(plan, color),
        Format::Markdown => markdown::render(plan),
        Format::Json => json::render(plan),
        Format::Ndjson => ndjson::render(plan),
        Format::Sql => sql::render(plan),
        Format::Html => html::render(plan),
    }
}

/// `Plan: 12 to add, 3 to replace, 4 to remove on 3 integrations; 2 people gain, 1 loses`.
pub fn summary(plan: &Plan) -> String {
    let integrations = counted(plan.integrations.len(), "integration", "integrations");
    let unchanged: usize = plan.integrations.values().map(|each| each.unchanged).sum();
    let facts = match unchanged {
        1 => "1 fact is as it should be".to_owned(),
        many => format!("{many} facts are as they should be"),
    };
    if !plan.has_changes() {
        let beside = match told::people(&plan.bypasses) {
            0 => String::new(),
            1 => "; but 1 person has more than the policies say".to_owned(),
            many => format!("; but {many} people have more than the policies say"),
        };
        return format!("In sync: nothing to do, {facts} on {integrations}{beside}");
    }
    let touched = plan.integrations.values().filter(|each| !each.changes.is_empty()).count();
    let mut text = format!(
        "Plan: {} to add, {} to replace, {} to remove on {}",
        plan.count("add"),
        plan.count("replace"),
        plan.count("remove"),
        counted(touched, "integration", "integrations"),
    );
    let waiting: usize = plan.integrations.values().map(|each| each.withheld.len()).sum();
    let blocked: usize = plan.integrations.values().map(|each| each.blocked.len()).sum();
    if blocked > 0 {
        text.push_str(&format!(", {blocked} blocked"));
    }
    if waiting > 0 {
        text.push_str(&format!(", {waiting} withheld"));
    }
    let gain = match told::people(&plan.effects.gains) {
        1 => "1 person gains".to_owned(),
        many => format!("{many} people gain"),
    };
    let lose = match told::people(&plan.effects.losses) {
        1 => "1 loses".to_owned(),
        many => format!("{many} lose"),
    };
    format!("{text}; {gain}, {lose}")
}

/// When the clock alone changes something.
fn clock(plan: &Plan) -> Option<String> {
    let at = plan.next_change.as_ref()?;
    Some(format!("at {at} the clock alone changes something: plan and apply again then"))
}

/// What to know about an integration before its changes.
fn warnings(part: &super::wire::Integration) -> Vec<&'static str> {
    let from_nothing =
        part.from_nothing.then_some("no export was found: the plan starts from nothing, and knows no bypass");
    let open = part
        .open
        .then_some("the platform, as it stands, lets everyone do everything: it has no rules at all");
    let waits = part.changes.iter().any(|change| change.wait.is_some());
    let waits = waits.then_some("some changes take effect late: `--format sql` says after which to wait");
    from_nothing.into_iter().chain(open).chain(waits).collect()
}

/// How many lines of one list people are shown.
const SHOWN: usize = 20;

/// What stands for the lines that are not shown.
fn more(left: usize) -> String {
    format!("… and {left} more: `--format json` lists all")
}
