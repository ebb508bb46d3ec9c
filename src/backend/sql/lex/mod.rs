//! Text to tokens, as the dialect's own lexer reads it: where literals, quoted names and comments begin and end.
//!
//! In: text. Out: pieces, or tokens with their meaning in place of their spelling; `None` for a text that lexers, versions or
//! settings read differently.
//! Invariant: the parser's own lexer only ever sees what stands between literals, quoted names and comments. It does not know
//! every dialect's escapes (a backslash in GoogleSQL's backticks, a raw literal of Spark), and would end them elsewhere.
//! Cost: linear.

mod literal;

use sqlparser::tokenizer::{Token, Tokenizer, Whitespace, Word};

use super::Dialect;
use literal::{Style, unescape};

/// Longer texts are not read.
pub(super) const MAX_TEXT: usize = 4 << 20;

/// A stretch of text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece<'t> {
    /// Key words, plain names, numbers, operators.
    Code(&'t str),
    /// A literal or a quoted name, with its meaning.
    Token(Token),
    /// The inside of a comment.
    Comment(&'t str),
}

/// The pieces of a text.
pub(super) fn pieces(text: &str, dialect: Dialect) -> Option<Vec<Piece<'_>>> {
    // Spark replaces `${name}` before it parses: spark.sql.variable.substitute.
    if text.len() > MAX_TEXT || dialect == Dialect::Databricks && text.contains("${") {
        return None;
    }
    let mut scanner = Scanner { text, dialect, at: 0, code: 0, pieces: Vec::new() };
    while let Some(next) = scanner.rest().chars().next() {
        scanner.step(next)?;
    }
    scanner.end_code(scanner.at);
    Some(scanner.pieces)
}

/// The tokens of a text, comments as blanks. A bare `{salt}` is the text `'{salt}'`.
pub(super) fn tokens(text: &str, dialect: Dialect) -> Option<Vec<Token>> {
    let mut tokens: Vec<Token> = Vec::new();
    for piece in pieces(text, dialect)? {
        match piece {
            Piece::Comment(_) => tokens.push(Token::Whitespace(Whitespace::Space)),
            Piece::Token(token) => literal_or_name(token, &mut tokens, dialect)?,
            Piece::Code(code) => plain(code, &mut tokens, dialect)?,
        }
    }
    Some(tokens)
}

/// Literals that follow each other are one in GoogleSQL, and something else in every other dialect.
fn literal_or_name(token: Token, tokens: &mut Vec<Token>, dialect: Dialect) -> Option<()> {
    let is_text =
        |token: &Token| matches!(token, Token::SingleQuotedString(_) | Token::NationalStringLiteral(_));
    let before = tokens.iter().rposition(|token| !matches!(token, Token::Whitespace(_)));
    if is_text(&token)
        && let Some(place) = before
        && let Some(before) = tokens.get_mut(place).filter(|before| is_text(before))
    {
        let (Token::SingleQuotedString(before), Token::SingleQuotedString(after), Dialect::BigQuery) =
            (before, &token, dialect)
        else {
            return None;
        };
        before.push_str(after);
        return Some(());
    }
    tokens.push(token);
    Some(())
}

fn plain(code: &str, tokens: &mut Vec<Token>, dialect: Dialect) -> Option<()> {
    // What some lexers take for a blank, or for the part of a name, is not read.
    if code.chars().any(|each| !each.is_ascii() && !each.is_alphanumeric()) {
        return None;
    }
    let mut code = code;
    if let Some(rest) = code.strip_prefix('.').filter(|_| matches!(tokens.last(), Some(Token::Word(_)))) {
        tokens.push(Token::Period);
        code = rest;
    }
    let parser = dialect.parser();
    for token in Tokenizer::new(parser.as_ref(), code).with_unescape(false).tokenize().ok()? {
        let token = match token {
            Token::RBrace if ends_in_salt(tokens) => {
                tokens.truncate(tokens.len() - 2);
                let salt = "{salt}".to_owned();
                match dialect {
                    Dialect::Synapse => Token::NationalStringLiteral(salt),
                    Dialect::Snowflake
                    | Dialect::Databricks
                    | Dialect::Trino
                    | Dialect::Redshift
                    | Dialect::BigQuery => Token::SingleQuotedString(salt),
                }
            }
            Token::DollarQuotedString(_)
            | Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
                return None;
            }
            other => other,
        };
        tokens.push(token);
    }
    Some(())
}

fn ends_in_salt(tokens: &[Token]) -> bool {
    matches!(
        tokens,
        [.., Token::LBrace, Token::Word(Word { value, quote_style: None, .. })] if value == "salt"
    )
}

struct Scanner<'t> {
    text: &'t str,
    dialect: Dialect,
    at: usize,
    /// Where the code began that is not yet a piece.
    code: usize,
    pieces: Vec<Piece<'t>>,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn end_code(&mut self, end: usize) {
        if let Some(code) = self.text.get(self.code..end).filter(|code| !code.is_empty()) {
            self.pieces.push(Piece::Code(code));
        }
    }

    /// Ends the code before a piece that takes up the rest until `self.at`.
    fn push(&mut self, start: usize, end: usize, piece: Piece<'t>) {
        self.end_code(start);
        self.pieces.push(piece);
        (self.at, self.code) = (end, end);
    }

    fn step(&mut self, next: char) -> Option<()> {
        let rest = self.rest();
        let dialect = self.dialect;
        match next {
            '-' if rest.starts_with("--") => self.line_comment(2),
            '#' if dialect == Dialect::BigQuery => self.line_comment(1),
            '#' if dialect == Dialect::Snowflake => None,
            '/' if rest.starts_with("//") && dialect == Dialect::Snowflake => None,
            '/' if rest.starts_with("/*") => self.block_comment(),
            '\'' => self.literal('\''),
            '"' if matches!(dialect, Dialect::Databricks | Dialect::BigQuery) => self.literal('"'),
            '"' => self.name('"', '"'),
            '`' if matches!(dialect, Dialect::Databricks | Dialect::BigQuery | Dialect::Trino) => {
                self.name('`', '`')
            }
            '`' => None,
            '[' if dialect == Dialect::Synapse => self.name('[', ']'),
            '$' if dialect == Dialect::Snowflake && rest.starts_with("$$") => {
                let inner = rest.strip_prefix("$$")?;
                let length = inner.find("$$")?;
                let text = Token::SingleQuotedString(inner.get(..length)?.to_owned());
                self.push(self.at, self.at + length + 4, Piece::Token(text));
                Some(())
            }
            other => {
                self.at += other.len_utf8();
                Some(())
            }
        }
    }

    /// To the end of the line. Lexers disagree on whether a lone carriage return is one; Spark goes on after a backslash.
    fn line_comment(&mut self, marker: usize) -> Option<()> {
        let length = self.rest().find('\n').unwrap_or(self.rest().len());
        let inner = self.rest().get(marker..length)?;
        let line = inner.strip_suffix('\r').unwrap_or(inner);
        let goes_on = self.dialect == Dialect::Databricks && line.ends_with('\\');
        if line.contains('\r') || goes_on {
            return None;
        }
        self.push(self.at, self.at + length, Piece::Comment(inner));
        Some(())
    }

    /// Lexers disagree on comments inside comments, and on `/*!`.
    fn block_comment(&mut self) -> Option<()> {
        let inner = self.rest().strip_prefix("/*")?;
        let length = inner.find("*/")?;
        let inner = inner.get(..length)?;
        if inner.contains("/*") || inner.starts_with('!') {
            return None;
        }
        self.push(self.at, self.at + length + 4, Piece::Comment(inner));
        Some(())
    }

    fn literal(&mut self, quote: char) -> Option<()> {
        let (prefix, kind) = self.prefix();
        let style = match kind {
            Kind::Raw => Style::Raw,
            Kind::Text | Kind::National | Kind::Foreign => Style::of(self.dialect),
        };
        let inner = literal::inner(self.rest(), quote, quote, style)?;
        let end = self.at + inner.len() + 2;
        let text = unescape(inner, quote, style, self.dialect);
        let token = match kind {
            Kind::Text | Kind::Raw => Token::SingleQuotedString(text?),
            Kind::National => Token::NationalStringLiteral(text?),
            // Bytes, bits, escapes of another kind: not text as we know it. Where a backslash stands in it, it may end elsewhere.
            Kind::Foreign if inner.contains('\\') => return None,
            Kind::Foreign => Token::HexStringLiteral(inner.to_owned()),
        };
        let spliced = self.dialect == Dialect::BigQuery
            && self.text.get(end..).is_some_and(|after| after.starts_with(['\'', '"']));
        if spliced {
            return None;
        }
        self.push(self.at - prefix, end, Piece::Token(token));
        Some(())
    }

    /// What the letters right before a literal make of it, and how many they are.
    fn prefix(&self) -> (usize, Kind) {
        let code = self.text.get(self.code..self.at).unwrap_or_default();
        let before = code.trim_end_matches(|each: char| each.is_alphanumeric() || "_$@#&".contains(each));
        let word = code.get(before.len()..).unwrap_or_default();
        let kind = match (word.to_ascii_lowercase().as_str(), self.dialect) {
            ("r", Dialect::Databricks | Dialect::BigQuery) => Kind::Raw,
            ("n", Dialect::Synapse) => Kind::National,
            ("b" | "e" | "n" | "r" | "x" | "br" | "rb" | "u&", _) => Kind::Foreign,
            _ => return (0, Kind::Text),
        };
        (word.len(), kind)
    }

    fn name(&mut self, open: char, close: char) -> Option<()> {
        let style = match self.dialect {
            Dialect::BigQuery => Style::Backslash { doubled: false },
            Dialect::Snowflake
            | Dialect::Databricks
            | Dialect::Trino
            | Dialect::Redshift
            | Dialect::Synapse => Style::Doubled,
        };
        let inner = literal::inner(self.rest(), open, close, style)?;
        let name = match style {
            Style::Doubled => inner.replace(&format!("{close}{close}"), &close.to_string()),
            Style::Raw | Style::Backslash { .. } => unescape(inner, close, style, self.dialect)?,
        };
        if name.is_empty() {
            return None;
        }
        let end = self.at + inner.len() + 2;
        self.push(self.at, end, Piece::Token(Token::make_word(&name, Some(open))));
        Some(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Raw,
    National,
    Foreign,
}

#[cfg(test)]
mod tests;
