//! Laws of the backend on worlds of a few lines: round trip, never wider, the reference's answers.
//!
//! What these cannot show: that Snowflake reads our statements as we do. `permits` is our own reading of its manual.

mod bodies;
mod exports;
mod lowering;
mod steps;

use std::collections::BTreeMap;

use super::Snowflake;
use crate::backend::contract::{Backend, Lowered, Lowering, Observed, RowsSeen, Seen};
use crate::backend::fact::{Fact, Symbols, order_key};
use crate::backend::state::{Reading, StateFolder};
use crate::diagnostic::Diagnostics;
use crate::ids::Id;
use crate::inventory::directory::Access;
use crate::inventory::integration::{AccountTemplate, TemplateFilter, TemplatePart};
use crate::inventory::{Accounts, IntegrationId, Securable};
use crate::ir::{Meaning, Program};
use crate::resolve::testing::{NOW, program};
use crate::source::Sources;

pub(super) struct World {
    pub(super) program: Program,
    pub(super) integration: IntegrationId,
    pub(super) accounts: Accounts,
}

/// The retail world with accounts named after their users, in upper case.
pub(super) fn world(more: &str, policies: &str) -> World {
    let mut program = program(more, policies, NOW);
    let integration =
        program.inventory.integrations.iter().find(|(_, each)| each.name == "sf").map(|(id, _)| id).unwrap();
    program.inventory.integrations[integration].user_template =
        Some(AccountTemplate { parts: vec![TemplatePart::Id(vec![TemplateFilter::Upper])] });
    let accounts = Accounts::of(&program.inventory, integration);
    World { program, integration, accounts }
}

impl World {
    pub(super) fn lower(&self, symbols: &mut Symbols, salted: bool) -> Lowered {
        let meaning = Meaning::new(&self.program);
        let lowering = Lowering {
            program: &self.program,
            meaning: &meaning,
            integration: self.integration,
            accounts: &self.accounts,
            salted,
        };
        let mut diagnostics = Diagnostics::new();
        Snowflake.lower(&lowering, symbols, &mut diagnostics).unwrap()
    }

    pub(super) fn state(&self, facts: &[Fact], symbols: &Symbols, salt: Option<&str>) -> StateFolder {
        let files = Snowflake.state(&self.program.inventory, self.integration, facts, symbols, salt);
        let files = files.into_iter().map(|file| (file.path, file.bytes)).collect();
        StateFolder { name: "state/sf".to_owned(), files: Some(files) }
    }

    pub(super) fn observe(
        &self,
        folder: &StateFolder,
        symbols: &mut Symbols,
        salt: Option<&str>,
    ) -> Result<Observed, String> {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
        let reading = Reading { folder, sources: &mut sources, diagnostics: &mut diagnostics };
        let found = Snowflake.observe(&self.program.inventory, self.integration, reading, salt, symbols);
        found.map_err(|_| diagnostics.iter().map(|each| each.message.clone()).collect())
    }

    pub(super) fn sql(&self, salt: Option<&str>) -> BTreeMap<String, String> {
        let mut symbols = Symbols::default();
        let lowered = self.lower(&mut symbols, salt.is_some());
        Snowflake
            .emit(&self.program.inventory, self.integration, &lowered.facts, &symbols, salt)
            .into_iter()
            .map(|file| (file.path, String::from_utf8(file.bytes).unwrap()))
            .collect()
    }
}

pub(super) fn texts(facts: &[Fact], symbols: &Symbols) -> Vec<String> {
    let line = |fact: &Fact| {
        let (kind, object, grantee, privilege) = order_key(fact, symbols);
        format!("{} {privilege} | {object} | {grantee} | {}", kind.word(), symbols.text(fact.body))
    };
    facts.iter().map(line).collect()
}

/// Policies that use everything.
pub(super) const EVERYTHING: &str = r##"
subscription readers { allow read on tables tagged Domain.Customer or tagged Domain.Sales to user in group "staff" }
subscription writers { allow write on tables in RETAIL.PUBLIC to user in group "curators" or user is "dave" }
subscription odd { allow read, write on tables in RETAIL."Mixed" to user is "dpo" }
subscription curating { allow read on tables in RETAIL.PUBLIC to user in group "curators" }
guardrail g { require write on tables tagged Domain.Sales to user in group "curators" }
mask emails { on columns tagged PII.Email using hash except user in group "support" }
mask phones { on columns tagged PII.Phone using keep last 4 when column country = "US" except user is "carol" priority 2 }
mask phones_of_others { on columns tagged PII.Phone using regex "[0-9]" replace "#" except user in group "support" }
mask born { on columns named "BORN" using round to year only for user in group "analysts" }
mask amounts { on columns named "AMOUNT" using round to 100 except user attribute region = "APAC" }
filter own_region {
  on tables tagged Domain.Sales
  rows where column tagged Geo.Region in user attribute region or user in group "curators"
}
filter recent { on tables tagged Domain.Sales rows where column sold >= today - 90 days except user is "dpo" }
filter not_level { on tables tagged Domain.Sales rows where column id not in user attribute level or column id is null only for user has attribute level }
"##;

#[test]
fn what_is_written_is_read_back() {
    let world = world("", EVERYTHING);
    for salt in [None, Some("it's \\ a {salt}")] {
        let mut symbols = Symbols::default();
        let lowered = world.lower(&mut symbols, salt.is_some());
        assert!(lowered.facts.len() > 60, "{}", lowered.facts.len());
        let folder = world.state(&lowered.facts, &symbols, salt);
        let observed = world.observe(&folder, &mut symbols, salt).unwrap();
        assert_eq!(texts(&observed.ours, &symbols), texts(&lowered.facts, &symbols));
        assert!(observed.foreign.is_empty() && observed.present && !observed.open);
        let policies = |facts: &[Fact]| -> Vec<String> {
            let policy = |fact: &&Fact| symbols.text(fact.key.object).contains(" POLICY ");
            facts.iter().filter(policy).map(|fact| symbols.text(fact.policies).to_owned()).collect()
        };
        assert_eq!(policies(&observed.ours), policies(&lowered.facts), "comments list filters in order");
    }
}

/// Access as `user: read A, write B` against the reference, and masks and filters likewise.
pub(super) fn judge(world: &World, lowered: &Lowered, symbols: &Symbols) {
    let meaning = Meaning::new(&world.program);
    let inventory = &world.program.inventory;
    let permits = Snowflake.permits(inventory, world.integration, &lowered.facts, symbols, &world.accounts);
    let refused = |object: &str| lowered.gaps.iter().any(|gap| !gap.code.narrows() && gap.object == object);
    for table in inventory.catalog.tables.ids() {
        if inventory.catalog.home(table).1.integration != world.integration {
            continue;
        }
        let securable = Securable::Table(table);
        let shown = inventory.catalog.shown_name(securable);
        for access in Access::ALL {
            let may = permits.may(securable, access);
            let expected = world.accounts.within(&meaning.may(securable, access));
            let names = |set: &roaring::RoaringBitmap| -> Vec<String> {
                set.iter().map(|raw| permits.accounts()[raw as usize].clone()).collect()
            };
            let wanted: Vec<String> = expected
                .iter()
                .map(|raw| world.accounts.accounts[crate::inventory::AccountId::from_raw(raw)].name.clone())
                .collect();
            let got = names(&may);
            if refused(&shown) {
                assert!(got.iter().all(|each| wanted.contains(each)), "{shown} {access:?}: {got:?}");
            } else {
                assert_eq!(got, wanted, "{shown} {access:?}");
            }
            for account in &got {
                assert!(!permits.through(account, securable, access).is_empty());
            }
            if access == Access::Write {
                continue;
            }
            for column in &inventory.catalog.tables[table].columns {
                for account in &got {
                    let index = permits.accounts().binary_search(account).unwrap() as u32;
                    let user = inventory.directory.user(&account.to_lowercase()).unwrap();
                    let choice = meaning.mask_of(user, *column);
                    let seen = permits
                        .columns(*column)
                        .into_iter()
                        .find(|(_, set)| set.contains(index))
                        .map_or(Seen::Clear, |(seen, _)| seen);
                    let expected = match (choice.is_clear(), choice.mask) {
                        (true, _) => Seen::Clear,
                        (false, Some(_)) => Seen::Masked,
                        (false, None) => Seen::Sometimes,
                    };
                    let name = inventory.catalog.shown_column(*column);
                    assert_eq!(seen, expected, "{name} for {account}");
                }
            }
            for account in &got {
                let index = permits.accounts().binary_search(account).unwrap() as u32;
                let user = inventory.directory.user(&account.to_lowercase()).unwrap();
                let seen: Vec<String> = permits
                    .rows(table)
                    .into_iter()
                    .filter(|(_, set)| set.contains(index))
                    .flat_map(|(seen, _)| match seen {
                        RowsSeen::All => Vec::new(),
                        RowsSeen::Filtered(names) => names,
                    })
                    .collect();
                let concerned: Vec<String> = meaning
                    .filters_on(table)
                    .into_iter()
                    .filter(|(_, users)| users.contains(user.raw()))
                    .map(|(filter, _)| world.program.filters[filter].head.name.clone())
                    .collect();
                // A filter that lets everything through for somebody is none for him.
                assert!(seen.iter().all(|name| concerned.contains(name)), "{shown} for {account}: {seen:?}");
                if !concerned.is_empty() && account != "CAROL" {
                    assert_eq!(seen, concerned, "{shown} for {account}");
                }
            }
        }
    }
}

#[test]
fn access_is_that_of_the_reference() {
    let world = world("", EVERYTHING);
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols, false);
    judge(&world, &lowered, &symbols);
}
