//! Row expressions of a body: columns as the body names them, users by tests and entitlements.

use super::decision::condition_key;
use super::lookup::lookup;
use super::{Asks, Columns};
use crate::backend::sql::rows as printer;
use crate::backend::sql::{Dialect, Operand, RowTarget, Unsupported};
use crate::inventory::{ColumnId, ColumnType, Platform};
use crate::ir::rows::UserValues;
use crate::ir::{BoundRows, ConditionId, Subject};

/// A body in the making.
pub(super) struct Target<'t, 'a> {
    /// Where tests and entitlements are asked for.
    pub(super) asks: &'t mut dyn Asks<'a>,
    /// The columns that it reads.
    pub(super) columns: &'t mut dyn Columns,
    /// The securable and, in a mask, the column.
    pub(super) subject: Subject,
    /// The policies for whose sake tests and entitlements are asked for.
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
        self.asks.dialect()
    }

    fn platform(&self) -> Platform {
        self.asks.dialect().platform()
    }

    fn column_type(&self, column: ColumnId) -> &ColumnType {
        self.columns.column_type(column)
    }

    fn column(&mut self, column: ColumnId) -> Result<String, Unsupported> {
        self.columns.column(column)
    }

    fn user(&mut self, condition: ConditionId, holds: bool) -> Result<String, Unsupported> {
        let lowering = self.asks.lowering();
        let holders = lowering.meaning.holders(condition, self.subject);
        let users = if holds { holders } else { lowering.meaning.everyone() - holders };
        let accounts = lowering.accounts.within(&users);
        let word = if holds { "HOLDS" } else { "LACKS" };
        let parts = [word.to_owned(), condition_key(lowering, condition, self.subject)];
        Ok(self.asks.test(word, &parts, &accounts, &self.policies))
    }

    fn user_values(
        &mut self,
        operand: &Operand,
        values: &UserValues,
        negated: bool,
    ) -> Result<String, Unsupported> {
        let of = operand.column.map(|column| self.columns.column_type(column).clone());
        lookup(self.asks, operand, of.as_ref(), values, negated, &self.policies)
    }
}
