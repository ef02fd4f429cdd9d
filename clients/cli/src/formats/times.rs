//! From the time that a key has left to the timeouts of a session.

use super::format::{Idle, Refused};

pub const SECOND: i64 = 1000;
pub const MINUTE: i64 = 60 * SECOND;
pub const DAY: i64 = 24 * 60 * MINUTE;

/// Longer than any session lives, about 3,000 years; what is longer counts as this.
pub const LONGEST: i64 = 100_000_000_000_000;

/// An idle timeout of a key that has so long left. A key without an end was accessed just now, as far as anybody
/// knows.
///
/// # Errors
///
/// `Ended` for a timeout of nothing, or a key that has nothing left.
pub fn idle(timeout: i64, left: Option<i64>) -> Result<Idle, Refused> {
    let timeout = timeout.min(LONGEST);
    let left = left.unwrap_or(timeout).min(timeout);
    if left <= 0 {
        return Err(Refused::Ended);
    }
    Ok(Idle { timeout, left })
}

/// The same where only the store's default is known: a key that has longer left says that the timeout is at least
/// that.
///
/// # Errors
///
/// As `idle`.
pub fn idle_or_more(default: i64, left: Option<i64>) -> Result<Idle, Refused> {
    idle(default.max(left.unwrap_or(0)), left)
}

/// The deadline of a key that has so long left.
///
/// # Errors
///
/// `Ended` for a key that has nothing left.
pub fn deadline(left: Option<i64>) -> Result<Option<i64>, Refused> {
    match left {
        Some(left) if left <= 0 => Err(Refused::Ended),
        left => Ok(left.map(|left| left.min(LONGEST))),
    }
}

/// Whole milliseconds, rounded up; `None` for what is no number.
pub fn milliseconds(value: f64) -> Option<i64> {
    // The cast takes the nearest number that an i64 has.
    (!value.is_nan()).then(|| (value.ceil() as i64).min(LONGEST))
}

/// Unix seconds, as Python's `time.time()` writes them, in whole ms.
pub fn from_seconds(value: &serde_json::Value) -> Option<i64> {
    let seconds = value.as_f64()?;
    (seconds.is_finite() && seconds >= 0.0)
        .then(|| ((seconds * 1000.0).floor() as i64).min(LONGEST))
}

/// The Unix time, in ms, of what JavaScript's `Date.toJSON` writes.
pub fn from_iso(text: &str) -> Option<i64> {
    use time::format_description::well_known::Rfc3339;
    let time = time::OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::{deadline, from_iso, from_seconds, idle, idle_or_more, milliseconds, LONGEST};
    use crate::formats::format::{Idle, Refused};
    use serde_json::json;

    #[test]
    fn what_is_left_is_never_more_than_the_timeout() {
        let found = |timeout, left| Ok(Idle { timeout, left });
        assert_eq!(idle(1000, Some(400)), found(1000, 400));
        assert_eq!(idle(1000, Some(1400)), found(1000, 1000));
        assert_eq!(idle(1000, None), found(1000, 1000));
        assert_eq!(idle_or_more(1000, Some(1400)), found(1400, 1400));
        assert_eq!(idle_or_more(1000, Some(400)), found(1000, 400));
        assert_eq!(idle(i64::MAX, Some(i64::MAX)), found(LONGEST, LONGEST));
    }

    #[test]
    fn a_session_that_has_nothing_left_has_ended() {
        assert_eq!(idle(0, Some(5)), Err(Refused::Ended));
        assert_eq!(idle(5, Some(0)), Err(Refused::Ended));
        assert_eq!(idle(i64::MIN, None), Err(Refused::Ended));
        assert_eq!(deadline(Some(0)), Err(Refused::Ended));
        assert_eq!(deadline(None), Ok(None));
    }

    #[test]
    fn times_of_other_languages_are_read() {
        assert_eq!(from_iso("1970-01-01T00:00:01.500Z"), Some(1500));
        assert_eq!(from_iso("tomorrow"), None);
        assert_eq!(
            from_seconds(&json!(1764500000.1234567)),
            Some(1764500000123)
        );
        assert_eq!(from_seconds(&json!(-1)), None);
        assert_eq!(from_seconds(&json!("1")), None);
        assert_eq!(milliseconds(0.2), Some(1));
        assert_eq!(milliseconds(f64::NAN), None);
        assert_eq!(milliseconds(f64::INFINITY), Some(LONGEST));
    }
}
