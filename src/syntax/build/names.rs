//! Names, strings, dates and numbers.

use jiff::civil::Date;

use super::{Builder, children};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;
use crate::syntax::ast::{Literal, Path, Segment, Tag};
use crate::syntax::grammar::{Node, Rule};

/// The text between the quotes, escapes undone. `quoted_name`s may double their quotes too.
pub(super) fn unquote(raw: &str) -> String {
    let inner = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            '"' => {
                characters.next_if_eq(&'"');
                out.push('"');
            }
            other => out.push(other),
        }
    }
    out
}

impl Builder<'_> {
    pub(super) fn string(&self, node: &Node<'_>) -> Spanned<String> {
        self.spanned(node, unquote(node.as_str()))
    }

    /// The strings directly inside a node.
    pub(super) fn strings(&self, node: Node<'_>) -> Vec<Spanned<String>> {
        children(node, |rule| rule == Rule::string).map(|node| self.string(&node)).collect()
    }

    /// The first string directly inside a node.
    pub(super) fn first_string(&mut self, node: Node<'_>) -> Option<Spanned<String>> {
        match children(node, |rule| rule == Rule::string).next() {
            Some(string) => Some(self.string(&string)),
            None => self.lost(),
        }
    }

    /// `label` or `integration`: a bare word or a string, which must not be empty.
    pub(super) fn label(&mut self, node: Node<'_>) -> Option<Spanned<String>> {
        let Some(name) = node.into_inner().next() else { return self.lost() };
        let segment = self.segment(&name)?;
        Some(Spanned::new(segment.node.text, segment.span))
    }

    /// A bare or quoted name of a path, tag or label.
    pub(super) fn segment(&mut self, node: &Node<'_>) -> Option<Spanned<Segment>> {
        let quoted = matches!(node.as_rule(), Rule::string | Rule::quoted_name);
        let text = if quoted { unquote(node.as_str()) } else { node.as_str().to_owned() };
        if text.is_empty() {
            let span = self.span(node);
            return self.refuse(
                Diagnostic::error(Code::BadLiteral, "a name cannot be empty")
                    .at(span, "nothing between the quotes"),
            );
        }
        Some(self.spanned(node, Segment { text, quoted }))
    }

    pub(super) fn tag(&mut self, node: Node<'_>) -> Option<Spanned<Tag>> {
        let span = self.span(&node);
        let segments: Option<Vec<_>> =
            node.into_inner().map(|child| self.segment(&child).map(|segment| segment.node.text)).collect();
        Some(Spanned::new(Tag { segments: segments? }, span))
    }

    /// A path of at most `most` segments.
    pub(super) fn path(&mut self, node: Node<'_>, most: usize) -> Option<Spanned<Path>> {
        let span = self.span(&node);
        let segments: Option<Vec<_>> =
            node.into_inner().map(|child| self.segment(&child).map(|segment| segment.node)).collect();
        let segments = segments?;
        if segments.len() > most {
            let shape = if most > 3 { "DATABASE.SCHEMA.TABLE.COLUMN" } else { "DATABASE.SCHEMA.TABLE" };
            let mut diagnostic = Diagnostic::error(
                Code::Syntax,
                format!("a path here has at most {most} names, this one has {}", segments.len()),
            )
            .at(span, "too long")
            .help(format!("write `{shape}`; a name that holds a dot stands in quotes: `\"a.b\"`"));
            if let (3, [_, _, _, column]) = (most, segments.as_slice()) {
                let column = &column.text;
                diagnostic = diagnostic
                    .help(format!("for a column, write `columns named \"{column}\" of tables in {shape}`"));
            }
            return self.refuse(diagnostic);
        }
        Some(Spanned::new(Path { segments }, span))
    }

    pub(super) fn date(&mut self, node: &Node<'_>) -> Option<Spanned<Date>> {
        let text = node.as_str();
        let mut parts = text.split('-').map(str::parse::<i16>);
        let date = match (parts.next(), parts.next(), parts.next()) {
            (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) => i8::try_from(month)
                .ok()
                .zip(i8::try_from(day).ok())
                .and_then(|(month, day)| Date::new(year, month, day).ok()),
            _ => None,
        };
        match date {
            Some(date) => Some(self.spanned(node, date)),
            None => {
                let span = self.span(node);
                self.refuse(
                    Diagnostic::error(Code::BadLiteral, format!("`{text}` is not a date of the calendar"))
                        .at(span, "no such day")
                        .help("dates are written year, month, day: `2026-12-31`"),
                )
            }
        }
    }

    /// A whole number that the type can hold.
    pub(super) fn integer<N: std::str::FromStr>(&mut self, node: &Node<'_>) -> Option<Spanned<N>> {
        match node.as_str().parse() {
            Ok(number) => Some(self.spanned(node, number)),
            Err(_) => {
                let span = self.span(node);
                self.refuse(
                    Diagnostic::error(
                        Code::BadLiteral,
                        format!("`{}` is too large a number here", node.as_str()),
                    )
                    .at(span, "too large"),
                )
            }
        }
    }

    pub(super) fn literal(&mut self, node: Node<'_>) -> Option<Spanned<Literal>> {
        let Some(inner) = node.into_inner().next() else { return self.lost() };
        let literal = match inner.as_rule() {
            Rule::string => Literal::String(unquote(inner.as_str())),
            Rule::date => Literal::Date(self.date(&inner)?.node),
            Rule::number => Literal::Number(inner.as_str().to_owned()),
            Rule::kw_true => Literal::Boolean(true),
            Rule::kw_false => Literal::Boolean(false),
            _ => return self.lost(),
        };
        Some(self.spanned(&inner, literal))
    }

    /// The name of a declaration: `snake_case`.
    pub(super) fn declared_name(&mut self, node: &Node<'_>) -> Option<Spanned<String>> {
        let text = node.as_str();
        let is_snake = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if is_snake {
            return Some(self.spanned(node, text.to_owned()));
        }
        let span = self.span(node);
        let diagnostic = Diagnostic::error(Code::Syntax, format!("`{text}` is not in snake_case"))
            .at(span, "names are lower-case letters, digits and `_`");
        let snake = snake_case(text);
        self.refuse(if snake.is_empty() { diagnostic } else { diagnostic.help(format!("write `{snake}`")) })
    }
}

/// A name near to what was written that the language takes; empty if there is none.
fn snake_case(text: &str) -> String {
    let mut out = String::new();
    let mut after_lower = false;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && after_lower {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
            after_lower = !c.is_ascii_uppercase();
        } else {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            after_lower = false;
        }
    }
    let out = out.trim_end_matches('_').to_owned();
    if crate::syntax::is_keyword(&out) || out.starts_with(|c: char| c.is_ascii_digit()) {
        String::new()
    } else {
        out
    }
}
