//! The keys of one user's sessions.

use crate::leb128::{put_string, Reader};
use std::collections::BTreeSet;

/// Up to so many keys lie in one block, which is searched from its beginning.
const FEW: usize = 32;
/// A tree that has shrunk to so many becomes a block again: well below [`FEW`], so that a user on
/// the border does not go to and fro.
const FEW_AGAIN: usize = 16;

/// The keys of one user in one database, each once.
// The box halves what every user takes in the table of users; few of them have a tree.
#[allow(clippy::box_collection)]
#[derive(Debug)]
pub enum Keys {
    /// All in one block, as [`List`] has them: no allocation of its own for a key.
    Few(Box<[u8]>),
    /// A tree, because a block would be searched for too long. Not a hash table: growing one moves
    /// all that it holds at once.
    Many(Box<BTreeSet<Box<[u8]>>>),
}

/// Several keys in one block: for each its length (LEB128) and its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List(Vec<u8>);

impl List {
    fn push(&mut self, key: &[u8]) {
        put_string(key, &mut self.0);
    }

    /// The keys, in no order that means anything.
    pub fn iter(&self) -> Iter<'_> {
        Iter { rest: &self.0 }
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a [u8];
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// An iterator over the keys of a block.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let mut reader = Reader::new(self.rest);
        let key = reader.string().ok()?;
        self.rest = &self.rest[reader.position()..];
        Some(key)
    }
}

impl Keys {
    /// One key.
    pub fn one(key: &[u8]) -> Self {
        let mut block = List(Vec::with_capacity(key.len() + 2));
        block.push(key);
        Self::Few(block.0.into())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Few(block) => Iter { rest: block }.count(),
            Self::Many(tree) => tree.len(),
        }
    }

    /// Adds a key. Gives whether it is new.
    pub fn add(&mut self, key: &[u8]) -> bool {
        match self {
            Self::Few(block) => {
                let mut count = 0;
                for present in (Iter { rest: block }) {
                    if present == key {
                        return false;
                    }
                    count += 1;
                }
                if count < FEW {
                    let mut longer = List(Vec::with_capacity(block.len() + key.len() + 2));
                    longer.0.extend_from_slice(block);
                    longer.push(key);
                    *block = longer.0.into();
                } else {
                    let all = Iter { rest: block }.chain([key]);
                    *self = Self::Many(Box::new(all.map(Into::into).collect()));
                }
                true
            }
            Self::Many(tree) => tree.insert(key.into()),
        }
    }

    /// Removes a key. Gives whether it was there.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        match self {
            Self::Few(block) => {
                let mut rest = Iter { rest: block };
                loop {
                    let start = block.len() - rest.rest.len();
                    match rest.next() {
                        None => return false,
                        Some(present) if present == key => {
                            let end = block.len() - rest.rest.len();
                            *block = [&block[..start], &block[end..]].concat().into();
                            return true;
                        }
                        Some(_) => {}
                    }
                }
            }
            Self::Many(tree) => {
                let was = tree.remove(key);
                if tree.len() <= FEW_AGAIN {
                    *self = Self::Few(self.list().0.into());
                }
                was
            }
        }
    }

    /// Removes any one key; none if there is none left.
    pub fn remove_one(&mut self) -> bool {
        match self {
            Self::Few(block) => !std::mem::take(block).is_empty(),
            Self::Many(tree) => tree.pop_first().is_some(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Few(block) => block.is_empty(),
            Self::Many(tree) => tree.is_empty(),
        }
    }

    /// A copy of all.
    pub fn list(&self) -> List {
        match self {
            Self::Few(block) => List(block.to_vec()),
            Self::Many(tree) => {
                let mut list = List::default();
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

    fn sorted(keys: &Keys) -> Vec<Vec<u8>> {
        let mut all: Vec<_> = keys.list().iter().map(<[u8]>::to_vec).collect();
        all.sort();
        all
    }

    proptest! {
        #[test]
        fn they_are_a_set_whatever_comes_and_goes(
            steps in proptest::collection::vec((any::<bool>(), 0..60_u8), 0..400),
        ) {
            let mut keys = Keys::one(b"first");
            let mut model: BTreeSet<Vec<u8>> = [b"first".to_vec()].into();
            for (add, n) in steps {
                // Long keys too: a length of more than seven bits.
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
        let mut keys = Keys::one(b"0");
        for n in 1..=FEW {
            assert!(matches!(keys, Keys::Few(_)), "{n}");
            keys.add(n.to_string().as_bytes());
        }
        assert!(matches!(keys, Keys::Many(_)));
        for n in FEW_AGAIN..=FEW {
            assert!(matches!(keys, Keys::Many(_)), "{n}");
            keys.remove(n.to_string().as_bytes());
        }
        assert!(matches!(keys, Keys::Few(_)));
        assert_eq!(keys.len(), FEW_AGAIN);
    }

    #[test]
    fn they_take_no_more_in_a_table_than_a_block_does() {
        assert_eq!(size_of::<Keys>(), size_of::<Box<[u8]>>());
    }

    #[test]
    fn emptied_piece_by_piece_they_are_empty() {
        let mut keys = Keys::one(b"0");
        for n in 1..1000 {
            keys.add(n.to_string().as_bytes());
        }
        let mut steps = 0;
        while keys.remove_one() {
            steps += 1;
        }
        assert_eq!((steps, keys.is_empty()), (1000, true));
    }
}
