//! What is counted a second, and its history: pure.

use crate::server::Info;
use std::collections::VecDeque;
use std::time::Instant;

/// Columns of history that are kept: ten minutes at one second each, and more than a screen is wide.
pub const KEPT: usize = 600;

/// Two readings that are closer than this give no rate: one event between them would look like many a second.
const CLOSEST: f64 = 0.1;

/// How a rate is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Usual,
    /// Some of it is usual, much of it is not.
    Doubtful,
    Bad,
}

/// A counter of INFO.
pub struct Rate {
    pub name: &'static str,
    pub field: &'static str,
    pub tone: Tone,
}

const fn rate(name: &'static str, field: &'static str, tone: Tone) -> Rate {
    Rate { name, field, tone }
}

/// The first [`SHOWN`] are drawn, in this order, by groups of four.
pub const RATES: [Rate; 14] = [
    rate("created", "session_created", Tone::Usual),
    rate("imported", "session_imported", Tone::Usual),
    rate("updated", "session_updated", Tone::Usual),
    rate("rotated", "session_rotated", Tone::Usual),
    rate("verify passed", "session_verify_passed", Tone::Usual),
    rate("verify missing", "session_verify_missing", Tone::Doubtful),
    rate("verify failed", "session_verify_failed", Tone::Bad),
    rate("access recorded", "session_accesses_recorded", Tone::Usual),
    rate("deleted", "session_deleted", Tone::Usual),
    rate("revoked", "session_revoked", Tone::Usual),
    rate("expired", "session_expired", Tone::Usual),
    rate("evicted", "session_evicted", Tone::Bad),
    rate(
        "access not recorded",
        "session_accesses_not_recorded",
        Tone::Usual,
    ),
    rate("operations", "total_commands_processed", Tone::Usual),
];

pub const SHOWN: usize = 12;
pub const PASSED: usize = 4;
pub const MISSING: usize = 5;
pub const FAILED: usize = 6;
pub const RECORDED: usize = 7;
pub const EVICTED: usize = 11;
pub const NOT_RECORDED: usize = 12;
pub const OPERATIONS: usize = 13;

/// A value of each of [`RATES`].
pub type Figures = [f64; RATES.len()];

/// The counters of one reading.
struct Counts {
    at: Instant,
    run_id: String,
    counts: [u64; RATES.len()],
}

/// What happened a second on one node, one column for each interval.
#[derive(Default)]
pub struct History {
    last: Option<Counts>,
    /// Of the column that is not closed yet.
    next: Option<Figures>,
    columns: VecDeque<Option<Figures>>,
}

impl History {
    /// Takes a reading. Rates need two; after a restart the counters begin anew, so it gives none.
    pub fn take(&mut self, at: Instant, info: &Info) {
        let counts = RATES.map(|rate| info.number(rate.field).unwrap_or(0));
        let run_id = info.get("run_id").unwrap_or_default().to_owned();
        if let Some(last) = &self.last {
            let seconds = at.saturating_duration_since(last.at).as_secs_f64();
            let pairs = || counts.iter().zip(&last.counts);
            let goes_on = last.run_id == run_id && pairs().all(|(new, old)| new >= old);
            if goes_on && seconds < CLOSEST {
                return;
            }
            if goes_on {
                let mut figures = [0.0; RATES.len()];
                for (figure, (new, old)) in figures.iter_mut().zip(pairs()) {
                    *figure = (new - old) as f64 / seconds;
                }
                self.next = Some(figures);
            }
        }
        self.last = Some(Counts { at, run_id, counts });
    }

    /// Ends the column of this interval: a gap if no reading came.
    pub fn close(&mut self) {
        if self.columns.len() == KEPT {
            self.columns.pop_front();
        }
        self.columns.push_back(self.next.take());
    }

    /// The columns, the latest last.
    pub fn columns(&self) -> impl DoubleEndedIterator<Item = Option<&Figures>> + ExactSizeIterator {
        self.columns.iter().map(Option::as_ref)
    }

    /// The mean of the last `columns` that are there. `None` if none is.
    pub fn mean(&self, rate: usize, columns: usize) -> Option<f64> {
        let (mut sum, mut count) = (0.0, 0.0);
        for figures in self.columns().rev().take(columns).flatten() {
            sum += figures[rate];
            count += 1.0;
        }
        (count > 0.0).then(|| sum / count)
    }
}

/// The sum of several histories, column by column from the latest back. A gap is one where all have it.
pub fn sum<'a>(histories: impl Iterator<Item = &'a History>) -> VecDeque<Option<Figures>> {
    let mut total: VecDeque<Option<Figures>> = VecDeque::new();
    for history in histories {
        for (back, column) in history.columns().rev().enumerate() {
            if total.len() <= back {
                total.push_front(None);
            }
            let place = total.len() - 1 - back;
            if let (Some(figures), Some(sum)) = (column, total.get_mut(place)) {
                let sum = sum.get_or_insert([0.0; RATES.len()]);
                for (all, one) in sum.iter_mut().zip(figures) {
                    *all += one;
                }
            }
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::{sum, History, PASSED};
    use crate::server::Info;
    use std::time::{Duration, Instant};

    fn info(run: &str, passed: u64) -> Info {
        Info::parse(&format!(
            "run_id:{run}\r\nsession_verify_passed:{passed}\r\n"
        ))
    }

    fn passed(history: &History) -> Vec<Option<f64>> {
        history
            .columns()
            .map(|column| column.map(|it| it[PASSED]))
            .collect()
    }

    #[test]
    fn a_rate_is_the_difference_by_the_time_and_a_restart_has_none() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut history = History::default();
        for (second, run, count) in [
            (0, "a", 100),
            (1, "a", 150),
            (3, "a", 350), // the reading of second 2 was missed
            (4, "b", 400), // started again, and busier than before
            (5, "b", 410),
            (6, "b", 5), // the counter went back
            (7, "b", 6),
        ] {
            if second == 3 {
                history.close();
            }
            history.take(at(second), &info(run, count));
            history.close();
        }
        let expected = [
            None,
            Some(50.0),
            None,
            Some(100.0),
            None,
            Some(10.0),
            None,
            Some(1.0),
        ];
        assert_eq!(passed(&history), expected);
        assert_eq!(history.mean(PASSED, 3), Some(5.5));
        assert_eq!(history.mean(PASSED + 1, 1), Some(0.0));
        assert_eq!(History::default().mean(PASSED, 3), None);
    }

    #[test]
    fn a_reading_soon_after_another_gives_no_rate() {
        let start = Instant::now();
        let mut history = History::default();
        for (milliseconds, count) in [(0, 0), (1, 1), (1000, 50)] {
            history.take(
                start + Duration::from_millis(milliseconds),
                &info("a", count),
            );
        }
        history.close();
        assert_eq!(passed(&history), [Some(50.0)]);
    }

    #[test]
    fn a_sum_lines_up_the_latest_columns() {
        let start = Instant::now();
        let (mut old, mut new) = (History::default(), History::default());
        for second in 0..4 {
            old.take(start + Duration::from_secs(second), &info("a", second * 10));
            old.close();
        }
        new.take(start, &info("b", 0));
        new.close();
        new.take(start + Duration::from_secs(1), &info("b", 1));
        new.close();
        let total: Vec<_> = sum([&old, &new].into_iter())
            .into_iter()
            .map(|column| column.map(|it| it[PASSED]))
            .collect();
        assert_eq!(total, [None, Some(10.0), Some(10.0), Some(11.0)]);
    }
}
