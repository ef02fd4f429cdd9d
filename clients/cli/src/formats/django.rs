//! Django's sessions in a cache of django-redis with its JSONSerializer or MSGPackSerializer.
//!
//! The key is `<KEY_PREFIX>:<VERSION>:django.contrib.sessions.cache` (or `cached_db`) and the session key, which the
//! cookie `sessionid` holds as it is. Django ends a session some time after its last change, and no access moves
//! that, so it is a deadline. By default both django-redis and Django's own RedisCache write pickle.

use super::format::{Entry, Format, Id, Old, Refused};
use super::msgpack::{self, Forms};
use super::{foreign, json, times};
use serde_json::{Map, Value};

pub struct Django;

impl Format for Django {
    fn default_prefix(&self) -> &'static str {
        ":1:django.contrib.sessions.cache"
    }

    fn user(&self) -> Option<&'static str> {
        Some("/_auth_user_id")
    }

    fn id(&self, _prefix: &[u8], rest: &[u8]) -> Option<Id> {
        let shape = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        // Behind the prefix of `cache` there is also `cached_db` with its sessions.
        (rest.len() == 32 && rest.iter().all(shape)).then(|| Id::Cookie(rest.to_vec()))
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        Ok(Old {
            data: members(entry.text()?)?,
            created: None,
            idle: None,
            deadline_left: times::deadline(entry.left)?,
        })
    }
}

fn members(value: &[u8]) -> Result<Map<String, Value>, Refused> {
    if foreign::is_pickle(value) {
        return Err(foreign::PICKLE);
    }
    if let Some(name) = foreign::compressor(value) {
        return Err(Refused::Compressed(name));
    }
    if value.trim_ascii_start().starts_with(b"{") {
        return json::object(value);
    }
    msgpack::object(value, &Plain)
}

/// Django's JSONSerializer, which the new client uses, has no form for these.
struct Plain;

impl Forms for Plain {
    fn bytes(&self, _bytes: &[u8]) -> Result<Value, Refused> {
        Err(Refused::Unstorable(
            "bytes, which the new client cannot store",
        ))
    }

    fn time(&self, _seconds: i64, _nanos: u32) -> Result<Value, Refused> {
        Err(Refused::Unstorable(
            "a datetime, which the new client cannot store",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::Django;
    use crate::formats::format::{Format, Refused};
    use crate::formats::testing::{refused, text};

    #[test]
    fn only_session_keys_are_looked_at() {
        let id = |rest: &str| Django.id(b"", rest.as_bytes());
        assert!(id("owmdoli1no2oiy79rpeuzjy8demjdban").is_some());
        for other in [
            "",
            "d_dbowmdoli1no2oiy79rpeuzjy8demjdban",
            "OWMDOLI1NO2OIY79RPEUZJY8DEMJDBAN",
        ] {
            assert_eq!(id(other), None, "{other}");
        }
    }

    #[test]
    fn all_versions_of_pickle_are_refused_by_name() {
        // {'a': 1} in protocols 0, 1, 2 and 4.
        let values: [&[u8]; 4] = [
            b"(dp0\nVa\np1\nI1\ns.",
            b"}q\0X\x01\0\0\0aq\x01K\x01s.",
            b"\x80\x02}q\0X\x01\0\0\0aq\x01K\x01s.",
            b"\x80\x04\x95\x0a\0\0\0\0\0\0\0}\x94\x8c\x01a\x94K\x01s.",
        ];
        for value in values {
            let why = refused(&Django, &text(value, Some(1000)), 0);
            assert_eq!(why, Refused::Runtime("Python's pickle"));
        }
    }
}
