//! The platform takes so many grants: past that the compile is an error that names the levers.
//!
//! 100,000 grants in an instance, which lives in one account and region, so that they cannot be spread
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-limitations.html>, read 2026-11-23).
//! Of its 1,000 locations we register one.

use std::collections::BTreeMap;

use super::holders::Principals;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::inventory::Integration;
use crate::inventory::integration::{GrantMode, Strategy};

/// What AWS takes unless it has raised the quota.
const GRANTS: u64 = 100_000;

/// How many grants there would be.
pub(super) struct Tally {
    quota: u64,
    total: u64,
    /// By the names of the policies that they come from.
    by_policies: BTreeMap<String, u64>,
}

impl Tally {
    /// Nothing counted yet.
    pub(super) fn new(settings: &Integration) -> Tally {
        Tally { quota: settings.grants_quota.unwrap_or(GRANTS), total: 0, by_policies: BTreeMap::new() }
    }

    /// Counts grants.
    pub(super) fn add(&mut self, policies: &str, grants: u64) {
        self.total += grants;
        match self.by_policies.get_mut(policies) {
            Some(count) => *count += grants,
            None => {
                self.by_policies.insert(policies.to_owned(), grants);
            }
        }
    }

    /// Whether there are more than the quota.
    pub(super) fn is_full(&self) -> bool {
        self.total > self.quota
    }

    /// Refuses more grants than the integration's quota.
    pub(super) fn check(
        &self,
        settings: &Integration,
        principals: &Principals,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Reported> {
        if self.is_full() { Err(diagnostics.error(self.error(settings, principals))) } else { Ok(()) }
    }

    fn error(&self, settings: &Integration, principals: &Principals) -> Diagnostic {
        let Tally { quota, total, by_policies } = self;
        let mut error = Diagnostic::error(
            Code::PlatformLimit,
            format!("`{}` needs {} grants, and its instance takes {quota}", settings.name, total),
        )
        .at(settings.place, "this instance of S3 Access Grants");
        let mut biggest: Vec<(&String, &u64)> = by_policies.iter().collect();
        biggest.sort_by_key(|(policies, count)| (std::cmp::Reverse(**count), *policies));
        for (policies, count) in biggest.into_iter().take(5) {
            error = error.note(format!("{count} of them come from `{policies}`"));
        }
        let groups = settings.groups_trusted && settings.strategy != Strategy::Users;
        if !groups && principals.has_directory_users() {
            error = error
                .help("`grantc.groups: trusted` grants to groups of the directory instead of their members");
        } else if !groups {
            error = error.help(
            "give users and groups accounts of IAM Identity Center (UUIDs) and set `grantc.groups: trusted`: groups then hold the grants",
        );
        }
        if settings.mode == GrantMode::Exact {
            error = error.help("`grantc.mode: minimal` leaves out grants that wider ones already give");
        }
        error = error.help("`grantc.quotas.grants: N`, once AWS has raised the quota of the instance");
        error
    }
}
