//! Who gains and who loses what, between two states.
//!
//! In: the facts before and after. Out: an effect per (user, securable, access).
//! What counts is what the platform's facts mean, through roles, inheritance and rules: not which statements run.
//! Cost: set operations per securable; users are named only where something differs.

use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use roaring::RoaringBitmap;

use super::Side;
use super::exposure::{self, Names};
use super::wire::{Effect, MayChange};
use crate::backend::{Change, Fact, FactKind, Op, Permits};
use crate::ids::Id;
use crate::inventory::accounts::Accounts;
use crate::inventory::directory::Access;
use crate::inventory::{Inventory, Securable, TableId};
use crate::ir::Program;

/// Gains and losses of one integration.
#[derive(Debug, Default)]
pub struct Effects {
    /// Who may or sees more.
    pub gains: Vec<Effect>,
    /// Who may or sees less.
    pub losses: Vec<Effect>,
}

/// Compares what two states mean.
pub fn of(program: &Program, side: &Side<'_>, before: &[Fact], after: &[Fact]) -> Effects {
    let inventory = &program.inventory;
    let (before, after) =
        (exposure::permits(inventory, side, before), exposure::permits(inventory, side, after));
    let compare = Compare {
        inventory,
        side,
        names: &Names::of(&[before.as_ref(), after.as_ref()]),
        before: before.as_ref(),
        after: after.as_ref(),
    };
    let parts: Vec<Effects> = exposure::securables(inventory, side)
        .into_par_iter()
        .map(|securable| compare.securable(securable))
        .collect();
    parts.into_iter().fold(Effects::default(), |mut all, part| {
        all.gains.extend(part.gains);
        all.losses.extend(part.losses);
        all
    })
}

/// The masks and filters whose native content changes in ways that sets of accounts do not show.
pub fn may_change(program: &Program, side: &Side<'_>, changes: &[Change]) -> Vec<MayChange> {
    let masks = program.masks.values().map(|mask| mask.head.name.as_str());
    let filters = program.filters.values().map(|filter| filter.head.name.as_str());
    let known: BTreeSet<&str> = masks.chain(filters).collect();
    let bears = |change: &&Change| match change.fact.key.kind {
        FactKind::Entitlement => true,
        FactKind::Function
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::MaskAttachment
        | FactKind::RowAttachment
        | FactKind::View
        | FactKind::Rule => change.op == Op::Replace,
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::AuthorizedView
        | FactKind::Grant
        | FactKind::Membership => false,
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for change in changes.iter().filter(bears) {
        let policies = side.symbols.text(change.fact.policies).split(", ");
        for policy in policies.filter(|policy| known.contains(policy)) {
            *counts.entry(policy).or_default() += 1;
        }
    }
    let integration = &program.inventory.integrations[side.integration].name;
    let told = |(policy, changes): (&str, usize)| MayChange {
        policy: policy.to_owned(),
        integration: integration.clone(),
        changes,
    };
    counts.into_iter().map(told).collect()
}

/// The people of an account: its users in the directory, or the account itself if it is nobody's there.
pub fn people(inventory: &Inventory, accounts: &Accounts, account: &str) -> Vec<String> {
    match accounts.find(account) {
        Some(id) => accounts.accounts[id]
            .users
            .iter()
            .map(|raw| inventory.directory.users[crate::inventory::UserId::from_raw(raw)].id.clone())
            .collect(),
        None => vec![account.to_owned()],
    }
}

#[derive(Default)]
struct Delta {
    access: bool,
    columns: Vec<String>,
    filters: Vec<String>,
}

type Deltas = BTreeMap<u32, Delta>;

struct Compare<'a> {
    inventory: &'a Inventory,
    side: &'a Side<'a>,
    names: &'a Names,
    before: &'a dyn Permits,
    after: &'a dyn Permits,
}

impl Compare<'_> {
    fn securable(&self, securable: Securable) -> Effects {
        let (gains, losses) = self.access(securable, Access::Write);
        let (read_gains, read_losses) = self.reading(securable);
        let mut effects = Effects::default();
        effects.gains.extend(self.told(securable, Access::Read, read_gains, true));
        effects.gains.extend(self.told(securable, Access::Write, gains, true));
        effects.losses.extend(self.told(securable, Access::Read, read_losses, false));
        effects.losses.extend(self.told(securable, Access::Write, losses, false));
        effects
    }

    /// Deltas of accounts as effects of people.
    fn told(&self, securable: Securable, access: Access, deltas: Deltas, gains: bool) -> Vec<Effect> {
        if deltas.is_empty() {
            return Vec::new();
        }
        let integration = &self.inventory.integrations[self.side.integration].name;
        let object = self.inventory.catalog.shown_name(securable);
        let mut effects = Vec::new();
        for (raw, delta) in deltas {
            for user in people(self.inventory, self.side.accounts, self.names.name(raw)) {
                effects.push(Effect {
                    user,
                    object: object.clone(),
                    integration: integration.clone(),
                    access: access.word().to_owned(),
                    access_changes: delta.access,
                    columns_clear: delta.columns.clone(),
                    filters_lifted: gains.then(|| delta.filters.clone()),
                    filters_added: (!gains).then(|| delta.filters.clone()),
                });
            }
        }
        effects
    }

    fn may(&self, securable: Securable, access: Access) -> (RoaringBitmap, RoaringBitmap) {
        let (before, after) = (self.before.may(securable, access), self.after.may(securable, access));
        (self.names.common(0, &before), self.names.common(1, &after))
    }

    fn access(&self, securable: Securable, access: Access) -> (Deltas, Deltas) {
        let (was, is) = self.may(securable, access);
        let deltas = |set: RoaringBitmap| {
            set.into_iter().map(|raw| (raw, Delta { access: true, ..Delta::default() })).collect()
        };
        (deltas(&is - &was), deltas(&was - &is))
    }

    fn reading(&self, securable: Securable) -> (Deltas, Deltas) {
        let (mut gains, mut losses) = self.access(securable, Access::Read);
        let Securable::Table(table) = securable else { return (gains, losses) };
        let (before, after) =
            (self.before.may(securable, Access::Read), self.after.may(securable, Access::Read));
        if before.is_empty() && after.is_empty() {
            return (gains, losses);
        }
        for column in &self.inventory.catalog.tables[table].columns {
            let name = &self.inventory.catalog.columns[*column].name;
            let was = exposure::clear(self.before, &before, *column);
            let is = exposure::clear(self.after, &after, *column);
            let (was_sometimes, is_sometimes) =
                (self.names.common(0, &was.sometimes), self.names.common(1, &is.sometimes));
            let (was_always, is_always) =
                (self.names.common(0, &was.always), self.names.common(1, &is.always));
            // From some rows to all of them is a gain too.
            for raw in (&is_sometimes - &was_sometimes) | (&is_always - &was_always) {
                gains.entry(raw).or_default().columns.push(name.clone());
            }
            for raw in (&was_sometimes - &is_sometimes) | (&was_always - &is_always) {
                losses.entry(raw).or_default().columns.push(name.clone());
            }
        }
        let both = self.names.common(0, &before) & self.names.common(1, &after);
        self.rows(table, &both, &mut gains, &mut losses);
        (gains, losses)
    }

    /// Filters lifted from, or added to, accounts that read before and after.
    fn rows(&self, table: TableId, both: &RoaringBitmap, gains: &mut Deltas, losses: &mut Deltas) {
        let (was, is) = (self.names.rows(0, self.before, table), self.names.rows(1, self.after, table));
        if was.is_empty() && is.is_empty() {
            return;
        }
        for raw in both {
            let (was, is) = (exposure::filters(&was, raw), exposure::filters(&is, raw));
            let only = |left: &BTreeSet<&str>, right: &BTreeSet<&str>| -> Vec<String> {
                left.difference(right).map(|name| (*name).to_owned()).collect()
            };
            let (lifted, added) = (only(&was, &is), only(&is, &was));
            if !lifted.is_empty() {
                gains.entry(raw).or_default().filters = lifted;
            }
            if !added.is_empty() {
                losses.entry(raw).or_default().filters = added;
            }
        }
    }
}
