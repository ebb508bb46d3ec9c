//! The fewest prefixes, or grants, that permit exactly what a set permits.
//!
//! In: prefixes in any order, with repeats. Out: sorted, without repeats, nothing that another entry already says.
//! Invariant: the result depends only on the keys (and permissions) covered, never on how they were said.
//! Cost: a sort, then one sweep: O(n log n) comparisons, memory for the open prefixes of one path.
//!
//! Unlike IP networks, siblings never merge: `a*` also holds the key `a` and every `a` + character, so no finite set of longer
//! prefixes equals it. The minimum is therefore unique: whatever no other entry covers.

use super::{Extent, Prefix};

/// What a grant permits, in the vendor's words READ, WRITE and READWRITE. WRITE does not include reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Reading and listing.
    Read = 1,
    /// Writing and deleting.
    Write = 2,
    /// Both.
    ReadWrite = 3,
}

impl Permission {
    /// 1 for reading plus 2 for writing.
    pub fn bits(self) -> u8 {
        match self {
            Permission::Read => 1,
            Permission::Write => 2,
            Permission::ReadWrite => 3,
        }
    }

    /// From 1 for reading plus 2 for writing. `None` for anything else: no grant permits nothing.
    pub fn from_bits(bits: u8) -> Option<Self> {
        match bits {
            1 => Some(Permission::Read),
            2 => Some(Permission::Write),
            3 => Some(Permission::ReadWrite),
            _ => None,
        }
    }

    /// Whatever either permits.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        if self == other { self } else { Permission::ReadWrite }
    }

    /// Whether it permits all that `other` does.
    pub fn covers(self, other: Self) -> bool {
        self.union(other) == self
    }
}

/// The maximal prefixes of a set: the smallest set that covers the same keys.
pub fn minimal_cover(prefixes: impl IntoIterator<Item = Prefix>) -> Vec<Prefix> {
    let mut kept: Vec<Prefix> = prefixes.into_iter().collect();
    kept.sort_unstable();
    // What a prefix covers follows it without a gap, so comparing with the last one kept is enough.
    kept.dedup_by(|next, last| last.covers(next));
    kept
}

/// The fewest grants of one grantee that permit what `grants` permit.
///
/// Each grant of the result is labelled with *all* that is permitted at its prefix, what wider grants give included: READ on `a*` and
/// WRITE on `ab*` become READ on `a*` and READWRITE on `ab*`. GetDataAccess answers a READWRITE request from one grant only, so
/// the full label keeps such requests working; what is permitted, and the number of grants, is the same. It also makes the result
/// canonical: two sets permit the same exactly if their results are equal.
///
/// The caller keeps apart what must not be merged: grantees, applications, locations with different roles.
pub fn minimal_grants(mut grants: Vec<(Prefix, Permission)>) -> Vec<(Prefix, Permission)> {
    grants.sort_unstable();
    let mut minimal: Vec<(Prefix, Permission)> = Vec::new();
    // The kept grants that cover the current place, widest first, as positions in `minimal`. Their labels are full, so the
    // innermost speaks for all: READ on `a*` and WRITE on `ab*` make READWRITE on `abc*` redundant, though neither does alone.
    let mut open: Vec<usize> = Vec::new();
    for (prefix, permission) in at_each_prefix(grants) {
        let inherited = loop {
            let Some((outer, permitted)) = open.last().and_then(|position| minimal.get(*position)) else {
                break None;
            };
            if outer.covers(&prefix) {
                break Some(*permitted);
            }
            open.pop();
        };
        let effective = inherited.map_or(permission, |permitted| permitted.union(permission));
        if inherited != Some(effective) {
            if prefix.extent() == Extent::Subtree {
                open.push(minimal.len());
            }
            minimal.push((prefix, effective));
        }
    }
    minimal
}

/// Sorted grants with those of one prefix united.
fn at_each_prefix(mut sorted: Vec<(Prefix, Permission)>) -> Vec<(Prefix, Permission)> {
    sorted.dedup_by(|next, last| {
        let same = next.0 == last.0;
        if same {
            last.1 = last.1.union(next.1);
        }
        same
    });
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        Prefix::parse_export(&format!("s3://lake/{text}")).unwrap()
    }

    fn check(grants: &str, expected: &str) {
        let parsed = grants.split_whitespace().map(|grant| {
            let (permission, text) = grant.split_once(':').unwrap();
            let permission = match permission {
                "R" => Permission::Read,
                "W" => Permission::Write,
                "RW" => Permission::ReadWrite,
                other => panic!("{other}"),
            };
            (prefix(text), permission)
        });
        let shown: Vec<String> = minimal_grants(parsed.collect())
            .iter()
            .map(|(prefix, permission)| {
                let permission = match permission {
                    Permission::Read => "R",
                    Permission::Write => "W",
                    Permission::ReadWrite => "RW",
                };
                format!("{permission}:{}", prefix.to_string().trim_start_matches("s3://lake/"))
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{grants}");
    }

    #[test]
    fn grants_say_each_thing_once() {
        check("", "");
        check("R:a* R:ab*", "R:a*");
        check("R:a W:a", "RW:a");
        check("R:a* R:a", "R:a*");
        check("RW:a* R:ab* W:ac", "RW:a*");
        check("R:b* R:a*", "R:a* R:b*");
        check("R:a/* R:a", "R:a R:a/*");
    }

    #[test]
    fn labels_are_full() {
        check("R:a* W:ab*", "R:a* RW:ab*");
        check("R:a* RW:ab*", "R:a* RW:ab*");
        check("R:a* W:ab", "R:a* RW:ab");
    }

    #[test]
    fn wider_grants_add_up() {
        check("R:a* W:ab* RW:abc*", "R:a* RW:ab*");
        check("RW:abc* W:ab* R:a* RW:abd", "R:a* RW:ab*");
        // A sibling opens and closes in between.
        check("R:a* W:ab* R:ac* W:ad*", "R:a* RW:ab* RW:ad*");
    }

    #[test]
    fn bytes_before_the_slash_do_not_close_a_prefix() {
        check("R:a* R:a-b R:a.c* R:a/ R:a/b* R:a0", "R:a*");
        check("R:a/* R:a-b R:a/b", "R:a-b R:a/*");
    }

    #[test]
    fn covers_keep_the_widest() {
        let cover = |texts: &[&str]| {
            let shown: Vec<String> =
                minimal_cover(texts.iter().map(|text| prefix(text))).iter().map(Prefix::to_string).collect();
            shown.join(" ").replace("s3://lake/", "")
        };
        assert_eq!(cover(&["ab", "a*", "abc*", "b", "b", "a-"]), "a* b");
        assert_eq!(cover(&["a*", "*", "b"]), "*");
        assert_eq!(cover(&[]), "");
    }

    #[test]
    fn permissions_are_sets_of_two_bits() {
        for bits in 0..=u8::MAX {
            assert_eq!(
                Permission::from_bits(bits).map(Permission::bits),
                (1..=3).contains(&bits).then_some(bits)
            );
        }
        for a in [Permission::Read, Permission::Write, Permission::ReadWrite] {
            for b in [Permission::Read, Permission::Write, Permission::ReadWrite] {
                assert_eq!(a.union(b).bits(), a.bits() | b.bits());
                assert_eq!(a.covers(b), a.bits() & b.bits() == b.bits());
            }
        }
    }
}
