//! Latencies of one server, and the rule by which those of two servers are compared.
//!
//! The rule: time is cut into windows of a second. A window is slow for a server if one of its probes took
//! more than [`SLOW`], the time left out for which the server's thread or the probe's waited for a
//! processor: that is the machine's doing. Both servers are probed in turn in each window, so if neither is
//! the worse one, a window that is slow for only one of them is so for either with equal chance. A sign test
//! (McNemar's) says how likely it is that so many of these fall to the module by chance; below
//! [`UNLIKELY`] the module is the worse one. Windows are counted rather than probes, because one stall slows
//! several probes.

use std::collections::BTreeSet;
use std::time::Duration;

pub const SLOW: Duration = Duration::from_millis(20);
pub const UNLIKELY: f64 = 0.001;

/// Bounds of the histogram's columns in ms, each twice the last or so.
pub const COLUMNS: [f64; 10] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];

/// One probe that was slow.
#[derive(Clone, Debug)]
pub struct Slow {
    /// Unix ms.
    pub at: i64,
    pub took: Duration,
    /// How long the server's thread, and the probe's, waited for a processor meanwhile.
    pub waited: Duration,
}

#[derive(Clone, Default)]
pub struct Latencies {
    /// For each column the probes that took at most its bound but not that of the one before; last those
    /// that took longer than all.
    pub histogram: [u64; COLUMNS.len() + 1],
    pub probes: u64,
    pub longest: Duration,
    pub slow: Vec<Slow>,
}

impl Latencies {
    pub fn add(&mut self, at: i64, took: Duration, waited: Duration) {
        let ms = took.as_secs_f64() * 1e3;
        let column = COLUMNS.iter().position(|bound| ms <= *bound);
        self.histogram[column.unwrap_or(COLUMNS.len())] += 1;
        self.probes += 1;
        self.longest = self.longest.max(took);
        if took > SLOW {
            self.slow.push(Slow { at, took, waited });
        }
    }

    pub fn append(&mut self, other: &Latencies) {
        for (sum, n) in self.histogram.iter_mut().zip(other.histogram) {
            *sum += n;
        }
        self.probes += other.probes;
        self.longest = self.longest.max(other.longest);
        self.slow.extend(other.slow.iter().cloned());
    }

    /// Those that stay slow without the time in which a thread waited for a processor.
    pub fn own(&self) -> impl Iterator<Item = &Slow> {
        self.slow
            .iter()
            .filter(|slow| slow.took.saturating_sub(slow.waited) > SLOW)
    }

    fn windows(&self) -> BTreeSet<i64> {
        self.own().map(|slow| slow.at / 1000).collect()
    }
}

/// What the rule says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Windows that were slow only with the module, only without it, and with both.
    pub module_only: u64,
    pub core_only: u64,
    pub both: u64,
    /// The chance of as many of one kind with the module, if neither server is the worse one.
    pub chance: f64,
}

impl Comparison {
    pub fn of(module: &Latencies, core: &Latencies) -> Comparison {
        let (module, core) = (module.windows(), core.windows());
        let module_only = module.difference(&core).count() as u64;
        let core_only = core.difference(&module).count() as u64;
        Comparison {
            module_only,
            core_only,
            both: module.intersection(&core).count() as u64,
            chance: at_least(module_only, module_only + core_only),
        }
    }

    pub fn module_is_worse(&self) -> bool {
        self.chance < UNLIKELY
    }
}

/// The chance of at least `heads` of `tosses` of a fair coin.
fn at_least(heads: u64, tosses: u64) -> f64 {
    let mut binomial = 1.0_f64.ln(); // the logarithm of how many ways there are
    let mut sum = 0.0;
    for n in 0..=tosses {
        if n >= heads {
            sum += (binomial - tosses as f64 * 2.0_f64.ln()).exp();
        }
        binomial += ((tosses - n) as f64).ln() - ((n + 1) as f64).ln();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::{at_least, Comparison, Latencies};
    use std::time::Duration;

    const MS: Duration = Duration::from_millis(1);

    /// A server that was slow in these seconds, for 30 ms of which so many were a wait for a processor.
    fn slow(seconds: impl IntoIterator<Item = i64>, waited: u32) -> Latencies {
        let mut all = Latencies::default();
        for second in seconds {
            all.add(second * 1000, MS, Duration::ZERO);
            all.add(second * 1000 + 10, 30 * MS, waited * MS);
            all.add(second * 1000 + 40, 25 * MS, waited * MS);
        }
        all
    }

    #[test]
    fn the_chance_is_that_of_a_coin() {
        assert!((at_least(0, 0) - 1.0).abs() < 1e-9);
        assert!((at_least(2, 2) - 0.25).abs() < 1e-9);
        assert!((at_least(3, 4) - 5.0 / 16.0).abs() < 1e-9);
        assert!((at_least(500, 1000) - 0.5126).abs() < 1e-3);
    }

    #[test]
    fn as_many_slow_windows_on_both_are_no_difference() {
        let it = Comparison::of(&slow(0..20, 0), &slow(15..35, 0));
        assert_eq!((it.module_only, it.core_only, it.both), (15, 15, 5));
        assert!(!it.module_is_worse());
    }

    #[test]
    fn slow_windows_that_core_has_not_are_found() {
        let it = Comparison::of(&slow(0..15, 0), &slow(40..41, 0));
        assert!(it.module_is_worse(), "{it:?}");
        // One or two can be chance.
        assert!(!Comparison::of(&slow(0..2, 0), &slow([], 0)).module_is_worse());
    }

    #[test]
    fn a_wait_for_a_processor_does_not_count() {
        let it = Comparison::of(&slow(0..12, 15), &slow([], 0));
        assert_eq!((it.module_only, it.both), (0, 0));
        assert_eq!(slow(0..12, 15).slow.len(), 24);
    }
}
