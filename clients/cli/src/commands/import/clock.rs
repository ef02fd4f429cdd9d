//! The clocks of the servers, as far as their last replies tell.
//!
//! A reply to TIME is older than its arrival, so the time here is never ahead of the server's own: a session is
//! not given times that lie in the future. Between replies the monotonic clock of this machine goes on.

use crate::server::{time_ms, Address};
use redis::Value;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

#[derive(Default)]
pub struct Clocks(Mutex<HashMap<Address, (i64, Instant)>>);

impl Clocks {
    /// Takes the reply to TIME that has just arrived.
    pub fn set(&self, server: &Address, reply: &Value) {
        if let Some(time) = time_ms(reply) {
            self.0
                .lock()
                .expect("no panic while locked")
                .insert(server.clone(), (time, Instant::now()));
        }
    }

    /// The server's time, Unix ms. `None` before its first reply.
    pub fn now(&self, server: &Address) -> Option<i64> {
        let clocks = self.0.lock().expect("no panic while locked");
        let (time, at) = clocks.get(server)?;
        Some(time + since(*at))
    }

    /// The time of the server whose clock is ahead of the others.
    pub fn latest(&self) -> Option<i64> {
        let clocks = self.0.lock().expect("no panic while locked");
        clocks.values().map(|(time, at)| time + since(*at)).max()
    }
}

/// Milliseconds since then.
pub fn since(at: Instant) -> i64 {
    i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX)
}
