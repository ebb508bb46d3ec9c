//! Amazon S3 Access Grants.
//!
//! A grant says: this grantee may READ, WRITE or READWRITE the keys that start with this prefix. There are no roles, no denies,
//! no rows and columns; whoever holds a grant asks GetDataAccess for credentials, which a location's IAM role vends.
//! Facts: `native.rs`. One base location per integration, and one grant for each data source and holder.
//! Vendor: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants.html>; quotes and findings: `docs/platforms.md`.

mod access;
mod emit;
mod export;
mod grantee;
mod holders;
mod limit;
mod location;
mod lower;
mod native;
mod observe;
mod overlap;
mod pages;
#[cfg(test)]
mod tests;

use location::Site;

use super::state::Reading;
use super::{
    Artefact, Backend, Capabilities, Change, Fact, FactKind, Lowered, Lowering, Observed, Op, Permits, Phase,
    Support, Symbols,
};
use crate::diagnostic::{Diagnostics, Reported};
use crate::inventory::{Accounts, IntegrationId, Inventory};

/// The backend.
pub static S3: AccessGrants = AccessGrants;

/// Amazon S3 Access Grants.
#[derive(Clone, Copy, Debug)]
pub struct AccessGrants;

const NO_TABLES: Support = Support::Refused("Access Grants speak of keys in buckets, not of tables");

static CAPABILITIES: Capabilities = Capabilities {
    versions: "Amazon S3 Access Grants, S3 Control API 2018-08-20",
    read_tables: NO_TABLES,
    write_tables: NO_TABLES,
    write_views: NO_TABLES,
    prefixes: Support::Exact,
    null: NO_TABLES,
    constant: NO_TABLES,
    hash: NO_TABLES,
    keep: NO_TABLES,
    regex: NO_TABLES,
    round_number: NO_TABLES,
    round_date: NO_TABLES,
    custom: NO_TABLES,
    when: NO_TABLES,
    rows: NO_TABLES,
    user_values: NO_TABLES,
    user_atoms: NO_TABLES,
    masked_input: NO_TABLES,
    masked_writers: NO_TABLES,
    limits: "100,000 grants (or `grantc.quotas.grants`) and 1,000 locations in an account and region; one location is used",
    remarks: &[
        "AWS has no deny: who may not a data source inside another is refused the outer one too (gap `overlap`)",
        "a grantee is an IAM user or role (an account `arn:…`) or a user or group of IAM Identity Center (a UUID in lower case); other accounts are refused (gap `unrepresentable`)",
        "a data source outside `config.awsLocationPath`, or one that AWS joins to it in no documented way, is refused (gap `unrepresentable`); `s3://` takes them all",
        "credentials that were vended before a grant goes live on for up to 12 hours",
        "`mode: minimal` permits the same as `exact`, but GetDataAccess then vends credentials for the wider scope that remains",
        "a grant cannot be changed: every change is a deletion and a creation",
        "IAM policies and bucket policies open the same keys beside Access Grants: they are not read",
        "`access-grants.json` names a location other than `s3://` by its scope until its id is known",
    ],
};

impl Backend for AccessGrants {
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
        _salt: Option<&str>,
        symbols: &mut Symbols,
    ) -> Result<Observed, Reported> {
        observe::observe(&inventory.integrations[integration], reading, symbols)
    }

    fn emit(
        &self,
        inventory: &Inventory,
        integration: IntegrationId,
        facts: &[Fact],
        symbols: &Symbols,
        _salt: Option<&str>,
    ) -> Vec<Artefact> {
        emit::emit(&Site::of(&inventory.integrations[integration]), facts, symbols)
    }

    fn state(
        &self,
        inventory: &Inventory,
        integration: IntegrationId,
        facts: &[Fact],
        symbols: &Symbols,
        _salt: Option<&str>,
    ) -> Vec<Artefact> {
        emit::state(&Site::of(&inventory.integrations[integration]), facts, symbols)
    }

    fn permits<'a>(
        &self,
        inventory: &'a Inventory,
        _integration: IntegrationId,
        facts: &[Fact],
        symbols: &'a Symbols,
        accounts: &Accounts,
    ) -> Box<dyn Permits + 'a> {
        Box::new(access::GrantsPermit::new(inventory, facts, symbols, accounts))
    }

    fn statement(
        &self,
        inventory: &Inventory,
        integration: IntegrationId,
        change: &Change,
        symbols: &Symbols,
    ) -> String {
        emit::statement(&Site::of(&inventory.integrations[integration]), change, symbols)
    }

    fn title(&self, fact: &Fact, symbols: &Symbols) -> String {
        access::title(fact, symbols)
    }

    fn phase(&self, change: &Change, _symbols: &Symbols) -> Phase {
        match (change.fact.key.kind == FactKind::Location, change.op) {
            (true, Op::Add) => Phase::Prepare,
            // Another role may reach further at once.
            (true, Op::Replace) => Phase::Protect,
            (true, Op::Remove) => Phase::Dismantle,
            (false, Op::Add) => Phase::Expose,
            (false, Op::Remove | Op::Replace) => Phase::Withdraw,
        }
    }

    fn needs(&self, fact: &Fact, symbols: &Symbols) -> Vec<String> {
        match fact.key.kind {
            FactKind::Grant => vec![symbols.text(fact.body).to_owned()],
            _ => Vec::new(),
        }
    }

    fn atomic(&self, _fact: &Fact) -> bool {
        false
    }

    fn understood(&self, fact: &Fact, symbols: &Symbols) -> bool {
        observe::understood(fact, symbols)
    }

    /// A location with another role than ours stands in no grant's way: whichever role vends the credentials, the scope of the
    /// grant bounds them.
    fn concerns(&self, fact: &Fact, symbols: &Symbols) -> Option<String> {
        Some(match fact.key.kind {
            FactKind::Location => self.title(fact, symbols),
            _ => symbols.text(fact.key.object).to_owned(),
        })
    }
}
