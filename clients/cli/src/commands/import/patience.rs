//! How long to try again, and after which errors.

use super::stop::Stop;
use crate::failure::{Code, Failure};
use redis::{ServerError, Value};
use std::time::Duration;
use tokio::time::Instant;

/// How long to go on without any answer.
const LIMIT: Duration = Duration::from_secs(30);
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);

/// Errors that pass: a restart, a failover, slots on their way.
const PASSING: [&str; 8] = [
    "BUSY",
    "CLUSTERDOWN",
    "LOADING",
    "MASTERDOWN",
    "MOVED",
    "NOREPLICAS",
    "READONLY",
    "TRYAGAIN",
];

pub struct Patience {
    until: Instant,
    pause: Duration,
}

impl Patience {
    pub fn new() -> Patience {
        Patience {
            until: Instant::now() + LIMIT,
            pause: FIRST,
        }
    }

    /// Waits before the next attempt. `progress`: something was answered since the last one.
    ///
    /// # Errors
    ///
    /// The failure, if that was long enough; or the program is to stop.
    pub async fn wait(
        &mut self,
        progress: bool,
        failure: Failure,
        stop: &Stop,
    ) -> Result<(), Failure> {
        if progress {
            *self = Patience::new();
        }
        if stop.is_set() {
            return Err(interrupted());
        }
        if Instant::now() >= self.until {
            return Err(failure);
        }
        stop.sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST);
        Ok(())
    }
}

/// The error of a reply that is worth another attempt.
pub fn passing(reply: &Value) -> Option<&ServerError> {
    match reply {
        Value::ServerError(error) if PASSING.contains(&error.code()) => Some(error),
        _ => None,
    }
}

/// Where a reply sends a key whose slot is on its way: host and port.
pub fn asked(replies: &[Value]) -> Option<(String, u16)> {
    replies.iter().find_map(|reply| match reply {
        Value::ServerError(error) if error.code() == "ASK" => {
            let (host, port) = error.details()?.split_once(' ')?.1.rsplit_once(':')?;
            Some((host.to_owned(), port.parse().ok()?))
        }
        _ => None,
    })
}

/// What ends a task that waits when the program is to stop.
pub fn interrupted() -> Failure {
    Failure {
        code: Code::Interrupted,
        ..Failure::new("stopped")
    }
}
