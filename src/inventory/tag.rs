//! Tags: dotted names in a tree, `PII.Email` below `PII`.

use indexmap::IndexMap;

use super::TagId;
use crate::ids::Id;

/// The segments of a dotted tag, outermost first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// At least one.
    pub segments: Vec<String>,
}

impl Tag {
    /// The segments joined by `.`: what `covers tags under` compares.
    pub fn text(&self) -> String {
        self.segments.join(".")
    }
}

/// Every known tag with its ancestors.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    table: IndexMap<Tag, Entry>,
}

#[derive(Clone, Debug, Default)]
struct Entry {
    parent: Option<TagId>,
    /// Carried by something or listed in a vocabulary, not merely an ancestor of such a tag.
    known: bool,
}

impl Tags {
    /// Interns a tag and its ancestors; `known` says that something carries it or a vocabulary lists it.
    pub fn intern(&mut self, tag: &Tag, known: bool) -> TagId {
        let parent = match tag.segments.split_last() {
            Some((_, rest)) if !rest.is_empty() => Some(self.intern(&Tag { segments: rest.to_vec() }, false)),
            Some(_) | None => None,
        };
        let entry = self.table.entry(tag.clone());
        let id = TagId::from_raw(entry.index() as u32);
        let entry = entry.or_insert(Entry { parent, known: false });
        entry.known |= known;
        id
    }

    /// The id of a tag, if it or a tag below it is known.
    pub fn find(&self, tag: &Tag) -> Option<TagId> {
        self.table.get_index_of(tag).map(|index| TagId::from_raw(index as u32))
    }

    /// The tag of an id.
    pub fn get(&self, id: TagId) -> Option<&Tag> {
        self.table.get_index(id.raw() as usize).map(|(tag, _)| tag)
    }

    /// The dotted text of an id.
    pub fn text(&self, id: TagId) -> String {
        self.get(id).map(Tag::text).unwrap_or_default()
    }

    /// The tag above, if any.
    pub fn parent(&self, id: TagId) -> Option<TagId> {
        self.table.get_index(id.raw() as usize).and_then(|(_, entry)| entry.parent)
    }

    /// `id` and the tags above it, deepest first.
    pub fn upwards(&self, id: TagId) -> impl Iterator<Item = TagId> + '_ {
        std::iter::successors(Some(id), |at| self.parent(*at))
    }

    /// Whether `id` is `ancestor` or below it.
    pub fn is_at_or_below(&self, id: TagId, ancestor: TagId) -> bool {
        self.upwards(id).any(|at| at == ancestor)
    }

    /// Whether something carries the tag itself or a vocabulary lists it.
    pub fn is_known(&self, id: TagId) -> bool {
        self.table.get_index(id.raw() as usize).is_some_and(|(_, entry)| entry.known)
    }

    /// All tags with their ids, in the order interned.
    pub fn iter(&self) -> impl Iterator<Item = (TagId, &Tag)> {
        self.table.keys().enumerate().map(|(index, tag)| (TagId::from_raw(index as u32), tag))
    }
}
