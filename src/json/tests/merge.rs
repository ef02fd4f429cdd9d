//! Merge patches: the result, and which bytes keep their form.

use super::SESSION;
use crate::json::{merge, Arena, Edits, MAX_DEPTH};

/// The result of a merge, and whether it is a change.
pub(super) fn merged(document: &str, patch: &str) -> (String, bool) {
    let (mut new, mut values, mut edits) = (Arena::new(), Arena::new(), Edits::new());
    let patch = new.parse(patch.as_bytes()).unwrap();
    merge(document.as_bytes(), patch, &mut values, &mut edits).unwrap();
    let mut out = Vec::new();
    edits.apply(document.as_bytes(), &mut out);
    (String::from_utf8(out).unwrap(), !edits.is_empty())
}

fn assert_merged(document: &str, patch: &str, result: &str) {
    assert_eq!(
        merged(document, patch),
        (result.to_owned(), document != result),
        "{document} and {patch}"
    );
}

/// RFC 7396, appendix A: ORIGINAL, PATCH, RESULT.
const APPENDIX_A: [[&str; 3]; 15] = [
    [r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#],
    [r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#],
    [r#"{"a":"b"}"#, r#"{"a":null}"#, r#"{}"#],
    [r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#],
    [r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#],
    [r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#],
    [
        r#"{"a":{"b":"c"}}"#,
        r#"{"a":{"b":"d","c":null}}"#,
        r#"{"a":{"b":"d"}}"#,
    ],
    [r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#],
    [r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#],
    [r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#],
    [r#"{"a":"foo"}"#, r#"null"#, r#"null"#],
    [r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#],
    [r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#],
    [r#"[1,2]"#, r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#],
    [
        r#"{}"#,
        r#"{"a":{"bb":{"ccc":null}}}"#,
        r#"{"a":{"bb":{}}}"#,
    ],
];

#[test]
fn the_table_of_rfc_7396_appendix_a_holds() {
    for [document, patch, result] in APPENDIX_A {
        assert_merged(document, patch, result);
    }
}

#[test]
fn the_example_of_rfc_7396_section_3_holds() {
    let document = r#"{
       "title": "Goodbye!",
       "author" : {
         "givenName" : "John",
         "familyName" : "Doe"
       },
       "tags":[ "example", "sample" ],
       "content": "This will be unchanged"
     }"#;
    let patch = r#"{
       "title": "Hello!",
       "phoneNumber": "+01-123-456-7890",
       "author": {
         "familyName": null
       },
       "tags": [ "example" ]
     }"#;
    let result = r#"{
       "title": "Hello!",
       "author" : {
         "givenName" : "John"
       },
       "tags":[ "example" ],
       "content": "This will be unchanged","phoneNumber":"+01-123-456-7890"
     }"#;
    assert_merged(document, patch, result);
}

#[test]
fn values_that_the_patch_does_not_address_keep_their_bytes() {
    let document = "\n { \"big\" : 123456789012345678901234567890 ,\t\"n\":-0,\"\\u0065\": \
        [ 1.50e+01 , \"\\u00e9\\/\" ], \"x\" : 1 } ";
    let result = document.replace(": 1 }", ": 2,\"y\":3.10 }");
    assert_merged(document, r#" { "x" :  2 , "y" :  3.10  } "#, &result);
}

#[test]
fn a_replaced_member_keeps_its_place_and_its_name() {
    let document = r#"{"\u0061" : 1, "b": 2}"#;
    assert_merged(
        document,
        r#"{"a":[ 1,2]}"#,
        r#"{"\u0061" : [ 1,2], "b": 2}"#,
    );
    assert_merged(r#"{"a":1,"b":2}"#, r#"{"\u0061":null}"#, r#"{"b":2}"#);
}

#[test]
fn new_members_come_last_in_the_order_of_the_patch() {
    let patch = r#"{"z":1,"\u006e":{"k": [null], "l" : null},"b":2,"a":3}"#;
    let result = r#"{ "b":2, "c":0,"z":1,"\u006e":{"k": [null]},"a":3 }"#;
    assert_merged(r#"{ "b":1, "c":0 }"#, patch, result);
    assert_merged("{ }", r#"{"a":1}"#, r#"{"a":1}"#);
}

#[test]
fn a_removed_member_goes_with_its_comma() {
    let document = r#"{ "a": 1 , "b": 2 , "c": 3 }"#;
    for (patch, result) in [
        (r#"{"a":null}"#, r#"{ "b": 2 , "c": 3 }"#),
        (r#"{"b":null}"#, r#"{ "a": 1 , "c": 3 }"#),
        (r#"{"c":null}"#, r#"{ "a": 1 , "b": 2 }"#),
        (r#"{"a":null,"b":null}"#, r#"{ "c": 3 }"#),
        (r#"{"c":null,"b":null}"#, r#"{ "a": 1 }"#),
        (r#"{"c":null,"a":null}"#, r#"{ "b": 2 }"#),
        (r#"{"a":null,"b":4,"c":null}"#, r#"{ "b": 4 }"#),
        (r#"{"c":null,"b":null,"a":null}"#, "{}"),
        (r#"{"c":null,"b":null,"a":null,"d":0}"#, r#"{ "d":0 }"#),
        (r#"{"c":null,"d":0}"#, r#"{ "a": 1 , "b": 2,"d":0 }"#),
    ] {
        assert_merged(document, patch, result);
    }
}

#[test]
fn equal_values_are_left_as_they_are_and_are_no_change() {
    let document = r#" {"a": 1.0, "b": {"c": [ "\u0041", {"x":1,"y":2} ], "d": -0}, "e": { } } "#;
    for patch in [
        "{}",
        r#"{"a":1}"#,
        r#"{"a":10e-1,"b":{}}"#,
        r#"{"b":{"c":["A",{"y":2.0,"x":1}],"d":0},"e":{}}"#,
        r#"{"e":{"f":null},"g":null}"#,
    ] {
        assert_eq!(
            merged(document, patch),
            (document.to_owned(), false),
            "{patch}"
        );
    }
    assert_eq!(merged(" [1] ", "[1.0]"), (" [1] ".to_owned(), false));
    assert!(merged(r#"{"a":9007199254740993}"#, r#"{"a":9007199254740992}"#).1);
}

#[test]
fn a_session_takes_a_new_field_value() {
    let (result, changed) = merged(SESSION, r#"{"theme":"light"}"#);
    assert_eq!(result, SESSION.replace("\"dark\"", "\"light\""));
    assert!(changed);
}

#[test]
fn members_of_large_objects_are_found() {
    let members = |from: usize, n: &str| {
        let members: Vec<_> = (from..1000).map(|i| format!("\"k{i}\":{n}")).collect();
        format!("{{{}}}", members.join(","))
    };
    assert_merged(&members(0, "1"), &members(0, "2"), &members(0, "2"));
    assert_merged(&members(0, "1"), &members(0, "null"), "{}");
    assert_merged("{}", &members(3, "1"), &members(3, "1"));
}

#[test]
fn patches_as_deep_as_can_be_are_merged() {
    let nest = |inner: &str| "{\"a\":".repeat(MAX_DEPTH) + inner + &"}".repeat(MAX_DEPTH);
    assert_merged(&nest("1"), &nest("2"), &nest("2"));
    assert_merged("{}", &nest("2"), &nest("2"));
    assert_merged(&nest("1"), &nest("1.0"), &nest("1"));
}
