//! At most so many sessions a second, over all workers.

use super::stop::Stop;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

pub struct Pace {
    rate: Option<u32>,
    /// When the next session may be read.
    next: Mutex<Instant>,
}

impl Pace {
    pub fn new(rate: Option<u32>) -> Pace {
        Pace {
            rate,
            next: Mutex::new(Instant::now()),
        }
    }

    /// How many sessions a batch may have, so that a low rate does not come in bursts: a tenth of a second's.
    pub fn batch(&self, most: usize) -> usize {
        match self.rate {
            None => most,
            Some(rate) => most.min((rate / 10).max(1) as usize),
        }
    }

    /// Waits for the turn of `count` sessions.
    pub async fn wait(&self, count: usize, stop: &Stop) {
        let Some(rate) = self.rate else { return };
        let turn = {
            let mut next = self.next.lock().expect("no panic while locked");
            let turn = (*next).max(Instant::now());
            *next = turn + Duration::from_secs_f64(count as f64 / f64::from(rate));
            turn
        };
        stop.sleep(turn.saturating_duration_since(Instant::now()))
            .await;
    }
}
