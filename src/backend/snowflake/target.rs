//! Row expressions over the arguments of a policy.
//!
//! In: bound rows. Out: text over `VAL` and `A1`, `A2`, …, the columns that these are bound to, and requests for roles and
//! entitlement rows. Argument names are ours, so that no column of a table, nor of the entitlement table (`ACCOUNT`, `NAME`,
//! `VALUE`), can capture one another.

use super::desired::Desired;
use super::entitlements;
use super::names::condition_key;
use super::types;
use crate::backend::sql::rows as printer;
use crate::backend::sql::{Dialect, Operand, RowTarget, Unsupported};
use crate::inventory::{ColumnId, ColumnType, Platform, TypeClass};
use crate::ir::rows::UserValues;
use crate::ir::{BoundRows, ConditionId, Subject};

/// The masked column's argument.
pub(super) const VALUE: &str = "VAL";

/// A policy in the making: which columns it reads.
pub(super) struct Target<'d, 'a> {
    /// Where roles and entitlements are asked for.
    pub(super) desired: &'d mut Desired<'a>,
    /// The securable and, in a mask, the column.
    pub(super) subject: Subject,
    /// Columns of `A1`, `A2`, … in order.
    pub(super) columns: Vec<(ColumnId, ColumnType)>,
    /// The policies for whose sake roles and entitlements are asked for.
    pub(super) policies: Vec<String>,
}

impl Target<'_, '_> {
    /// TRUE where the rows are true (or, `negated`, false).
    pub(super) fn print(&mut self, rows: &BoundRows, negated: bool) -> Result<String, Unsupported> {
        printer::print(rows, negated, self)
    }
}

impl RowTarget for Target<'_, '_> {
    fn dialect(&self) -> Dialect {
        Dialect::Snowflake
    }

    fn platform(&self) -> Platform {
        Platform::Snowflake
    }

    fn column_type(&self, column: ColumnId) -> &ColumnType {
        match self.columns.iter().find(|(known, _)| *known == column) {
            Some((_, of)) => of,
            None => &self.desired.lowering.program.inventory.catalog.columns[column].column_type,
        }
    }

    fn column(&mut self, column: ColumnId) -> Result<String, Unsupported> {
        if self.subject.column == Some(column) {
            return Ok(VALUE.to_owned());
        }
        if let Some(at) = self.columns.iter().position(|(known, _)| *known == column) {
            return Ok(format!("A{}", at + 1));
        }
        let described = &self.desired.lowering.inventory().catalog.columns[column];
        let Some(of) = types::stored(&described.column_type) else {
            return Err(Unsupported(format!(
                "the type `{}` of column `{}` cannot be written into a policy",
                described.column_type.text, described.name
            )));
        };
        self.columns.push((column, of));
        Ok(format!("A{}", self.columns.len()))
    }

    fn user(&mut self, condition: ConditionId, holds: bool) -> Result<String, Unsupported> {
        let lowering = self.desired.lowering;
        let holders = lowering.meaning.holders(condition, self.subject);
        let users = if holds { holders } else { lowering.meaning.everyone() - holders };
        let accounts = lowering.accounts.within(&users);
        let word = if holds { "HOLDS" } else { "LACKS" };
        let parts = [word.to_owned(), condition_key(lowering, condition, self.subject)];
        Ok(self.desired.test(word, &parts, &accounts, &self.policies))
    }

    fn user_values(
        &mut self,
        operand: &Operand,
        values: &UserValues,
        negated: bool,
    ) -> Result<String, Unsupported> {
        let Some(column) = operand.column else {
            return match operand.class {
                TypeClass::String => {
                    let text = ColumnType::parse("VARCHAR");
                    Ok(entitlements::lookup(self.desired, operand, &text, values, negated, &self.policies))
                }
                // Values are texts here, and no text compares with a number, boolean or date.
                _ => {
                    Err(Unsupported("it compares a literal that is no text with values of users".to_owned()))
                }
            };
        };
        let of = self.column_type(column).clone();
        match of.class {
            TypeClass::Binary | TypeClass::Other => {
                Err(Unsupported(format!("values of users cannot be cast to `{}`", of.text)))
            }
            TypeClass::String
            | TypeClass::Number
            | TypeClass::Boolean
            | TypeClass::Date
            | TypeClass::Timestamp => {
                Ok(entitlements::lookup(self.desired, operand, &of, values, negated, &self.policies))
            }
        }
    }
}
