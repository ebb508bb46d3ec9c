//! Typed ids and the vectors that they index.
//!
//! An id is made only by the vector that holds its value, so looking it up cannot miss: this is the one
//! place where indexing happens, and why the rest of the crate can forbid it.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A dense `u32` id of one kind of thing.
pub trait Id: Copy + Eq + Ord + std::hash::Hash {
    /// Wraps a raw index.
    fn from_raw(raw: u32) -> Self;
    /// The raw index, as bitmaps store it.
    fn raw(self) -> u32;
}

/// Declares id types: `ids! { /// A user. UserId, … }`.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);
        impl $crate::ids::Id for $name {
            fn from_raw(raw: u32) -> Self { Self(raw) }
            fn raw(self) -> u32 { self.0 }
        }
    )+};
}

/// A vector indexed by one kind of id only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdVec<I, T> {
    items: Vec<T>,
    kind: PhantomData<fn() -> I>,
}

impl<I: Id, T> IdVec<I, T> {
    /// An empty vector.
    pub fn new() -> Self {
        Self { items: Vec::new(), kind: PhantomData }
    }

    /// Appends a value and names it.
    pub fn push(&mut self, item: T) -> I {
        // INVARIANT: 2^32 of anything does not fit the machines we run on; saturating keeps this free of panics.
        let id = I::from_raw(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
        self.items.push(item);
        id
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The values, in id order.
    pub fn values(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// The ids, in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = I> + DoubleEndedIterator + Clone + use<I, T> {
        (0..u32::try_from(self.items.len()).unwrap_or(u32::MAX)).map(I::from_raw)
    }

    /// Ids with their values, in id order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (I, &T)> + DoubleEndedIterator {
        self.ids().zip(self.items.iter())
    }

    /// The value of an id that may come from elsewhere (a bitmap, a file).
    pub fn lookup(&self, id: I) -> Option<&T> {
        self.items.get(id.raw() as usize)
    }
}

impl<I: Id, T> Default for IdVec<I, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<I: Id, T> FromIterator<T> for IdVec<I, T> {
    fn from_iter<It: IntoIterator<Item = T>>(iter: It) -> Self {
        Self { items: iter.into_iter().collect(), kind: PhantomData }
    }
}

impl<I: Id, T> Index<I> for IdVec<I, T> {
    type Output = T;
    #[expect(
        clippy::indexing_slicing,
        reason = "by INVARIANT: an id comes from this vector's own `push` or `ids`"
    )]
    fn index(&self, id: I) -> &T {
        &self.items[id.raw() as usize]
    }
}

impl<I: Id, T> IndexMut<I> for IdVec<I, T> {
    #[expect(
        clippy::indexing_slicing,
        reason = "by INVARIANT: an id comes from this vector's own `push` or `ids`"
    )]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.raw() as usize]
    }
}
