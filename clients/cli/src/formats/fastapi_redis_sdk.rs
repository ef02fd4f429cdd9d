//! The sessions of fastapi-redis-sdk, from 0.9 on.
//!
//! A hash whose field `d` is JSON of `m`, the times, and `d`, the data. The field's own time is the idle timeout and
//! the key's the absolute one. The cookie holds the ID as it is, in the shape of this project's tokens. With an
//! encryptor the field is ciphertext in base64.

use super::format::{Entry, Format, Id, Kept, Old, Refused};
use super::{foreign, json, times};
use serde_json::Value;

/// The default of `session_idle_ttl`.
const IDLE: i64 = 30 * times::MINUTE;

pub struct FastapiRedisSdk;

impl Format for FastapiRedisSdk {
    fn default_prefix(&self) -> &'static str {
        "redis:fastapi:session:"
    }

    fn kept(&self) -> Kept {
        Kept::Hash
    }

    fn field(&self) -> Option<&'static str> {
        Some("d")
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(IDLE)
    }

    fn id(&self, _prefix: &[u8], rest: &[u8]) -> Option<Id> {
        Id::cookie(rest)
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        // Without the field the idle timeout has run out, and only the key is left.
        let text = match entry.field("d", "no field d") {
            Err(Refused::NotASession(_)) if matches!(entry.hash(), Ok([])) => {
                return Err(Refused::Ended);
            }
            found => found?,
        };
        if foreign::is_base64(text) {
            return Err(Refused::Encrypted);
        }
        let mut parts = json::object(text)?;
        let created = parts
            .get("m")
            .and_then(|m| times::from_seconds(m.get("created")?));
        let Some(created) = created else {
            return Err(Refused::NotASession("no m with its times"));
        };
        let Some(Value::Object(data)) = parts.remove("d") else {
            return Err(Refused::NotASession("no d with its data"));
        };
        let idle = match entry.field_left {
            Some(left) => Some(times::idle_or_more(IDLE, Some(left))?),
            None => None,
        };
        Ok(Old {
            data,
            created: Some(created),
            idle,
            deadline_left: times::deadline(entry.left)?,
        })
    }
}
