//! Cuts the lines that labels touch out of a source, made safe to show.
//!
//! In: a text and spans in it. Out: [`Excerpt`]s: consecutive lines with marks; spans that lie near each other share
//! one; and the marks whose lines are too long to show. Invariant: marks lie within the excerpt, on character boundaries;
//! characters are replaced one for one, so that a mark stands under what it means and its column is that of the
//! source. Cost: one pass over the lines cut out.

use std::ops::Range;

use super::text::picture;

/// Spans of more lines than this are marked on their first line only.
const TALL: usize = 6;
/// Labels at most this many lines apart are shown together.
const NEAR: u32 = 30;
/// Lines of more bytes than this carry one mark each, so that a terminal's width around it can be shown.
const WIDE: usize = 400;
/// On such lines, only so much of a mark is underlined.
const WIDE_MARK: usize = 60;
/// Lines of more bytes than this are not shown.
const LONG: usize = 1 << 16;

/// A span to mark, with the line that it starts on.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// Which label.
    pub label: usize,
    /// Bytes of the source.
    pub bytes: Range<usize>,
    /// The line of its first byte, from 1.
    pub line: u32,
}

/// Consecutive lines of a source.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// The number of the first line.
    pub first_line: u32,
    /// The lines, safe to show.
    pub text: String,
    /// Labels, with the bytes of `text` that they mark.
    pub marks: Vec<(usize, Range<usize>)>,
}

/// What [`cut`] found.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// The excerpt of the first mark comes first, the others by line.
    pub excerpts: Vec<Excerpt>,
    /// Labels whose lines are too long to show.
    pub bare: Vec<usize>,
}

/// Cuts out what the marks need.
pub(super) fn cut(text: &str, marks: &[Mark]) -> Cut {
    let first = marks.first().map(|mark| mark.label);
    let mut fitted: Vec<(Mark, Range<usize>)> = marks.iter().map(|mark| fit(text, mark)).collect();
    fitted.sort_by_key(|(mark, _)| (mark.bytes.start, mark.label));
    let mut bare = Vec::new();
    let mut groups: Vec<(Range<usize>, Vec<Mark>)> = Vec::new();
    for (mark, lines) in fitted {
        if lines.len() > LONG {
            bare.push(mark.label);
            continue;
        }
        match groups.last_mut() {
            Some((window, members)) if joins(text, window, members, &mark, &lines) => {
                window.end = window.end.max(lines.end);
                members.push(mark);
            }
            _ => groups.push((lines, vec![mark])),
        }
    }
    groups.sort_by_key(|(_, members)| !members.iter().any(|mark| Some(mark.label) == first));
    bare.sort_unstable();
    Cut { excerpts: groups.into_iter().map(|(window, members)| show(text, window, &members)).collect(), bare }
}

/// Clamps a mark to the text, to character boundaries and to a few narrow lines or the start of a wide one, and finds
/// the lines to show with it.
fn fit(text: &str, mark: &Mark) -> (Mark, Range<usize>) {
    let start = floor(text, mark.bytes.start);
    let mut end = ceil(text, mark.bytes.end.max(start));
    let mut lines = lines_around(text, start..end);
    let shown = text.get(lines.clone()).unwrap_or("");
    if shown.lines().count() > TALL || !is_narrow(shown) {
        let first = lines_around(text, start..start);
        end = end.min(first.end);
        if first.len() > WIDE {
            end = ceil(text, end.min(start + WIDE_MARK));
        }
        lines = first;
    }
    (Mark { label: mark.label, bytes: start..end, line: mark.line }, lines)
}

/// Whether a mark may be shown in a window that starts before it. A window is one line, or lines none of which is wide.
fn joins(text: &str, window: &Range<usize>, members: &[Mark], mark: &Mark, lines: &Range<usize>) -> bool {
    let near = members.last().is_some_and(|last| mark.line.saturating_sub(last.line) <= NEAR);
    near && text.get(window.start..window.end.max(lines.end)).is_some_and(is_narrow)
}

fn is_narrow(text: &str) -> bool {
    text.lines().all(|line| line.len() <= WIDE)
}

fn lines_around(text: &str, bytes: Range<usize>) -> Range<usize> {
    let start = text.get(..bytes.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end =
        text.get(bytes.end..).and_then(|after| after.find('\n')).map_or(text.len(), |at| bytes.end + at);
    start..end
}

fn show(text: &str, window: Range<usize>, members: &[Mark]) -> Excerpt {
    let mut shown = String::with_capacity(window.len());
    let mut starts = vec![0; members.len()];
    let mut ends = vec![0; members.len()];
    let place = |at: usize, shown_len: usize, starts: &mut [usize], ends: &mut [usize]| {
        for ((mark, start), end) in members.iter().zip(starts).zip(ends) {
            if mark.bytes.start == at {
                *start = shown_len;
            }
            if mark.bytes.end == at {
                *end = shown_len;
            }
        }
    };
    let slice = text.get(window.clone()).unwrap_or("");
    let mut chars = slice.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        place(window.start + at, shown.len(), &mut starts, &mut ends);
        let ends_line = c == '\r' && chars.peek().is_none_or(|(_, next)| *next == '\n');
        if c == '\n' {
            shown.push('\n');
        } else if !ends_line {
            shown.push(picture(c));
        }
    }
    place(window.end, shown.len(), &mut starts, &mut ends);
    let before = text.get(window.start..members.first().map_or(window.start, |mark| mark.bytes.start));
    let lines_before = before.unwrap_or("").bytes().filter(|byte| *byte == b'\n').count() as u32;
    Excerpt {
        first_line: members.first().map_or(1, |mark| mark.line).saturating_sub(lines_before).max(1),
        text: shown,
        marks: members
            .iter()
            .zip(starts.into_iter().zip(ends))
            .map(|(mark, (start, end))| (mark.label, start..end.max(start)))
            .collect(),
    }
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

fn ceil(text: &str, at: usize) -> usize {
    text.ceil_char_boundary(at.min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts for spans written as (start, end); expects `first_line "text" mark|mark` for each excerpt.
    fn check(text: &str, spans: &[(usize, usize)], expected: &[&str]) {
        let marks: Vec<Mark> = spans
            .iter()
            .enumerate()
            .map(|(label, (start, end))| Mark {
                label,
                bytes: *start..*end,
                line: text
                    .get(..(*start).min(text.len()))
                    .map_or(1, |before| before.matches('\n').count() as u32 + 1),
            })
            .collect();
        let shown: Vec<String> = cut(text, &marks)
            .excerpts
            .iter()
            .map(|each| {
                let marked: Vec<&str> =
                    each.marks.iter().map(|(_, range)| each.text.get(range.clone()).unwrap()).collect();
                format!("{} {:?} {}", each.first_line, each.text, marked.join("|"))
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_line_is_cut_out_whole() {
        check("one\ntwo three\nfour", &[(8, 13)], &["2 \"two three\" three"]);
        check("one\r\ntwo\r\nend", &[(5, 8)], &["2 \"two\" two"]);
        check("one\n", &[(4, 4)], &["2 \"\" "]);
        check("", &[(0, 0)], &["1 \"\" "]);
    }

    #[test]
    fn labels_that_are_near_share_an_excerpt() {
        check("a\nb\nc", &[(4, 5), (0, 1)], &["1 \"a\\nb\\nc\" a|c"]);
    }

    #[test]
    fn labels_far_apart_do_not_and_the_cause_comes_first() {
        let text = format!("first\n{}last", "x\n".repeat(50));
        let last = text.len() - 4;
        check(&text, &[(last, last + 4), (0, 5)], &["52 \"last\" last", "1 \"first\" first"]);
    }

    #[test]
    fn spans_outside_the_text_or_within_characters_are_mended() {
        check("żó", &[(1, 3)], &["1 \"żó\" żó"]);
        check("ab", &[(1, 99)], &["1 \"ab\" b"]);
        check("ab", &[(50, 99)], &["1 \"ab\" "]);
    }

    #[test]
    fn tall_spans_are_marked_on_their_first_line() {
        check(&format!("mask m {{\n{}}}", "x\n".repeat(20)), &[(0, 40)], &["1 \"mask m {\" mask m {"]);
        let wide = format!("a\n{}", "b".repeat(500));
        check(&wide, &[(0, 502)], &["1 \"a\" a"]);
    }

    #[test]
    fn a_wide_line_carries_one_mark_each() {
        let text = format!("ab{}", "c".repeat(500));
        let marks = [Mark { label: 0, bytes: 0..500, line: 1 }, Mark { label: 1, bytes: 1..2, line: 1 }];
        let cut = cut(&text, &marks);
        let marked: Vec<_> = cut.excerpts.iter().map(|each| each.marks.clone()).collect();
        assert_eq!(marked, [[(0, 0..WIDE_MARK)], [(1, 1..2)]]);
    }

    #[test]
    fn lines_without_end_are_named_and_not_shown() {
        let text = format!("{}HERE\nshort", "a".repeat(100_000));
        let marks = [
            Mark { label: 0, bytes: 100_000..100_004, line: 1 },
            Mark { label: 1, bytes: 100_005..100_010, line: 2 },
        ];
        let cut = cut(&text, &marks);
        assert_eq!(cut.bare, [0]);
        assert_eq!(cut.excerpts.len(), 1);
        assert_eq!(cut.excerpts[0].text, "short");
    }

    #[test]
    fn control_characters_are_shown_as_pictures() {
        check("a\u{1b}[2Jb", &[(0, 1)], &["1 \"a␛[2Jb\" a"]);
    }
}
