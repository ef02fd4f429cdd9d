//! Several keys in one block of bytes, without an allocation for each.

use crate::leb128::{put_string, Reader};

/// Several keys in one block: for each its length (LEB128) and its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyList(Vec<u8>);

impl KeyList {
    /// The keys of a block, with room for one more key.
    pub(super) fn with_room(block: &[u8], key: &[u8]) -> Self {
        // The length of nearly all keys takes one byte or two.
        let mut bytes = Vec::with_capacity(block.len() + key.len() + 2);
        bytes.extend_from_slice(block);
        Self(bytes)
    }

    /// The list as a block of exactly its length.
    pub(super) fn into_block(self) -> Box<[u8]> {
        self.0.into()
    }

    /// Appends a key.
    pub(super) fn push(&mut self, key: &[u8]) {
        put_string(key, &mut self.0);
    }

    /// The keys, in no particular order.
    pub fn iter(&self) -> Iter<'_> {
        Iter::of(&self.0)
    }
}

impl<'a> FromIterator<&'a [u8]> for KeyList {
    fn from_iter<I: IntoIterator<Item = &'a [u8]>>(keys: I) -> Self {
        let mut list = Self::default();
        keys.into_iter().for_each(|key| list.push(key));
        list
    }
}

impl<'a> IntoIterator for &'a KeyList {
    type Item = &'a [u8];
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Iterates over the keys of a block.
#[derive(Debug, Clone)]
pub struct Iter<'a>(Reader<'a>);

impl<'a> Iter<'a> {
    /// The keys of a block.
    pub(super) fn of(block: &'a [u8]) -> Self {
        Self(Reader::new(block))
    }

    /// The position in the block behind the keys so far.
    pub(super) fn position(&self) -> usize {
        self.0.position()
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.string().ok()
    }
}
