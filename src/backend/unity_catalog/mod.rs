//! Databricks Unity Catalog: account groups, grants, and functions that mask columns and filter rows.
//!
//! A class of securables is a group (`grantc_<subscription>_<hash>`), a mask's decision a function, a table's filters one function;
//! functions ask `is_account_group_member` of groups that we fill, and the entitlement table `<config.catalog>.grantc.entitlements`
//! of the current user. Our mark is a function's comment, or a group's `externalId`, that begins with `grantc:`.

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

use crate::backend::body;
use crate::backend::capability::{Capabilities, Support};
use crate::backend::contract::{Artefact, Backend, Change, Lowered, Lowering, Observed, Op, Permits, Phase};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::sql::fingerprint;
use crate::backend::state::Reading;
use crate::diagnostic::{Diagnostics, Reported};
use crate::inventory::{Accounts, IntegrationId, Inventory};

/// The backend.
pub struct UnityCatalog;

/// What Unity Catalog holds.
pub const CAPABILITIES: Capabilities = Capabilities {
    versions: "Databricks with Unity Catalog (privilege model 1.0), as documented on 2026-11-23; tables with masks or filters need Databricks Runtime 12.2 or SQL warehouses, 17.2 to update them through filters on partition columns, and serverless compute beside dedicated compute 15.4",
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
    round_date: Support::Narrowed(
        "null on TIMESTAMP, whose time zone is the session's; TIMESTAMP_NTZ is rounded",
    ),
    custom: Support::Narrowed("null without a `databricks` text"),
    when: Support::Exact,
    rows: Support::Exact,
    user_values: Support::Exact,
    user_atoms: Support::Exact,
    masked_input: Support::Refused("a masked column is not fed to another mask or to a filter"),
    masked_writers: Support::Exact,
    limits: "5,000 groups an account, 1,500 direct memberships of one principal (more is an error), 255 characters a name; no documented number of grants, masks or filters",
    remarks: &[
        "a column with a collation compares by it, which may see more texts as equal than the policy does",
        "accounts are what session_user() gives: e-mail addresses of users, application ids of service principals",
        "groups are the account's, for grants and is_account_group_member know no others: `groups.json` goes to the account's SCIM API, whose members are ids there",
        "privileges on a catalog or schema reach every table inside, now and later, and no revoke on a table takes them away: the plan reports whom they let past the policies",
        "an owner and whoever holds MANAGE can give himself access and take masks off; owners stand in no list of privileges, so export catalogs.csv, schemata.csv and tables.csv too",
        "masks and filters on views and materialized views are refused for those whom they concern; tables under them keep theirs",
        "masked and filtered tables have no time travel, clones, path access, Iceberg or Unity REST reads, sharing or vector search for anybody (2026-11-23)",
        "columns that a generated column reads take no mask: SET MASK fails there, and the grants behind it wait",
        "policies of attribute-based access control (CREATE POLICY) are not listed in information_schema and not read: one beside ours on the same column or table makes queries fail, which shows nothing",
        "CHAR and VARCHAR columns are STRING in functions; a column with a collation compares by it, which may see more texts as equal than the policy does",
        "the salt stands in functions: whoever may read their definition (EXECUTE, or USE SCHEMA and ownership; information_schema.routines) can read it",
        "grants are seen a while after they are made (about a minute, 2026-11-23)",
        "the set-up needs CREATE CATALOG (or a catalog of its own), MANAGE on the governed catalogs and an account administrator for groups",
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
        let hides = body::entitlements::hides(symbols.text(change.fact.key.privilege));
        match (change.fact.key.kind, change.op) {
            (FactKind::Grant | FactKind::Membership, Op::Add | Op::Replace) => Phase::Expose,
            (FactKind::Grant | FactKind::Membership, Op::Remove) => Phase::Withdraw,
            (FactKind::MaskAttachment | FactKind::RowAttachment, Op::Add | Op::Replace) => Phase::Protect,
            (FactKind::MaskAttachment | FactKind::RowAttachment, Op::Remove) => Phase::Unprotect,
            // A body that changes does so wherever it stands, at once: after what it reveals to has gone, before what comes.
            (FactKind::Function, Op::Replace) => Phase::Protect,
            (FactKind::Entitlement, Op::Add | Op::Replace) if hides => Phase::Prepare,
            (FactKind::Entitlement, Op::Remove) if hides => Phase::Dismantle,
            (FactKind::Entitlement, Op::Add | Op::Replace) => Phase::Reveal,
            (FactKind::Entitlement, Op::Remove) => Phase::Conceal,
            (
                FactKind::Group
                | FactKind::Function
                | FactKind::Role
                | FactKind::MaskingPolicy
                | FactKind::RowAccessPolicy
                | FactKind::Location
                | FactKind::View
                | FactKind::AuthorizedView
                | FactKind::Rule,
                Op::Add | Op::Replace,
            ) => Phase::Prepare,
            (
                FactKind::Group
                | FactKind::Function
                | FactKind::Role
                | FactKind::MaskingPolicy
                | FactKind::RowAccessPolicy
                | FactKind::Location
                | FactKind::View
                | FactKind::AuthorizedView
                | FactKind::Rule,
                Op::Remove,
            ) => Phase::Dismantle,
        }
    }

    fn needs(&self, fact: &Fact, symbols: &Symbols) -> Vec<String> {
        // Groups come a phase before what is granted to them; bodies and attachments that change share one.
        match fact.key.kind {
            FactKind::MaskAttachment | FactKind::RowAttachment => {
                vec![native::Attached::parse(symbols.text(fact.body)).function]
            }
            FactKind::Group
            | FactKind::Grant
            | FactKind::Membership
            | FactKind::Function
            | FactKind::Entitlement
            | FactKind::Role
            | FactKind::MaskingPolicy
            | FactKind::RowAccessPolicy
            | FactKind::Location
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule => Vec::new(),
        }
    }

    fn atomic(&self, _fact: &Fact) -> bool {
        false
    }

    /// A body that comes back printed anew is what was written.
    fn same(&self, desired: &Fact, observed: &Fact, symbols: &Symbols) -> bool {
        if desired.body == observed.body {
            return true;
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
        let text = symbols.text(fact.key.object);
        match fact.key.kind {
            // A mask stands on a column of the relation that a grant is about.
            FactKind::MaskAttachment => Some(Object { column: None, ..Object::parse(text) }.text()),
            FactKind::Group
            | FactKind::Grant
            | FactKind::Membership
            | FactKind::Function
            | FactKind::RowAttachment
            | FactKind::Entitlement
            | FactKind::Role
            | FactKind::MaskingPolicy
            | FactKind::RowAccessPolicy
            | FactKind::Location
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule => Some(text.to_owned()),
        }
    }

    fn understood(&self, fact: &Fact, symbols: &Symbols) -> bool {
        observe::understood(fact, symbols)
    }
}
