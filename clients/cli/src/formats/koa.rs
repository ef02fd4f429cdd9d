//! koa-session and koa-generic-session, both with koa-redis, as koa-session's new store keeps them.
//!
//! The value is JSON of the members and, by koa-session, `_maxAge` or `_session`, and `_expire`, which the new store
//! computes anew. koa-generic-session keeps the options of the cookie instead. koa-session's cookie holds the whole
//! key: its option `prefix` is a part of the ID. koa-generic-session's own prefix is not.

use super::format::{Entry, Format, Id, Idle, Old, Refused};
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

    fn assumed_idle(&self) -> Option<i64> {
        Some(WITHOUT_AGE)
    }

    fn id(&self, prefix: &[u8], rest: &[u8]) -> Option<Id> {
        Id::cookie(&[prefix, rest].concat())
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        let mut data = json::object(entry.text()?)?;
        let expires = data.shift_remove("_expire");
        let age = data.get("_maxAge").and_then(whole);
        let idle = match age {
            Some(age) if expires.is_some_and(|expires| expires.is_number()) => {
                times::idle(age.saturating_add(SLACK), entry.left)?
            }
            _ if data.get("_session") == Some(&Value::Bool(true)) => {
                times::idle_or_more(WITHOUT_AGE, entry.left)?
            }
            _ => return Err(Refused::NotASession("no _maxAge and _expire in it")),
        };
        Ok(old(data, idle))
    }
}

pub struct KoaGenericSession;

impl Format for KoaGenericSession {
    fn default_prefix(&self) -> &'static str {
        "koa:sess:"
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(WITHOUT_AGE)
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        let mut data = json::object(entry.text()?)?;
        let Some(Value::Object(mut cookie)) = data.shift_remove("cookie") else {
            return Err(Refused::NotASession("no cookie in it"));
        };
        // What koa-session stores beside the members.
        let age = cookie.remove("maxAge").unwrap_or(Value::Null);
        let idle = match whole(&age) {
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
        Ok(old(data, idle))
    }
}

fn whole(value: &Value) -> Option<i64> {
    times::milliseconds(value.as_f64()?)
}

fn old(data: Map<String, Value>, idle: Idle) -> Old {
    Old {
        data,
        created: None,
        idle: Some(idle),
        deadline_left: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{KoaGenericSession, KoaSession};
    use crate::formats::format::{Idle, Refused};
    use crate::formats::testing::{read, refused, text};
    use crate::formats::times::DAY;
    use serde_json::json;

    #[test]
    fn a_session_that_ends_with_the_browser_says_so() {
        let data = json!({"_session": true, "a": 1});
        let old = read(&KoaSession, &text(data.to_string(), Some(5000)), 0, data);
        assert_eq!(
            old.idle,
            Some(Idle {
                timeout: DAY,
                left: 5000
            })
        );
    }

    #[test]
    fn other_values_are_no_sessions() {
        for value in [
            "{}",
            "{\"_maxAge\":1}",
            "{\"_expire\":1}",
            "{\"_session\":1}",
            "[]",
        ] {
            let why = refused(&KoaSession, &text(value, None), 0);
            assert!(matches!(why, Refused::NotASession(_)), "{value}: {why}");
        }
        let why = refused(&KoaGenericSession, &text("{}", None), 0);
        assert_eq!(why, Refused::NotASession("no cookie in it"));
    }
}
