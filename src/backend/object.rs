//! Native objects as canonical texts: a word and a quoted path, `TABLE "DB"."S"."T"`, whatever the platform's own quotes.
//!
//! Facts name what they are about so; statements quote it anew for their dialect.
//! Invariant: [`Object::parse`] reads back what [`Object::text`] writes. Cost: linear in the text.

use std::fmt::Write as _;

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn quote_path(path: &[String]) -> String {
    path.iter().map(|part| quote(part)).collect::<Vec<_>>().join(".")
}

/// `ROLE "R"`.
pub fn role(name: &str) -> String {
    format!("ROLE {}", quote(name))
}

/// `USER "U"`.
pub fn user(name: &str) -> String {
    format!("USER {}", quote(name))
}

/// An object: what kind, its path, and the column of an attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// `TABLE`, `ROLE`, `MASKING POLICY`, …
    pub word: String,
    /// Database, schema, name, as far as the kind has them.
    pub path: Vec<String>,
    /// The column that a mask stands on.
    pub column: Option<String>,
}

impl Object {
    /// An object without column.
    pub fn new<'a>(word: &str, path: impl IntoIterator<Item = &'a str>) -> Object {
        Object { word: word.to_owned(), path: path.into_iter().map(str::to_owned).collect(), column: None }
    }

    /// Its text.
    pub fn text(&self) -> String {
        let mut text = format!("{} {}", self.word, self.quoted());
        if let Some(column) = &self.column {
            let _ = write!(text, " COLUMN {}", quote(column));
        }
        text
    }

    /// The quoted path alone.
    pub fn quoted(&self) -> String {
        quote_path(&self.path)
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// Reads [`Object::text`]; a text without quotes is a word alone.
    pub fn parse(text: &str) -> Object {
        let (word, rest) = text.split_at_checked(text.find('"').unwrap_or(text.len())).unwrap_or((text, ""));
        let (path, rest) = quoted_path(rest).unwrap_or_default();
        let column = rest
            .strip_prefix(" COLUMN ")
            .and_then(quoted_path)
            .and_then(|(parts, _)| parts.into_iter().next());
        Object { word: word.trim_end().to_owned(), path, column }
    }
}

/// Reads `"a"."b"` at the start of a text, and gives what follows.
pub fn quoted_path(text: &str) -> Option<(Vec<String>, &str)> {
    let (mut parts, mut rest) = (Vec::new(), text);
    loop {
        let (part, after) = quoted_name(rest)?;
        parts.push(part);
        match after.strip_prefix('.') {
            Some(more) => rest = more,
            None => return Some((parts, after)),
        }
    }
}

fn quoted_name(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut name = String::new();
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, after)),
        }
    }
}

/// Reads `"a", "b"` up to the end.
pub fn quoted_list(text: &str) -> Vec<String> {
    let (mut list, mut rest) = (Vec::new(), text);
    while let Some((name, after)) = quoted_name(rest) {
        list.push(name);
        rest = after.trim_start_matches([',', ' ']);
    }
    list
}
