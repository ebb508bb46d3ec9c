//! The bodies of masks and filters, for platforms that ask who the user is: printed once, for every dialect.
//!
//! In: what must stand on a table, by account ([`TableProtection`](super::protection::TableProtection)). Out: SQL texts, and what
//! they lean on: tests of being one of some accounts, and rows of an entitlement table. How a test is asked (a role in session, a
//! group, a flag of the current user) is the platform's ([`Asks`]); what is asked, and in which order, stands here.
//! Invariant: every test is positive, and only TRUE reveals: who drops a role, lacks a row or brings NULL sees less.

mod decision;
pub mod entitlements;
mod filter;
mod lookup;
mod mask;
mod names;
mod refuse;
mod target;

pub use decision::{condition_key, decision, identity, rule_word};
pub use entitlements::Entitlements;
pub use filter::conjunct;
pub use mask::{MaskBody, conditions_of, expression};
pub use names::{Names, generated};
pub use refuse::{Whole, by_mask, entitled, hide, hide_conflicts, refuse_filter, refuse_table, refuse_whole};

use super::contract::Lowering;
use super::gap::{Gap, GapCode};
use super::sql::{Dialect, Operand, Unsupported};
use crate::inventory::{AccountSet, ColumnId, ColumnType};

/// How a platform's bodies ask who the user is.
pub trait Asks<'a> {
    /// What is lowered.
    fn lowering(&self) -> &'a Lowering<'a>;

    /// What is spoken.
    fn dialect(&self) -> Dialect;

    /// A condition that is TRUE for the accounts and for nobody else. `parts` say why it is they: the same parts, the same
    /// accounts. `stem` begins the name of what is made for it.
    fn test(&mut self, stem: &str, parts: &[String], accounts: &AccountSet, policies: &[String]) -> String;

    /// A condition that is TRUE where the operand, which is not NULL, is a value of the current user under a name of the
    /// entitlement table. It can follow `NOT`.
    fn among(&mut self, name: &str, operand: &Operand, of: &ColumnType) -> Result<String, Unsupported>;

    /// A condition that is TRUE where the current user has a row under a name. It can stand in a conjunction.
    fn has(&mut self, name: &str) -> String;

    /// The rows of the entitlement table.
    fn entitlements(&mut self) -> &mut Entitlements;

    /// What cannot be held, so far.
    fn gaps(&mut self) -> &mut Vec<Gap>;

    /// Tells of something that cannot be held.
    fn gap(&mut self, policy: &str, code: GapCode, object: String, message: String) {
        let integration = self.lowering().settings().name.clone();
        self.gaps().push(Gap { integration, policy: policy.to_owned(), code, object, message });
    }
}

/// How a body names the columns that it reads: a policy's arguments, or a table's own columns.
pub trait Columns {
    /// The type of a column, as the body sees it.
    fn column_type(&self, column: ColumnId) -> &ColumnType;

    /// Its name in the body.
    fn column(&mut self, column: ColumnId) -> Result<String, Unsupported>;
}
