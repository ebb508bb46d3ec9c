//! A program as BigQuery's facts: views, their authorizations, entitlements, and members who may read views; with `enforcement: native`
//! what [`policies`] makes of it.
//!
//! Invariant: with views, nobody is granted a table or a dataset. Cost: columns of tables that are read, views × their members.

use std::collections::{BTreeMap, BTreeSet};

use super::holders::Holders;
use super::limit::{self, AUTHORIZED_VIEWS};
use super::native::{Home, VIEWER, dataset_object, is_dataset, is_project, setting, version, view_object};
use super::policies;
use crate::backend::class::Classes;
use crate::backend::contract::{Lowered, Lowering};
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols, sort_by_text};
use crate::backend::gap::{Gap, GapCode};
use crate::backend::views::{self, Drawing, Drawn, Site};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::ids::Id;
use crate::inventory::directory::Access;
use crate::inventory::integration::{Enforcement, Strategy};
use crate::inventory::{AccountId, Securable, TableId};

/// The facts and gaps of a program.
pub(super) fn lower(
    lowering: &Lowering<'_>,
    symbols: &mut Symbols,
    diagnostics: &mut Diagnostics,
) -> Result<Lowered, Reported> {
    let home = Home::of(lowering.inventory(), lowering.integration);
    settings(lowering, &home, diagnostics)?;
    if lowering.settings().enforcement == Enforcement::Native {
        return native(lowering, &home, symbols, diagnostics);
    }
    let drawing = views::draw(lowering, &home);
    let mut facts: Vec<Fact> = Vec::new();
    for view in &drawing.views {
        let key = (FactKind::View, view_object(&view.path), String::new(), "");
        facts.push(fact(key, &view.body.text(), &view.policies.join(", "), symbols));
    }
    authorize(lowering, &home, &drawing.views, symbols, &mut facts);
    facts.extend(views::entitlement_facts(lowering, &home, &drawing.entitlements, symbols));
    let holders = Holders::of(lowering);
    grant(lowering, &drawing, &holders, symbols, diagnostics, &mut facts)?;
    sort_by_text(&mut facts, symbols);
    let mut gaps = drawing.gaps;
    gaps.extend(nobody(lowering, &holders));
    gaps.extend(views::write_is_refused(lowering, "BigQuery"));
    gaps.sort();
    gaps.dedup();
    Ok(Lowered { facts, gaps })
}

/// The same on the tables themselves.
fn native(
    lowering: &Lowering<'_>,
    home: &Home<'_>,
    symbols: &mut Symbols,
    diagnostics: &mut Diagnostics,
) -> Result<Lowered, Reported> {
    let (mut lowered, holders) = policies::lower(lowering, home, symbols, diagnostics)?;
    lowered.gaps.extend(nobody(lowering, &holders));
    let write = views::write_is_refused(lowering, "BigQuery").into_iter().map(|gap| Gap {
        message:
            "roles that let somebody write to a table of BigQuery let him read it too: nobody gets write"
                .to_owned(),
        ..gap
    });
    lowered.gaps.extend(write);
    lowered.gaps.sort();
    lowered.gaps.dedup();
    Ok(lowered)
}

/// Kind, object, grantee, privilege.
type Key = (FactKind, String, String, &'static str);

fn fact((kind, object, grantee, privilege): Key, body: &str, policies: &str, symbols: &mut Symbols) -> Fact {
    let key = FactKey {
        kind,
        privilege: symbols.intern(privilege),
        object: symbols.intern(&object),
        grantee: symbols.intern(&grantee),
    };
    Fact { key, body: symbols.intern(body), policies: symbols.intern(policies) }
}

/// Lets every view read its table, and the views' datasets the entitlements: one by one they would fill that dataset's list.
fn authorize(
    lowering: &Lowering<'_>,
    home: &Home<'_>,
    views: &[Drawn],
    symbols: &mut Symbols,
    facts: &mut Vec<Fact>,
) {
    let catalog = &lowering.inventory().catalog;
    let mut by_source: BTreeMap<[&str; 2], Vec<&Drawn>> = BTreeMap::new();
    for view in views {
        let [project, dataset, _] = catalog.path(view.table);
        by_source.entry([project, dataset]).or_default().push(view);
    }
    let entitlements = home.entitlements();
    for (source, views) in by_source {
        let [project, dataset] = source;
        let place = dataset_object([project, &format!("{dataset}{}", home.suffix)]);
        let whole = |views: &mut dyn Iterator<Item = &&Drawn>| -> String {
            let policies: BTreeSet<&str> =
                views.flat_map(|view| view.policies.iter().map(String::as_str)).collect();
            policies.into_iter().collect::<Vec<_>>().join(", ")
        };
        let asking = |view: &&&Drawn| view.body.query.contains(&entitlements);
        if views.iter().any(|view| asking(&view)) {
            let key = (FactKind::AuthorizedView, home.entitlements_dataset(), place.clone(), "");
            facts.push(fact(key, "", &whole(&mut views.iter().filter(asking)), symbols));
        }
        if views.len() > AUTHORIZED_VIEWS {
            let key = (FactKind::AuthorizedView, dataset_object(source), place, "");
            facts.push(fact(key, "", &whole(&mut views.iter()), symbols));
            continue;
        }
        for view in views {
            let key = (FactKind::AuthorizedView, dataset_object(source), view_object(&view.path), "");
            facts.push(fact(key, &version(&view.body), &view.policies.join(", "), symbols));
        }
    }
}

/// Who may read which view.
fn grant(
    lowering: &Lowering<'_>,
    drawing: &Drawing,
    holders: &Holders,
    symbols: &mut Symbols,
    diagnostics: &mut Diagnostics,
    facts: &mut Vec<Fact>,
) -> Result<(), Reported> {
    let catalog = &lowering.inventory().catalog;
    let by_table: BTreeMap<TableId, &Drawn> = drawing.views.iter().map(|view| (view.table, view)).collect();
    let securables = by_table.keys().map(|table| Securable::Table(*table));
    let classes = Classes::of(lowering, Access::Read, securables, &drawing.refused);
    let mut refused = Ok(());
    for class in &classes.classes {
        let grantees = holders.hold(&class.users, &class.accounts);
        let policies = class.policies.join(", ");
        for securable in &class.securables {
            let Securable::Table(table) = securable else { continue };
            let Some(view) = by_table.get(table) else { continue };
            let shown = format!("the view of `{}`", catalog.shown_name(*securable));
            if let Some(error) = limit::refused(lowering.settings(), &shown, &policies, &grantees) {
                refused = Err(diagnostics.error(error));
                break;
            }
            let (object, body) = (view_object(&view.path), version(&view.body));
            for grantee in &grantees {
                let key = (FactKind::Grant, object.clone(), (*grantee).to_owned(), VIEWER);
                facts.push(fact(key, &body, &policies, symbols));
            }
        }
    }
    refused
}

/// Accounts that could read something, and that nothing can be granted to.
fn nobody(lowering: &Lowering<'_>, holders: &Holders) -> Vec<Gap> {
    let readers = lowering
        .tables()
        .map(|table| lowering.meaning.may(Securable::Table(table), Access::Read))
        .fold(crate::inventory::directory::UserSet::new(), |all, users| all | users);
    let without = holders.without_grantee(&lowering.accounts.within(&readers));
    without
        .iter()
        .map(|raw| {
            let account = &lowering.accounts.accounts[AccountId::from_raw(raw)].name;
            Gap {
                integration: lowering.settings().name.clone(),
                policy: String::new(),
                code: GapCode::Unrepresentable,
                object: account.clone(),
                message: format!(
                    "account `{account}` is no `user:` or `serviceAccount:` with an address in lower case: it gets nothing"
                ),
            }
        })
        .collect()
}

/// `EU`, `europe-west1`.
fn is_location(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|each| each.is_ascii_alphanumeric() || each == '-')
}

/// Members are granted views or tables.
fn settings(lowering: &Lowering<'_>, home: &Home<'_>, diagnostics: &mut Diagnostics) -> Result<(), Reported> {
    let settings = lowering.settings();
    let bad = |message: String| Diagnostic::error(Code::BadValue, message).at(settings.place, "");
    if settings.enforcement == Enforcement::Native && !is_location(&home.location) {
        return Err(diagnostics.error(
            bad("`enforcement: native` needs the location of the datasets".to_owned())
                .note("data policies belong to a location, and are named by it")
                .help("set `config.location`, such as `EU` or `europe-west1`"),
        ));
    }
    let meaningless = match settings.strategy {
        Strategy::Auto | Strategy::Users => None,
        Strategy::Groups if settings.groups_trusted => None,
        Strategy::Groups => Some((
            "`strategy: groups` needs `groups: trusted`",
            "write `groups: trusted` if the platform's groups have the directory's members, or leave `strategy` out",
        )),
        Strategy::Roles => Some((
            "`strategy: roles` has no meaning on Google BigQuery, where views are granted to users and groups",
            "leave `strategy` out, or write `strategy: users`",
        )),
    };
    if let Some((message, help)) = meaningless {
        return Err(diagnostics.error(bad(message.to_owned()).help(help)));
    }
    if setting(settings, "project").is_empty() && home.projects().len() > 1 {
        let projects: Vec<&str> = home.projects().into_iter().take(5).collect();
        return Err(diagnostics.error(
            bad("the catalog has several projects, and nothing says where the entitlements live".to_owned())
                .note(format!("among them: {}", projects.join(", ")))
                .help("set `config.project`"),
        ));
    }
    let parts = [
        ("project", home.project.as_str(), home.project.is_empty() || is_project(&home.project)),
        ("dataset", &home.dataset, is_dataset(&home.dataset)),
        ("datasetSuffix", &home.suffix, is_dataset(&home.suffix) && home.suffix.starts_with('_')),
    ];
    match parts.into_iter().find(|(.., fits)| !fits) {
        None => Ok(()),
        // A project of the catalog is not the settings' fault: its tables are told of.
        Some(("project", ..)) if setting(settings, "project").is_empty() => Ok(()),
        Some((key, written, _)) => {
            Err(diagnostics
                .error(bad(format!("`config.{key}` cannot be `{written}`")).help(
                    "use letters, digits and `_`; a project has `-` too, and a suffix begins with `_`",
                )))
        }
    }
}
