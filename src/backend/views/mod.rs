//! Secure views, for platforms that hold masks and filters in a view that stands before the table.
//!
//! In: what must stand on each table. Out: one view per table, which reads the table with its owner's rights, shows each column
//! or its mask, and keeps the rows that the filters leave; flags and values of the current user come from an entitlement table.
//! Users get the view and never the table.
//!
//! ```sql
//! SELECT t."id" AS "id", CASE WHEN g."f1" = 1 THEN t."email" … END AS "email"
//! FROM "retail"."public"."customer" t
//! CROSS JOIN (SELECT MAX(CASE WHEN e."name" = 'CLEAR_5AF1C9D2' THEN 1 ELSE 0 END) AS "f1"
//!             FROM "secure"."entitlements" e WHERE e."account" = current_user) g
//! WHERE (g."f2" = 1 OR (…))
//! ```
//!
//! Invariant: a column that the catalog lacks is not in the view. What differs between platforms stands in [`Site`].

mod body;
mod draw;
mod entitlement;
mod flags;
mod judge;
mod principals;
mod refused;
mod roles;
mod safety;
mod script;
mod sightings;
pub mod ways;

pub use body::{MARK, ViewBody};
pub use draw::{Drawing, Drawn, draw};
pub use entitlement::{entitlement, entitlement_facts};
pub use judge::{Judge, Judged};
pub use principals::Principals;
pub use refused::write_is_refused;
pub use roles::{RoleGrant, role_facts};
pub use safety::{phase, same};
pub use script::Script;
pub use sightings::Sightings;
pub use ways::Way;

use super::sql::Dialect;
use crate::inventory::TableId;

/// What differs between the platforms of secure views.
pub trait Site {
    /// What is spoken.
    fn dialect(&self) -> Dialect;

    /// Who asks, as the entitlement table names him.
    fn current_user(&self) -> &'static str;

    /// The quoted path of the entitlement table, as views name it.
    fn entitlements(&self) -> String;

    /// The same path as its parts, as the dialect reads them.
    fn entitlements_path(&self) -> Vec<String>;

    /// The account as [`Site::current_user`] gives it; `None`: it never asks as itself (a group).
    fn session_name<'n>(&self, account: &'n str) -> Option<&'n str> {
        Some(account)
    }

    /// The path of a table's view; `Err`: why it can have none.
    fn view(&self, table: TableId) -> Result<Vec<String>, String>;

    /// The quoted path of a table, as its view names it.
    fn base(&self, path: [&str; 3]) -> String;

    /// Whether the platform takes a view; `Err`: the limit that it exceeds.
    fn fits(&self, _body: &ViewBody) -> Result<(), String> {
        Ok(())
    }
}
