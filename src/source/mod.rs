//! The texts that a project is read from, and places in them.
//!
//! In: names and texts, once each. Out: ids, spans, lines and columns.
//! Invariant: a `Span` lies within its source; a source's id is its place in the order of `Sources::add`.

use std::sync::Arc;

use crate::ids::{Id, IdVec};

crate::ids! {
    /// One file (or other text) of the project.
    SourceId,
}

/// A byte range of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from the start of `self` to the end of `other`.
    pub fn to(self, other: Span) -> Span {
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A value and where it was written. Two are equal when their values are: places never decide a comparison.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    /// What was written.
    pub node: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}
impl<T: Eq> Eq for Spanned<T> {}

/// Where a diagnostic points: a span of a text that we hold, a line of a table too large to hold, or a whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A span of a held text.
    Span(Span),
    /// A line (from 1) of a file whose text is not kept.
    Line(SourceId, u32),
    /// A file as a whole.
    File(SourceId),
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Place::Span(span)
    }
}

impl Place {
    /// The file of the place.
    pub fn source(self) -> SourceId {
        match self {
            Place::Span(span) => span.source,
            Place::Line(source, _) | Place::File(source) => source,
        }
    }
}

/// One text with its name.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path relative to the project, with `/`.
    pub name: String,
    /// The text; empty for tables that are only pointed into by line.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
}

/// All texts of a run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: IdVec<SourceId, Source>,
}

impl Sources {
    /// Adds a text. Texts past 4 GiB are the caller's to refuse.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts
            .extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1));
        self.files.push(Source { name: name.into(), text, line_starts })
    }

    /// The source of an id.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[id]
    }

    /// All sources, in the order added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files.iter()
    }

    /// The text of a span; empty if the span is not within its source.
    pub fn text(&self, span: Span) -> &str {
        self.files
            .lookup(span.source)
            .and_then(|file| file.text.get(span.start as usize..span.end as usize))
            .unwrap_or("")
    }

    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub fn line_column(&self, source: SourceId, offset: u32) -> (u32, u32) {
        let Some(file) = self.files.lookup(source) else { return (1, 1) };
        let line = file.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = file.line_starts.get(line - 1).copied().unwrap_or(0);
        let column = file
            .text
            .get(start as usize..offset as usize)
            .map_or(offset.saturating_sub(start) as usize, |before| before.chars().count());
        (line as u32, column as u32 + 1)
    }

    /// The line (from 1) of a place; 1 for whole files.
    pub fn line(&self, place: Place) -> u32 {
        match place {
            Place::Span(span) => self.line_column(span.source, span.start).0,
            Place::Line(_, line) => line,
            Place::File(_) => 1,
        }
    }

    /// The file name of a place.
    pub fn name(&self, place: Place) -> &str {
        self.files.lookup(place.source()).map_or("", |file| &file.name)
    }
}

impl SourceId {
    /// A place for the file as a whole.
    pub fn whole(self) -> Place {
        Place::File(self)
    }
    /// A span of this source.
    pub fn span(self, start: usize, end: usize) -> Span {
        Span { source: self, start: start as u32, end: end as u32 }
    }
    /// The raw id, for tables keyed by source.
    pub fn index(self) -> usize {
        self.raw() as usize
    }
}
