//! Numbers and names in bytes, as the form in memory and the saved one have them.

use super::codec::Damage;

/// Bytes on the way to where they are stored: at most `N`, which is for the writer to know.
pub struct Head<const N: usize> {
    bytes: [u8; N],
    used: usize,
}

impl<const N: usize> Head<N> {
    /// None yet.
    pub fn new() -> Self {
        Self {
            bytes: [0; N],
            used: 0,
        }
    }

    /// One byte more.
    #[inline]
    pub fn push(&mut self, byte: u8) {
        self.bytes[self.used] = byte;
        self.used += 1;
    }

    /// A time or a span of time, if there is one.
    #[inline]
    pub fn optional(&mut self, time: Option<i64>) {
        if let Some(ms) = time {
            self.number(ms.cast_unsigned());
        }
    }

    /// A number more, as LEB128: at most ten bytes, for which there is room.
    #[inline]
    pub fn number(&mut self, n: u64) {
        if n < 0x80 {
            self.push(n as u8);
        } else {
            self.wide_number(n);
        }
    }

    /// One of up to eight bytes is written as one word.
    #[inline(never)]
    fn wide_number(&mut self, n: u64) {
        if n >> 56 == 0 {
            let bits = u64::BITS - n.leading_zeros();
            let len = bits.div_ceil(7) as usize;
            // All but the last byte say that one follows.
            let more = (HIGHS << (64 - 8 * len)) >> (72 - 8 * len);
            let word = spread(n) | more;
            self.bytes[self.used..][..8].copy_from_slice(&word.to_le_bytes());
            self.used += len;
        } else {
            self.long_number(n);
        }
    }

    #[cold]
    #[inline(never)]
    fn long_number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.push(n as u8);
    }

    /// All of them.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.used]
    }
}

/// The highest bit of each byte.
const HIGHS: u64 = (u64::MAX / 255) << 7;

/// Seven bits to each byte: two fours, then four twos, then eight ones. Of 56 bits.
#[inline]
fn spread(n: u64) -> u64 {
    let fours = n & 0x0fff_ffff | (n & 0x00ff_ffff_f000_0000) << 4;
    let twos = fours & 0x0000_3fff_0000_3fff | (fours & 0x0fff_c000_0fff_c000) << 2;
    twos & 0x007f_007f_007f_007f | (twos & 0x3f80_3f80_3f80_3f80) << 1
}

/// Appends a number as LEB128.
pub fn put_number(n: u64, out: &mut Vec<u8>) {
    let mut head = Head::<10>::new();
    head.number(n);
    out.extend_from_slice(head.bytes());
}

/// Appends a length and the bytes.
pub fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_number(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// What is left to read.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Damage> {
        let (&first, rest) = self.0.split_first().ok_or(Damage::Truncated)?;
        self.0 = rest;
        Ok(first)
    }

    /// A number in LEB128.
    #[inline]
    pub fn number(&mut self) -> Result<u64, Damage> {
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
        Err(Damage::BadNumber)
    }

    /// A time: a number that is not too great for one.
    pub fn time(&mut self) -> Result<i64, Damage> {
        i64::try_from(self.number()?).map_err(|_| Damage::BadNumber)
    }

    /// A time that may not be there.
    pub fn optional(&mut self, present: bool) -> Result<Option<i64>, Damage> {
        present.then(|| self.time()).transpose()
    }

    /// A length, and so many bytes: it is believed only as far as there are bytes for it.
    pub fn bytes(&mut self) -> Result<&'a [u8], Damage> {
        let len = usize::try_from(self.number()?).map_err(|_| Damage::Truncated)?;
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(Damage::Truncated)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// A name: a length and 1 to 255 bytes of UTF-8.
    pub fn name(&mut self) -> Result<&'a str, Damage> {
        let bytes = self.bytes()?;
        if bytes.is_empty() || bytes.len() > 255 {
            return Err(Damage::BadName);
        }
        std::str::from_utf8(bytes).map_err(|_| Damage::BadName)
    }
}
