//! The pages that `grantc explain-code` prints: what a code means, why it matters, one bad and one good example.
//!
//! In: a code, or the name of a gap. Out: its page, Markdown. Invariant (tested): every code has a page that starts with
//! `# name: title`; examples are fenced as `policy bad` and `policy good`, or `yaml bad FILE` for a file of the project, and
//! stand in the project that `grantc init` writes: in place of its policies, or of that file.

use super::Code;

/// Lists the pages by the names of their codes.
macro_rules! pages {
    ($($name:literal)+) => {
        const PAGES: &[(&str, &str)] = &[$(($name, include_str!(concat!("pages/", $name, ".md"))),)+];
    };
}

// By name, so that a page that is missing is seen.
pages! {
    "ambiguous-object"
    "bad-file"
    "bad-literal"
    "bad-pattern"
    "bad-prefix"
    "bad-sql"
    "bad-state"
    "bad-value"
    "condition-cycle"
    "conflict"
    "duplicate-clause"
    "duplicate-key"
    "duplicate-name"
    "duplicate-object"
    "empty-window"
    "expiry-widens"
    "group-cycle"
    "guardrail-partial"
    "mask-bypass"
    "mask-tie"
    "masked-input"
    "masked-writer"
    "method-narrowed"
    "missing-clause"
    "missing-column"
    "mixed-and-or"
    "never-true"
    "no-account"
    "over-privilege"
    "overlap"
    "plan-cycle"
    "platform-limit"
    "rows-refused"
    "selects-nothing"
    "shadowed"
    "shared-account"
    "syntax"
    "too-deep"
    "too-many-choices"
    "type-mismatch"
    "unknown-approval"
    "unknown-attribute"
    "unknown-condition"
    "unknown-group"
    "unknown-integration"
    "unknown-key"
    "unknown-membership"
    "unknown-object"
    "unknown-policy"
    "unknown-tag"
    "unknown-user"
    "unrepresentable"
    "unsalted-hash"
    "unsupported-platform"
    "vacuous"
    "write-refused"
    "wrong-selector"
}

/// The page of a code.
pub fn page(code: Code) -> Option<&'static str> {
    named(code.name())
}

/// The page of a name: a code's or a gap's.
pub fn named(name: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| *known == name).map(|(_, page)| *page)
}

/// The names and titles of all pages, by name.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.iter().map(|(name, page)| {
        let head = page.lines().next().unwrap_or("");
        (*name, head.split_once(": ").map_or(head, |(_, title)| title))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page() {
        let missing: Vec<&str> =
            Code::ALL.iter().map(|code| code.name()).filter(|name| named(name).is_none()).collect();
        assert!(
            missing.is_empty(),
            "write src/diagnostic/pages/NAME.md and list it in pages.rs: {missing:?}"
        );
    }

    #[test]
    fn pages_stand_by_name_and_begin_with_it() {
        assert!(PAGES.is_sorted_by(|left, right| left.0 < right.0));
        for (name, page) in PAGES {
            assert!(page.starts_with(&format!("# {name}: ")), "{name}");
            assert!(page.ends_with('\n') && page.lines().count() > 4, "{name}");
        }
    }
}
