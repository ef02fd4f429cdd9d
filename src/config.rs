//! The module's settings: their names, bounds, defaults and present values.
//!
//! A default can be replaced by an argument of `loadmodule`, which is read here. `server/settings.rs`
//! registers the settings with the server, for redis.conf and `CONFIG SET session.…`.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// A setting: a number with bounds. It is changed on the main thread only.
pub struct Setting {
    /// The name without the module's prefix.
    pub name: &'static std::ffi::CStr,
    /// The value until another is set.
    pub default: i64,
    /// The least value.
    pub min: i64,
    /// The greatest value.
    pub max: i64,
    /// Whether the value is a number of bytes, for which the server accepts units (`1mb`).
    pub memory: bool,
    value: AtomicI64,
}

impl Setting {
    /// A setting whose values are numbers from 0 to `max`.
    const fn new(name: &'static std::ffi::CStr, default: i64, max: i64) -> Self {
        Self {
            name,
            default,
            min: 0,
            max,
            memory: false,
            value: AtomicI64::new(default),
        }
    }

    /// A setting whose values are numbers of bytes, from 1 to [`MAX_BYTES`].
    const fn bytes(name: &'static std::ffi::CStr, default: i64) -> Self {
        Self {
            memory: true,
            min: 1,
            ..Self::new(name, default, MAX_BYTES)
        }
    }

    /// The present value.
    pub fn get(&self) -> i64 {
        self.value.load(Relaxed)
    }

    /// Sets the value; the server has checked the bounds.
    pub fn set(&self, value: i64) {
        self.value.store(value, Relaxed);
    }
}

/// A hundred years in seconds: far longer than any session, and far from overflow in milliseconds.
const MAX_SECONDS: i64 = 100 * 366 * 24 * 3600;
/// The same span in milliseconds.
const MAX_MS: i64 = MAX_SECONDS * 1000;
/// The default of `proto-max-bulk-len`, Redis's limit on the length of an argument.
const MAX_BYTES: i64 = 512 * 1024 * 1024;
/// The most schemas that any server may be set to allow.
const MOST_SCHEMAS: i64 = 1_000_000;

/// `session.ttl`: seconds from creation to the deadline of a new session; 0 for no deadline.
pub static TTL: Setting = Setting::new(c"ttl", 21_600, MAX_SECONDS);
/// `session.max-ttl`: the most seconds from creation, or from the last authentication, to any
/// deadline; PERSIST sets this deadline. 0 for no limit.
pub static MAX_TTL: Setting = Setting::new(c"max-ttl", 0, MAX_SECONDS);
/// `session.idle-timeout`: the idle timeout of a new session in seconds; 0 for none.
pub static IDLE_TIMEOUT: Setting = Setting::new(c"idle-timeout", 0, MAX_SECONDS);
/// `session.touch-interval-ms`: the least time in ms between two accesses that reads record; 0
/// records each.
pub static TOUCH_INTERVAL_MS: Setting = Setting::new(c"touch-interval-ms", 1000, MAX_MS);
/// `session.max-data-bytes`: the greatest length of a session's data, in bytes.
pub static MAX_DATA_BYTES: Setting = Setting::bytes(c"max-data-bytes", 1_048_576);
/// `session.max-schema-bytes`: the greatest length of a schema's text, in bytes.
pub static MAX_SCHEMA_BYTES: Setting = Setting::bytes(c"max-schema-bytes", 1_048_576);
/// `session.max-schemas`: the most schemas that clients may register.
pub static MAX_SCHEMAS: Setting = Setting::new(c"max-schemas", 10_000, MOST_SCHEMAS);
/// `session.max-schemas-bytes`: the most bytes of all schemas that clients may register: the sum of
/// texts, names and prefixes.
pub static MAX_SCHEMAS_BYTES: Setting = Setting::bytes(c"max-schemas-bytes", 64 * 1024 * 1024);
/// `session.max-grace-ms`: the longest GRACE of a rotation, in ms; 0 forbids GRACE.
pub static MAX_GRACE_MS: Setting = Setting::new(c"max-grace-ms", 10_000, MAX_MS);

/// All settings, in the order in which they are registered.
pub static SETTINGS: [&Setting; 9] = [
    &TTL,
    &MAX_TTL,
    &IDLE_TIMEOUT,
    &TOUCH_INTERVAL_MS,
    &MAX_DATA_BYTES,
    &MAX_SCHEMA_BYTES,
    &MAX_SCHEMAS,
    &MAX_SCHEMAS_BYTES,
    &MAX_GRACE_MS,
];

/// Reads loadmodule arguments: pairs `NAME VALUE`, the name with or without `session.` in front, in
/// any case. Returns the default for each setting, in the order of [`SETTINGS`].
///
/// # Errors
/// One line that says which argument is wrong, and why.
pub fn from_arguments(arguments: &[&[u8]]) -> Result<[i64; SETTINGS.len()], String> {
    let mut values = SETTINGS.map(|setting| setting.default);
    let mut seen = [false; SETTINGS.len()];
    for pair in arguments.chunks(2) {
        let name = String::from_utf8_lossy(pair[0]).to_ascii_lowercase();
        let bare = name.strip_prefix("session.").unwrap_or(&name);
        let quoted = crate::error::printable(pair[0]);
        let at = SETTINGS
            .iter()
            .position(|setting| setting.name.to_bytes() == bare.as_bytes())
            .ok_or_else(|| {
                let known: Vec<_> = SETTINGS.iter().map(|s| s.name.to_string_lossy()).collect();
                format!(
                    "unknown module argument '{quoted}'; known are {}",
                    known.join(", ")
                )
            })?;
        let value = pair
            .get(1)
            .ok_or_else(|| format!("module argument '{quoted}' has no value"))?;
        let setting = SETTINGS[at];
        let number = crate::integer::integer(value)
            .filter(|n| (setting.min..=setting.max).contains(n))
            .ok_or_else(|| {
                format!(
                    "module argument '{quoted}' must be an integer from {} to {}, not '{}'",
                    setting.min,
                    setting.max,
                    crate::error::printable(value)
                )
            })?;
        if std::mem::replace(&mut seen[at], true) {
            return Err(format!("module argument '{quoted}' is given twice"));
        }
        values[at] = number;
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_take_names_with_and_without_the_prefix_in_any_case() {
        let values = from_arguments(&[b"TTL", b"60", b"session.touch-interval-ms", b"0"]).unwrap();
        let mut expected = SETTINGS.map(|setting| setting.default);
        (expected[0], expected[3]) = (60, 0);
        assert_eq!(values, expected);
    }

    #[test]
    fn a_wrong_argument_is_named_with_the_reason() {
        let bad = |arguments: &[&[u8]]| from_arguments(arguments).unwrap_err();
        assert!(bad(&[b"tll", b"1"]).starts_with("unknown module argument 'tll'; known are ttl,"));
        assert_eq!(bad(&[b"ttl"]), "module argument 'ttl' has no value");
        assert!(bad(&[b"ttl", b"-1"]).contains("must be an integer from 0 to"));
        assert!(bad(&[b"ttl", b"1h"]).contains("not '1h'"));
        assert!(bad(&[b"max-data-bytes", b"0"]).contains("from 1 to"));
        assert!(bad(&[b"ttl", b"1", b"session.ttl", b"1"]).contains("given twice"));
    }
}
