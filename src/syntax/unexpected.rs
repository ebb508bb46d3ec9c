//! Says what stands where the grammar expected something else.
//!
//! In: a declaration that does not parse, the place, and the rules that could have stood there. Out: one diagnostic
//! in the user's words, with the nearest word or the cure of a known mistake.
//! Cost: one look at the tokens of the declaration.

mod expected;
mod mistakes;

use expected::Expected;

use super::ast::Kind;
use super::grammar::Rule;
use super::tokens::{Token, TokenKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{SourceId, Span};

/// A declaration that is being read.
pub(super) struct Piece<'a> {
    /// Its file.
    pub(super) source: SourceId,
    /// The text of the whole file.
    pub(super) text: &'a str,
    /// Its own tokens.
    pub(super) tokens: &'a [Token],
    /// The first token of the next declaration.
    pub(super) next: Option<Token>,
}

/// A place in a declaration, with what stands around it. Comments are not seen.
struct Context<'a> {
    text: &'a str,
    kind: Option<Kind>,
    tokens: Vec<Token>,
    /// The index in `tokens` of what was found; past the end: nothing was left.
    at: usize,
    expected: Expected,
}

impl<'a> Context<'a> {
    /// The text of the token that many places after (or, below zero, before) the place; empty if there is none.
    fn word(&self, offset: isize) -> &'a str {
        self.token(offset).map_or("", |token| token.text(self.text))
    }

    fn token(&self, offset: isize) -> Option<&Token> {
        self.at.checked_add_signed(offset).and_then(|at| self.tokens.get(at))
    }

    fn found(&self) -> Option<&Token> {
        self.token(0)
    }
}

/// What is wrong at byte `at` of the file, where the grammar expected one of `rules`.
pub(super) fn unexpected(piece: &Piece<'_>, at: usize, rules: &[Rule]) -> Diagnostic {
    let tokens: Vec<Token> =
        piece.tokens.iter().filter(|token| token.kind != TokenKind::Comment).copied().collect();
    let kind = tokens.first().and_then(|token| {
        let word = token.text(piece.text);
        Kind::ALL.iter().copied().find(|kind| kind.keyword() == word)
    });
    let index = tokens.partition_point(|token| token.end <= at);
    let context = Context { text: piece.text, kind, at: index, expected: Expected::new(rules, kind), tokens };
    let span = |token: &Token| piece.source.span(token.start, token.end);

    let Some(found) = context.found() else { return unfinished(piece, &context, &span) };
    let place = span(found);
    if let Some(diagnostic) = lexical(found, piece, place) {
        return diagnostic;
    }
    if context.word(0) == "}"
        && let Some(open) = innermost_open(&context)
        && open.text(piece.text) != "{"
    {
        return not_closed(open.text(piece.text), span(&open), place);
    }
    if let Some(mistake) = mistakes::find(&context) {
        let place = if mistake.before { context.token(-1).map_or(place, span) } else { place };
        let diagnostic = Diagnostic::error(Code::Syntax, mistake.message).at(place, mistake.label);
        return diagnostic.help(mistake.help);
    }
    let message = format!("unexpected {}", shown(found, piece.text));
    let diagnostic = Diagnostic::error(Code::Syntax, message).at(place, context.expected.label());
    match context.expected.nearest(context.word(0)) {
        Some(near) if found.kind == TokenKind::Word => diagnostic.help(format!("did you mean `{near}`?")),
        _ => diagnostic,
    }
}

/// A token as a message shows it.
fn shown(token: &Token, text: &str) -> String {
    const MOST: usize = 40;
    let text = token.text(text);
    let what = if matches!(token.kind, TokenKind::String | TokenKind::BadEscape(_)) { "string " } else { "" };
    match text.char_indices().nth(MOST) {
        Some((cut, _)) => format!("{what}`{}…`", text.get(..cut).unwrap_or("")),
        None => format!("{what}`{text}`"),
    }
}

/// The text ended too early.
fn unfinished(piece: &Piece<'_>, context: &Context<'_>, span: &impl Fn(&Token) -> Span) -> Diagnostic {
    let end = context.tokens.last().map_or_else(|| piece.source.span(0, 0), span);
    if let Some(open) = innermost_open(context) {
        return match &piece.next {
            Some(next) => not_closed(open.text(piece.text), span(&open), span(next)),
            None => not_closed(open.text(piece.text), span(&open), end),
        };
    }
    let what = match context.kind {
        Some(kind) => format!("this {} is not finished", kind.keyword()),
        None => "the text ends too early".to_owned(),
    };
    Diagnostic::error(Code::Syntax, what).at(end, format!("{} after this", context.expected.label()))
}

/// The last bracket before the place that nothing has closed.
fn innermost_open(context: &Context<'_>) -> Option<Token> {
    let mut open: Vec<Token> = Vec::new();
    for token in context.tokens.iter().take(context.at) {
        match (token.kind, token.text(context.text)) {
            (TokenKind::Symbol, "{" | "(" | "[") => open.push(*token),
            (TokenKind::Symbol, "}" | ")" | "]") => {
                open.pop();
            }
            _ => {}
        }
    }
    open.pop()
}

fn not_closed(open: &str, place: Span, before: Span) -> Diagnostic {
    let close = match open {
        "{" => "}",
        "(" => ")",
        _ => "]",
    };
    let diagnostic =
        Diagnostic::error(Code::Syntax, format!("this `{open}` is not closed")).at(place, "opened here");
    let diagnostic =
        if before == place { diagnostic } else { diagnostic.at(before, format!("no `{close}` up to here")) };
    diagnostic.help(format!("add the missing `{close}`"))
}

/// Tokens that are wrong wherever they stand.
fn lexical(found: &Token, piece: &Piece<'_>, place: Span) -> Option<Diagnostic> {
    let text = found.text(piece.text);
    match found.kind {
        TokenKind::Unclosed => Some(
            Diagnostic::error(Code::BadLiteral, "this string is not closed")
                .at(piece.source.span(found.start, found.start + 1), "opened here")
                .help("a string ends on its line: close it with `\"`, and write a line break as `\\n`"),
        ),
        TokenKind::BadEscape(at) => {
            let escaped = piece.text.get(at + 1..).and_then(|rest| rest.chars().next())?;
            Some(
                Diagnostic::error(Code::BadLiteral, format!("a string has no escape `\\{escaped}`"))
                    .at(piece.source.span(at, at + 1 + escaped.len_utf8()), "not an escape")
                    .help(format!("write `\\\\{escaped}` for a backslash and `{escaped}`; the escapes are `\\\"`, `\\\\` and `\\n`")),
            )
        }
        TokenKind::Stray => {
            let (message, help) = mistakes::stray(text);
            Some(Diagnostic::error(Code::Syntax, message).at(place, "not in this language").help(help))
        }
        TokenKind::Word | TokenKind::String | TokenKind::S3 | TokenKind::Symbol | TokenKind::Comment => None,
    }
}
