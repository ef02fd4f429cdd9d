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

    /// A number more, as LEB128: at most ten bytes.
    #[inline]
    pub fn number(&mut self, mut n: u64) {
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
