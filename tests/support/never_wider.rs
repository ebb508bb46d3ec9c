//! Law 1: what facts permit is the reference, or less where a gap says so.
//!
//! A gap excuses only what it is about: an account that is refused must be one that the gap's policy concerns.

use std::collections::BTreeSet;

use grantc::backend::{Fact, Gap, GapCode, Permits, RowsSeen, Seen, Support};
use grantc::ids::Id;
use grantc::inventory::accounts::Account;
use grantc::inventory::catalog::TableKind;
use grantc::inventory::directory::{Access, UserSet};
use grantc::inventory::{AccountId, ColumnId, Securable, TableId, UserId};
use grantc::ir::{MaskChoice, Method, Subject};

use super::case::{Case, names};

/// Access, columns and rows of every securable.
pub fn holds(case: &Case<'_>) {
    let permits = case.permits(&case.facts);
    for securable in case.securables() {
        for access in Access::ALL {
            access_is_the_references(case, permits.as_ref(), securable, access);
            ways_are_those_of_who_may(case, permits.as_ref(), securable, access);
        }
        if let Securable::Table(table) = securable {
            for column in &case.inventory().catalog.tables[table].columns {
                column_is_seen_as_the_reference_says(case, permits.as_ref(), table, *column);
            }
            rows_are_filtered_as_the_reference_says(case, permits.as_ref(), table);
        }
    }
}

fn access_is_the_references(case: &Case<'_>, permits: &dyn Permits, securable: Securable, access: Access) {
    let wanted = case.meaning.may(securable, access);
    let may = names(permits, &permits.may(securable, access));
    for name in &may {
        let users = case.accounts.find(name).map(|id| &case.accounts.accounts[id].users);
        assert!(
            users.is_some_and(|users| users.is_subset(&wanted)),
            "wider: {}: account {name:?} may {} {} through {:?}",
            case.name(),
            access.word(),
            case.shown(securable),
            permits.through(name, securable, access)
        );
    }
    for raw in case.accounts.within(&wanted) {
        let account = &case.accounts.accounts[AccountId::from_raw(raw)];
        assert!(
            may.contains(&account.name) || excused(case, securable, access, account),
            "narrower without a gap: {}: account {:?} may not {} {}; gaps: {:#?}",
            case.name(),
            account.name,
            access.word(),
            case.shown(securable),
            case.gaps
        );
    }
}

/// Who may is told through what, in words of the facts.
fn ways_are_those_of_who_may(case: &Case<'_>, permits: &dyn Permits, securable: Securable, access: Access) {
    let may = names(permits, &permits.may(securable, access));
    for name in &may {
        let ways = permits.through(name, securable, access);
        let shown =
            || format!("{}: {name:?}, {} {}: {ways:?}", case.name(), access.word(), case.shown(securable));
        assert!(!ways.is_empty(), "no way: {}", shown());
        // Each platform shows names in its own quotes.
        let plain = |text: &str| -> String { text.chars().filter(|each| each.is_alphanumeric()).collect() };
        for way in ways.iter().map(|way| plain(way)) {
            let part = |text: String| !text.is_empty() && way.contains(&text);
            let named = |fact: &Fact| {
                [fact.key.object, fact.key.grantee]
                    .into_iter()
                    .any(|each| part(plain(case.symbols.text(each))))
            };
            assert!(case.facts.iter().any(named), "no fact is named: {}", shown());
        }
    }
}

/// Whether some gap says that the account does not get the access.
pub fn excused(case: &Case<'_>, securable: Securable, access: Access, account: &Account) -> bool {
    case.gaps.iter().any(|gap| refuses(case, gap, securable, access, account))
}

/// Whether a gap says that the account does not get the access.
fn refuses(case: &Case<'_>, gap: &Gap, securable: Securable, access: Access, account: &Account) -> bool {
    let object = case.shown(securable);
    let about = gap.object == object || gap.object.starts_with(&format!("{object}."));
    match gap.code {
        GapCode::MethodNarrowed => false,
        GapCode::RowsRefused | GapCode::MaskedInput => about && is_protected(case, gap, securable, account),
        GapCode::SharedAccount => about && account.users.len() > 1,
        GapCode::WriteRefused => {
            about
                && access == Access::Write
                && (is_read_only(case, securable) || !reads_too(case, securable, account))
        }
        GapCode::MaskedWriter => {
            about && access == Access::Write && concerned_by_any(case, securable, &account.users)
        }
        GapCode::Overlap => about && lacks_something_inside(case, securable, access, &account.users),
        GapCode::Unrepresentable => about || gap.object == account.name,
    }
}

/// Whether the account may read what it may write; some platforms write for nobody else.
fn reads_too(case: &Case<'_>, securable: Securable, account: &Account) -> bool {
    account.users.is_subset(&case.meaning.may(securable, Access::Read))
}

/// Whether the platform says that it does not write to such a thing.
fn is_read_only(case: &Case<'_>, securable: Securable) -> bool {
    let can = case.backend.capabilities();
    match securable {
        Securable::Table(table) => match case.inventory().catalog.tables[table].kind {
            TableKind::Table => matches!(can.write_tables, Support::Refused(_)),
            TableKind::View | TableKind::MaterializedView | TableKind::External => true,
        },
        Securable::DataSource(_) => false,
    }
}

/// Whether the mask or filter that a gap names concerns a user of the account on the table.
fn is_protected(case: &Case<'_>, gap: &Gap, securable: Securable, account: &Account) -> bool {
    let Securable::Table(table) = securable else { return false };
    let program = case.program;
    let columns = &case.inventory().catalog.tables[table].columns;
    let masked = columns.iter().any(|column| {
        let on = case.meaning.masks_on(*column);
        on.iter().any(|each| {
            program.masks[each.mask].head.name == gap.policy && !each.users.is_disjoint(&account.users)
        })
    });
    let filters = case.meaning.filters_on(table);
    let filtered = filters.iter().any(|(id, users)| {
        program.filters[*id].head.name == gap.policy && !users.is_disjoint(&account.users)
    });
    masked || filtered
}

fn concerned_by_any(case: &Case<'_>, securable: Securable, users: &UserSet) -> bool {
    let Securable::Table(table) = securable else { return false };
    let columns = &case.inventory().catalog.tables[table].columns;
    columns.iter().any(|column| case.meaning.masks_on(*column).iter().any(|on| !on.users.is_disjoint(users)))
        || case.meaning.filters_on(table).iter().any(|(_, on)| !on.is_disjoint(users))
}

fn lacks_something_inside(case: &Case<'_>, outer: Securable, access: Access, users: &UserSet) -> bool {
    let Securable::DataSource(outer) = outer else { return false };
    let sources = &case.inventory().catalog.data_sources;
    sources.iter().any(|(id, inner)| {
        id != outer
            && sources[outer].prefix.covers(&inner.prefix)
            && !users.is_subset(&case.meaning.may(Securable::DataSource(id), access))
    })
}

fn column_is_seen_as_the_reference_says(
    case: &Case<'_>,
    permits: &dyn Permits,
    table: TableId,
    column: ColumnId,
) {
    let columns = permits.columns(column);
    let shown = case.inventory().catalog.shown_column(column);
    for raw in permits.may(Securable::Table(table), Access::Read) {
        let name = &permits.accounts()[raw as usize];
        let Some(id) = case.accounts.find(name) else { continue };
        let users = &case.accounts.accounts[id].users;
        let seen: Vec<Seen> =
            columns.iter().filter(|(_, set)| set.contains(raw)).map(|(seen, _)| *seen).collect();
        assert!(seen.len() <= 1, "{}: {name:?} sees {shown} in several ways: {seen:?}", case.name());
        let seen = seen.first().copied().unwrap_or(Seen::Clear);
        let choices: Vec<_> =
            users.iter().map(|user| case.meaning.mask_of(UserId::from_raw(user), column)).collect();
        let custom = choices.iter().flat_map(|choice| choice.when.iter().chain(&choice.mask)).any(|mask| {
            // Only the platform knows what it shows, so only that it is not left out can be asked.
            matches!(case.program.masks[*mask].method, Method::Custom(_))
        });
        // A `when` that the user alone settles masks every row, or none.
        let choices: Vec<_> = users
            .iter()
            .zip(choices)
            .map(|(user, choice)| settled(case, choice, subject(table, Some(column)), user))
            .collect();
        let always = choices.iter().any(|choice| choice.mask.is_some());
        let expected: &[Seen] = if choices.iter().all(|choice| choice.is_clear()) {
            &[Seen::Clear]
        } else if always && !custom {
            &[Seen::Masked]
        } else {
            &[Seen::Masked, Seen::Sometimes]
        };
        // An account of several users who are masked differently may see null where `when` would spare them all: it is told.
        let told = |gap: &Gap| {
            gap.code == GapCode::SharedAccount
                && gap.object == shown
                && gap.message.contains(&format!("`{name}`"))
        };
        if seen == Seen::Masked && users.len() > 1 && case.gaps.iter().any(told) {
            continue;
        }
        assert!(
            expected.contains(&seen),
            "{}: {name:?} sees {shown} {seen:?}, and the reference says {expected:?}: {choices:?}; gaps {:?}",
            case.name(),
            case.gaps.iter().filter(|gap| gap.object == shown).collect::<Vec<_>>()
        );
    }
}

fn rows_are_filtered_as_the_reference_says(case: &Case<'_>, permits: &dyn Permits, table: TableId) {
    let rows = permits.rows(table);
    let filters = case.meaning.filters_on(table);
    for raw in permits.may(Securable::Table(table), Access::Read) {
        let name = &permits.accounts()[raw as usize];
        let Some(id) = case.accounts.find(name) else { continue };
        let users = &case.accounts.accounts[id].users;
        let stands: BTreeSet<String> = rows
            .iter()
            .filter(|(_, set)| set.contains(raw))
            .flat_map(|(seen, _)| match seen {
                RowsSeen::All => Vec::new(),
                RowsSeen::Filtered(names) => names.clone(),
            })
            .collect();
        let concerns = |on: &UserSet| !on.is_disjoint(users);
        let wanted: BTreeSet<String> = filters
            .iter()
            .filter(|(_, on)| concerns(on))
            .map(|(id, _)| case.program.filters[*id].head.name.clone())
            .collect();
        assert!(
            stands.is_subset(&wanted),
            "narrower without a gap: {}: {name:?} reads {} through {stands:?}, not {wanted:?}",
            case.name(),
            case.shown(Securable::Table(table))
        );
        for (id, _) in filters.iter().filter(|(_, on)| concerns(on)) {
            let filter = &case.program.filters[*id];
            // A filter that every user of the account satisfies on every row need not stand before him.
            let open = case.meaning.settled(&filter.rows, subject(table, None), users, true);
            assert!(
                stands.contains(&filter.head.name) || users.is_subset(&open),
                "wider: {}: {name:?} reads {} without {:?}",
                case.name(),
                case.shown(Securable::Table(table)),
                filter.head.name
            );
        }
    }
}

/// A choice without masks whose `when` is false on every row, ended by the first whose `when` is true on every row.
fn settled(case: &Case<'_>, choice: MaskChoice, subject: Subject, user: u32) -> MaskChoice {
    let one = UserSet::from([user]);
    let mut out = MaskChoice { when: Vec::new(), mask: choice.mask };
    for mask in choice.when {
        let Some(rows) = &case.program.masks[mask].when else { continue };
        if !case.meaning.settled(rows, subject, &one, false).is_empty() {
            continue;
        }
        if !case.meaning.settled(rows, subject, &one, true).is_empty() {
            out.mask = Some(mask);
            break;
        }
        out.when.push(mask);
    }
    out
}

/// The subject of a table's policies.
fn subject(table: TableId, column: Option<ColumnId>) -> Subject {
    Subject { securable: Securable::Table(table), column, access: Access::Read }
}
