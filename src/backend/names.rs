//! Names of generated principals: one set of accounts each, stable as long as policies keep their names.
//!
//! In: what a principal is for, and its accounts. Out: a name. Two purposes never share a name; one purpose that has
//! different accounts on different securables (a condition that reads the securable) gets a name for each.

use std::collections::BTreeMap;

use super::class::{generated_name, short_hash};
use crate::inventory::AccountSet;

/// A principal that stands for a set of accounts.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Its accounts.
    pub accounts: AccountSet,
    /// The policies that it serves, sorted.
    pub policies: Vec<String>,
}

/// Hands out names.
#[derive(Clone, Debug)]
pub struct Names {
    prefix: String,
    upper: bool,
    limit: usize,
    taken: BTreeMap<String, Generated>,
}

impl Names {
    /// Names that begin with `prefix`, in upper or lower case, of at most `limit` bytes.
    pub fn new(prefix: &str, upper: bool, limit: usize) -> Names {
        Names { prefix: prefix.to_owned(), upper, limit, taken: BTreeMap::new() }
    }

    /// A name for a purpose. `stem`: the policy that it is read by people under; `purpose`: what makes it this one;
    /// `place`: what tells it from the same purpose elsewhere, used only where the accounts differ.
    pub fn name(
        &mut self,
        stem: &str,
        purpose: &[&str],
        place: &str,
        accounts: &AccountSet,
        policies: &[String],
    ) -> String {
        let parts: Vec<String> = purpose.iter().map(|part| (*part).to_owned()).collect();
        let mut tries = vec![parts.clone(), [parts.clone(), vec![place.to_owned()]].concat()];
        // Only a collision of hashes gets past these; then longer and longer.
        tries.extend(
            (0..8).map(|again: u32| [parts.clone(), vec![place.to_owned(), again.to_string()]].concat()),
        );
        let mut name = String::new();
        for each in tries {
            name = self.fold(generated_name(&self.prefix, stem, &short_hash(each), self.limit));
            match self.taken.get_mut(&name) {
                None => break,
                Some(taken) if taken.accounts == *accounts => {
                    taken.policies.extend(policies.iter().cloned());
                    taken.policies.sort();
                    taken.policies.dedup();
                    return name;
                }
                Some(_) => {}
            }
        }
        let mut policies = policies.to_vec();
        policies.sort();
        policies.dedup();
        self.taken.insert(name.clone(), Generated { accounts: accounts.clone(), policies });
        name
    }

    fn fold(&self, name: String) -> String {
        if self.upper { name.to_ascii_uppercase() } else { name.to_ascii_lowercase() }
    }

    /// Every name given, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Generated)> {
        self.taken.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_purpose_with_other_accounts_elsewhere_gets_another_name() {
        let mut names = Names::new("GRANTC", false, 255);
        let (one, two) = (AccountSet::from([1]), AccountSet::from([1, 2]));
        let first = names.name("emails", &["clear", "emails"], "a.b.c", &one, &[]);
        assert_eq!(names.name("emails", &["clear", "emails"], "a.b.d", &one, &[]), first);
        assert_ne!(names.name("emails", &["clear", "emails"], "a.b.d", &two, &[]), first);
        assert!(first.starts_with("grantc_emails_"), "{first}");
    }
}
