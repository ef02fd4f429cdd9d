//! Flask-Session from 0.7 on.
//!
//! The key is `session:` and the ID, which the cookie holds, signed or as it is. The value is MessagePack or JSON,
//! both by msgspec. Versions before 0.7 wrote pickle. The new client for Flask stores what JSON has no form for as
//! Flask's tagged values.

use super::flask_tags::Tags;
use super::format::{Entry, Format, Old, Refused};
use super::{foreign, json, msgpack, times};
use serde_json::{Map, Value};

/// The default of PERMANENT_SESSION_LIFETIME. Each request sets it anew.
const LIFETIME: i64 = 31 * times::DAY;

pub struct FlaskSession;

impl Format for FlaskSession {
    fn default_prefix(&self) -> &'static str {
        "session:"
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(LIFETIME)
    }

    fn user(&self) -> Option<&'static str> {
        Some("/_user_id") // Flask-Login
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        Ok(Old {
            data: members(entry.text()?)?,
            created: None,
            idle: Some(times::idle_or_more(LIFETIME, entry.left)?),
            deadline_left: None,
        })
    }
}

fn members(value: &[u8]) -> Result<Map<String, Value>, Refused> {
    if foreign::is_pickle(value) {
        return Err(foreign::PICKLE);
    }
    if value.trim_ascii_start().starts_with(b"{") {
        return Ok(Tags.root(json::object(value)?));
    }
    msgpack::object(value, &Tags)
}
