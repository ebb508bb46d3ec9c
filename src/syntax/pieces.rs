//! Cuts the tokens of a file into pieces, one for each declaration, before the parser sees them.
//!
//! In: the tokens of a file. Out: ranges of token indices that together hold every token.
//! Invariant: a cut never falls inside a valid declaration, so parsing the pieces means what parsing the whole would;
//! a broken declaration (even one whose brace is missing) takes no neighbour with it.
//! Cost: one pass with a look-ahead of four tokens.

use std::ops::Range;

use super::ast::Kind;
use super::tokens::{Token, TokenKind};
use crate::diagnostic::nearest;

/// The deepest nesting of parentheses, lists and `not`.
pub(super) const MAX_DEPTH: usize = 200;

/// The pieces of a file, as ranges of indices into its tokens. Comments belong to the piece that they stand in.
pub(super) fn pieces(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let words: Vec<usize> =
        (0..tokens.len()).filter(|at| kind(tokens, *at) != Some(TokenKind::Comment)).collect();
    let mut starts = Vec::new();
    let mut open = 0_usize;
    for (nth, at) in words.iter().enumerate() {
        let previous = nth.checked_sub(1).and_then(|before| words.get(before)).copied();
        let ahead = words.get(nth..).unwrap_or(&[]);
        let names_the_one_before = previous.is_some()
            && previous == starts.last().copied()
            && (tokens.get(*at).is_some_and(|token| token.breaks == 0)
                || !is_head_word(symbol(text, tokens, *at)));
        let starts_piece = previous.is_none()
            || (!names_the_one_before && starts_declaration(text, tokens, ahead, previous, open == 0));
        if starts_piece {
            starts.push(*at);
            open = 0;
        }
        match symbol(text, tokens, *at) {
            "{" => open += 1,
            "}" => open = open.saturating_sub(1),
            _ => {}
        }
    }
    let ends = starts.iter().skip(1).copied().chain([tokens.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

fn kind(tokens: &[Token], at: usize) -> Option<TokenKind> {
    tokens.get(at).map(|token| token.kind)
}

/// The text of a word or symbol; empty for anything else.
fn symbol<'a>(text: &'a str, tokens: &[Token], at: usize) -> &'a str {
    match tokens.get(at) {
        Some(token) if matches!(token.kind, TokenKind::Word | TokenKind::Symbol) => token.text(text),
        _ => "",
    }
}

/// Whether a declaration's head starts at the first of `ahead`.
///
/// Inside a valid declaration the only word before `{` is `custom`, and `KEYWORD NAME =` never occurs, because two
/// words in a row there are never a declaration keyword and then a free name followed by `=`.
fn starts_declaration(
    text: &str,
    tokens: &[Token],
    ahead: &[usize],
    previous: Option<usize>,
    outside: bool,
) -> bool {
    let [first, rest @ ..] = ahead else { return false };
    let Some(token) = tokens.get(*first).filter(|token| token.kind == TokenKind::Word) else { return false };
    let before = previous.map_or("", |at| symbol(text, tokens, at));
    if matches!(before, "." | ":") {
        return false;
    }
    let word = token.text(text);
    let is_keyword = is_head_word(word);
    let starts_line = token.breaks > 0 || before == "}";
    // The head: up to two names or strings, then `{` or, for a condition, `=`.
    let names = rest
        .iter()
        .take(2)
        .take_while(|at| {
            matches!(kind(tokens, **at), Some(TokenKind::Word | TokenKind::String))
                && symbol(text, tokens, **at) != "custom"
        })
        .count();
    let after = rest.get(names).map_or("", |at| symbol(text, tokens, *at));
    // In `anyone subscription s {` the head starts at the second word.
    let later = names == 2 && rest.first().is_some_and(|at| is_head_word(symbol(text, tokens, *at)));
    let braced = after == "{" && word != "custom" && !later;
    if is_keyword {
        let is_condition =
            || word == "condition" && after == "=" && names > 0 && free_name(text, tokens, rest);
        // A head that is not whole still starts a declaration where none is open, unless the word is a name here.
        let named = matches!(before, "attribute" | "tagged" | "under" | "integration" | "column" | "in");
        return braced || is_condition() || (outside && starts_line && !named);
    }
    let misspelt_condition =
        || after == "=" && names > 0 && outside && nearest(word, ["condition"]).is_some();
    starts_line && ((braced && names > 0) || misspelt_condition())
}

fn is_head_word(word: &str) -> bool {
    Kind::ALL.iter().any(|kind| kind.keyword() == word)
}

fn free_name(text: &str, tokens: &[Token], rest: &[usize]) -> bool {
    rest.first().is_some_and(|at| !super::keywords::is_keyword(symbol(text, tokens, *at)))
}

/// The first token that nests deeper than [`MAX_DEPTH`], counting open parentheses, open lists and every `not` in force.
pub(super) fn too_deep(text: &str, tokens: &[Token]) -> Option<Token> {
    let mut open: Vec<usize> = Vec::new();
    let mut depth = 0_usize;
    let mut nots = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match symbol(text, tokens, at) {
            "(" | "[" => {
                open.push(depth);
                depth += nots + 1;
                nots = 0;
            }
            ")" | "]" => {
                depth = open.pop().unwrap_or(0);
                nots = 0;
            }
            "not" => nots += 1,
            _ if token.kind == TokenKind::Comment => {}
            _ => nots = 0,
        }
        if depth + nots > MAX_DEPTH {
            return Some(*token);
        }
    }
    None
}
