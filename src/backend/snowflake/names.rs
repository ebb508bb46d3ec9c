//! Generated names: stable while what they stand for is the same, never the same for two things.
//!
//! In: a stem and the parts that make a thing this thing. Out: `PREFIX_STEM_HASH`, upper case, so that quoted and unquoted
//! use agree. Invariant: one name, one list of parts; a clash of hashes gets a longer name.

use std::collections::BTreeMap;

use super::native::NAME_LIMIT;
use crate::backend::class::{generated_name, short_hash};

/// The names given so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    prefix: String,
    given: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// Names that begin with a prefix.
    pub(super) fn new(prefix: &str) -> Names {
        Names { prefix: prefix.to_ascii_uppercase(), given: BTreeMap::new() }
    }

    /// The name of a thing. `identity` tells it from others that have the same stem and hash.
    pub(super) fn give(&mut self, stem: &str, hash: &str, identity: &[String]) -> String {
        let (stem, parts) = (stem.to_ascii_uppercase(), identity);
        let mut hash = hash.to_owned();
        loop {
            let name = generated_name(&self.prefix, &stem, &hash.to_ascii_uppercase(), NAME_LIMIT);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clash_gets_a_longer_name() {
        let mut names = Names::new("grantc");
        let first = names.give("a", "00000000", &["x".into()]);
        assert_eq!(first, "GRANTC_A_00000000");
        let second = names.give("a", "00000000", &["y".into()]);
        assert!(second.starts_with(&first) && second.len() == first.len() + 8, "{second}");
        assert_eq!(names.give("a", "00000000", &["x".into()]), first);
    }
}
