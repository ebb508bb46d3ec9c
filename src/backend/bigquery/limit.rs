//! An IAM policy takes so many members: past that the compile is an error that names the levers.
//!
//! 1,500 members, and 250 groups among them: docs.cloud.google.com/iam/quotas (2026-11-25). They cannot be raised.

use crate::diagnostic::{Code, Diagnostic};
use crate::inventory::Integration;
use crate::inventory::integration::Strategy;

/// Members of an IAM policy.
const MEMBERS: usize = 1_500;
/// Groups among them.
const GROUPS: usize = 250;
/// Views in a dataset's access list: docs.cloud.google.com/bigquery/quotas#dataset_limits (2026-11-25).
pub(super) const AUTHORIZED_VIEWS: usize = 2_500;

/// What is wrong with granting something (`the view of …`) to so many; `None`: nothing.
pub(super) fn refused(
    settings: &Integration,
    what_is_granted: &str,
    policies: &str,
    grantees: &[&str],
) -> Option<Diagnostic> {
    let groups = grantees.iter().filter(|grantee| grantee.starts_with("GROUP ")).count();
    let (count, limit, what) = if grantees.len() > MEMBERS {
        (grantees.len(), MEMBERS, "members")
    } else if groups > GROUPS {
        (groups, GROUPS, "groups")
    } else {
        return None;
    };
    let message =
        format!("{what_is_granted} needs {count} {what} in its IAM policy, and BigQuery takes {limit}");
    let error = Diagnostic::error(Code::PlatformLimit, message)
        .at(settings.place, "this integration")
        .note(format!("they come from `{policies}`"));
    let by_groups = settings.groups_trusted && settings.strategy != Strategy::Users;
    Some(if what == "groups" {
        error.help(
            "give the larger groups accounts that hold for all of them: a Google group may contain others",
        )
    } else if by_groups {
        error.help(
            "give more groups of the directory an account (`group:…`): a group all of whose members may read stands for them",
        )
    } else {
        error.help(
            "give groups of the directory accounts (`group:…`) and set `grantc.groups: trusted`: groups then hold for their members",
        )
    })
}
