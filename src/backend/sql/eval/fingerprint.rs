//! What a text says, however a platform prints it.
//!
//! In: an expression, or a query with or without `CREATE VIEW … AS`. Out: a text that is the same for texts that say the same: white
//! space, comments, the case of words, quotes that a name does not need, parentheses that change nothing, `CAST` or `::` do not
//! count; every literal, operator, name and order does.
//! A text that cannot be parsed is compared token by token.

use std::ops::ControlFlow;

use sqlparser::ast::{CastKind, Expr, VisitMut, visit_expressions_mut};
use sqlparser::tokenizer::{Token, Word};

use super::read;
use crate::backend::sql::{Dialect, lex};

/// Equal for texts that say the same.
pub fn fingerprint(text: &str, dialect: Dialect) -> String {
    let query = read::normal_query(text, dialect, &folded, |mut tree| {
        unwrap(&mut tree);
        format!("{tree:?}")
    });
    let expression = || {
        read::normal_expression(text, dialect, &folded, |mut tree| {
            unwrap(&mut tree);
            format!("{tree:?}")
        })
    };
    match query.or_else(expression) {
        Some(tree) => unquoted(&tree, dialect),
        None => tokens(text, dialect),
    }
}

/// A word as the dialect reads it.
fn folded(token: Token, dialect: Dialect) -> Token {
    match token {
        Token::Word(Word { value, quote_style: None, keyword }) => {
            Token::Word(Word { value: fold(&value, dialect), quote_style: None, keyword })
        }
        other => other,
    }
}

/// Words that mean something else without quotes.
const RESERVED: [&str; 8] = [
    "current_user",
    "session_user",
    "system_user",
    "user",
    "current_role",
    "current_date",
    "current_timestamp",
    "localtimestamp",
];

/// A printed tree with names as they are stored: quotes that a name does not need are gone. Quotes inside literals are printed
/// with a backslash, so nothing but a name begins like one.
fn unquoted(tree: &str, dialect: Dialect) -> String {
    const NAME: &str = "Ident { value: \"";
    let mut out = String::with_capacity(tree.len());
    let mut rest = tree;
    while let Some((before, after)) = rest.split_once(NAME) {
        out.push_str(before);
        out.push_str(NAME);
        rest = after;
        let Some((name, after)) = rest.split_once("\", quote_style: Some(") else { continue };
        let plain = name.chars().all(|each| each.is_ascii_alphanumeric() || each == '_')
            && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && !RESERVED.contains(&name.to_ascii_lowercase().as_str());
        if plain && fold(name, dialect) == name {
            let end = after.split_once(')').map_or("", |(_, after)| after);
            out.push_str(name);
            out.push_str("\", quote_style: None");
            rest = end;
        }
    }
    out.push_str(rest);
    out
}

/// A plain name as the dialect stores it.
fn fold(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Snowflake => name.to_ascii_uppercase(),
        Dialect::Databricks | Dialect::Trino | Dialect::Redshift => name.to_ascii_lowercase(),
        Dialect::Synapse | Dialect::BigQuery => name.to_owned(),
    }
}

/// Takes away what changes nothing: the tree keeps the order of operations.
fn unwrap(tree: &mut impl VisitMut) {
    let _: ControlFlow<()> = visit_expressions_mut(tree, |expr| {
        while let Expr::Nested(inner) = expr {
            let inner = std::mem::replace(inner.as_mut(), Expr::Identifier(sqlparser::ast::Ident::new("")));
            *expr = inner;
        }
        if let Expr::Cast { kind: kind @ CastKind::DoubleColon, .. } = expr {
            *kind = CastKind::Cast;
        }
        ControlFlow::Continue(())
    });
}

fn tokens(text: &str, dialect: Dialect) -> String {
    match lex::tokens(text, dialect) {
        Some(tokens) => {
            let tokens = tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_)));
            let texts: Vec<String> = tokens.map(|token| format!("{:?}", folded(token, dialect))).collect();
            texts.join(" ")
        }
        None => text.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}
