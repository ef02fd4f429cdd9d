//! The sessions of fastapi-redis-sdk, from 0.9 on.
//!
//! A hash whose field `d` is JSON of `m`, the times, and `d`, the data. The field's own time is the idle timeout and
//! the key's the absolute one. The cookie holds the ID as it is, in the shape of this project's tokens. With an
//! encryptor the field is ciphertext in base64.

use super::format::{Entry, Format, Kept, Old, Refused};
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

    fn user(&self) -> Option<&'static str> {
        Some("/user_id") // the default of `session_principal_keys`
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(IDLE)
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

#[cfg(test)]
mod tests {
    use super::{FastapiRedisSdk, IDLE};
    use crate::formats::format::{Idle, Refused};
    use crate::formats::testing::{hash, read, refused};
    use serde_json::json;

    const RECORD: &str = r#"{"m":{"created":1.5,"last_access":2},"d":{"a":[]}}"#;

    #[test]
    fn the_times_of_the_field_and_of_the_key_are_two() {
        let entry = hash(&[("d", RECORD)], Some(9_000_000), Some(1_000));
        let old = read(&FastapiRedisSdk, &entry, 0, json!({"a": []}));
        assert_eq!(old.created, Some(1500));
        assert_eq!(
            old.idle,
            Some(Idle {
                timeout: IDLE,
                left: 1000
            })
        );
        assert_eq!(old.deadline_left, Some(9_000_000));
        // Without an idle timeout the field has no time of its own.
        let entry = hash(&[("d", RECORD)], Some(9_000_000), None);
        assert_eq!(
            read(&FastapiRedisSdk, &entry, 0, json!({"a": []})).idle,
            None
        );
    }

    #[test]
    fn what_is_encrypted_or_over_is_refused() {
        let entry = hash(&[("d", "Z0FBQUFBQm9aR0Z6Wm1G")], Some(1), Some(1));
        assert_eq!(refused(&FastapiRedisSdk, &entry, 0), Refused::Encrypted);
        let entry = hash(&[("d", RECORD)], Some(1), Some(0));
        assert_eq!(refused(&FastapiRedisSdk, &entry, 0), Refused::Ended);
        assert_eq!(
            refused(&FastapiRedisSdk, &hash(&[], Some(1), None), 0),
            Refused::Ended
        );
        for text in ["{}", r#"{"m":{},"d":{}}"#, r#"{"m":{"created":1},"d":[]}"#] {
            let why = refused(&FastapiRedisSdk, &hash(&[("d", text)], None, None), 0);
            assert!(matches!(why, Refused::NotASession(_)), "{text}: {why}");
        }
    }
}
