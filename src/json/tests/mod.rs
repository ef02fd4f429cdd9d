//! Tests of what the parser takes, what it refuses, what validators see of it, and of patches.

mod agreement;
mod borders;
mod fuel;
mod merge;
mod numbers;
mod oracle;
mod patch;
mod patch_refusal;
mod plain;
mod pop;
mod reading;
mod refusal;
mod schema;

use super::{Arena, ParseError};

/// A session as a web shop would keep it: 290 bytes.
pub(super) const SESSION: &str = r#"{"user":18472,"email":"maria.keller@example.org","roles":["customer","reviewer"],"csrf":"9f1b3c5d7e8f90a1b2c3d4e5f6071829","cart":[{"sku":"A-1001","n":2},{"sku":"B-2044","n":1},{"sku":"C-77","n":5}],"locale":"de-AT","theme":"dark","tz":"Europe/Vienna","seen":17180000001,"mfa":true,"v":3.1}"#;

/// Checks that a text is taken without a tree where it is with one, and refused for the same.
fn check_agrees(arena: &mut Arena, text: &[u8]) {
    let checked = arena.check(text);
    let parsed = arena.parse(text).map(drop);
    assert_eq!(checked, parsed, "{}", String::from_utf8_lossy(text));
}

/// The error that `text` gets.
fn refused(text: &[u8]) -> ParseError {
    let mut arena = Arena::new();
    check_agrees(&mut arena, text);
    match arena.parse(text) {
        Ok(_) => panic!("accepted: {}", String::from_utf8_lossy(text)),
        Err(error) => error,
    }
}

/// What serde_json reads of what the arena read.
fn read(text: &str) -> serde_json::Value {
    let mut arena = Arena::new();
    check_agrees(&mut arena, text.as_bytes());
    let document = arena
        .parse(text.as_bytes())
        .unwrap_or_else(|error| panic!("{error}: {text}"));
    document.root().to_value()
}
