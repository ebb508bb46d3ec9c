//! Ways around a mask or filter.
//!
//! In: the classes and the locations of lake tables. Out: `mask-bypass` (opens): a user whom a mask or filter concerns on
//! a table may write that table (and so copy clear text out of it or over it), or may read a data source that holds the
//! table's files. Once per mask or filter and subscription that lets him, with the tables counted.
//! Views cannot be written, whatever a subscription says. Of several registered prefixes that cover a location, the
//! longest owns its keys.
//! Cost: protections × classes bitmap operations, one lookup per located table.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::facts::{AccessClass, ColumnClass, Facts};
use super::words::{counted, first_user};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ids::Id;
use crate::inventory::catalog::TableKind;
use crate::inventory::directory::{Access, UserSet};
use crate::inventory::{ColumnId, DataSourceId, IntegrationId, Securable, TableId};
use crate::ir::meaning::ReasonPolicy;
use crate::ir::{FilterId, MaskId, PolicyHead, PolicyKind, SubscriptionId};
use crate::prefix::PrefixMap;

/// The mask or filter to get around.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Policy {
    Mask(MaskId),
    Filter(FilterId),
}

/// Tables on which a policy concerns the same users.
struct Protection {
    policy: Policy,
    tables: RoaringBitmap,
    users: UserSet,
}

/// How a user gets around it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// He may write the table.
    Write,
    /// He may read its files.
    Files,
}

/// All that one subscription opens in one protection.
struct Bypass {
    tables: RoaringBitmap,
    users: UserSet,
    /// An example.
    table: TableId,
    /// Users of the example.
    shown: UserSet,
    /// The data sources of the example's class.
    data_sources: RoaringBitmap,
}

type Found = BTreeMap<(Policy, Way, SubscriptionId), Bypass>;

pub(super) fn run(facts: &Facts<'_>, diagnostics: &mut Diagnostics) {
    let protections = protections(facts);
    if protections.is_empty() {
        return;
    }
    let catalog = &facts.program.inventory.catalog;
    let mut found = Found::new();
    let writable = |table: &u32| match catalog.tables[TableId::from_raw(*table)].kind {
        TableKind::Table | TableKind::External => true,
        TableKind::View | TableKind::MaterializedView => false,
    };
    for class in facts.access.iter().filter(|class| class.access == Access::Write) {
        let tables: RoaringBitmap = class.members.tables.iter().filter(writable).collect();
        add(facts, &mut found, Way::Write, class, &tables, &protections);
    }
    let registered = registered(facts);
    let located = tables_by_files(facts, &registered, &protections);
    for (index, tables) in &located {
        if let Some(class) = facts.access.get(*index) {
            add(facts, &mut found, Way::Files, class, tables, &protections);
        }
    }
    for ((policy, way, giver), bypass) in found {
        let source = match way {
            Way::Write => None,
            Way::Files => holding(facts, &registered, bypass.table)
                .into_iter()
                .find(|id| bypass.data_sources.contains(id.raw())),
        };
        diagnostics.push(tell(facts, policy, source, giver, &bypass));
    }
}

/// What each mask and filter hides, and from whom; who never comes to see a mask is not among its users.
fn protections(facts: &Facts<'_>) -> Vec<Protection> {
    let mut list = Vec::new();
    for class in &facts.columns {
        let tables = tables_of(facts, class);
        let mut left = facts.meaning.everyone().clone();
        for each in &class.masks {
            let users = &left & &each.users;
            if facts.program.masks[each.mask].when.is_none() {
                left -= &each.users;
            }
            if !users.is_empty() {
                list.push(Protection { policy: Policy::Mask(each.mask), tables: tables.clone(), users });
            }
        }
    }
    for class in &facts.filters {
        for (filter, users) in &class.filters {
            let (tables, users) = (class.tables.clone(), users.clone());
            list.push(Protection { policy: Policy::Filter(*filter), tables, users });
        }
    }
    list
}

fn tables_of(facts: &Facts<'_>, class: &ColumnClass) -> RoaringBitmap {
    let columns = &facts.program.inventory.catalog.columns;
    class.columns.iter().map(|raw| columns[ColumnId::from_raw(raw)].table.raw()).collect()
}

/// For each class of readable data sources (by its place), the protected tables whose files it holds some of.
fn tables_by_files(
    facts: &Facts<'_>,
    registered: &Registered,
    protections: &[Protection],
) -> BTreeMap<usize, RoaringBitmap> {
    let mut class_of: BTreeMap<DataSourceId, usize> = BTreeMap::new();
    for (index, class) in facts.access.iter().enumerate().filter(|(_, class)| class.access == Access::Read) {
        class_of.extend(class.members.data_sources.iter().map(|raw| (DataSourceId::from_raw(raw), index)));
    }
    let protected = protections.iter().fold(RoaringBitmap::new(), |all, each| all | &each.tables);
    let mut found: BTreeMap<usize, RoaringBitmap> = BTreeMap::new();
    for table in protected.iter().map(TableId::from_raw) {
        for id in holding(facts, registered, table) {
            if let Some(index) = class_of.get(&id) {
                found.entry(*index).or_default().insert(table.raw());
            }
        }
    }
    found
}

type Registered = BTreeMap<IntegrationId, PrefixMap<Vec<DataSourceId>>>;

fn registered(facts: &Facts<'_>) -> Registered {
    let mut by_integration: BTreeMap<IntegrationId, Vec<_>> = BTreeMap::new();
    for (id, each) in facts.program.inventory.catalog.data_sources.iter() {
        by_integration.entry(each.integration).or_default().push((each.prefix.clone(), id));
    }
    by_integration
        .into_iter()
        .map(|(integration, entries)| (integration, PrefixMap::grouped(entries)))
        .collect()
}

/// The data sources to which keys of the table's location belong.
fn holding(facts: &Facts<'_>, registered: &Registered, table: TableId) -> Vec<DataSourceId> {
    let Some(location) = &facts.program.inventory.catalog.tables[table].location else { return Vec::new() };
    let mut ids: Vec<DataSourceId> = registered
        .values()
        .flat_map(|map| map.most_specific(location).into_iter().chain(map.inside(location)))
        .flat_map(|(_, ids)| ids.iter().copied())
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Adds what the users of a class can do to the given tables.
fn add(
    facts: &Facts<'_>,
    found: &mut Found,
    way: Way,
    class: &AccessClass,
    tables: &RoaringBitmap,
    protections: &[Protection],
) {
    if tables.is_empty() || class.may.is_empty() {
        return;
    }
    let reasons = facts.reasons(class);
    for protection in protections {
        if tables.is_disjoint(&protection.tables) {
            continue;
        }
        let users = &protection.users & &class.may;
        if users.is_empty() {
            continue;
        }
        let tables = tables & &protection.tables;
        let Some(table) = tables.min().map(TableId::from_raw) else { continue };
        // Everyone who may is let in by a subscription: the first by name that lets in any of them is shown.
        let giver = reasons.iter().find_map(|reason| match reason.policy {
            ReasonPolicy::Subscription(id, _) if !reason.holders.is_disjoint(&users) => {
                Some((id, &reason.holders & &users))
            }
            ReasonPolicy::Subscription(..) | ReasonPolicy::Guardrail(_) => None,
        });
        let Some((giver, shown)) = giver else { continue };
        let bypass = found.entry((protection.policy, way, giver)).or_insert_with(|| Bypass {
            tables: RoaringBitmap::new(),
            users: UserSet::new(),
            table,
            shown,
            data_sources: class.members.data_sources.clone(),
        });
        bypass.tables |= tables;
        bypass.users |= users;
    }
}

/// `source` holds the files of the example; without it, the way is writing.
fn tell(
    facts: &Facts<'_>,
    policy: Policy,
    source: Option<DataSourceId>,
    giver: SubscriptionId,
    bypass: &Bypass,
) -> Diagnostic {
    let program = facts.program;
    let (kind, head): (PolicyKind, &PolicyHead) = match policy {
        Policy::Mask(id) => (PolicyKind::Mask, &program.masks[id].head),
        Policy::Filter(id) => (PolicyKind::Filter, &program.filters[id].head),
    };
    let giver = &program.subscriptions[giver].head;
    let catalog = &program.inventory.catalog;
    let user = first_user(program, &bypass.shown);
    let table = catalog.shown_name(Securable::Table(bypass.table));
    let policy_words = format!("{} `{}`", kind.word(), head.name);
    let (message, given) = match source {
        Some(source) => {
            let source = catalog.shown_name(Securable::DataSource(source));
            (
                format!(
                    "`{user}` may read `{source}`, which holds the files of `{table}`, around {policy_words}"
                ),
                "gives the reading of the files",
            )
        }
        None => {
            (format!("`{user}` may write `{table}`, where {policy_words} concerns him"), "gives the writing")
        }
    };
    let mut diagnostic = Diagnostic::finding(Code::MaskBypass, message)
        .opens()
        .at(head.name_span, "can be got around")
        .at(giver.name_span, given)
        .policy(&head.name);
    if bypass.tables.len() > 1 || bypass.users.len() > 1 {
        let (users, tables) = (counted(bypass.users.len(), "user"), counted(bypass.tables.len(), "table"));
        diagnostic = diagnostic.note(format!("so it is for {users} and {tables}"));
    }
    let (narrow, leave_out) = match source {
        None => ("let only those write who see clear data", "`except` those who write"),
        Some(_) => ("let only those read the files who see clear data", "`except` those who read the files"),
    };
    diagnostic.help(narrow).help(format!("or {leave_out}, or accept the finding with a reason"))
}
