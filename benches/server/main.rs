//! `make bench`: compares sessions with plain strings that hold the same data, on a real server, and
//! writes the tables of `docs/performance.md`.
//!
//! The figures that count are ratios of two runs, one directly after the other: the speed of a machine
//! changes from minute to minute, and disturbs both runs of such a pair alike.
//!
//! Environment:
//! - `QUICK=1` measures less, for about two minutes, and prints the tables but writes no file;
//! - `SESSIONS` is the largest number of sessions in the table of growth (default 5,000,000; each takes
//!   about 800 bytes of memory);
//! - `ROUNDS` is the number of pairs of runs for a figure (default 5); the first table takes three times
//!   as many.

mod chart;
mod fill;
mod http;
mod load;
mod machine;
mod memory;
mod one_user;
mod pairs;
mod payload;
mod report;
mod scale;
mod stats;
mod trips;
mod web;

use report::Results;

/// How much to measure.
pub struct Plan {
    /// Whether to measure for about two minutes only.
    pub quick: bool,
    /// Pairs of runs for a figure.
    pub rounds: usize,
    /// The largest number of sessions in the table of growth.
    pub sessions: usize,
}

impl Plan {
    fn from_environment() -> Self {
        let number = |name: &str| -> Option<usize> {
            let text = std::env::var(name).ok()?;
            let number = text.replace('_', "").parse();
            Some(number.unwrap_or_else(|_| panic!("{name} is no number: {text}")))
        };
        let quick = number("QUICK").is_some_and(|n| n != 0);
        Self {
            quick,
            rounds: number("ROUNDS").unwrap_or(if quick { 3 } else { 5 }).max(1),
            sessions: number("SESSIONS").unwrap_or(if quick { 100_000 } else { 5_000_000 }),
        }
    }

    /// Pairs of runs for a ratio. The smallest sessions in a pipeline get most: theirs is the table that
    /// readers look at first, and short requests are disturbed most.
    pub fn pairs(&self, size: usize, pipeline: usize) -> usize {
        let most = size == payload::SIZES[0] && pipeline > 1 && !self.quick;
        self.rounds * if most { 3 } else { 1 }
    }

    /// Requests in a run: enough for a fraction of a second.
    pub fn requests(&self, size: usize, pipeline: usize) -> usize {
        let full = if pipeline == 1 { 25_000 } else { 150_000 };
        let full = full / (1 + size / 2048);
        if self.quick {
            full / 4
        } else {
            full
        }
    }

    /// The numbers of sessions in the table of growth, in ascending order.
    fn steps(&self) -> Vec<usize> {
        let tens = [1_000, 100_000, 1_000_000, 5_000_000];
        let below = tens.into_iter().filter(|&n| n < self.sessions);
        below.chain([self.sessions]).collect()
    }
}

fn main() {
    let plan = Plan::from_environment();
    // First, since it depends on most programs and packages: a missing one shows at once.
    eprintln!("HTTP, pairs of runs, {} each:", plan.rounds);
    let http = http::measure(&plan);
    eprintln!("pairs of runs, {} each:", plan.rounds);
    let sizes = if plan.quick {
        &payload::SIZES[..1]
    } else {
        &payload::SIZES[..]
    };
    let mut outcomes = pairs::measure(&plan, sizes[0], 32);
    if !plan.quick {
        outcomes.extend(pairs::measure(&plan, sizes[0], 1));
    }
    for &size in &sizes[1..] {
        outcomes.extend(pairs::measure(&plan, size, 32));
    }
    eprintln!("memory:");
    let memory = memory::measure(sizes);
    eprintln!("growth:");
    let scales = plan
        .steps()
        .into_iter()
        .map(|n| scale::measure(&plan, n))
        .collect();
    let one_user = one_user::measure(&plan);
    let results = Results {
        outcomes,
        memory,
        scales,
        one_user,
        http,
    };
    println!("{}", report::markdown(&plan, &results));
    if !plan.quick {
        report::write(&plan, &results);
    }
}
