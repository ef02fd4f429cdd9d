//! Slots in the index: the slot by which a key is sorted, and the ranges of slots in which keys are
//! looked for.
//!
//! In a cluster a command may open only keys of one slot, or of the slots that the node serves. A
//! tree of keys is therefore sorted by slot first. Outside a cluster all keys have the slot 0.

use crate::slots::slot_of;
use std::ops::RangeInclusive;

/// Slots in which keys are looked for: ranges that ascend and do not overlap.
pub type Spans<'a> = &'a [RangeInclusive<u16>];

/// Every slot.
pub const EVERYWHERE: Spans<'static> = &[0..=u16::MAX];

/// Whether keys have slots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Slotting {
    /// All keys have the slot 0.
    #[default]
    None,
    /// A key has the slot that a cluster gives it.
    Cluster,
}

/// The length of a slot before a key.
const PREFIX: usize = 2;

impl Slotting {
    /// The slot of a key.
    pub fn slot(self, key: &[u8]) -> u16 {
        match self {
            Self::None => 0,
            // There are 16,384 slots.
            Self::Cluster => slot_of(key) as u16,
        }
    }

    /// Whether the key is in one of these ranges.
    pub fn is_within(self, spans: Spans<'_>, key: &[u8]) -> bool {
        if spans == EVERYWHERE {
            return true;
        }
        let slot = self.slot(key);
        spans.iter().any(|span| span.contains(&slot))
    }

    /// The key with its slot before it, which sorts by slot and then by key.
    pub fn prefixed(self, key: &[u8]) -> Vec<u8> {
        let slot = self.slot(key).to_be_bytes();
        let mut prefixed = Vec::with_capacity(PREFIX + key.len());
        prefixed.extend_from_slice(&slot);
        prefixed.extend_from_slice(key);
        prefixed
    }
}

/// The key without the slot before it.
pub fn key_of(prefixed: &[u8]) -> &[u8] {
    &prefixed[PREFIX..]
}
