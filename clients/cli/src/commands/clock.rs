//! The time by a server's clock. Sessions have no other.

use crate::failure::Failure;
use crate::server::{time_ms, Node};
use std::time::{SystemTime, UNIX_EPOCH};

/// Unix ms. A user who may not run TIME gets the time of this machine.
pub async fn now(node: &Node) -> Result<i64, Failure> {
    let reply = node.try_query(&redis::cmd("TIME")).await?;
    let there = reply.ok().and_then(|reply| time_ms(&reply));
    Ok(there.unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    }))
}
