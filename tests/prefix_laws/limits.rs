//! The ends of the lattice: no key at all, keys of 1024 bytes, texts that look or decode alike.
//!
//! In: texts at the limits. Out: verdicts of the model, which compares bytes.

use grantc::prefix::{Bucket, Extent, Key, Prefix, PrefixError, PrefixMap, minimal_cover};
use proptest::prelude::*;

use super::{FRESH, model_holds};

fn prefix(text: &str) -> Prefix {
    Prefix::parse_policy(text).unwrap()
}

#[test]
fn the_empty_key_is_the_whole_bucket_and_no_object() {
    let whole = prefix("s3://lake/*");
    let bucket = || Bucket::parse_policy("lake").unwrap();
    assert_eq!(whole, Prefix::subtree(bucket(), Key::parse("").unwrap()));
    let object = Prefix::new(bucket(), Key::parse("").unwrap(), Extent::Object);
    assert!(matches!(object, Err(PrefixError::NoKey { .. })));
    for text in ["s3://lake/a", "s3://lake//", "s3://lake//*", "s3://lake/-*", "s3://lake/🦀"] {
        let inner = prefix(text);
        assert!(whole.covers(&inner) && !inner.covers(&whole), "{text}");
        assert_eq!(minimal_cover([inner.clone(), whole.clone()]), std::slice::from_ref(&whole));
        let map = PrefixMap::unique([(inner, 1), (whole.clone(), 0)]).unwrap();
        assert_eq!(map.owner("lake", "\u{1}").map(|(_, value)| *value), Some(0));
        assert_eq!(map.most_specific(&whole).map(|(_, value)| *value), Some(0));
    }
}

/// Characters of one to four bytes.
const WIDTHS: [char; 4] = ['k', 'é', '€', '🦀'];

#[test]
fn a_key_has_at_most_1024_bytes_whatever_its_characters() {
    for c in WIDTHS {
        let most = 1024 / c.len_utf8();
        let fits = format!("{}{}", c.to_string().repeat(most), "k".repeat(1024 - most * c.len_utf8()));
        for star in ["", "*"] {
            let text = format!("s3://lake/{fits}{star}");
            for parse in [Prefix::parse_policy, Prefix::parse_export] {
                assert_eq!(parse(&text).unwrap().to_string(), text);
                let longer = format!("s3://lake/{fits}k{star}");
                assert_eq!(parse(&longer), Err(PrefixError::TooLong { bytes: 1025 }));
            }
        }
    }
    // The `/` that a table's folder gets counts as well.
    let folder = |bytes: usize| Prefix::parse_table_location(&format!("s3://lake/{}", "k".repeat(bytes)));
    assert_eq!(folder(1023).unwrap().key().as_str().len(), 1024);
    assert_eq!(folder(1024), Err(PrefixError::TooLong { bytes: 1025 }));
}

/// No normal form is applied to the text: each is another key, and covers only what starts with its bytes.
#[test]
fn texts_that_look_or_decode_alike_are_different_keys() {
    let keys = [
        "a/b",
        "a//b",
        "a/./b",
        "a/../a/b",
        "/a/b",
        "a/b/",
        "a%2Fb",
        "a%2fb",
        "A/b",
        "a+b",
        "a b",
        "a%20b",
        "é",
        "e\u{301}",
        "e",
        "\u{c9}",
        "ﬁ",
        "fi",
        "K",
        "\u{212a}",
        "a\u{200b}",
        "a",
        "a\u{202e}",
        "ß",
        "ss",
        "🦀",
        "\u{feff}a",
        "a-b",
        "a.b",
    ];
    for (left, a) in keys.iter().enumerate() {
        for (right, b) in keys.iter().enumerate() {
            let object = |key: &str| prefix(&format!("s3://lake/{key}"));
            assert_eq!(object(a).covers(&object(b)), left == right, "{a:?} {b:?}");
            let subtree = prefix(&format!("s3://lake/{a}*"));
            assert_eq!(subtree.covers(&object(b)), b.as_bytes().starts_with(a.as_bytes()), "{a:?} {b:?}");
            assert_eq!(object(a).cmp(&object(b)), a.as_bytes().cmp(b.as_bytes()), "{a:?} {b:?}");
        }
    }
}

/// Scopes with keys of 1020 to 1024 bytes that share all but their ends.
fn any_long() -> impl Strategy<Value = String> {
    ("(k|é|🦀)?(a|é|è|/|-|[.]){0,2}", any::<bool>()).prop_filter_map("too long", |(end, subtree)| {
        let text = format!("s3://lake/{}{end}{}", "k".repeat(1018), if subtree { "*" } else { "" });
        (1018 + end.len() <= 1024).then_some(text)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn long_keys_obey_the_same_laws(a in any_long(), b in any_long()) {
        let (left, right) = (prefix(&a), prefix(&b));
        let covers = |a: &str, b: &str| a == b || (a.ends_with('*') && model_holds(a, b.trim_end_matches('*')));
        prop_assert_eq!(left.covers(&right), covers(&a, &b));
        prop_assert_eq!(left.intersects(&right), covers(&a, &b) || covers(&b, &a));
        let common = left.common_cover(&right).unwrap();
        prop_assert!(common.covers(&left) && common.covers(&right));
        // One character more, and it would cover only one of them.
        let next = |text: &str| text.strip_prefix(&common.to_string().trim_end_matches('*').to_owned())?.chars().next();
        prop_assert!(covers(&a, &b) || covers(&b, &a) || next(&a) != next(&b));
        // A question about a key is taken literally, however long it is.
        let asked = format!("{}{FRESH}{}", left.key(), "z".repeat(2000));
        prop_assert_eq!(left.holds("lake", &asked), a.ends_with('*'));
        let map = PrefixMap::unique([(left, ())]).unwrap();
        prop_assert_eq!(map.owner("lake", &asked).is_some(), a.ends_with('*'));
    }
}
