//! connect-redis, the store of express-session, of Nest and of @fastify/session.
//!
//! The key is the prefix and the session ID, the value what `JSON.stringify` makes of the session with its cookie.
//! The framework checks the cookie's signature and gives its store the ID, of which the new store makes its key.
//! As that store does, the cookie's `expires` is left out where `originalMaxAge` says how long it lives.

use super::format::{Entry, Format, Id, Kept, Old, Refused};
use super::{json, times};
use serde_json::{Map, Value};

/// How long connect-redis keeps a session whose cookie ends with the browser.
const WITHOUT_AGE: i64 = times::DAY;

pub struct Express;

impl Format for Express {
    fn default_prefix(&self) -> &'static str {
        "sess:"
    }

    fn kept(&self) -> Kept {
        Kept::Text
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(WITHOUT_AGE)
    }

    fn id(&self, _prefix: &[u8], rest: &[u8]) -> Option<Id> {
        Id::cookie(rest)
    }

    fn read(&self, entry: &Entry, now: i64) -> Result<Old, Refused> {
        let mut data = json::object(entry.text()?)?;
        let Some(Value::Object(cookie)) = data.get_mut("cookie") else {
            return Err(Refused::NotASession("no cookie in it"));
        };
        let used = last_use(cookie);
        let idle = match age(cookie, now) {
            Some(age) => times::idle(age, entry.left),
            None => times::idle_or_more(WITHOUT_AGE, entry.left),
        }?;
        if cookie.get("originalMaxAge").is_some_and(Value::is_number) {
            // `originalExpires` is @fastify/session's copy.
            cookie.retain(|name, _| name != "expires" && name != "originalExpires");
        }
        Ok(Old {
            data,
            created: used,
            idle: Some(idle),
            deadline_left: None,
        })
    }
}

/// The age of the cookie, in ms; `None` if it ends with the browser.
fn age(cookie: &Map<String, Value>, now: i64) -> Option<i64> {
    if let Some(age) = number(cookie, "originalMaxAge") {
        return Some(age);
    }
    if let Some(Value::String(expires)) = cookie.get("expires") {
        if let Some(time) = times::from_iso(expires) {
            return Some(time.saturating_sub(now));
        }
    }
    number(cookie, "maxAge")
}

/// When the session was written last: its cookie then had its whole age before it.
fn last_use(cookie: &Map<String, Value>) -> Option<i64> {
    let Some(Value::String(expires)) = cookie.get("expires") else {
        return None;
    };
    let age = number(cookie, "originalMaxAge")?;
    Some(times::from_iso(expires)?.saturating_sub(age))
}

fn number(cookie: &Map<String, Value>, name: &str) -> Option<i64> {
    times::milliseconds(cookie.get(name)?.as_f64()?)
}
