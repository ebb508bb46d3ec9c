//! Snowflake: roles, grants, masking policies and row access policies. Enterprise Edition or higher for the latter two.
//!
//! A class of securables is a role (`GRANTC_<subscription>_<hash>`), a mask's decision a masking policy, a table's filters one row
//! access policy; policies ask `IS_ROLE_IN_SESSION` of roles that we fill, and the entitlement table
//! `"<config.database>"."GRANTC"."ENTITLEMENTS"` of the current user. Our mark is a comment that begins with `grantc:`.

mod access;
pub mod bootstrap;
mod desired;
mod emit;
mod entitlements;
mod export;
mod grants;
mod lower;
mod masks;
mod native;
mod observe;
mod paths;
mod rows;
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
use crate::backend::state::Reading;
use crate::diagnostic::{Diagnostics, Reported};
use crate::inventory::{Accounts, IntegrationId, Inventory};

/// The backend.
pub struct Snowflake;

/// What Snowflake holds.
pub const CAPABILITIES: Capabilities = Capabilities {
    versions: "Snowflake Enterprise Edition or higher, as documented on 2026-11-23",
    read_tables: Support::Exact,
    write_tables: Support::Exact,
    write_views: Support::Refused("views, materialized views and external tables take no DML"),
    prefixes: Support::Refused("Snowflake has no S3 prefixes"),
    null: Support::Exact,
    constant: Support::Exact,
    hash: Support::Narrowed("null where the column's declared length is below 64"),
    keep: Support::Exact,
    regex: Support::Narrowed("null where POSIX could match another stretch of text than RE2"),
    round_number: Support::Narrowed("null on floating point columns"),
    round_date: Support::Narrowed("null on TIMESTAMP_TZ and TIMESTAMP_LTZ"),
    custom: Support::Exact,
    when: Support::Exact,
    rows: Support::Exact,
    user_values: Support::Exact,
    user_atoms: Support::Exact,
    masked_input: Support::Refused(
        "a column stands in a masking policy or in a row access policy, not in both",
    ),
    masked_writers: Support::Exact,
    limits: "255 characters a name; no documented number of policies; statements are kept below 1 MB",
    remarks: &[
        "a session sees what its active roles give: DEFAULT_SECONDARY_ROLES = ('ALL') makes all of a user's roles active; dropping one only hides",
        "accounts are user names as SHOW USERS prints them (what CURRENT_USER() gives), not login names",
        "masks and filters on materialized views and external tables are refused for those whom they concern",
        "the salt stands in policy bodies: whoever may DESCRIBE a policy or read ACCOUNT_USAGE.MASKING_POLICIES can read it",
        "a column with COLLATE compares by its collation, which may see more texts as equal than the policy does",
        "writing what is masked or filtered for the writer is not refused: UPDATE and DELETE reach visible rows and compare masked values",
        "the set-up needs a role with CREATE ROLE, MANAGE GRANTS, APPLY MASKING POLICY and APPLY ROW ACCESS POLICY",
    ],
};

impl Backend for Snowflake {
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
        let hides = body::entitlements::hides(symbols.text(change.fact.key.privilege));
        match (change.fact.key.kind, change.op) {
            (FactKind::Grant | FactKind::Membership, Op::Add | Op::Replace) => Phase::Expose,
            (FactKind::Grant | FactKind::Membership, Op::Remove) => Phase::Withdraw,
            (FactKind::MaskAttachment | FactKind::RowAttachment, Op::Add | Op::Replace) => Phase::Protect,
            (FactKind::MaskAttachment | FactKind::RowAttachment, Op::Remove) => Phase::Unprotect,
            (FactKind::MaskingPolicy | FactKind::RowAccessPolicy, Op::Replace) => Phase::Protect,
            (FactKind::Entitlement, Op::Add | Op::Replace) if hides => Phase::Prepare,
            (FactKind::Entitlement, Op::Remove) if hides => Phase::Dismantle,
            (FactKind::Entitlement, Op::Add | Op::Replace) => Phase::Reveal,
            (FactKind::Entitlement, Op::Remove) => Phase::Conceal,
            (
                FactKind::Role
                | FactKind::MaskingPolicy
                | FactKind::RowAccessPolicy
                | FactKind::Group
                | FactKind::Location
                | FactKind::Function
                | FactKind::View
                | FactKind::AuthorizedView
                | FactKind::Rule,
                Op::Add | Op::Replace,
            ) => Phase::Prepare,
            (
                FactKind::Role
                | FactKind::MaskingPolicy
                | FactKind::RowAccessPolicy
                | FactKind::Group
                | FactKind::Location
                | FactKind::Function
                | FactKind::View
                | FactKind::AuthorizedView
                | FactKind::Rule,
                Op::Remove,
            ) => Phase::Dismantle,
        }
    }

    fn needs(&self, fact: &Fact, symbols: &Symbols) -> Vec<String> {
        // Roles come a phase before what is granted to them or whom they are granted to; bodies and attachments share one.
        match fact.key.kind {
            FactKind::MaskAttachment | FactKind::RowAttachment => {
                vec![native::Attached::parse(symbols.text(fact.body)).policy]
            }
            FactKind::Role
            | FactKind::Grant
            | FactKind::Membership
            | FactKind::MaskingPolicy
            | FactKind::RowAccessPolicy
            | FactKind::Entitlement
            | FactKind::Group
            | FactKind::Location
            | FactKind::Function
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule => Vec::new(),
        }
    }

    fn atomic(&self, _fact: &Fact) -> bool {
        false
    }

    fn concerns(&self, fact: &Fact, symbols: &Symbols) -> Option<String> {
        let text = symbols.text(fact.key.object);
        match fact.key.kind {
            // A mask stands on a column of the relation that a grant is about.
            FactKind::MaskAttachment => {
                Some(native::Object { column: None, ..native::Object::parse(text) }.text())
            }
            FactKind::Role
            | FactKind::Grant
            | FactKind::Membership
            | FactKind::MaskingPolicy
            | FactKind::RowAccessPolicy
            | FactKind::RowAttachment
            | FactKind::Entitlement
            | FactKind::Group
            | FactKind::Location
            | FactKind::Function
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule => Some(text.to_owned()),
        }
    }

    fn understood(&self, fact: &Fact, symbols: &Symbols) -> bool {
        observe::understood(fact, symbols)
    }
}
