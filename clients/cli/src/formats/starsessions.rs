//! starsessions for Starlette and FastAPI, version 2.
//!
//! The key is `starsessions.` and the ID, which the cookie `session` holds as it is. The value is JSON of the
//! session and of `__metadata__`, which the application does not see.

use super::format::{Entry, Format, Old, Refused};
use super::{json, times};
use serde_json::{Map, Value};

/// How long a session is kept whose cookie ends with the browser: `gc_ttl`. Each request sets it anew.
const WITHOUT_AGE: i64 = 30 * times::DAY;

/// How far a clock of the application is believed.
const CLOCK: i64 = 10 * times::SECOND;

pub struct Starsessions;

impl Format for Starsessions {
    fn default_prefix(&self) -> &'static str {
        "starsessions."
    }

    fn assumed_idle(&self) -> Option<i64> {
        Some(WITHOUT_AGE)
    }

    fn read(&self, entry: &Entry, now: i64) -> Result<Old, Refused> {
        let mut data = json::object(entry.text()?)?;
        let Some(Value::Object(metadata)) = data.shift_remove("__metadata__") else {
            return Err(Refused::NotASession("no __metadata__ in it"));
        };
        let created = time(&metadata, "created");
        let lifetime = time(&metadata, "lifetime").unwrap_or(0);
        let mut old = Old {
            data,
            created,
            idle: None,
            deadline_left: None,
        };
        if lifetime == 0 {
            old.idle = Some(times::idle_or_more(WITHOUT_AGE, entry.left)?);
        } else if rolls(&metadata, lifetime, entry.left, now) {
            old.idle = Some(times::idle(lifetime, entry.left)?);
        } else {
            old.deadline_left = times::deadline(entry.left)?;
        }
        Ok(old)
    }
}

/// Whether an access has set the session's lifetime anew, as `rolling=True` has it. Otherwise the key ends when the
/// lifetime since the creation is over.
fn rolls(metadata: &Map<String, Value>, lifetime: i64, left: Option<i64>, now: i64) -> bool {
    let (Some(created), Some(used), Some(left)) = (
        time(metadata, "created"),
        time(metadata, "last_access"),
        left,
    ) else {
        return false;
    };
    // Both figures are how much longer the key lives than without rolling, the second by the application's clock.
    let longer = now
        .saturating_add(left)
        .saturating_sub(created.saturating_add(lifetime));
    let wanted = used - created;
    wanted > CLOCK && longer > wanted / 2
}

fn time(metadata: &Map<String, Value>, name: &str) -> Option<i64> {
    times::from_seconds(metadata.get(name)?)
}

#[cfg(test)]
mod tests {
    use super::Starsessions;
    use crate::formats::format::Refused;
    use crate::formats::testing::{read, refused, text};
    use serde_json::json;

    /// A session of an hour that was created at 0 and used so many seconds later.
    fn session(used: i64) -> String {
        let metadata = json!({"lifetime": 3600, "created": 0.5, "last_access": used});
        json!({"a": 1, "__metadata__": metadata}).to_string()
    }

    #[test]
    fn a_clock_that_goes_wrong_turns_no_deadline_into_an_idle_timeout() {
        // The key has all that is left of the hour, by a clock that is a minute ahead of the application's.
        let entry = text(session(1800), Some(1_800_000));
        let old = read(&Starsessions, &entry, 1_860_000, json!({"a": 1}));
        assert_eq!((old.idle, old.deadline_left), (None, Some(1_800_000)));
        // The key has an hour left at the last access.
        let entry = text(session(1800), Some(3_590_000));
        let old = read(&Starsessions, &entry, 1_860_000, json!({"a": 1}));
        assert_eq!(old.idle.map(|idle| idle.timeout), Some(3_600_000));
        assert_eq!(old.deadline_left, None);
    }

    #[test]
    fn a_value_without_metadata_is_no_session() {
        for value in ["{}", r#"{"__metadata__":1}"#, "null"] {
            let why = refused(&Starsessions, &text(value, None), 0);
            assert!(matches!(why, Refused::NotASession(_)), "{value}: {why}");
        }
    }
}
