//! Text to one parsed tree, read as the platform's own lexer reads it.
//!
//! In: text. Out: what `then` makes of the tree, `None` for anything that is not surely one expression, or one query.
//! Literals and names come from [`lex`], by the dialect's own rules; types that the parser cannot read never reach it.
//! Cost: linear. A text whose tree could be deep is read on a thread with a stack to match: trees are dropped by recursion.

use sqlparser::ast::{Expr, Query};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Whitespace, Word};

use crate::backend::sql::{Dialect, lex};
use crate::resolve::sql_bounds::{MAX_NESTING, depth, strangeness};

/// Trees up to here are read on the caller's stack.
const SHALLOW: usize = 24;
/// To drop each level that a tree could have, and to compile the levels that we take (25 KB each where nothing is optimised).
/// Only what is used of it is ever mapped.
const STACK_PER_LEVEL: usize = 2 << 10;
const STACK: usize = 16 << 20;

/// Reads an expression and gives it to `then`, all on one stack that is large enough.
pub(in crate::backend::sql) fn expression<T: Send>(
    text: &str,
    dialect: Dialect,
    then: impl FnOnce(Expr) -> T + Send,
) -> Option<T> {
    tree(lex::tokens(text, dialect)?, dialect, |parser| parser.parse_expr(), then)
}

/// Reads a query likewise, without what stands round it in the definition of a view.
pub(super) fn query<T: Send>(
    text: &str,
    dialect: Dialect,
    then: impl FnOnce(Box<Query>) -> T + Send,
) -> Option<T> {
    tree(defining(lex::tokens(text, dialect)?), dialect, |parser| parser.parse_query(), then)
}

/// [`expression`], with each token as `normal` makes it.
pub(super) fn normal_expression<T: Send>(
    text: &str,
    dialect: Dialect,
    normal: &dyn Fn(Token, Dialect) -> Token,
    then: impl FnOnce(Expr) -> T + Send,
) -> Option<T> {
    let tokens = lex::tokens(text, dialect)?.into_iter().map(|token| normal(token, dialect)).collect();
    tree(tokens, dialect, |parser| parser.parse_expr(), then)
}

/// [`query`], with each token as `normal` makes it.
pub(super) fn normal_query<T: Send>(
    text: &str,
    dialect: Dialect,
    normal: &dyn Fn(Token, Dialect) -> Token,
    then: impl FnOnce(Box<Query>) -> T + Send,
) -> Option<T> {
    let tokens = lex::tokens(text, dialect)?.into_iter().map(|token| normal(token, dialect)).collect();
    tree(defining(tokens), dialect, |parser| parser.parse_query(), then)
}

/// The query alone: without `CREATE VIEW … AS` before it, and `WITH NO SCHEMA BINDING` or `;` behind.
fn defining(tokens: Vec<Token>) -> Vec<Token> {
    let word = |token: &Token, text: &str| matches!(token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(text));
    let mut tokens: Vec<Token> =
        tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    if tokens.first().is_some_and(|first| word(first, "create") || word(first, "alter")) {
        let mut open = 0_i32;
        let starts = tokens.iter().position(|token| {
            open += match token {
                Token::LParen => 1,
                Token::RParen => -1,
                _ => 0,
            };
            open == 0 && word(token, "as")
        });
        if let Some(at) = starts {
            tokens.drain(..=at);
        }
    }
    while tokens.last() == Some(&Token::SemiColon) {
        tokens.pop();
    }
    let tail = ["with", "no", "schema", "binding"];
    let from = tokens.len().saturating_sub(tail.len());
    let ends = tokens.get(from..).is_some_and(|end| {
        end.len() == tail.len() && end.iter().zip(tail).all(|(token, text)| word(token, text))
    });
    if ends {
        tokens.truncate(from);
    }
    tokens
}

fn tree<E, T: Send>(
    tokens: Vec<Token>,
    dialect: Dialect,
    parse: fn(&mut Parser<'_>) -> Result<E, ParserError>,
    then: impl FnOnce(E) -> T + Send,
) -> Option<T> {
    let tokens = plain_types(tokens);
    strangeness(&tokens)?;
    let depth = depth(&tokens)?;
    let read = move || {
        let parser = dialect.parser();
        let mut parser =
            Parser::new(parser.as_ref()).with_recursion_limit(MAX_NESTING + 100).with_tokens(tokens);
        let tree = parse(&mut parser).ok()?;
        // The tree must go on this stack too, so it is taken by value even if more text follows.
        let whole = parser.peek_token().token == Token::EOF;
        let result = then(tree);
        whole.then_some(result)
    };
    if depth <= SHALLOW {
        return read();
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK + depth * STACK_PER_LEVEL);
        thread.spawn_scoped(scope, read).ok()?.join().ok()?
    })
}

/// Types that the parser may stumble over (`array(row(a varchar))`) become a name that casts to nothing we know.
fn plain_types(tokens: Vec<Token>) -> Vec<Token> {
    let mut plain: Vec<Token> = Vec::with_capacity(tokens.len());
    // Per open parenthesis: whether a cast opened it, and where its type begins.
    let mut open: Vec<(bool, Option<usize>)> = Vec::new();
    let mut last_word = String::new();
    for token in tokens {
        match &token {
            Token::LParen => {
                open.push((matches!(last_word.as_str(), "CAST" | "TRY_CAST" | "SAFE_CAST"), None));
            }
            Token::RParen => {
                if let Some((_, Some(start))) = open.pop()
                    && plain.get(start..).is_some_and(strange_type)
                {
                    plain.truncate(start);
                    plain.push(Token::Whitespace(Whitespace::Space));
                    plain.push(Token::Word(Word {
                        value: "another_type".to_owned(),
                        quote_style: None,
                        keyword: sqlparser::keywords::Keyword::NoKeyword,
                    }));
                }
            }
            Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("as") => {
                if let Some((true, start @ None)) = open.last_mut() {
                    *start = Some(plain.len() + 1);
                }
            }
            _ => {}
        }
        match &token {
            Token::Whitespace(_) => {}
            Token::Word(word) if word.quote_style.is_none() => last_word = word.value.to_ascii_uppercase(),
            _ => last_word.clear(),
        }
        plain.push(token);
    }
    plain
}

/// Anything but words, and numbers or `max` in parentheses.
fn strange_type(tokens: &[Token]) -> bool {
    // Of several words, the parser knows these.
    const KNOWN: [&str; 8] = [
        "CHARACTER VARYING",
        "CHAR VARYING",
        "DOUBLE PRECISION",
        "TIMESTAMP WITH TIME ZONE",
        "TIMESTAMP WITHOUT TIME ZONE",
        "TIMESTAMP WITH LOCAL TIME ZONE",
        "TIME WITH TIME ZONE",
        "TIME WITHOUT TIME ZONE",
    ];
    let words: Vec<String> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(word.value.to_ascii_uppercase()),
            _ => None,
        })
        .collect();
    if words.len() > 1 && !KNOWN.contains(&words.join(" ").as_str()) {
        return true;
    }
    let mut inside = false;
    tokens.iter().any(|token| match token {
        Token::LParen => std::mem::replace(&mut inside, true),
        Token::RParen => !std::mem::replace(&mut inside, false),
        Token::Number(..) | Token::Comma => !inside,
        Token::Word(word) => {
            inside && !word.value.eq_ignore_ascii_case("max")
                || word.quote_style.is_some()
                || ["INTERVAL", "ARRAY", "MAP", "ROW", "STRUCT", "OBJECT", "TABLE", "VECTOR"]
                    .iter()
                    .any(|name| word.value.eq_ignore_ascii_case(name))
        }
        Token::Whitespace(_) => false,
        _ => true,
    })
}
