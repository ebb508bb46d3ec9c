//! Amazon Redshift: secure views, or policies on tables, and roles that may read them.
//!
//! One late-binding view per table in `"<config.schema>"` of `<config.database>`, which holds masks and filters and asks the
//! entitlement table who the current user is; a class of tables is a role (`grantc_<subscription>_<hash>`). Nobody gets a table.
//! With `enforcement: native`, roles get the tables themselves, behind row-level security and dynamic data masking: [`policies`].

mod access;
pub mod bootstrap;
mod emit;
mod export;
mod lower;
mod native;
mod observe;
mod policies;
mod safety;
mod statement;

#[cfg(test)]
mod tests;

use crate::backend::capability::{Capabilities, Support};
use crate::backend::contract::{Artefact, Backend, Change, Lowered, Lowering, Observed, Permits, Phase};
use crate::backend::fact::{Fact, Symbols};
use crate::backend::state::Reading;
use crate::diagnostic::{Diagnostics, Reported};
use crate::inventory::{Accounts, IntegrationId, Inventory};

/// The backend.
pub struct Redshift;

/// What Redshift holds.
pub const CAPABILITIES: Capabilities = Capabilities {
    versions: "Amazon Redshift as documented on 2026-11-25; RA3 nodes or Serverless where tables live in other databases than the views",
    read_tables: Support::Exact,
    write_tables: Support::Refused("tables are read through views, which are not written to"),
    write_views: Support::Refused("tables are read through views, which are not written to"),
    prefixes: Support::Refused("Redshift has no S3 prefixes"),
    null: Support::Exact,
    constant: Support::Narrowed("null where the constant has more bytes than the declared length"),
    hash: Support::Narrowed("null where the declared length is below 64"),
    keep: Support::Exact,
    regex: Support::Narrowed(
        "null where POSIX could match another stretch of text than RE2, and where the replacement has `\\`, `$` or `&`",
    ),
    round_number: Support::Narrowed("null on floating point columns"),
    round_date: Support::Exact,
    custom: Support::Narrowed("null without a `redshift` text"),
    when: Support::Exact,
    rows: Support::Exact,
    user_values: Support::Exact,
    user_atoms: Support::Exact,
    masked_input: Support::Exact,
    masked_writers: Support::Refused("tables are read through views, which are not written to"),
    limits: "127 bytes a name, 1,600 columns a view, 16 MB a statement",
    remarks: &[
        "users query the view `<schema>.<database>_<schema>_<table>` in `config.database`; a hash ends its name where that could be another table's",
        "accounts are database user names, as current_user gives them",
        "the role that runs the files owns the views and needs SELECT on the tables behind them",
        "a column that the catalog lacks is not in the view: compile again when columns come",
        "superusers read everything, whatever the views say",
        "an expression of a query may be computed on rows that the view then hides: an error, or a function of the user's own, can tell of them",
        "a standard view of somebody else over one of ours keeps it from being dropped, and so from getting other columns",
        "the salt stands in the views: whoever may read pg_views or svv_views can read it",
        "roles have no comments: ours are told by the shape of their names",
        "the answers above are about `enforcement: auto`; the remarks below about `enforcement: native`, which grants the tables of `config.database` and attaches policies to them",
        "native: masks and filters on views and materialized views are refused for those whom they concern, and so is a mask whose `when` reads a masked column; nobody gets external tables, and tables of other databases",
        "native: a masked `super`, `geometry` or `hllsketch` column, and a policy of more than 30,000 bytes, are refused for those whom the mask or filter concerns",
        "native: superusers, `sys:secadmin` and holders of IGNORE RLS see every row; superusers can detach any policy",
        "native: who reads a view over a protected table is masked and filtered there, too, by himself and not by the view's owner",
        "native: base tables of materialized views take no row policy, and tables with policies are not read from other databases or shared: ATTACH or the query fails",
        "native: another's policy in the place of ours keeps ours out, and the grants behind it; beside ours it is judged by its priority, grantee and AND or OR",
        "native: bodies are printed anew by Redshift, so they are compared by inputs, texts, branches and comparisons in their order, and by their numbers; what differs in casts or calls of functions alone is not seen",
        "native, INFERRED: a constant may stand before IN (SELECT …) in a policy, current_user in it is who asks, and CREATE, ATTACH, DETACH, ALTER and DROP take part in transactions",
    ],
};

impl Backend for Redshift {
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
        inventory: &Inventory,
        integration: IntegrationId,
        facts: &[Fact],
        symbols: &Symbols,
        salt: Option<&str>,
    ) -> Vec<Artefact> {
        export::state(inventory, integration, facts, symbols, salt)
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
        safety::phase(change, symbols)
    }

    fn needs(&self, fact: &Fact, symbols: &Symbols) -> Vec<String> {
        safety::needs(fact, symbols)
    }

    fn atomic(&self, _fact: &Fact) -> bool {
        false
    }

    fn same(&self, desired: &Fact, observed: &Fact, symbols: &Symbols) -> bool {
        safety::same(desired, observed, symbols)
    }

    fn concerns(&self, fact: &Fact, symbols: &Symbols) -> Option<String> {
        Some(safety::concerns(fact, symbols))
    }

    fn understood(&self, fact: &Fact, symbols: &Symbols) -> bool {
        observe::understood(fact, symbols)
    }
}
