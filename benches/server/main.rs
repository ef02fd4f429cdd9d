//! `make bench`: what sessions cost beside the strings that they take the place of, measured on a
//! real server and written to `docs/performance.md`.
//!
//! Environment: `QUICK=1` for about two minutes, printed and not written; `SESSIONS` the most sessions
//! of the growth measurement (default 5,000,000; each takes about 800 bytes); `ROUNDS` pairs of runs
//! for each figure (default 5), and three times as many for those of the first table.

mod chart;
mod fill;
mod http;
mod load;
mod machine;
mod memory;
mod pairs;
mod payload;
mod report;
mod scale;
mod stats;
mod trips;
mod web;

use report::Results;

/// How much is measured.
pub struct Plan {
    /// About two minutes in all.
    pub quick: bool,
    /// Pairs of runs.
    pub rounds: usize,
    /// The most sessions.
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

    /// Pairs of runs for each ratio. Those of the smallest session in a pipeline are what matters
    /// most and is disturbed most.
    pub fn pairs(&self, size: usize, pipeline: usize) -> usize {
        let most = size == payload::SIZES[0] && pipeline > 1 && !self.quick;
        self.rounds * if most { 3 } else { 1 }
    }

    /// How many requests make a run of a fraction of a second.
    pub fn requests(&self, size: usize, pipeline: usize) -> usize {
        let full = if pipeline == 1 { 25_000 } else { 150_000 };
        let full = full / (1 + size / 2048);
        if self.quick {
            full / 4
        } else {
            full
        }
    }

    /// Numbers of sessions to compare: powers of ten from a thousand on, and the most.
    fn steps(&self) -> Vec<usize> {
        let tens = [1_000, 100_000, 1_000_000, 5_000_000];
        let below = tens.into_iter().filter(|&n| n < self.sessions);
        below.chain([self.sessions]).collect()
    }
}

fn main() {
    let plan = Plan::from_environment();
    // First, since it wants the most that can be missing.
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
    let results = Results {
        outcomes,
        memory,
        scales,
        http,
    };
    println!("{}", report::markdown(&plan, &results));
    if !plan.quick {
        report::write(&plan, &results);
    }
}
