//! The laws of the prefix lattice, judged by a model that knows only text: a scope is its text, and holds a key if the key's
//! whole address is the text or, before a trailing `*`, starts with it.
//!
//! The model asks about every key up to one character longer than any scope, over the scopes' characters and one that no scope
//! holds (`~`), so that "all longer keys" has a witness. Buckets `lake` and `lake2` start alike.
//! `deep` asks the same of every key up to six characters and of every set of small scopes; `shapes` reads every short text as a
//! scope; `limits` stands at the ends: no key, 1024 bytes, spellings that look alike.
//! What this cannot show: what AWS does with a scope.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking, helpers too")]

mod deep;
mod limits;
mod shapes;

use std::collections::BTreeMap;

use grantc::prefix::{Permission, Prefix, PrefixMap, minimal_cover, minimal_grants};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

type Grants = Vec<(Prefix, Permission)>;

const BUCKETS: [&str; 2] = ["lake", "lake2"];
const FRESH: char = '~';
/// `-` and `.` sort before `/`, letters after it.
const ASCII: [char; 4] = ['a', 'b', '/', '-'];
/// Two that share their first byte, one of four bytes, and a letter with a mark that could be composed.
const UNICODE: [char; 4] = ['é', 'è', '🦀', '\u{301}'];

/// All texts over an alphabet, shortest first.
fn texts(alphabet: &[char], longest: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..longest {
        last = last.iter().flat_map(|text| alphabet.iter().map(move |c| format!("{text}{c}"))).collect();
        all.extend(last.iter().cloned());
    }
    all
}

/// All scopes with keys up to that length.
fn scopes(alphabet: &[char], longest: usize) -> Vec<Prefix> {
    let keys = texts(alphabet, longest);
    let scope = |text: String| Prefix::parse_policy(&text).unwrap();
    BUCKETS
        .iter()
        .flat_map(|bucket| {
            let subtrees = keys.iter().map(move |key| scope(format!("s3://{bucket}/{key}*")));
            let named = keys.iter().filter(|key| !key.is_empty());
            subtrees.chain(named.map(move |key| scope(format!("s3://{bucket}/{key}"))))
        })
        .collect()
}

/// The addresses of all objects that could tell apart scopes with keys up to that length.
fn objects(alphabet: &[char], longest: usize) -> Vec<String> {
    let mut with_fresh = alphabet.to_vec();
    with_fresh.push(FRESH);
    let keys = texts(&with_fresh, longest + 1);
    let keys = keys.iter().filter(|key| !key.is_empty());
    keys.flat_map(|key| BUCKETS.map(|bucket| format!("s3://{bucket}/{key}"))).collect()
}

/// The model.
fn model_holds(scope: &str, object: &str) -> bool {
    match scope.strip_suffix('*') {
        Some(start) => object.starts_with(start),
        None => object == scope,
    }
}

/// One row per scope: which objects it holds.
fn model(scopes: &[Prefix], objects: &[String]) -> Vec<Vec<bool>> {
    let row = |scope: &Prefix| {
        let text = scope.to_string();
        objects.iter().map(|object| model_holds(&text, object)).collect()
    };
    scopes.iter().map(row).collect()
}

/// The small worlds in which every pair and triple is tried.
fn worlds() -> Vec<(Vec<Prefix>, Vec<String>)> {
    [ASCII, UNICODE].iter().map(|alphabet| (scopes(alphabet, 2), objects(alphabet, 2))).collect()
}

#[test]
fn cover_is_reflexive() {
    for (scopes, _) in worlds() {
        for a in &scopes {
            assert!(a.covers(a), "{a}");
        }
    }
}

#[test]
fn cover_is_antisymmetric() {
    for (scopes, _) in worlds() {
        for a in &scopes {
            for b in &scopes {
                assert_eq!(a.covers(b) && b.covers(a), a == b, "{a} {b}");
            }
        }
    }
}

#[test]
fn cover_is_transitive() {
    for (scopes, _) in worlds() {
        for a in &scopes {
            let inside: Vec<&Prefix> = scopes.iter().filter(|b| a.covers(b)).collect();
            for b in &inside {
                for c in scopes.iter().filter(|c| b.covers(c)) {
                    assert!(a.covers(c), "{a} {b} {c}");
                }
            }
        }
    }
}

#[test]
fn cover_agrees_with_brute_force() {
    for (scopes, objects) in worlds() {
        let held = model(&scopes, &objects);
        for (a, keys_of_a) in scopes.iter().zip(&held) {
            for (b, keys_of_b) in scopes.iter().zip(&held) {
                let covered = keys_of_a.iter().zip(keys_of_b).all(|(in_a, in_b)| *in_a || !*in_b);
                assert_eq!(a.covers(b), covered, "{a} {b}");
                let shared = keys_of_a.iter().zip(keys_of_b).any(|(in_a, in_b)| *in_a && *in_b);
                assert_eq!(a.intersects(b), shared, "{a} {b}");
            }
        }
    }
}

#[test]
fn intersects_is_symmetric() {
    for (scopes, _) in worlds() {
        for a in &scopes {
            for b in &scopes {
                assert_eq!(a.intersects(b), b.intersects(a), "{a} {b}");
            }
        }
    }
}

#[test]
fn what_a_prefix_covers_follows_it_without_a_gap() {
    for (mut scopes, _) in worlds() {
        scopes.sort();
        for (position, a) in scopes.iter().enumerate() {
            let covered = scopes.iter().filter(|b| a.covers(b)).count();
            let following = scopes.iter().skip(position).take_while(|b| a.covers(b)).count();
            assert_eq!(covered, following, "{a}");
        }
    }
}

#[test]
fn common_cover_is_the_least() {
    for (scopes, _) in worlds() {
        for a in &scopes {
            for b in &scopes {
                let uppers: Vec<&Prefix> = scopes.iter().filter(|c| c.covers(a) && c.covers(b)).collect();
                let common = a.common_cover(b);
                assert_eq!(common, b.common_cover(a), "{a} {b}");
                match &common {
                    Some(least) => {
                        assert!(uppers.contains(&least), "{a} {b}: {least} covers not both");
                        assert!(
                            uppers.iter().all(|upper| upper.covers(least)),
                            "{a} {b}: {least} is not least"
                        );
                    }
                    None => assert!(uppers.is_empty(), "{a} {b}: no cover found"),
                }
            }
        }
    }
}

/// Two bits for each object: what some grants permit there.
fn permitted(grants: &[(Prefix, Permission)], objects: &[String]) -> Vec<u8> {
    let grants: Vec<(String, u8)> = grants.iter().map(|(scope, p)| (scope.to_string(), p.bits())).collect();
    let at = |object: &String| {
        let holding = grants.iter().filter(|(scope, _)| model_holds(scope, object));
        holding.fold(0, |bits, (_, more)| bits | more)
    };
    objects.iter().map(at).collect()
}

/// Every way to grant READ, WRITE, READWRITE or nothing on seven nested scopes: sets that permit the same have one result, and
/// none of them is smaller.
#[test]
fn minimal_grants_are_the_fewest_and_the_same_for_all_that_permit_the_same() {
    let scopes: Vec<Prefix> = ["*", "a*", "a", "ab*", "ab", "b*", "b"]
        .iter()
        .map(|key| Prefix::parse_policy(&format!("s3://lake/{key}")).unwrap())
        .collect();
    let objects: Vec<String> =
        ["~", "a", "a~", "ab", "ab~", "b", "b~"].iter().map(|key| format!("s3://lake/{key}")).collect();
    let mut fewest: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut results: BTreeMap<Vec<u8>, Grants> = BTreeMap::new();
    for choice in 0_u32..(1 << (2 * scopes.len())) {
        let bits = |at: usize| u8::try_from((choice >> (2 * at)) & 3).unwrap();
        let grants: Vec<(Prefix, Permission)> = scopes
            .iter()
            .enumerate()
            .filter_map(|(at, scope)| Some((scope.clone(), Permission::from_bits(bits(at))?)))
            .collect();
        let access = permitted(&grants, &objects);
        let size = fewest.entry(access.clone()).or_insert(grants.len());
        *size = grants.len().min(*size);
        let minimal = minimal_grants(grants);
        let first = results.entry(access).or_insert_with(|| minimal.clone());
        assert_eq!(*first, minimal);
    }
    for (access, minimal) in &results {
        assert_eq!(&permitted(minimal, &objects), access);
        assert_eq!(Some(&minimal.len()), fewest.get(access), "{minimal:?}");
    }
    // Per bit, a subtree is granted or leaves the choice to what it holds: `ab*` 1 + 2, `a*` 1 + 2 · 3, `b*` 1 + 2, `*` 1 + 7 · 3.
    assert_eq!(results.len(), 22 * 22);
}

/// A scope with a key of up to three characters.
fn any_scope() -> impl Strategy<Value = Prefix> {
    select(scopes(&ASCII, 3))
}

fn any_permission() -> impl Strategy<Value = Permission> {
    select(vec![Permission::Read, Permission::Write, Permission::ReadWrite])
}

fn any_grants() -> impl Strategy<Value = Grants> {
    proptest::collection::vec((any_scope(), any_permission()), 0..14)
}

/// Grants, and the same in another order with some of them repeated.
fn any_grants_twice() -> impl Strategy<Value = (Grants, Grants)> {
    any_grants()
        .prop_flat_map(|grants| {
            let repeated = subsequence(grants.clone(), 0..=grants.len());
            (Just(grants), repeated)
        })
        .prop_flat_map(|(grants, repeated)| {
            let all: Vec<_> = grants.iter().cloned().chain(repeated).collect();
            (Just(grants), Just(all).prop_shuffle())
        })
}

fn scopes_of(grants: &[(Prefix, Permission)]) -> Vec<Prefix> {
    grants.iter().map(|(scope, _)| scope.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn minimal_cover_is_idempotent(grants in any_grants()) {
        let once = minimal_cover(scopes_of(&grants));
        prop_assert_eq!(minimal_cover(once.clone()), once);
    }

    #[test]
    fn minimal_cover_is_order_free((grants, shuffled) in any_grants_twice()) {
        prop_assert_eq!(minimal_cover(scopes_of(&grants)), minimal_cover(scopes_of(&shuffled)));
    }

    #[test]
    fn minimal_cover_permits_exactly_what_the_set_permitted(grants in any_grants()) {
        let before = scopes_of(&grants);
        let after = minimal_cover(before.clone());
        for object in objects(&ASCII, 3) {
            let holds = |scopes: &[Prefix]| scopes.iter().any(|scope| model_holds(&scope.to_string(), &object));
            prop_assert_eq!(holds(&before), holds(&after), "{}", object);
        }
        for a in &after {
            prop_assert!(before.contains(a), "{} was not in the set", a);
            prop_assert!(!after.iter().any(|b| a != b && a.covers(b)), "{} covers another", a);
        }
    }

    #[test]
    fn minimal_grants_are_idempotent(grants in any_grants()) {
        let once = minimal_grants(grants);
        prop_assert_eq!(minimal_grants(once.clone()), once);
    }

    #[test]
    fn minimal_grants_are_order_free((grants, shuffled) in any_grants_twice()) {
        prop_assert_eq!(minimal_grants(grants), minimal_grants(shuffled));
    }

    #[test]
    fn minimal_grants_permit_exactly_what_the_set_permitted(grants in any_grants()) {
        let objects = objects(&ASCII, 3);
        let minimal = minimal_grants(grants.clone());
        let access = permitted(&minimal, &objects);
        prop_assert_eq!(permitted(&grants, &objects), access.clone());
        // None can be left out.
        for left_out in 0..minimal.len() {
            let mut rest = minimal.clone();
            let (scope, _) = rest.remove(left_out);
            prop_assert_ne!(permitted(&rest, &objects), access.clone(), "{} is redundant", scope);
        }
    }

    #[test]
    fn labels_of_minimal_grants_are_all_that_is_permitted_there(grants in any_grants()) {
        for (scope, label) in minimal_grants(grants.clone()) {
            // A key that belongs to the scope, but to nothing narrower.
            let text = scope.to_string();
            let key = text.strip_suffix('*').map_or(text.clone(), |start| format!("{start}{FRESH}"));
            prop_assert_eq!(permitted(&grants, &[key]), vec![label.bits()], "{}", scope);
        }
    }

    #[test]
    fn saying_again_what_is_permitted_changes_nothing(grants in any_grants(), scope in any_scope()) {
        let minimal = minimal_grants(grants.clone());
        let text = scope.to_string();
        let witness = text.strip_suffix('*').map_or(text.clone(), |start| format!("{start}{FRESH}"));
        let there = permitted(&grants, &[witness]).first().copied().and_then(Permission::from_bits);
        if let Some(there) = there {
            let mut more = grants;
            more.push((scope, there));
            prop_assert_eq!(minimal_grants(more), minimal);
        }
    }

    #[test]
    fn lookups_agree_with_brute_force(
        registered in proptest::collection::btree_set(any_scope(), 0..14),
        asked in any_scope(),
    ) {
        let registered: Vec<Prefix> = registered.into_iter().rev().collect();
        let map = PrefixMap::unique(registered.iter().cloned().map(|scope| (scope, ()))).unwrap();
        let found = |scopes: &mut dyn Iterator<Item = (&Prefix, &())>| scopes.map(|(scope, ())| scope.clone()).collect::<Vec<_>>();
        let sorted = |wanted: &dyn Fn(&Prefix) -> bool| {
            let mut scopes: Vec<Prefix> = registered.iter().filter(|scope| wanted(scope)).cloned().collect();
            scopes.sort();
            scopes
        };

        prop_assert_eq!((map.len(), map.is_empty()), (registered.len(), registered.is_empty()));
        prop_assert_eq!(found(&mut map.iter()), sorted(&|_| true));
        prop_assert_eq!(map.get(&asked).is_some(), registered.contains(&asked));
        prop_assert_eq!(found(&mut map.inside(&asked)), sorted(&|scope| asked.covers(scope)));
        prop_assert_eq!(found(&mut map.intersecting(&asked)), sorted(&|scope| asked.intersects(scope)));
        let mut covering = sorted(&|scope| scope.covers(&asked));
        covering.reverse();
        prop_assert_eq!(found(&mut map.covering(&asked)), covering.clone());
        let nearest = map.most_specific(&asked).map(|(scope, ())| scope.clone());
        prop_assert_eq!(nearest.as_ref(), covering.first());

        let mut some_key_is_the_nearest_one_s = false;
        for object in objects(&ASCII, 3) {
            let holding = registered.iter().filter(|scope| model_holds(&scope.to_string(), &object));
            let longest = holding.max_by_key(|scope| (scope.key().as_str().len(), scope.is_object()));
            let (bucket, key) = grantc::prefix::split_uri(&object).unwrap();
            let owner = map.owner(bucket, key).map(|(scope, ())| scope);
            prop_assert_eq!(owner, longest, "{}", object);
            some_key_is_the_nearest_one_s |= asked.holds(bucket, key) && owner == nearest.as_ref();
        }
        prop_assert!(some_key_is_the_nearest_one_s, "no key of {} belongs to {:?}", asked, nearest);
    }

    #[test]
    fn what_parses_prints_as_itself(text in "(s3://)?(lake|lake2|l|La_ke)?/?[ab/*?é$.{ \n-]{0,6}\\*?") {
        let policy = Prefix::parse_policy(&text);
        let export = Prefix::parse_export(&text);
        if let Ok(prefix) = &policy {
            prop_assert_eq!(prefix.to_string(), text.clone());
            prop_assert_eq!(Ok(prefix), export.as_ref());
        }
        match &export {
            Ok(prefix) => {
                let bucket = prefix.bucket().as_str();
                let whole = ["", "*", "/", "/*"].iter().any(|tail| text == format!("s3://{bucket}{tail}"));
                prop_assert!(prefix.to_string() == text || whole);
                prop_assert_eq!(prefix.is_whole_bucket(), whole);
                let again = Prefix::parse_export(&prefix.to_string());
                prop_assert_eq!(again.as_ref(), Ok(prefix));
            }
            Err(error) => {
                prop_assert!(!error.help().is_empty());
                prop_assert!(!error.message().contains('\n'));
            }
        }
    }

    #[test]
    fn any_text_is_a_prefix_or_an_error(text in any::<String>(), key in any::<String>()) {
        let _ = Prefix::parse_policy(&text).map_err(|error| error.help());
        let _ = Prefix::parse_table_location(&text);
        let address = format!("s3://lake/{key}");
        if let Ok(prefix) = Prefix::parse_policy(&address) {
            prop_assert_eq!(prefix.to_string(), address);
        }
    }
}
