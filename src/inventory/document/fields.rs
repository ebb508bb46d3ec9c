//! A map of known keys, read key by key.
//!
//! Asking for a key makes it known; [`Fields::finish`] then refuses every key that nobody asked for. So the list
//! of keys of a format stands once, where they are read.

use super::{Entry, Node, Scalar, ScalarKind, Value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Span, Spanned};

/// The keys of one map, and which of them have been asked for.
pub(crate) struct Fields<'n> {
    entries: &'n [Entry],
    span: Span,
    what: &'static str,
    asked: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// Reads a map; nothing written is a map without keys. `what` names it in messages: ``a table``.
    pub(crate) fn of(node: &'n Node, what: &'static str, out: &mut Diagnostics) -> Option<Self> {
        let entries: &[Entry] = match &node.value {
            Value::Map(entries) => entries,
            Value::Scalar(Scalar { kind: ScalarKind::Null, .. }) => &[],
            Value::Scalar(_) | Value::List(_) => {
                node.wrong(what, "a map", "", out);
                return None;
            }
        };
        Some(Self { entries, span: node.span, what, asked: Vec::new() })
    }

    /// The value of a key, if it is written.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<&'n Node> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|(name, _)| name.node == key).map(|(_, node)| node)
    }

    /// The value of a key that must be written.
    pub(crate) fn require(&mut self, key: &'static str, out: &mut Diagnostics) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() {
            out.error(
                Diagnostic::error(Code::BadValue, format!("{} needs `{key}`", self.what))
                    .at(self.span, "")
                    .help(format!("add `{key}:`")),
            );
        }
        found
    }

    /// The non-empty string of a key, if it is written.
    pub(crate) fn name(&mut self, key: &'static str, out: &mut Diagnostics) -> Option<Spanned<&'n str>> {
        self.get(key)?.name(&format!("`{key}`"), out)
    }

    /// The non-empty string of a key that must be written.
    pub(crate) fn required_name(
        &mut self,
        key: &'static str,
        out: &mut Diagnostics,
    ) -> Option<Spanned<&'n str>> {
        self.require(key, out)?.name(&format!("`{key}`"), out)
    }

    /// The names in the list of a key; none if it is not written.
    pub(crate) fn names(&mut self, key: &'static str, out: &mut Diagnostics) -> Vec<Spanned<&'n str>> {
        match self.get(key) {
            Some(node) => node.names(&format!("`{key}`"), &format!("an item of `{key}`"), out),
            None => Vec::new(),
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&'static str, T)],
        out: &mut Diagnostics,
    ) -> Option<T> {
        let written = self.name(key, out)?;
        let found = choices.iter().find(|(word, _)| *word == written.node).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            out.error(
                Diagnostic::error(Code::BadValue, format!("`{key}` cannot be `{}`", written.node))
                    .at(written.span, "")
                    .did_you_mean(written.node, words.iter().copied())
                    .help(format!("write one of: {}", words.join(", "))),
            );
        }
        found
    }

    /// Refuses the keys that nobody asked for.
    pub(crate) fn finish(self, out: &mut Diagnostics) {
        for (key, _) in self.entries.iter().filter(|(key, _)| !self.asked.contains(&key.node.as_str())) {
            out.error(
                Diagnostic::error(Code::UnknownKey, format!("{} has no key `{}`", self.what, key.node))
                    .at(key.span, "")
                    .did_you_mean(&key.node, self.asked.iter().copied())
                    .help(format!("the keys are: {}", self.asked.join(", "))),
            );
        }
    }
}
