//! Why a text is no prefix, and the way out.
//!
//! A policy or catalog with such a text is an error. An export with such a text describes something that we do not
//! understand: it is carried as foreign and never revoked, and must not be read as access to anything.

use std::fmt;

use super::BucketFault;

/// A text that is not a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrefixError {
    /// Does not begin with `s3://`.
    NotS3 {
        /// The text.
        text: String,
    },
    /// `s3://` without a bucket, or with `*` for one.
    NoBucket,
    /// A bucket's name that cannot be.
    Bucket {
        /// The name.
        bucket: String,
        /// The rule that it breaks.
        fault: BucketFault,
    },
    /// `s3://bucket`, `s3://bucket*` or `s3://bucket/`: AWS prints them, but read as written they mean nothing, or all
    /// buckets whose names start alike.
    NoKey {
        /// The bucket.
        bucket: String,
        /// What stands behind it: nothing, `*` or `/`.
        tail: &'static str,
    },
    /// `*` before the end, `?`, or `${`.
    Wildcard {
        /// The key, or the bucket's name, that holds it.
        key: String,
        /// Which.
        found: &'static str,
    },
    /// A character that the API cannot carry.
    Character {
        /// The key.
        key: String,
        /// The first such character.
        found: char,
    },
    /// A key longer than S3 keeps.
    TooLong {
        /// The key's length in bytes.
        bytes: usize,
    },
}

impl PrefixError {
    /// What is wrong, for a diagnostic: one sentence, lower case, no full stop. The same as `Display`.
    pub fn message(&self) -> String {
        match self {
            PrefixError::NotS3 { text } => format!("`{}` is not an S3 prefix", shown(text)),
            PrefixError::NoBucket => "an S3 prefix without a bucket".to_owned(),
            PrefixError::Bucket { bucket, .. } => format!("`{}` is not a bucket's name", shown(bucket)),
            PrefixError::NoKey { bucket, tail } => {
                format!("`s3://{bucket}{tail}` does not say which keys of the bucket")
            }
            PrefixError::Wildcard { key, found: "*" } => {
                format!("`*` stands before the end of `{}`", shown(key))
            }
            PrefixError::Wildcard { key, found } => {
                format!("`{}` holds `{found}`, whose meaning in a grant AWS does not document", shown(key))
            }
            PrefixError::Character { key, found } => {
                format!(
                    "`{}` holds the character U+{:04X}, which a grant cannot carry",
                    shown(key),
                    u32::from(*found)
                )
            }
            PrefixError::TooLong { bytes } => {
                format!("a key of {bytes} bytes, and S3 keeps at most {}", super::Key::MAX_BYTES)
            }
        }
    }

    /// The way out, for a diagnostic's `help:`.
    pub fn help(&self) -> String {
        match self {
            PrefixError::NotS3 { text } => match after_other_scheme(text) {
                Some(rest) => format!("write `s3://{}`", shown(rest)),
                None => {
                    "write `s3://bucket/key*` for every key that starts with `key`, or `s3://bucket/key` for that one object"
                        .to_owned()
                }
            },
            PrefixError::NoBucket => "name one bucket: `s3://bucket/*` covers all of its keys".to_owned(),
            PrefixError::Bucket { fault, .. } => fault.to_string(),
            PrefixError::NoKey { bucket, .. } => format!("write `s3://{bucket}/*` for the whole bucket"),
            PrefixError::Wildcard { found: "${", .. } => {
                "variables are not filled in: name the keys themselves".to_owned()
            }
            PrefixError::Wildcard { .. } => {
                "the only wildcard is one `*` at the very end: it covers every key that starts with what stands before it"
                    .to_owned()
            }
            PrefixError::Character { .. } => {
                "control characters and line ends have no place in a prefix: end it before them with `*`, or rename the object"
                    .to_owned()
            }
            PrefixError::TooLong { .. } => "no object has such a key: check the text".to_owned(),
        }
    }
}

/// What follows the other ways in which people write S3 addresses.
fn after_other_scheme(text: &str) -> Option<&str> {
    ["s3a://", "s3n://", "S3://", "arn:aws:s3:::", "arn:aws-cn:s3:::", "arn:aws-us-gov:s3:::"]
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme))
}

/// The text with what would disturb a terminal or a line-based reader made visible.
fn shown(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        out
    })
}

impl fmt::Display for PrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for PrefixError {}
