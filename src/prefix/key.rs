//! Keys of objects and beginnings of keys.
//!
//! In: the text after the bucket's `/`, without the trailing `*`. Out: [`Key`].
//! Invariant: at most [`Key::MAX_BYTES`] bytes of UTF-8, nothing that AWS could read as a wildcard or variable, and nothing
//! that XML 1.0 (the wire of S3 Control) would refuse or change. Never normalised, folded or percent-decoded: `%2F`, `//`, `./`
//! and the two spellings of `é` are different keys.

use std::fmt;
use std::sync::Arc;

use super::PrefixError;

/// A key, or what a key starts with; empty where every key of a bucket is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

impl Key {
    /// S3 keeps no longer key (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>).
    pub const MAX_BYTES: usize = 1024;

    /// Checks the text of a key.
    ///
    /// # Errors
    /// [`PrefixError::Wildcard`], [`PrefixError::Character`] or [`PrefixError::TooLong`].
    pub fn parse(text: &str) -> Result<Self, PrefixError> {
        // Access Grants vends a session policy, in which these are wildcards and variables of IAM; as part of a key their
        // meaning is undocumented, and guessing could widen a grant.
        if let Some(found) = ["*", "?", "${"].into_iter().find(|wild| text.contains(wild)) {
            return Err(PrefixError::Wildcard { key: text.to_owned(), found });
        }
        if let Some(found) = text.chars().find(|c| !can_be_carried(*c)) {
            return Err(PrefixError::Character { key: text.to_owned(), found });
        }
        if text.len() > Self::MAX_BYTES {
            return Err(PrefixError::TooLong { bytes: text.len() });
        }
        Ok(Self(text.into()))
    }

    /// The longest beginning that both share, cut between characters. Stays within the invariant: a part of a key holds
    /// nothing that the key does not.
    pub(super) fn common_start(&self, other: &Key) -> Key {
        let (left, right) = (self.as_str(), other.as_str());
        let shared = left.bytes().zip(right.bytes()).take_while(|(a, b)| a == b).count();
        // `é*` and `è*` share their first byte, but no text ends inside a character.
        let start = (0..=shared).rev().find_map(|end| left.get(..end)).unwrap_or_default();
        Key(start.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing stands here.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// XML 1.0 has no way to write most control characters, U+FFFE and U+FFFF, and its parsers change line ends; the pattern
/// `^.+$` that the API sets for S3Prefix stops at every kind of line end.
fn can_be_carried(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}')
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_as_they_are() {
        for text in
            ["", "/", "//a", "./../a", "a b", "%2F", "+", "é", "e\u{301}", "🦀", "a&<b>\"'", "$a", "{b}"]
        {
            assert_eq!(Key::parse(text).unwrap().as_str(), text);
        }
        assert!(Key::parse(&"é".repeat(512)).is_ok());
    }

    #[test]
    fn wildcards_and_what_xml_cannot_carry_are_refused() {
        for (text, wild) in [("a*b", "*"), ("*", "*"), ("a?", "?"), ("home/${aws:username}", "${")] {
            assert_eq!(Key::parse(text), Err(PrefixError::Wildcard { key: text.into(), found: wild }));
        }
        for c in ['\0', '\t', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\u{2028}', '\u{FFFE}'] {
            let key = format!("a{c}b");
            assert_eq!(Key::parse(&key), Err(PrefixError::Character { key: key.clone(), found: c }));
        }
        assert_eq!(Key::parse(&"é".repeat(513)), Err(PrefixError::TooLong { bytes: 1026 }));
    }

    #[test]
    fn common_starts_end_between_characters() {
        let start = |a: &str, b: &str| {
            Key::parse(a).unwrap().common_start(&Key::parse(b).unwrap()).as_str().to_owned()
        };
        assert_eq!(start("abc", "abd"), "ab");
        assert_eq!(start("é", "è"), "");
        assert_eq!(start("x🦀", "x🦁"), "x");
        assert_eq!(start("ab", "ab"), "ab");
        assert_eq!(start("", "a"), "");
    }
}
