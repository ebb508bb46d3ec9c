//! Names of buckets.
//!
//! In: the text between `s3://` and the first `/`. Out: [`Bucket`], or the rule that the text breaks.
//! Invariant: a `Bucket` holds only ASCII letters, digits, `.`, `-`, `_`: it can end neither a URI part nor a line.

use std::fmt;
use std::sync::Arc;

/// The name of a general purpose bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(Arc<str>);

/// The rule that a bucket's name breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketFault {
    /// Shorter than 3 or longer than 63 characters.
    Length,
    /// Something other than a lower-case letter, digit, `.` or `-`.
    Character,
    /// Begins or ends with `.` or `-`.
    Ends,
    /// Two dots in a row.
    AdjacentDots,
    /// Formatted as an IP address.
    IpAddress,
    /// The ending marks the alias of an access point, a directory bucket or a table bucket.
    Reserved(&'static str),
}

/// Endings that name something else than a general purpose bucket.
/// The reserved beginnings (`xn--`, `sthree-`, `amzn-s3-demo-`) only bind whoever creates a bucket, so they pass.
const RESERVED_ENDINGS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

impl Bucket {
    /// A bucket as policies and catalogs name it, by the rules for new general purpose buckets
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>, read 2026-11-23).
    ///
    /// # Errors
    /// The first rule that the name breaks.
    pub fn parse_policy(name: &str) -> Result<Self, BucketFault> {
        let letter_or_digit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if !name.chars().all(|c| letter_or_digit(c) || c == '.' || c == '-') {
            return Err(BucketFault::Character);
        }
        if !(3..=63).contains(&name.len()) {
            return Err(BucketFault::Length);
        }
        if !name.starts_with(letter_or_digit) || !name.ends_with(letter_or_digit) {
            return Err(BucketFault::Ends);
        }
        if name.contains("..") {
            return Err(BucketFault::AdjacentDots);
        }
        // Looks like one: `999.1.1.1` counts, so a parser of real addresses would be too lenient.
        if name.split('.').count() == 4 && name.chars().all(|c| c.is_ascii_digit() || c == '.') {
            return Err(BucketFault::IpAddress);
        }
        match RESERVED_ENDINGS.iter().find(|ending| name.ends_with(**ending)) {
            Some(ending) => Err(BucketFault::Reserved(ending)),
            None => Ok(Self(name.into())),
        }
    }

    /// A bucket as an export names it. Buckets made in us-east-1 before March 2018 may have up to 255 characters, upper-case
    /// letters and underscores (same page); what exists is taken as it is.
    ///
    /// # Errors
    /// A length or character that no bucket ever had.
    pub fn parse_export(name: &str) -> Result<Self, BucketFault> {
        if !(1..=255).contains(&name.len()) {
            return Err(BucketFault::Length);
        }
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) {
            return Err(BucketFault::Character);
        }
        Ok(Self(name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for BucketFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BucketFault::Length => f.write_str("a bucket's name has 3 to 63 characters"),
            BucketFault::Character => {
                f.write_str("a bucket's name holds only lower-case letters, digits, `.` and `-`")
            }
            BucketFault::Ends => f.write_str("a bucket's name begins and ends with a letter or digit"),
            BucketFault::AdjacentDots => f.write_str("a bucket's name has no two dots in a row"),
            BucketFault::IpAddress => f.write_str("a bucket's name is not formatted as an IP address"),
            BucketFault::Reserved(ending) => {
                write!(f, "`{ending}` ends names that are not general purpose buckets")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_says_what_a_name_is() {
        let said = |name: &str| Bucket::parse_policy(name).unwrap_err().to_string();
        assert_eq!(said("ab"), "a bucket's name has 3 to 63 characters");
        assert_eq!(said("aBc"), "a bucket's name holds only lower-case letters, digits, `.` and `-`");
        assert_eq!(said("-abc"), "a bucket's name begins and ends with a letter or digit");
        assert_eq!(said("a..b"), "a bucket's name has no two dots in a row");
        assert_eq!(said("10.0.0.1"), "a bucket's name is not formatted as an IP address");
        assert_eq!(said("abc-s3alias"), "`-s3alias` ends names that are not general purpose buckets");
    }

    fn fault(name: &str) -> Option<BucketFault> {
        Bucket::parse_policy(name).err()
    }

    #[test]
    fn names_follow_the_rules_for_new_buckets() {
        for name in
            ["abc", "acme-lake", "a.b.c", "1.2.3", "1.2.3.4.5", "192.168.5.4x", "0ab", &"a".repeat(63)]
        {
            assert_eq!(fault(name), None, "{name}");
        }
        // Only whoever creates a bucket is bound by the reserved beginnings.
        for name in ["amzn-s3-demo-bucket", "sthree-x", "xn--abc"] {
            assert_eq!(fault(name), None, "{name}");
        }
    }

    #[test]
    fn names_that_break_a_rule_say_which() {
        let cases = [
            ("", BucketFault::Length),
            ("ab", BucketFault::Length),
            (&"a".repeat(64), BucketFault::Length),
            ("Acme", BucketFault::Character),
            ("a_b", BucketFault::Character),
            ("é-b", BucketFault::Character),
            ("a\nb", BucketFault::Character),
            ("-ab", BucketFault::Ends),
            ("ab.", BucketFault::Ends),
            ("a..b", BucketFault::AdjacentDots),
            ("192.168.5.4", BucketFault::IpAddress),
            ("999.1.1.1", BucketFault::IpAddress),
            ("lake-s3alias", BucketFault::Reserved("-s3alias")),
            ("lake--usw2-az1--x-s3", BucketFault::Reserved("--x-s3")),
        ];
        for (name, expected) in cases {
            assert_eq!(fault(name), Some(expected), "{name:?}");
        }
    }

    #[test]
    fn exports_may_hold_names_of_old_buckets() {
        for name in ["My_Bucket", "b", &"a".repeat(255), "192.168.5.4", "lake--x-s3"] {
            assert!(Bucket::parse_export(name).is_ok(), "{name}");
        }
        for name in ["", "a b", "a*", "a\n", "é", &"a".repeat(256)] {
            assert!(Bucket::parse_export(name).is_err(), "{name:?}");
        }
    }
}
