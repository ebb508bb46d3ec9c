//! Which texts are scopes, and of which keys: every text of up to six characters of `b`, `/` and `*` behind `s3://`.
//!
//! In: the shapes that AWS prints (`s3://b`, `s3://b*`, `s3://b/`, `s3://b/*`, `s3://b/p*`, no star) and all others.
//! Out: what each of the four parsers makes of them, against a regular expression and the text alone.

use grantc::prefix::{Prefix, PrefixError};
use regex::Regex;

use super::{model_holds, texts};

fn rests() -> Vec<String> {
    texts(&['b', '/', '*'], 6)
}

fn objects() -> Vec<(String, String)> {
    let keys = texts(&['b', '/', '~'], 4);
    let keys = keys.iter().filter(|key| !key.is_empty());
    keys.flat_map(|key| ["b", "bb", "bbb", "bbbb", "b~"].map(|bucket| (bucket.to_owned(), key.clone())))
        .collect()
}

/// The parser takes a text exactly if the grammar does, and then it holds what `canonical` (a scope or nothing) holds.
fn check(
    parse: fn(&str) -> Result<Prefix, PrefixError>,
    grammar: &str,
    canonical: impl Fn(&str, &str) -> String,
) {
    let grammar = Regex::new(grammar).unwrap();
    let objects = objects();
    let mut taken = 0;
    for rest in rests() {
        let parsed = parse(&format!("s3://{rest}"));
        let Some(groups) = grammar.captures(&rest) else {
            assert!(parsed.is_err(), "s3://{rest} was taken: {parsed:?}");
            continue;
        };
        taken += 1;
        let canonical =
            canonical(groups.get(1).unwrap().as_str(), groups.get(2).map_or("", |key| key.as_str()));
        let prefix = parsed.unwrap();
        assert_eq!(prefix.to_string(), canonical, "s3://{rest}");
        for (bucket, key) in &objects {
            let holds = model_holds(&canonical, &format!("s3://{bucket}/{key}"));
            assert_eq!(prefix.holds(bucket, key), holds, "s3://{rest}: s3://{bucket}/{key}");
        }
    }
    assert!(taken > 0);
}

#[test]
fn every_short_text_in_an_export_is_its_scope_or_its_bucket_or_refused() {
    check(Prefix::parse_export, r"^(b+)(?:\*|/?|/([b/]*\*|[b/]+))$", |bucket, key| match key {
        "" => format!("s3://{bucket}/*"),
        key => format!("s3://{bucket}/{key}"),
    });
}

#[test]
fn every_short_text_in_a_policy_is_its_scope_or_refused() {
    check(Prefix::parse_policy, r"^(b{3,})/([b/]*\*|[b/]+)$", |bucket, key| format!("s3://{bucket}/{key}"));
}

#[test]
fn every_short_location_reaches_what_starts_with_it() {
    check(Prefix::parse_location_scope, r"^(b+)(?:\*|/?|/([b/]*)\*?)$", |bucket, key| {
        format!("s3://{bucket}/{key}*")
    });
}

#[test]
fn every_short_table_lies_below_its_folder() {
    check(Prefix::parse_table_location, r"^(b{3,})(?:/?|/([b/]*\*|[b/]+))$", |bucket, key| {
        let slash = if key.is_empty() || key.ends_with(['/', '*']) { "" } else { "/" };
        let star = if key.ends_with('*') { "" } else { "*" };
        format!("s3://{bucket}/{key}{slash}{star}")
    });
}

/// Buckets over bytes on both sides of `/`, each in every shape: no scope of one reaches into another.
#[test]
fn no_shape_crosses_the_boundary_of_its_bucket() {
    let buckets: Vec<String> =
        texts(&['a', '-', '.'], 3).into_iter().filter(|name| !name.is_empty()).collect();
    let shapes = ["", "*", "/", "/*", "/a*", "/a", "/-a/*"];
    let scopes: Vec<(&String, Prefix)> = buckets
        .iter()
        .flat_map(|name| {
            shapes.map(|shape| (name, Prefix::parse_export(&format!("s3://{name}{shape}")).unwrap()))
        })
        .collect();
    for (own, a) in &scopes {
        for (other, b) in scopes.iter().filter(|(other, _)| other != own) {
            assert!(!a.covers(b) && !a.intersects(b), "{a} {b}");
            assert_eq!(a.common_cover(b), None, "{a} {b}");
            assert!(!a.holds(other, "a"), "{a} in {other}");
            assert_eq!(a.cmp(b), own.as_bytes().cmp(other.as_bytes()), "{a} {b}");
        }
    }
}

#[test]
fn the_subprefix_of_a_grant_is_its_text_without_the_scheme() {
    for rest in rests() {
        if let Ok(prefix) = Prefix::parse_policy(&format!("s3://{rest}")) {
            assert_eq!(prefix.subprefix(), rest);
            assert_eq!(prefix.is_object(), !rest.ends_with('*'));
            assert_eq!(prefix.is_whole_bucket(), rest.trim_start_matches('b') == "/*");
        }
    }
}
