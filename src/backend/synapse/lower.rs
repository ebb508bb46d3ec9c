//! A program as Synapse's facts: views, entitlements, and roles that may read views.
//!
//! Invariant: nobody is granted a table, only its view. Cost: columns of tables that are read, classes, accounts.

use std::collections::BTreeMap;

use super::native::{Home, NAME_LIMIT, VALUE_LIMIT, alike, names, units};
use crate::backend::contract::{Lowered, Lowering};
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols, sort_by_text};
use crate::backend::views::{self, Drawn};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::inventory::integration::{Enforcement, Strategy};

/// The facts and gaps of a program.
pub(super) fn lower(
    lowering: &Lowering<'_>,
    symbols: &mut Symbols,
    diagnostics: &mut Diagnostics,
) -> Result<Lowered, Reported> {
    settings(lowering, diagnostics)?;
    accounts(lowering, diagnostics)?;
    let home = Home::of(lowering.inventory(), lowering.integration);
    let mut drawing = views::draw(lowering, &home);
    let mut facts: Vec<Fact> = drawing.views.iter().map(|view| view_fact(&home, view, symbols)).collect();
    let rows = views::entitlement_facts(lowering, &home, &drawing.entitlements, symbols);
    rows_fit(lowering, &rows, symbols, diagnostics)?;
    facts.extend(rows);
    // SELECT on a view is enough: SQL Server has no right to use a schema. ALTER VIEW keeps it, whatever the columns become.
    let grants = |view: &Drawn| vec![(home.view_object(&view.path), "SELECT", String::new())];
    let names = names(lowering.settings());
    facts.extend(views::role_facts(lowering, &drawing.views, &drawing.refused, names, &grants, symbols));
    sort_by_text(&mut facts, symbols);
    drawing.gaps.extend(views::write_is_refused(lowering, "Synapse"));
    drawing.gaps.sort();
    drawing.gaps.dedup();
    Ok(Lowered { facts, gaps: drawing.gaps })
}

fn view_fact(home: &Home<'_>, view: &Drawn, symbols: &mut Symbols) -> Fact {
    Fact {
        key: FactKey {
            kind: FactKind::View,
            privilege: symbols.intern(""),
            object: symbols.intern(&home.view_object(&view.path)),
            grantee: symbols.intern(""),
        },
        body: symbols.intern(&view.body.text()),
        policies: symbols.intern(&view.policies.join(", ")),
    }
}

/// Views are granted to roles; nothing else is built.
fn settings(lowering: &Lowering<'_>, diagnostics: &mut Diagnostics) -> Result<(), Reported> {
    let settings = lowering.settings();
    if settings.enforcement == Enforcement::Native {
        return Err(diagnostics.error(
            Diagnostic::error(Code::BadValue, "there is no `enforcement: native` on Synapse")
                .at(settings.place, "")
                .note("its dynamic data masking has one mask a column, for everybody, and comparisons see through it")
                .help("remove `enforcement`: views hold masks and filters"),
        ));
    }
    let schema = Home::of(lowering.inventory(), lowering.integration).schema;
    if units(&schema) > NAME_LIMIT || schema.contains("$(") || schema.contains(char::is_control) {
        let message = format!("`{}` is no name for a schema here", schema.escape_debug());
        return Err(diagnostics.error(
            Diagnostic::error(Code::BadValue, message)
                .at(settings.place, "")
                .help("write a `config.schema` of 128 characters at most, without `$(` and line breaks"),
        ));
    }
    let word = match settings.strategy {
        Strategy::Auto | Strategy::Roles => return Ok(()),
        Strategy::Groups => "groups",
        Strategy::Users => "users",
    };
    let message = format!("`strategy: {word}` has no meaning on Synapse, where views are granted to roles");
    Err(diagnostics.error(
        Diagnostic::error(Code::BadValue, message)
            .at(settings.place, "")
            .help("leave `strategy` out, or write `strategy: roles`"),
    ))
}

/// Two accounts that a pool may take for one user would have what either has.
fn accounts(lowering: &Lowering<'_>, diagnostics: &mut Diagnostics) -> Result<(), Reported> {
    let settings = lowering.settings();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for account in lowering.accounts.accounts.values() {
        if units(&account.name) > NAME_LIMIT {
            let message = format!("the account `{}` has more than {NAME_LIMIT} characters", account.name);
            return Err(diagnostics.error(
                Diagnostic::error(Code::PlatformLimit, message)
                    .at(settings.place, "")
                    .help("an account is the name of a user of the database"),
            ));
        }
        if let Some(other) = seen.insert(alike(&account.name), &account.name) {
            let message = format!("`{other}` and `{}` may be one user of the database", account.name);
            return Err(diagnostics.error(
                Diagnostic::error(Code::BadValue, message)
                    .at(settings.place, "")
                    .note("a pool compares names by its collation, which usually ignores case, and blanks at the end")
                    .help("write accounts as `sys.database_principals` shows them"),
            ));
        }
    }
    Ok(())
}

/// A row that is cut short would be another: one that hides must not be left out either.
fn rows_fit(
    lowering: &Lowering<'_>,
    rows: &[Fact],
    symbols: &Symbols,
    diagnostics: &mut Diagnostics,
) -> Result<(), Reported> {
    for row in rows {
        let [account, name, value] = views::entitlement(row, symbols);
        let Some(long) = [name, value].into_iter().find(|text| units(text) > VALUE_LIMIT) else { continue };
        let start: String = long.chars().take(40).collect();
        let message = format!("`{start}…` of the account `{account}` has more than {VALUE_LIMIT} characters");
        return Err(diagnostics.error(
            Diagnostic::error(Code::PlatformLimit, message)
                .at(lowering.settings().place, "the longest text of its entitlement table")
                .note(format!("asked for by `{}`", symbols.text(row.policies))),
        ));
    }
    Ok(())
}
