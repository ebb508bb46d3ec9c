//! Dotted names as people write them: tags, and paths of tags.csv.
//!
//! `PII.Email`, `PII."Social Security Number"`. A segment is an identifier (letters, digits, `_`, `-`, `$`) or
//! quoted; in a tag the quote is escaped as in the policy language (`\"`), in a path it doubles as in SQL.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::Tag;
use crate::source::Place;

/// Reads a tag.
pub(super) fn read(text: &str, place: Place, out: &mut Diagnostics) -> Option<Tag> {
    match segments(text, Quoting::Backslash) {
        Ok(segments) => Some(Tag { segments }),
        Err(why) => {
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            out.error(
                Diagnostic::error(Code::BadValue, format!("`{text}` is not a tag"))
                    .at(place, why)
                    .note("a tag is dotted: `PII.Email`; a segment with blanks is quoted: `PII.\"Social Security Number\"`")
                    .help(format!("if this is one segment, write '\"{quoted}\"'")),
            );
            None
        }
    }
}

/// Reads a tag that another tool wrote, where every text is a tag: dots part segments, nothing is refused.
pub(super) fn read_foreign(text: &str) -> Tag {
    let whole = || vec![text.to_owned()];
    let segments = segments(text, Quoting::Backslash).unwrap_or_else(|_| {
        let parts: Vec<String> = text.split('.').map(str::to_owned).collect();
        if parts.iter().any(String::is_empty) { whole() } else { parts }
    });
    Tag { segments }
}

/// How a quote stands inside quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// `\"` and `\\`.
    Backslash,
    /// `""`; unquoted segments are anything without dots and quotes.
    Doubled,
}

/// The segments of a dotted text, or what is wrong with it.
pub(super) fn segments(text: &str, quoting: Quoting) -> Result<Vec<String>, &'static str> {
    let mut list = Vec::new();
    let mut rest = text;
    loop {
        let (segment, after) = match rest.strip_prefix('"') {
            Some(inside) => quoted(inside, quoting)?,
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                let (segment, after) = rest.split_at(end);
                if segment.contains('"') {
                    return Err("a quote inside a segment: quote the whole segment");
                }
                let plain = |each: char| each.is_alphanumeric() || matches!(each, '_' | '-' | '$');
                if quoting == Quoting::Backslash && !segment.chars().all(plain) {
                    return Err(
                        "a segment with other characters than letters, digits, `_`, `-`, `$` is quoted",
                    );
                }
                (segment.to_owned(), after)
            }
        };
        if segment.is_empty() {
            return Err("a segment is empty");
        }
        list.push(segment);
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(list),
            None => return Err("a dot is missing after the closing quote"),
        }
    }
}

fn quoted(inside: &str, quoting: Quoting) -> Result<(String, &str), &'static str> {
    let mut segment = String::new();
    let mut chars = inside.chars();
    while let Some(each) = chars.next() {
        match (each, quoting) {
            ('\\', Quoting::Backslash) => match chars.next() {
                Some(escaped @ ('"' | '\\')) => segment.push(escaped),
                Some(_) | None => return Err("after a backslash stands `\"` or `\\`"),
            },
            ('"', Quoting::Doubled) if chars.as_str().starts_with('"') => {
                chars.next();
                segment.push('"');
            }
            ('"', _) => return Ok((segment, chars.as_str())),
            (other, _) => segment.push(other),
        }
    }
    Err("the closing quote is missing")
}
