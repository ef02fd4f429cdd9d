//! What goes into commands: JSON, and times.

use crate::Error;
use serde::Serialize;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// JSON text that is sent byte for byte, wherever a method takes data, a patch or a schema.
///
/// The server checks it. [`serde_json::value::RawValue`] is sent byte for byte too.
#[derive(Clone, Copy)]
pub struct Json<'a>(pub &'a str);

impl fmt::Debug for Json<'_> {
    /// Logs do not show the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({} bytes)", self.0.len())
    }
}

/// What can be sent as JSON: everything that serde can serialize, and [`Json`].
///
/// As always with serde_json, a NaN or infinite number is written as `null`.
pub trait ToJson {
    /// The JSON text.
    ///
    /// # Errors
    /// [`Error::Json`] for what JSON cannot express, such as a map with keys that are no strings.
    fn to_json(&self) -> Result<String, Error>;
}

impl<T: Serialize + ?Sized> ToJson for T {
    fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|_| Error::write_json())
    }
}

impl ToJson for Json<'_> {
    fn to_json(&self) -> Result<String, Error> {
        Ok(self.0.to_owned())
    }
}

/// A time as the server has it: Unix time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

impl From<SystemTime> for UnixMillis {
    /// Times outside the range of 64 bits become its ends.
    fn from(time: SystemTime) -> UnixMillis {
        UnixMillis(match time.duration_since(UNIX_EPOCH) {
            Ok(after) => millis(after),
            Err(before) => -millis(before.duration()),
        })
    }
}

impl From<i64> for UnixMillis {
    fn from(millis: i64) -> UnixMillis {
        UnixMillis(millis)
    }
}

impl From<UnixMillis> for SystemTime {
    /// A time that the platform cannot express becomes the Unix epoch.
    fn from(time: UnixMillis) -> SystemTime {
        let span = Duration::from_millis(time.0.unsigned_abs());
        let found = match time.0 {
            0.. => UNIX_EPOCH.checked_add(span),
            _ => UNIX_EPOCH.checked_sub(span),
        };
        found.unwrap_or(UNIX_EPOCH)
    }
}

/// The milliseconds of a span. A part of one counts as a whole: an idle timeout of less than one must not be
/// sent as zero, which removes it.
pub(crate) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_millisecond_counts_as_a_whole() {
        assert_eq!(millis(Duration::ZERO), 0);
        assert_eq!(millis(Duration::from_nanos(1)), 1);
        assert_eq!(millis(Duration::from_millis(1500)), 1500);
        assert_eq!(millis(Duration::MAX), i64::MAX);
    }

    #[test]
    fn times_convert_both_ways() {
        for ms in [0, 1, -1, 1_764_400_000_123] {
            assert_eq!(UnixMillis::from(SystemTime::from(UnixMillis(ms))).0, ms);
        }
    }

    #[test]
    fn debug_output_does_not_show_the_text() {
        assert_eq!(format!("{:?}", Json(r#"{"n":1}"#)), "Json(7 bytes)");
    }
}
