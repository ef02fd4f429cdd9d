//! The keys of one user's sessions, as a set.
//!
//! Nearly all users have few sessions, so their keys lie in one block without an allocation for
//! each.

use crate::leb128::{put_string, Reader};
use std::collections::BTreeSet;

/// The most keys in a block, which is searched from its beginning.
const FEW: usize = 32;
/// A tree that has shrunk to so many keys becomes a block again. This is well below [`FEW`], so
/// that one key more or less does not convert a set again and again.
const FEW_AGAIN: usize = 16;

/// The set of the keys of one user's sessions in one database.
// The box keeps the enum as small as a block, for all the users in the table; few of them have a
// tree.
#[allow(clippy::box_collection)]
#[derive(Debug)]
pub enum KeySet {
    /// A block, in the format of [`KeyList`].
    Few(Box<[u8]>),
    /// A tree, for sets whose block would take too long to search. Not a hash table, which moves
    /// all of its entries at once when it grows.
    Many(Box<BTreeSet<Box<[u8]>>>),
}

/// Several keys in one block: for each its length (LEB128) and its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyList(Vec<u8>);

impl KeyList {
    fn push(&mut self, key: &[u8]) {
        put_string(key, &mut self.0);
    }

    /// The keys, in no particular order.
    pub fn iter(&self) -> Iter<'_> {
        Iter::of(&self.0)
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
    fn of(block: &'a [u8]) -> Self {
        Self(Reader::new(block))
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.string().ok()
    }
}

impl KeySet {
    /// The set of one key.
    pub fn one(key: &[u8]) -> Self {
        let mut block = KeyList(Vec::with_capacity(key.len() + 2));
        block.push(key);
        Self::Few(block.0.into())
    }

    /// The number of keys. It is counted for a block (at most [`FEW`] keys), and stored for a tree.
    pub fn len(&self) -> usize {
        match self {
            Self::Few(block) => Iter::of(block).count(),
            Self::Many(tree) => tree.len(),
        }
    }

    /// Adds a key. Returns whether it is new.
    pub fn add(&mut self, key: &[u8]) -> bool {
        match self {
            Self::Few(block) => {
                let mut count = 0;
                for present in Iter::of(block) {
                    if present == key {
                        return false;
                    }
                    count += 1;
                }
                if count < FEW {
                    let mut longer = KeyList(Vec::with_capacity(block.len() + key.len() + 2));
                    longer.0.extend_from_slice(block);
                    longer.push(key);
                    *block = longer.0.into();
                } else {
                    let all = Iter::of(block).chain([key]);
                    *self = Self::Many(Box::new(all.map(Into::into).collect()));
                }
                true
            }
            Self::Many(tree) => tree.insert(key.into()),
        }
    }

    /// Removes a key. Returns whether it was there.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        match self {
            Self::Few(block) => {
                let mut keys = Iter::of(block);
                loop {
                    let start = keys.0.position();
                    match keys.next() {
                        None => return false,
                        Some(present) if present == key => {
                            let end = keys.0.position();
                            *block = [&block[..start], &block[end..]].concat().into();
                            return true;
                        }
                        Some(_) => {}
                    }
                }
            }
            Self::Many(tree) => {
                let was_there = tree.remove(key);
                if tree.len() <= FEW_AGAIN {
                    *self = Self::Few(self.list().0.into());
                }
                was_there
            }
        }
    }

    /// Removes the whole block, or one key of a tree: a step of bounded work. Returns whether
    /// anything was left.
    pub fn remove_some(&mut self) -> bool {
        match self {
            Self::Few(block) => !std::mem::take(block).is_empty(),
            Self::Many(tree) => tree.pop_first().is_some(),
        }
    }

    /// Whether the set has no keys.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Few(block) => block.is_empty(),
            Self::Many(tree) => tree.is_empty(),
        }
    }

    /// A copy of all keys.
    pub fn list(&self) -> KeyList {
        match self {
            Self::Few(block) => KeyList(block.to_vec()),
            Self::Many(tree) => {
                let mut list = KeyList::default();
                for key in tree.iter() {
                    list.push(key);
                }
                list
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(keys: &KeySet) -> Vec<Vec<u8>> {
        let mut all: Vec<_> = keys.list().iter().map(<[u8]>::to_vec).collect();
        all.sort();
        all
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_plain_set(
            steps in proptest::collection::vec((any::<bool>(), 0..60_u8), 0..400),
        ) {
            let mut keys = KeySet::one(b"first");
            let mut model: BTreeSet<Vec<u8>> = [b"first".to_vec()].into();
            for (add, n) in steps {
                // Some keys are so long that the length takes two bytes.
                let key = vec![n; usize::from(n) * 5];
                if add {
                    prop_assert_eq!(keys.add(&key), model.insert(key));
                } else {
                    prop_assert_eq!(keys.remove(&key), model.remove(&key));
                }
                prop_assert_eq!(keys.len(), model.len());
                prop_assert_eq!(keys.is_empty(), model.is_empty());
            }
            prop_assert_eq!(sorted(&keys), model.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_block_becomes_a_tree_and_a_block_again() {
        let mut keys = KeySet::one(b"0");
        for n in 1..=FEW {
            assert!(matches!(keys, KeySet::Few(_)), "{n}");
            keys.add(n.to_string().as_bytes());
        }
        assert!(matches!(keys, KeySet::Many(_)));
        for n in FEW_AGAIN..=FEW {
            assert!(matches!(keys, KeySet::Many(_)), "{n}");
            keys.remove(n.to_string().as_bytes());
        }
        assert!(matches!(keys, KeySet::Few(_)));
        assert_eq!(keys.len(), FEW_AGAIN);
    }

    #[test]
    fn it_is_as_small_as_a_block() {
        assert_eq!(size_of::<KeySet>(), size_of::<Box<[u8]>>());
    }

    #[test]
    fn it_can_be_emptied_piece_by_piece() {
        let mut keys = KeySet::one(b"0");
        for n in 1..1000 {
            keys.add(n.to_string().as_bytes());
        }
        let mut steps = 0;
        while keys.remove_some() {
            steps += 1;
        }
        assert_eq!((steps, keys.is_empty()), (1000, true));
    }
}
