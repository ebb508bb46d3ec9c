//! Program → locations and grants.
//!
//! In: the meaning, the accounts, the registered data sources. Out: one base location, and per holder one grant for each
//! data source (`mode: exact`) or the fewest that permit the same (`mode: minimal`).
//! Invariant: nothing is granted to a holder that all of its users may not have, keys of inner data sources included.
//! Cost: data sources with the same entitled share one set of holders; holders with the same data sources share one list of
//! scopes. Grants are counted before they are made.

use std::collections::BTreeMap;

use super::grantee::is_role;
use super::holders::{Holder, Principals};
use super::limit::Tally;
use super::location::{Site, Unsayable};
use super::native::{Grant, location_fact};
use super::overlap::{Entitled, Entitlements, entitlements, registered, some};
use crate::backend::fact::sort_by_text;
use crate::backend::{Gap, GapCode, Lowered, Lowering, Symbols};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::inventory::directory::Access;
use crate::inventory::integration::GrantMode;
use crate::inventory::{AccountId, DataSourceId, Securable};
use crate::prefix::{Permission, Prefix, minimal_grants};

/// See the module.
pub(super) fn lower(
    lowering: &Lowering<'_>,
    symbols: &mut Symbols,
    diagnostics: &mut Diagnostics,
) -> Result<Lowered, Reported> {
    let settings = lowering.settings();
    let site = match Site::read(settings) {
        Ok(site) => site,
        Err((path, error)) => {
            let wrong = Diagnostic::error(
                Code::BadValue,
                format!("`config.awsLocationPath` of `{}` cannot be a location: `{path}`", settings.name),
            );
            return Err(diagnostics.error(
                wrong.at(settings.place, error.message()).help("write `s3://`, or `s3://bucket/prefix/`"),
            ));
        }
    };
    if let Some(role) = site.role.as_deref().filter(|role| !is_role(role)) {
        let wrong = format!(
            "`config.awsLocationRole` of `{}` is no IAM role: `{}`",
            settings.name,
            role.escape_debug()
        );
        return Err(diagnostics.error(
            Diagnostic::error(Code::BadValue, wrong)
                .at(
                    settings.place,
                    "a location's role is an ARN of letters, digits and `_+=,.@-` behind `:role/` and a path",
                )
                .help("write the role that AWS shows, `arn:aws:iam::123456789012:role/access-grants`"),
        ));
    }
    let mut gaps = Vec::new();
    let plots = Plots::of(lowering, &site, &mut gaps);
    let mut tally = Tally::new(settings);
    let bundles = plots.bundles(lowering, &mut tally);
    tally.check(settings, &plots.principals, diagnostics)?;

    let mut facts = Vec::new();
    if let Some(role) = &site.role
        && lowering.data_sources().next().is_some()
    {
        facts.push(location_fact(&site.base.to_string(), role, symbols));
    }
    for bundle in &bundles {
        for (scope, permission, policies) in &bundle.grants {
            let policies = symbols.intern(policies);
            for grantee in bundle.holders.iter().filter_map(|holder| plots.principals.grantee(*holder)) {
                let grant = Grant {
                    permission: *permission,
                    scope: scope.clone(),
                    grantee: grantee.clone(),
                    application: None,
                    location: site.base.clone(),
                };
                facts.push(grant.fact(&site.base, policies, symbols));
            }
        }
    }
    sort_by_text(&mut facts, symbols);
    gaps.sort();
    gaps.dedup();
    Ok(Lowered { facts, gaps })
}

/// Who is entitled to read, and to write: places among the sets of [`Entitlements`].
type Plot = (Option<usize>, Option<usize>);

/// Data sources by who is entitled to them.
struct Plots {
    read: Entitlements,
    write: Entitlements,
    /// The data sources of each.
    plots: BTreeMap<Plot, Vec<DataSourceId>>,
    /// Who can hold grants.
    principals: Principals,
}

/// Holders that are granted the same, and what.
struct Bundle {
    /// Who.
    holders: Vec<Holder>,
    /// Scope, permission, and the names of the policies that it comes from.
    grants: Vec<(Prefix, Permission, String)>,
}

/// For each holder, what it is granted on which plot.
type Shares = BTreeMap<Holder, Vec<(usize, Permission)>>;

impl Plots {
    fn of(lowering: &Lowering<'_>, site: &Site, gaps: &mut Vec<Gap>) -> Plots {
        let registered = registered(lowering);
        let read = entitlements(lowering, Access::Read, &registered, gaps);
        let write = entitlements(lowering, Access::Write, &registered, gaps);
        let principals = Principals::of(lowering);
        let mut plots: BTreeMap<_, Vec<DataSourceId>> = BTreeMap::new();
        for id in lowering.data_sources() {
            let at = (read.of.get(&id).copied(), write.of.get(&id).copied());
            let entitled = [read.get(at.0), write.get(at.1)];
            if entitled.iter().flatten().all(|each| each.accounts.is_empty()) {
                continue;
            }
            let object = &lowering.inventory().catalog.data_sources[id].prefix;
            if let Err(unsayable) = site.base.subprefix(object) {
                gaps.extend(entitled.into_iter().flatten().map(|each| {
                    let reason = why(unsayable, site);
                    gap(lowering, id, each, format!("nobody gets `{object}` there: {reason}"))
                }));
                continue;
            }
            for each in entitled.into_iter().flatten() {
                let without = principals.without_grantee(&each.accounts);
                if !without.is_empty() {
                    let names = without.iter().map(|raw| {
                        lowering.accounts.accounts[<AccountId as crate::ids::Id>::from_raw(raw)].name.clone()
                    });
                    let names = some(names, without.len());
                    gaps.push(gap(lowering, id, each, format!("not granted to {names}: a grantee is the ARN of an IAM user or role, or the UUID, in lower case, of a directory user")));
                }
            }
            plots.entry(at).or_default().push(id);
        }
        Plots { read, write, plots, principals }
    }

    fn shares(&self) -> Shares {
        let mut shares = Shares::new();
        for (index, (read, write)) in self.plots.keys().enumerate() {
            let held = self.principals.holders(self.read.get(*read), self.write.get(*write));
            for (holder, permission) in held {
                shares.entry(holder).or_default().push((index, permission));
            }
        }
        shares
    }

    /// Holders with equal shares get equal grants. Past the quota they are counted, not made.
    fn bundles(&self, lowering: &Lowering<'_>, tally: &mut Tally) -> Vec<Bundle> {
        let shares = self.shares();
        let mut alike: BTreeMap<&[(usize, Permission)], Vec<Holder>> = BTreeMap::new();
        for (holder, share) in &shares {
            alike.entry(share).or_default().push(*holder);
        }
        let plots: Vec<(&Plot, &Vec<DataSourceId>)> = self.plots.iter().collect();
        let mut bundles = Vec::new();
        for (share, holders) in alike {
            let share: Vec<Share<'_>> = share
                .iter()
                .filter_map(|(index, permission)| {
                    let ((read, write), ids) = plots.get(*index)?;
                    let policies = policies(*permission, self.read.get(*read), self.write.get(*write));
                    Some(Share { permission: *permission, policies, ids })
                })
                .collect();
            let width = holders.len() as u64;
            match lowering.settings().mode {
                GrantMode::Exact => {
                    for each in &share {
                        tally.add(&each.policies, width * each.ids.len() as u64);
                    }
                    if !tally.is_full() {
                        bundles.push(Bundle { holders, grants: exact(lowering, &share) });
                    }
                }
                GrantMode::Minimal => {
                    let grants = minimal(lowering, &share);
                    for (_, _, policies) in &grants {
                        tally.add(policies, width);
                    }
                    if !tally.is_full() {
                        bundles.push(Bundle { holders, grants });
                    }
                }
            }
        }
        bundles
    }
}

/// Data sources on which some holders are granted the same.
struct Share<'a> {
    permission: Permission,
    policies: String,
    ids: &'a [DataSourceId],
}

/// One grant for each data source.
fn exact(lowering: &Lowering<'_>, share: &[Share<'_>]) -> Vec<(Prefix, Permission, String)> {
    let prefix = |id: &DataSourceId| lowering.inventory().catalog.data_sources[*id].prefix.clone();
    share
        .iter()
        .flat_map(|each| each.ids.iter().map(move |id| (id, each)))
        .map(|(id, each)| (prefix(id), each.permission, each.policies.clone()))
        .collect()
}

/// The fewest grants that permit the same; each keeps the policies of its own data source.
fn minimal(lowering: &Lowering<'_>, share: &[Share<'_>]) -> Vec<(Prefix, Permission, String)> {
    let all = exact(lowering, share);
    let fewest =
        minimal_grants(all.iter().map(|(prefix, permission, _)| (prefix.clone(), *permission)).collect());
    let policies: BTreeMap<&Prefix, &String> =
        all.iter().map(|(prefix, _, policies)| (prefix, policies)).collect();
    fewest
        .into_iter()
        .map(|(prefix, permission)| {
            let policies = policies.get(&prefix).map(|names| (*names).clone()).unwrap_or_default();
            (prefix, permission, policies)
        })
        .collect()
}

/// The policies behind a permission, subscriptions before guardrails of each access.
fn policies(permission: Permission, read: Option<&Entitled>, write: Option<&Entitled>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for (entitled, part) in [(read, Permission::Read), (write, Permission::Write)] {
        if permission.covers(part) {
            names.extend(entitled.iter().flat_map(|each| &each.policies).map(String::as_str));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    names.join(", ")
}

fn gap(lowering: &Lowering<'_>, id: DataSourceId, entitled: &Entitled, message: String) -> Gap {
    Gap {
        integration: lowering.settings().name.clone(),
        policy: entitled.subscription.clone(),
        code: GapCode::Unrepresentable,
        object: lowering.inventory().catalog.shown_name(Securable::DataSource(id)),
        message,
    }
}

fn why(unsayable: Unsayable, site: &Site) -> String {
    let base = &site.base;
    match unsayable {
        Unsayable::Outside => format!(
            "it is not inside the location `{base}`; set `config.awsLocationPath` to one that covers it, or to `s3://`"
        ),
        Unsayable::Joint => format!(
            "how AWS joins it to the location `{base}` is not documented; set `config.awsLocationPath` to `s3://`"
        ),
    }
}
