//! Patterns of schemas, compared with an engine of ECMA-262 that shares no code with the module's.
//!
//! The module translates a pattern into the syntax of the regex crate. regress reads the pattern itself,
//! as a JavaScript engine does. It searches by backtracking, which can take exponential time, so it sees
//! only small patterns and short strings.

use redis_session::json::{Arena, ScanMemory};
use redis_session::schema::Validator;
use serde_json::json;

use super::is_line;
use super::program::compare;

const DRAFTS: [&str; 2] = [
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2020-12/schema",
];

/// The most strings that are matched with one pattern, and the longest in bytes.
const STRINGS: usize = 8;
const LONGEST: usize = 200;

/// A pattern, and behind each byte 0xff (which no text contains) a string to match it with. The pattern is
/// refused, or it matches the same strings as the value of a member, as the name of a member, and in
/// regress.
pub fn patterns(input: &[u8]) {
    let mut parts = input.split(|&byte| byte == 0xff).map(std::str::from_utf8);
    let Some(Ok(pattern)) = parts.next() else {
        return;
    };
    let schema = json!({"$schema": DRAFTS[input.len() % 2], "properties": {
        "value": {"pattern": pattern},
        "names": {"patternProperties": {pattern: false}},
    }});
    let schema = schema.to_string();
    let validator = match Validator::compile(schema.as_bytes(), true) {
        Ok(validator) => validator,
        Err(reason) => {
            assert!(is_line(&reason), "{reason}");
            return;
        }
    };
    let theirs = is_small(pattern)
        .then(|| regress::Regex::with_flags(pattern, "u").ok())
        .flatten();
    let mut arena = Arena::new();
    let mut memory = ScanMemory::new();
    let strings = parts
        .filter_map(Result::ok)
        .filter(|text| text.len() <= LONGEST);
    for string in strings.take(STRINGS).chain(["", "a"]) {
        let mut is_valid = |document: serde_json::Value| {
            let mut document = document.to_string().into_bytes();
            compare(&validator, &mut arena, &mut memory, &mut document, &schema);
            let document = arena.parse(&document).expect("JSON");
            validator.check(document).is_ok()
        };
        let as_value = is_valid(json!({"value": string}));
        let as_name = !is_valid(json!({"names": {string: 1}}));
        assert_eq!(as_value, as_name, "{pattern:?}, {string:?}");
        if let Some(theirs) = theirs.as_ref().filter(|_| string.chars().count() <= 6) {
            let found = theirs.find(string).is_some();
            assert_eq!(as_value, found, "{pattern:?}, {string:?}");
        }
    }
}

/// Whether a search by backtracking for this pattern in six characters takes a bounded time.
fn is_small(pattern: &str) -> bool {
    let count = |of: &[char]| pattern.chars().filter(|c| of.contains(c)).count();
    let has_large_number = pattern
        .as_bytes()
        .windows(2)
        .any(|two| two.iter().all(u8::is_ascii_digit));
    pattern.len() <= 48
        && count(&['*', '+', '?', '{']) <= 3
        && count(&['|']) <= 2
        && !has_large_number
}
