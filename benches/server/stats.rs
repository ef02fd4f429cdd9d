//! Median and range of a few measurements.

/// What several runs gave.
#[derive(Clone, Copy)]
pub struct Spread {
    /// The one in the middle.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// Of at least one.
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

/// What runs of two things gave, which took turns.
pub struct Pairs<C>([Vec<C>; 2]);

impl<C> Pairs<C> {
    /// Runs each of both, 0 and 1, so many times. Who is first changes from round to round; one
    /// more round comes before them, which warms up and is dropped.
    pub fn run(rounds: usize, mut run: impl FnMut(usize) -> C) -> Self {
        let mut runs = [Vec::new(), Vec::new()];
        for round in 0..=rounds {
            for which in [round % 2, 1 - round % 2] {
                let cost = run(which);
                if round > 0 {
                    runs[which].push(cost);
                }
            }
        }
        Self(runs)
    }

    /// What comes of the two of each pair.
    pub fn ratio(&self, of: fn(&C, &C) -> f64) -> Spread {
        let pairs = self.0[0].iter().zip(&self.0[1]);
        Spread::of(pairs.map(|(one, other)| of(one, other)))
    }

    /// The median of one of both, 0 or 1.
    pub fn median(&self, which: usize, field: fn(&C) -> f64) -> f64 {
        Spread::of(self.0[which].iter().map(field)).median
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} ({:.2}–{:.2})", self.median, self.min, self.max)
    }
}
