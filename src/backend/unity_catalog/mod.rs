//! Databricks Unity Catalog: account groups, grants, and functions that mask columns and filter rows.
//!
//! A class of securables is a group (`grantc_<subscription>_<hash>`), a mask's decision a function, a table's filters one function;
//! functions ask `is_account_group_member` of groups that we fill, and the entitlement table `<config.catalog>.grantc.entitlements`
//! of the current user. Our mark is a function's or policy's comment, a governed tag's description, or a group's `externalId`, that
//! begins with `grantc:`. Functions stand on tables and columns themselves, or with `enforcement: tags` by policies ([`abac`]).

mod abac;
mod access;
pub mod bootstrap;
mod desired;
mod emit;
mod entitlements;
mod export;
mod grants;
mod limit;
mod lower;
mod masks;
mod native;
mod observe;
mod permissions;
mod phases;
mod reach;
mod rows;
mod scim;
mod sessions;
mod sightings;
mod statement;
mod target;
mod types;

#[cfg(test)]
mod tests;

use crate::backend::capability::{Capabilities, Support};
use crate::backend::contract::{Artefact, Backend, Change, Lowered, Lowering, Observed, Permits, Phase};
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols};
use crate::backend::sql::fingerprint;
use crate::backend::state::Reading;
use crate::diagnostic::{Diagnostics, Reported};
use crate::inventory::integration::Enforcement;
use crate::inventory::{Accounts, IntegrationId, Inventory};

/// The backend.
pub struct UnityCatalog;

/// What Unity Catalog holds.
pub const CAPABILITIES: Capabilities = Capabilities {
    versions: "Databricks with Unity Catalog (privilege model 1.0), as documented on 2026-11-23; tables with masks or filters need Databricks Runtime 12.2 or SQL warehouses, 17.2 to update them through filters on partition columns, and serverless compute beside dedicated compute 15.4; `enforcement: tags` needs 16.4 or serverless compute, and 18.1 to make governed tags in SQL",
    read_tables: Support::Exact,
    write_tables: Support::Narrowed(
        "MODIFY is of use to those only who may SELECT too: who may write but not read cannot write",
    ),
    write_views: Support::Refused("views and materialized views take no DML"),
    prefixes: Support::Refused("Unity Catalog has no S3 prefixes of this kind"),
    null: Support::Exact,
    constant: Support::Narrowed("null where the constant does not fit the declared type"),
    hash: Support::Narrowed("null where the column's declared length is below 64"),
    keep: Support::Exact,
    regex: Support::Narrowed("null where the replacement may outgrow the declared type"),
    round_number: Support::Narrowed("null on floating point columns"),
    round_date: Support::Exact,
    custom: Support::Narrowed("null without a `databricks` text"),
    when: Support::Narrowed(
        "exact; with `enforcement: tags` refused where the masks of a column read more than two others",
    ),
    rows: Support::Narrowed(
        "exact; with `enforcement: tags` refused where the filters of a table read more than three columns",
    ),
    user_values: Support::Exact,
    user_atoms: Support::Exact,
    masked_input: Support::Refused("a masked column is not fed to another mask or to a filter"),
    masked_writers: Support::Exact,
    limits: "5,000 groups an account, 1,500 direct memberships of one principal (more is an error), 255 characters a name; no documented number of grants, masks or filters on tables and columns; with `enforcement: tags` 100 policies a catalog and a schema, 50 a table, 10,000 a metastore, those of others among them, 500 values a governed tag, and 1,000 tags on the columns of a table",
    remarks: &[
        "a column with a collation compares by it, which may see more texts as equal than the policy does",
        "accounts are what session_user() gives: e-mail addresses of users, application ids of service principals",
        "groups are the account's, for grants and is_account_group_member know no others: `groups.json` goes to the account's SCIM API, whose members are ids there",
        "privileges on a catalog or schema reach every table inside, now and later, and no revoke on a table takes them away: the plan reports whom they let past the policies",
        "an owner and whoever holds MANAGE can give himself access and take masks off; owners stand in no list of privileges, so export catalogs.csv, schemata.csv and tables.csv too",
        "masks and filters on views and materialized views are refused for those whom they concern; tables under them keep theirs",
        "masked and filtered tables have no time travel, clones, path access, Iceberg or Unity REST reads, sharing or vector search for anybody (2026-11-23)",
        "columns that a generated column reads take no mask: SET MASK fails there, and the grants behind it wait",
        "policies of attribute-based access control (CREATE POLICY) are not listed in information_schema: export policies.json and column_tags.csv too, for one of others beside ours on the same column or table makes queries fail, which shows nothing",
        "CHAR and VARCHAR columns are STRING in functions; a column with a collation compares by it, which may see more texts as equal than the policy does",
        "the salt stands in functions: whoever may read their definition (EXECUTE, or USE SCHEMA and ownership; information_schema.routines) can read it",
        "grants are seen a while after they are made (about a minute, 2026-11-23)",
        "with `enforcement: tags` a column without its tag is clear: who holds APPLY TAG on a table and ASSIGN on `<prefix>_mask` or `<prefix>_input` can take a mask or filter off (to unset a tag the manual asks for APPLY TAG alone), and so can who holds MANAGE on what a policy stands on; the plan does not count that as a bypass",
        "with `enforcement: tags` a change of a tag counts after some minutes, and no statement tells when: artefacts and plans say where to wait, and who does not wait opens what he grants for that long",
        "with `enforcement: tags` a change from one way to the other, table-level to tags or back, leaves both in place for a while, and nobody reads such a table until the old one is gone",
        "inferred, with `enforcement: tags`, from the manual (2026-11-25): SET TAGS over another value shows either the one or the other; `account users` holds every user and service principal; a column takes no tags from its table",
        "the set-up needs CREATE CATALOG (or a catalog of its own), MANAGE on the governed catalogs and an account administrator for groups; with `enforcement: tags` also CREATE or MANAGE on the governed tags, ASSIGN on them and APPLY TAG on the tables",
    ],
};

impl Backend for UnityCatalog {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn lower(
        &self,
        lowering: &Lowering<'_>,
        symbols: &mut Symbols,
        diagnostics: &mut Diagnostics,
    ) -> Result<Lowered, Reported> {
        lower::lower(lowering, limit::Limits::default(), symbols, diagnostics)
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
        let by_tags = inventory.integrations[integration].enforcement == Enforcement::Tags;
        export::state(facts, symbols, salt, by_tags)
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
        phases::phase(change, symbols)
    }

    fn needs(&self, fact: &Fact, symbols: &Symbols) -> Vec<String> {
        phases::needs(fact, symbols)
    }

    fn atomic(&self, _fact: &Fact) -> bool {
        false
    }

    /// A body that comes back printed anew is what was written.
    fn same(&self, desired: &Fact, observed: &Fact, symbols: &Symbols) -> bool {
        if desired.body == observed.body {
            return true;
        }
        // Values are only ever added: others, and columns that wait for their new tag, may use the rest.
        if desired.key.kind == FactKind::Rule {
            return abac::tags::covers(symbols.text(desired.body), symbols.text(observed.body));
        }
        if desired.key.kind != FactKind::Function {
            return false;
        }
        let [left, right] =
            [desired, observed].map(|fact| native::FunctionBody::parse(symbols.text(fact.body)));
        let says = |body: &native::FunctionBody| fingerprint::fingerprint(&body.expression, native::DIALECT);
        left.shape() == right.shape() && says(&left) == says(&right)
    }

    fn concerns(&self, fact: &Fact, symbols: &Symbols) -> Option<String> {
        phases::concerns(fact, symbols)
    }

    /// A table-level mask or filter and one that follows tags are two ways to the same place, and both together make queries fail.
    fn rival(&self, desired: &Fact, symbols: &Symbols) -> Option<FactKey> {
        phases::rival(desired, symbols)
    }

    fn settles(&self, change: &Change, symbols: &Symbols) -> Option<&'static str> {
        phases::settles(change, symbols)
    }

    fn understood(&self, fact: &Fact, symbols: &Symbols) -> bool {
        observe::understood(fact, symbols)
    }
}
