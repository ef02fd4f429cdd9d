//! Random choices that can be repeated: a test that fails has printed its seed.

use std::time::{SystemTime, UNIX_EPOCH};

/// The generator SplitMix64.
pub struct Random(u64);

impl Random {
    /// Takes the seed from the environment's `SEED`, or else from the clock; prints it.
    pub fn seeded() -> Random {
        let random = match std::env::var("SEED") {
            Ok(text) => Random(text.parse().expect("SEED is a number")),
            Err(_) => Random::from_clock(),
        };
        println!("SEED={}", random.0);
        random
    }

    /// Takes the seed from the clock and prints nothing: for what no test depends on.
    pub fn from_clock() -> Random {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.expect("a clock after 1970").as_nanos() as u64;
        Random(now ^ u64::from(std::process::id()).rotate_left(32))
    }

    pub fn from(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next_u64() % n as u64) as usize
    }

    /// True once in `n`, on average.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
