//! How many payloads a test tries.

use std::time::{Duration, Instant};

pub struct Budget {
    tries: usize,
    end: Instant,
}

impl Budget {
    /// So many tries, or more: `percent` of what the environment says.
    pub fn new(tries: usize, percent: u64) -> Budget {
        let variable = |name: &str| -> Option<u64> {
            let text = std::env::var(name).ok()?;
            Some(
                text.parse()
                    .unwrap_or_else(|_| panic!("{name} is a number")),
            )
        };
        let (all, seconds) = (variable("FUZZ_TRIES"), variable("FUZZ_SECONDS"));
        let part = |n: u64| n * percent / 100;
        let tries = all.map_or(0, |all| part(all) as usize).max(tries);
        let time = Duration::from_millis(part(seconds.unwrap_or(0) * 1000));
        Budget {
            tries,
            end: Instant::now() + time,
        }
    }

    /// For tries that take long, such as starts of a server: ten times as many where the environment asks
    /// for more.
    pub fn of_slow(tries: usize) -> Budget {
        let more = ["FUZZ_TRIES", "FUZZ_SECONDS"].map(std::env::var_os);
        let is_short = more.iter().all(Option::is_none);
        Budget {
            tries: if is_short { tries } else { 10 * tries },
            end: Instant::now(),
        }
    }

    /// Whether a test that has made so many tries goes on.
    pub fn goes_on(&self, done: usize) -> bool {
        done < self.tries || Instant::now() < self.end
    }
}
