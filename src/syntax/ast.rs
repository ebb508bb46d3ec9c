//! The policy language as values: what `parse` makes and `resolve` reads.
//!
//! In: nothing; these are types. Out: a [`Document`] per file.
//! Invariant: names are still text; every value that a later stage may have to point at is [`Spanned`], and
//! equality never looks at places, so two texts that mean the same compare equal.
//! Cost: one node per word or so; trees are at most 200 deep, so recursion over them is safe.

mod condition;
mod declaration;
mod rows;
mod selector;

pub use condition::{AttributeTest, Condition};
pub use declaration::{
    Access, AccessSet, Applies, Clauses, Combine, Declaration, DeclarationKind, Document, Expectation,
    Filter, Guardrail, Kind, Mask, Outcome, Subscription, Test,
};
pub use rows::{ColumnRef, CompareOp, Literal, Method, Platform, RoundUnit, RowSet, RowValue, Rows};
pub use selector::{
    ColumnType, ObjectPath, ObjectTarget, Path, Segment, Selector, SelectorExpr, SelectorKind, Tag,
};
