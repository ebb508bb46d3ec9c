//! For a person at a terminal, in the order in which a security officer would ask: who gets round the policies, what
//! changes natively, who gains, who loses, what is not enforced, until when it is right.

use anstyle::{AnsiColor, Style};

use super::told::{self, Sentence, counted, gap_groups, heading, people, sentences, sign, ways};
use super::{SHOWN, clock, more, summary, warnings};
use crate::diagnostic::render::visible;
use crate::plan::Plan;
use crate::plan::wire::{Integration, WireChange};

const LOUD: Style = AnsiColor::Red.on_default().bold();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const ADD: Style = AnsiColor::Green.on_default();
const REMOVE: Style = AnsiColor::Red.on_default();
const REPLACE: Style = AnsiColor::Yellow.on_default();

/// Prints a plan.
pub fn render(plan: &Plan, color: bool) -> String {
    let mut page = Page { text: String::new(), color };
    page.bypasses(plan);
    for (name, part) in &plan.integrations {
        page.integration(name, part);
    }
    page.effects("Who gains", &sentences(&plan.effects.gains, true), '+', ADD);
    page.effects("Who loses", &sentences(&plan.effects.losses, false), '-', REMOVE);
    page.may_change(plan);
    page.gaps(plan);
    if let Some(clock) = clock(plan) {
        page.line(&format!("Next: {}\n", visible(&clock)));
    }
    let summary = page.paint(BOLD, &visible(&summary(plan)));
    page.line(&summary);
    page.text
}

struct Page {
    text: String,
    color: bool,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end_matches(' '));
        self.text.push('\n');
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn left(&mut self, left: usize) {
        if left > 0 {
            let more = self.paint(DIM, &more(left));
            self.line(&format!("  {more}"));
        }
    }

    fn bypasses(&mut self, plan: &Plan) {
        if plan.bypasses.is_empty() {
            return;
        }
        let who = match people(&plan.bypasses) {
            1 => "1 person has".to_owned(),
            many => format!("{many} people have"),
        };
        let title = format!("BYPASSED: {who} more than the policies say, even after this plan");
        let title = self.paint(LOUD, &title);
        self.line(&title);
        let ways = ways(&plan.bypasses);
        for way in ways.iter().take(SHOWN) {
            let mark = self.paint(LOUD, "!");
            let policy = match way.policy.as_str() {
                "" | "no subscription" => "no subscription allows it".to_owned(),
                policy => format!("past {}", visible(policy)),
            };
            self.line(&format!(
                "  {mark} {}  {}  ({policy}, on {})",
                visible(&way.who),
                visible(&way.what),
                visible(&way.integration)
            ));
            if !way.native.is_empty() {
                let through = self.paint(DIM, &format!("through {}", visible(&way.native)));
                self.line(&format!("      {through}"));
            }
        }
        self.left(ways.iter().skip(SHOWN).map(|way| way.count).sum());
        self.line("");
    }

    fn integration(&mut self, name: &str, part: &Integration) {
        let title = self.paint(BOLD, &visible(name));
        let count = |op: &str| part.changes.iter().filter(|change| change.op == op).count();
        let changes = if part.changes.is_empty() {
            "nothing to change".to_owned()
        } else {
            format!("{} to add, {} to replace, {} to remove", count("add"), count("replace"), count("remove"))
        };
        self.line(&format!(
            "{title} ({}): {changes}; {} as they should be, {} of others left alone",
            visible(&part.platform),
            part.unchanged,
            part.unmanaged
        ));
        for warning in warnings(part) {
            let word = self.paint(LOUD, "warning");
            self.line(&format!("  {word}: {warning}"));
        }
        for (kind, changes) in super::super::group(part.changes.iter().map(|each| (each.kind.as_str(), each)))
        {
            self.line(&format!("  {}", visible(&heading(kind))));
            self.changes(&changes);
        }
        if !part.blocked.is_empty() {
            let title = self.paint(LOUD, "blocked: something foreign holds the place");
            self.line(&format!("  {title}"));
            for each in part.blocked.iter().take(SHOWN) {
                let policies = self.policies(&each.policy);
                self.line(&format!("    ! {} {}{policies}", visible(&each.kind), visible(&each.id)));
                if !each.foreign.is_empty() {
                    let foreign = self.paint(DIM, &format!("there stands {}", short(&each.foreign)));
                    self.line(&format!("        {foreign}"));
                }
            }
            self.left(part.blocked.len().saturating_sub(SHOWN));
        }
        if !part.withheld.is_empty() {
            let title = self.paint(LOUD, "withheld: not made until what blocks them is gone");
            self.line(&format!("  {title}"));
            self.changes(&part.withheld.iter().collect::<Vec<_>>());
        }
        self.line("");
    }

    fn changes(&mut self, changes: &[&WireChange]) {
        let shown: Vec<_> = changes.iter().take(SHOWN).map(|each| (each, visible(&each.id))).collect();
        let width = shown.iter().map(|(_, id)| id.chars().count()).filter(|width| *width <= 60).max();
        for (change, id) in &shown {
            let style = match sign(&change.op) {
                '+' => ADD,
                '-' => REMOVE,
                _ => REPLACE,
            };
            let sign = self.paint(style, &sign(&change.op).to_string());
            let policies = self.policies(&change.policy);
            self.line(&format!("    {sign} {id:width$}{policies}", width = width.unwrap_or(0)));
        }
        self.left(changes.len().saturating_sub(SHOWN));
    }

    fn policies(&self, policies: &[String]) -> String {
        if policies.is_empty() {
            return String::new();
        }
        let names: Vec<&str> = policies.iter().map(String::as_str).collect();
        format!("  {}", self.paint(DIM, &visible(&told::some(&names, 4))))
    }

    fn effects(&mut self, title: &str, sentences: &[Sentence], sign: char, style: Style) {
        if sentences.is_empty() {
            return;
        }
        let title = self.paint(BOLD, title);
        self.line(&title);
        for each in sentences.iter().take(SHOWN) {
            let sign = self.paint(style, &sign.to_string());
            let detail = match each.detail.as_str() {
                "" => String::new(),
                detail => format!("  ({})", visible(detail)),
            };
            let on = match each.integration.as_str() {
                "" => String::new(),
                name => format!("  {}", self.paint(DIM, &visible(name))),
            };
            self.line(&format!("  {sign} {}  {}{detail}{on}", visible(&each.who), visible(&each.what)));
        }
        self.left(sentences.iter().skip(SHOWN).map(|each| each.count).sum());
        self.line("");
    }

    fn may_change(&mut self, plan: &Plan) {
        let list = &plan.effects.may_change;
        if list.is_empty() {
            return;
        }
        let title = self.paint(BOLD, "Rows or values may change for those whom these concern");
        self.line(&title);
        for each in list.iter().take(SHOWN) {
            let sign = self.paint(REPLACE, "~");
            let (policy, integration) = (visible(&each.policy), visible(&each.integration));
            let changes = counted(each.changes, "native change", "native changes");
            self.line(&format!("  {sign} {policy} on {integration}: {changes}"));
        }
        self.left(list.len().saturating_sub(SHOWN));
        self.line("");
    }

    fn gaps(&mut self, plan: &Plan) {
        if plan.gaps.is_empty() {
            return;
        }
        let title = self.paint(BOLD, "What the platforms cannot enforce as written (never wider)");
        self.line(&title);
        let groups = gap_groups(&plan.gaps);
        for gap in groups.iter().take(SHOWN) {
            let code = self.paint(REPLACE, &format!("[{}]", visible(&gap.code)));
            let times = if gap.count > 1 { format!(" ({} times)", gap.count) } else { String::new() };
            self.line(&format!("  {code} {}: {}{times}", visible(&gap.integration), visible(&gap.message)));
            let about: Vec<&str> = [&gap.policies, &gap.objects]
                .into_iter()
                .map(String::as_str)
                .filter(|x| !x.is_empty())
                .collect();
            if !about.is_empty() {
                let about = self.paint(DIM, &visible(&about.join(" on ")));
                self.line(&format!("      {about}"));
            }
        }
        self.left(groups.iter().skip(SHOWN).map(|gap| gap.count).sum());
        self.line("");
    }
}

/// A foreign body on one line, cut.
fn short(text: &str) -> String {
    let line = visible(text);
    let cut: String = line.chars().take(160).collect();
    if cut.len() < line.len() { format!("{cut}…") } else { cut }
}
