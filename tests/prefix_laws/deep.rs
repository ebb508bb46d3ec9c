//! Every key of three characters and the sentinel up to length six, and every set of small scopes.
//!
//! In: texts only; each scope keeps the text that it was made from, so that parsing and printing are judged as well.
//! Out: verdicts of the model on each operation of the lattice and of the map.

use std::collections::{BTreeMap, BTreeSet};

use grantc::prefix::{Permission, Prefix, PrefixMap, minimal_cover, minimal_grants, split_uri};
use proptest::prelude::*;
use proptest::sample::select;

use super::{FRESH, Grants, any_permission, model_holds, texts};

/// Two characters that sort on either side of `/`, and `/` itself.
const ALPHABET: [char; 3] = ['a', '/', '-'];

struct Scope {
    text: String,
    prefix: Prefix,
}

fn scope(text: String) -> Scope {
    Scope { prefix: Prefix::parse_policy(&text).unwrap(), text }
}

/// All scopes of `lake` with keys up to that length.
fn scopes(alphabet: &[char], longest: usize) -> Vec<Scope> {
    let texts = texts(alphabet, longest).into_iter();
    let both = texts.flat_map(|key| [format!("s3://lake/{key}*"), format!("s3://lake/{key}")]);
    both.filter(|text| text != "s3://lake/").map(scope).collect()
}

/// All objects of `lake` with keys up to that length, the sentinel included.
fn objects(alphabet: &[char], longest: usize) -> Vec<String> {
    let with_fresh: Vec<char> = alphabet.iter().copied().chain([FRESH]).collect();
    let keys = texts(&with_fresh, longest).into_iter().filter(|key| !key.is_empty());
    keys.map(|key| format!("s3://lake/{key}")).collect()
}

/// The objects that a scope holds, 64 to a word.
fn held(scope: &str, objects: &[String]) -> Vec<u64> {
    let word = |chunk: &[String]| {
        chunk.iter().rev().fold(0, |word, object| (word << 1) | u64::from(model_holds(scope, object)))
    };
    objects.chunks(64).map(word).collect()
}

#[test]
fn every_pair_agrees_with_every_key_of_six() {
    let scopes = scopes(&ALPHABET, 5);
    let objects = objects(&ALPHABET, 6);
    assert_eq!((scopes.len(), objects.len()), (727, 5460));
    let rows: Vec<Vec<u64>> = scopes.iter().map(|scope| held(&scope.text, &objects)).collect();
    for (a, of_a) in scopes.iter().zip(&rows) {
        for (b, of_b) in scopes.iter().zip(&rows) {
            let covered = of_a.iter().zip(of_b).all(|(a, b)| b & !a == 0);
            assert_eq!(a.prefix.covers(&b.prefix), covered, "{} {}", a.text, b.text);
            let shared = of_a.iter().zip(of_b).any(|(a, b)| a & b != 0);
            assert_eq!(a.prefix.intersects(&b.prefix), shared, "{} {}", a.text, b.text);
            assert_eq!(a.prefix == b.prefix, of_a == of_b, "{} {}", a.text, b.text);
        }
    }
}

#[test]
fn every_scope_holds_exactly_the_keys_of_the_model() {
    let objects = objects(&ALPHABET, 6);
    for scope in scopes(&ALPHABET, 2) {
        for object in &objects {
            let (bucket, key) = split_uri(object).unwrap();
            assert_eq!(scope.prefix.holds(bucket, key), model_holds(&scope.text, object), "{}", scope.text);
            assert!(!scope.prefix.holds("lake2", key), "{} in another bucket", scope.text);
        }
    }
}

/// What a set of scopes holds among the objects, as bits.
fn access(chosen: &[&Scope], objects: &[String]) -> Vec<bool> {
    objects.iter().map(|object| chosen.iter().any(|scope| model_holds(&scope.text, object))).collect()
}

/// All 8192 sets of the scopes with keys of at most two characters.
#[test]
fn every_set_has_one_minimal_cover_and_none_is_smaller() {
    let scopes = scopes(&['a', '/'], 2);
    let objects = objects(&['a', '/'], 3);
    assert_eq!(scopes.len(), 13);
    let mut fewest: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
    let mut covers: BTreeMap<Vec<bool>, Vec<Prefix>> = BTreeMap::new();
    for choice in 0_u32..(1 << scopes.len()) {
        let chosen: Vec<&Scope> = scopes
            .iter()
            .enumerate()
            .filter(|(at, _)| (choice >> at) & 1 == 1)
            .map(|(_, scope)| scope)
            .collect();
        let access = access(&chosen, &objects);
        let cover = minimal_cover(chosen.iter().map(|scope| scope.prefix.clone()));
        let twice_backwards = chosen.iter().chain(&chosen).rev().map(|scope| scope.prefix.clone());
        assert_eq!(minimal_cover(twice_backwards), cover);
        assert_eq!(minimal_cover(cover.clone()), cover);
        let size = fewest.entry(access.clone()).or_insert(chosen.len());
        *size = chosen.len().min(*size);
        assert_eq!(*covers.entry(access).or_insert_with(|| cover.clone()), cover);
    }
    for (wanted, cover) in &covers {
        let cover: Vec<Scope> = cover.iter().map(|prefix| scope(prefix.to_string())).collect();
        assert_eq!(&access(&cover.iter().collect::<Vec<_>>(), &objects), wanted);
        assert_eq!(Some(&cover.len()), fewest.get(wanted));
    }
}

/// The same 8192 sets as maps: each scope's covers and contents, and each object's owner.
#[test]
fn every_map_answers_as_the_model() {
    let scopes = scopes(&['a', '/'], 2);
    let objects = objects(&['a', '/'], 3);
    let holds: Vec<Vec<bool>> = scopes
        .iter()
        .map(|scope| objects.iter().map(|object| model_holds(&scope.text, object)).collect())
        .collect();
    let covers = |a: usize, b: usize| holds[a].iter().zip(&holds[b]).all(|(a, b)| *a || !*b);
    let inside: Vec<BTreeSet<usize>> =
        (0..scopes.len()).map(|a| (0..scopes.len()).filter(|b| covers(a, *b)).collect()).collect();
    for choice in 0_u32..(1 << scopes.len()) {
        let chosen: Vec<usize> = (0..scopes.len()).filter(|at| (choice >> at) & 1 == 1).collect();
        let map = PrefixMap::unique(chosen.iter().map(|at| (scopes[*at].prefix.clone(), *at))).unwrap();
        // The narrower a scope, the fewer scopes it covers.
        let narrowest = |wanted: &dyn Fn(usize) -> bool| {
            chosen.iter().copied().filter(|at| wanted(*at)).min_by_key(|at| inside[*at].len())
        };
        for (at, asked) in scopes.iter().enumerate() {
            let found: BTreeSet<usize> = map.inside(&asked.prefix).map(|(_, found)| *found).collect();
            assert_eq!(found, chosen.iter().copied().filter(|other| covers(at, *other)).collect());
            let found: BTreeSet<usize> = map.covering(&asked.prefix).map(|(_, found)| *found).collect();
            assert_eq!(found, chosen.iter().copied().filter(|other| covers(*other, at)).collect());
            let nearest = map.most_specific(&asked.prefix).map(|(_, found)| *found);
            assert_eq!(nearest, narrowest(&|other| covers(other, at)), "{}", asked.text);
        }
        for (at, object) in objects.iter().enumerate() {
            let (bucket, key) = split_uri(object).unwrap();
            let owner = map.owner(bucket, key).map(|(_, found)| *found);
            assert_eq!(owner, narrowest(&|scope| holds[scope][at]), "{object}");
        }
    }
}

/// What stays of some grants, each asked against every other: a scope whose bits are more than those of all wider ones united.
fn model_minimal(grants: &[(String, Permission)]) -> BTreeMap<String, u8> {
    let bits_where = |wanted: &dyn Fn(&str) -> bool| {
        grants.iter().filter(|(text, _)| wanted(text)).fold(0, |bits, (_, more)| bits | more.bits())
    };
    let wider = |a: &str, b: &str| a != b && a.strip_suffix('*').is_some_and(|start| b.starts_with(start));
    let texts: BTreeSet<&String> = grants.iter().map(|(text, _)| text).collect();
    texts
        .into_iter()
        .filter_map(|text| {
            let inherited = bits_where(&|other| wider(other, text));
            let all = inherited | bits_where(&|other| other == text);
            (all != inherited).then(|| (text.clone(), all))
        })
        .collect()
}

/// Scopes of two buckets that start alike, along few characters, so that many nest.
fn any_nested() -> impl Strategy<Value = String> {
    ("s3://(lake|lake-x)/[a/.-]{0,6}", any::<bool>()).prop_map(|(text, subtree)| {
        if subtree || text.ends_with("lake/") || text.ends_with("lake-x/") { text + "*" } else { text }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bits_add_up_down_the_stack(
        grants in proptest::collection::vec((any_nested(), any_permission()), 0..60),
    ) {
        let parsed: Grants =
            grants.iter().map(|(text, bits)| (Prefix::parse_policy(text).unwrap(), *bits)).collect();
        let minimal = minimal_grants(parsed);
        prop_assert!(minimal.is_sorted());
        let shown: BTreeMap<String, u8> =
            minimal.iter().map(|(prefix, label)| (prefix.to_string(), label.bits())).collect();
        prop_assert_eq!(shown.len(), minimal.len());
        prop_assert_eq!(shown, model_minimal(&grants));
    }

    /// One path of scopes, each inside the one before.
    #[test]
    fn bits_add_up_along_one_path(
        path in "[a/.-]{12}",
        steps in proptest::collection::vec((0_usize..=12, any_permission()), 0..12),
        asked in select((0_usize..=12).collect::<Vec<_>>()),
    ) {
        let at = |length: usize| format!("s3://lake/{}*", path.get(..length).unwrap_or_default());
        let minimal = minimal_grants(
            steps.iter().map(|(length, bits)| (Prefix::parse_policy(&at(*length)).unwrap(), *bits)).collect(),
        );
        let key = format!("{}{FRESH}", path.get(..asked).unwrap_or_default());
        let wanted = steps.iter().filter(|(length, _)| *length <= asked).fold(0, |all, (_, more)| all | more.bits());
        // The innermost label alone says it all.
        let innermost = minimal.iter().rev().find(|(prefix, _)| prefix.holds("lake", &key));
        prop_assert_eq!(innermost.map_or(0, |(_, label)| label.bits()), wanted);
        prop_assert!(minimal.len() <= 2);
    }
}
