//! The canonical form of a policy file.
//!
//! In: a text that parses. Out: the same declarations, one clause a line in the order of the language's table, with
//! every comment; between `# fmt: off` and `# fmt: on` the text as it was.
//! Invariant: the result parses to an equal AST, holds the same comments, and is its own canonical form. The first
//! two are checked on every call: formatting never changes a policy.
//! Cost: two parses.

mod block;

use block::Block;

use super::ast::{Declaration, Document};
use super::layout::Page;
use super::pieces::pieces;
use super::tokens::{Token, TokenKind, tokens};
use crate::diagnostic::{Diagnostics, Reported};
use crate::ids::Id;
use crate::source::SourceId;

/// The canonical form of a policy file.
///
/// # Errors
/// When the text does not parse; every error is in `diagnostics`.
pub fn format(source: SourceId, text: &str, diagnostics: &mut Diagnostics) -> Result<String, Reported> {
    let document = super::parse(source, text, diagnostics)?;
    let formatted = print(text, &document);
    let again = super::parse(source, &formatted, &mut Diagnostics::new());
    let same = again.is_ok_and(|again| again == document) && comments(text) == comments(&formatted);
    Ok(if same { formatted } else { text.to_owned() })
}

/// The canonical form of a text that has no source; `None` when it does not parse.
pub(super) fn format_text(text: &str) -> Option<String> {
    format(SourceId::from_raw(u32::MAX), text, &mut Diagnostics::new()).ok()
}

/// The comments of a text, in an order that moving them does not change.
pub(super) fn comments(text: &str) -> Vec<&str> {
    let list = tokens(text).list;
    let mut comments: Vec<&str> = list
        .iter()
        .filter(|token| token.kind == TokenKind::Comment)
        .map(|token| token.text(text).trim_end())
        .collect();
    comments.sort_unstable();
    comments
}

/// `# fmt: off` or `# fmt: on`.
pub(super) fn is_switch(text: &str, token: &Token, word: &str) -> bool {
    token.kind == TokenKind::Comment
        && token
            .text(text)
            .trim_start_matches('#')
            .trim()
            .strip_prefix("fmt:")
            .is_some_and(|rest| rest.trim() == word)
}

pub(super) fn print(text: &str, document: &Document) -> String {
    let list = tokens(text).list;
    let mut page = Page::new(text);
    let ranges = pieces(text, &list);
    // The comments before the first declaration, then each declaration with the comments after it.
    let first = ranges.first().map_or(list.len(), |range| range.start);
    let mut off: Option<usize> = None;
    let mut last_end = 0;
    between(text, &mut page, list.get(..first).unwrap_or(&[]), &mut off, false);
    for (range, declaration) in ranges.iter().zip(&document.declarations) {
        let own = list.get(range.clone()).unwrap_or(&[]);
        let real =
            own.iter().rposition(|token| token.kind != TokenKind::Comment).map_or(own.len(), |last| last + 1);
        let trailing = own.get(real).filter(|token| token.breaks == 0);
        let (body, after) =
            own.split_at_checked(real + usize::from(trailing.is_some())).unwrap_or((own, &[]));
        last_end = body.last().map_or(last_end, |token| token.end);
        one(text, &mut page, body, declaration, &mut off);
        between(text, &mut page, after, &mut off, true);
    }
    if let Some(start) = off {
        let end = list.last().map_or(last_end, |token| token.end);
        page.raw(text.get(start..end).unwrap_or(""));
    }
    page.end_line();
    page.finish()
}

/// Comments between declarations. While formatting is off, nothing is written until it is on again.
fn between(
    text: &str,
    page: &mut Page<'_>,
    comments: &[Token],
    off: &mut Option<usize>,
    after_declaration: bool,
) {
    for (nth, comment) in comments.iter().enumerate() {
        if let Some(start) = *off {
            if is_switch(text, comment, "on") {
                page.raw(text.get(start..comment.end).unwrap_or("").trim_end());
                page.end_line();
                *off = None;
            }
            continue;
        }
        if comment.breaks > 1 || (nth == 0 && after_declaration) {
            page.blank_line();
        }
        if is_switch(text, comment, "off") {
            page.end_line();
            *off = Some(comment.start);
        } else {
            page.own_comment(comment, 0);
        }
    }
}

/// One declaration. A switch inside it that does not enclose whole clauses leaves all of it alone.
fn one(
    text: &str,
    page: &mut Page<'_>,
    tokens: &[Token],
    declaration: &Declaration,
    off: &mut Option<usize>,
) {
    let switch = |word| tokens.iter().rposition(|token| is_switch(text, token, word));
    if let Some(start) = *off {
        // Off since before: the declaration in which it goes on again still belongs to the region.
        if switch("on").is_some_and(|on| switch("off").is_none_or(|off| off < on)) {
            let end = tokens.last().map_or(start, |token| token.end);
            page.raw(text.get(start..end).unwrap_or(""));
            page.end_line();
            *off = None;
        }
        return;
    }
    let Some(first) = tokens.first() else { return };
    separate(page, first);
    if let Some(block) = Block::of(text, tokens, declaration) {
        block.print(page);
        return;
    }
    if switch("off").is_some_and(|off| switch("on").is_none_or(|on| on < off)) {
        *off = Some(first.start);
        return;
    }
    let end = tokens.last().map_or(first.end, |token| token.end);
    page.raw(text.get(first.start..end).unwrap_or(""));
    page.end_line();
}

/// A blank line before a declaration, unless a comment stands right above it.
fn separate(page: &mut Page<'_>, first: &Token) {
    if first.breaks > 1 || !page.follows_comment() {
        page.blank_line();
    }
}
