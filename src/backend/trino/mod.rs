//! Trino and Starburst: file-based system access control (`rules.json`) and the file group provider (`groups.txt`).
//!
//! The first rule that matches a user and a table decides alone, so each table has at most four rules of ours: writers
//! who see it clear, writers who may not read, readers with their masks and filter, and one that closes the table to
//! everyone else. Rules of ours come first, foreign ones after; attributes and conditions become generated groups.
//! Every test of a group is positive: a user whom the group file does not know sees nothing.

pub mod access;
pub mod emit;
pub mod expression;
mod judge;
pub mod lower;
pub mod native;
pub mod observe;
#[cfg(test)]
mod tests;

use super::capability::{Capabilities, Support};
use super::contract::{Artefact, Backend, Change, Lowered, Lowering, Observed, Op, Permits, Phase};
use super::fact::{Fact, FactKind, Symbols};
use super::state::Reading;
use crate::diagnostic::{Diagnostics, Reported};
use crate::inventory::{Accounts, IntegrationId, Inventory};

/// The platform.
#[derive(Debug)]
pub struct Trino;

const CAPABILITIES: Capabilities = Capabilities {
    versions: "Trino 406–483 and Starburst with file-based access control; 484's `{user}` never occurs in our patterns",
    read_tables: Support::Exact,
    write_tables: Support::Exact,
    write_views: Support::Refused("views are read-only"),
    prefixes: Support::Refused("Trino has no prefixes"),
    null: Support::Exact,
    constant: Support::Narrowed("`null` where the constant does not fit the declared type"),
    hash: Support::Narrowed("`null` where the declared length is below 64"),
    keep: Support::Exact,
    regex: Support::Narrowed(
        "`null` for patterns that match the empty text, or whose replacement may outgrow the type",
    ),
    round_number: Support::Narrowed("`null` for floating point"),
    round_date: Support::Exact,
    custom: Support::Narrowed("`null` without a `trino` text"),
    when: Support::Exact,
    rows: Support::Exact,
    user_values: Support::Exact,
    user_atoms: Support::Exact,
    masked_input: Support::Exact,
    masked_writers: Support::Refused("Trino refuses writes where the matching rule has a mask or a filter"),
    limits: "rules are scanned one by one: more than about 5,000 table rules are felt in every query",
    remarks: &[
        "a column that is not in the catalog is shown clear to the readers of its table: compile again when columns come",
        "names and types of columns stay visible in information_schema to those who may see the table",
        "UPDATE and DELETE also need to read the columns that they compare: who may write but not read can only INSERT",
        "the group file cannot hold accounts with `:`, `,` or line breaks",
    ],
};

impl Backend for Trino {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn lower(
        &self,
        lowering: &Lowering<'_>,
        symbols: &mut Symbols,
        diagnostics: &mut Diagnostics,
    ) -> Result<Lowered, Reported> {
        lower::lower(lowering, symbols, diagnostics)
    }

    fn observe(
        &self,
        inventory: &Inventory,
        integration: IntegrationId,
        reading: Reading<'_>,
        salt: Option<&str>,
        symbols: &mut Symbols,
    ) -> Result<Observed, Reported> {
        observe::observe(inventory, integration, reading, salt, symbols)
    }

    fn emit(
        &self,
        _inventory: &Inventory,
        _integration: IntegrationId,
        facts: &[Fact],
        symbols: &Symbols,
        salt: Option<&str>,
    ) -> Vec<Artefact> {
        emit::files(facts, symbols, salt)
    }

    fn state(
        &self,
        _inventory: &Inventory,
        _integration: IntegrationId,
        facts: &[Fact],
        symbols: &Symbols,
        salt: Option<&str>,
    ) -> Vec<Artefact> {
        emit::files(facts, symbols, salt)
    }

    fn permits<'a>(
        &self,
        inventory: &'a Inventory,
        _integration: IntegrationId,
        facts: &[Fact],
        symbols: &'a Symbols,
        accounts: &Accounts,
    ) -> Box<dyn Permits + 'a> {
        Box::new(access::Access::of(inventory, facts, symbols, accounts))
    }

    fn statement(&self, _: &Inventory, _: IntegrationId, change: &Change, symbols: &Symbols) -> String {
        let text = |symbol| symbols.text(symbol);
        let key = change.fact.key;
        match key.kind {
            FactKind::Membership => {
                let word = if change.op == Op::Remove { "without" } else { "with" };
                format!("groups.txt: {} {word} {}", text(key.object), text(key.grantee))
            }
            _ => format!("rules.json {}: {}", text(key.object), text(change.fact.body)),
        }
    }

    fn title(&self, fact: &Fact, symbols: &Symbols) -> String {
        let text = |symbol| symbols.text(symbol);
        match fact.key.kind {
            FactKind::Membership => format!("{} in {}", text(fact.key.grantee), text(fact.key.object)),
            _ => text(fact.key.object).to_owned(),
        }
    }

    fn phase(&self, change: &Change, _: &Symbols) -> Phase {
        match (change.fact.key.kind, change.op) {
            (FactKind::Membership, Op::Remove) => Phase::Withdraw,
            (FactKind::Membership, Op::Add | Op::Replace) => Phase::Expose,
            // The file is swapped whole: between the memberships that go and those that come, which only reveal.
            (_, _) => Phase::Protect,
        }
    }

    fn needs(&self, _: &Fact, _: &Symbols) -> Vec<String> {
        Vec::new()
    }

    fn atomic(&self, fact: &Fact) -> bool {
        fact.key.kind == FactKind::Rule
    }

    fn understood(&self, fact: &Fact, symbols: &Symbols) -> bool {
        match fact.key.kind {
            FactKind::Membership => true,
            _ => native::Place::parse(symbols.text(fact.key.object))
                .is_some_and(|place| place.section_is_known()),
        }
    }

    fn concerns(&self, fact: &Fact, symbols: &Symbols) -> Option<String> {
        Some(symbols.text(fact.key.object).to_owned())
    }
}
