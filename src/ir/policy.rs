//! Policies: subscriptions, guardrails, masks, filters and tests, with sets in place of selectors.

use roaring::RoaringBitmap;

use super::{ConditionId, Method, Rows};
use crate::ids::Id;
use crate::inventory::catalog::SecurableSet;
use crate::inventory::directory::Access;
use crate::inventory::{ColumnId, Instant, Securable, TableId, UserId};
use crate::source::Span;

crate::ids! {
    /// A subscription.
    SubscriptionId,
    /// A guardrail.
    GuardrailId,
    /// A mask.
    MaskId,
    /// A filter.
    FilterId,
}

/// The kinds of policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// Who may.
    Subscription,
    /// What must hold besides.
    Guardrail,
    /// What is shown of a cell.
    Mask,
    /// Which rows are shown.
    Filter,
}

impl PolicyKind {
    /// The keyword.
    pub fn word(self) -> &'static str {
        match self {
            PolicyKind::Subscription => "subscription",
            PolicyKind::Guardrail => "guardrail",
            PolicyKind::Mask => "mask",
            PolicyKind::Filter => "filter",
        }
    }
}

/// `from` inclusive, `until` exclusive, both at 00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// First instant at which it holds.
    pub from: Option<Instant>,
    /// First instant at which it no longer holds.
    pub until: Option<Instant>,
}

impl Window {
    /// Whether the instant is inside.
    pub fn holds(self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// Whether no instant is inside.
    pub fn is_empty(self) -> bool {
        matches!((self.from, self.until), (Some(from), Some(until)) if until <= from)
    }

    /// Its ends.
    pub fn ends(self) -> impl Iterator<Item = Instant> {
        self.from.into_iter().chain(self.until)
    }
}

/// What every policy has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyHead {
    /// Its name, unique within the kind.
    pub name: String,
    /// What it is for, in its author's words.
    pub description: Option<String>,
    /// The name, where it is declared.
    pub name_span: Span,
    /// The whole declaration.
    pub span: Span,
    /// When it holds.
    pub window: Window,
}

/// Which accesses: a small set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccessSet {
    /// Has `read`.
    pub read: bool,
    /// Has `write`.
    pub write: bool,
}

impl AccessSet {
    /// Whether the access is in.
    pub fn contains(self, access: Access) -> bool {
        match access {
            Access::Read => self.read,
            Access::Write => self.write,
        }
    }
}

/// How subscriptions on one securable combine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Combine {
    /// One of these is enough.
    #[default]
    Any,
    /// Every one of these is needed.
    All,
}

/// Who may.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Name, place, window.
    pub head: PolicyHead,
    /// What is allowed.
    pub allow: AccessSet,
    /// On what.
    pub on: SecurableSet,
    /// To whom.
    pub to: ConditionId,
    /// How it combines.
    pub combine: Combine,
}

/// What must hold besides.
#[derive(Clone, Debug)]
pub struct Guardrail {
    /// Name, place, window.
    pub head: PolicyHead,
    /// For which accesses.
    pub require: AccessSet,
    /// On what.
    pub on: SecurableSet,
    /// Of whom.
    pub to: ConditionId,
}

/// Whom a mask or filter concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applies {
    /// Everyone.
    Everyone,
    /// Everyone but those who meet the condition.
    Except(ConditionId),
    /// Only those who meet the condition.
    OnlyFor(ConditionId),
}

/// What is shown of a cell.
#[derive(Clone, Debug)]
pub struct Mask {
    /// Name, place, window.
    pub head: PolicyHead,
    /// The columns that it selects: raw `ColumnId`s.
    pub columns: RoaringBitmap,
    /// The columns by the segments of the deepest positive `tagged` that holds there, deepest first; the rest have 0.
    pub depths: Vec<(u32, RoaringBitmap)>,
    /// What is shown instead.
    pub method: Method,
    /// On which rows; none: on all.
    pub when: Option<Rows>,
    /// `when` in the policy's own words, for people.
    pub when_words: Option<String>,
    /// Whom it concerns.
    pub applies: Applies,
    /// Higher wins.
    pub priority: i64,
}

impl Mask {
    /// The segments of the deepest positive `tagged` that holds for the column.
    pub fn depth(&self, column: ColumnId) -> u32 {
        self.depths.iter().find(|(_, columns)| columns.contains(column.raw())).map_or(0, |(depth, _)| *depth)
    }
}

/// Which rows are shown.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Name, place, window.
    pub head: PolicyHead,
    /// The tables that it selects: raw `TableId`s.
    pub tables: RoaringBitmap,
    /// What must be true of a row.
    pub rows: Rows,
    /// Whom it concerns.
    pub applies: Applies,
}

/// One line of a policy test. Each holds on every securable or column that its path matches.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// `can` / `cannot`.
    Access {
        /// `can`.
        can: bool,
        /// Read, write or both.
        access: AccessSet,
        /// On what.
        securables: Vec<Securable>,
    },
    /// `sees COLUMN …`.
    Sees {
        /// Which columns.
        columns: Vec<ColumnId>,
        /// Clear, masked, or masked by a mask.
        seen: Seen,
    },
    /// `filtered TABLE by …` / `unfiltered TABLE` (no names).
    Filtered {
        /// Which tables.
        tables: Vec<TableId>,
        /// Exactly these, sorted.
        by: Vec<FilterId>,
    },
}

/// What a test says of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// No mask applies, not even one with `when`.
    Clear,
    /// An unconditional mask applies.
    Masked,
    /// This mask applies, perhaps only on some rows.
    MaskedBy(MaskId),
}

/// A policy test.
#[derive(Clone, Debug)]
pub struct PolicyTest {
    /// Its name.
    pub name: String,
    /// The whole declaration.
    pub span: Span,
    /// Who asks.
    pub user: UserId,
    /// When; the compile's instant unless written.
    pub at: Option<Instant>,
    /// What must be so, with the place of each line.
    pub expectations: Vec<(Expectation, Span)>,
}
