//! Row expressions: what a filter needs true and a `when` looks at.
//!
//! A policy holds a template whose columns are names or tags; [`Rows::bind`] makes it one expression per choice of
//! columns of a table. A filter needs every choice true; a `when` masks unless every choice is false.
//! Three-valued: unknown hides the row and masks the cell.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{ConditionId, Literal};
use crate::ids::Id;
use crate::inventory::integration::Folding;
use crate::inventory::{ColumnId, Inventory, Platform, TableId, TagId};

/// A column as a policy names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnRef {
    /// `column NAME`: folds as the platform's SQL does.
    Named(String),
    /// `column "Name"`: exact.
    Exact(String),
    /// `column tagged T`: carries T or a tag below it, written on the column itself.
    Tagged(TagId),
}

/// A value in a row expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term<C> {
    /// A column.
    Column(C),
    /// A literal.
    Literal(Literal),
    /// The UTC date at query time, plus days.
    Today(i64),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
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

impl Operator {
    /// ANSI SQL's spelling.
    pub fn sql(self) -> &'static str {
        match self {
            Operator::Equal => "=",
            Operator::NotEqual => "<>",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
        }
    }

    /// Whether an ordering satisfies it.
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Operator::Equal => ordering.is_eq(),
            Operator::NotEqual => ordering.is_ne(),
            Operator::Less => ordering.is_lt(),
            Operator::LessOrEqual => ordering.is_le(),
            Operator::Greater => ordering.is_gt(),
            Operator::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// A set of values that the user brings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserValues {
    /// The directory id.
    Name,
    /// The values of an attribute. A user who lacks it makes every comparison unknown.
    Attribute(String),
    /// The names of all groups that reach the user.
    Groups,
}

/// A condition on a row. `C` is [`ColumnRef`] in policies and [`ColumnId`] once bound to a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rows<C = ColumnRef> {
    /// A condition on the user: never unknown.
    User(ConditionId),
    /// A comparison.
    Compare {
        /// Left side.
        left: Term<C>,
        /// The comparison.
        operator: Operator,
        /// Right side.
        right: Term<C>,
    },
    /// `in [..]`.
    InList {
        /// Left side.
        term: Term<C>,
        /// `not in`.
        negated: bool,
        /// At least one.
        values: Vec<Literal>,
    },
    /// `in user …`, `= user …`.
    InUser {
        /// Left side.
        term: Term<C>,
        /// `not in`, `!=`.
        negated: bool,
        /// Right side.
        values: UserValues,
    },
    /// `is null`.
    IsNull {
        /// What.
        term: Term<C>,
        /// `is not null`.
        negated: bool,
    },
    /// `like`, `%` and `_`, escape `\`.
    Like {
        /// What.
        term: Term<C>,
        /// The pattern.
        pattern: String,
    },
    /// `sql for PLATFORM "…"`, read into the same tree; holds on one platform only.
    Only {
        /// Which.
        platform: Platform,
        /// What.
        rows: Box<Rows<C>>,
    },
    /// All; at least one.
    And(Vec<Rows<C>>),
    /// One; at least one.
    Or(Vec<Rows<C>>),
    /// Not.
    Not(Box<Rows<C>>),
}

/// A row expression over the columns of one table.
pub type BoundRows = Rows<ColumnId>;

/// At most so many choices of columns are folded into one filter; more is an error.
pub const MAX_CHOICES: usize = 256;

/// Why a template cannot be bound to a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BindError {
    /// The table has no such column.
    Missing(ColumnRef),
    /// More than [`MAX_CHOICES`] choices.
    TooManyChoices(usize),
}

impl Rows<ColumnRef> {
    /// Every choice of columns for a table, in column order.
    pub fn bind(&self, inventory: &Inventory, table: TableId) -> Result<Vec<BoundRows>, BindError> {
        let mut references = Vec::new();
        self.visit_columns(&mut |column| {
            if !references.contains(column) {
                references.push(column.clone());
            }
        });
        let mut choices: Vec<BTreeMap<ColumnRef, ColumnId>> = vec![BTreeMap::new()];
        for reference in references {
            let columns = reference.matches(inventory, table);
            if columns.is_empty() {
                return Err(BindError::Missing(reference));
            }
            let total = choices.len().saturating_mul(columns.len());
            if total > MAX_CHOICES {
                return Err(BindError::TooManyChoices(total));
            }
            choices = choices
                .iter()
                .flat_map(|choice| {
                    columns.iter().map(|column| {
                        let mut choice = choice.clone();
                        choice.insert(reference.clone(), *column);
                        choice
                    })
                })
                .collect();
        }
        Ok(choices
            .iter()
            // INVARIANT: every reference of `self` was visited above, so the fallback is never taken.
            .map(|choice| {
                self.map(&mut |column| choice.get(column).copied().unwrap_or(ColumnId::from_raw(u32::MAX)))
            })
            .collect())
    }
}

impl ColumnRef {
    /// The columns of the table that it names, in column order.
    pub fn matches(&self, inventory: &Inventory, table: TableId) -> Vec<ColumnId> {
        let catalog = &inventory.catalog;
        let folding = inventory.integrations[catalog.home(table).1.integration].platform.folding();
        let holds = |column: ColumnId| {
            let column = &catalog.columns[column];
            match self {
                ColumnRef::Exact(name) => column.name == *name,
                ColumnRef::Named(name) => folding.same(name, &column.name),
                ColumnRef::Tagged(tag) => {
                    column.tags.iter().any(|own| inventory.tags.is_at_or_below(*own, *tag))
                }
            }
        };
        catalog.tables[table].columns.iter().copied().filter(|column| holds(*column)).collect()
    }
}

impl Folding {
    /// Whether an unquoted name reads as the stored one.
    pub fn same(self, written: &str, stored: &str) -> bool {
        match self {
            Folding::Upper => written.to_uppercase() == stored,
            Folding::Lower => written.to_lowercase() == stored,
            Folding::Insensitive => written.to_lowercase() == stored.to_lowercase(),
            Folding::Exact => written == stored,
        }
    }
}

impl<C> Rows<C> {
    /// The same expression over other columns.
    pub fn map<D>(&self, with: &mut impl FnMut(&C) -> D) -> Rows<D> {
        let mut term = |each: &Term<C>| match each {
            Term::Column(column) => Term::Column(with(column)),
            Term::Literal(literal) => Term::Literal(literal.clone()),
            Term::Today(days) => Term::Today(*days),
        };
        match self {
            Rows::User(condition) => Rows::User(*condition),
            Rows::Compare { left, operator, right } => {
                Rows::Compare { left: term(left), operator: *operator, right: term(right) }
            }
            Rows::InList { term: of, negated, values } => {
                Rows::InList { term: term(of), negated: *negated, values: values.clone() }
            }
            Rows::InUser { term: of, negated, values } => {
                Rows::InUser { term: term(of), negated: *negated, values: values.clone() }
            }
            Rows::IsNull { term: of, negated } => Rows::IsNull { term: term(of), negated: *negated },
            Rows::Like { term: of, pattern } => Rows::Like { term: term(of), pattern: pattern.clone() },
            Rows::Only { platform, rows } => {
                Rows::Only { platform: *platform, rows: Box::new(rows.map(with)) }
            }
            Rows::And(list) => Rows::And(list.iter().map(|each| each.map(with)).collect()),
            Rows::Or(list) => Rows::Or(list.iter().map(|each| each.map(with)).collect()),
            Rows::Not(inner) => Rows::Not(Box::new(inner.map(with))),
        }
    }

    /// Calls back for every node, parents first.
    pub fn visit(&self, see: &mut impl FnMut(&Rows<C>)) {
        see(self);
        match self {
            Rows::And(list) | Rows::Or(list) => list.iter().for_each(|each| each.visit(see)),
            Rows::Not(inner) | Rows::Only { rows: inner, .. } => inner.visit(see),
            Rows::User(_)
            | Rows::Compare { .. }
            | Rows::InList { .. }
            | Rows::InUser { .. }
            | Rows::IsNull { .. }
            | Rows::Like { .. } => {}
        }
    }

    /// Calls back for every column, from left to right, with repeats.
    pub fn visit_columns(&self, see: &mut impl FnMut(&C)) {
        self.visit(&mut |node| {
            let mut term = |each: &Term<C>| {
                if let Term::Column(column) = each {
                    see(column);
                }
            };
            match node {
                Rows::Compare { left, right, .. } => {
                    term(left);
                    term(right);
                }
                Rows::InList { term: of, .. }
                | Rows::InUser { term: of, .. }
                | Rows::IsNull { term: of, .. }
                | Rows::Like { term: of, .. } => term(of),
                Rows::User(_) | Rows::Only { .. } | Rows::And(_) | Rows::Or(_) | Rows::Not(_) => {}
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_the_platform_reads_them() {
        let same = |folding: Folding| {
            ["Größe", "größe", "GRÖSSE", "other"].map(|stored| folding.same("Größe", stored))
        };
        assert_eq!(same(Folding::Upper), [false, false, true, false]);
        assert_eq!(same(Folding::Lower), [false, true, false, false]);
        assert_eq!(same(Folding::Insensitive), [true, true, false, false]);
        assert_eq!(same(Folding::Exact), [true, false, false, false]);
    }
}
