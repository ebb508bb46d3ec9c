//! users.csv, memberships.csv, nesting.csv, attributes.csv, accounts.csv, approvals.csv.

use super::approvals::{RawApproval, read_until};
use super::directory::{Draft, Nesting, Principal};
use super::directory_yaml::ACCESS;
use super::table::{self, Columns};
use super::{base_name, find_integration};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::files::Files;
use crate::source::Sources;

/// The tables of a directory folder.
pub(super) const TABLES: [&str; 6] =
    ["users.csv", "memberships.csv", "nesting.csv", "attributes.csv", "accounts.csv", "approvals.csv"];

const USERS: Columns = Columns { required: &["user"], blank: &[], optional: &[] };
const MEMBERSHIPS: Columns = Columns { required: &["user", "group"], blank: &[], optional: &[] };
const NESTING: Columns = Columns { required: &["group", "parent"], blank: &[], optional: &[] };
/// An empty value is a value, as in YAML; only its column must be there.
const ATTRIBUTES: Columns = Columns { required: &["user", "attribute"], blank: &["value"], optional: &[] };
const ACCOUNTS: Columns =
    Columns { required: &["principal", "integration", "account"], blank: &[], optional: &[] };
const APPROVALS: Columns = Columns {
    required: &["user", "object", "access"],
    blank: &[],
    optional: &["integration", "by", "until"],
};

/// Reads one table into the draft.
pub(super) fn read(
    name: &str,
    files: &Files,
    draft: &mut Draft<'_>,
    sources: &mut Sources,
    out: &mut Diagnostics,
) {
    match base_name(name) {
        "users.csv" => table::read(name, files, &USERS, sources, out, |row, out| {
            draft.declare_user(row.get(0), row.place, false, out);
        }),
        "memberships.csv" => table::read(name, files, &MEMBERSHIPS, sources, out, |row, _| {
            let user = draft.user(row.get(0));
            let group = draft.mention_group(row.get(1), row.place);
            draft.membership(user, group, row.place);
        }),
        "nesting.csv" => table::read(name, files, &NESTING, sources, out, |row, _| {
            let child = draft.mention_group(row.get(0), row.place);
            let parent = draft.mention_group(row.get(1), row.place);
            draft.nesting.push(Nesting { child, parent, place: row.place });
        }),
        "attributes.csv" => table::read(name, files, &ATTRIBUTES, sources, out, |row, _| {
            let user = draft.user(row.get(0));
            draft.attribute(user, row.get(1), row.get(2), row.place);
        }),
        "accounts.csv" => table::read(name, files, &ACCOUNTS, sources, out, |row, out| {
            if let Some(integration) = find_integration(row.get(1), row.place, draft.integrations, out) {
                draft.account(Principal::Either(row.get(0).to_owned()), integration, row.get(2), row.place);
            }
        }),
        _ => table::read(name, files, &APPROVALS, sources, out, |row, out| {
            let Some((_, access)) = ACCESS.iter().find(|(word, _)| *word == row.get(2)) else {
                out.error(
                    Diagnostic::error(Code::BadValue, format!("`access` cannot be `{}`", row.get(2)))
                        .at(row.place, "")
                        .help("write one of: read, write"),
                );
                return;
            };
            let integration = match row.optional(3) {
                Some(name) => match find_integration(name, row.place, draft.integrations, out) {
                    Some(id) => Some(id),
                    None => return,
                },
                None => None,
            };
            let until = match row.optional(5) {
                Some(text) => match read_until(text, row.place, out) {
                    Some(until) => Some(until),
                    None => return,
                },
                None => None,
            };
            draft.approvals.push(RawApproval {
                user: row.get(0).to_owned(),
                integration,
                object: row.get(1).to_owned(),
                access: *access,
                by: row.optional(4).map(str::to_owned),
                until,
                place: row.place,
            });
        }),
    }
}
