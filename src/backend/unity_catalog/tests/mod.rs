//! Laws of the backend on worlds of a few lines: round trip, the reference's answers.
//!
//! What these cannot show: that Databricks reads our statements as we do. `permits` is our own reading of its manual. Random
//! worlds, cells and the steps of plans are judged by `tests/laws.rs`.

mod by_tags;
mod exports;
mod lowering;
mod meaning;

use std::collections::BTreeMap;

use super::UnityCatalog;
use crate::backend::contract::{Backend, Lowered, Lowering, Observed, RowsSeen, Seen};
use crate::backend::fact::{Fact, Symbols, order_key};
use crate::backend::state::{Reading, StateFolder};
use crate::diagnostic::Diagnostics;
use crate::ids::Id;
use crate::inventory::directory::Access;
use crate::inventory::integration::{AccountTemplate, TemplatePart};
use crate::inventory::{AccountId, Accounts, IntegrationId, Securable};
use crate::ir::{Meaning, Program};
use crate::resolve::testing::{NOW, program};
use crate::source::Sources;

pub(super) struct World {
    pub(super) program: Program,
    pub(super) integration: IntegrationId,
    pub(super) accounts: Accounts,
}

const DATA: &str = "
integration db Databricks
schema db retail.public [Domain]
table db retail.public.customer [Domain.Customer]: id BIGINT; email STRING [PII.Email]; phone VARCHAR(20) [PII.Phone]; country CHAR(10) [Geo.Country]; born DATE [PII]; active BOOLEAN
table db retail.public.sales [Domain.Sales]: id BIGINT; region STRING [Geo.Region]; amount DECIMAL(12,2); sold TIMESTAMP_NTZ; raw VARIANT
table db retail.eu.sales: id BIGINT; region STRING [Geo.Region]
table db retail.public.it's: id BIGINT";

/// The retail world of `resolve::testing` and the same data on Databricks, with accounts named after their users.
pub(super) fn world(more: &str, policies: &str) -> World {
    let mut program = program(&format!("{DATA}\n{more}"), policies, NOW);
    let integration =
        program.inventory.integrations.iter().find(|(_, each)| each.name == "db").map(|(id, _)| id).unwrap();
    program.inventory.integrations[integration].user_template =
        Some(AccountTemplate { parts: vec![TemplatePart::Id(Vec::new())] });
    let accounts = Accounts::of(&program.inventory, integration);
    World { program, integration, accounts }
}

impl World {
    pub(super) fn try_lower(
        &self,
        symbols: &mut Symbols,
        salted: bool,
        limits: super::limit::Limits,
    ) -> Result<Lowered, String> {
        let meaning = Meaning::new(&self.program);
        let lowering = Lowering {
            program: &self.program,
            meaning: &meaning,
            integration: self.integration,
            accounts: &self.accounts,
            salted,
        };
        let mut diagnostics = Diagnostics::new();
        let lowered = super::lower::lower(&lowering, limits, symbols, &mut diagnostics);
        lowered.map_err(|_| diagnostics.iter().map(|each| each.message.clone()).collect())
    }

    pub(super) fn lower(&self, symbols: &mut Symbols, salted: bool) -> Lowered {
        self.try_lower(symbols, salted, super::limit::Limits::default()).unwrap()
    }

    pub(super) fn state(&self, facts: &[Fact], symbols: &Symbols, salt: Option<&str>) -> StateFolder {
        let files = UnityCatalog.state(&self.program.inventory, self.integration, facts, symbols, salt);
        let files = files.into_iter().map(|file| (file.path, file.bytes)).collect();
        StateFolder { name: "state/db".to_owned(), files: Some(files) }
    }

    pub(super) fn observe(
        &self,
        folder: &StateFolder,
        symbols: &mut Symbols,
        salt: Option<&str>,
    ) -> Result<Observed, String> {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
        let reading = Reading { folder, sources: &mut sources, diagnostics: &mut diagnostics };
        let found = UnityCatalog.observe(&self.program.inventory, self.integration, reading, salt, symbols);
        found.map_err(|_| diagnostics.iter().map(|each| each.message.clone()).collect())
    }

    pub(super) fn files(&self, salt: Option<&str>) -> BTreeMap<String, String> {
        let mut symbols = Symbols::default();
        let lowered = self.lower(&mut symbols, salt.is_some());
        UnityCatalog
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
subscription writers { allow read, write on tables in RETAIL.PUBLIC to user in group "curators" or user is "dave" }
guardrail g { require write on tables tagged Domain.Sales to user in group "curators" }
mask emails { on columns tagged PII.Email using hash except user in group "support" }
mask phones { on columns tagged PII.Phone using keep last 4 when column country = "US" except user is "carol" priority 2 }
mask phones_of_others { on columns tagged PII.Phone using regex "[0-9]" replace "#" except user in group "support" }
mask born { on columns named "born" using round to year only for user in group "analysts" }
mask amounts { on columns named "amount" using round to 100 except user attribute region = "APAC" }
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
    for salt in [None, Some("it's \\ a {salt} ${x}")] {
        let mut symbols = Symbols::default();
        let lowered = world.lower(&mut symbols, salt.is_some());
        assert!(lowered.facts.len() > 50, "{}", lowered.facts.len());
        let folder = world.state(&lowered.facts, &symbols, salt);
        let observed = world.observe(&folder, &mut symbols, salt).unwrap();
        assert_eq!(texts(&observed.ours, &symbols), texts(&lowered.facts, &symbols));
        assert_eq!(texts(&observed.foreign, &symbols), Vec::<String>::new());
        assert!(observed.present && !observed.open);
        let policies = |facts: &[Fact]| -> Vec<String> {
            let function = |fact: &&Fact| symbols.text(fact.key.object).starts_with("FUNCTION ");
            facts.iter().filter(function).map(|fact| symbols.text(fact.policies).to_owned()).collect()
        };
        assert_eq!(policies(&observed.ours), policies(&lowered.facts), "comments list filters in order");
    }
}

/// Access, masks and filters as the reference has them, gaps aside.
pub(super) fn judge(world: &World, lowered: &Lowered, symbols: &Symbols) {
    let meaning = Meaning::new(&world.program);
    let inventory = &world.program.inventory;
    let permits =
        UnityCatalog.permits(inventory, world.integration, &lowered.facts, symbols, &world.accounts);
    let refused = |object: &str| lowered.gaps.iter().any(|gap| !gap.code.narrows() && gap.object == object);
    for table in inventory.catalog.tables.ids() {
        if inventory.catalog.home(table).1.integration != world.integration {
            continue;
        }
        let (securable, shown) =
            (Securable::Table(table), inventory.catalog.shown_name(Securable::Table(table)));
        for access in Access::ALL {
            let expected = world.accounts.within(&meaning.may(securable, access));
            let name = |raw| world.accounts.accounts[AccountId::from_raw(raw)].name.clone();
            let wanted: Vec<String> = expected.iter().map(name).collect();
            let may = permits.may(securable, access);
            let got: Vec<String> = may.iter().map(|raw| permits.accounts()[raw as usize].clone()).collect();
            if refused(&shown) {
                assert!(got.iter().all(|each| wanted.contains(each)), "{shown} {access:?}: {got:?}");
            } else {
                assert_eq!(got, wanted, "{shown} {access:?}");
            }
            for account in got.iter().filter(|_| access == Access::Read) {
                assert!(!permits.through(account, securable, access).is_empty());
                let index = permits.accounts().binary_search(account).unwrap() as u32;
                let user = inventory.directory.user(account).unwrap();
                for column in &inventory.catalog.tables[table].columns {
                    let choice = meaning.mask_of(user, *column);
                    let seen = permits.columns(*column).into_iter().find(|(_, set)| set.contains(index));
                    let seen = seen.map_or(Seen::Clear, |(seen, _)| seen);
                    let expected = match (choice.is_clear(), choice.mask) {
                        (true, _) => Seen::Clear,
                        (false, Some(_)) => Seen::Masked,
                        (false, None) => Seen::Sometimes,
                    };
                    assert_eq!(seen, expected, "{} for {account}", inventory.catalog.shown_column(*column));
                }
                let rows = permits.rows(table).into_iter().filter(|(_, set)| set.contains(index));
                let seen: Vec<String> = rows
                    .flat_map(|(seen, _)| match seen {
                        RowsSeen::All => Vec::new(),
                        RowsSeen::Filtered(names) => names,
                    })
                    .collect();
                let filters = meaning.filters_on(table).into_iter();
                let concerned: Vec<String> = filters
                    .filter(|(_, users)| users.contains(user.raw()))
                    .map(|(filter, _)| world.program.filters[filter].head.name.clone())
                    .collect();
                // A filter that lets everything through for somebody is none for him: carol is a curator.
                let open = |name: &String| account == "carol" && name == "own_region";
                let concerned: Vec<String> = concerned.into_iter().filter(|name| !open(name)).collect();
                assert_eq!(seen, concerned, "{shown} for {account}");
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
