//! Lists as the vendor's command line prints them.
//!
//! In: one page, pages one after the other (with or without line ends between), a list of pages, or one bare list.
//! Out: the entries, with the line where each document ends for messages.
//! Invariant: all or nothing. A last page that says there is a next one is an incomplete list, and an error.
//! Keys that we do not know are passed over.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};

/// An object that is either a page of entries or an entry.
pub(super) trait Node: Sized {
    /// An entry.
    type Entry;
    /// The entries of a page and whether there is a next one; or the entry itself.
    fn split(self) -> Split<Self::Entry>;
}

/// See [`Node`].
pub(super) enum Split<E> {
    /// A page.
    Page(Vec<E>, bool),
    /// An entry of a bare list.
    Entry(E),
    /// Neither: an object without any key that we know.
    Neither,
}

/// What is wrong, and on which line (from 1).
pub(super) struct Unreadable {
    pub(super) line: u32,
    pub(super) message: String,
}

/// Reads every entry of a file.
pub(super) fn read<'de, N>(bytes: &'de [u8]) -> Result<Vec<N::Entry>, Unreadable>
where
    N: Node + Deserialize<'de>,
{
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut entries = Vec::new();
    let mut documents = 0_usize;
    let mut continued = false;
    for document in serde_json::Deserializer::from_slice(bytes).into_iter::<Document<N>>() {
        let document =
            document.map_err(|error| Unreadable { line: error.line() as u32, message: error.to_string() })?;
        documents += 1;
        for node in document.nodes {
            match node.split() {
                Split::Page(page, more) => {
                    entries.extend(page);
                    continued = more;
                }
                Split::Entry(entry) => entries.push(entry),
                Split::Neither => {
                    let message = format!("document {documents} is neither a page nor an entry of the list");
                    return Err(Unreadable { line: 1, message });
                }
            }
        }
    }
    if documents == 0 {
        return Err(Unreadable { line: 1, message: "the file is empty".to_owned() });
    }
    if continued {
        let message = "the last page says `NextToken`: the list is not complete".to_owned();
        return Err(Unreadable { line: 1, message });
    }
    Ok(entries)
}

/// One JSON value of the file: an object, or a list of objects.
struct Document<N> {
    nodes: Vec<N>,
}

impl<'de, N: Deserialize<'de>> Deserialize<'de> for Document<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany(PhantomData))
    }
}

struct OneOrMany<N>(PhantomData<N>);

impl<'de, N: Deserialize<'de>> Visitor<'de> for OneOrMany<N> {
    type Value = Document<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of a list, or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(Document { nodes: vec![N::deserialize(MapAccessDeserializer::new(map))?] })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Document { nodes })
    }
}
