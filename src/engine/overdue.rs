//! Sessions whose time is up while their keys are still there.
//!
//! Core removes a key that has expired before a command sees it, and tells so; then the session is
//! counted by `keyspace::index`. But a command can find a session that has ended under a key that has
//! not expired: core's EXPIRE and PERSIST may hold the key, and on Redis 7.0 core's clock stands still
//! while a command runs, and the module's does not.

use crate::keyspace::session_type::{unpack, SESSION};
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::session::Value;
use crate::stats;

/// Counts the session under `key` as expired if its time is up. The caller is about to replace or to
/// delete it, on behalf of a client.
pub fn count(key: &WriteKey<'_>, now: i64) {
    if let Found::Value(Value::Session(session)) = key.get(&SESSION).map(unpack) {
        if !session.is_live(now) {
            stats::EXPIRED.add();
        }
    }
}
