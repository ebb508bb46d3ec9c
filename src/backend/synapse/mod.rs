//! Azure Synapse Analytics, dedicated SQL pools: views, and roles that may read them.
//!
//! One view per table in `[<config.schema>]` of the pool, which holds masks and filters and asks the entitlement table who the
//! current user is; a class of tables is a role (`grantc_<subscription>_<hash>`). Nobody gets a table.

mod access;
pub mod bootstrap;
mod emit;
mod export;
mod lower;
mod native;
mod observe;
mod statement;

#[cfg(test)]
mod tests;

use crate::backend::capability::{Capabilities, Support};
use crate::backend::contract::{Artefact, Backend, Change, Lowered, Lowering, Observed, Permits, Phase};
use crate::backend::fact::{Fact, Symbols};
use crate::backend::state::Reading;
use crate::backend::views;
use crate::diagnostic::{Diagnostics, Reported};
use crate::inventory::{Accounts, IntegrationId, Inventory};

/// The backend.
pub struct Synapse;

/// What Synapse holds.
pub const CAPABILITIES: Capabilities = Capabilities {
    versions: "dedicated SQL pools of Azure Synapse Analytics as documented on 2026-11-25; neither serverless pools nor Microsoft Fabric",
    read_tables: Support::Exact,
    write_tables: Support::Refused("tables are read through views, which are not written to"),
    write_views: Support::Refused("tables are read through views, which are not written to"),
    prefixes: Support::Refused("Synapse has no S3 prefixes"),
    null: Support::Exact,
    constant: Support::Narrowed(
        "null where the constant is longer than the declared length, or outside ASCII in a varchar",
    ),
    hash: Support::Narrowed("null where the declared length is below 64"),
    keep: Support::Exact,
    regex: Support::Narrowed("always null: dedicated pools have no regular expressions"),
    round_number: Support::Narrowed("null on floating point columns"),
    round_date: Support::Exact,
    custom: Support::Narrowed("null without a `synapse` text"),
    when: Support::Narrowed("refused where it orders texts (`<` and its kin), or has a `_` in `like`"),
    rows: Support::Narrowed("refused where they order texts (`<` and its kin), or have a `_` in `like`"),
    user_values: Support::Exact,
    user_atoms: Support::Exact,
    masked_input: Support::Exact,
    masked_writers: Support::Refused("tables are read through views, which are not written to"),
    limits: "128 characters a name, 1,024 columns a view, 20,000 texts and 65,535 names an expression, 3,999 characters a value of a user",
    remarks: &[
        "users query the view `<schema>_<table>` in `config.schema` of the pool; a hash ends its name where that could be another table's",
        "a pool's queries read no other database: tables outside `config.database` are not granted",
        "accounts are database user names as sys.database_principals spells them, which USER_NAME() gives, also to who came in by a group of Entra; logins may be named otherwise",
        "who is in the database by a group alone is in no role of ours by himself, and gets nothing",
        "the schema of views is dbo's, so views read dbo's tables for those who may not: where another principal owns a table or its schema, the chain breaks and reading its view is an error",
        "dbo and members of db_owner read everything, whatever the views say, and so does who owns a table or schema: owners are not exported, and their bypass is not told",
        "who may alter a schema can put a view of his own before its tables: ALTER counts as writing only",
        "an expression of a query may be computed on rows that the view then hides: an error, or the time that a query takes, can tell of them",
        "texts compare by code unit (Latin1_General_100_BIN2) inside views; queries over them compare by the columns' own collations",
        "a text that a char or varchar column cannot hold in its code page is no longer the text that was written: hashes are of what is stored",
        "the salt stands in the views: whoever has VIEW DEFINITION on them can read it in sys.sql_modules, and so can who reads sys.dm_pdw_exec_requests",
        "roles have no comments: ours are told by the shape of their names",
        "to grant SELECT on a view to a role of ours takes the place of a DENY that somebody put there",
        "there is no DDL in transactions: a file that stops half-way has given less than it says, and may be run again",
    ],
};

impl Backend for Synapse {
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
        inventory: &Inventory,
        integration: IntegrationId,
        facts: &[Fact],
        symbols: &Symbols,
        salt: Option<&str>,
    ) -> Vec<Artefact> {
        emit::emit(inventory, integration, facts, symbols, salt)
    }

    fn state(
        &self,
        _inventory: &Inventory,
        _integration: IntegrationId,
        facts: &[Fact],
        symbols: &Symbols,
        salt: Option<&str>,
    ) -> Vec<Artefact> {
        export::state(facts, symbols, salt)
    }

    fn permits<'a>(
        &self,
        inventory: &'a Inventory,
        integration: IntegrationId,
        facts: &[Fact],
        symbols: &'a Symbols,
        accounts: &Accounts,
    ) -> Box<dyn Permits + 'a> {
        Box::new(access::Access::of(inventory, integration, facts, symbols, accounts))
    }

    fn statement(
        &self,
        inventory: &Inventory,
        integration: IntegrationId,
        change: &Change,
        symbols: &Symbols,
    ) -> String {
        statement::statement(inventory, integration, change, symbols)
    }

    fn title(&self, fact: &Fact, symbols: &Symbols) -> String {
        statement::title(fact, symbols)
    }

    fn phase(&self, change: &Change, symbols: &Symbols) -> Phase {
        views::phase(change, symbols)
    }

    fn needs(&self, _fact: &Fact, _symbols: &Symbols) -> Vec<String> {
        Vec::new()
    }

    fn atomic(&self, _fact: &Fact) -> bool {
        false
    }

    fn same(&self, desired: &Fact, observed: &Fact, symbols: &Symbols) -> bool {
        views::same(desired, observed, symbols, native::DIALECT)
    }

    fn concerns(&self, fact: &Fact, symbols: &Symbols) -> Option<String> {
        Some(symbols.text(fact.key.object).to_owned())
    }

    fn understood(&self, fact: &Fact, symbols: &Symbols) -> bool {
        observe::understood(fact, symbols)
    }
}
