//! Where an integration's grants live: its account, region and base location, and how a scope is said inside a location.
//!
//! In: `config` of the integrations API. Out: [`Site`], with a [`LocationScope`] in canonical text.
//! Invariant: a subprefix is only made where AWS can join it to the location in one way; all else is refused, since a
//! wrong joint would grant other keys than were meant.
//! Vendor: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-location-register.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-grant-create.html> (read 2026-11-23).

use std::fmt;

use crate::inventory::Integration;
use crate::prefix::{Prefix, PrefixError};

/// The scope of a registered location.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LocationScope {
    /// `s3://`: every bucket; its id is always `default`.
    Default,
    /// `s3://bucket/` or `s3://bucket/prefix`: every key that starts with it.
    Within(Prefix),
}

/// Why a scope cannot be granted in a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsayable {
    /// It lies, wholly or partly, elsewhere.
    Outside,
    /// AWS does not document whether it puts a `/` between the two, or takes one away.
    Joint,
}

impl LocationScope {
    /// Reads a scope as AWS prints it or as the configuration writes it.
    pub(super) fn parse(text: &str) -> Result<LocationScope, PrefixError> {
        match text {
            "s3://" => Ok(LocationScope::Default),
            _ => Prefix::parse_location_scope(text).map(LocationScope::Within),
        }
    }

    /// The scope of a grant without a subprefix: the whole location.
    pub(super) fn whole(&self) -> Option<&Prefix> {
        match self {
            LocationScope::Default => None,
            LocationScope::Within(prefix) => Some(prefix),
        }
    }

    /// The `S3SubPrefix` that grants a scope here; `None` for the whole location.
    ///
    /// In `s3://` the subprefix begins with the bucket and is joined as it is. Elsewhere AWS puts a missing `/` behind a
    /// bucket, and shows `/key` as the subprefix of an object in one; so exactly one of the two sides may bring the `/`.
    pub(super) fn subprefix(&self, scope: &Prefix) -> Result<Option<String>, Unsayable> {
        let location = match self {
            LocationScope::Default => return Ok(Some(scope.subprefix())),
            LocationScope::Within(location) => location,
        };
        if !location.covers(scope) {
            return Err(Unsayable::Outside);
        }
        let key = location.key().as_str();
        let rest = scope.key().as_str().strip_prefix(key).ok_or(Unsayable::Outside)?;
        let slash_before = key.is_empty() || key.ends_with('/');
        match (slash_before, rest.starts_with('/')) {
            // Without a star nothing would be left, and no subprefix means all of the location.
            (true, false) if rest.is_empty() && scope.is_object() => Err(Unsayable::Joint),
            (true, false) | (false, true) => Ok(Some(format!("{rest}{}", star(scope)))),
            (false, false) if rest.is_empty() && !scope.is_object() => Ok(None),
            (true, true) | (false, false) => Err(Unsayable::Joint),
        }
    }
}

fn star(scope: &Prefix) -> &'static str {
    if scope.is_object() { "" } else { "*" }
}

impl fmt::Display for LocationScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocationScope::Default => f.write_str("s3://"),
            LocationScope::Within(prefix) => write!(f, "s3://{}/{}", prefix.bucket(), prefix.key()),
        }
    }
}

/// What an integration's file says of its Access Grants instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// `awsAccountId`.
    pub(super) account: Option<String>,
    /// `awsRegion`.
    pub(super) region: String,
    /// `awsLocationRole`; without it the location is somebody else's to register.
    pub(super) role: Option<String>,
    /// `awsLocationPath`, or `s3://`.
    pub(super) base: LocationScope,
}

impl Site {
    /// Reads the settings; the error is about `config.awsLocationPath`, which is returned as written.
    pub(super) fn read(settings: &Integration) -> Result<Site, (String, PrefixError)> {
        let path = text(settings, "awsLocationPath");
        let base = match path.as_deref() {
            None => LocationScope::Default,
            // The vendor's own payloads are seen with and without the scheme.
            Some(path) if !path.contains("://") => {
                LocationScope::parse(&format!("s3://{path}")).map_err(|error| (path.to_owned(), error))?
            }
            Some(path) => LocationScope::parse(path).map_err(|error| (path.to_owned(), error))?,
        };
        Ok(Site::with(settings, base))
    }

    /// As [`Site::read`]; a path that cannot be has been told of by `lower` and `observe`.
    pub(super) fn of(settings: &Integration) -> Site {
        Site::read(settings).unwrap_or_else(|_| Site::with(settings, LocationScope::Default))
    }

    fn with(settings: &Integration, base: LocationScope) -> Site {
        Site {
            account: text(settings, "awsAccountId"),
            region: text(settings, "awsRegion").unwrap_or_else(|| "us-east-1".to_owned()),
            role: text(settings, "awsLocationRole"),
            base,
        }
    }

    /// The start of every ARN of the instance.
    pub(super) fn instance_arn(&self) -> String {
        let partition = match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        let account = self.account.as_deref().unwrap_or("000000000000");
        format!("arn:{partition}:s3:{}:{account}:access-grants/default", self.region)
    }
}

fn text(settings: &Integration, key: &str) -> Option<String> {
    match settings.config.get(key)? {
        serde_json::Value::String(text) if !text.is_empty() => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The subprefix of a scope in a location: text, `whole`, `outside` or `joint`.
    fn check(location: &str, scope: &str, expected: &str) {
        let location = LocationScope::parse(location).unwrap();
        let found = match location.subprefix(&Prefix::parse_policy(scope).unwrap()) {
            Ok(Some(text)) => text,
            Ok(None) => "whole".to_owned(),
            Err(Unsayable::Outside) => "outside".to_owned(),
            Err(Unsayable::Joint) => "joint".to_owned(),
        };
        assert_eq!(found, expected, "{location} {scope}");
    }

    #[test]
    fn the_default_location_joins_as_it_is() {
        check("s3://", "s3://lake/*", "lake/*");
        check("s3://", "s3://lake/a b/é*", "lake/a b/é*");
        check("s3://", "s3://lake//x", "lake//x");
    }

    #[test]
    fn exactly_one_side_brings_the_slash() {
        check("s3://lake/", "s3://lake/*", "*");
        check("s3://lake", "s3://lake/a*", "a*");
        check("s3://lake/", "s3://lake/a/b", "a/b");
        check("s3://lake/", "s3://lake//a*", "joint");
        check("s3://lake/raw/", "s3://lake/raw/*", "*");
        check("s3://lake/raw/", "s3://lake/raw/x*", "x*");
        check("s3://lake/raw/", "s3://lake/raw//x*", "joint");
        check("s3://lake/raw", "s3://lake/raw*", "whole");
        check("s3://lake/raw*", "s3://lake/raw/x*", "/x*");
        check("s3://lake/raw", "s3://lake/raw-x*", "joint");
    }

    #[test]
    fn an_empty_subprefix_never_widens_an_object_to_its_location() {
        check("s3://lake/raw/", "s3://lake/raw/", "joint");
        check("s3://lake/raw", "s3://lake/raw", "joint");
    }

    #[test]
    fn scopes_outside_are_told() {
        check("s3://lake/raw/", "s3://lake/raw*", "outside");
        check("s3://lake/raw/", "s3://lake2/raw/x", "outside");
        check("s3://lake/raw/", "s3://lake/*", "outside");
    }

    #[test]
    fn scopes_print_canonically() {
        for (text, canonical) in [
            ("s3://", "s3://"),
            ("s3://lake", "s3://lake/"),
            ("s3://lake*", "s3://lake/"),
            ("s3://lake/raw*", "s3://lake/raw"),
            ("s3://lake/raw/", "s3://lake/raw/"),
        ] {
            assert_eq!(LocationScope::parse(text).unwrap().to_string(), canonical);
        }
    }
}
