//! koa-session and koa-generic-session, both with koa-redis, as koa-session's new store keeps them.
//!
//! The value is JSON of the members and, by koa-session, `_maxAge` or `_session`, and `_expire`, which the new store
//! computes anew. koa-generic-session keeps the options of the cookie instead. koa-session's cookie holds the whole
//! key: its option `prefix` is a part of the ID. koa-generic-session's own prefix is not.

use super::format::{Entry, Format, Id, Idle, Kept, Old, Refused};
use super::{json, times};
use serde_json::{Map, Value};

/// koa-session keeps a session so much longer than its cookie.
const SLACK: i64 = 10 * times::SECOND;

/// How long a session is taken to live whose cookie ends with the browser.
const WITHOUT_AGE: i64 = times::DAY;

pub struct KoaSession;

impl Format for KoaSession {
    fn default_prefix(&self) -> &'static str {
        ""
    }

    fn kept(&self) -> Kept {
        Kept::Text
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(WITHOUT_AGE)
    }

    fn id(&self, prefix: &[u8], rest: &[u8]) -> Option<Id> {
        Id::cookie(&[prefix, rest].concat())
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        let mut data = json::object(entry.text()?)?;
        let expires = data.shift_remove("_expire").and_then(whole);
        let age = data.get("_maxAge").cloned().and_then(whole);
        let lasting = data.get("_session") == Some(&Value::Bool(true));
        let (idle, created) = match (age, expires) {
            (Some(age), Some(expires)) => {
                let used = expires.saturating_sub(age);
                (
                    times::idle(age.saturating_add(SLACK), entry.left)?,
                    Some(used),
                )
            }
            _ if lasting => (times::idle_or_more(WITHOUT_AGE, entry.left)?, None),
            _ => return Err(Refused::NotASession("no _maxAge and _expire in it")),
        };
        Ok(old(data, created, idle))
    }
}

pub struct KoaGenericSession;

impl Format for KoaGenericSession {
    fn default_prefix(&self) -> &'static str {
        "koa:sess:"
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

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        let mut data = json::object(entry.text()?)?;
        let Some(Value::Object(mut cookie)) = data.shift_remove("cookie") else {
            return Err(Refused::NotASession("no cookie in it"));
        };
        // What koa-session stores beside the members.
        let age = cookie.remove("maxAge").unwrap_or(Value::Null);
        let idle = match whole(age.clone()) {
            Some(ms) => {
                data.insert("_maxAge".to_owned(), age);
                let mut idle = times::idle(ms, entry.left)?;
                idle.timeout += SLACK;
                idle.left += SLACK;
                idle
            }
            None => {
                data.insert("_session".to_owned(), Value::Bool(true));
                times::idle_or_more(WITHOUT_AGE, entry.left)?
            }
        };
        Ok(old(data, None, idle))
    }
}

fn whole(value: Value) -> Option<i64> {
    times::milliseconds(value.as_f64()?)
}

fn old(data: Map<String, Value>, created: Option<i64>, idle: Idle) -> Old {
    Old {
        data,
        created,
        idle: Some(idle),
        deadline_left: None,
    }
}
