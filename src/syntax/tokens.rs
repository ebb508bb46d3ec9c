//! Cuts a text into words, strings, symbols and comments.
//!
//! In: any text. Out: its tokens in order, and the hidden characters that stand outside strings.
//! Invariant: tokens do not overlap, and only blanks (and a byte order mark at the very start) lie between them;
//! words end where the grammar's words end, so the formatter may join tokens by single blanks.
//! Cost: one pass. The grammar decides what a text means; tokens are for errors, for layout, for finding where
//! declarations start and how deep they nest before the parser recurses.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word, number or date; may hold `*`.
    Word,
    /// A whole string.
    String,
    /// A string with an escape that the language lacks; where the escape starts.
    BadEscape(usize),
    /// A string that its line does not close.
    Unclosed,
    /// A bare `s3://…`.
    S3,
    /// One of `{ } ( ) [ ] , . : + = != < <= > >=`.
    Symbol,
    /// From `#` to the end of the line.
    Comment,
    /// A character or sequence that the language lacks.
    Stray,
}

/// A piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: TokenKind,
    /// First byte.
    pub(super) start: usize,
    /// One past the last byte.
    pub(super) end: usize,
    /// Line breaks between the token before and this one.
    pub(super) breaks: u32,
}

impl Token {
    /// Its bytes.
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Its text.
    pub(super) fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.range()).unwrap_or("")
    }
}

/// The tokens of a text.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// In order.
    pub(super) list: Vec<Token>,
    /// Invisible and control characters outside strings, with their offsets.
    pub(super) hidden: Vec<(usize, char)>,
}

/// Whether the grammar's words may hold the character.
pub(super) fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '_' | '-' | '$')
        || (!c.is_ascii()
            && !is_hidden(c)
            && (pest::unicode::ALPHABETIC(c) || pest::unicode::DECIMAL_NUMBER(c)))
}

/// Characters that a reader cannot see, or that make him see another order than the machine does.
/// The list follows Unicode's `Default_Ignorable_Code_Point`, the bidirectional controls among them
/// (<https://www.unicode.org/reports/tr36/>), and all control characters but tab and line breaks.
pub(super) fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Cuts a text.
pub(super) fn tokens(text: &str) -> Tokens {
    let mut out = Tokens::default();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut breaks = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(first) = rest.chars().next() else { break };
        let (kind, len) = match first {
            ' ' | '\t' | '\n' | '\r' => {
                breaks += u32::from(first == '\n' || (first == '\r' && !rest.starts_with("\r\n")));
                at += 1;
                continue;
            }
            '#' => (TokenKind::Comment, rest.find(['\n', '\r']).unwrap_or(rest.len())),
            '"' => string(rest, at),
            _ if is_hidden(first) => {
                out.hidden.push((at, first));
                (TokenKind::Stray, first.len_utf8())
            }
            _ if is_word_char(first) || first == '*' => word(rest),
            _ => symbol(rest, first),
        };
        if matches!(kind, TokenKind::Comment | TokenKind::S3) {
            let covered = rest.get(..len).unwrap_or("");
            out.hidden.extend(
                covered.char_indices().filter(|(_, c)| is_hidden(*c)).map(|(offset, c)| (at + offset, c)),
            );
        }
        out.list.push(Token { kind, start: at, end: at + len, breaks });
        at += len;
        breaks = 0;
    }
    out
}

fn word(rest: &str) -> (TokenKind, usize) {
    let len = rest.find(|c| !(is_word_char(c) || c == '*')).unwrap_or(rest.len());
    let (head, tail) = rest.split_at_checked(len).unwrap_or((rest, ""));
    if head.eq_ignore_ascii_case("s3") && tail.starts_with("://") {
        return (TokenKind::S3, rest.find([' ', '\t', '\n', '\r']).unwrap_or(rest.len()));
    }
    (TokenKind::Word, len)
}

fn string(rest: &str, at: usize) -> (TokenKind, usize) {
    let mut bad_escape = None;
    let mut escaped = false;
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((offset, c)) = characters.next() {
        match c {
            '\n' | '\r' => return (TokenKind::Unclosed, offset),
            _ if escaped => {
                escaped = false;
                if !matches!(c, '"' | '\\' | 'n') {
                    bad_escape = bad_escape.or(Some(at + offset - 1));
                }
            }
            '\\' => escaped = true,
            // A doubled quote, as paths may have it; nowhere else do two strings touch.
            '"' if characters.next_if(|(_, next)| *next == '"').is_some() => {}
            '"' => return (bad_escape.map_or(TokenKind::String, TokenKind::BadEscape), offset + 1),
            _ => {}
        }
    }
    (TokenKind::Unclosed, rest.len())
}

fn symbol(rest: &str, first: char) -> (TokenKind, usize) {
    const STRAY: [&str; 10] = ["===", "!==", "==", "=~", "<>", "&&", "||", "//", "/*", "::"];
    const PAIRS: [&str; 3] = ["!=", "<=", ">="];
    if let Some(sequence) = STRAY.iter().find(|sequence| rest.starts_with(**sequence)) {
        return (TokenKind::Stray, sequence.len());
    }
    if PAIRS.iter().any(|pair| rest.starts_with(pair)) {
        return (TokenKind::Symbol, 2);
    }
    match first {
        '{' | '}' | '(' | ')' | '[' | ']' | ',' | '.' | ':' | '+' | '=' | '<' | '>' => (TokenKind::Symbol, 1),
        '\'' | '‘' | '’' | '“' | '”' | '„' | '«' | '»' | '`' => {
            (TokenKind::Stray, quoted(rest, first))
        }
        _ => (TokenKind::Stray, first.len_utf8()),
    }
}

/// A text in the wrong quotes, up to its closing one if that stands on the line.
fn quoted(rest: &str, first: char) -> usize {
    let close = match first {
        '‘' => '’',
        '“' | '„' => '”',
        '«' => '»',
        other => other,
    };
    let line = rest.get(..rest.find(['\n', '\r']).unwrap_or(rest.len())).unwrap_or("");
    line.char_indices()
        .skip(1)
        .find(|(_, c)| *c == close)
        .map_or(first.len_utf8(), |(offset, c)| offset + c.len_utf8())
}
