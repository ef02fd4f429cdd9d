//! Texts that are read, and those that are refused.

use super::{object, parse, NOT_FINITE, NOT_JSON, NOT_UTF8, TOO_DEEP};
use proptest::prelude::*;
use serde_json::Value;

#[track_caller]
fn same(text: &str) {
    assert_eq!(parse(text.as_bytes()).expect(text).to_string(), text);
}

#[test]
fn numbers_keep_their_digits() {
    for number in [
        "0",
        "-0",
        "1.0",
        "1e+400",
        "-1.50",
        "123456789012345678901234567890",
        "0.1000000000000000055511151231257827",
        "1e-7",
        "5e-324",
    ] {
        same(number);
    }
}

#[test]
fn what_is_no_number_is_refused() {
    for text in ["01", "+1", "1.", ".5", "-", "1e", "1-2", "0x1", "1_0"] {
        assert_eq!(parse(text.as_bytes()), Err(NOT_JSON), "{text}");
    }
    for text in ["NaN", "Infinity", "-Infinity", "{\"a\":[NaN]}"] {
        assert_eq!(parse(text.as_bytes()), Err(NOT_FINITE), "{text}");
    }
}

#[test]
fn names_have_no_meaning_of_their_own() {
    same(r#"{"$serde_json::private::Number":"x"}"#);
    same(r#"{"$serde_json::private::RawValue":"[1]"}"#);
    same(r#"{"__proto__":{"constructor":1},"":2,"\u0000":3}"#);
}

#[test]
fn of_members_with_one_name_the_last_counts() {
    let found = parse(br#"{"a":1,"b":2,"\u0061":3}"#).unwrap();
    assert_eq!(found.to_string(), r#"{"a":3,"b":2}"#);
}

#[test]
fn half_a_surrogate_pair_becomes_a_replacement_character() {
    for (text, wanted) in [
        (r#""\ud83d\ude00""#, "\u{1f600}"),
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""a\ude00b""#, "a\u{fffd}b"),
        (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
        (r#""\ud83dx\ude00""#, "\u{fffd}x\u{fffd}"),
        (r#""\\ud83d""#, "\\ud83d"),
        (r#""\\\ud83d\\""#, "\\\u{fffd}\\"),
    ] {
        assert_eq!(parse(text.as_bytes()), Ok(Value::from(wanted)), "{text}");
    }
}

#[test]
fn the_depth_is_that_of_the_module() {
    let nested = |depth| [vec![b'['; depth], vec![b']'; depth]].concat();
    assert!(parse(&nested(128)).is_ok());
    assert_eq!(parse(&nested(129)), Err(TOO_DEEP));
    assert_eq!(parse(&vec![b'['; 1 << 20]), Err(TOO_DEEP));
}

#[test]
fn other_texts_are_refused() {
    for text in [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{'a':1}",
        "nul",
        "\"\\x\"",
        "\"\n\"",
        "1 2",
        "[1}",
        "\u{feff}{}",
        "\"\\u12\"",
        "\"\\",
    ] {
        assert_eq!(parse(text.as_bytes()), Err(NOT_JSON), "{text}");
    }
    assert_eq!(parse(b"{\"a\":\"\xff\"}"), Err(NOT_UTF8));
    assert_eq!(parse(b"\x80\x04\x95"), Err(NOT_JSON));
    assert!(object(b"[]").is_err());
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn whatever_serde_json_reads_is_read_the_same(text in r#"[\[\]{},:"\\a0-9eE+\-. u]{0,24}"#) {
        if let Ok(theirs) = serde_json::from_str::<Value>(&text) {
            prop_assert_eq!(parse(text.as_bytes()), Ok(theirs));
        } else if let Ok(ours) = parse(text.as_bytes()) {
            // They refuse half a surrogate pair.
            prop_assert!(ours.to_string().contains('\u{fffd}'), "{}", text);
        }
    }
}
