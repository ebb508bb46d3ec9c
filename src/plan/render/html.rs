//! One page that needs nothing else: no script, no font, no address that it would load.

use super::told::{Sentence, gap_groups, heading, people, sentences, sign, ways};
use super::{clock, summary, warnings};
use crate::plan::Plan;
use crate::plan::wire::{Integration, WireChange};

const HEAD: &str = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>grantc plan</title>
<style>
:root { color-scheme: light dark; --add: #1a7f37; --remove: #cf222e; --replace: #9a6700; --line: #8884; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; margin: 0 0 .5rem 1.5rem; opacity: .8; }
section.bypass { border: 2px solid var(--remove); border-radius: 6px; padding: 0 1rem; }
section.bypass h2, .warning { color: var(--remove); }
ul { list-style: none; padding-left: 0; } li { padding: .15rem 0; border-bottom: 1px solid var(--line); }
.add > b { color: var(--add); } .remove > b { color: var(--remove); } .replace > b { color: var(--replace); }
small { opacity: .7; } summary { cursor: pointer; }
</style></head><body>
"#;

/// How many changes of one kind are listed.
const LISTED: usize = 1000;

/// Prints a plan.
pub fn render(plan: &Plan) -> String {
    let mut page = HEAD.to_owned();
    page.push_str(&format!("<h1>{}</h1>\n", escape(&summary(plan))));
    page.push_str(&format!(
        "<p><small>Compiled for {}. {}</small></p>\n",
        escape(&plan.at),
        escape(&plan.digest)
    ));
    if let Some(clock) = clock(plan) {
        page.push_str(&format!("<p>Next: {}</p>\n", escape(&clock)));
    }
    let ways = ways(&plan.bypasses);
    if !ways.is_empty() {
        let count = people(&plan.bypasses);
        let lines = ways.iter().map(|way| {
            format!(
                "<li class=\"remove\"><b>!</b> {} <code>{}</code> past <code>{}</code> on {}<br><small>through <code>{}</code></small></li>\n",
                escape(&way.who),
                escape(&way.what),
                escape(&way.policy),
                escape(&way.integration),
                escape(&way.native)
            )
        });
        page.push_str(&format!(
            "<section class=\"bypass\"><h2>Bypassed: {count} with more than the policies say, even after this plan</h2>\n{}</section>\n",
            list(lines)
        ));
    }
    effects(&mut page, "Who gains", &sentences(&plan.effects.gains, true), "add", '+');
    effects(&mut page, "Who loses", &sentences(&plan.effects.losses, false), "remove", '-');
    if !plan.effects.may_change.is_empty() {
        page.push_str("<section><h2>Rows or values may change for those whom these concern</h2>\n");
        page.push_str(&list(plan.effects.may_change.iter().map(|each| {
            format!(
                "<li class=\"replace\"><b>~</b> {} on {} <small>{} native</small></li>\n",
                escape(&each.policy),
                escape(&each.integration),
                each.changes
            )
        })));
        page.push_str("</section>\n");
    }
    for (name, part) in &plan.integrations {
        integration(&mut page, name, part);
    }
    let gaps = gap_groups(&plan.gaps);
    if !gaps.is_empty() {
        page.push_str("<section><h2>What the platforms cannot enforce as written (never wider)</h2>\n");
        page.push_str(&list(gaps.iter().map(|gap| {
            format!(
                "<li><code>{}</code> {}: {} <small>{} × {} {}</small></li>\n",
                escape(&gap.code),
                escape(&gap.integration),
                escape(&gap.message),
                gap.count,
                escape(&gap.policies),
                escape(&gap.objects)
            )
        })));
        page.push_str("</section>\n");
    }
    page.push_str("</body></html>\n");
    page
}

fn effects(page: &mut String, title: &str, sentences: &[Sentence], class: &str, sign: char) {
    if sentences.is_empty() {
        return;
    }
    let lines = sentences.iter().map(|each| {
        let detail = match each.detail.as_str() {
            "" => String::new(),
            detail => format!(" ({})", escape(detail)),
        };
        format!(
            "<li class=\"{class}\"><b>{sign}</b> {} {}{detail} <small>{}</small></li>\n",
            escape(&each.who),
            escape(&each.what),
            escape(&each.integration)
        )
    });
    page.push_str(&format!("<section><h2>{title}</h2>\n{}</section>\n", list(lines)));
}

fn integration(page: &mut String, name: &str, part: &Integration) {
    page.push_str(&format!(
        "<section><h2>{} <small>{}, {} unchanged, {} of others left alone</small></h2>\n",
        escape(name),
        escape(&part.platform),
        part.unchanged,
        part.unmanaged
    ));
    for warning in warnings(part) {
        page.push_str(&format!("<p class=\"warning\">Warning: {}</p>\n", escape(warning)));
    }
    for (kind, changes) in crate::plan::group(part.changes.iter().map(|each| (each.kind.as_str(), each))) {
        page.push_str(&format!("<h3>{} <small>{}</small></h3>\n", escape(&heading(kind)), changes.len()));
        page.push_str(&native(&changes));
    }
    if !part.blocked.is_empty() {
        page.push_str("<h3 class=\"warning\">Blocked: something foreign holds the place</h3>\n");
        page.push_str(&list(part.blocked.iter().map(|each| {
            format!(
                "<li>{} <code>{}</code> <small>{}</small><pre>{}</pre></li>\n",
                escape(&each.kind),
                escape(&each.id),
                escape(&each.policy.join(", ")),
                escape(&each.foreign)
            )
        })));
    }
    if !part.withheld.is_empty() {
        page.push_str("<h3 class=\"warning\">Withheld: not made until what blocks them is gone</h3>\n");
        page.push_str(&native(&part.withheld.iter().collect::<Vec<_>>()));
    }
    page.push_str("</section>\n");
}

fn native(changes: &[&WireChange]) -> String {
    list(changes.iter().map(|change| {
        let class = match sign(&change.op) {
            '+' => "add",
            '-' => "remove",
            _ => "replace",
        };
        format!(
            "<li class=\"{class}\"><b>{}</b> <code>{}</code> <small>{}</small><details><summary>statement</summary><pre>{}</pre></details></li>\n",
            sign(&change.op),
            escape(&change.id),
            escape(&change.policy.join(", ")),
            escape(&change.native)
        )
    }))
}

fn list(lines: impl ExactSizeIterator<Item = String>) -> String {
    let hidden = lines.len().saturating_sub(LISTED);
    let mut text = String::from("<ul>\n");
    text.extend(lines.take(LISTED));
    if hidden > 0 {
        text.push_str(&format!("<li>{}</li>\n", escape(&super::more(hidden))));
    }
    text.push_str("</ul>\n");
    text
}

/// Text that is text, in elements and in quoted attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::diagnostic::render::visible_lines(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
