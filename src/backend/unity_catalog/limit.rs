//! An account takes so many groups, and a user is in so many: past that the compile is an error that names the levers.
//!
//! 5,000 groups an account, 1,500 direct memberships a principal: docs.databricks.com/resources/limits (2026-11-23).

use std::collections::BTreeMap;

use super::abac::{self, TooMany};
use super::desired::Desired;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::ids::Id;
use crate::inventory::{AccountId, Integration};

const GROUPS: usize = 5_000;
const MEMBERSHIPS: u32 = 1_500;

/// What is taken; tests take less.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) groups: usize,
    pub(super) memberships: u32,
    /// Of policies that follow tags.
    pub(super) abac: abac::Limits,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { groups: GROUPS, memberships: MEMBERSHIPS, abac: abac::Limits::default() }
    }
}

impl Limits {
    /// Refuses more groups or memberships.
    pub(super) fn check(self, desired: &Desired<'_>, diagnostics: &mut Diagnostics) -> Result<(), Reported> {
        let settings = desired.lowering.settings();
        let (mut groups, mut memberships) = (0, BTreeMap::<u32, u32>::new());
        let mut by_policies: BTreeMap<String, usize> = BTreeMap::new();
        for (_, members, policies) in desired.groups() {
            groups += 1;
            *by_policies.entry(policies.iter().cloned().collect::<Vec<_>>().join(", ")).or_default() += 1;
            for member in members {
                *memberships.entry(member).or_default() += 1;
            }
        }
        let most =
            memberships.into_iter().max_by_key(|(account, count)| (*count, std::cmp::Reverse(*account)));
        let message = match most {
            _ if groups > self.groups => {
                format!(
                    "`{}` needs {groups} groups, and a Databricks account takes {}",
                    settings.name, self.groups
                )
            }
            Some((account, count)) if count > self.memberships => format!(
                "`{}` needs `{}` in {count} groups, and Databricks takes {} direct memberships of one principal",
                settings.name,
                desired.lowering.accounts.accounts[AccountId::from_raw(account)].name,
                self.memberships
            ),
            Some(_) | None => return Ok(()),
        };
        let mut error =
            Diagnostic::error(Code::PlatformLimit, message).at(settings.place, "this Databricks account");
        let mut biggest: Vec<(String, usize)> = by_policies.into_iter().collect();
        biggest.sort_by(|left, right| (right.1, &left.0).cmp(&(left.1, &right.0)));
        for (policies, count) in biggest.into_iter().take(5) {
            error = error.note(format!("{count} of them come from `{policies}`"));
        }
        Err(diagnostics.error(error.help(
            "conditions that read the securable (`approved`, `covers name`, `covers tags under`) make a group for each answer: select by tags and groups instead",
        ).help("say the same thing once: policies with the same selection and the same condition share a group")))
    }
}

/// Says what policies that follow tags would exceed.
pub(super) fn too_many(many: &TooMany, settings: &Integration, diagnostics: &mut Diagnostics) -> Reported {
    let name = &settings.name;
    let message = match many {
        TooMany::OnTable(table, most) => format!(
            "`{name}` needs more policies on `{}` than the {most} that Databricks takes on a table",
            table.join(".")
        ),
        TooMany::InAll(count, most) => {
            format!("`{name}` needs {count} policies, and a metastore takes {most}")
        }
        TooMany::Values(key, count, most) => {
            format!("`{name}` needs {count} values of the governed tag `{key}`, which takes {most}")
        }
    };
    diagnostics.error(
        Diagnostic::error(Code::PlatformLimit, message)
            .at(settings.place, "this Databricks account")
            .help("leave `enforcement: tags` out: masks and filters on tables and columns have no such limit")
            .help("say the same thing once: columns of one type and one mask share a policy"),
    )
}
