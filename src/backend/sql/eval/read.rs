//! Text to one parsed expression, read as the platform's own lexer reads it.
//!
//! In: text. Out: what `then` makes of the tree, `None` for anything that is not surely one expression.
//! The parser's lexer runs without unescaping, which is done here by the dialect's own rules; comments that lexers
//! disagree on, and types that the parser cannot read, never reach it.
//! Cost: linear. A text whose tree could be deep is read on a thread with a stack to match: trees are dropped by recursion.

use sqlparser::ast::{Expr, Query};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace, Word};

use crate::backend::sql::Dialect;
use crate::resolve::sql_bounds::{MAX_NESTING, depth, strangeness};

/// Longer texts are not read.
const MAX_TEXT: usize = 4 << 20;
/// Trees up to here are read on the caller's stack.
const SHALLOW: usize = 24;
/// To drop each level that a tree could have, and to compile the levels that we take (25 KB each where nothing is optimised).
/// Only what is used of it is ever mapped.
const STACK_PER_LEVEL: usize = 2 << 10;
const STACK: usize = 16 << 20;

/// Reads an expression and gives it to `then`, all on one stack that is large enough.
pub(super) fn expression<T: Send>(
    text: &str,
    dialect: Dialect,
    then: impl FnOnce(Expr) -> T + Send,
) -> Option<T> {
    whole(tokens(text, dialect)?, dialect, |parser| parser.parse_expr().ok(), then)
}

/// The same for a query, without what stands round it in the definition of a view.
pub(super) fn query<T: Send>(
    text: &str,
    dialect: Dialect,
    then: impl FnOnce(Box<Query>) -> T + Send,
) -> Option<T> {
    whole(defining(tokens(text, dialect)?), dialect, |parser| parser.parse_query().ok(), then)
}

/// [`expression`], with each token as `normal` makes it.
pub(super) fn normal_expression<T: Send>(
    text: &str,
    dialect: Dialect,
    normal: &dyn Fn(Token, Dialect) -> Token,
    then: impl FnOnce(Expr) -> T + Send,
) -> Option<T> {
    let tokens = tokens(text, dialect)?.into_iter().map(|token| normal(token, dialect)).collect();
    whole(tokens, dialect, |parser| parser.parse_expr().ok(), then)
}

/// [`query`], with each token as `normal` makes it.
pub(super) fn normal_query<T: Send>(
    text: &str,
    dialect: Dialect,
    normal: &dyn Fn(Token, Dialect) -> Token,
    then: impl FnOnce(Box<Query>) -> T + Send,
) -> Option<T> {
    let tokens = defining(tokens(text, dialect)?).into_iter().map(|token| normal(token, dialect)).collect();
    whole(tokens, dialect, |parser| parser.parse_query().ok(), then)
}

/// Parses all of some tokens.
fn whole<P, T: Send>(
    tokens: Vec<Token>,
    dialect: Dialect,
    parse: impl FnOnce(&mut Parser<'_>) -> Option<P> + Send,
    then: impl FnOnce(P) -> T + Send,
) -> Option<T> {
    strangeness(&tokens)?;
    let depth = depth(&tokens)?;
    let read = move || {
        let parser = dialect.parser();
        let mut parser =
            Parser::new(parser.as_ref()).with_recursion_limit(MAX_NESTING + 100).with_tokens(tokens);
        let parsed = parse(&mut parser)?;
        // The tree must go on this stack too, so it is taken by value even if more text follows.
        let whole = parser.peek_token().token == Token::EOF;
        let result = then(parsed);
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

/// The tokens with their meaning in place of their spelling.
pub(super) fn tokens(text: &str, dialect: Dialect) -> Option<Vec<Token>> {
    // Our lexer would read the inside of such a comment as SQL.
    if text.len() > MAX_TEXT || text.contains("/*!") {
        return None;
    }
    let parser = dialect.parser();
    let tokens = Tokenizer::new(parser.as_ref(), text).with_unescape(false).tokenize().ok()?;
    let mut plain: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let token = match token {
            Token::SingleQuotedString(inner) => Token::SingleQuotedString(unescape(&inner, dialect)?),
            Token::Word(Word { value, quote_style: Some('"'), keyword }) => {
                Token::Word(Word { value: value.replace("\"\"", "\""), quote_style: Some('"'), keyword })
            }
            Token::Whitespace(Whitespace::SingleLineComment { ref prefix, .. }) if prefix == "--" => {
                Token::Whitespace(Whitespace::Newline)
            }
            // Lexers disagree on comments inside comments.
            Token::Whitespace(Whitespace::MultiLineComment(inner)) if !inner.contains("/*") => {
                Token::Whitespace(Whitespace::Space)
            }
            Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
                return None;
            }
            Token::RBrace if ends_in_salt(&plain) => {
                plain.truncate(plain.len() - 2);
                Token::SingleQuotedString("{salt}".to_owned())
            }
            other => other,
        };
        plain.push(token);
    }
    Some(plain_types(plain))
}

fn ends_in_salt(tokens: &[Token]) -> bool {
    matches!(
        tokens,
        [.., Token::LBrace, Token::Word(Word { value, quote_style: None, .. })] if value == "salt"
    )
}

/// The text of a literal; `None` for escapes that our lexer has no equal of.
fn unescape(inner: &str, dialect: Dialect) -> Option<String> {
    match dialect {
        Dialect::Trino => Some(inner.replace("''", "'")),
        Dialect::Databricks | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery => None,
        // docs.snowflake.com/en/sql-reference/data-types-text#escape-sequences (2026-11-23).
        Dialect::Snowflake => {
            let mut text = String::with_capacity(inner.len());
            let mut rest = inner.chars().peekable();
            while let Some(each) = rest.next() {
                match each {
                    '\'' => {
                        rest.next_if_eq(&'\'');
                        text.push('\'');
                    }
                    '\\' => text.push(match rest.next()? {
                        '0' if !rest.peek().is_some_and(|next| next.is_digit(8)) => '\0',
                        // Octal, hexadecimal and Unicode escapes.
                        '0'..='7' | 'x' | 'u' | 'U' => return None,
                        'b' => '\u{8}',
                        'f' => '\u{c}',
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        other => other,
                    }),
                    other => text.push(other),
                }
            }
            Some(text)
        }
    }
}

/// Types that the parser may stumble over (`array(row(a varchar))`) become a name that casts to nothing we know.
fn plain_types(tokens: Vec<Token>) -> Vec<Token> {
    let mut plain: Vec<Token> = Vec::with_capacity(tokens.len());
    // Per open parenthesis: whether a cast opened it, and where its type begins.
    let mut open: Vec<(bool, Option<usize>)> = Vec::new();
    let mut last_word = String::new();
    for token in tokens {
        match &token {
            Token::LParen => open.push((matches!(last_word.as_str(), "CAST" | "TRY_CAST"), None)),
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

/// Anything but words, and numbers in parentheses.
fn strange_type(tokens: &[Token]) -> bool {
    let mut inside = false;
    tokens.iter().any(|token| match token {
        Token::LParen => std::mem::replace(&mut inside, true),
        Token::RParen => !std::mem::replace(&mut inside, false),
        Token::Number(..) | Token::Comma => !inside,
        Token::Word(word) => {
            inside
                || word.quote_style.is_some()
                || ["INTERVAL", "ARRAY", "MAP", "ROW", "STRUCT", "OBJECT", "TABLE", "VECTOR"]
                    .iter()
                    .any(|name| word.value.eq_ignore_ascii_case(name))
        }
        Token::Whitespace(_) => false,
        _ => true,
    })
}
