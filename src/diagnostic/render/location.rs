//! Where a label points, in the words of a report: file, lines, columns.
//!
//! In: a [`Place`]. Out: a [`Location`] with as much as the place knows. Lines and columns from 1, columns in
//! characters, the end exclusive.

use crate::source::{Place, Sources};

/// A place as reports write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// The file, relative to the project.
    pub file: &'a str,
    /// First line, unless the whole file is meant.
    pub line: Option<u32>,
    /// First column, if the text is at hand.
    pub column: Option<u32>,
    /// Last line.
    pub end_line: Option<u32>,
    /// One past the last column.
    pub end_column: Option<u32>,
}

impl<'a> Location<'a> {
    /// The location of a place.
    pub fn of(place: Place, sources: &'a Sources) -> Location<'a> {
        let file = sources.name(place);
        match place {
            Place::Span(span) => {
                let (line, column) = sources.line_column(span.source, span.start);
                let (end_line, end_column) = sources.line_column(span.source, span.end.max(span.start));
                Location {
                    file,
                    line: Some(line),
                    column: Some(column),
                    end_line: Some(end_line),
                    end_column: Some(end_column),
                }
            }
            Place::Line(_, line) => {
                Location { file, line: Some(line), column: None, end_line: Some(line), end_column: None }
            }
            Place::File(_) => Location { file, line: None, column: None, end_line: None, end_column: None },
        }
    }

    /// `base/file:line:column`, as far as known.
    pub fn display(&self, base: &str) -> String {
        let mut text = format!("{base}{}", super::visible(self.file));
        for number in [self.line, self.column].into_iter().flatten() {
            text.push(':');
            text.push_str(&number.to_string());
        }
        text
    }
}
