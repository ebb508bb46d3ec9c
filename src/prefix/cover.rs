//! The order of the lattice: which prefix covers which, what two share, what holds both.
//!
//! Invariant: prefixes are laminar. Two of them nest or have no key in common, because keys are compared from the left and every
//! wildcard stands at the end; so to intersect is to cover, one way or the other.
//! Cost: one comparison of two strings.

use super::scope::View;
use super::{Extent, Prefix};

impl Prefix {
    /// Whether every key of `other` is one of ours. A partial order: reflexive, transitive, antisymmetric.
    ///
    /// An object never covers a subtree, not even one whose key leaves S3 no room for a longer one.
    pub fn covers(&self, other: &Prefix) -> bool {
        self.view().covers(other.view())
    }

    /// Whether some key belongs to both.
    pub fn intersects(&self, other: &Prefix) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// Whether the object `key` of `bucket` belongs here; the key is taken literally and may hold anything.
    pub fn holds(&self, bucket: &str, key: &str) -> bool {
        self.view().covers(View { bucket, key, extent: Extent::Object })
    }

    /// The smallest prefix that covers both; `None` across buckets, which no prefix spans.
    #[must_use]
    pub fn common_cover(&self, other: &Prefix) -> Option<Prefix> {
        if self.bucket() != other.bucket() {
            return None;
        }
        if self.covers(other) {
            return Some(self.clone());
        }
        if other.covers(self) {
            return Some(other.clone());
        }
        Some(Prefix::subtree(self.bucket().clone(), self.key().common_start(other.key())))
    }
}

impl View<'_> {
    pub(super) fn covers(self, other: View<'_>) -> bool {
        match self.extent {
            Extent::Subtree => self.bucket == other.bucket && other.key.starts_with(self.key),
            Extent::Object => self == other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        Prefix::parse_export(text).unwrap()
    }

    fn check(left: &str, relation: &str, right: &str) {
        let (a, b) = (prefix(left), prefix(right));
        let found = match (a.covers(&b), b.covers(&a)) {
            (true, true) => "=",
            (true, false) => ">",
            (false, true) => "<",
            (false, false) => "#",
        };
        assert_eq!(found, relation, "{left} {right}");
        assert_eq!(a.intersects(&b), relation != "#", "{left} {right}");
    }

    #[test]
    fn a_star_covers_by_character() {
        check("s3://lake/a*", ">", "s3://lake/a");
        check("s3://lake/a*", ">", "s3://lake/ab");
        check("s3://lake/a*", ">", "s3://lake/a/b");
        check("s3://lake/a*", ">", "s3://lake/a/*");
        check("s3://lake/a/*", ">", "s3://lake/a/");
        check("s3://lake/a/*", "#", "s3://lake/a");
        check("s3://lake/a/*", "#", "s3://lake/ab");
        check("s3://lake/a/*", "#", "s3://lake/a-b");
        check("s3://lake/a", "#", "s3://lake/a/");
        check("s3://lake/a*", "=", "s3://lake/a*");
    }

    #[test]
    fn buckets_never_reach_into_each_other() {
        check("s3://lake/*", ">", "s3://lake/x");
        check("s3://lake/*", "#", "s3://lake2/x");
        check("s3://lake*", "#", "s3://lake2/x");
        check("s3://lake*", "=", "s3://lake/*");
        check("s3://a/*", "#", "s3://ab/x");
    }

    #[test]
    fn text_is_never_normalised() {
        check("s3://lake/\u{e9}*", "#", "s3://lake/e\u{301}");
        check("s3://lake/e*", ">", "s3://lake/e\u{301}");
        check("s3://lake/a%2F*", "#", "s3://lake/a/b");
        check("s3://lake/A*", "#", "s3://lake/a");
        check("s3://lake/a//*", "#", "s3://lake/a/b");
    }

    #[test]
    fn common_covers_end_between_characters_and_within_the_bucket() {
        let common = |a: &str, b: &str| prefix(a).common_cover(&prefix(b)).map(|cover| cover.to_string());
        let case = |a: &str, b: &str, expected: Option<&str>| {
            assert_eq!(common(a, b).as_deref(), expected);
            assert_eq!(common(b, a).as_deref(), expected);
        };
        case("s3://lake/ab", "s3://lake/ac*", Some("s3://lake/a*"));
        case("s3://lake/a", "s3://lake/a", Some("s3://lake/a"));
        case("s3://lake/a", "s3://lake/a*", Some("s3://lake/a*"));
        case("s3://lake/a", "s3://lake/a/b", Some("s3://lake/a*"));
        case("s3://lake/x\u{e9}", "s3://lake/x\u{e8}", Some("s3://lake/x*"));
        case("s3://lake/a", "s3://lake/b", Some("s3://lake/*"));
        case("s3://lake/a", "s3://lake2/a", None);
    }

    #[test]
    fn literal_keys_are_held_whatever_they_hold() {
        assert!(prefix("s3://lake/a*").holds("lake", "a?*\n"));
        assert!(!prefix("s3://lake/a").holds("lake", "a*"));
        assert!(!prefix("s3://lake/*").holds("lake2", "a"));
    }
}
