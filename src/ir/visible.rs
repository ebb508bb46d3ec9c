//! What a user sees of rows and cells: the reference meaning over data.
//!
//! In: [`Meaning`] and a row. Out: whether the row is visible, and what a cell shows.

use super::condition::Subject;
use super::truth::RowContext;
use super::value::Value;
use super::{BoundRows, MaskId, Meaning, Rows};
use crate::ids::Id;
use crate::inventory::directory::{Access, UserSet};
use crate::inventory::{ColumnId, Securable, TableId, UserId};

impl Meaning<'_> {
    /// Whether a user sees a row: every filter that concerns him is true on it, for every choice of columns.
    pub fn visible(
        &self,
        user: UserId,
        table: TableId,
        today: i32,
        cell: &dyn Fn(ColumnId) -> Value,
    ) -> bool {
        let subject = Subject { securable: Securable::Table(table), column: None, access: Access::Read };
        self.filters_on(table).into_iter().filter(|(_, users)| users.contains(user.raw())).all(
            |(filter, _)| match self.program().filters[filter].rows.bind(&self.program().inventory, table) {
                Ok(choices) => {
                    choices.iter().all(|rows| self.row_value(rows, user, subject, today, cell) == Some(true))
                }
                Err(_) => false,
            },
        )
    }

    /// What a user sees of a cell; `None` where only the platform knows (`custom`).
    pub fn cell(
        &self,
        user: UserId,
        column: ColumnId,
        today: i32,
        salt: &str,
        cell: &dyn Fn(ColumnId) -> Value,
    ) -> Option<Value> {
        let table = self.program().inventory.catalog.columns[column].table;
        let subject =
            Subject { securable: Securable::Table(table), column: Some(column), access: Access::Read };
        let choice = self.mask_of(user, column);
        let shows = |mask: &MaskId| match &self.program().masks[*mask].when {
            None => true,
            Some(rows) => match rows.bind(&self.program().inventory, table) {
                // Masked unless the whole is false for every choice.
                Ok(choices) => {
                    choices.iter().any(|rows| self.row_value(rows, user, subject, today, cell) != Some(false))
                }
                Err(_) => true,
            },
        };
        match choice.when.iter().chain(&choice.mask).find(|mask| shows(mask)) {
            Some(mask) => self.program().masks[*mask].method.show(&cell(column), salt),
            None => Some(cell(column)),
        }
    }

    /// The users whom a filter or `when` treats alike on every row, because the user alone decides it there: to the value.
    pub fn settled(&self, rows: &Rows, subject: Subject, users: &UserSet, value: bool) -> UserSet {
        let holds = |raw: u32| {
            rows.settled(&|condition| self.holders(condition, subject).contains(raw)) == Some(value)
        };
        users.iter().filter(|raw| holds(*raw)).collect()
    }

    /// The three-valued truth of a bound row expression for a user; in a `when`, the subject names the masked column.
    pub fn row_value(
        &self,
        rows: &BoundRows,
        user: UserId,
        subject: Subject,
        today: i32,
        cell: &dyn Fn(ColumnId) -> Value,
    ) -> Option<bool> {
        let holds = |condition| self.holders(condition, subject).contains(user.raw());
        rows.evaluate(&RowContext { inventory: &self.program().inventory, user, cell, holds: &holds, today })
    }
}
