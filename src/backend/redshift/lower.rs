//! A program as Redshift's facts: views, entitlements, and roles that may read views.
//!
//! Under `enforcement: native`, policies on the tables take the place of views ([`super::policies`]).
//! Invariant: nobody is granted a table, only its view. Cost: columns of tables that are read, classes, accounts.

use super::native::{Home, names};
use super::policies;
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
    match lowering.settings().enforcement {
        Enforcement::Native => return Ok(policies::lower::lower(lowering, symbols)),
        Enforcement::Auto | Enforcement::Tags => {}
    }
    let home = Home::of(lowering.inventory(), lowering.integration);
    let mut drawing = views::draw(lowering, &home);
    let mut facts: Vec<Fact> = drawing.views.iter().map(|view| view_fact(&home, view, symbols)).collect();
    facts.extend(views::entitlement_facts(lowering, &home, &drawing.entitlements, symbols));
    // A view with other columns is dropped and made anew, which takes its grants with it: they carry its shape.
    let grants = |view: &Drawn| {
        vec![
            (home.view_object(&view.path), "SELECT", view.body.shape.clone()),
            (home.schema_object(), "USAGE", String::new()),
        ]
    };
    let names = names(lowering.settings());
    facts.extend(views::role_facts(lowering, &drawing.views, &drawing.refused, names, &grants, symbols));
    sort_by_text(&mut facts, symbols);
    drawing.gaps.extend(views::write_is_refused(lowering, "Redshift"));
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

/// Views and tables are granted to roles; nothing else is built.
fn settings(lowering: &Lowering<'_>, diagnostics: &mut Diagnostics) -> Result<(), Reported> {
    let settings = lowering.settings();
    let word = match settings.strategy {
        Strategy::Auto | Strategy::Roles => return Ok(()),
        Strategy::Groups => "groups",
        Strategy::Users => "users",
    };
    let message = format!("`strategy: {word}` has no meaning on Redshift, where all is granted to roles");
    Err(diagnostics.error(
        Diagnostic::error(Code::BadValue, message)
            .at(settings.place, "")
            .help("leave `strategy` out, or write `strategy: roles`"),
    ))
}
