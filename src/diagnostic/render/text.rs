//! Makes text safe to show: what a terminal would obey, or a reader could not see, is spelled out.
//!
//! In: any text. Out: text without control, bidirectional or invisible characters.
//! Rule: Unicode's "Trojan Source" report and UTS #39: format characters reorder or hide what is read.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is one that a terminal obeys or a reader cannot see.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text on one line: hidden characters as `\u{…}`, line breaks and tabs as `\n`, `\r`, `\t`.
pub fn visible(text: &str) -> Cow<'_, str> {
    spell(text, |_| false)
}

/// As [`visible`], but line breaks stay.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    spell(text, |c| c == '\n')
}

fn spell(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(|c| is_hidden(c) && !keep(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            _ if !is_hidden(c) || keep(c) => out.push(c),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", other as u32);
            }
        }
    }
    Cow::Owned(out)
}

/// One character for one, so that columns stay: the control pictures of Unicode, else the replacement character.
pub(super) fn picture(c: char) -> char {
    match c {
        // The excerpt's renderer widens tabs itself.
        '\t' => '\t',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        _ if is_hidden(c) => '\u{fffd}',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_spelled_out() {
        assert_eq!(visible("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(visible("a\nb\tc\r"), "a\\nb\\tc\\r");
        assert_eq!(visible("x\u{202e}y\u{200b}z\u{9b}"), "x\\u{202e}y\\u{200b}z\\u{9b}");
        assert_eq!(visible_lines("a\nb\u{7}"), "a\nb\\u{7}");
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        for text in ["żółć", "顧客", "שלום", "naïve e\u{301}", "🙂"] {
            assert!(matches!(visible(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn pictures_keep_columns() {
        let shown: String = "a\u{0}\u{1b}\u{7f}\u{85}\u{202e}b".chars().map(picture).collect();
        assert_eq!(shown, "a␀␛␡\u{fffd}\u{fffd}b");
    }
}
