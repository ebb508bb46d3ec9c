//! The pages that `grantc explain-code` prints: what a code means, why it matters, one bad and one good example.
//!
//! In: a code. Out: its page, Markdown. Invariant (tested): every code has a page, every page a code, and the
//! examples of a page are fenced as `policy bad`, `policy good` (or `yaml …` for files of the project).

use super::Code;

/// Lists the pages by the names of their codes.
macro_rules! pages {
    ($($name:literal)+) => {
        const PAGES: &[(&str, &str)] = &[$(($name, include_str!(concat!("pages/", $name, ".md"))),)+];
    };
}

// By name, so that a page that is missing is seen.
pages! {
    "syntax"
}

/// The page of a code.
pub fn page(code: Code) -> Option<&'static str> {
    PAGES.iter().find(|(name, _)| *name == code.name()).map(|(_, page)| *page)
}
