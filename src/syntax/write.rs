//! The AST as text.
//!
//! In: any AST. Out: text that parses to an equal AST; [`to_text`] gives it in the canonical form.
//! Invariant: `and` and `or` are never mixed without parentheses, and every string is escaped.
//! Cost: one visit per node.

mod condition;
mod rows;
mod selector;

use std::fmt::{Display, Formatter, Result, Write as _};

use super::ast::{AccessSet, Applies, Combine, Declaration, DeclarationKind, Document, Expectation, Outcome};
use super::tokens::is_word_char;
use crate::source::Spanned;

/// The canonical text of a document.
pub fn to_text(document: &Document) -> String {
    let plain = document.declarations.iter().fold(String::new(), |mut text, declaration| {
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a string does not fail.
        let _ = writeln!(text, "{declaration}");
        text
    });
    super::print::format_text(&plain).unwrap_or(plain)
}

/// A text in double quotes.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A name that may be bare.
fn label(text: &str) -> String {
    if !text.is_empty() && text.chars().all(is_word_char) { text.to_owned() } else { quoted(text) }
}

fn list<T>(items: &[Spanned<T>], show: impl Fn(&T) -> String) -> String {
    format!("[{}]", items.iter().map(|item| show(&item.node)).collect::<Vec<_>>().join(", "))
}

fn strings(items: &[Spanned<String>]) -> String {
    list(items, |text| quoted(text))
}

/// Joins operands; those that `wraps` says get parentheses.
fn joined<T: Display>(
    f: &mut Formatter<'_>,
    items: &[Spanned<T>],
    word: &str,
    wraps: fn(&T) -> bool,
) -> Result {
    for (nth, item) in items.iter().enumerate() {
        if nth > 0 {
            write!(f, " {word} ")?;
        }
        wrapped(f, &item.node, wraps)?;
    }
    Ok(())
}

fn wrapped<T: Display>(f: &mut Formatter<'_>, item: &T, wraps: fn(&T) -> bool) -> Result {
    if wraps(item) { write!(f, "({item})") } else { write!(f, "{item}") }
}

impl Display for Declaration {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let name = match self.kind {
            DeclarationKind::Test(_) => quoted(&self.name.node),
            _ => self.name.node.clone(),
        };
        write!(f, "{} {name}", self.kind.kind().keyword())?;
        if let Some(description) = &self.description {
            write!(f, " {}", quoted(&description.node))?;
        }
        if let DeclarationKind::Condition(condition) = &self.kind {
            return write!(f, " = {}", condition.node);
        }
        writeln!(f, " {{")?;
        let (mut from, mut until) = (&None, &None);
        match &self.kind {
            DeclarationKind::Condition(_) => {}
            DeclarationKind::Subscription(it) => {
                writeln!(f, "  allow {}\n  on {}\n  to {}", it.allow.node, it.on.node, it.to.node)?;
                if it.combine == Combine::All {
                    writeln!(f, "  combine all")?;
                }
                (from, until) = (&it.from, &it.until);
            }
            DeclarationKind::Guardrail(it) => {
                writeln!(f, "  require {}\n  on {}\n  to {}", it.require.node, it.on.node, it.to.node)?;
                (from, until) = (&it.from, &it.until);
            }
            DeclarationKind::Mask(it) => {
                writeln!(f, "  on {}\n  using {}", it.on.node, it.using.node)?;
                if let Some(when) = &it.when {
                    writeln!(f, "  when {}", when.node)?;
                }
                write!(f, "{}", it.applies)?;
                if it.priority.node != 0 {
                    writeln!(f, "  priority {}", it.priority.node)?;
                }
                (from, until) = (&it.from, &it.until);
            }
            DeclarationKind::Filter(it) => {
                writeln!(f, "  on {}\n  rows where {}", it.on.node, it.rows.node)?;
                write!(f, "{}", it.applies)?;
                (from, until) = (&it.from, &it.until);
            }
            DeclarationKind::Test(it) => {
                writeln!(f, "  as {}", quoted(&it.as_user.node))?;
                if let Some(at) = &it.at {
                    writeln!(f, "  at {}", at.node)?;
                }
                for expectation in &it.expectations {
                    writeln!(f, "  {}", expectation.node)?;
                }
            }
        }
        if let Some(from) = from {
            writeln!(f, "  from {}", from.node)?;
        }
        if let Some(until) = until {
            writeln!(f, "  until {}", until.node)?;
        }
        write!(f, "}}")
    }
}

impl Display for Applies {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Applies::Everyone => Ok(()),
            Applies::Except(condition) => writeln!(f, "  except {}", condition.node),
            Applies::OnlyFor(condition) => writeln!(f, "  only for {}", condition.node),
        }
    }
}

impl Display for AccessSet {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            AccessSet::Read => "read",
            AccessSet::Write => "write",
            AccessSet::ReadWrite => "read, write",
        })
    }
}

impl Display for Expectation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Expectation::Can { access, object } => write!(f, "can {} {}", access.node, object.node),
            Expectation::Cannot { access, object } => write!(f, "cannot {} {}", access.node, object.node),
            Expectation::Sees { column, outcome } => write!(f, "sees {} {}", column.node, outcome.node),
            Expectation::Filtered { table, by } => {
                let names: Vec<&str> = by.iter().map(|name| name.node.as_str()).collect();
                write!(f, "filtered {} by {}", table.node, names.join(", "))
            }
            Expectation::Unfiltered { table } => write!(f, "unfiltered {}", table.node),
        }
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Outcome::Clear => f.write_str("clear"),
            Outcome::Masked => f.write_str("masked"),
            Outcome::MaskedBy(name) => write!(f, "masked by {}", name.node),
        }
    }
}
