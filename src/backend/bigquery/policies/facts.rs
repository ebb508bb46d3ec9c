//! Collects the facts of a lowering: each once, with the policies that ask for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::fact::{Fact, FactKey, FactKind, Symbols, sort_by_text};

/// Kind, object, grantee, privilege.
type Key = (FactKind, String, String, &'static str);

/// What has been asked for so far.
#[derive(Default)]
pub(super) struct Facts {
    /// Body and policies.
    facts: BTreeMap<Key, (String, BTreeSet<String>)>,
}

impl Facts {
    /// Asks for a fact on behalf of policies.
    pub(super) fn add(&mut self, key: Key, body: String, policies: &[String]) {
        let (_, names) = self.facts.entry(key).or_insert_with(|| (body, BTreeSet::new()));
        names.extend(policies.iter().cloned());
    }

    /// The facts, sorted by text.
    pub(super) fn interned(self, symbols: &mut Symbols) -> Vec<Fact> {
        let mut facts: Vec<Fact> = Vec::with_capacity(self.facts.len());
        for ((kind, object, grantee, privilege), (body, policies)) in self.facts {
            let policies = policies.into_iter().collect::<Vec<_>>().join(", ");
            let key = FactKey {
                kind,
                privilege: symbols.intern(privilege),
                object: symbols.intern(&object),
                grantee: symbols.intern(&grantee),
            };
            facts.push(Fact { key, body: symbols.intern(&body), policies: symbols.intern(&policies) });
        }
        sort_by_text(&mut facts, symbols);
        facts
    }
}
