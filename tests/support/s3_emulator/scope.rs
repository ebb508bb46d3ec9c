//! Scopes of locations, grants and targets: texts that begin with `s3://`, and which keys they mean.
//!
//! Invariant: a scope never reaches from one bucket into another, although AWS prints `s3://bucket*` for a whole bucket.
//! A `*` at the end stands for any further characters, `/` among them; anywhere else it is itself.

/// A set of keys in one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys<'s> {
    bucket: &'s str,
    key: &'s str,
    /// Whether longer keys are meant too.
    longer: bool,
}

impl<'s> Keys<'s> {
    /// What a text means; `object`: its `*` is a letter of the key. `None` where there is no bucket.
    pub(crate) fn of(text: &'s str, object: bool) -> Option<Keys<'s>> {
        let path = text.strip_prefix("s3://")?;
        let (path, longer) = match path.strip_suffix('*') {
            Some(start) if !object => (start, true),
            _ => (path, false),
        };
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        (!bucket.is_empty()).then_some(Keys { bucket, key, longer })
    }

    /// Whether all of the other's keys are among these.
    pub(crate) fn hold(&self, other: &Keys<'_>) -> bool {
        self.bucket == other.bucket
            && if self.longer {
                other.key.starts_with(self.key)
            } else {
                !other.longer && other.key == self.key
            }
    }

    /// How close the scope is: longer texts are closer, and an object is closer than the prefix of the same text.
    pub(crate) fn closeness(&self) -> (usize, bool) {
        (self.key.len(), !self.longer)
    }
}

/// The scope of a grant in a location: the location's path with the subprefix behind it.
pub(crate) fn joined(location: &str, subprefix: &str) -> String {
    let location = location.strip_suffix('*').unwrap_or(location);
    let bucket = location.strip_prefix("s3://").filter(|rest| !rest.is_empty() && !rest.contains('/'));
    if subprefix.is_empty() {
        return format!("{location}*");
    }
    if bucket.is_some() && !subprefix.starts_with('/') {
        return format!("{location}/{subprefix}");
    }
    let whole_bucket = location.strip_prefix("s3://").and_then(|rest| rest.strip_suffix('/'));
    if whole_bucket.is_some_and(|bucket| !bucket.contains('/')) && subprefix.starts_with('/') {
        return format!("{}{subprefix}", location.trim_end_matches('/'));
    }
    format!("{location}{subprefix}")
}
