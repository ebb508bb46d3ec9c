//! An operand among the current user's values, or known not to be.

use super::Asks;
use super::entitlements::{Name, Use};
use crate::backend::sql::{Operand, Unsupported};
use crate::inventory::{ColumnType, TypeClass};
use crate::ir::rows::UserValues;

/// TRUE where the operand is (or, `negated`, is known not to be) among the current user's values. `of`: the type of the column
/// that it is; a literal is a text or nothing.
pub(super) fn lookup(
    asks: &mut dyn Asks<'_>,
    operand: &Operand,
    of: Option<&ColumnType>,
    values: &UserValues,
    negated: bool,
    policies: &[String],
) -> Result<String, Unsupported> {
    let text = ColumnType::parse("VARCHAR");
    let of = match of {
        Some(of) => of,
        None if operand.class == TypeClass::String => &text,
        // Values are texts here, and no text compares with a number, boolean or date.
        None => {
            return Err(Unsupported("it compares a literal that is no text with values of users".to_owned()));
        }
    };
    match of.class {
        TypeClass::Binary | TypeClass::Other => {
            return Err(Unsupported(format!("values of users cannot be cast to `{}`", of.text)));
        }
        TypeClass::String
        | TypeClass::Number
        | TypeClass::Boolean
        | TypeClass::Date
        | TypeClass::Timestamp => {}
    }
    let (name, lowering) = (Name { values, of }, asks.lowering());
    let mut ask = |usage| asks.entitlements().ask(lowering, &name, usage, policies);
    if !negated {
        let revealing = ask(Use::Reveals);
        return asks.among(&revealing, operand, of);
    }
    let (hiding, complete) = (ask(Use::Hides), ask(Use::Complete));
    let (found, known) = (asks.among(&hiding, operand, of)?, asks.has(&complete));
    Ok(format!("({} IS NOT NULL AND {known} AND NOT {found})", operand.text))
}
