//! axum_session with axum_session_redispool.
//!
//! The key is the name of the table and a UUID, which the cookie holds, signed or as it is. The value is JSON:
//! `data`, whose members are JSON texts, and `longterm`. With a database key it is ciphertext in base64.

use super::format::{Entry, Format, Old, Refused};
use super::{foreign, json, text_members, times};
use serde_json::Value;

/// The defaults of `lifetime` and, for sessions that are `longterm`, of `max_lifetime`. Accesses renew both.
const LIFETIME: i64 = 6 * 60 * times::MINUTE;
const LONGTERM: i64 = 60 * times::DAY;

pub struct AxumSession;

impl Format for AxumSession {
    fn default_prefix(&self) -> &'static str {
        "sessions:"
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(LIFETIME)
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        let text = entry.text()?;
        if foreign::is_base64(text) {
            return Err(Refused::Encrypted);
        }
        let mut parts = json::object(text)?;
        let Some(&Value::Bool(longterm)) = parts.get("longterm") else {
            return Err(Refused::NotASession("no longterm in it"));
        };
        let Some(Value::Object(data)) = parts.remove("data") else {
            return Err(Refused::NotASession("no data in it"));
        };
        let lifetime = if longterm { LONGTERM } else { LIFETIME };
        Ok(Old {
            data: text_members::values(data)?,
            created: None,
            idle: Some(times::idle_or_more(lifetime, entry.left)?),
            deadline_left: None,
        })
    }
}
