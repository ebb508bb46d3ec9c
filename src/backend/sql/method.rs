//! Masking methods as SQL text with the reference's result, per dialect.
//!
//! In: a method, the value's text, the column's type. Out: an expression of the column's type, or [`Narrow`]: why only
//! `null` can be shown there. NULL stays NULL. The salt stands as `{salt}`.

use super::dialect::{Dialect, type_name};
use crate::inventory::{ColumnType, Platform, TypeClass};
use crate::ir::value::{Decimal, Value};
use crate::ir::{Literal, Method, RoundTo};

/// Why a method becomes `null` on a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrow(pub String);

fn narrow<T>(why: impl Into<String>) -> Result<T, Narrow> {
    Err(Narrow(why.into()))
}

/// The typed NULL of a column.
pub fn null(column: &ColumnType) -> String {
    match type_name(column) {
        Some(name) => format!("CAST(NULL AS {name})"),
        None => "NULL".to_owned(),
    }
}

/// A method as SQL. `value` is the text of the clear value; `salted` says whether the project has a salt.
pub fn print(
    method: &Method,
    value: &str,
    column: &ColumnType,
    platform: Platform,
    dialect: Dialect,
    salted: bool,
) -> Result<String, Narrow> {
    let Some(name) = type_name(column) else {
        return match method {
            Method::Null => Ok(null(column)),
            _ => narrow(format!("its type `{}` cannot be written back safely", column.text)),
        };
    };
    let text = if column.padded { dialect.trim_end(value) } else { value.to_owned() };
    let expression = match method {
        Method::Null => return Ok(null(column)),
        Method::Constant(literal) => constant(literal, column, dialect)?,
        Method::Hash => {
            if column.length.is_some_and(|length| length < 64) {
                return narrow(format!("a hash has 64 characters and its type is `{}`", column.text));
            }
            let salt = |text: &str| format!("({} {} {{salt}})", dialect.unbounded(text), dialect.concat());
            dialect.sha256_hex(&if salted { salt(&text) } else { text })
        }
        Method::KeepFirst(n) => dialect.keep(&text, *n, true),
        Method::KeepLast(n) => dialect.keep(&text, *n, false),
        Method::Regex { pattern, replace } => {
            if column.length.is_some() && replace.chars().count() > 1 {
                // A match of one character could grow past the declared length, and platforms differ in what then happens.
                return narrow(format!("the replaced text may not fit `{}`", column.text));
            }
            dialect.regexp_replace(&text, pattern, replace)?
        }
        Method::RoundNumber(unit) => round_number(value, unit, column, dialect)?,
        Method::RoundDate(unit) => match dialect.date_trunc(*unit, value, column) {
            Some(text) => text,
            None => return narrow(format!("rounding `{}` depends on the session's time zone", column.text)),
        },
        Method::Custom(texts) => match texts.get(&platform) {
            Some(text) => custom(text, value, dialect)?,
            None => return narrow(format!("the mask has no `custom` text for {}", platform.word())),
        },
    };
    let name = match (dialect, column.class) {
        // CHAR and VARCHAR are types of table columns alone: docs.databricks.com/sql/language-manual/sql-ref-datatypes (2026-11-25).
        (Dialect::Databricks, TypeClass::String) => "STRING",
        _ => name,
    };
    Ok(format!("CAST({expression} AS {name})"))
}

fn constant(literal: &Literal, column: &ColumnType, dialect: Dialect) -> Result<String, Narrow> {
    let fits = match literal {
        Literal::Text(text) => dialect.holds_text(text, column),
        Literal::Number(number) => match (Decimal::parse(number), column.length, column.scale) {
            (Some(value), Some(precision), Some(scale)) => {
                let whole = number
                    .trim_start_matches('-')
                    .split('.')
                    .next()
                    .unwrap_or("")
                    .trim_start_matches('0')
                    .len();
                value.scale() <= scale && whole as u32 <= precision.saturating_sub(scale)
            }
            (Some(value), None, Some(scale)) => value.scale() <= scale,
            (Some(_), _, None) => true,
            (None, ..) => false,
        },
        Literal::Boolean(_) | Literal::Date(_) => true,
    };
    if fits {
        Ok(super::rows::literal(literal, dialect).text)
    } else {
        narrow(format!("the constant does not fit `{}`", column.text))
    }
}

/// By remainder, which is exact for decimals: dividing would round before it rounds.
fn round_number(value: &str, unit: &str, column: &ColumnType, dialect: Dialect) -> Result<String, Narrow> {
    if column.scale.is_none() {
        return narrow(format!("floating point numbers (`{}`) have no exact multiples", column.text));
    }
    let fits = Value::number(unit)
        .is_some_and(|_| Decimal::parse(unit).is_some_and(|unit| Some(unit.scale()) <= column.scale));
    if !fits {
        return narrow(format!("multiples of {unit} do not fit `{}`", column.text));
    }
    let number = dialect.number(unit);
    let rest = match dialect {
        Dialect::Synapse => format!("({value} % {number})"),
        Dialect::Snowflake | Dialect::Databricks | Dialect::Trino | Dialect::Redshift | Dialect::BigQuery => {
            format!("MOD({value}, {number})")
        }
    };
    let away = match dialect {
        Dialect::Snowflake | Dialect::Trino => format!("SIGN({value}) * {number}"),
        // Others' SIGN may be a double, which forgets digits.
        Dialect::Databricks | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery => {
            format!("CASE WHEN {value} < 0 THEN -{number} ELSE {number} END")
        }
    };
    Ok(format!("{value} - {rest} + CASE WHEN ABS({rest}) * 2 >= {number} THEN {away} ELSE 0 END"))
}

/// The text that the policy's author wrote for this platform, with the column in its place: one expression, no comments.
fn custom(text: &str, value: &str, dialect: Dialect) -> Result<String, Narrow> {
    use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};
    if text.contains("{salt}") {
        return narrow("its `custom` text asks for the salt");
    }
    let text = text.replace("{column}", value);
    let parser = dialect.parser();
    let tokens = match Tokenizer::new(parser.as_ref(), &text).tokenize() {
        Ok(tokens) => tokens,
        Err(error) => return narrow(format!("its `custom` text is not SQL: {error}")),
    };
    let comment = |token: &Token| {
        matches!(
            token,
            Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_))
                | Token::SemiColon
        )
    };
    if tokens.iter().any(comment) {
        return narrow("its `custom` text has a comment or a `;`");
    }
    if !crate::resolve::sql_bounds::parsable(&tokens) {
        return narrow("its `custom` text nests too deeply");
    }
    let mut parsed =
        sqlparser::parser::Parser::new(parser.as_ref()).with_recursion_limit(100).with_tokens(tokens);
    match parsed.parse_expr().and_then(|_| parsed.expect_token(&Token::EOF)) {
        Ok(_) => Ok(format!("({text})")),
        Err(error) => narrow(format!("its `custom` text is not one expression: {error}")),
    }
}

/// Whether the type can hold what `round to year|…|hour` gives.
pub fn rounds_date(unit: RoundTo, column: &ColumnType) -> bool {
    match unit {
        RoundTo::Hour => column.class == TypeClass::Timestamp,
        RoundTo::Year | RoundTo::Month | RoundTo::Day => {
            matches!(column.class, TypeClass::Date | TypeClass::Timestamp)
        }
    }
}
