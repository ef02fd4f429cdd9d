//! Keys of the elements of arrays that must differ.

use super::number::Numeral;
use crate::json::{scalar, Cursor};

/// An odd number, so that the products of integers with it differ.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// A key of the value at the cursor, which is JSON. Equal values have equal keys. None of values that can
/// be written in several ways: jsonschema compares those.
pub fn key(at: Cursor<'_>) -> Option<u64> {
    match at.byte() {
        b'"' => scalar::name(at.step()).map(|(key, _)| key),
        b'-' | b'0'..=b'9' => {
            let integer = Numeral::at(at)?.integer()?;
            Some(!integer.cast_unsigned().wrapping_mul(SPREAD))
        }
        b't' => Some(u64::MAX),
        b'f' => Some(u64::MAX - 1),
        b'n' => Some(u64::MAX - 2),
        _ => None,
    }
}
