//! Names and signatures as exports write them: SHOW as SQL would read them, ACCOUNT_USAGE as they are stored.

use super::native::{Object, arguments, quoted_path};
use super::types::{base, canonical};
use crate::backend::export::Export;
use crate::backend::fact::FactKind;

/// A role or user as a canonical text.
pub(super) fn principal(word: &str, name: &str, shown: bool) -> String {
    let path = if shown || word == "DATABASE ROLE" { shown_path(name) } else { vec![name.to_owned()] };
    Object { word: word.to_owned(), path, column: None }.text()
}

/// A name as SQL would read it: `DB.PUBLIC."my table"`; what is no such name (a function's signature) is one part.
pub(super) fn shown_path(text: &str) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), text);
    loop {
        let (part, after) = match quoted_path(rest) {
            // `quoted_path` reads quoted parts as far as they go.
            Some((mut quoted, after)) => {
                parts.append(&mut quoted);
                (None, after)
            }
            None => match rest.split_once('.') {
                Some((part, _)) => (Some(part), rest.get(part.len()..).unwrap_or("")),
                None => (Some(rest), ""),
            },
        };
        if let Some(part) = part {
            if part.is_empty() || part.contains(['"', '(', ' ', ':']) {
                return vec![text.to_owned()];
            }
            parts.push(part.to_owned());
        }
        match after.strip_prefix('.') {
            Some(more) => rest = more,
            None if after.is_empty() => return parts,
            None => return vec![text.to_owned()],
        }
    }
}

pub(super) fn stored_path(export: &Export, row: &csv::StringRecord, on: &str) -> Vec<String> {
    let field = |header: &str| export.field(row, header);
    let (database, schema, name) = (field("TABLE_CATALOG"), field("TABLE_SCHEMA"), field("NAME"));
    let parts: &[&str] = match on {
        "DATABASE" | "ROLE" | "ACCOUNT" | "WAREHOUSE" => &[name],
        "SCHEMA" | "DATABASE ROLE" => &[database, name],
        _ => &[database, schema, name],
    };
    parts.iter().filter(|part| !part.is_empty()).map(|part| (*part).to_owned()).collect()
}

/// The arguments of a signature. It shows types without length; a comment of ours tells them whole, and the first argument of a
/// mask is of the type that it returns.
pub(super) fn typed(
    signature: &str,
    told: &[String],
    returns: &str,
    kind: FactKind,
) -> Vec<(String, String)> {
    arguments(signature)
        .into_iter()
        .enumerate()
        .map(|(at, (name, of))| {
            let full = match told.get(at) {
                Some(full) => Some(full.as_str()),
                None if at == 0 && kind == FactKind::MaskingPolicy => Some(returns),
                None => None,
            };
            match full {
                Some(full) if base(full) == base(&of) => (name, full.to_owned()),
                _ => (name, canonical(&of)),
            }
        })
        .collect()
}
