//! Text to prefix: strictly for what people write, leniently for what AWS prints.
//!
//! In: `s3://…`. Out: [`Prefix`], or [`PrefixError`] with a message and a way out.
//! Invariant: a text that parses prints as itself, except for the three spellings of a whole bucket that only exports may hold;
//! so an exported scope was spelled unusually exactly if `prefix.to_string() != text`.

use super::{Bucket, BucketFault, Extent, Key, Prefix, PrefixError};

impl Prefix {
    /// A prefix as policies and catalogs write it: `s3://bucket/key*`, `s3://bucket/key` or `s3://bucket/*`.
    ///
    /// # Errors
    /// Whatever AWS does not document or would read otherwise, each with its way out; see [`PrefixError`].
    pub fn parse_policy(text: &str) -> Result<Self, PrefixError> {
        parse(text, Bucket::parse_policy, |bucket, tail| {
            Err(PrefixError::NoKey { bucket: bucket.to_string(), tail })
        })
    }

    /// A scope as AWS prints it (`GrantScope`, `LocationScope`, targets). `s3://bucket*`, `s3://bucket` and `s3://bucket/` mean
    /// that one bucket, never another whose name starts alike: the first is what ListCallerAccessGrants returns for a whole
    /// bucket (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-list-grants.html>), the others are how
    /// locations are registered, and no object has an empty key. Without `*` a scope is one object
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-credentials.html>); with it, a subtree, because lists
    /// do not say whether a grant was made with `S3PrefixType=Object`.
    ///
    /// The scope of a *location* without `*` covers what starts with it: [`Prefix::parse_location_scope`].
    ///
    /// # Errors
    /// A scope that we do not understand (`*` or `?` inside, `${`, `s3://` alone, …): to be carried as foreign.
    pub fn parse_export(text: &str) -> Result<Self, PrefixError> {
        parse(text, Bucket::parse_export, |bucket, _| Ok(Prefix::subtree(bucket, Key::parse("")?)))
    }

    /// The scope of a registered location: `s3://bucket/prefix` includes all objects whose keys start with it, with or
    /// without `*` (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-location-register.html>).
    ///
    /// # Errors
    /// As [`Prefix::parse_export`]; `s3://`, the default location, is [`PrefixError::NoBucket`], for it spans all buckets.
    pub fn parse_location_scope(text: &str) -> Result<Self, PrefixError> {
        let scope = Self::parse_export(text)?;
        Ok(Prefix::subtree(scope.bucket().clone(), scope.key().clone()))
    }

    /// The files of a lake table: `s3://bucket/folder` and `s3://bucket/folder/` are both all keys below `folder/`, since
    /// engines list the folder; `store` does not reach into `store_sales`. A trailing `*` means itself. The Hadoop schemes `s3a`
    /// and `s3n` name the same buckets.
    ///
    /// # Errors
    /// As [`Prefix::parse_policy`], but a bare bucket is the whole of it.
    pub fn parse_table_location(text: &str) -> Result<Self, PrefixError> {
        let rest = ["s3://", "s3a://", "s3n://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
        let Some(rest) = rest else { return Err(PrefixError::NotS3 { text: text.to_owned() }) };
        if rest.ends_with('*') {
            return Self::parse_policy(&format!("s3://{rest}"));
        }
        let slash = if rest.is_empty() || rest.ends_with('/') { "" } else { "/" };
        Self::parse_policy(&format!("s3://{rest}{slash}*"))
    }
}

/// Bucket and key of an address whose key is meant literally, as in a question about one object; the key may hold anything.
/// `None` unless both are there.
///
/// Use it with [`PrefixMap::owner`](super::PrefixMap::owner): object keys may well hold `?` or `*`, prefixes may not.
pub fn split_uri(text: &str) -> Option<(&str, &str)> {
    let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
    (!bucket.is_empty() && !key.is_empty()).then_some((bucket, key))
}

fn parse(
    text: &str,
    parse_bucket: fn(&str) -> Result<Bucket, BucketFault>,
    without_key: impl FnOnce(Bucket, &'static str) -> Result<Prefix, PrefixError>,
) -> Result<Prefix, PrefixError> {
    let Some(rest) = text.strip_prefix("s3://") else {
        return Err(PrefixError::NotS3 { text: text.to_owned() });
    };
    // The bucket ends at the first `/`, so no key, and no `*`, can reach across.
    let (name, key) = match rest.split_once('/') {
        Some((name, key)) => (name, Some(key)),
        None => (rest, None),
    };
    let (name, tail) = match (key, name.strip_suffix('*')) {
        (None, Some(name)) => (name, "*"),
        (None, None) => (name, ""),
        (Some(_), _) => (name, "/"),
    };
    if name.is_empty() || name == "*" {
        return Err(PrefixError::NoBucket);
    }
    if let Some(found) = ["*", "?", "${"].into_iter().find(|wild| name.contains(wild)) {
        let written = if key.is_some() { name } else { rest };
        return Err(PrefixError::Wildcard { key: written.to_owned(), found });
    }
    let bucket =
        parse_bucket(name).map_err(|fault| PrefixError::Bucket { bucket: name.to_owned(), fault })?;
    match key {
        None | Some("") => without_key(bucket, tail),
        Some(key) => match key.strip_suffix('*') {
            Some(start) => Ok(Prefix::subtree(bucket, parse_key(start, key)?)),
            None => Prefix::new(bucket, parse_key(key, key)?, Extent::Object),
        },
    }
}

/// Parses the key and lets errors show it as it was written, `*` included.
fn parse_key(key: &str, written: &str) -> Result<Key, PrefixError> {
    Key::parse(key).map_err(|error| match error {
        PrefixError::Wildcard { found, .. } => PrefixError::Wildcard { key: written.to_owned(), found },
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text means in a policy and in an export: the canonical text, or the message.
    fn check(text: &str, policy: &str, export: &str) {
        let shown = |result: Result<Prefix, PrefixError>| match result {
            Ok(prefix) => prefix.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(shown(Prefix::parse_policy(text)), policy, "policy {text:?}");
        assert_eq!(shown(Prefix::parse_export(text)), export, "export {text:?}");
    }

    fn same(text: &str) {
        check(text, text, text);
    }

    fn refused(text: &str, message: &str) {
        let message = format!("error: {message}");
        check(text, &message, &message);
    }

    #[test]
    fn well_formed_text_prints_as_itself() {
        for text in [
            "s3://acme-lake/*",
            "s3://acme-lake/a",
            "s3://acme-lake/a*",
            "s3://acme-lake/a/*",
            "s3://acme-lake/a/",
            "s3://acme-lake//a*",
            "s3://acme-lake/./../a b%2Fé🦀&<>\"*",
        ] {
            same(text);
        }
        assert!(Prefix::parse_policy("s3://acme-lake/*").unwrap().is_whole_bucket());
        assert!(Prefix::parse_policy("s3://acme-lake/a/").unwrap().is_object());
    }

    #[test]
    fn a_bare_bucket_is_refused_in_policies_and_that_one_bucket_in_exports() {
        for tail in ["", "*", "/"] {
            let text = format!("s3://acme-lake{tail}");
            let message = format!("error: `{text}` does not say which keys of the bucket");
            check(&text, &message, "s3://acme-lake/*");
            let help = Prefix::parse_policy(&text).unwrap_err().help();
            assert_eq!(help, "write `s3://acme-lake/*` for the whole bucket");
        }
    }

    #[test]
    fn no_prefix_spans_buckets() {
        for text in ["s3://", "s3:///", "s3:///a*", "s3://*", "s3://*/", "s3://*/a", "s3://**"] {
            refused(text, "an S3 prefix without a bucket");
        }
        refused("s3://acme*/a", "`*` stands before the end of `acme*`");
        refused("s3://acme**", "`*` stands before the end of `acme**`");
        refused("s3://acme-?/a", "`acme-?` holds `?`, whose meaning in a grant AWS does not document");
    }

    #[test]
    fn wildcards_inside_are_not_understood() {
        refused("s3://acme-lake/a*b", "`*` stands before the end of `a*b`");
        refused("s3://acme-lake/a**", "`*` stands before the end of `a**`");
        refused("s3://acme-lake/**", "`*` stands before the end of `**`");
        refused("s3://acme-lake/a*/b*", "`*` stands before the end of `a*/b*`");
        refused("s3://acme-lake/a?*", "`a?*` holds `?`, whose meaning in a grant AWS does not document");
        refused(
            "s3://acme-lake/${aws:username}/*",
            "`${aws:username}/*` holds `${`, whose meaning in a grant AWS does not document",
        );
    }

    #[test]
    fn other_texts_are_refused_with_a_way_out() {
        refused("s3://acme-lake/a\nb", "`a\\nb` holds the character U+000A, which a grant cannot carry");
        let long = format!("s3://acme-lake/{}", "k".repeat(1025));
        refused(&long, "a key of 1025 bytes, and S3 keeps at most 1024");
        same(&format!("s3://acme-lake/{}*", "k".repeat(1024)));
        let cases = [
            (
                "",
                "write `s3://bucket/key*` for every key that starts with `key`, or `s3://bucket/key` for that one object",
            ),
            ("arn:aws:s3:::acme-lake/a*", "write `s3://acme-lake/a*`"),
            ("s3a://acme-lake/a*", "write `s3://acme-lake/a*`"),
            ("S3://acme-lake/a*", "write `s3://acme-lake/a*`"),
        ];
        for (text, help) in cases {
            refused(text, &format!("`{text}` is not an S3 prefix"));
            assert_eq!(Prefix::parse_policy(text).unwrap_err().help(), help);
        }
        refused(" s3://acme-lake/a", "` s3://acme-lake/a` is not an S3 prefix");
    }

    #[test]
    fn old_buckets_exist_only_in_exports() {
        check("s3://My_Bucket/a*", "error: `My_Bucket` is not a bucket's name", "s3://My_Bucket/a*");
        check("s3://My_Bucket*", "error: `My_Bucket` is not a bucket's name", "s3://My_Bucket/*");
        refused("s3://acme lake/a*", "`acme lake` is not a bucket's name");
    }

    #[test]
    fn a_location_covers_what_starts_with_its_scope() {
        let shown = |text| Prefix::parse_location_scope(text).map(|prefix| prefix.to_string());
        assert_eq!(shown("s3://acme-lake/a"), Ok("s3://acme-lake/a*".into()));
        assert_eq!(shown("s3://acme-lake/a*"), Ok("s3://acme-lake/a*".into()));
        assert_eq!(shown("s3://acme-lake"), Ok("s3://acme-lake/*".into()));
        assert_eq!(shown("s3://"), Err(PrefixError::NoBucket));
    }

    #[test]
    fn a_table_lies_below_its_folder() {
        let shown = |text| Prefix::parse_table_location(text).map(|prefix| prefix.to_string());
        assert_eq!(shown("s3://acme-lake/store"), Ok("s3://acme-lake/store/*".into()));
        assert_eq!(shown("s3a://acme-lake/store/"), Ok("s3://acme-lake/store/*".into()));
        assert_eq!(shown("s3://acme-lake/store*"), Ok("s3://acme-lake/store*".into()));
        assert_eq!(shown("s3://acme-lake"), Ok("s3://acme-lake/*".into()));
        assert_eq!(shown("s3://"), Err(PrefixError::NoBucket));
        assert_eq!(shown("gs://acme-lake/a"), Err(PrefixError::NotS3 { text: "gs://acme-lake/a".into() }));
        assert!(shown("s3://acme-lake*").is_err());
    }

    #[test]
    fn literal_keys_may_hold_anything() {
        assert_eq!(split_uri("s3://b/what?/a*b"), Some(("b", "what?/a*b")));
        assert_eq!(split_uri("s3://b//x"), Some(("b", "/x")));
        for text in ["b/x", "s3://b", "s3://b/", "s3:///x"] {
            assert_eq!(split_uri(text), None);
        }
    }
}
