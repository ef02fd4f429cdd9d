//! Unsigned integers in LEB128 (DWARF 5, section 7.6): seven bits to a byte, the least significant
//! group first; every byte but the last has its highest bit set.
//!
//! The saved form of a session, its form in memory, and the index of users all use it. Numbers of up
//! to eight bytes are written and read as one word, because each read of a session begins with
//! several.

/// The reason why a number or a string cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// The bytes end too early.
    Truncated,
    /// A number has more than 64 bits.
    TooLarge,
}

/// The length of the longest number, in bytes.
pub const MAX_LEN: usize = 10;

/// A buffer of up to `N` bytes on the stack.
///
/// A number needs room for [`MAX_LEN`] bytes while it is written, however short it is. So `N` must be
/// at least [`MAX_LEN`] more than the number of bytes before the last number.
pub struct Buffer<const N: usize> {
    bytes: [u8; N],
    used: usize,
}

impl<const N: usize> Buffer<N> {
    /// An empty buffer.
    pub fn new() -> Self {
        Self {
            bytes: [0; N],
            used: 0,
        }
    }

    /// Appends one byte.
    #[inline]
    pub fn byte(&mut self, byte: u8) {
        self.bytes[self.used] = byte;
        self.used += 1;
    }

    /// Appends a number.
    #[inline]
    pub fn number(&mut self, n: u64) {
        if n < 0x80 {
            self.byte(n as u8);
        } else {
            self.wide_number(n);
        }
    }

    /// Appends a number of two or more bytes: up to eight as one word.
    #[inline(never)]
    fn wide_number(&mut self, n: u64) {
        if n >> 56 == 0 {
            let bits = u64::BITS - n.leading_zeros();
            let len = bits.div_ceil(7) as usize;
            // The highest bit of every byte but the last.
            let more = (HIGH_BITS << (64 - 8 * len)) >> (72 - 8 * len);
            let word = spread(n) | more;
            self.bytes[self.used..][..8].copy_from_slice(&word.to_le_bytes());
            self.used += len;
        } else {
            self.number_by_bytes(n);
        }
    }

    #[cold]
    #[inline(never)]
    fn number_by_bytes(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.byte(n as u8 | 0x80);
            n >>= 7;
        }
        self.byte(n as u8);
    }

    /// The bytes so far.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.used]
    }
}

/// Appends a number.
pub fn put_number(n: u64, out: &mut Vec<u8>) {
    let mut buffer = Buffer::<MAX_LEN>::new();
    buffer.number(n);
    out.extend_from_slice(buffer.bytes());
}

/// Appends a string: its length as a number, then its bytes.
pub fn put_string(string: &[u8], out: &mut Vec<u8>) {
    put_number(string.len() as u64, out);
    out.extend_from_slice(string);
}

/// Reads numbers and strings, one after the other. It never reads beyond the bytes, and reserves
/// nothing.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads from the first byte on.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes have been read.
    #[inline]
    pub fn position(&self) -> usize {
        self.at
    }

    /// Whether all bytes have been read.
    #[inline]
    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Reads one byte.
    ///
    /// # Errors
    /// Truncated.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        let &byte = self.bytes.get(self.at).ok_or(Malformed::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    /// Reads a number.
    ///
    /// # Errors
    /// Truncated, or too large.
    #[inline]
    pub fn number(&mut self) -> Result<u64, Malformed> {
        let &first = self.bytes.get(self.at).ok_or(Malformed::Truncated)?;
        if first < 0x80 {
            self.at += 1;
            return Ok(first.into());
        }
        if let Some(chunk) = self.bytes[self.at..].first_chunk::<8>() {
            let word = u64::from_le_bytes(*chunk);
            let ends = !word & HIGH_BITS;
            if ends != 0 {
                // Shift out the bytes behind the last byte of the number.
                let unused = 63 - ends.trailing_zeros();
                self.at += 8 - unused as usize / 8;
                return Ok(squeezed(word << unused >> unused));
            }
        }
        self.number_by_bytes()
    }

    /// Reads a number of more than eight bytes, or one that begins in the last seven bytes.
    #[cold]
    #[inline(never)]
    fn number_by_bytes(&mut self) -> Result<u64, Malformed> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if low << shift >> shift != low {
                break;
            }
            n |= low << shift;
            if byte & 0x80 == 0 {
                return Ok(n);
            }
        }
        Err(Malformed::TooLarge)
    }

    /// Reads a string: its length as a number, then its bytes.
    ///
    /// # Errors
    /// Truncated, also where the length is more than there are bytes; or too large.
    #[inline]
    pub fn string(&mut self) -> Result<&'a [u8], Malformed> {
        let len = usize::try_from(self.number()?).map_err(|_| Malformed::Truncated)?;
        let end = self.at.checked_add(len).ok_or(Malformed::Truncated)?;
        let string = self.bytes.get(self.at..end).ok_or(Malformed::Truncated)?;
        self.at = end;
        Ok(string)
    }
}

/// The highest bit of each byte.
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Spreads a number of up to 56 bits over eight bytes, seven bits in each: splits it into two halves
/// of four bytes, then each half, then each quarter.
#[inline]
fn spread(n: u64) -> u64 {
    let halves = n & 0x0fff_ffff | (n & 0x00ff_ffff_f000_0000) << 4;
    let quarters = halves & 0x0000_3fff_0000_3fff | (halves & 0x0fff_c000_0fff_c000) << 2;
    quarters & 0x007f_007f_007f_007f | (quarters & 0x3f80_3f80_3f80_3f80) << 1
}

/// Puts the lower seven bits of each byte together: the reverse of [`spread`].
#[inline]
fn squeezed(word: u64) -> u64 {
    let word = word & !HIGH_BITS;
    let quarters = word & 0x00ff_00ff_00ff_00ff | (word & 0xff00_ff00_ff00_ff00) >> 1;
    let halves = quarters & 0x0000_ffff_0000_ffff | (quarters & 0xffff_0000_ffff_0000) >> 2;
    halves & 0xffff_ffff | halves >> 32 << 28
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_of_every_length_are_read_the_same_by_words_and_by_bytes(
            n in any::<u64>(),
            shift in 0..64u32,
            behind in proptest::collection::vec(any::<u8>(), 0..9),
        ) {
            let n = n >> shift;
            let mut bytes = Vec::new();
            put_number(n, &mut bytes);
            let len = bytes.len();
            bytes.extend(behind);
            let mut by_words = Reader::new(&bytes);
            let mut by_bytes = Reader::new(&bytes);
            prop_assert_eq!((by_words.number(), by_words.position()), (Ok(n), len));
            prop_assert_eq!((by_bytes.number_by_bytes(), by_bytes.position()), (Ok(n), len));
        }

        #[test]
        fn a_number_is_written_the_same_by_words_and_by_bytes(n in any::<u64>(), shift in 0..64u32) {
            let n = n >> shift;
            let (mut by_words, mut by_bytes) = (Buffer::<MAX_LEN>::new(), Buffer::<MAX_LEN>::new());
            by_words.number(n);
            by_bytes.number_by_bytes(n);
            prop_assert_eq!(by_words.bytes(), by_bytes.bytes());
        }

        #[test]
        fn any_bytes_are_read_the_same_by_words_and_by_bytes(
            bytes in proptest::collection::vec(any::<u8>(), 0..12),
        ) {
            let (mut by_words, mut by_bytes) = (Reader::new(&bytes), Reader::new(&bytes));
            let (one, other) = (by_words.number(), by_bytes.number_by_bytes());
            prop_assert_eq!(one, other);
            if one.is_ok() {
                prop_assert_eq!(by_words.position(), by_bytes.position());
            }
        }
    }

    #[test]
    fn the_examples_of_the_dwarf_standard_hold() {
        for (n, bytes) in [
            (2, &[2][..]),
            (127, &[127]),
            (128, &[0x80, 1]),
            (129, &[0x81, 1]),
            (12857, &[57 | 0x80, 100]),
        ] {
            let mut written = Vec::new();
            put_number(n, &mut written);
            assert_eq!(written, bytes);
        }
    }

    #[test]
    fn a_string_that_is_longer_than_the_bytes_is_truncated() {
        assert_eq!(
            Reader::new(&[3, b'a', b'b']).string(),
            Err(Malformed::Truncated)
        );
        let mut endless = Vec::new();
        put_number(u64::MAX, &mut endless);
        assert_eq!(Reader::new(&endless).string(), Err(Malformed::Truncated));
        assert_eq!(Reader::new(&[0xff; 11]).string(), Err(Malformed::TooLarge));
    }
}
