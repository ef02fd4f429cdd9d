//! Keys of member names: 64 bits by which most names are distinguished without comparing them.
//!
//! Equal names have equal keys, so a key that an object has not seen proves that a name is new.
//! Unequal names can share a key (a NUL at the end is enough, and longer names can be made to), so
//! an equal key only means that the names must be compared.

use super::search::WIDTH;

/// The golden ratio as a 64-bit fraction. The highest bits of a product with it depend on all bits
/// of the other factor.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// A Bloom filter over the names of one object: most new names pass without a comparison.
#[derive(Debug, Clone, Copy)]
pub(super) struct NameFilter([u64; 4]);

impl NameFilter {
    pub(super) const NEW: Self = Self([0; 4]);

    /// Adds a name by its [`key`]. True if the same name may have been added before.
    #[inline(always)]
    pub(super) fn add(&mut self, key: u64) -> bool {
        let hash = key.wrapping_mul(SPREAD);
        let word = &mut self.0[(hash >> 62) as usize];
        let bit = 1 << (hash >> 56 & 63);
        let seen = *word & bit != 0;
        *word |= bit;
        seen
    }
}

/// The key of an unescaped name.
///
/// Up to 7 bytes it is the name itself, padded with NULs; for longer names it is a hash.
pub fn key(name: &[u8]) -> u64 {
    let (words, _) = name.as_chunks();
    match (words, name.last_chunk()) {
        ([start, more @ ..], Some(end)) => {
            let start = more.iter().fold(u64::from_le_bytes(*start), |hash, word| {
                hash.wrapping_mul(SPREAD).rotate_left(29) ^ u64::from_le_bytes(*word)
            });
            long_key(start, *end, name.len())
        }
        _ => (name.iter().rev()).fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

/// The [`key`] of the first `length` bytes of `chunk`, for lengths below [`WIDTH`].
#[inline(always)]
pub(super) fn short_key(chunk: &[u8; WIDTH], length: usize) -> u64 {
    let [start @ .., _, _, _, _, _, _, _, _] = chunk;
    let start = u64::from_le_bytes(*start);
    match MASKS.get(length) {
        Some(mask) => start & mask,
        None => match chunk[..length].last_chunk() {
            Some(end) => long_key(start, *end, length),
            None => 0,
        },
    }
}

#[inline(always)]
fn long_key(start: u64, end: [u8; 8], length: usize) -> u64 {
    start.wrapping_mul(SPREAD).rotate_left(29) ^ u64::from_le_bytes(end) ^ length as u64
}

/// `MASKS[n]` keeps the first `n` bytes of a little-endian word.
const MASKS: [u64; 8] = {
    let mut masks = [0; 8];
    let mut n = 1;
    while n < 8 {
        masks[n] = masks[n - 1] << 8 | 0xFF;
        n += 1;
    }
    masks
};
