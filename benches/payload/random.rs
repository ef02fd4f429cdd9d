//! Random numbers that are the same in each run.

/// A generator (xorshift).
pub struct Random(u32);

impl Random {
    /// A generator whose numbers depend on `seed`.
    pub fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9) | 1)
    }

    /// The next number.
    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        self.next() % end
    }

    /// One of the texts.
    pub fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[self.below(texts.len() as u32) as usize]
    }

    /// A word of at least `min` and at most `max` lower-case letters.
    pub fn word(&mut self, min: u32, max: u32) -> String {
        let length = min + self.below(max - min + 1);
        let mut letter = || (b'a' + self.below(26) as u8) as char;
        (0..length).map(|_| letter()).collect()
    }
}
