//! The server's clock, and steps that must be done before it reaches some time.

use super::{eventually, Conn};
use std::time::{SystemTime, UNIX_EPOCH};

/// Unix time in ms by the clock of this machine. All servers run on it, so this is their clock too,
/// and it can be read while they are down.
pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a clock after 1970").as_millis() as i64
}

impl Conn {
    /// The server's Unix time in ms, by TIME. The time of any command of this connection lies
    /// between the `now` before it and the `now` after it.
    #[track_caller]
    pub fn now(&mut self) -> i64 {
        let time = self.ok(&["TIME"]).texts();
        let part = |at: usize| time[at].parse::<i64>().expect("a number");
        part(0) * 1000 + part(1) / 1000
    }

    /// Waits until the server's clock shows more than `time`, in Unix ms.
    #[track_caller]
    pub fn wait_until_after(&mut self, time: i64) {
        eventually("the server's clock goes on", || self.now() > time);
    }

    /// Waits for the next millisecond of the server's clock, so that the next command has a later
    /// time than the last one.
    #[track_caller]
    pub fn tick(&mut self) {
        let now = self.now();
        self.wait_until_after(now);
    }
}

/// Steps that must be done within some ms, such as whatever comes before a session ends. `attempt`
/// gets the number of ms and returns `None` if it was too slow; it is called again with four times
/// as many. So a machine that stops the test at the wrong moment costs time, and fails nothing.
#[track_caller]
pub fn within<T>(mut attempt: impl FnMut(i64) -> Option<T>) -> T {
    let times = (0..8).map(|n| 50 << (2 * n)); // the last is a quarter of an hour
    times
        .into_iter()
        .find_map(&mut attempt)
        .expect("an attempt that is quick enough")
}
