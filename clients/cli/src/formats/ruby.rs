//! redis-session-store for Rails, with `serializer: :json`.
//!
//! The key is the prefix and `2::` and the SHA-256 of the ID in hex, so that the ID cannot be known; but the new key is
//! made of the same hash. Sessions of versions before 0.11 have the ID itself, 32 hex digits. A session is written, and
//! its `expire_after` begins anew, with each request that uses it. By default the values are Ruby's Marshal.

use super::format::{Entry, Format, Id, Old, Refused};
use super::{foreign, json, times};
use data_encoding::HEXLOWER;

/// The `expire_after` of the store's README.
const EXPIRE_AFTER: i64 = 120 * times::MINUTE;

pub struct RedisSessionStore;

impl Format for RedisSessionStore {
    fn default_prefix(&self) -> &'static str {
        ""
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(EXPIRE_AFTER)
    }

    fn id(&self, _prefix: &[u8], rest: &[u8]) -> Option<Id> {
        if let Some(hex) = rest.strip_prefix(b"2::") {
            let hash = HEXLOWER.decode(hex).ok()?;
            return Some(Id::Sha256(hash.try_into().ok()?));
        }
        let shape = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (rest.len() == 32 && rest.iter().all(shape)).then(|| Id::Cookie(rest.to_vec()))
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        let text = entry.text()?;
        if foreign::is_marshal(text) {
            return Err(foreign::MARSHAL);
        }
        let data = json::object(text)?;
        // Without `expire_after` the key has no end.
        let idle = match entry.left {
            Some(left) => Some(times::idle_or_more(EXPIRE_AFTER, Some(left))?),
            None => None,
        };
        Ok(Old {
            data,
            created: None,
            idle,
            deadline_left: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::RedisSessionStore;
    use crate::formats::format::{Format, Id};

    #[test]
    fn keys_have_the_id_or_its_hash() {
        let id = |rest: &str| RedisSessionStore.id(b"", rest.as_bytes());
        let hex = "07".repeat(32);
        assert_eq!(id(&format!("2::{hex}")), Some(Id::Sha256([7; 32])));
        assert_eq!(
            id(&hex[..32]),
            Some(Id::Cookie(hex.as_bytes()[..32].to_vec()))
        );
        for other in [
            "",
            "2::",
            "2::07",
            "cache:1",
            &hex,
            &hex.to_uppercase()[..31],
        ] {
            assert_eq!(id(other), None, "{other}");
        }
    }
}
