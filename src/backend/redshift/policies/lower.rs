//! A program as policies on tables, entitlements, and roles that may read the tables.
//!
//! Invariant: whoever cannot be given a mask or filter does not get the table. Cost: columns of tables that are read, classes,
//! accounts.

use std::collections::{BTreeMap, BTreeSet};

use super::asking::Asking;
use super::body::PolicyBody;
use super::{masks, rows};
use crate::backend::body::{self, Asks};
use crate::backend::class::Refused;
use crate::backend::contract::{Lowered, Lowering};
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols, sort_by_text};
use crate::backend::gap::{Gap, GapCode};
use crate::backend::protection;
use crate::backend::redshift::native::{Home, fold, names};
use crate::backend::sql::Unsupported;
use crate::backend::views::{self, Drawn, ViewBody};
use crate::inventory::catalog::TableKind;
use crate::inventory::directory::Access;
use crate::inventory::{ColumnId, Securable, TableId};

/// A policy or an attachment that a table asks for.
pub(super) struct Wanted {
    pub(super) kind: FactKind,
    pub(super) object: String,
    pub(super) body: String,
    pub(super) policies: Vec<String>,
}

/// What a VARCHAR holds, less what stands round a body in the statement that is handed to our procedure:
/// docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html (2026-11-25).
const BODY_LIMIT: usize = 30_000;

/// Whether a body is short enough for our table and our procedure.
pub(super) fn fits(body: &PolicyBody) -> Result<(), Unsupported> {
    if body.text().len() <= BODY_LIMIT {
        return Ok(());
    }
    let why = format!("it makes a policy of more than {BODY_LIMIT} bytes; {ELSEWHERE}");
    Err(Unsupported(why))
}

/// What to do about most of what is refused here.
const ELSEWHERE: &str = "`enforcement: auto` holds it in a view";

/// The facts and gaps of a program.
pub(in super::super) fn lower(lowering: &Lowering<'_>, symbols: &mut Symbols) -> Lowered {
    let home = Home::of(lowering.inventory(), lowering.integration);
    let twins = twins(lowering, &home);
    let mut asking = Asking::new(lowering, &home);
    let mut refused = Refused::default();
    let mut wanted: BTreeMap<(FactKind, String), (String, BTreeSet<String>)> = BTreeMap::new();
    let mut tables = Vec::new();
    for table in lowering.tables() {
        let readers = lowering.meaning.may(Securable::Table(table), Access::Read);
        if lowering.accounts.within(&readers).is_empty() {
            continue;
        }
        let asked = match reachable(lowering, &home, &twins, table) {
            Ok(()) => protect(&mut asking, table, &mut refused),
            Err(why) => {
                refuse_everybody(&mut asking, table, &why, &mut refused);
                continue;
            }
        };
        if lowering.accounts.within(&(readers - refused.users(Securable::Table(table)))).is_empty() {
            continue;
        }
        for Wanted { kind, object, body, policies } in asked {
            let entry = wanted.entry((kind, object)).or_insert_with(|| (body, BTreeSet::new()));
            entry.1.extend(policies);
        }
        tables.push(stand_in(table));
    }
    let mut facts: Vec<Fact> = wanted
        .into_iter()
        .map(|((kind, object), (body, policies))| {
            let key = FactKey {
                kind,
                privilege: symbols.intern(""),
                object: symbols.intern(&object),
                grantee: symbols.intern(""),
            };
            let policies = policies.into_iter().collect::<Vec<_>>().join(", ");
            Fact { key, body: symbols.intern(&body), policies: symbols.intern(&policies) }
        })
        .collect();
    facts.extend(views::entitlement_facts(lowering, &home, &asking.entitlements, symbols));
    let grants = |table: &Drawn| {
        vec![
            (home.table_object(table.table), "SELECT", String::new()),
            (home.schema_of(table.table), "USAGE", String::new()),
        ]
    };
    let names = names(lowering.settings());
    facts.extend(views::role_facts(lowering, &tables, &refused, names, &grants, symbols));
    sort_by_text(&mut facts, symbols);
    let mut gaps: Vec<Gap> =
        asking.gaps.into_iter().chain(writing_is_refused(lowering)).map(advised).collect();
    gaps.sort();
    gaps.dedup();
    Lowered { facts, gaps }
}

/// Roles are made for views; here the table itself stands in the place of its view.
fn stand_in(table: TableId) -> Drawn {
    Drawn { table, path: Vec::new(), body: ViewBody::default(), policies: Vec::new() }
}

/// Tables that Redshift would take for one: names fold to lower case, quoted or not.
fn twins(lowering: &Lowering<'_>, home: &Home<'_>) -> BTreeSet<TableId> {
    let mut by_object: BTreeMap<String, Vec<TableId>> = BTreeMap::new();
    for table in lowering.tables() {
        by_object.entry(home.table_object(table)).or_default().push(table);
    }
    by_object.into_values().filter(|tables| tables.len() > 1).flatten().collect()
}

/// Whether grants and policies reach a table; `Err`: why they do not.
fn reachable(
    lowering: &Lowering<'_>,
    home: &Home<'_>,
    twins: &BTreeSet<TableId>,
    table: TableId,
) -> Result<(), String> {
    let catalog = &lowering.inventory().catalog;
    let columns =
        || catalog.tables[table].columns.iter().map(|column| catalog.columns[*column].name.as_str());
    let names = || catalog.path(table).into_iter().chain(columns());
    // GRANT and ATTACH speak of the connected database; the entitlements live there: r_GRANT.html, r_ATTACH_MASKING_POLICY.html.
    if fold(catalog.path(table)[0]) != home.database {
        return Err(format!(
            "`enforcement: native` reaches the tables of `config.database` (`{}`) alone; `enforcement: auto` reads others through views",
            home.database
        ));
    }
    // docs.aws.amazon.com/redshift/latest/dg/r_GRANT-usage-notes.html (2026-11-25): external tables open with their schema.
    if catalog.tables[table].kind == TableKind::External {
        return Err(format!("an external table is granted with its whole schema only; {ELSEWHERE}"));
    }
    if twins.contains(&table) {
        return Err("another table's name differs from its by case only, which Redshift folds".to_owned());
    }
    let mut folded = BTreeSet::new();
    if !columns().all(|name| folded.insert(fold(name))) {
        return Err("two of its columns differ by case only, which Redshift folds".to_owned());
    }
    // Names stand in bodies, in which the salt's place is filled, and in statements of which each stands on lines of its own.
    if let Some(name) = names().find(|name| name.contains("{salt}")) {
        return Err(format!("the name `{name}` looks like the salt's place"));
    }
    if names().any(|name| name.contains(char::is_control)) {
        return Err("a name has a line break or another control character".to_owned());
    }
    Ok(())
}

/// Asks for everything that stands on a table, and refuses it to those for whom it cannot stand.
fn protect(asking: &mut Asking<'_, '_>, table: TableId, refused: &mut Refused) -> Vec<Wanted> {
    let lowering = asking.lowering;
    let mut gaps = Vec::new();
    let mut protection = protection::of_table(lowering, table, refused, &mut gaps);
    asking.gaps.append(&mut gaps);
    if let Some(why) = unprotectable(lowering.inventory().catalog.tables[table].kind) {
        let why = format!("{why}; {ELSEWHERE}");
        body::refuse_whole(asking, &protection, (GapCode::RowsRefused, &why), refused);
        return Vec::new();
    }
    let masked: BTreeSet<ColumnId> = protection.columns.iter().map(|each| each.column).collect();
    let mut wanted = Vec::new();
    for column in &mut protection.columns {
        // Whether a policy's inputs come masked by other policies, no page says: such a `when` is not built upon.
        body::hide_conflicts(asking, column, &masked, refused);
        for last in [false, true] {
            match masks::lower(asking, column) {
                Ok(asked) => {
                    wanted.extend(asked);
                    break;
                }
                // What is left is hidden from those whom it concerns, and tried again.
                Err(failed) if !last => body::hide(asking, column, &failed, GapCode::RowsRefused, refused),
                // The column's type: nobody whom a mask concerns has the table then, nor who was only to see nothing of it.
                Err(failed) => {
                    let why = failed.first().map(|(_, why)| why.clone()).unwrap_or_default();
                    for (name, accounts) in body::by_mask(lowering, column) {
                        let why = (GapCode::RowsRefused, why.as_str());
                        body::refuse_table(asking, table, &name, &accounts, why, refused);
                    }
                }
            }
        }
    }
    let (asked, failed) = rows::lower(asking, table, &protection.filters);
    wanted.extend(asked);
    for (place, why) in failed {
        let Some(filter) = protection.filters.get(place) else { continue };
        let why = (GapCode::RowsRefused, why.as_str());
        body::refuse_filter(asking, table, filter.filter, &filter.concerned, why, refused);
    }
    wanted
}

/// Views take policies too, but what they show is already what the policies of the tables behind them leave to whoever asks:
/// docs.aws.amazon.com/redshift/latest/dg/t_rls_usage.html (2026-11-25). One mask over another, or a late-binding view under a
/// standard one, is not built upon.
fn unprotectable(kind: TableKind) -> Option<&'static str> {
    match kind {
        TableKind::Table => None,
        TableKind::View => Some("`enforcement: native` holds no masks and filters on views"),
        TableKind::MaterializedView => {
            Some("`enforcement: native` holds no masks and filters on materialized views")
        }
        TableKind::External => Some("external tables take no policies"),
    }
}

fn refuse_everybody(asking: &mut Asking<'_, '_>, table: TableId, why: &str, refused: &mut Refused) {
    let (lowering, securable) = (asking.lowering, Securable::Table(table));
    let shown = lowering.inventory().catalog.shown_name(securable);
    let on = lowering.meaning.active_subscriptions().iter().map(|id| &lowering.program.subscriptions[*id]);
    for policy in on.filter(|each| each.allow.contains(Access::Read) && each.on.contains(securable)) {
        let message = format!("{why}: nobody gets `{shown}`");
        asking.gap(&policy.head.name, GapCode::Unrepresentable, shown.clone(), message);
        refused.add(securable, lowering.meaning.everyone(), &policy.head.name);
    }
}

/// Rows are filtered for UPDATE and DELETE, but not for INSERT, and not under every lookup: t_rls_usage.html (2026-11-25).
fn writing_is_refused(lowering: &Lowering<'_>) -> Vec<Gap> {
    let message = "tables of Redshift are granted for reading only: nobody gets write";
    let refused = views::write_is_refused(lowering, "Redshift").into_iter();
    refused.map(|gap| Gap { message: message.to_owned(), ..gap }).collect()
}

/// What is refused here for the way in which policies read is held by views.
fn advised(gap: Gap) -> Gap {
    match gap.code {
        GapCode::MaskedInput => Gap { message: format!("{}; {ELSEWHERE}", gap.message), ..gap },
        GapCode::MethodNarrowed
        | GapCode::RowsRefused
        | GapCode::WriteRefused
        | GapCode::MaskedWriter
        | GapCode::Overlap
        | GapCode::SharedAccount
        | GapCode::Unrepresentable => gap,
    }
}
