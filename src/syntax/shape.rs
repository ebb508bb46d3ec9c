//! The shape of an S3 prefix in a policy, and the objects of the command line.
//!
//! In: text. Out: what is wrong with it, in the user's words.
//! Invariant: what passes here has a bucket, a `/`, and at most one `*`, at the end.

use super::ast::{ObjectPath, ObjectTarget, Path, Segment};
use super::tokens::is_word_char;
use crate::ids::Id;
use crate::source::{SourceId, Spanned};

/// Whether a text means to be an S3 URI, in any case.
pub(super) fn looks_like_s3(text: &str) -> bool {
    text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("s3://"))
}

/// What a policy's prefix cannot be: message, label, help.
pub(super) fn prefix_problem(text: &str) -> Option<(String, &'static str, Option<String>)> {
    let Some(rest) = text.strip_prefix("s3://") else {
        let lower = text.get(5..).map(|rest| format!("write `s3://{rest}`"));
        return Some((format!("`{text}` does not start with `s3://`"), "lower-case, please", lower));
    };
    let Some((bucket, key)) = rest.split_once('/') else {
        let bucket = rest.trim_end_matches(['*', '?']);
        let message = if rest == bucket {
            format!("`{text}` names a bucket without a key")
        } else {
            format!("`{text}` would cover every bucket whose name starts with `{bucket}`")
        };
        let help =
            (!bucket.is_empty()).then(|| format!("write `s3://{bucket}/*` for the whole bucket `{bucket}`"));
        return Some((message, "no `/` after the bucket", help));
    };
    if bucket.is_empty() {
        return Some((format!("`{text}` names no bucket"), "nothing between `s3://` and `/`", None));
    }
    if bucket.contains(['*', '?']) {
        return Some((format!("`{text}` has a wildcard in the bucket"), "a bucket is named whole", None));
    }
    if key.is_empty() {
        let help = format!("write `s3://{bucket}/*` for the whole bucket `{bucket}`");
        return Some((format!("`{text}` names no key"), "nothing after the bucket", Some(help)));
    }
    let stem = key.strip_suffix('*').unwrap_or(key);
    if stem.contains(['*', '?']) {
        return Some((
            format!("`{text}` has a wildcard that does not end it"),
            "only a `*` at the end",
            Some(
                "a prefix covers all keys that start alike: write `*` once, at the end, and no `?`"
                    .to_owned(),
            ),
        ));
    }
    None
}

/// Reads an OBJECT of the command line: `[INTEGRATION:]path`, read as a policy path but with quotes that double as in
/// SQL (a backslash is itself), or `[INTEGRATION:]s3://…`.
///
/// What stands before a first `:` that no `//` follows is kept as the integration; whether one has that name is the
/// resolver's to say. The spans are of the given text, in no source.
///
/// # Errors
/// A sentence for the user when the text is neither.
pub fn parse_object(text: &str) -> Result<ObjectPath, String> {
    let nowhere = SourceId::from_raw(u32::MAX);
    let (integration, start) = match first_name(text)? {
        Some((name, after))
            if text.get(after..).is_some_and(|rest| rest.starts_with(':') && !rest.starts_with("://")) =>
        {
            if name.text.is_empty() {
                return Err(format!("`{text}` names no integration before the `:`"));
            }
            (Some(Spanned::new(name.text, nowhere.span(0, after))), after + 1)
        }
        _ => (None, 0),
    };
    let rest = text.get(start..).unwrap_or("");
    let target =
        if rest.starts_with("s3://") { ObjectTarget::S3(rest.to_owned()) } else { path(text, rest)? };
    Ok(ObjectPath { integration, target: Spanned::new(target, nowhere.span(start, text.len())) })
}

fn path(text: &str, rest: &str) -> Result<ObjectTarget, String> {
    let mut segments = Vec::new();
    let mut at = 0;
    loop {
        let here = rest.get(at..).unwrap_or("");
        let Some((segment, after)) = first_name(here)? else {
            return Err(match here.chars().next() {
                Some(stray) if stray != '.' => {
                    format!(
                        "`{stray}` cannot stand in a bare name of `{text}`: put the name in double quotes"
                    )
                }
                _ => format!("`{text}` has a name missing"),
            });
        };
        if segment.text.is_empty() {
            return Err(format!("a name in `{text}` is empty"));
        }
        segments.push(segment);
        at += after;
        match rest.get(at..).and_then(|rest| rest.chars().next()) {
            None => break,
            Some('.') => at += 1,
            Some(stray) => {
                return Err(format!(
                    "`{stray}` cannot stand in a bare name of `{text}`: put the name in double quotes"
                ));
            }
        }
    }
    match segments.as_slice() {
        [only] if only.quoted && only.text.starts_with("s3://") => Ok(ObjectTarget::S3(only.text.clone())),
        [_] | [_, _] | [_, _, _] | [_, _, _, _] => Ok(ObjectTarget::Path(Path { segments })),
        _ => Err(format!("`{text}` has more names than DATABASE.SCHEMA.TABLE.COLUMN")),
    }
}

/// The bare or quoted name at the start, and where it ends.
fn first_name(text: &str) -> Result<Option<(Segment, usize)>, String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c| !(is_word_char(c) || c == '*')).unwrap_or(text.len());
        let name = text.get(..end).filter(|name| !name.is_empty());
        return Ok(name.map(|name| (Segment { text: name.to_owned(), quoted: false }, end)));
    };
    let mut name = String::new();
    let mut characters = quoted.char_indices().peekable();
    while let Some((offset, c)) = characters.next() {
        if c != '"' {
            name.push(c);
        } else if characters.next_if(|(_, next)| *next == '"').is_some() {
            name.push('"');
        } else {
            return Ok(Some((Segment { text: name, quoted: true }, offset + 2)));
        }
    }
    Err(format!("a quote in `{text}` is not closed"))
}
