//! Tests of the JSON engine through its public interface.
//!
//! `reading`, `numbers`, `refusal` and `borders` test the parser, `cursor` and `scan` the scan, `schema`,
//! `fuel` and `agreement` the use of a text by validators. The others test patches; `plain` holds simple
//! implementations of the RFCs that `oracle` compares them with.

mod agreement;
mod borders;
mod cursor;
mod edits;
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
mod scan;
mod schema;
mod skip;

use serde_json::Value as Tree;

use super::cursor::PADDING;
use crate::json::{self, Arena, Padded, ParseError, ScanMemory};

/// A session of a web shop: 290 bytes.
pub(super) const SESSION: &str = r#"{"user":18472,"email":"maria.keller@example.org","roles":["customer","reviewer"],"csrf":"9f1b3c5d7e8f90a1b2c3d4e5f6071829","cart":[{"sku":"A-1001","n":2},{"sku":"B-2044","n":1},{"sku":"C-77","n":5}],"locale":"de-AT","theme":"dark","tz":"Europe/Vienna","seen":17180000001,"mfa":true,"v":3.1}"#;

/// Whether the scan says that `text` is strict JSON. It stands in a buffer that it fills.
fn is_strict(text: &[u8]) -> bool {
    let mut buffer = Vec::with_capacity(text.len() + PADDING);
    buffer.extend_from_slice(text);
    Padded::within(&mut buffer, 0, |padded| {
        json::is_strict(padded, &mut ScanMemory::new())
    })
}

/// Asserts that the scan says yes only if the text is parsed, and says yes then if nothing in it is escaped.
fn check_agrees(arena: &mut Arena, text: &[u8]) {
    let parsed = arena.parse(text).map(drop);
    let is_strict = is_strict(text);
    if is_strict || !text.contains(&b'\\') {
        assert_eq!(
            is_strict,
            parsed.is_ok(),
            "{}",
            String::from_utf8_lossy(text)
        );
    }
}

/// The error of `text`, which must be refused.
fn refused(text: &[u8]) -> ParseError {
    let mut arena = Arena::new();
    check_agrees(&mut arena, text);
    match arena.parse(text) {
        Ok(_) => panic!("accepted: {}", String::from_utf8_lossy(text)),
        Err(error) => error,
    }
}

/// The value of `text`, which must be accepted, as serde_json's type.
fn read(text: &str) -> Tree {
    let mut arena = Arena::new();
    check_agrees(&mut arena, text.as_bytes());
    let document = arena
        .parse(text.as_bytes())
        .unwrap_or_else(|error| panic!("{error}: {text}"));
    document.root().to_value()
}

/// Asserts that `text` is accepted or refused as serde_json does, and that the values are the same.
///
/// There are two exceptions: duplicate members, which only we refuse, and numbers beyond an `f64`,
/// which only serde_json refuses. (serde_json allows 127 levels, one fewer than we do, so `text` must
/// not be as deep.)
fn check_as_serde_json(arena: &mut Arena, text: &[u8]) {
    let shown = || String::from_utf8_lossy(text);
    check_agrees(arena, text);
    let ours = arena.parse(text).map(|document| document.root().to_value());
    match (ours, serde_json::from_slice::<Tree>(text)) {
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs, "{}", shown()),
        (Err(ours), Ok(_)) => assert_eq!(ours.reason, "duplicate member name", "{}", shown()),
        (Ok(_), Err(theirs)) => {
            let theirs = theirs.to_string();
            let large = theirs.starts_with("number out of range");
            assert!(large, "{theirs}: {}", shown());
        }
        (Err(_), Err(_)) => {}
    }
}
