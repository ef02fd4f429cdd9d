//! Bytes that probably follow in a text.
//!
//! A cursor moves over them where they do follow, and rests on this: none of them is NUL.

use super::search::WIDTH;

/// Up to [`WIDTH`] bytes, to be compared at once: a name with what stands around it.
#[derive(Debug, Clone, Copy)]
pub struct Predicted {
    /// The bytes, the first lowest, and zeros.
    bytes: u128,
    /// Ones where `bytes` has bytes.
    mask: u128,
    /// How many bytes there are. None of them is NUL, or there are none.
    length: usize,
}

impl Predicted {
    /// Takes the bytes; none if they are too many, or if one is NUL.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let mut whole = [0; WIDTH];
        whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Self::of(u128::from_le_bytes(whole), bytes.len())
    }

    /// Takes the first `length` bytes of a chunk, the first byte lowest; none if there are fewer, or if one
    /// is NUL.
    #[inline(always)]
    pub fn of(chunk: u128, length: usize) -> Option<Self> {
        if length == 0 || length > WIDTH {
            return None;
        }
        let mask = u128::MAX >> (8 * (WIDTH - length));
        let filled = chunk | !mask;
        // Subtracting sets the highest bit of a byte that did not have it only if it was NUL, or if one
        // before it was.
        const LOWS: u128 = u128::MAX / 255;
        if filled.wrapping_sub(LOWS) & !filled & (LOWS << 7) != 0 {
            return None;
        }
        Some(Self {
            bytes: chunk & mask,
            mask,
            length,
        })
    }

    /// What is found nowhere.
    pub const NOWHERE: Self = Self {
        bytes: 1,
        mask: 0,
        length: 0,
    };
    /// Whether a chunk begins with the bytes.
    #[inline(always)]
    pub fn begins(&self, chunk: u128) -> bool {
        chunk & self.mask == self.bytes
    }

    /// How many bytes there are. None of them is NUL.
    #[inline(always)]
    pub fn length(&self) -> usize {
        self.length
    }
}
