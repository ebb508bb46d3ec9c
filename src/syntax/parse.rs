//! Text to AST.
//!
//! In: the text of one file. Out: its declarations, or every syntax error of it (one or more for each broken
//! declaration, in order).
//! Invariant: never panics and never overflows the stack, whatever the text: nesting is measured before the parser
//! recurses. Nothing is guessed: a declaration is read wholly or not at all.
//! Cost: linear in the text.

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};

use super::ast::Document;
use super::build::Builder;
use super::grammar::{PolicyParser, Rule};
use super::pieces::{MAX_DEPTH, pieces, too_deep};
use super::tokens::{Tokens, tokens};
use super::unexpected::{Piece, unexpected};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::source::SourceId;

/// Past this, a file is not a policy file, and more errors help nobody.
const MOST_ERRORS: usize = 100;

/// Reads a policy file.
///
/// # Errors
/// When anything in the text is not a policy; every error is in `diagnostics`.
pub fn parse(source: SourceId, text: &str, diagnostics: &mut Diagnostics) -> Result<Document, Reported> {
    let mut own = Diagnostics::new();
    let document = parse_partly(source, text, &mut own);
    let result = own.result();
    diagnostics.extend(own);
    result.map(|()| document)
}

/// Reads what can be read of a policy file, for editors: the declarations without errors, and the errors of the rest.
/// A document that came with errors is no policy: never compile it.
pub fn parse_partly(source: SourceId, text: &str, diagnostics: &mut Diagnostics) -> Document {
    let mut document = Document::default();
    if u32::try_from(text.len()).is_err() {
        diagnostics.error(
            Diagnostic::error(Code::BadFile, "this file is larger than 4 GiB")
                .at(source.whole(), "too large for a policy file"),
        );
        return document;
    }
    let Tokens { list, hidden } = tokens(text);
    for (at, character) in hidden.iter().take(MOST_ERRORS) {
        diagnostics.error(hidden_character(source, *at, *character));
    }
    let mut errors = hidden.len();
    let mut hidden = hidden.iter().map(|(at, _)| *at).peekable();
    let pieces = pieces(text, &list);
    for (nth, range) in pieces.iter().enumerate() {
        let piece_tokens = list.get(range.clone()).unwrap_or(&[]);
        let (Some(first), Some(last)) = (piece_tokens.first(), piece_tokens.last()) else { continue };
        let mut has_hidden = false;
        while hidden.next_if(|at| *at < last.end).is_some() {
            has_hidden = true;
        }
        if has_hidden {
            continue;
        }
        if errors >= MOST_ERRORS {
            diagnostics.error(
                Diagnostic::error(
                    Code::Syntax,
                    format!("more than {MOST_ERRORS} errors in this file: the rest is not shown"),
                )
                .at(source.span(first.start, first.end), "not read from here on"),
            );
            break;
        }
        let next = pieces.get(nth + 1).and_then(|next| list.get(next.start)).copied();
        let piece = Piece { source, text, tokens: piece_tokens, next };
        match declaration(&piece, first.start, last.end, diagnostics) {
            Some(declaration) => document.declarations.push(declaration),
            None => errors += 1,
        }
    }
    document
}

fn declaration(
    piece: &Piece<'_>,
    start: usize,
    end: usize,
    diagnostics: &mut Diagnostics,
) -> Option<super::ast::Declaration> {
    if let Some(token) = too_deep(piece.text, piece.tokens) {
        diagnostics.error(deep(piece.source, token.start, token.end));
        return None;
    }
    let text = piece.text.get(start..end)?;
    match PolicyParser::parse(Rule::piece, text) {
        Ok(mut nodes) => Builder::new(piece.source, start, diagnostics).declaration(nodes.next()?),
        Err(error) => {
            let at = start
                + match error.location {
                    InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
                };
            diagnostics.error(match &error.variant {
                ErrorVariant::ParsingError { positives, .. } => unexpected(piece, at, positives),
                // The parser's own guard: the thread's stack is too small for what is left to read.
                ErrorVariant::CustomError { .. } => deep(piece.source, start, start + 1),
            });
            None
        }
    }
}

fn deep(source: SourceId, start: usize, end: usize) -> Diagnostic {
    Diagnostic::error(Code::TooDeep, format!("this nests deeper than {MAX_DEPTH}"))
        .at(source.span(start, end), "too deep from here on")
        .help("name a part of it: `condition part = …`")
}

fn hidden_character(source: SourceId, at: usize, character: char) -> Diagnostic {
    let name = match character {
        '\0' => "NUL",
        '\u{b}' => "vertical tab",
        '\u{c}' => "form feed",
        '\u{1b}' => "escape",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{61c}' => "arabic letter mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202a}' => "left-to-right embedding",
        '\u{202b}' => "right-to-left embedding",
        '\u{202c}' => "pop directional formatting",
        '\u{202d}' => "left-to-right override",
        '\u{202e}' => "right-to-left override",
        '\u{2060}' => "word joiner",
        '\u{2066}' => "left-to-right isolate",
        '\u{2067}' => "right-to-left isolate",
        '\u{2068}' => "first strong isolate",
        '\u{2069}' => "pop directional isolate",
        '\u{feff}' => "byte order mark",
        '\u{fe0f}' => "variation selector",
        '\u{3164}' | '\u{115f}' | '\u{1160}' | '\u{ffa0}' => "hangul filler",
        _ if character.is_control() => "control character",
        _ => "invisible character",
    };
    Diagnostic::error(Code::Syntax, format!("hidden character U+{:04X} ({name})", u32::from(character)))
        .at(source.span(at, at + character.len_utf8()), "stands outside a string")
        .help("delete it; only strings may hold characters that cannot be seen")
}
