//! Looking the current user up in the entitlement table: `EXISTS (SELECT 1 FROM … e WHERE e.account = session_user() AND …)`.
//!
//! Every column of the table is qualified: a name without a qualifier would be the table's before it is an argument's.

use super::native::{DIALECT, ENTITLEMENTS, Home};

/// The table's value, as bodies name it.
pub(super) const VALUE: &str = "e.value";

/// TRUE where the current user has a row under a name that meets a condition on `e`.
pub(super) fn exists(home: &Home, name: &str, condition: &str) -> String {
    let condition = if condition.is_empty() { String::new() } else { format!(" AND {condition}") };
    format!(
        "EXISTS (SELECT 1 FROM {} e WHERE e.account = session_user() AND e.name = {}{condition})",
        home.path(ENTITLEMENTS),
        DIALECT.literal(name)
    )
}
