//! actix-session with its RedisSessionStore, up to 0.11.
//!
//! The key is the session key, 64 letters and digits, which the framework takes from its encrypted or signed cookie. The
//! value is a JSON object whose members are JSON texts. Only a change of the session moves its end, unless
//! `OnEveryRequest` is set, so it is a deadline.

use super::format::{Entry, Format, Id, Kept, Old, Refused};
use super::{json, text_members, times};

pub struct Actix;

impl Format for Actix {
    fn default_prefix(&self) -> &'static str {
        ""
    }

    fn kept(&self) -> Kept {
        Kept::Text
    }

    fn id(&self, _prefix: &[u8], rest: &[u8]) -> Option<Id> {
        let shape = rest.len() == 64 && rest.iter().all(u8::is_ascii_alphanumeric);
        shape.then(|| Id::Cookie(rest.to_vec()))
    }

    fn read(&self, entry: &Entry, _now: i64) -> Result<Old, Refused> {
        Ok(Old {
            data: text_members::values(json::object(entry.text()?)?)?,
            created: None,
            idle: None,
            deadline_left: times::deadline(entry.left)?,
        })
    }
}
