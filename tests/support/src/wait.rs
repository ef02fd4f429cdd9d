//! Waiting until something has happened, without a guess at how long it takes.

use std::time::{Duration, Instant};

/// How long a test waits for anything before it fails. Generous, because only a test that fails
/// waits this long: a busy machine can hold a correct server up for many seconds.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Returns once `done` is true. The test fails if that takes longer than [`PATIENCE`].
#[track_caller]
pub fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    eventually_some(what, || done().then_some(()));
}

/// Returns the first value that `get` finds. The test fails if that takes longer than [`PATIENCE`].
#[track_caller]
pub fn eventually_some<T>(what: &str, get: impl FnMut() -> Option<T>) -> T {
    match in_time(get) {
        Some(value) => value,
        None => panic!("waited {PATIENCE:?} in vain for: {what}"),
    }
}

/// The first value that `get` finds within [`PATIENCE`]; `None` lets the caller say what is wrong.
pub fn in_time<T>(mut get: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        let value = get();
        if value.is_some() || start.elapsed() >= PATIENCE {
            return value;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}
