//! Generated names: stable while what they stand for is the same, never the same for two things.
//!
//! In: a stem and the parts that make a thing this thing. Out: `PREFIX_STEM_HASH`, in the case that the platform folds plain
//! names to, so that quoted and unquoted use agree. Invariant: one name, one list of parts; a clash of hashes gets a longer name.

use std::collections::BTreeMap;

use crate::backend::class::{generated_name, short_hash};

/// The names given so far.
#[derive(Clone, Debug)]
pub struct Names {
    prefix: String,
    fold: fn(&str) -> String,
    limit: usize,
    given: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// Names that begin with a prefix, folded, of at most `limit` bytes.
    pub fn new(prefix: &str, fold: fn(&str) -> String, limit: usize) -> Names {
        Names { prefix: fold(prefix), fold, limit, given: BTreeMap::new() }
    }

    /// The name of a thing. `identity` tells it from others that have the same stem and hash.
    pub fn give(&mut self, stem: &str, hash: &str, identity: &[String]) -> String {
        let (stem, parts) = ((self.fold)(stem), identity);
        let mut hash = hash.to_owned();
        loop {
            let name = generated_name(&self.prefix, &stem, &(self.fold)(&hash), self.limit);
            match self.given.get(&name) {
                None => {
                    self.given.insert(name.clone(), parts.to_vec());
                    return name;
                }
                Some(known) if known == parts => return name,
                // Eight more digits, over all that was hashed before: ends, for the hash only grows.
                Some(_) => {
                    let longer = short_hash(parts.iter().cloned().chain([hash.clone()]));
                    hash.push_str(&longer);
                }
            }
        }
    }
}

/// Whether a name has the shape of those that we generate: prefix, `_`, stem, `_`, eight or more hex digits. The prefix alone
/// would take a set-up's own role for one of them. Letter case does not count: platforms fold it.
pub fn generated(name: &str, prefix: &str) -> bool {
    let (name, prefix) = (name.to_ascii_lowercase(), prefix.to_ascii_lowercase());
    let rest = name.strip_prefix(&prefix).and_then(|rest| rest.strip_prefix('_'));
    let hash = rest.and_then(|rest| rest.rsplit_once('_')).map(|(_, hash)| hash);
    hash.is_some_and(|hash| hash.len() >= 8 && hash.chars().all(|each| each.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_of_a_name_tells_whose_it_is() {
        for (name, ours) in [
            ("GRANTC_STAFF_1850EE6B", true),
            ("grantc_staff_1850ee6b", true),
            ("GRANTC_ADMIN", false),
            ("GRANTC_1850EE6B", false),
            ("OTHER_STAFF_1850EE6B", false),
        ] {
            assert_eq!(generated(name, "GRANTC"), ours, "{name}");
        }
    }

    #[test]
    fn a_clash_gets_a_longer_name() {
        let mut names = Names::new("grantc", str::to_ascii_uppercase, 255);
        let first = names.give("a", "00000000", &["x".into()]);
        assert_eq!(first, "GRANTC_A_00000000");
        let second = names.give("a", "00000000", &["y".into()]);
        assert!(second.starts_with(&first) && second.len() == first.len() + 8, "{second}");
        assert_eq!(names.give("a", "00000000", &["x".into()]), first);
    }
}
