//! The program: policies with ids instead of names and sets instead of selectors.
//!
//! In: what `resolve` made. Out: [`Meaning`], the reference semantics that every backend is judged by.
//! Invariant: policies of a kind stand in byte order of their names; conditions are hash-consed, so equal
//! conditions have equal ids; nothing here knows a platform.

pub mod clock;
pub mod condition;
pub mod mask;
pub mod meaning;
pub mod method;
pub mod policy;
pub mod rows;
pub mod truth;
pub mod value;
pub mod visible;

pub use condition::{Condition, ConditionId, Conditions, Subject, TagHolder};
pub use meaning::{MaskChoice, Meaning, Reason};
pub use method::{Literal, Method, RoundTo};
pub use policy::{
    Applies, Combine, Expectation, Filter, FilterId, Guardrail, GuardrailId, Mask, MaskId, PolicyHead,
    PolicyKind, PolicyTest, Subscription, SubscriptionId, Window,
};
pub use rows::{BoundRows, ColumnRef, Operator, Rows, Term};

use crate::ids::IdVec;
use crate::inventory::{Instant, Inventory};

/// A whole project, resolved.
#[derive(Clone, Debug)]
pub struct Program {
    /// Who and what there is.
    pub inventory: Inventory,
    /// The instant that the compile is for.
    pub at: Instant,
    /// Every condition, once.
    pub conditions: Conditions,
    /// Who may.
    pub subscriptions: IdVec<SubscriptionId, Subscription>,
    /// What must hold besides.
    pub guardrails: IdVec<GuardrailId, Guardrail>,
    /// What is shown of a cell.
    pub masks: IdVec<MaskId, Mask>,
    /// Which rows are shown.
    pub filters: IdVec<FilterId, Filter>,
    /// The policy tests, by name.
    pub tests: Vec<PolicyTest>,
}
