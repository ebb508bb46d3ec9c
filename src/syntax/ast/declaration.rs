//! Declarations and their clauses.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Condition, Method, ObjectPath, Rows, Selector};
use crate::source::{Span, Spanned};

/// One policy file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The declarations, in the order written.
    pub declarations: Vec<Declaration>,
}

/// `kind name "description"? { clauses }`, or `condition name "description"? = COND`.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The name; for a test, its string.
    pub name: Spanned<String>,
    /// The optional text after the name.
    pub description: Option<Spanned<String>>,
    /// What is declared.
    pub kind: DeclarationKind,
    /// Where each clause stands, by its keyword.
    pub clauses: Clauses,
    /// Each `and` mixed with `or` without parentheses: the span of the whole mix. `check` reports them.
    pub mixed: Vec<Span>,
    /// The kind's keyword.
    pub keyword: Span,
    /// From the keyword to the closing brace, or to the end of the condition.
    pub span: Span,
}

/// Places never decide a comparison; how many mixes there are does.
impl PartialEq for Declaration {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.description == other.description
            && self.kind == other.kind
            && self.mixed.len() == other.mixed.len()
    }
}
impl Eq for Declaration {}

/// The kinds of declaration, without their content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A named condition.
    Condition,
    /// Gives access.
    Subscription,
    /// Takes access from those for whom it does not hold.
    Guardrail,
    /// Hides cells.
    Mask,
    /// Hides rows.
    Filter,
    /// Expects something of the policies.
    Test,
}

impl Kind {
    /// Every kind, in the order of the language's table.
    pub const ALL: &[Kind] =
        &[Kind::Condition, Kind::Subscription, Kind::Guardrail, Kind::Mask, Kind::Filter, Kind::Test];

    /// The word that starts a declaration of this kind, which is also what messages call it.
    pub fn keyword(self) -> &'static str {
        match self {
            Kind::Condition => "condition",
            Kind::Subscription => "subscription",
            Kind::Guardrail => "guardrail",
            Kind::Mask => "mask",
            Kind::Filter => "filter",
            Kind::Test => "test",
        }
    }
}

/// What is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeclarationKind {
    /// `condition NAME = COND`.
    Condition(Spanned<Condition>),
    /// `subscription NAME { … }`.
    Subscription(Subscription),
    /// `guardrail NAME { … }`.
    Guardrail(Guardrail),
    /// `mask NAME { … }`.
    Mask(Mask),
    /// `filter NAME { … }`.
    Filter(Filter),
    /// `test "…" { … }`.
    Test(Test),
}

impl DeclarationKind {
    /// The kind without its content.
    pub fn kind(&self) -> Kind {
        match self {
            DeclarationKind::Condition(_) => Kind::Condition,
            DeclarationKind::Subscription(_) => Kind::Subscription,
            DeclarationKind::Guardrail(_) => Kind::Guardrail,
            DeclarationKind::Mask(_) => Kind::Mask,
            DeclarationKind::Filter(_) => Kind::Filter,
            DeclarationKind::Test(_) => Kind::Test,
        }
    }
}

/// Where the clauses of a declaration stand: keyword (`on`, `only for`, …) → span of the whole clause.
/// Expectations of a test are not in it (each carries its own span). All are equal: places never decide a comparison.
#[derive(Clone, Debug, Default)]
pub struct Clauses(BTreeMap<&'static str, (Span, Span)>);

impl Clauses {
    /// Notes a clause: the span of its keyword and of the whole. The first of a keyword stays; returns its keyword's span.
    pub fn note(&mut self, name: &'static str, keyword: Span, whole: Span) -> Option<Span> {
        match self.0.get(name) {
            Some((earlier, _)) => Some(*earlier),
            None => {
                self.0.insert(name, (keyword, whole));
                None
            }
        }
    }

    /// The span of a clause, keyword included.
    pub fn span(&self, name: &str) -> Option<Span> {
        self.0.get(name).map(|(_, whole)| *whole)
    }

    /// The span of a clause's keyword.
    pub fn keyword(&self, name: &str) -> Option<Span> {
        self.0.get(name).map(|(keyword, _)| *keyword)
    }
}

impl PartialEq for Clauses {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Clauses {}

/// One access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Reading.
    Read,
    /// Writing; it does not imply reading.
    Write,
}

/// `read`, `write` or `read, write`: never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessSet {
    /// `read`.
    Read,
    /// `write`.
    Write,
    /// `read, write`.
    ReadWrite,
}

impl AccessSet {
    /// Whether the access is in it.
    pub fn contains(self, access: Access) -> bool {
        match self {
            AccessSet::ReadWrite => true,
            AccessSet::Read => access == Access::Read,
            AccessSet::Write => access == Access::Write,
        }
    }

    /// The accesses in it, `read` first.
    pub fn iter(self) -> impl Iterator<Item = Access> {
        [Access::Read, Access::Write].into_iter().filter(move |access| self.contains(*access))
    }
}

/// How a subscription combines with others on the same securable and access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Combine {
    /// One that holds is enough.
    #[default]
    Any,
    /// It must hold, whatever the others say.
    All,
}

/// Who may have which access to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// `allow`.
    pub allow: Spanned<AccessSet>,
    /// `on`: tables, prefixes or everything.
    pub on: Spanned<Selector>,
    /// `to`.
    pub to: Spanned<Condition>,
    /// `combine`; `any` unless written.
    pub combine: Combine,
    /// `from`, inclusive, 00:00 UTC.
    pub from: Option<Spanned<Date>>,
    /// `until`, exclusive, 00:00 UTC.
    pub until: Option<Spanned<Date>>,
}

/// What everybody who has an access must fulfil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guardrail {
    /// `require`.
    pub require: Spanned<AccessSet>,
    /// `on`: tables, prefixes or everything.
    pub on: Spanned<Selector>,
    /// `to`.
    pub to: Spanned<Condition>,
    /// `from`, inclusive.
    pub from: Option<Spanned<Date>>,
    /// `until`, exclusive.
    pub until: Option<Spanned<Date>>,
}

/// To whom a mask or filter applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Applies {
    /// Neither clause is written.
    #[default]
    Everyone,
    /// `except COND`: to those for whom it does not hold.
    Except(Spanned<Condition>),
    /// `only for COND`: to those for whom it holds.
    OnlyFor(Spanned<Condition>),
}

/// Which cells are hidden, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    /// `on`: columns.
    pub on: Spanned<Selector>,
    /// `using`.
    pub using: Spanned<Method>,
    /// `when`: only in these rows.
    pub when: Option<Spanned<Rows>>,
    /// `except` or `only for`.
    pub applies: Applies,
    /// `priority`; without the clause 0, and the span is that of the declaration's keyword.
    pub priority: Spanned<i64>,
    /// `from`, inclusive.
    pub from: Option<Spanned<Date>>,
    /// `until`, exclusive.
    pub until: Option<Spanned<Date>>,
}

/// Which rows are seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// `on`: tables.
    pub on: Spanned<Selector>,
    /// `rows where`.
    pub rows: Spanned<Rows>,
    /// `except` or `only for`.
    pub applies: Applies,
    /// `from`, inclusive.
    pub from: Option<Spanned<Date>>,
    /// `until`, exclusive.
    pub until: Option<Spanned<Date>>,
}

/// What one user may and sees at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// `as`.
    pub as_user: Spanned<String>,
    /// `at`; without it, the instant of the run.
    pub at: Option<Spanned<Date>>,
    /// The rest, in the order written.
    pub expectations: Vec<Spanned<Expectation>>,
}

/// One line of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// `can ACCESS OBJECT`: each access.
    Can {
        /// Which accesses.
        access: Spanned<AccessSet>,
        /// To what.
        object: Spanned<ObjectPath>,
    },
    /// `cannot ACCESS OBJECT`: none of the accesses.
    Cannot {
        /// Which accesses.
        access: Spanned<AccessSet>,
        /// To what.
        object: Spanned<ObjectPath>,
    },
    /// `sees COLUMN clear | masked | masked by NAME`.
    Sees {
        /// The column: a path whose last segment is the column.
        column: Spanned<ObjectPath>,
        /// How.
        outcome: Spanned<Outcome>,
    },
    /// `filtered TABLE by N, …`: by exactly these.
    Filtered {
        /// The table.
        table: Spanned<ObjectPath>,
        /// The filters.
        by: Vec<Spanned<String>>,
    },
    /// `unfiltered TABLE`.
    Unfiltered {
        /// The table.
        table: Spanned<ObjectPath>,
    },
}

/// How a test's user sees a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No mask applies, not even one with `when`.
    Clear,
    /// A mask without `when` applies.
    Masked,
    /// This mask, with or without `when`.
    MaskedBy(Spanned<String>),
}
