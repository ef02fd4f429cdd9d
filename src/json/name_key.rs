//! Keys of member names: 64 bits by which most names are distinguished without comparing them.
//!
//! Equal names have equal keys, so a key that an object has not seen proves that a name is new.
//! Unequal names can share a key (a NUL at the end is enough, and longer names can be made to), so
//! an equal key only means that the names must be compared.
//!
//! A name is read in chunks of [`WIDTH`] bytes, the last of them with NULs behind the name. The key of
//! a name of up to eight bytes is the name itself, padded with NULs.

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

/// One of 64 bits, for a small filter of names.
#[inline(always)]
pub(super) fn bit(key: u64) -> u64 {
    1 << (key.wrapping_mul(SPREAD) >> 58)
}

/// The key of an unescaped name.
pub fn key(name: &[u8]) -> u64 {
    let (chunks, rest) = name.as_chunks::<WIDTH>();
    let key = chunks.iter().fold(0, |key, chunk| {
        longer(key, u128::from_le_bytes(*chunk), WIDTH)
    });
    if rest.is_empty() {
        return key;
    }
    let mut chunk = [0; WIDTH];
    chunk[..rest.len()].copy_from_slice(rest);
    longer(key, u128::from_le_bytes(chunk), rest.len())
}

/// The key of a name that is the first `length` bytes of `chunk`, the first byte lowest.
#[inline(always)]
pub fn short_key(chunk: u128, length: usize) -> u64 {
    let low = chunk as u64;
    if let Some(mask) = MASKS.get(length) {
        return low & mask;
    }
    let high = (chunk >> 64) as u64 & MASKS.get(length - 8).unwrap_or(&u64::MAX);
    low ^ high.wrapping_mul(SPREAD).rotate_left(29)
}

/// The key of a name whose first chunks have `key`, and whose next is the first `length` bytes of `chunk`.
#[inline(always)]
pub(super) fn longer(key: u64, chunk: u128, length: usize) -> u64 {
    key.wrapping_mul(SPREAD).rotate_left(29) ^ short_key(chunk, length)
}

/// `MASKS[n]` keeps the first `n` bytes of a little-endian word.
const MASKS: [u64; 9] = {
    let mut masks = [0; 9];
    let mut n = 1;
    while n < 9 {
        masks[n] = masks[n - 1] << 8 | 0xFF;
        n += 1;
    }
    masks
};
