//! Google BigQuery: authorized secure views, granted to users and groups.
//!
//! One view per table in the dataset `<dataset><config.datasetSuffix>`, which holds masks and filters and asks the entitlement table of
//! `<config.dataset>` who the current user is. BigQuery has no roles: users, and groups under `groups: trusted`, may read a view, and
//! the view, being authorized, its table. Nobody gets a table or a dataset.
//!
//! With `enforcement: native` it is the tables that are granted, under row access policies and data policies: see [`policies`].

mod access;
pub mod bootstrap;
mod emit;
mod export;
mod holders;
mod limit;
mod lower;
mod member;
mod native;
mod observe;
mod policies;
mod principals;
mod roles;
mod statement;
#[cfg(test)]
mod tests;

use crate::backend::capability::{Capabilities, Support};
use crate::backend::contract::{Artefact, Backend, Change, Lowered, Lowering, Observed, Op, Permits, Phase};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::state::Reading;
use crate::backend::views;
use crate::diagnostic::{Diagnostics, Reported};
use crate::inventory::{Accounts, IntegrationId, Inventory};

/// The backend.
pub struct BigQuery;

/// What BigQuery holds.
pub const CAPABILITIES: Capabilities = Capabilities {
    versions: "Google BigQuery (GoogleSQL) as documented on 2026-11-25",
    read_tables: Support::Exact,
    write_tables: Support::Refused("tables are read through views, which are not written to"),
    write_views: Support::Refused("tables are read through views, which are not written to"),
    prefixes: Support::Refused("BigQuery has no S3 prefixes"),
    null: Support::Exact,
    constant: Support::Exact,
    hash: Support::Narrowed("null where the declared length is below 64"),
    keep: Support::Exact,
    regex: Support::Exact,
    round_number: Support::Narrowed("null on floating point columns"),
    round_date: Support::Exact,
    custom: Support::Narrowed("null without a `bigquery` text"),
    when: Support::Exact,
    rows: Support::Exact,
    user_values: Support::Exact,
    user_atoms: Support::Exact,
    masked_input: Support::Exact,
    masked_writers: Support::Refused("tables are read through views, which are not written to"),
    limits: "1,500 members a view, 250 groups among them; 2,500 authorized views a dataset, past which the views' dataset is authorized whole; 256,000 characters and 10,000 columns a view; 1 MB a script, so that files may go on in `_002`",
    remarks: &[
        "a column with a collation compares by it, which may see more texts as equal than the policy does",
        "users query the view `<project>.<dataset><suffix>.<table>`; they also need bigquery.jobs.create (roles/bigquery.jobUser) in some project",
        "accounts are IAM members in lower case, `user:…`, `serviceAccount:…`, and `group:…` for groups (`{{ id | lower }}` makes them so): letter case does not count in addresses, so another case would be the same member under another account; `principal://…` gets nothing",
        "views read their tables because they are authorized there, whoever made them; to make them, the identity that runs the files must read the tables",
        "`authorized_views.json` goes into access lists by datasets.get and datasets.patch: add its entries to those that are there, under the list's etag; nobody reads a view before",
        "that the replacing of a view keeps its grants and authorizations is not promised anywhere: behind a changed view a plan makes both again",
        "a view of the catalog must itself be authorized to read what stands behind it",
        "a row access policy or a policy tag on a table still stands for whoever reads its view, and may hide more",
        "who may create views in a views' dataset may read the entitlements through them, and, past 2,500 views, the tables",
        "a column that the catalog lacks is not in the view: compile again when columns come",
        "an expression of a query may be computed on rows that the view then hides: an error, or a function of the user's own, can tell of them",
        "bindings on projects and folders, and IAM deny policies, are not exported: a plan cannot see whom they let in or keep out",
        "a dataset's basic roles (`projectReaders`, `projectOwners`) let in whoever holds the project's: the plan tells of them as of accounts",
        "the salt stands in the views, and whoever reads a view may read its text (bigquery.tables.get is part of dataViewer): against readers of the view itself a salt protects nothing",
        "all of this is about views; `enforcement: native` (below) grants the tables under row access policies and data policies: it refuses `when`, and shows null for `custom`, `round to N` and most dates",
        "names of projects, datasets and tables hold letters, digits, `_`, and `-` (tables: blanks too): a legacy `domain:project` gets nothing",
    ],
};

impl Backend for BigQuery {
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
        export::state(&inventory.integrations[integration], facts, symbols, salt)
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

    /// A view that is there without its authorization shows nothing, whatever it says: it may be authorized only once it says what is
    /// desired, and once those whom that is not for are gone.
    fn phase(&self, change: &Change, symbols: &Symbols) -> Phase {
        match (change.fact.key.kind, change.op) {
            (FactKind::AuthorizedView, Op::Add | Op::Replace) => Phase::Protect,
            _ => policies::phase(change, symbols).unwrap_or_else(|| views::phase(change, symbols)),
        }
    }

    /// An authorization is for a view that exists.
    fn needs(&self, fact: &Fact, symbols: &Symbols) -> Vec<String> {
        let grantee = symbols.text(fact.key.grantee);
        let of_view = fact.key.kind == FactKind::AuthorizedView && grantee.starts_with("VIEW ");
        let needs = policies::needs(fact, symbols);
        of_view.then(|| grantee.to_owned()).into_iter().chain(needs).collect()
    }

    fn atomic(&self, _fact: &Fact) -> bool {
        false
    }

    fn same(&self, desired: &Fact, observed: &Fact, symbols: &Symbols) -> bool {
        views::same(desired, observed, symbols, native::DIALECT) || policies::same(desired, observed, symbols)
    }

    fn concerns(&self, fact: &Fact, symbols: &Symbols) -> Option<String> {
        if let Some(table) = policies::concerns(fact, symbols) {
            return Some(table);
        }
        let about = match fact.key.kind {
            FactKind::AuthorizedView => fact.key.grantee,
            _ => fact.key.object,
        };
        Some(symbols.text(about).to_owned())
    }

    fn understood(&self, fact: &Fact, symbols: &Symbols) -> bool {
        observe::understood(fact, symbols)
    }
}
