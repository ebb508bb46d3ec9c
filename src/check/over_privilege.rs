//! Writing for everyone.
//!
//! In: the classes for writing. Out: `over-privilege`: a subscription that lets any user of the directory, of today and
//! of tomorrow, write, and that no guardrail or other subscription narrows.
//! Cost: one walk per condition; per such subscription, its classes.

use super::facts::Facts;
use super::words::counted;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::SecurableSet;
use crate::inventory::directory::Access;

pub(super) fn run(facts: &Facts<'_>, diagnostics: &mut Diagnostics) {
    let everyone = facts.meaning.everyone();
    for id in facts.meaning.active_subscriptions() {
        let each = &facts.program.subscriptions[*id];
        if !facts.is_always(each.to) {
            continue;
        }
        let mut open = SecurableSet::default();
        for class in facts.classes_of(*id) {
            if class.access == Access::Write && class.may == *everyone && !everyone.is_empty() {
                open.tables |= &class.members.tables;
                open.data_sources |= &class.members.data_sources;
            }
        }
        if let Some(example) = open.iter().next() {
            let object = facts.program.inventory.catalog.shown_name(example);
            let count = counted(open.tables.len() + open.data_sources.len(), "securable");
            diagnostics.push(
                Diagnostic::finding(
                    Code::OverPrivilege,
                    format!("subscription `{}` lets every user write `{object}`", each.head.name),
                )
                .at(each.head.name_span, format!("{count} may be changed by anybody in the directory"))
                .help("name the groups that write, or allow only `read`")
                .policy(&each.head.name),
            );
        }
    }
}
