//! Rows: conditions on the row that is read, and what masks put in a cell.

use jiff::civil::Date;

use super::{Condition, Segment, Tag};
use crate::source::Spanned;

/// A condition on a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// A condition on the user as an atom: never `And`, `Or` or `Not`, which stand below.
    Condition(Condition),
    /// `a = b` and its kin, where neither side is the user's.
    Compare {
        /// The left side.
        left: Spanned<RowValue>,
        /// The comparison.
        op: Spanned<CompareOp>,
        /// The right side.
        right: Spanned<RowValue>,
    },
    /// `a in …`, `a not in …`; also `a = user …` and `a != user …`, which mean the same.
    In {
        /// The left side.
        value: Spanned<RowValue>,
        /// `not in` or `!=`.
        negated: bool,
        /// The right side.
        set: Spanned<RowSet>,
    },
    /// `a is null`, `a is not null`.
    IsNull {
        /// The value.
        value: Spanned<RowValue>,
        /// `is not null`.
        negated: bool,
    },
    /// `a like "pattern"`: `%` and `_` are wildcards, `\` escapes.
    Like {
        /// The value.
        value: Spanned<RowValue>,
        /// The pattern.
        pattern: Spanned<String>,
    },
    /// `sql "…"`, `sql for PLATFORM "…"`.
    Sql {
        /// The one platform that it speaks to; none: ANSI, for all.
        platform: Option<Spanned<Platform>>,
        /// The expression.
        text: Spanned<String>,
    },
    /// `a and b and …`: two or more.
    And(Vec<Spanned<Rows>>),
    /// `a or b or …`: two or more.
    Or(Vec<Spanned<Rows>>),
    /// `not a`.
    Not(Box<Spanned<Rows>>),
}

/// A value in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowValue {
    /// `column NAME`, `column tagged T`.
    Column(ColumnRef),
    /// A literal.
    Literal(Literal),
    /// `today`, `today - 90 days`, `today + 7 days`: days from the UTC date at query time.
    Today {
        /// Negative: before.
        days: i64,
    },
}

/// Which column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnRef {
    /// By name: folds unless quoted; never a glob.
    Named(Spanned<Segment>),
    /// By a tag written on the column itself.
    Tagged(Spanned<Tag>),
}

/// What `in` looks into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowSet {
    /// `[a, b]`: at least one.
    List(Vec<Spanned<Literal>>),
    /// `user name`: the directory id.
    UserName,
    /// `user attribute k`: its values.
    UserAttribute(Spanned<String>),
    /// `user groups`: direct and transitive.
    UserGroups,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompareOp {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl CompareOp {
    /// As written.
    pub fn symbol(self) -> &'static str {
        match self {
            CompareOp::Equal => "=",
            CompareOp::NotEqual => "!=",
            CompareOp::Less => "<",
            CompareOp::LessOrEqual => "<=",
            CompareOp::Greater => ">",
            CompareOp::GreaterOrEqual => ">=",
        }
    }
}

/// A literal. There is no null: `is null` asks for it, the method `null` gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Literal {
    /// `"text"`, escapes undone.
    String(String),
    /// A number as written: `-?digits(.digits)?`.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// `2026-12-31`.
    Date(Date),
}

/// What a mask puts in place of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// `null`.
    Null,
    /// `constant LITERAL`.
    Constant(Spanned<Literal>),
    /// `hash`.
    Hash,
    /// `keep first N`.
    KeepFirst(Spanned<u32>),
    /// `keep last N`.
    KeepLast(Spanned<u32>),
    /// `regex "pattern" replace "text"`.
    Regex {
        /// The pattern, not yet checked.
        pattern: Spanned<String>,
        /// The literal replacement.
        replace: Spanned<String>,
    },
    /// `round to N`: N as written, greater than zero.
    RoundTo(Spanned<String>),
    /// `round to year` and its kin: downwards.
    RoundDown(Spanned<RoundUnit>),
    /// `custom { platform "…" … }`: at least one, each platform at most once.
    Custom(Vec<(Spanned<Platform>, Spanned<String>)>),
}

/// To what dates and timestamps are rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoundUnit {
    /// The first of January.
    Year,
    /// The first of the month.
    Month,
    /// Midnight.
    Day,
    /// The full hour.
    Hour,
}

/// The platforms that SQL can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// `snowflake`
    Snowflake,
    /// `databricks`
    Databricks,
    /// `trino`
    Trino,
    /// `redshift`
    Redshift,
    /// `synapse`
    Synapse,
    /// `bigquery`
    BigQuery,
}

impl Platform {
    /// Every platform, in the order of the language.
    pub const ALL: &[Platform] = &[
        Platform::Snowflake,
        Platform::Databricks,
        Platform::Trino,
        Platform::Redshift,
        Platform::Synapse,
        Platform::BigQuery,
    ];

    /// The platform's word.
    pub fn word(self) -> &'static str {
        match self {
            Platform::Snowflake => "snowflake",
            Platform::Databricks => "databricks",
            Platform::Trino => "trino",
            Platform::Redshift => "redshift",
            Platform::Synapse => "synapse",
            Platform::BigQuery => "bigquery",
        }
    }
}
