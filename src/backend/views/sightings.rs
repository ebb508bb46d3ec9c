//! Facts of an export as they are met: each once, with whose it is.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::contract::Observed;
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols, sort_by_text};

/// Kind, object, grantee, privilege.
type Key = (FactKind, String, String, String);

/// What has been seen so far.
#[derive(Debug, Default)]
pub struct Sightings {
    /// Body, policies, ours.
    facts: BTreeMap<Key, (String, String, bool)>,
    roles: BTreeSet<String>,
}

impl Sightings {
    /// A fact; `ours`: the policies that it comes from. Only the first sighting counts.
    pub fn put(
        &mut self,
        (kind, object, grantee, privilege): (FactKind, &str, &str, &str),
        body: String,
        ours: Option<String>,
    ) {
        if kind == FactKind::Role {
            self.roles.insert(object.to_owned());
        }
        let is_ours = ours.is_some();
        let key = (kind, object.to_owned(), grantee.to_owned(), privilege.to_owned());
        self.facts.entry(key).or_insert((body, ours.unwrap_or_default(), is_ours));
    }

    /// A role that is there because something speaks of it.
    pub fn role(&mut self, role: &str, ours: Option<String>) {
        if !self.roles.contains(role) {
            self.put((FactKind::Role, role, "", ""), String::new(), ours);
        }
    }

    /// Everything seen.
    pub fn observed(self, symbols: &mut Symbols) -> Observed {
        let mut observed = Observed { present: true, ..Observed::default() };
        for ((kind, object, grantee, privilege), (body, policies, ours)) in self.facts {
            let fact = Fact {
                key: FactKey {
                    kind,
                    privilege: symbols.intern(&privilege),
                    object: symbols.intern(&object),
                    grantee: symbols.intern(&grantee),
                },
                body: symbols.intern(&body),
                policies: symbols.intern(&policies),
            };
            if ours { observed.ours.push(fact) } else { observed.foreign.push(fact) }
        }
        sort_by_text(&mut observed.ours, symbols);
        sort_by_text(&mut observed.foreign, symbols);
        observed
    }
}
