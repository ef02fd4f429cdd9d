//! Medians and ranges of a few measurements, and pairs of alternated runs.

/// The median and the range of several values.
#[derive(Clone, Copy)]
pub struct Spread {
    /// The median; the mean of the two in the middle if their number is even.
    pub median: f64,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
}

impl Spread {
    /// Panics if there are no values.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<_> = values.collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            (values[middle - 1] + values[middle]) / 2.0
        };
        Self {
            median,
            min: values[0],
            max: values[values.len() - 1],
        }
    }
}

/// The costs of alternated runs of candidates, mostly two: their runs of one round belong together.
pub struct Pairs<C>(Vec<Vec<C>>);

impl<C> Pairs<C> {
    /// Runs the candidates 0 and 1, as `run_all`.
    pub fn run(rounds: usize, run: impl FnMut(usize) -> C) -> Self {
        Self::run_all(rounds, 2, run)
    }

    /// Runs the candidates, numbered from 0, `rounds` times each. The candidate that goes first changes
    /// from round to round. One more round at the beginning warms up and is dropped.
    pub fn run_all(rounds: usize, candidates: usize, mut run: impl FnMut(usize) -> C) -> Self {
        let mut runs: Vec<_> = (0..candidates).map(|_| Vec::new()).collect();
        for round in 0..=rounds {
            for turn in 0..candidates {
                let which = (round + turn) % candidates;
                let cost = run(which);
                if round > 0 {
                    runs[which].push(cost);
                }
            }
        }
        Self(runs)
    }

    /// The spread of a figure that is computed from each pair of candidates 0 and 1, such as a ratio.
    pub fn ratio(&self, of: fn(&C, &C) -> f64) -> Spread {
        self.ratio_between([0, 1], of)
    }

    /// The spread of a figure that is computed from two candidates in each round.
    pub fn ratio_between(&self, [one, other]: [usize; 2], of: fn(&C, &C) -> f64) -> Spread {
        let pairs = self.0[one].iter().zip(&self.0[other]);
        Spread::of(pairs.map(|(one, other)| of(one, other)))
    }

    /// The median of a field of the cost, over the runs of one candidate.
    pub fn median(&self, which: usize, field: fn(&C) -> f64) -> f64 {
        Spread::of(self.0[which].iter().map(field)).median
    }
}
