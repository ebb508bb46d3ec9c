//! One declaration in canonical form.

use std::collections::BTreeMap;

use super::is_switch;
use crate::syntax::ast::{Declaration, DeclarationKind, Kind};
use crate::syntax::clauses::clauses_of;
use crate::syntax::layout::Page;
use crate::syntax::tokens::{Token, TokenKind};

/// A declaration cut into what is laid out by itself.
pub(super) struct Block<'a> {
    text: &'a str,
    kind: Kind,
    /// From the keyword to `{` or `=`, without comments.
    head: Vec<Token>,
    /// Comments inside the head: they go above it.
    above: Vec<Token>,
    /// A comment on the line of `{`.
    after_open: Option<Token>,
    /// The value of a condition; empty for blocks.
    value: Vec<Token>,
    clauses: Vec<Clause>,
    /// Comments before `}`.
    tail: Vec<Token>,
    /// A comment after the whole.
    trailing: Option<Token>,
}

/// A clause with its comments, or a region that is left alone.
struct Clause {
    rank: usize,
    /// An empty line stood before it.
    spaced: bool,
    above: Vec<Token>,
    tokens: Vec<Token>,
    trailing: Option<Token>,
    verbatim: bool,
}

impl<'a> Block<'a> {
    /// Cuts a declaration; `None` if a `# fmt:` switch inside it does not enclose whole clauses.
    pub(super) fn of(text: &'a str, tokens: &[Token], declaration: &Declaration) -> Option<Self> {
        let kind = declaration.kind.kind();
        let last = tokens.iter().rposition(|token| token.kind != TokenKind::Comment)?;
        let trailing = tokens.get(last + 1).copied();
        let end_of_head = if kind == Kind::Condition { "=" } else { "{" };
        let head_end = tokens
            .iter()
            .position(|token| token.kind == TokenKind::Symbol && token.text(text) == end_of_head)?;
        let (head, rest) = tokens.get(..=last)?.split_at_checked(head_end + 1)?;
        let (above, head): (Vec<Token>, Vec<Token>) =
            head.iter().partition(|token| token.kind == TokenKind::Comment);
        let mut block = Self {
            text,
            kind,
            head,
            above,
            after_open: None,
            value: Vec::new(),
            clauses: Vec::new(),
            tail: Vec::new(),
            trailing,
        };
        if block.switches(&block.above) || block.switches(trailing.as_slice()) {
            return None;
        }
        if kind == Kind::Condition {
            block.value = rest.to_vec();
            return (!block.switches(rest)).then_some(block);
        }
        let (_, mut inner) = rest.split_last()?;
        if let Some((first, after)) = inner.split_first()
            && first.kind == TokenKind::Comment
            && first.breaks == 0
        {
            block.after_open = Some(*first);
            inner = after;
            if block.switches(&[*first]) {
                return None;
            }
        }
        block.cut(inner, &starts(kind, declaration))?;
        Some(block)
    }

    fn switches(&self, tokens: &[Token]) -> bool {
        tokens.iter().any(|token| is_switch(self.text, token, "off") || is_switch(self.text, token, "on"))
    }

    /// Cuts the inside of the braces at the starts of the clauses.
    fn cut(&mut self, inner: &[Token], starts: &BTreeMap<usize, usize>) -> Option<()> {
        let mut above: Vec<Token> = Vec::new();
        let mut rest = inner;
        while let Some((first, after)) = rest.split_first() {
            if first.kind == TokenKind::Comment && is_switch(self.text, first, "off") {
                let length = self.region(after, starts)? + 1;
                let (tokens, others) = rest.split_at_checked(length)?;
                self.clauses.push(Clause {
                    rank: 0,
                    spaced: above.first().unwrap_or(first).breaks > 1,
                    above: std::mem::take(&mut above),
                    tokens: tokens.to_vec(),
                    trailing: None,
                    verbatim: true,
                });
                rest = others;
                continue;
            }
            if first.kind == TokenKind::Comment {
                if is_switch(self.text, first, "on") {
                    return None;
                }
                above.push(*first);
                rest = after;
                continue;
            }
            let rank = *starts.get(&first.start)?;
            let next = after.iter().position(|token| starts.contains_key(&token.start));
            let own = rest.get(..next.map_or(rest.len(), |next| next + 1))?;
            let real = own.iter().rposition(|token| token.kind != TokenKind::Comment)? + 1;
            let (tokens, comments) = own.split_at_checked(real)?;
            let trailing = comments.first().filter(|comment| comment.breaks == 0).copied();
            if self.switches(tokens) || self.switches(trailing.as_slice()) {
                return None;
            }
            self.clauses.push(Clause {
                rank,
                spaced: above.first().unwrap_or(first).breaks > 1,
                above: std::mem::take(&mut above),
                tokens: tokens.to_vec(),
                trailing,
                verbatim: false,
            });
            rest = rest.get(real + usize::from(trailing.is_some())..)?;
        }
        self.tail = above;
        // A region stays where it is, and so does everything around it.
        if !self.clauses.iter().any(|clause| clause.verbatim) {
            self.clauses.sort_by_key(|clause| clause.rank);
        }
        Some(())
    }

    /// How many tokens after `# fmt: off` belong to the region; `None` if it does not end between two clauses.
    fn region(&self, after: &[Token], starts: &BTreeMap<usize, usize>) -> Option<usize> {
        let on = after.iter().position(|token| is_switch(self.text, token, "on"))?;
        let next = after.iter().skip(on + 1).find(|token| token.kind != TokenKind::Comment);
        next.is_none_or(|next| starts.contains_key(&next.start)).then_some(on + 1)
    }

    /// Writes the declaration.
    pub(super) fn print(&self, page: &mut Page<'_>) {
        for comment in &self.above {
            page.own_comment(comment, 0);
        }
        page.value(&self.head);
        if self.kind == Kind::Condition {
            page.value_or_next_line(&self.value, 2);
        } else {
            self.print_clauses(page);
            page.raw("}");
        }
        if let Some(comment) = &self.trailing {
            page.trailing_comment(comment);
        }
        page.end_line();
    }

    fn print_clauses(&self, page: &mut Page<'_>) {
        if let Some(comment) = &self.after_open {
            page.trailing_comment(comment);
        }
        page.end_line();
        let width = self.keyword_width();
        for (nth, clause) in self.clauses.iter().enumerate() {
            if clause.spaced && nth > 0 && self.kind == Kind::Test {
                page.blank_line();
            }
            for comment in &clause.above {
                page.own_comment(comment, 2);
            }
            let Some((keyword, value)) = clause.tokens.split_first() else { continue };
            page.spaces(2);
            if clause.verbatim {
                let end = clause.tokens.last().map_or(keyword.end, |token| token.end);
                page.raw(self.text.get(keyword.start..end).unwrap_or(""));
            } else {
                let word = keyword.text(self.text);
                page.raw(word);
                page.spaces(width.saturating_sub(word.chars().count()) + 1);
                page.value(&self.ordered(word, value));
                if let Some(comment) = &clause.trailing {
                    page.trailing_comment(comment);
                }
            }
            page.end_line();
        }
        for comment in &self.tail {
            page.own_comment(comment, 2);
        }
    }

    /// `write, read` is `read, write`.
    fn ordered(&self, keyword: &str, value: &[Token]) -> Vec<Token> {
        let mut value = value.to_vec();
        if matches!(keyword, "allow" | "require" | "can" | "cannot")
            && let [write, comma, read, ..] = value.as_mut_slice()
            && write.text(self.text) == "write"
            && comma.text(self.text) == ","
            && read.text(self.text) == "read"
        {
            std::mem::swap(write, read);
        }
        value
    }

    /// The column of keywords: as wide as the kind's usual clauses, wider only for a wider keyword.
    fn keyword_width(&self) -> usize {
        let usual = match self.kind {
            Kind::Condition => 0,
            Kind::Subscription => "allow".len(),
            Kind::Guardrail => "require".len(),
            Kind::Mask | Kind::Filter => "except".len(),
            Kind::Test => "filtered".len(),
        };
        let words =
            self.clauses.iter().filter(|clause| !clause.verbatim).filter_map(|clause| clause.tokens.first());
        words.map(|word| word.text(self.text).chars().count()).fold(usual, usize::max)
    }
}

/// Where each clause starts, and its place in the canonical order.
fn starts(kind: Kind, declaration: &Declaration) -> BTreeMap<usize, usize> {
    let mut starts: BTreeMap<usize, usize> = clauses_of(kind)
        .iter()
        .enumerate()
        .filter_map(|(rank, name)| Some((declaration.clauses.span(name)?.start as usize, rank)))
        .collect();
    if let DeclarationKind::Test(test) = &declaration.kind {
        let rank = clauses_of(kind).len();
        starts.extend(test.expectations.iter().map(|expectation| (expectation.span.start as usize, rank)));
    }
    starts
}
