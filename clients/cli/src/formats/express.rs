//! connect-redis, the store of express-session, of Nest and of @fastify/session.
//!
//! The key is the prefix and the session ID, the value what `JSON.stringify` makes of the session with its cookie.
//! The framework checks the cookie's signature and gives its store the ID, of which the new store makes its key.
//! As that store does, the cookie's `expires` is left out where `originalMaxAge` says how long it lives.

use super::format::{Entry, Format, Old, Refused};
use super::{json, times};
use serde_json::{Map, Value};

/// How long connect-redis keeps a session whose cookie ends with the browser.
const WITHOUT_AGE: i64 = times::DAY;

pub struct Express;

impl Format for Express {
    fn default_prefix(&self) -> &'static str {
        "sess:"
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(WITHOUT_AGE)
    }

    fn read(&self, entry: &Entry, now: i64) -> Result<Old, Refused> {
        let mut data = json::object(entry.text()?)?;
        let Some(Value::Object(cookie)) = data.get_mut("cookie") else {
            return Err(Refused::NotASession("no cookie in it"));
        };
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
            created: None,
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

fn number(cookie: &Map<String, Value>, name: &str) -> Option<i64> {
    times::milliseconds(cookie.get(name)?.as_f64()?)
}

#[cfg(test)]
mod tests {
    use super::Express;
    use crate::formats::format::{Format, Idle, Refused};
    use crate::formats::testing::{read, refused, text};
    use crate::formats::times;
    use serde_json::json;

    #[test]
    fn a_cookie_without_an_age_that_expires_keeps_its_date() {
        // @fastify/session with the option `expires`.
        let cookie = json!({"originalMaxAge": null, "expires": "1970-01-01T00:01:40.000Z"});
        let entry = text(json!({ "cookie": cookie }).to_string(), Some(60_000));
        let old = read(&Express, &entry, 40_000, json!({ "cookie": cookie }));
        assert_eq!(
            old.idle,
            Some(Idle {
                timeout: 60_000,
                left: 60_000
            })
        );
        assert_eq!(refused(&Express, &entry, 100_000), Refused::Ended);
    }

    #[test]
    fn fractions_and_huge_ages_are_taken_as_the_client_does() {
        for (age, timeout) in [(0.25, 1), (1e300, times::LONGEST), (1_000.0, 1_000)] {
            let cookie = json!({"cookie": {"originalMaxAge": age}});
            let old = read(&Express, &text(cookie.to_string(), None), 0, cookie);
            assert_eq!(old.idle.unwrap().timeout, timeout);
        }
        for age in [0.0, -1.0] {
            let entry = text(json!({"cookie": {"originalMaxAge": age}}).to_string(), None);
            assert_eq!(refused(&Express, &entry, 0), Refused::Ended);
        }
    }

    #[test]
    fn a_key_without_an_end_was_used_just_now() {
        let data = json!({"cookie": {"originalMaxAge": 5000}});
        let old = read(&Express, &text(data.to_string(), None), 0, data);
        assert_eq!(
            old.idle,
            Some(Idle {
                timeout: 5000,
                left: 5000
            })
        );
    }

    #[test]
    fn other_values_are_no_sessions() {
        for value in ["{}", "{\"cookie\":1}", "[]", "x", "", "17"] {
            let why = refused(&Express, &text(value, None), 0);
            assert!(matches!(why, Refused::NotASession(_)), "{value}: {why}");
        }
        assert_eq!(Express.id(b"sess:", b""), None);
    }
}
