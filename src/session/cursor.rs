//! Numbers in memory, read as fast as can be: every read of a session begins with some.

/// What is read, from where on. A value in memory is whole: it is not damaged, as a file can be.
pub struct Cursor<'a> {
    bytes: &'a [u8],
    /// How far it has been read.
    pub at: usize,
}

impl<'a> Cursor<'a> {
    /// At their beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// One byte.
    #[inline]
    pub fn byte(&mut self) -> u8 {
        let byte = self.bytes[self.at];
        self.at += 1;
        byte
    }

    /// A number in LEB128.
    ///
    /// One of two to eight bytes is read as one word: two or three of them stand before each
    /// session's texts.
    #[inline]
    pub fn number(&mut self) -> u64 {
        let first = self.bytes[self.at];
        if first < 0x80 {
            self.at += 1;
            return first.into();
        }
        if let Some(chunk) = self.bytes[self.at..].first_chunk::<8>() {
            let word = u64::from_le_bytes(*chunk);
            let last = !word & (ONES << 7);
            if last != 0 {
                let unused = 63 - last.trailing_zeros();
                self.at += 8 - unused as usize / 8;
                return squeezed(word << unused >> unused);
            }
        }
        self.number_by_bytes()
    }

    #[cold] // Of one that is longer, or among the last bytes, as in a session with almost no data.
    #[inline(never)]
    fn number_by_bytes(&mut self) -> u64 {
        let (mut n, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return n;
            }
            shift += 7;
        }
    }
}

/// A byte of 1 each.
const ONES: u64 = u64::MAX / 255;

/// The lower seven bits of each byte, put together: of two bytes, then of two pairs, then of two fours.
#[inline]
fn squeezed(word: u64) -> u64 {
    let word = word & (ONES * 0x7f);
    let pairs = word & 0x00ff_00ff_00ff_00ff | (word & 0xff00_ff00_ff00_ff00) >> 1;
    let fours = pairs & 0x0000_ffff_0000_ffff | (pairs & 0xffff_0000_ffff_0000) >> 2;
    fours & 0xffff_ffff | fours >> 32 << 28
}

#[cfg(test)]
mod tests {
    use super::super::number::Head;
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
            let mut head = Head::<10>::new();
            head.number(n);
            let bytes = [head.bytes(), &behind].concat();
            let mut by_words = Cursor::new(&bytes);
            let mut by_bytes = Cursor::new(&bytes);
            prop_assert_eq!((by_words.number(), by_words.at), (n, head.bytes().len()));
            prop_assert_eq!((by_bytes.number_by_bytes(), by_bytes.at), (n, head.bytes().len()));
        }
    }
}
