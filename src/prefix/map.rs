//! Registered prefixes by position: who owns a key, what lies around and inside a prefix.
//!
//! In: prefixes with values, in any order. Out: [`PrefixMap`], answers in byte order.
//! Invariant: entries are sorted and unequal; each knows the narrowest other one that covers it, which stands before it.
//! Cost: O(n log n) to build; a lookup is a binary search, plus the nesting depth, plus what it returns.

use super::scope::View;
use super::{Extent, Prefix};

/// A sorted map from prefixes to values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixMap<T> {
    entries: Vec<Entry<T>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry<T> {
    prefix: Prefix,
    value: T,
    /// The position of the narrowest other entry that covers this one.
    around: Option<usize>,
}

impl<T> PrefixMap<T> {
    /// A map in which each prefix stands once.
    ///
    /// # Errors
    /// The entries whose prefix an earlier one (in the order given) already has, sorted by prefix.
    pub fn unique(entries: impl IntoIterator<Item = (Prefix, T)>) -> Result<Self, Vec<(Prefix, T)>> {
        let mut entries: Vec<(Prefix, T)> = entries.into_iter().collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let mut first: Vec<(Prefix, T)> = Vec::new();
        let mut again = Vec::new();
        for entry in entries {
            let known = first.last().is_some_and(|last| last.0 == entry.0);
            if known { again.push(entry) } else { first.push(entry) }
        }
        if again.is_empty() { Ok(Self::from_sorted(first)) } else { Err(again) }
    }

    fn from_sorted(sorted: Vec<(Prefix, T)>) -> Self {
        let mut entries: Vec<Entry<T>> = Vec::with_capacity(sorted.len());
        for (prefix, value) in sorted {
            let before = entries.len().checked_sub(1);
            let around = climb(&entries, before, prefix.view());
            entries.push(Entry { prefix, value, around });
        }
        Self { entries }
    }

    /// How many prefixes there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All of them, in byte order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Prefix, &T)> + DoubleEndedIterator {
        self.entries.iter().map(Entry::pair)
    }

    /// The value of exactly this prefix.
    pub fn get(&self, prefix: &Prefix) -> Option<&T> {
        let position = self.entries.binary_search_by(|entry| entry.prefix.cmp(prefix)).ok()?;
        self.entries.get(position).map(|entry| &entry.value)
    }

    /// The longest registered prefix that covers the whole of `prefix`; for one text, the object before the subtree.
    ///
    /// Where `prefix` itself is not registered, some of its keys belong to the answer, however many registered ones it holds: those
    /// are finitely many, and `prefix` has keys beyond them.
    pub fn most_specific(&self, prefix: &Prefix) -> Option<(&Prefix, &T)> {
        self.covering(prefix).next()
    }

    /// The registered prefix to which an object belongs: the longest that covers its key, which may hold anything.
    pub fn owner(&self, bucket: &str, key: &str) -> Option<(&Prefix, &T)> {
        self.outwards(View { bucket, key, extent: Extent::Object }).next()
    }

    /// All registered prefixes that cover `prefix`, itself included, the most specific first.
    pub fn covering(&self, prefix: &Prefix) -> impl Iterator<Item = (&Prefix, &T)> {
        self.outwards(prefix.view())
    }

    /// All registered prefixes that `prefix` covers, itself included, in byte order.
    pub fn inside(
        &self,
        prefix: &Prefix,
    ) -> impl ExactSizeIterator<Item = (&Prefix, &T)> + DoubleEndedIterator {
        let start = self.entries.partition_point(|entry| entry.prefix < *prefix);
        let from_here = self.entries.get(start..).unwrap_or_default();
        // What a prefix covers follows it without a gap.
        let count = from_here.partition_point(|entry| prefix.covers(&entry.prefix));
        from_here.get(..count).unwrap_or_default().iter().map(Entry::pair)
    }

    /// All registered prefixes that share a key with `prefix`, in byte order.
    pub fn intersecting(&self, prefix: &Prefix) -> impl Iterator<Item = (&Prefix, &T)> {
        let mut wider: Vec<(&Prefix, &T)> =
            self.covering(prefix).filter(|(other, _)| *other != prefix).collect();
        wider.reverse();
        wider.into_iter().chain(self.inside(prefix))
    }

    /// From the most specific entry that covers `scope` to the widest.
    fn outwards<'a>(&'a self, scope: View<'_>) -> impl Iterator<Item = (&'a Prefix, &'a T)> + use<'a, T> {
        let before = self.entries.partition_point(|entry| entry.prefix.view() <= scope).checked_sub(1);
        let first = climb(&self.entries, before, scope);
        let entries = self.entries.as_slice();
        std::iter::successors(first.and_then(|at| entries.get(at)), |entry| {
            entry.around.and_then(|at| entries.get(at))
        })
        .map(Entry::pair)
    }
}

impl<T> PrefixMap<Vec<T>> {
    /// A map in which a prefix may be given several times; its values keep the order given.
    pub fn grouped(entries: impl IntoIterator<Item = (Prefix, T)>) -> Self {
        let mut entries: Vec<(Prefix, T)> = entries.into_iter().collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let mut groups: Vec<(Prefix, Vec<T>)> = Vec::new();
        for (prefix, value) in entries {
            match groups.last_mut() {
                Some((last, values)) if *last == prefix => values.push(value),
                _ => groups.push((prefix, vec![value])),
            }
        }
        Self::from_sorted(groups)
    }
}

impl<T> Default for PrefixMap<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> Entry<T> {
    fn pair(&self) -> (&Prefix, &T) {
        (&self.prefix, &self.value)
    }
}

/// From the last entry that does not come after `scope`, outwards to the first that covers it. Whatever stands between a cover
/// and `scope` lies inside that cover, so the way outwards from there passes every cover, the narrowest first.
fn climb<T>(entries: &[Entry<T>], mut at: Option<usize>, scope: View<'_>) -> Option<usize> {
    while let Some(entry) = at.and_then(|position| entries.get(position)) {
        if entry.prefix.view().covers(scope) {
            return at;
        }
        at = entry.around;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        Prefix::parse_export(text).unwrap()
    }

    fn map() -> PrefixMap<usize> {
        let texts = [
            "s3://lake/a*",
            "s3://lake/a/x*",
            "s3://lake/a/x",
            "s3://lake/a-b/*",
            "s3://lake2/*",
            "s3://lake/a/x/deep/*",
            "s3://lake/b",
        ];
        PrefixMap::unique(texts.iter().enumerate().map(|(at, text)| (prefix(text), at))).unwrap()
    }

    fn shown<'a>(found: impl IntoIterator<Item = (&'a Prefix, &'a usize)>) -> String {
        let texts: Vec<String> = found.into_iter().map(|(prefix, _)| prefix.to_string()).collect();
        texts.join(" ").replace("s3://", "")
    }

    #[test]
    fn a_key_belongs_to_the_longest_prefix() {
        let map = map();
        let owner = |bucket, key| shown(map.owner(bucket, key));
        assert_eq!(owner("lake", "a"), "lake/a*");
        assert_eq!(owner("lake", "a/x"), "lake/a/x");
        assert_eq!(owner("lake", "a/x?*"), "lake/a/x*");
        assert_eq!(owner("lake", "a/x/deep/z"), "lake/a/x/deep/*");
        assert_eq!(owner("lake", "a/y"), "lake/a*");
        assert_eq!(owner("lake", "a-b/c"), "lake/a-b/*");
        assert_eq!(owner("lake", "ab"), "lake/a*");
        assert_eq!(owner("lake", "b"), "lake/b");
        assert_eq!(owner("lake", "bb"), "");
        assert_eq!(owner("lake2", "a"), "lake2/*");
        assert_eq!(owner("lake3", "a"), "");
        assert_eq!(owner("", "a"), "");
    }

    #[test]
    fn neighbours_are_found_outwards_and_inwards() {
        let map = map();
        assert_eq!(shown(map.covering(&prefix("s3://lake/a/x/deep/*"))), "lake/a/x/deep/* lake/a/x* lake/a*");
        assert_eq!(shown(map.covering(&prefix("s3://lake/*"))), "");
        assert_eq!(shown(map.inside(&prefix("s3://lake/a/*"))), "lake/a/x* lake/a/x lake/a/x/deep/*");
        assert_eq!(shown(map.inside(&prefix("s3://lake/a/x"))), "lake/a/x");
        assert_eq!(shown(map.inside(&prefix("s3://lake/zz*"))), "");
        assert_eq!(
            shown(map.intersecting(&prefix("s3://lake/a/*"))),
            "lake/a* lake/a/x* lake/a/x lake/a/x/deep/*"
        );
        assert_eq!(shown(map.most_specific(&prefix("s3://lake/a/*"))), "lake/a*");
        assert_eq!(map.get(&prefix("s3://lake/a/x")), Some(&2));
        assert_eq!(map.get(&prefix("s3://lake/a/")), None);
    }

    #[test]
    fn repeats_are_told_or_grouped() {
        let entries =
            || [("b", 1), ("a*", 2), ("b", 3), ("b", 4)].map(|(t, v)| (prefix(&format!("s3://lake/{t}")), v));
        let again = PrefixMap::unique(entries()).unwrap_err();
        assert_eq!(again.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [3, 4]);
        let grouped = PrefixMap::grouped(entries());
        assert_eq!(grouped.get(&prefix("s3://lake/b")), Some(&vec![1, 3, 4]));
        assert_eq!(grouped.len(), 2);
    }
}
