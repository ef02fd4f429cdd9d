//! What programs say of texts, where the way in which values are written matters.

use crate::json::{Arena, Padded, ScanMemory};
use crate::schema::{Answer, Validator};
use serde_json::{json, Value};

const YES: Answer = Answer::Yes(());
const NO: Answer = Answer::No;
const NOT_SURE: Answer = Answer::NotSure;

/// Checks what the program of a schema says of texts, and that jsonschema agrees.
#[track_caller]
fn says(schema: Value, cases: &[(&str, Answer)]) {
    let validator = Validator::compile(schema.to_string().as_bytes(), true).expect("a schema");
    let mut memory = ScanMemory::new();
    let mut arena = Arena::new();
    // In the second round the program knows the order of the members.
    for (text, expected) in cases.iter().chain(cases) {
        let mut data = text.as_bytes().to_vec();
        let answer = Padded::within(&mut data, 0, |padded| validator.judge(padded, &mut memory));
        assert_eq!(answer, *expected, "{text} {schema}");
        let parsed = arena.parse(text.as_bytes());
        let is_valid = parsed.is_ok_and(|document| validator.check(document).is_ok());
        assert!(answer == NOT_SURE || is_valid == (answer == YES), "{text}");
    }
}

#[test]
fn integers_are_read_exactly_and_longer_ones_left_to_jsonschema() {
    says(
        json!({"type": "integer", "minimum": -5, "maximum": 123_456_789_012_345_678_u64}),
        &[
            ("0", YES),
            ("-0", YES),
            ("7", YES),
            (" 7 ", YES),
            ("-5", YES),
            ("-6", NO),
            ("12345678", YES),
            ("123456789012345678", YES),
            ("123456789012345679", NO),
            ("1234567890123456789", NOT_SURE),
            ("1.5", NO),
            ("1.0", NOT_SURE),
            ("1e1", NOT_SURE),
            ("\"1\"", NO),
            ("null", NO),
        ],
    );
    says(
        json!({"type": "integer"}),
        &[("123456789012345678901234567890", YES), ("0.5", NO)],
    );
}

#[test]
fn numbers_that_are_no_json_are_never_accepted() {
    for schema in [
        json!({"type": "integer"}),
        json!({"type": "number"}),
        json!({"type": "integer", "minimum": 0}),
        json!({"type": ["number", "null"], "minimum": -0.5}),
        json!(true),
    ] {
        let validator = Validator::compile(schema.to_string().as_bytes(), true).expect("a schema");
        let mut memory = ScanMemory::new();
        for text in [
            "",
            "-",
            "01",
            "-01",
            "00",
            "1.",
            ".5",
            "1e",
            "1e+",
            "+1",
            "1x",
            "1 2",
            "0x1",
            "1_0",
            "--1",
            "1.e1",
            "1\0",
            "1,",
            "Infinity",
            "-Infinity",
            "NaN",
        ] {
            let mut data = text.as_bytes().to_vec();
            let accepts = Padded::within(&mut data, 0, |padded| {
                validator.accepts(padded, &mut memory)
            });
            assert!(!accepts, "{text} {schema}");
        }
    }
}

#[test]
fn decimals_are_compared_with_bounds_exactly() {
    says(
        json!({"type": "number", "minimum": -0.25, "exclusiveMaximum": 0.3}),
        &[
            ("0", YES),
            ("-0.0", YES),
            ("-0.25", YES),
            ("-0.2500000001", NO),
            ("0.3", NO),
            ("0.29999999999999", YES),
            ("0.300000000000000000001", NOT_SURE),
            ("0.30", NO),
            ("1", NO),
            ("1e-1", NOT_SURE),
            ("2e0", NOT_SURE),
        ],
    );
}

#[test]
fn lengths_of_strings_count_characters_also_of_escapes() {
    says(
        json!({"type": "string", "minLength": 2, "maxLength": 3}),
        &[
            ("\"a\"", NO),
            ("\"ab\"", YES),
            ("\"abcd\"", NO),
            ("\"\u{1f600}\"", NO),
            ("\"\u{1f600}\u{1f600}\"", YES),
            ("\"\u{e9}\u{e9}\u{e9}\u{e9}\"", NO),
            (r#""\n""#, NO),
            (r#""\n\n""#, YES),
            (r#""a\u00e9\\""#, YES),
            (r#""\ud83d\ude00""#, NO),
            (r#""\ud83d\ude00\ud83d\ude00b""#, YES),
            (r#""\ud83d\ude00\ud83d\ude00bc""#, NO),
        ],
    );
}

#[test]
fn strings_that_are_no_json_are_never_accepted() {
    for schema in [
        json!({"type": "string"}),
        json!({"type": ["string", "null"]}),
        json!({"enum": ["a", "b"]}),
        json!(true),
    ] {
        let validator = Validator::compile(schema.to_string().as_bytes(), true).expect("a schema");
        let mut memory = ScanMemory::new();
        for text in [
            &b"\"a"[..],
            b"\"",
            b"\"a\0\"",
            b"\"a\n\"",
            b"\"\\\"",
            b"\"\\x\"",
            b"\"\\u12\"",
            b"\"\\u12g4\"",
            b"\"\\ud800\"",
            b"\"\\udc00\"",
            b"\"\\ud800\\u0041\"",
            b"\"\xff\"",
            b"\"\xed\xa0\x80\"",
            b"\"a\"\"",
            b"\"a\" \0",
            b"'a'",
        ] {
            let mut data = text.to_vec();
            let accepts = Padded::within(&mut data, 0, |padded| {
                validator.accepts(padded, &mut memory)
            });
            assert!(!accepts, "{} {schema}", text.escape_ascii());
        }
    }
}

#[test]
fn escapes_are_left_to_jsonschema_where_the_text_matters() {
    says(
        json!({"properties": {"w": {"enum": ["a", "b"]}, "p": {"type": "string", "pattern": "^a"}}}),
        &[
            (r#"{"w":"a","p":"ab"}"#, YES),
            (r#"{"w":"c"}"#, NO),
            (r#"{"w":"\u0061"}"#, NOT_SURE),
            (r#"{"p":"\u0061"}"#, NOT_SURE),
            (r#"{"\u0077":"a"}"#, NOT_SURE),
            (r#"{"x":{"\u0077":"a"}}"#, NOT_SURE),
            (r#"{"x":"\u0077"}"#, YES),
        ],
    );
}

#[test]
fn names_may_come_in_any_order_once() {
    says(
        json!({
            "properties": {"first": {"type": "integer"}, "second": {"type": "string"}, "a long name of a member": true},
            "required": ["first"]
        }),
        &[
            (r#"{"first":1,"second":"x"}"#, YES),
            (r#"{"second":"x","first":1}"#, YES),
            (r#"{ "second" : "x" , "other" : [] , "first" : 1 }"#, YES),
            (r#"{"a long name of a member":{},"first":1}"#, YES),
            (r#"{"second":"x"}"#, NO),
            (r#"{}"#, NO),
            (r#"{"first":1,"second":1}"#, NO),
            // No JSON, so that "no" means nothing.
            (r#"{"first":1,"first":1}"#, NO),
            (r#"{"first":1,"other":1,"other":1}"#, NOT_SURE),
            (r#"{"first":1,}"#, NO),
        ],
    );
}

#[test]
fn a_name_with_a_quote_in_it_is_not_taken_for_json() {
    for name in ["a\"b", "a\\", "a\u{1}b"] {
        let schema = json!({"properties": {name: {"type": "integer"}}});
        let text = format!("{{\"{name}\":1}}");
        let validator = Validator::compile(schema.to_string().as_bytes(), true).expect("a schema");
        let mut data = text.clone().into_bytes();
        let accepts = |padded: Padded<'_>| validator.accepts(padded, &mut ScanMemory::new());
        assert!(!Padded::within(&mut data, 0, accepts), "{text}");
    }
}

#[test]
fn elements_that_must_differ_are_compared_by_their_keys() {
    says(
        json!({"type": "array", "uniqueItems": true}),
        &[
            ("[]", YES),
            ("[{}]", YES),
            ("[1,2,\"1\",\"2\",null,true,false]", YES),
            ("[1,1]", NOT_SURE),
            ("[\"a\",\"a\"]", NOT_SURE),
            ("[1,1.0]", NOT_SURE),
            ("[{},{}]", NOT_SURE),
            ("[0,-0]", NOT_SURE),
        ],
    );
    let many: Vec<_> = (0..3000).collect();
    says(
        json!({"type": "array", "uniqueItems": true}),
        &[(&json!(many).to_string(), YES)],
    );
}

#[test]
fn several_rules_for_one_value_are_combined() {
    says(
        json!({
            "contains": {"minimum": 5}, "minContains": 1, "maxContains": 2,
            "not": {"contains": {"const": 9}}
        }),
        &[
            ("[5]", YES),
            ("[1,5, 6]", YES),
            ("[1]", NO),
            ("[5,6,7]", NO),
            ("[5,9]", NO),
            ("[1,5e0]", NOT_SURE),
            ("\"x\"", NO),
        ],
    );
}
