//! actix-session with its RedisSessionStore, up to 0.11.
//!
//! The key is the session key, 64 letters and digits, which the framework takes from its encrypted or signed cookie. The
//! value is a JSON object whose members are JSON texts. What the middleware calls the ttl is the idle timeout in the new
//! store.

use super::format::{Entry, Format, Id, Old, Refused};
use super::{json, text_members, times};

/// The default of `state_ttl` and of `session_ttl`.
const TTL: i64 = times::DAY;

pub struct Actix;

impl Format for Actix {
    fn default_prefix(&self) -> &'static str {
        ""
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(TTL)
    }

    fn id(&self, _prefix: &[u8], rest: &[u8]) -> Option<Id> {
        let shape = rest.len() == 64 && rest.iter().all(u8::is_ascii_alphanumeric);
        shape.then(|| Id::Cookie(rest.to_vec()))
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        Ok(Old {
            data: text_members::values(json::object(entry.text()?)?)?,
            created: None,
            idle: Some(times::idle_or_more(TTL, entry.left)?),
            deadline_left: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Actix;
    use crate::formats::format::{Format, Refused};
    use crate::formats::testing::{read, refused, text};
    use serde_json::json;

    #[test]
    fn each_member_is_a_text_of_json() {
        let value = r#"{"a":"[1,{\"b\":null}]","c":"\"x\"","d":"1.50"}"#;
        let data: serde_json::Value =
            serde_json::from_str(r#"{"a":[1,{"b":null}],"c":"x","d":1.50}"#).unwrap();
        read(&Actix, &text(value, None), 0, data);
        for value in [r#"{"a":1}"#, r#"{"a":"x"}"#, r#"{"a":""}"#] {
            let why = refused(&Actix, &text(value, None), 0);
            assert!(matches!(why, Refused::NotASession(_)), "{value}: {why}");
        }
    }

    #[test]
    fn the_levels_of_the_texts_count_as_well() {
        let nested = |depth| json!({"a": format!("{}{}", "[".repeat(depth), "]".repeat(depth))});
        assert!(Actix.read(&text(nested(127).to_string(), None), 0).is_ok());
        let why = refused(&Actix, &text(nested(128).to_string(), None), 0);
        assert_eq!(why, Refused::Unstorable("nested deeper than 128 levels"));
    }
}
