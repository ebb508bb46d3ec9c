//! Markdown, for a comment on a review.
//!
//! In: diagnostics. Out: the count, then a list. What stands between backticks in a message stays code; everything else
//! is escaped by character references, which are never structure (CommonMark 0.31, section 2.5), so that the user's text can
//! neither format nor link nor mention anybody.

use super::{Location, OPENS_NOTE, Options, severity_word, summary, visible};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sources;

/// Prints all of them.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, options: &Options) -> String {
    let mut text = format!("**{}**\n", summary(diagnostics));
    if !diagnostics.is_empty() {
        text.push('\n');
    }
    for each in diagnostics.iter() {
        text.push_str(&one(each, sources, options));
    }
    text
}

fn one(diagnostic: &Diagnostic, sources: &Sources, options: &Options) -> String {
    let mut text = format!(
        "- **{}** `{}`: {}\n",
        severity_word(diagnostic.severity),
        diagnostic.code.name(),
        inline(&diagnostic.message)
    );
    let mut below = Vec::new();
    for label in &diagnostic.labels {
        let place = code(&Location::of(label.place, sources).display(&options.base));
        below.push(if label.text.is_empty() { place } else { format!("{place}: {}", inline(&label.text)) });
    }
    below.extend(diagnostic.notes.iter().map(|note| format!("note: {}", inline(note))));
    if diagnostic.opens {
        below.push(format!("note: {OPENS_NOTE}"));
    }
    below.extend(diagnostic.help.iter().map(|help| format!("help: {}", inline(help))));
    for line in below {
        text.push_str(&format!("  - {line}\n"));
    }
    text
}

/// Our sentence with the user's words in backticks.
fn inline(text: &str) -> String {
    // An odd piece is code only if a backtick closes it.
    let pieces: Vec<&str> = text.split('`').collect();
    pieces
        .iter()
        .enumerate()
        .map(|(index, piece)| {
            if index % 2 == 1 && index + 1 < pieces.len() {
                code(piece)
            } else if index % 2 == 1 {
                format!("&#96;{}", escape(piece))
            } else {
                escape(piece)
            }
        })
        .collect()
}

/// A code span; it cannot be left, since no backtick is in it.
fn code(text: &str) -> String {
    let text = visible(text).replace('`', "'");
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '`' | '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '@' | '#' | '!' | '$' => {
                out.push_str(&format!("&#{};", c as u32));
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render::fixture::sample;

    #[test]
    fn a_comment_lists_everything() {
        let (all, sources) = sample();
        assert_eq!(
            render(&all, &sources, &Options::default()),
            "**1 error, 2 findings**\n\n\
             - **error** `unknown-group`: unknown group `analyst`\n  \
               - `policies/finance.policy:4:20`: not in the directory\n  \
               - help: did you mean `analysts`?\n\
             - **finding** `unknown-tag`: nothing carries `PII.Emial`\n  \
               - `policies/finance.policy:8:21`: no column and no vocabulary has it\n  \
               - `policies/finance.policy:7:1`: so this mask hides nothing\n  \
               - note: this finding opens: compile, plan and apply stop unless it is accepted\n\
             - **finding** `unknown-membership`: unknown user `eve@acme.example`\n  \
               - `directory/memberships.csv:17`: ignored\n  \
               - note: 3 more lines name unknown users\n"
        );
    }

    #[test]
    fn text_cannot_format_link_or_mention() {
        let check = |text: &str, expected: &str| assert_eq!(inline(text), expected);
        check("see `a<b>*c*` now", "see `a<b>*c*` now");
        check("@team <img> [x](y)", "&#64;team &#60;img&#62; &#91;x&#93;(y)");
        check("odd ` @here", "odd &#96; &#64;here");
        check("`a` @b `c` @d", "`a` &#64;b `c` &#64;d");
        check("line\n# heading", "line&#92;n&#35; heading");
    }
}
