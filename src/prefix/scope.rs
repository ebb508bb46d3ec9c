//! One prefix: a bucket, a key, and whether the key is the object or what keys start with.
//!
//! Invariant: an object's key is not empty, so `Display` and the parsers are inverse to each other.

use std::fmt;

use super::{Bucket, Key, PrefixError};

/// How far a prefix reaches. `Subtree` comes first, so that in byte order whatever covers stands before what it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    /// Written with a trailing `*`: every key that starts with the prefix's key, that key included.
    Subtree,
    /// Written without: the one object with that key.
    Object,
}

/// `s3://bucket/key*` or `s3://bucket/key`: a set of keys in one bucket.
///
/// `Ord` is by bytes of bucket, then key, then extent. It is *not* the order of the text as a whole, nor that of covering; but
/// a prefix comes directly before all that it covers, and nothing else stands among those. (`/` is no separator here: `a-b` and
/// `a.b` sort before `a/`, and `a*` covers all three.)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    bucket: Bucket,
    key: Key,
    extent: Extent,
}

impl Prefix {
    /// Puts a prefix together.
    ///
    /// # Errors
    /// [`PrefixError::NoKey`] for an object without a key.
    pub fn new(bucket: Bucket, key: Key, extent: Extent) -> Result<Self, PrefixError> {
        match extent {
            Extent::Object if key.is_empty() => {
                Err(PrefixError::NoKey { bucket: bucket.to_string(), tail: "/" })
            }
            Extent::Object | Extent::Subtree => Ok(Self { bucket, key, extent }),
        }
    }

    /// Every key of the bucket that starts with `key`; all of them where it is empty.
    pub fn subtree(bucket: Bucket, key: Key) -> Self {
        Self { bucket, key, extent: Extent::Subtree }
    }

    /// The bucket.
    pub fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// The key, without the `*`.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Whether the key is the object or what keys start with.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// Whether it is one object, for which AWS wants `S3PrefixType=Object`.
    pub fn is_object(&self) -> bool {
        self.extent == Extent::Object
    }

    /// Whether it is `s3://bucket/*`.
    pub fn is_whole_bucket(&self) -> bool {
        self.extent == Extent::Subtree && self.key.is_empty()
    }

    /// The text without `s3://`: the subprefix of a grant in the location `s3://`, where AWS joins by plain concatenation
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_AccessGrantsLocationConfiguration.html>).
    pub fn subprefix(&self) -> String {
        let star = match self.extent {
            Extent::Subtree => "*",
            Extent::Object => "",
        };
        format!("{}/{}{star}", self.bucket, self.key)
    }

    pub(super) fn view(&self) -> View<'_> {
        View { bucket: self.bucket.as_str(), key: self.key.as_str(), extent: self.extent }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)?;
        match self.extent {
            Extent::Subtree => f.write_str("*"),
            Extent::Object => Ok(()),
        }
    }
}

/// A borrowed scope: a prefix, or a key that was only asked about and may hold anything. Ordered as [`Prefix`] is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct View<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) extent: Extent,
}
