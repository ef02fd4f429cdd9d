//! The keys of one user's sessions, as a set.
//!
//! Nearly all users have few sessions, so their keys lie in one block without an allocation for
//! each. Only users with many have a tree, which also knows when each session was last accessed.

use super::key_list::{Iter, KeyList};
use super::select::{Choice, Wanted};
use super::size::allocated;
use super::slotting::{Slotting, Spans, EVERYWHERE};
use super::tree::Tree;

/// The most keys in a block, which is searched from its beginning.
pub(super) const FEW: usize = 32;
/// A tree that has shrunk to so many keys becomes a block again. This is well below [`FEW`], so
/// that one key more or less does not convert a set again and again.
pub(super) const FEW_AGAIN: usize = 16;

/// The set of the keys of one user's sessions in one database.
#[derive(Debug)]
pub enum KeySet {
    /// A block, in the format of [`KeyList`].
    Few(Box<[u8]>),
    /// A tree, for sets whose block would take too long to search. Boxed, so that the enum stays as
    /// small as a block.
    Many(Box<Tree>),
}

/// A part of the keys of a user.
#[derive(Debug, Default)]
pub struct Part {
    /// The keys.
    pub keys: KeyList,
    /// Whether no part follows.
    pub is_last: bool,
}

impl KeySet {
    /// The set of one key.
    pub fn one(key: &[u8]) -> Self {
        let mut keys = KeyList::with_room(&[], key);
        keys.push(key);
        Self::Few(keys.into_block())
    }

    /// The number of keys. It is counted for a block (at most [`FEW`] keys), and stored for a tree.
    pub fn len(&self) -> usize {
        match self {
            Self::Few(block) => Iter::of(block).count(),
            Self::Many(tree) => tree.len(),
        }
    }

    /// Whether the set has no keys.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Few(block) => block.is_empty(),
            Self::Many(tree) => tree.len() == 0,
        }
    }

    /// Whether the keys are in a tree, which knows the times of their last accesses.
    pub fn is_tree(&self) -> bool {
        matches!(self, Self::Many(_))
    }

    /// The memory that the set takes beside its own size, in bytes.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Few(block) => allocated(block.len()),
            Self::Many(tree) => tree.bytes(),
        }
    }

    /// Adds a key whose session was last accessed at this Unix time in ms, or records the time for a
    /// key that is there. Returns whether it is new.
    pub fn add(&mut self, slotting: Slotting, key: &[u8], accessed: i64) -> bool {
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
                    let mut longer = KeyList::with_room(block, key);
                    longer.push(key);
                    *block = longer.into_block();
                } else {
                    // A block has no times. The keys are not opened to find them: in a cluster the
                    // running command could not open those of other slots.
                    let mut tree = Tree::default();
                    Iter::of(block).for_each(|key| tree.add_unknown(slotting, key));
                    tree.add(slotting, key, accessed);
                    *self = Self::Many(Box::new(tree));
                }
                true
            }
            Self::Many(tree) => tree.add(slotting, key, accessed),
        }
    }

    /// Records the last access of a key, if the set keeps times and has the key.
    pub fn record(&mut self, slotting: Slotting, key: &[u8], accessed: i64) {
        if let Self::Many(tree) = self {
            tree.record(slotting, key, accessed);
        }
    }

    /// Removes a key. Returns whether it was there.
    pub fn remove(&mut self, slotting: Slotting, key: &[u8]) -> bool {
        match self {
            Self::Few(block) => {
                let mut keys = Iter::of(block);
                loop {
                    let start = keys.position();
                    match keys.next() {
                        None => return false,
                        Some(present) if present == key => {
                            let end = keys.position();
                            *block = [&block[..start], &block[end..]].concat().into();
                            return true;
                        }
                        Some(_) => {}
                    }
                }
            }
            Self::Many(tree) => {
                let was_there = tree.remove(slotting, key);
                if tree.len() <= FEW_AGAIN {
                    let keys: KeyList = tree.range(EVERYWHERE, None).collect();
                    *self = Self::Few(keys.into_block());
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
            Self::Many(tree) => tree.pop(),
        }
    }

    /// A copy of the keys in these slots, in parts of `at_most`: the first part, or the one behind
    /// `after`, the last key of the part before. A block is one part, whatever its size.
    pub fn part(
        &self,
        slotting: Slotting,
        spans: Spans<'_>,
        after: Option<&[u8]>,
        at_most: usize,
    ) -> Part {
        let after = after.map(|after| slotting.prefixed(after));
        match self {
            Self::Few(block) => {
                // After a first part this was a tree, and the parts followed its order.
                let is_left =
                    |key: &&[u8]| after.is_none() || after.as_ref() < Some(&slotting.prefixed(key));
                Part {
                    keys: within(block, slotting, spans).filter(is_left).collect(),
                    is_last: true,
                }
            }
            Self::Many(tree) => {
                let mut left = tree.range(spans, after.as_deref());
                Part {
                    keys: left.by_ref().take(at_most).collect(),
                    is_last: left.next().is_none(),
                }
            }
        }
    }

    /// Chooses keys by their last access. All keys of a block are chosen, also if it was a tree when
    /// the choice before this one was made.
    pub fn choose(&self, slotting: Slotting, wanted: &Wanted<'_>) -> Choice {
        match self {
            Self::Few(_) => Choice {
                keys: self.part(slotting, wanted.spans, None, usize::MAX).keys,
                last: None,
            },
            Self::Many(tree) => tree.choose(wanted),
        }
    }

    /// Whether there are more than `max` keys in these slots.
    pub fn exceeds(&self, slotting: Slotting, spans: Spans<'_>, max: usize) -> bool {
        self.len() > max
            && match self {
                _ if spans == EVERYWHERE => true,
                Self::Few(block) => within(block, slotting, spans).nth(max).is_some(),
                Self::Many(tree) => tree.range(spans, None).nth(max).is_some(),
            }
    }
}

/// The keys of a block that are in these slots.
fn within<'a>(
    block: &'a [u8],
    slotting: Slotting,
    spans: Spans<'a>,
) -> impl Iterator<Item = &'a [u8]> {
    Iter::of(block).filter(move |key| slotting.is_within(spans, key))
}
