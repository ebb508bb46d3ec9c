//! The statements in the order in which they would run, each below a comment that names its policies.
//!
//! Invariant: a comment is one line whatever the names in it hold; what is no SQL (a request, a rule, a file) and what
//! waits stands in comments only.

use crate::diagnostic::render::visible;
use crate::plan::Plan;
use crate::plan::wire::WireChange;

use super::{clock, summary, warnings};

/// The words that begin a statement on the platforms that we serve. What begins otherwise is no SQL.
const STATEMENTS: [&str; 21] = [
    "ALTER", "ATTACH", "BEGIN", "CALL", "COMMENT", "COMMIT", "CREATE", "DECLARE", "DELETE", "DENY", "DETACH",
    "DROP", "EXEC", "EXECUTE", "GRANT", "INSERT", "MERGE", "REVOKE", "SET", "UPDATE", "USE",
];

/// Prints a plan.
pub fn render(plan: &Plan) -> String {
    let mut text = String::new();
    comment(&mut text, &format!("{} (compiled for {}, {})", summary(plan), plan.at, plan.digest));
    if let Some(clock) = clock(plan) {
        comment(&mut text, &clock);
    }
    for bypass in &plan.bypasses {
        comment(
            &mut text,
            &format!(
                "BYPASSED on {}: {} has {} on {} past {}, through {}",
                bypass.integration, bypass.user, bypass.access, bypass.object, bypass.policy, bypass.native
            ),
        );
    }
    for (name, part) in &plan.integrations {
        text.push('\n');
        comment(&mut text, &format!("{name} ({})", part.platform));
        for warning in warnings(part) {
            comment(&mut text, &format!("warning: {warning}"));
        }
        for change in &part.changes {
            statement(&mut text, change, false);
        }
        for each in &part.blocked {
            comment(
                &mut text,
                &format!(
                    "blocked: {} {} for {}: something foreign stands there",
                    each.kind,
                    each.id,
                    each.policy.join(", ")
                ),
            );
        }
        for change in &part.withheld {
            statement(&mut text, change, true);
        }
    }
    text
}

fn statement(text: &mut String, change: &WireChange, withheld: bool) {
    let policies = match change.policy.as_slice() {
        [] => String::new(),
        names => format!(" for {}", names.join(", ")),
    };
    let waits = if withheld { "withheld: " } else { "" };
    comment(text, &format!("{waits}{} {} {}{policies}", change.op, change.kind, change.id));
    let native = change.native.trim_end();
    // A transaction begins with `BEGIN;`.
    let first = native.split([' ', '\t', '\n', '\r', ';']).next().unwrap_or("").to_ascii_uppercase();
    if withheld || !STATEMENTS.contains(&first.as_str()) {
        native.lines().for_each(|line| comment(text, &format!("  {line}")));
    } else {
        text.push_str(native);
        text.push_str(if native.ends_with(';') { "\n" } else { ";\n" });
    }
    if let Some(wait) = &change.wait {
        text.push('\n');
        comment(text, &format!("WAIT before going on: {wait}"));
        text.push('\n');
    }
}

fn comment(text: &mut String, words: &str) {
    text.push_str("-- ");
    text.push_str(&visible(words));
    text.push('\n');
}
