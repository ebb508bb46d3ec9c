//! A YAML or JSON file as one tree with places, whichever of the two it was.
//!
//! In: a text. Out: [`Node`], read further by [`Fields`], so that each file format is a short list of its keys.
//! Invariant: keys are unique within a map, nesting is at most [`MAX_DEPTH`], the tree holds no more than was
//! written (aliases are refused). Cost: linear in the text.

mod fields;
mod json;
mod yaml;

pub(crate) use fields::Fields;

use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Sources, Span, Spanned};

/// No format of ours nests deeper than eight; the rest is room for `config`.
const MAX_DEPTH: usize = 100;

/// A part of a document.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Map(Vec<Entry>),
    List(Vec<Node>),
    Scalar(Scalar),
}

/// A key with its value.
pub(crate) type Entry = (Spanned<String>, Node);

/// A scalar, as written.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    pub(crate) kind: ScalarKind,
}

/// What readers of YAML or JSON take a scalar for. Only `Text` is a string to all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarKind {
    /// Quoted, or plain and nothing else.
    Text,
    Number,
    Boolean,
    /// `yes`, `no`, `on`, `off`: text in YAML 1.2, true or false in YAML 1.1.
    OldBoolean,
    Date,
    Null,
}

impl ScalarKind {
    fn noun(self) -> &'static str {
        match self {
            ScalarKind::Text => "a text",
            ScalarKind::Number => "a number",
            ScalarKind::Boolean => "a boolean",
            ScalarKind::OldBoolean => "a boolean to many YAML readers",
            ScalarKind::Date => "a date",
            ScalarKind::Null => "nothing",
        }
    }
}

/// Reads a source by the extension of its name. `None`: what is wrong has been said.
pub(crate) fn read(source: SourceId, sources: &Sources, out: &mut Diagnostics) -> Option<Node> {
    let file = sources.get(source);
    if file.name.ends_with(".json") {
        json::read(source, &file.text, out)
    } else {
        yaml::read(source, &file.text, out)
    }
}

/// Reports keys that stand twice in one map; the first one stays.
fn refuse_duplicate_keys(entries: Vec<Entry>, out: &mut Diagnostics) -> Vec<Entry> {
    let mut seen: HashMap<String, Span> = HashMap::with_capacity(entries.len());
    let mut kept = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        if let Some(first) = seen.get(&key.node) {
            out.error(
                Diagnostic::error(Code::DuplicateKey, format!("`{}` is written twice", key.node))
                    .at(key.span, "again here")
                    .at(*first, "first here")
                    .help("join the two, or remove one"),
            );
        } else {
            seen.insert(key.node.clone(), key.span);
            kept.push((key, node));
        }
    }
    kept
}

fn too_deep(span: Span, out: &mut Diagnostics) {
    out.error(
        Diagnostic::error(Code::TooDeep, format!("nesting deeper than {MAX_DEPTH}"))
            .at(span, "")
            .help("no file of a project nests like this"),
    );
}

impl Node {
    /// Whether nothing is written: `key:` and no more, or `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(Scalar { kind: ScalarKind::Null, .. }))
    }

    fn noun(&self) -> &'static str {
        match &self.value {
            Value::Map(_) => "a map",
            Value::List(_) => "a list",
            Value::Scalar(scalar) => scalar.kind.noun(),
        }
    }

    fn wrong(&self, what: &str, wanted: &str, help: &str, out: &mut Diagnostics) {
        let mut diagnostic = Diagnostic::error(Code::BadValue, format!("{what} must be {wanted}"))
            .at(self.span, format!("this is {}", self.noun()));
        if !help.is_empty() {
            diagnostic = diagnostic.help(help);
        }
        out.error(diagnostic);
    }

    /// A string that every reader takes for one.
    pub(crate) fn text(&self, what: &str, out: &mut Diagnostics) -> Option<Spanned<&str>> {
        match &self.value {
            Value::Scalar(Scalar { text, kind: ScalarKind::Text }) => Some(Spanned::new(text, self.span)),
            Value::Scalar(Scalar { kind: ScalarKind::Null, .. }) => {
                self.wrong(what, "a text", "", out);
                None
            }
            Value::Scalar(Scalar { text, .. }) => {
                self.wrong(what, "a text", &format!("quote it: \"{text}\""), out);
                None
            }
            Value::Map(_) | Value::List(_) => {
                self.wrong(what, "a text", "", out);
                None
            }
        }
    }

    /// A string that is not empty.
    pub(crate) fn name(&self, what: &str, out: &mut Diagnostics) -> Option<Spanned<&str>> {
        let text = self.text(what, out)?;
        if text.node.is_empty() {
            out.error(
                Diagnostic::error(Code::BadValue, format!("{what} must not be empty")).at(self.span, ""),
            );
            return None;
        }
        Some(text)
    }

    /// A string or an unquoted date.
    pub(crate) fn date_text(&self, what: &str, out: &mut Diagnostics) -> Option<Spanned<&str>> {
        match &self.value {
            Value::Scalar(Scalar { text, kind: ScalarKind::Date }) => Some(Spanned::new(text, self.span)),
            Value::Scalar(_) | Value::Map(_) | Value::List(_) => self.text(what, out),
        }
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&self, what: &str, out: &mut Diagnostics) -> Option<bool> {
        match &self.value {
            Value::Scalar(Scalar { text, kind: ScalarKind::Boolean }) => {
                Some(text.eq_ignore_ascii_case("true"))
            }
            Value::Scalar(_) | Value::Map(_) | Value::List(_) => {
                self.wrong(what, "true or false", "", out);
                None
            }
        }
    }

    /// The items of a list.
    pub(crate) fn list(&self, what: &str, out: &mut Diagnostics) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar(Scalar { text, kind }) if *kind != ScalarKind::Null => {
                self.wrong(what, "a list", &format!("write [\"{text}\"]"), out);
                &[]
            }
            Value::Scalar(_) | Value::Map(_) => {
                self.wrong(what, "a list", "", out);
                &[]
            }
        }
    }

    /// The names in a list; none is empty.
    pub(crate) fn names(&self, what: &str, each: &str, out: &mut Diagnostics) -> Vec<Spanned<&str>> {
        self.list(what, out).iter().filter_map(|item| item.name(each, out)).collect()
    }

    /// The entries of a map whose keys are names; nothing written is no entries.
    pub(crate) fn entries(&self, what: &str, each: &str, out: &mut Diagnostics) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => {
                for (key, _) in entries.iter().filter(|(key, _)| key.node.is_empty()) {
                    out.error(
                        Diagnostic::error(Code::BadValue, format!("{each} must not be empty"))
                            .at(key.span, ""),
                    );
                }
                entries
            }
            Value::Scalar(Scalar { kind: ScalarKind::Null, .. }) => &[],
            Value::Scalar(_) | Value::List(_) => {
                self.wrong(what, "a map", "", out);
                &[]
            }
        }
    }

    /// The same value without places. A number that JSON would write otherwise (`012`, `1_000`) must be quoted.
    pub(crate) fn to_json(&self, out: &mut Diagnostics) -> serde_json::Value {
        match &self.value {
            Value::Map(entries) => serde_json::Value::Object(
                entries.iter().map(|(key, node)| (key.node.clone(), node.to_json(out))).collect(),
            ),
            Value::List(items) => {
                serde_json::Value::Array(items.iter().map(|item| item.to_json(out)).collect())
            }
            Value::Scalar(Scalar { text, kind }) => match kind {
                ScalarKind::Text => serde_json::Value::String(text.clone()),
                ScalarKind::Null => serde_json::Value::Null,
                ScalarKind::Boolean => serde_json::Value::Bool(text.eq_ignore_ascii_case("true")),
                ScalarKind::Number => match text.parse::<serde_json::Number>() {
                    Ok(number) => serde_json::Value::Number(number),
                    Err(_) => {
                        self.wrong(
                            "the value",
                            "a text or a plain number",
                            &format!("quote it: \"{text}\""),
                            out,
                        );
                        serde_json::Value::Null
                    }
                },
                ScalarKind::OldBoolean | ScalarKind::Date => {
                    self.wrong("the value", "a text", &format!("quote it: \"{text}\""), out);
                    serde_json::Value::Null
                }
            },
        }
    }
}
