//! Approvals, once directory and catalog are known.
//!
//! In: names. Out: [`Approval`]s in the order of (user, securable, access, …). An approval of an unknown user or
//! object is a finding and gives nothing; one of a leaver gives nothing; one whose name fits several securables is
//! an error, for nobody can say which was meant.

use std::collections::{BTreeSet, HashMap};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::directory::Access;
use crate::inventory::{Approval, Instant, IntegrationId, Inventory, Securable};
use crate::source::{Place, Sources};

/// Approvals of unknown objects are compared with the names of no larger a catalog: each costs a pass over them.
const FEW_ENOUGH_TO_COMPARE: usize = 10_000;

/// An approval as written.
pub(super) struct RawApproval {
    pub(super) user: String,
    pub(super) integration: Option<IntegrationId>,
    pub(super) object: String,
    pub(super) access: Access,
    pub(super) by: Option<String>,
    pub(super) until: Option<Instant>,
    pub(super) place: Place,
}

/// Reads `until`.
pub(super) fn read_until(text: &str, place: Place, out: &mut Diagnostics) -> Option<Instant> {
    let until = Instant::parse(text);
    if until.is_none() {
        out.error(
            Diagnostic::error(Code::BadValue, format!("`{text}` is not a date"))
                .at(place, "")
                .help("write a date `2026-12-31` (00:00 UTC of that day is the first instant without) or an RFC 3339 instant"),
        );
    }
    until
}

/// Resolves the names.
pub(super) fn resolve(
    raw: Vec<RawApproval>,
    inventory: &Inventory,
    sources: &Sources,
    out: &mut Diagnostics,
) -> Vec<Approval> {
    if raw.is_empty() {
        return Vec::new();
    }
    let catalog = &inventory.catalog;
    let mut by_name: HashMap<String, Vec<Securable>> = HashMap::new();
    for securable in catalog.securables() {
        by_name.entry(catalog.dotted_name(securable)).or_default().push(securable);
    }
    let shown = |securable: &Securable| {
        let integration = &inventory.integrations[catalog.integration(*securable)].name;
        format!("{integration}:{}", catalog.shown_name(*securable))
    };
    // A project too large to compare gets no suggestions.
    let known: BTreeSet<String> =
        if catalog.tables.len() + catalog.data_sources.len() <= FEW_ENOUGH_TO_COMPARE {
            catalog.securables().map(|securable| catalog.dotted_name(securable)).collect()
        } else {
            BTreeSet::new()
        };
    let mut approvals = Vec::with_capacity(raw.len());
    for each in raw {
        let mut fitting = by_name.get(&each.object).cloned().unwrap_or_default();
        fitting.retain(|securable| each.integration.is_none_or(|id| id == catalog.integration(*securable)));
        let user = inventory.directory.user(&each.user);
        let leaver = inventory.directory.leavers.contains(&each.user);
        if user.is_none() && !leaver {
            out.push(
                Diagnostic::finding(
                    Code::UnknownApproval,
                    format!("an approval of unknown user `{}`", each.user),
                )
                .at(each.place, "gives nothing")
                .help("list the user in the directory, or remove the approval"),
            );
        }
        match (fitting.as_slice(), user) {
            ([], _) => out.push(
                Diagnostic::finding(
                    Code::UnknownApproval,
                    format!("an approval of unknown object `{}`", each.object),
                )
                .at(each.place, "gives nothing")
                .did_you_mean(&each.object, known.iter().map(String::as_str))
                .note("names are compared exactly, as the platform stores them, with dots between")
                .help("describe it in the catalog, or remove the approval"),
            ),
            ([securable], Some(user)) => approvals.push(Approval {
                user,
                securable: *securable,
                access: each.access,
                by: each.by,
                until: each.until,
                place: each.place,
            }),
            ([_], None) => {}
            (several, _) => {
                let names: Vec<String> = several.iter().map(shown).collect();
                out.error(
                    Diagnostic::error(
                        Code::AmbiguousObject,
                        format!("`{}` fits several securables", each.object),
                    )
                    .at(each.place, "which one?")
                    .note(format!("it fits {}", names.join(", ")))
                    .help("add `integration: NAME`"),
                );
            }
        }
    }
    approvals.sort_by(|left, right| {
        let key = |each: &Approval| (each.user, each.securable, each.access);
        let rest = |each: &Approval| (each.by.clone(), each.until);
        let place = |each: &Approval| (sources.name(each.place), sources.line(each.place));
        key(left)
            .cmp(&key(right))
            .then_with(|| rest(left).cmp(&rest(right)))
            .then_with(|| place(left).cmp(&place(right)))
    });
    approvals
}
