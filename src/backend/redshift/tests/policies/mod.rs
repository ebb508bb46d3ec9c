//! `enforcement: native`: what a program becomes, what is read back of it, and what it means.

mod lowering;
mod plans;
mod standing;

// A test may look ahead of its stage: what `plan` makes of these facts is a part of what they mean.
#[cfg(test)]
use std::collections::BTreeMap;

use super::{World, lines, world};
use crate::backend::contract::{Backend, Change, Lowered, Observed, Op, Phase, RowsSeen, Seen};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::redshift::Redshift;
use crate::diagnostic::Diagnostics;
use crate::inventory::catalog::TableKind;
use crate::inventory::directory::Access;
use crate::inventory::integration::Enforcement;
use crate::inventory::{Securable, TableId};
use crate::ir::Meaning;
use crate::plan::diff::diff;
use crate::plan::order::{Order, order};
use crate::plan::render::{Format, render};
use crate::plan::{self, Side, exposure};

/// Staff read customers; e-mail is hashed outside support, and rows are those of one's regions.
const POLICIES: &str = "
    subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" }
    mask mails { on columns tagged PII.Mail using hash except user in group \"support\" }
    filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region }";

fn native(policies: &str) -> World {
    let mut world = world(policies);
    let settings = &mut world.program.inventory.integrations[world.integration];
    settings.enforcement = Enforcement::Native;
    settings.config = serde_json::json!({"database": "shop", "schema": "secure"});
    world
}

fn table(world: &World, path: [&str; 3]) -> TableId {
    let catalog = &world.program.inventory.catalog;
    catalog.tables.ids().find(|id| catalog.path(*id) == path).unwrap()
}

const CUSTOMER: [&str; 3] = ["shop", "public", "customer"];

/// `_1a2b3c4d` becomes `_#`.
fn unhashed(text: &str) -> String {
    let hash = |from: &str| from.len() == 8 && from.chars().all(|each| each.is_ascii_hexdigit());
    let part = |part: &str| match part.rsplit_once('_') {
        Some((stem, end)) if hash(end) => format!("{stem}_#"),
        _ => part.to_owned(),
    };
    text.split('"').map(part).collect::<Vec<_>>().join("\"")
}

fn check(policies: &str, expected: &[&str]) {
    let (world, mut symbols) = (native(policies), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let shown: Vec<String> = lines(&lowered.facts, &symbols).iter().map(|line| unhashed(line)).collect();
    assert_eq!(shown, expected, "{:?}", lowered.gaps);
}

/// The gaps of a program, as code, object, policy and message.
fn gaps(world: &World) -> (Lowered, Vec<String>) {
    let lowered = world.lower(&mut Symbols::default());
    let shown = lowered
        .gaps
        .iter()
        .map(|gap| format!("{} {} {}: {}", gap.code.name(), gap.object, gap.policy, gap.message));
    let shown = shown.collect();
    (lowered, shown)
}

/// The exports of a world's own state, by file.
fn state(world: &World, facts: &[Fact], symbols: &Symbols) -> BTreeMap<String, String> {
    let files = Redshift.state(&world.program.inventory, world.integration, facts, symbols, Some("s'alt"));
    files.into_iter().map(|file| (file.path, String::from_utf8(file.bytes).unwrap())).collect()
}

fn observed(
    world: &World,
    files: &BTreeMap<String, String>,
    symbols: &mut Symbols,
) -> Result<Observed, String> {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    world.observe(&files, symbols)
}

/// What a plan would change, and what is in its way, after exports were altered.
fn plan(
    policies: &str,
    alter: &dyn Fn(&mut BTreeMap<String, String>),
) -> (Vec<String>, Vec<String>, Vec<String>) {
    let (world, mut symbols) = (native(policies), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let mut files = state(&world, &lowered.facts, &symbols);
    alter(&mut files);
    let observed = observed(&world, &files, &mut symbols).unwrap();
    let side = Side {
        integration: world.integration,
        backend: &Redshift,
        accounts: &world.accounts,
        symbols: &symbols,
        lowered: &lowered,
        observed: &observed,
    };
    let found = diff(&side, false);
    let inventory = &world.program.inventory;
    let shown = |changes: &[Change]| -> Vec<String> {
        let statement =
            |change| unhashed(&Redshift.statement(inventory, world.integration, change, &symbols));
        changes.iter().map(statement).collect()
    };
    let blocked = found.blocked.iter().map(|each| unhashed(&Redshift.title(&each.desired, &symbols)));
    (shown(&found.changes), blocked.collect(), shown(&found.withheld))
}

/// Appends a row to an export.
fn row(files: &mut BTreeMap<String, String>, name: &str, row: &str) {
    let file = files.get_mut(name).unwrap();
    file.push_str(row);
    file.push('\n');
}

/// What accounts see of the e-mail, and which filters bear, by altered exports: `alice clear own`.
fn sees(alter: &dyn Fn(&mut BTreeMap<String, String>)) -> Vec<String> {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let mut files = state(&world, &lowered.facts, &symbols);
    alter(&mut files);
    let observed = observed(&world, &files, &mut symbols).unwrap();
    let facts = exposure::all(&observed, &symbols);
    let inventory = &world.program.inventory;
    let permits = Redshift.permits(inventory, world.integration, &facts, &symbols, &world.accounts);
    let customer = table(&world, CUSTOMER);
    let email = inventory.catalog.tables[customer].columns[1];
    let (columns, rows) = (permits.columns(email), permits.rows(customer));
    let readers = permits.may(Securable::Table(customer), Access::Read);
    let line = |account: u32| {
        let seen =
            columns.iter().find(|(_, set)| set.contains(account)).map_or(Seen::Clear, |(seen, _)| *seen);
        let filters = exposure::filters(&rows, account).into_iter().collect::<Vec<_>>().join(", ");
        format!("{} {seen:?} {filters}", permits.accounts()[account as usize]).trim().to_owned()
    };
    readers.iter().map(line).collect()
}
