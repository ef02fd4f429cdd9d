//! Stores of Go: scs with a codec that writes JSON, and redistore (gorilla/sessions, gin) with its JSONSerializer.
//!
//! Both write Go's gob by default.

use super::format::{Entry, Format, Id, Old, Refused};
use super::{foreign, json, times};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

/// The IdleTimeout of the example in the documentation of scs, where a session ends before its deadline.
const IDLE: i64 = 20 * times::MINUTE;

/// Seconds are lost where times are rounded.
const ROUNDED: i64 = 2 * times::SECOND;

/// scs: an object with `Deadline` and `Values`, as Go's encoding/json writes the codec's arguments. The cookie holds
/// the token. The key has the token, or with HashTokenInStore its SHA-256; both look the same.
pub struct Scs {
    pub hashed: bool,
}

impl Format for Scs {
    fn default_prefix(&self) -> &'static str {
        "scs:session:"
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(IDLE)
    }

    fn id(&self, _prefix: &[u8], rest: &[u8]) -> Option<Id> {
        if !self.hashed {
            return Id::cookie(rest);
        }
        let hash = BASE64URL_NOPAD.decode(rest).ok()?;
        Some(Id::Sha256(hash.try_into().ok()?))
    }

    fn read(&self, entry: &Entry, now: i64) -> Result<Old, Refused> {
        let mut parts = object(entry.text()?)?;
        let deadline = match member(&mut parts, "Deadline") {
            Some(Value::String(text)) => times::from_iso(&text),
            _ => None,
        };
        let Some(deadline) = deadline else {
            return Err(Refused::NotASession("no Deadline in it"));
        };
        let data = match member(&mut parts, "Values") {
            Some(Value::Object(data)) => data,
            Some(Value::Null) => Map::new(), // a nil map
            _ => return Err(Refused::NotASession("no Values in it")),
        };
        let remaining = deadline.saturating_sub(now);
        // The key ends with whichever is first, the deadline or the idle timeout.
        let idle = match entry.left {
            Some(left) if left < remaining.saturating_sub(ROUNDED) => {
                Some(times::idle_or_more(IDLE, Some(left))?)
            }
            _ => None,
        };
        Ok(Old {
            data,
            created: None,
            idle,
            deadline_left: times::deadline(Some(remaining))?,
        })
    }
}

/// redistore: an object of the session's values. The framework takes the ID from its signed cookie. Only a save moves
/// the end, so it is a deadline.
pub struct Redistore;

impl Format for Redistore {
    fn default_prefix(&self) -> &'static str {
        "session_"
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        Ok(Old {
            data: object(entry.text()?)?,
            created: None,
            idle: None,
            deadline_left: times::deadline(entry.left)?,
        })
    }
}

fn object(text: &[u8]) -> Result<Map<String, Value>, Refused> {
    if foreign::is_gob(text) {
        return Err(foreign::GOB);
    }
    json::object(text)
}

/// Takes out a member, whose name can also have been given in lower case.
fn member(parts: &mut Map<String, Value>, name: &str) -> Option<Value> {
    parts
        .remove(name)
        .or_else(|| parts.remove(&name.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::{Redistore, Scs};
    use crate::formats::format::{Format, Id, Refused};
    use crate::formats::testing::{read, refused, text};
    use serde_json::json;

    const SCS: Scs = Scs { hashed: false };

    #[test]
    fn the_deadline_of_scs_is_that_of_its_data() {
        let value = r#"{"deadline":"1970-01-01T01:00:00Z","values":{"a":1}}"#;
        let old = read(
            &SCS,
            &text(value, Some(3_500_000)),
            100_000,
            json!({"a": 1}),
        );
        assert_eq!((old.idle, old.deadline_left), (None, Some(3_500_000)));
        let old = read(&SCS, &text(value, Some(600_000)), 100_000, json!({"a": 1}));
        assert_eq!(old.idle.map(|idle| idle.left), Some(600_000));
        assert_eq!(refused(&SCS, &text(value, None), 3_600_000), Refused::Ended);
        let nil = r#"{"Deadline":"1970-01-01T01:00:00Z","Values":null}"#;
        read(&SCS, &text(nil, None), 0, json!({}));
    }

    #[test]
    fn a_hashed_token_is_the_hash_of_the_id() {
        let hash = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
        let id = Scs { hashed: true }.id(b"", hash.as_bytes());
        assert_eq!(id, Some(Id::Sha256([7; 32])));
        assert_eq!(Scs { hashed: true }.id(b"", b"abc"), None);
        assert_eq!(SCS.id(b"", b"abc"), Some(Id::Cookie(b"abc".to_vec())));
    }

    #[test]
    fn json_with_any_space_is_not_taken_for_gob() {
        for value in ["{\t\"a\": 1}", "{\n\"a\":1}", " {\"a\":1}", "{\"a\":1}"] {
            let value = format!("{value}{}", " ".repeat(200));
            read(&Redistore, &text(value, None), 0, json!({"a": 1}));
        }
    }
}
