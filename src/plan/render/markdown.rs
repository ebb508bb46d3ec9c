//! Markdown, for a comment on a review: what must be seen stands open, the rest folds.
//!
//! Names stand in code spans and changes in a fenced block, each fenced longer than any run of backticks inside; all else is
//! escaped by character references, which are never structure (CommonMark 0.31, section 2.5). So names can neither
//! format nor link nor mention anybody.

use super::told::{Sentence, gap_groups, people, sentences, sign, ways};
use super::{SHOWN, clock, more, summary, warnings};
use crate::diagnostic::render::visible;
use crate::plan::Plan;
use crate::plan::wire::Integration;

/// How many changes of one integration are listed: a comment holds 65,536 characters.
const CHANGES: usize = 100;

/// Prints a plan.
pub fn render(plan: &Plan) -> String {
    let mut text = format!("### {}\n", escape(&summary(plan)));
    let ways = ways(&plan.bypasses);
    if !ways.is_empty() {
        let who = match people(&plan.bypasses) {
            1 => "1 person has".to_owned(),
            many => format!("{many} people have"),
        };
        text.push_str(&format!(
            "\n> [!CAUTION]\n> **Bypassed: {who} more than the policies say, even after this plan**\n>\n"
        ));
        for way in ways.iter().take(SHOWN) {
            text.push_str(&format!(
                "> - {} {} past {} on {}, through {}\n",
                code(&way.who),
                code(&way.what),
                code(&way.policy),
                code(&way.integration),
                code(&way.native)
            ));
        }
        left(&mut text, "> ", ways.iter().skip(SHOWN).map(|way| way.count).sum());
    }
    effects(&mut text, "Who gains", &sentences(&plan.effects.gains, true));
    effects(&mut text, "Who loses", &sentences(&plan.effects.losses, false));
    for (name, part) in &plan.integrations {
        integration(&mut text, name, part);
    }
    if !plan.effects.may_change.is_empty() {
        text.push_str("\n**Rows or values may change for those whom these concern**\n\n");
        for each in plan.effects.may_change.iter().take(SHOWN) {
            text.push_str(&format!(
                "- {} on {} ({} native)\n",
                code(&each.policy),
                code(&each.integration),
                each.changes
            ));
        }
        left(&mut text, "", plan.effects.may_change.len().saturating_sub(SHOWN));
    }
    let gaps = gap_groups(&plan.gaps);
    if !gaps.is_empty() {
        text.push_str(&format!(
            "\n<details><summary>{} that the platforms cannot enforce as written (never wider)</summary>\n\n",
            super::told::counted(plan.gaps.len(), "thing", "things")
        ));
        for gap in gaps.iter().take(SHOWN) {
            text.push_str(&format!(
                "- {} on {}, {} of {}: {}\n",
                code(&gap.code),
                code(&gap.integration),
                gap.count,
                code(&gap.policies),
                escape(&gap.message)
            ));
        }
        left(&mut text, "", gaps.iter().skip(SHOWN).map(|gap| gap.count).sum());
        text.push_str("\n</details>\n");
    }
    if let Some(clock) = clock(plan) {
        text.push_str(&format!("\nNext: {}\n", escape(&clock)));
    }
    text.push_str(&format!("\n<sub>{}</sub>\n", escape(&plan.digest)));
    text
}

fn effects(text: &mut String, title: &str, sentences: &[Sentence]) {
    if sentences.is_empty() {
        return;
    }
    text.push_str(&format!("\n**{title}**\n\n"));
    for each in sentences.iter().take(SHOWN) {
        let detail =
            if each.detail.is_empty() { String::new() } else { format!(" ({})", escape(&each.detail)) };
        let on = if each.integration.is_empty() {
            String::new()
        } else {
            format!(", {}", code(&each.integration))
        };
        text.push_str(&format!("- {} {}{detail}{on}\n", code(&each.who), escape(&each.what)));
    }
    left(text, "", sentences.iter().skip(SHOWN).map(|each| each.count).sum());
}

fn integration(text: &mut String, name: &str, part: &Integration) {
    for warning in warnings(part) {
        text.push_str(&format!("\n> [!WARNING]\n> {}: {}\n", code(name), escape(warning)));
    }
    if part.changes.is_empty() && part.blocked.is_empty() && part.withheld.is_empty() {
        return;
    }
    let count = |op: &str| part.changes.iter().filter(|change| change.op == op).count();
    text.push_str(&format!(
        "\n<details><summary>{} ({}): {} to add, {} to replace, {} to remove</summary>\n\n",
        escape(name),
        escape(&part.platform),
        count("add"),
        count("replace"),
        count("remove")
    ));
    let line = |op: char, words: String| format!("{op} {}", visible(&words));
    let of = |policies: &[String]| {
        if policies.is_empty() { String::new() } else { format!("  # {}", policies.join(", ")) }
    };
    let mut lines: Vec<String> = Vec::new();
    for each in part.changes.iter().take(CHANGES) {
        // A diff colours `!` as it does a change.
        let op = if sign(&each.op) == '~' { '!' } else { sign(&each.op) };
        lines.push(line(op, format!("{} {}{}", each.kind, each.id, of(&each.policy))));
    }
    for each in part.blocked.iter().take(SHOWN) {
        lines.push(line('#', format!("blocked: {} {}{}", each.kind, each.id, of(&each.policy))));
    }
    for each in part.withheld.iter().take(SHOWN) {
        lines.push(line('#', format!("withheld: {} {} {}", each.op, each.kind, each.id)));
    }
    let block = lines.join("\n");
    let fence = "`".repeat(longest_run(&block).max(2) + 1);
    text.push_str(&format!("{fence}diff\n{block}\n{fence}\n"));
    let hidden = part.changes.len().saturating_sub(CHANGES)
        + part.blocked.len().saturating_sub(SHOWN)
        + part.withheld.len().saturating_sub(SHOWN);
    left(text, "", hidden);
    text.push_str("\n</details>\n");
}

fn left(text: &mut String, before: &str, left: usize) {
    if left > 0 {
        // The command in it is ours.
        text.push_str(&format!("{before}\n{before}{}\n", more(left)));
    }
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A code span that nothing inside can close.
fn code(text: &str) -> String {
    if text.is_empty() {
        return "—".to_owned();
    }
    let text = visible(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    // One blank on each side is taken away again, so that a backtick may stand at an edge.
    let edge = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    if edge { format!("{fence} {text} {fence}") } else { format!("{fence}{text}{fence}") }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '`' | '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '@' | '#' | '!' | '$' => {
                out.push_str(&format!("&#{};", c as u32));
            }
            _ => out.push(c),
        }
    }
    out
}
