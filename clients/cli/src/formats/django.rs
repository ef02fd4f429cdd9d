//! Django's sessions in a cache of django-redis with its JSONSerializer or MSGPackSerializer.
//!
//! The key is `<KEY_PREFIX>:<VERSION>:django.contrib.sessions.cache` (or `cached_db`) and the session key, which the
//! cookie `sessionid` holds as it is. Django ends a session some time after its last change, and no access moves
//! that, so it is a deadline. By default both django-redis and Django's own RedisCache write pickle.

use super::format::{Entry, Format, Id, Kept, Old, Refused};
use super::msgpack::{self, Forms};
use super::{foreign, json, times};
use serde_json::{Map, Value};

pub struct Django;

impl Format for Django {
    fn default_prefix(&self) -> &'static str {
        ":1:django.contrib.sessions.cache"
    }

    fn kept(&self) -> Kept {
        Kept::Text
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
