//! Waiting for what happens in its own time, without guessing how long that is.

use std::time::{Duration, Instant};

/// Long, because it is only waited for in full by a test that fails.
const DEADLINE: Duration = Duration::from_secs(30);

/// Returns once `done` says so; the test fails when it never does.
#[track_caller]
pub fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    eventually_some(what, || done().then_some(()));
}

/// The same for a condition that has something to give back.
#[track_caller]
pub fn eventually_some<T>(what: &str, get: impl FnMut() -> Option<T>) -> T {
    match in_time(get) {
        Some(value) => value,
        None => panic!("waited {DEADLINE:?} in vain for: {what}"),
    }
}

/// The same for a test that has more to say when it was in vain.
pub fn in_time<T>(mut get: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        let value = get();
        if value.is_some() || start.elapsed() >= DEADLINE {
            return value;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}
