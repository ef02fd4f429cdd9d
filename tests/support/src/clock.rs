//! The server's clock, and steps that must be done before it reaches some time.

use super::{args, eventually, Conn};
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

    /// Creates a session that ends soon, with a key that stays: PERSIST has removed the expiry of the
    /// key. `options` are further options of SESSION.SET. Returns the session's lifetime in ms.
    #[track_caller]
    pub fn set_session_outlived_by_key(&mut self, key: &str, options: &[&str]) -> i64 {
        let options = options.iter().map(|option| option.as_bytes().to_vec());
        let options: Vec<_> = options.collect();
        within(|ms| {
            let set = args!["SESSION.SET", key, "1", "NX", "PX", ms];
            self.ok(&[&set[..], &options].concat());
            (self.ok(&["PERSIST", key]).int() == 1).then_some(ms) // 0 if the key has expired
        })
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
