//! YAML 1.2 to [`Node`]s, with less than YAML can do.
//!
//! Refused, each with a way out: aliases and merge keys (what stands in the file is what is read, and no file can
//! grow while it is read), several documents, tags other than `!!str`, keys that are not scalars.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::{Entry, MAX_DEPTH, Node, Scalar, ScalarKind, Value, refuse_duplicate_keys, too_deep};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Span, Spanned};

/// A collection that is still open.
enum Open {
    Map { start: Span, entries: Vec<Entry>, key: Option<Spanned<String>> },
    List { start: Span, items: Vec<Node> },
}

pub(super) fn read(source: SourceId, text: &str, out: &mut Diagnostics) -> Option<Node> {
    let mut offsets = Offsets::new(text);
    let mut stack: Vec<Open> = Vec::new();
    let mut root = None;
    let mut documents = 0;
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, at) = match next {
            Ok(event) => event,
            Err(error) => {
                let offset = offsets.byte(error.marker());
                out.error(not_yaml(source.span(offset, offset), error.info(), text));
                return None;
            }
        };
        let start = offsets.byte(&at.start);
        let span = source.span(start, offsets.byte(&at.end).max(start));
        let refuse = |out: &mut Diagnostics, message: &str, help: &str| {
            out.error(Diagnostic::error(Code::BadFile, message).at(span, "").help(help));
        };
        let node = match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => continue,
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    refuse(out, "a second document begins in this file", "put it into a file of its own");
                    return None;
                }
                continue;
            }
            Event::Alias(_) => {
                refuse(out, "aliases are not read", "write the value out where the `*` stands");
                return None;
            }
            Event::MappingStart(_, tag) | Event::SequenceStart(_, tag) if tag.is_some() => {
                refuse(out, "YAML tags are not read", "remove the `!`");
                return None;
            }
            Event::MappingStart(..) | Event::SequenceStart(..) if stack.len() >= MAX_DEPTH => {
                too_deep(span, out);
                return None;
            }
            Event::MappingStart(..) => {
                if key_is_due(&stack) {
                    refuse(out, "a key must be a text", "write the map as the value of a key");
                    return None;
                }
                stack.push(Open::Map { start: span, entries: Vec::new(), key: None });
                continue;
            }
            Event::SequenceStart(..) => {
                if key_is_due(&stack) {
                    refuse(out, "a key must be a text", "write the list as the value of a key");
                    return None;
                }
                stack.push(Open::List { start: span, items: Vec::new() });
                continue;
            }
            Event::Scalar(value, style, _, tag) => {
                let forced = match &tag {
                    None => false,
                    Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => true,
                    Some(_) => {
                        refuse(
                            out,
                            "YAML tags are not read",
                            "remove the `!`, and quote the value if it is text",
                        );
                        return None;
                    }
                };
                let kind = if style == ScalarStyle::Plain && !forced {
                    plain_kind(&value)
                } else {
                    ScalarKind::Text
                };
                if key_is_due(&stack) {
                    if style == ScalarStyle::Plain && value == "<<" {
                        refuse(out, "merge keys are not read", "write the keys out");
                        return None;
                    }
                    if kind == ScalarKind::Null {
                        refuse(out, "a key must be a text", "quote it if it is a name");
                        return None;
                    }
                    if let Some(Open::Map { key, .. }) = stack.last_mut() {
                        *key = Some(Spanned::new(value.into_owned(), span));
                    }
                    continue;
                }
                Node { span, value: Value::Scalar(Scalar { text: value.into_owned(), kind }) }
            }
            Event::MappingEnd | Event::SequenceEnd => match stack.pop() {
                Some(Open::Map { start, entries, .. }) => {
                    // The parser ends a block where the next token begins, lines further down.
                    Node {
                        span: narrowed(start, &entries),
                        value: Value::Map(refuse_duplicate_keys(entries, out)),
                    }
                }
                Some(Open::List { start, items }) => {
                    let end = items.last().map_or(start, |item| item.span);
                    Node { span: start.to(end), value: Value::List(items) }
                }
                None => continue,
            },
        };
        match stack.last_mut() {
            Some(Open::Map { entries, key, .. }) => {
                if let Some(key) = key.take() {
                    entries.push((key, node));
                }
            }
            Some(Open::List { items, .. }) => items.push(node),
            None => root = Some(node),
        }
    }
    // A file of comments only says nothing, which is what it means.
    let nothing = Value::Scalar(Scalar { text: String::new(), kind: ScalarKind::Null });
    Some(root.unwrap_or(Node { span: source.span(0, 0), value: nothing }))
}

/// A map is pointed at by its first key: underlining a whole block helps nobody.
fn narrowed(start: Span, entries: &[Entry]) -> Span {
    entries.first().map_or(start, |(key, _)| start.to(key.span))
}

fn key_is_due(stack: &[Open]) -> bool {
    matches!(stack.last(), Some(Open::Map { key: None, .. }))
}

fn not_yaml(span: Span, said: &str, text: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::BadFile, "this is not YAML").at(span, said);
    let line = text
        .get(..span.start as usize)
        .and_then(|before| before.rsplit(['\n', '\r']).next())
        .is_some_and(|line| line.contains('\t'))
        || text.get(span.start as usize..).is_some_and(|rest| rest.starts_with('\t'));
    if line { diagnostic.help("indent with blanks, not with tabs") } else { diagnostic }
}

/// What readers of YAML 1.1 or 1.2 take an unquoted scalar for.
fn plain_kind(text: &str) -> ScalarKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => ScalarKind::Boolean,
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF" => {
            ScalarKind::OldBoolean
        }
        _ if is_number(text) => ScalarKind::Number,
        _ if is_date(text) => ScalarKind::Date,
        _ => ScalarKind::Text,
    }
}

/// Integers and floats of YAML 1.2, with the underscores and sexagesimals of 1.1.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = unsigned.strip_prefix(prefix) {
            return !digits.is_empty() && digits.chars().all(|each| each.is_digit(radix) || each == '_');
        }
    }
    if unsigned.contains(':') {
        return unsigned
            .split(':')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    mantissa.bytes().any(|byte| byte.is_ascii_digit())
        && !mantissa.starts_with('_')
        && digits(&mantissa.replacen('.', "", 1))
        && exponent.is_none_or(|part| !part.is_empty() && digits(part))
}

fn is_date(text: &str) -> bool {
    let date = text.split(['T', 't', ' ']).next().unwrap_or(text);
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    year.len() == 4
        && (1..=2).contains(&month.len())
        && (1..=2).contains(&day.len())
        && [year, month, day].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The parser counts lines and characters; spans count bytes. Moves forwards through each line, as the parser does,
/// so that a file on one line is read once.
struct Offsets<'t> {
    text: &'t str,
    lines: Vec<usize>,
    /// Line (from 0), column in characters, and byte of the last answer.
    last: (usize, usize, usize),
}

impl<'t> Offsets<'t> {
    fn new(text: &'t str) -> Self {
        let mut lines = vec![0];
        let mut bytes = text.bytes().enumerate().peekable();
        while let Some((at, byte)) = bytes.next() {
            let crlf = byte == b'\r' && bytes.peek().is_some_and(|(_, next)| *next == b'\n');
            if byte == b'\n' || (byte == b'\r' && !crlf) {
                lines.push(at + 1);
            }
        }
        Self { text, lines, last: (0, 0, 0) }
    }

    fn byte(&mut self, marker: &Marker) -> usize {
        let (line, column) = (marker.line().saturating_sub(1), marker.col());
        let (from, skip) = match self.last {
            (at, before, byte) if at == line && before <= column => (byte, column - before),
            _ => (self.lines.get(line).copied().unwrap_or(self.text.len()), column),
        };
        let rest = self.text.get(from..).unwrap_or("");
        let byte = from + rest.char_indices().nth(skip).map_or(rest.len(), |(at, _)| at);
        self.last = (line, column, byte);
        byte
    }
}
