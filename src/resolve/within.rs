//! Places inside a string of a policy: where in the file a character of the unescaped text was written.
//!
//! In: a string with its span, and offsets or lines and columns of its text. Out: a span of the file.
//! Invariant: the span lies within the string's own; where the source is not at hand, it is the string's own.

use crate::source::{Sources, Span, Spanned};

/// The place of a byte range of the text; an empty range is widened by one character.
pub(super) fn place_in(sources: &Sources, text: &Spanned<String>, start: usize, end: usize) -> Span {
    let end = if end > start {
        end
    } else {
        let next = text.node.get(start..).and_then(|rest| rest.chars().next());
        start + next.map_or(0, char::len_utf8)
    };
    match (written_at(sources, text, start), written_at(sources, text, end)) {
        (Some(start), Some(end)) if start < end => Span { source: text.span.source, start, end },
        _ => text.span,
    }
}

/// The byte offset of a line and column (both from 1, in characters) of the text.
pub(super) fn offset_of(text: &str, line: u64, column: u64) -> usize {
    let lines = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let before: usize = text.split_inclusive('\n').take(lines).map(str::len).sum();
    let columns = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    let rest = text.get(before..).unwrap_or("");
    before + rest.chars().take(columns).map(char::len_utf8).sum::<usize>()
}

/// Where in the file the byte of the text stands.
fn written_at(sources: &Sources, text: &Spanned<String>, byte: usize) -> Option<u32> {
    let written = sources.text(text.span).strip_prefix('"')?;
    let (mut at, mut file) = (0, text.span.start + 1);
    let mut characters = written.chars();
    while at < byte {
        let (escaped, character) = match characters.next()? {
            '\\' => (1, characters.next()?),
            other => (0, other),
        };
        // `\n` stands for a character as long as the one that names it.
        at += character.len_utf8();
        file += escaped + u32::try_from(character.len_utf8()).ok()?;
    }
    (at == byte).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_counted_where_they_are_written() {
        let mut sources = Sources::default();
        let file = r#"sql "a = \"b\" \n and é = 1""#;
        let source = sources.add("x.policy", file);
        let text = Spanned::new("a = \"b\" \n and é = 1".to_owned(), source.span(4, file.len()));
        let shown = |start: usize, end: usize| sources.text(place_in(&sources, &text, start, end)).to_owned();
        assert_eq!(shown(0, 1), "a");
        assert_eq!(shown(4, 7), "\\\"b\\\"");
        let at = offset_of(&text.node, 2, 6);
        assert_eq!(shown(at, at), "é");
        assert_eq!(shown(100, 101), sources.text(text.span));
        // Behind the last character nothing can be underlined.
        assert_eq!(shown(text.node.len(), text.node.len()), sources.text(text.span));
    }
}
