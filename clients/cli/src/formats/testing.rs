//! Entries for the tests of formats.

use super::format::{Entry, Format, Old, Refused, Stored};
use serde_json::Value;

/// A key with a string that has so many ms left.
pub fn text(value: impl AsRef<[u8]>, left: Option<i64>) -> Entry {
    Entry {
        key: b"key".to_vec(),
        value: Stored::Text(value.as_ref().to_vec()),
        left,
        field_left: None,
    }
}

/// A key with a hash.
pub fn hash(fields: &[(&str, &str)], left: Option<i64>, field_left: Option<i64>) -> Entry {
    let field =
        |(name, value): &(&str, &str)| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
    Entry {
        key: b"key".to_vec(),
        value: Stored::Hash(fields.iter().map(field).collect()),
        left,
        field_left,
    }
}

/// What a format makes of it, whose data is this.
#[track_caller]
pub fn read(format: &dyn Format, entry: &Entry, now: i64, data: Value) -> Old {
    let old = format.read(entry, now).expect("a session");
    assert_eq!(Value::Object(old.data.clone()), data);
    old
}

/// Why a format does not read it.
#[track_caller]
pub fn refused(format: &dyn Format, entry: &Entry, now: i64) -> Refused {
    format.read(entry, now).expect_err("no session")
}
