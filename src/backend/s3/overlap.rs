//! Who may be granted a data source natively: those who may it *and* every registered data source inside it.
//!
//! In: the meaning. Out: [`Entitlements`] per access, and a gap for each data source that somebody is refused.
//! Invariant: the users of an inner data source include those of every outer one, so that a grant on the outer, which AWS
//! lets reach all the way down, never gives more than the reference.
//! Cost: one set operation per pair of classes that nest, not per pair of data sources.

use std::collections::BTreeMap;

use crate::backend::class::Refused;
use crate::backend::{Class, Classes, Gap, GapCode, Lowering};
use crate::inventory::directory::{Access, UserSet};
use crate::inventory::{AccountSet, DataSourceId, Securable, UserId};
use crate::prefix::PrefixMap;

/// Those who may be granted some data sources, and why.
#[derive(Clone, Debug)]
pub(super) struct Entitled {
    /// Who.
    pub(super) users: UserSet,
    /// The accounts all of whose users may.
    pub(super) accounts: AccountSet,
    /// The first subscription.
    pub(super) subscription: String,
    /// Every subscription and guardrail that bears on it.
    pub(super) policies: Vec<String>,
}

/// The entitled of one access.
#[derive(Clone, Debug, Default)]
pub(super) struct Entitlements {
    /// Each once.
    pub(super) sets: Vec<Entitled>,
    /// The set of a data source; none where nobody may.
    pub(super) of: BTreeMap<DataSourceId, usize>,
}

impl Entitlements {
    /// The entitled of a data source.
    pub(super) fn get(&self, index: Option<usize>) -> Option<&Entitled> {
        self.sets.get(index?)
    }
}

/// Every registered data source, of whatever integration: a key is the same key for all of them.
pub(super) fn registered(lowering: &Lowering<'_>) -> PrefixMap<Vec<DataSourceId>> {
    let sources = lowering.inventory().catalog.data_sources.iter();
    PrefixMap::grouped(sources.map(|(id, source)| (source.prefix.clone(), id)))
}

/// A class of the data source itself, and for each class inside the first data source with it and how many.
type Nest = (usize, BTreeMap<Option<usize>, (DataSourceId, usize)>);

/// The entitled of every data source of the integration.
pub(super) fn entitlements(
    lowering: &Lowering<'_>,
    access: Access,
    registered: &PrefixMap<Vec<DataSourceId>>,
    gaps: &mut Vec<Gap>,
) -> Entitlements {
    let catalog = &lowering.inventory().catalog;
    let every = catalog.data_sources.ids().map(Securable::DataSource);
    let classes = Classes::of(lowering, access, every, &Refused::default()).classes;
    let class_of: BTreeMap<DataSourceId, usize> = classes
        .iter()
        .enumerate()
        .flat_map(|(index, class)| class.securables.iter().map(move |securable| (securable, index)))
        .filter_map(|(securable, index)| match securable {
            Securable::DataSource(id) => Some((*id, index)),
            Securable::Table(_) => None,
        })
        .collect();

    let mut known: BTreeMap<(usize, Vec<Option<usize>>), usize> = BTreeMap::new();
    let mut found = Entitlements::default();
    for outer in lowering.data_sources() {
        // Whose class no account is within gets nobody in; an inner one like that keeps everybody out.
        let Some(own) = class_of.get(&outer).copied() else { continue };
        let Some(class) = classes.get(own) else { continue };
        let (_, inner) = nest(outer, own, &catalog.data_sources[outer].prefix, registered, &class_of);
        let key = (own, inner.keys().copied().collect::<Vec<_>>());
        let users_of = |index: Option<usize>| {
            index.and_then(|index| classes.get(index)).map(|class| class.users.clone()).unwrap_or_default()
        };
        let index = *known.entry(key).or_insert_with(|| {
            let users = inner.keys().fold(class.users.clone(), |left, index| left & users_of(*index));
            found.sets.push(Entitled {
                accounts: lowering.accounts.within(&users),
                users,
                subscription: class.subscription.clone(),
                policies: class.policies.clone(),
            });
            found.sets.len() - 1
        });
        found.of.insert(outer, index);
        for (index, (first, count)) in &inner {
            let both = lowering.accounts.within(&(&class.users & users_of(*index)));
            let lost = lowering.accounts.users(&(&class.accounts - both)) - users_of(*index);
            if !lost.is_empty() {
                gaps.push(overlap(lowering, class, access, outer, (*first, *count), &lost));
            }
        }
    }
    found
}

fn nest(
    outer: DataSourceId,
    own: usize,
    prefix: &crate::prefix::Prefix,
    registered: &PrefixMap<Vec<DataSourceId>>,
    class_of: &BTreeMap<DataSourceId, usize>,
) -> Nest {
    let mut inner: BTreeMap<Option<usize>, (DataSourceId, usize)> = BTreeMap::new();
    for id in registered.inside(prefix).flat_map(|(_, ids)| ids).filter(|id| **id != outer) {
        let class = class_of.get(id).copied();
        if class != Some(own) {
            inner.entry(class).or_insert((*id, 0)).1 += 1;
        }
    }
    (own, inner)
}

fn overlap(
    lowering: &Lowering<'_>,
    class: &Class,
    access: Access,
    outer: DataSourceId,
    (inner, count): (DataSourceId, usize),
    lost: &UserSet,
) -> Gap {
    let shown = |id| lowering.inventory().catalog.shown_name(Securable::DataSource(id));
    let (outer, inner, verb) = (shown(outer), shown(inner), access.word());
    let more = if count > 1 { format!(" (and {} more like it)", count - 1) } else { String::new() };
    Gap {
        integration: lowering.settings().name.clone(),
        policy: class.subscription.clone(),
        code: GapCode::Overlap,
        message: format!(
            "{} may {verb} `{outer}` but not `{inner}`{more} inside it: AWS has no deny, so they cannot {verb} `{outer}` there",
            some_users(lowering, lost)
        ),
        object: outer,
    }
}

/// `` `alice`, `bob` and 3 more ``.
pub(super) fn some_users(lowering: &Lowering<'_>, users: &UserSet) -> String {
    let directory = &lowering.inventory().directory;
    let ids = users.iter().map(<UserId as crate::ids::Id>::from_raw);
    some(ids.map(|id| directory.users[id].id.clone()).take(4), users.len())
}

/// The first few of some names, and how many more there are.
pub(super) fn some(names: impl Iterator<Item = String>, count: u64) -> String {
    let names: Vec<String> = names.take(3).map(|name| format!("`{name}`")).collect();
    match count.saturating_sub(names.len() as u64) {
        0 => match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            Some(_) | None => names.join(""),
        },
        more => format!("{} and {more} more", names.join(", ")),
    }
}
