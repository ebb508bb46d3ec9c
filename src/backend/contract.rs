//! What a platform must be able to do.
//!
//! `lower` makes facts of a program, `observe` makes facts of exports, `emit` makes files of facts, `permits` says what
//! facts mean. Law 3: `observe(state(facts)) = facts`. Law 1: what `permits` says of lowered facts is within the reference.

use roaring::RoaringBitmap;

use super::capability::Capabilities;
use super::fact::{Fact, FactKey, Symbols};
use super::gap::Gap;
use super::state::Reading;
use crate::diagnostic::{Diagnostics, Reported};
use crate::inventory::directory::Access;
use crate::inventory::{Accounts, ColumnId, Integration, IntegrationId, Inventory, Securable, TableId};
use crate::ir::{Meaning, Program};

/// A program seen from one integration.
pub struct Lowering<'a> {
    /// The policies.
    pub program: &'a Program,
    /// Their meaning at the instant of the compile.
    pub meaning: &'a Meaning<'a>,
    /// For which platform.
    pub integration: IntegrationId,
    /// Who has which account there.
    pub accounts: &'a Accounts,
    /// Whether the project has a salt: it stands in bodies as `{salt}`, never by value.
    pub salted: bool,
}

impl<'a> Lowering<'a> {
    /// The integration's settings.
    pub fn settings(&self) -> &'a Integration {
        &self.program.inventory.integrations[self.integration]
    }

    /// The inventory.
    pub fn inventory(&self) -> &'a Inventory {
        &self.program.inventory
    }

    /// The integration's tables, in id order.
    pub fn tables(&self) -> impl Iterator<Item = TableId> + 'a {
        let (catalog, integration) = (&self.program.inventory.catalog, self.integration);
        catalog.tables.ids().filter(move |table| catalog.home(*table).1.integration == integration)
    }

    /// The integration's data sources, in id order.
    pub fn data_sources(&self) -> impl Iterator<Item = crate::inventory::DataSourceId> + 'a {
        let (catalog, integration) = (&self.program.inventory.catalog, self.integration);
        catalog.data_sources.ids().filter(move |id| catalog.data_sources[*id].integration == integration)
    }
}

/// What should exist on a platform, and what it cannot hold.
#[derive(Clone, Debug, Default)]
pub struct Lowered {
    /// Sorted by [`super::fact::sort_by_text`].
    pub facts: Vec<Fact>,
    /// Sorted, without repeats.
    pub gaps: Vec<Gap>,
}

/// What exists on a platform.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Facts that carry our mark, sorted by text.
    pub ours: Vec<Fact>,
    /// The others, sorted by text.
    pub foreign: Vec<Fact>,
    /// Whether there was an export at all.
    pub present: bool,
    /// Whether the platform, as it stands, lets everyone do everything (Trino without rules).
    pub open: bool,
}

/// A file of a compile or a state folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// Below the integration's folder, with `/`.
    pub path: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Holds policy bodies, so perhaps the salt: mode 0600.
    pub secret: bool,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// It comes.
    Add,
    /// It goes.
    Remove,
    /// Its content becomes another.
    Replace,
}

impl Op {
    /// The word of a plan.
    pub fn word(self) -> &'static str {
        match self {
            Op::Add => "add",
            Op::Remove => "remove",
            Op::Replace => "replace",
        }
    }
}

/// One difference between what is desired and what is observed.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// What it does.
    pub op: Op,
    /// The fact: as desired, or for a removal as observed.
    pub fact: Fact,
    /// For a replacement, the fact as observed.
    pub before: Option<Fact>,
}

/// When a change may be made. Within a plan, phases follow each other in this order; law 4 holds at every step:
/// first what only hides or is not used yet, then what takes away, then bodies, then what gives, then what is no longer used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Roles, groups, locations, policies that nothing uses yet, entitlements that only hide.
    Prepare,
    /// Revokes: grants and memberships that go.
    Withdraw,
    /// Entitlements that reveal and go, after the access that they revealed to.
    Conceal,
    /// Policy bodies, attachments and rules that come or change.
    Protect,
    /// Entitlements that reveal and come, before the access that they reveal to.
    Reveal,
    /// Grants and memberships that come.
    Expose,
    /// Attachments that go.
    Unprotect,
    /// Policies, roles, groups, locations and hiding entitlements that go.
    Dismantle,
}

/// What an account sees of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// The value itself, on every row.
    Clear,
    /// The value itself on some rows, or we cannot tell.
    Sometimes,
    /// Never the value itself.
    Masked,
}

/// Which rows of a table an account sees.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowsSeen {
    /// All of them.
    All,
    /// Those that these filters (by policy name; foreign ones by their native name) leave, sorted.
    Filtered(Vec<String>),
}

/// What a set of facts means on its platform. Accounts are indexes into [`Permits::accounts`].
pub trait Permits: Sync {
    /// The accounts that the facts know of, and those asked about, in byte order.
    fn accounts(&self) -> &[String];

    /// Who may, through whatever chain of roles, inheritance, ownership or rules.
    fn may(&self, securable: Securable, access: Access) -> RoaringBitmap;

    /// Who may some of it, though not all: a grant on a part that no other securable speaks for (S3: a narrower scope).
    fn partly(&self, _securable: Securable, _access: Access) -> RoaringBitmap {
        RoaringBitmap::new()
    }

    /// What those who may read the table see of a column. Accounts that are not listed see it clear.
    fn columns(&self, column: ColumnId) -> Vec<(Seen, RoaringBitmap)>;

    /// Which rows those who may read the table see. Accounts that are not listed see all.
    fn rows(&self, table: TableId) -> Vec<(RowsSeen, RoaringBitmap)>;

    /// The native facts through which an account may, in the platform's words: what `explain` shows. Asked of who may only.
    fn through(&self, account: &str, securable: Securable, access: Access) -> Vec<String>;
}

/// One platform.
pub trait Backend: Sync {
    /// What it can hold.
    fn capabilities(&self) -> &'static Capabilities;

    /// Facts and gaps of a program. Errors are limits of the platform that the program exceeds: they name the levers.
    fn lower(
        &self,
        lowering: &Lowering<'_>,
        symbols: &mut Symbols,
        diagnostics: &mut Diagnostics,
    ) -> Result<Lowered, Reported>;

    /// Facts of an export. `salt`: its value, so that it is replaced by `{salt}` in bodies.
    fn observe(
        &self,
        inventory: &Inventory,
        integration: IntegrationId,
        reading: Reading<'_>,
        salt: Option<&str>,
        symbols: &mut Symbols,
    ) -> Result<Observed, Reported>;

    /// The files that build the facts from nothing, in the order of their names, and may be run again.
    /// `salt` goes into policy bodies by value.
    fn emit(
        &self,
        inventory: &Inventory,
        integration: IntegrationId,
        facts: &[Fact],
        symbols: &Symbols,
        salt: Option<&str>,
    ) -> Vec<Artefact>;

    /// What `state/` would hold after the artefacts ran.
    fn state(
        &self,
        inventory: &Inventory,
        integration: IntegrationId,
        facts: &[Fact],
        symbols: &Symbols,
        salt: Option<&str>,
    ) -> Vec<Artefact>;

    /// What facts mean. `accounts`: those of the directory, so that all are asked about.
    fn permits<'a>(
        &self,
        inventory: &'a Inventory,
        integration: IntegrationId,
        facts: &[Fact],
        symbols: &'a Symbols,
        accounts: &Accounts,
    ) -> Box<dyn Permits + 'a>;

    /// One change in the platform's own words (a statement, a request body), with `{salt}` for the salt. One line where
    /// the platform's grammar allows it.
    fn statement(
        &self,
        inventory: &Inventory,
        integration: IntegrationId,
        change: &Change,
        symbols: &Symbols,
    ) -> String;

    /// A short native name of what a fact is about, as plans show it.
    fn title(&self, fact: &Fact, symbols: &Symbols) -> String;

    /// When the change may be made.
    fn phase(&self, change: &Change, symbols: &Symbols) -> Phase;

    /// Texts of facts (objects) that must exist before this fact can: edges of the plan's order within a phase.
    fn needs(&self, fact: &Fact, symbols: &Symbols) -> Vec<String>;

    /// Whether changes of this kind are made all at once (a file that is swapped).
    fn atomic(&self, fact: &Fact) -> bool;

    /// For facts of an observed state: a privilege, rule or scope that we do not understand. Kept, shown, never revoked.
    fn understood(&self, fact: &Fact, symbols: &Symbols) -> bool;

    /// Whether an observed fact of the same key is what is desired. Bodies that the platform prints anew are compared by what
    /// they say.
    fn same(&self, desired: &Fact, observed: &Fact, _symbols: &Symbols) -> bool {
        desired.body == observed.body
    }

    /// The securable that a grant or an attachment is about, so that what a foreign fact blocks can be told from the
    /// rest. `None`: cannot be told, and a blocked protection withholds everything.
    fn concerns(&self, _fact: &Fact, _symbols: &Symbols) -> Option<String> {
        None
    }

    /// Another place whose foreign holder blocks a desired fact, where a platform has two ways to the same end and both at
    /// once do harm.
    fn rival(&self, _desired: &Fact, _symbols: &Symbols) -> Option<FactKey> {
        None
    }

    /// What must be waited for after a change before the changes of a later phase: its effect comes late.
    fn settles(&self, _change: &Change, _symbols: &Symbols) -> Option<&'static str> {
        None
    }
}
