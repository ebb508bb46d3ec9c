//! Looking the current user up in the entitlement table: `EXISTS (SELECT 1 FROM … E WHERE E."ACCOUNT" = CURRENT_USER() AND …)`.
//!
//! Values were cast to the column's type when they were written, so no cast of the platform decides.

use super::native::{ENTITLEMENTS, Home};
use crate::backend::sql::{Dialect, Operand};
use crate::inventory::{ColumnType, TypeClass};

/// TRUE where the current user has a row under a name that meets a condition on `E`.
pub(super) fn exists(home: &Home, name: &str, condition: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM {} E WHERE E.\"ACCOUNT\" = CURRENT_USER() AND E.\"NAME\" = {} AND {condition})",
        home.path(ENTITLEMENTS),
        Dialect::Snowflake.literal(name)
    )
}

/// Equality with `E."VALUE"`, a text. Dates and timestamps are printed rather than read, so that no session's input format
/// matters; TRY_CAST makes a value of another use NULL instead of an error.
pub(super) fn equal(operand: &Operand, of: &ColumnType) -> String {
    let (value, text) = ("E.\"VALUE\"", &operand.text);
    match of.class {
        TypeClass::String if operand.padded => {
            format!("{} = {text}", Dialect::Snowflake.trim_end(value))
        }
        TypeClass::Number => match of.scale {
            Some(scale) => format!("TRY_CAST({value} AS NUMBER(38,{scale})) = {text}"),
            None => format!("TRY_CAST({value} AS FLOAT) = {text}"),
        },
        TypeClass::Boolean => {
            format!("{value} = CASE WHEN {text} THEN 'true' WHEN NOT {text} THEN 'false' END")
        }
        TypeClass::Date => format!("{value} = TO_VARCHAR({text}, 'YYYY-MM-DD')"),
        TypeClass::Timestamp => {
            format!("{value} = TO_VARCHAR({text}, 'YYYY-MM-DD HH24:MI:SS.FF9')")
        }
        TypeClass::String | TypeClass::Binary | TypeClass::Other => format!("{value} = {text}"),
    }
}
