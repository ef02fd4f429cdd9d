//! The keys of a user who has many sessions, sorted by slot, each with the time of its last access.
//!
//! The times stand beside the keys, so that the most recently accessed are found without opening
//! any. They cost eight bytes for each session of such a user, and none for all others.

use super::select::{choose, Choice, Wanted, UNKNOWN};
use super::size::allocated;
use super::slotting::{key_of, Slotting, Spans};
use std::collections::BTreeMap;
use std::ops::Bound;

/// The part of a node's memory that one entry takes: key and time have 24 bytes, a node has room for
/// eleven, and is about three quarters full.
const NODE_BYTES: usize = 36;

/// Not a hash table, which moves all of its entries at once when it grows.
#[derive(Debug, Default)]
pub struct Tree {
    /// From the key, with its slot before it, to its last access in Unix ms, or [`UNKNOWN`].
    map: BTreeMap<Box<[u8]>, i64>,
    /// The memory that the keys take.
    key_bytes: usize,
}

impl Tree {
    /// The number of keys.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Adds a key, or sets the time of one that is there. Returns whether it is new.
    pub fn add(&mut self, slotting: Slotting, key: &[u8], accessed: i64) -> bool {
        let key = slotting.prefixed(key);
        let bytes = allocated(key.len());
        let is_new = self.map.insert(key.into(), accessed).is_none();
        if is_new {
            self.key_bytes += bytes;
        }
        is_new
    }

    /// Adds a key whose last access is not known.
    pub fn add_unknown(&mut self, slotting: Slotting, key: &[u8]) {
        self.add(slotting, key, UNKNOWN);
    }

    /// Sets the time of a key, if it is there.
    pub fn record(&mut self, slotting: Slotting, key: &[u8], accessed: i64) {
        if let Some(time) = self.map.get_mut(&*slotting.prefixed(key)) {
            *time = accessed;
        }
    }

    /// Removes a key. Returns whether it was there.
    pub fn remove(&mut self, slotting: Slotting, key: &[u8]) -> bool {
        let key = slotting.prefixed(key);
        let was_there = self.map.remove(&*key).is_some();
        if was_there {
            self.key_bytes -= allocated(key.len());
        }
        was_there
    }

    /// Removes the first key. Returns whether there was one.
    pub fn pop(&mut self) -> bool {
        self.map.pop_first().is_some()
    }

    /// The keys in these slots behind `after`, in the order of the tree.
    pub fn range<'a>(
        &'a self,
        spans: Spans<'a>,
        after: Option<&'a [u8]>,
    ) -> impl Iterator<Item = &'a [u8]> {
        self.entries(spans, after).map(|(key, _)| key_of(key))
    }

    fn entries<'a>(
        &'a self,
        spans: Spans<'a>,
        after: Option<&'a [u8]>,
    ) -> impl Iterator<Item = (&'a Box<[u8]>, i64)> {
        spans
            .iter()
            .filter_map(move |span| {
                let start = span.start().to_be_bytes();
                let end = span.end().checked_add(1).map(u16::to_be_bytes);
                let is_behind = |end: &[u8; 2]| after.is_some_and(|after| after >= &end[..]);
                if end.as_ref().is_some_and(is_behind) {
                    return None;
                }
                let lower = match after {
                    Some(after) if after >= &start[..] => Bound::Excluded(after),
                    _ => Bound::Included(&start[..]),
                };
                let upper = end
                    .as_ref()
                    .map_or(Bound::Unbounded, |end| Bound::Excluded(&end[..]));
                Some(self.map.range::<[u8], _>((lower, upper)))
            })
            .flatten()
            .map(|(key, &accessed)| (key, accessed))
    }

    /// See [`choose`].
    pub fn choose(&self, wanted: &Wanted<'_>) -> Choice {
        choose(self.entries(wanted.spans, None), |key| key_of(key), wanted)
    }

    /// The memory that the tree takes, in bytes.
    pub fn bytes(&self) -> usize {
        allocated(size_of::<Self>()) + self.key_bytes + self.map.len() * NODE_BYTES
    }
}
