//! JSON Patches: the result, and which bytes keep their form.

use crate::json::{apply, Arena, PatchErrorKind};

pub(super) const LIMIT: usize = 1 << 20;

/// The result of a patch and whether it is a change, or the error.
pub(super) fn patched(document: &str, patch: &str, limit: usize) -> Result<(String, bool), String> {
    let (mut old, mut new, mut out) = (Arena::new(), Arena::new(), b"junk".to_vec());
    let document = old.parse(document.as_bytes()).unwrap();
    let patch = new.parse(patch.as_bytes()).unwrap();
    let changed = apply(document, patch, limit, &mut out);
    assert!(changed.is_ok() || out.is_empty());
    let changed = changed.map_err(|error| {
        let text = error.to_string();
        assert!(
            text.bytes().all(|byte| matches!(byte, b' '..=b'~')),
            "{text}"
        );
        match error.kind {
            PatchErrorKind::Malformed => format!("malformed: {text}"),
            PatchErrorKind::CannotApply => text,
        }
    })?;
    Ok((String::from_utf8(out).unwrap(), changed))
}

fn assert_patched(document: &str, patch: &str, result: &str) {
    let expected = Ok((result.to_owned(), document != result));
    assert_eq!(
        patched(document, patch, LIMIT),
        expected,
        "{document} {patch}"
    );
}

#[test]
fn a_value_that_is_not_addressed_keeps_its_bytes() {
    let document =
        " { \"a\" : -0 , \"\\u0062\":[ 1.0 , 10e-1,{ \"\\/\" : 12345678901234567890123 } ] } ";
    assert_patched(
        document,
        r#"[{"op":"replace","path":"/a","value": [ 1.50 ] }]"#,
        &document.replace("-0", "[ 1.50 ]"),
    );
    assert_patched(
        document,
        r#"[{"op":"remove","path":"/b/1"},{"op":"add","path":"/b/1/x","value":1E2}]"#,
        &document
            .replace(" , 10e-1", "")
            .replace("123 }", "123,\"x\":1E2 }"),
    );
    assert_patched(
        document,
        r#"[{"op":"move","from":"/b/2/~1","path":"/b/0"}]"#,
        " { \"a\" : -0 , \"\\u0062\":[ 12345678901234567890123,1.0 , 10e-1,{} ] } ",
    );
    assert_patched(
        document,
        r#"[{"op":"copy","from":"/b","path":"/c"},{"op":"remove","path":"/b"}]"#,
        " { \"a\" : -0,\"c\":[ 1.0 , 10e-1,{ \"\\/\" : 12345678901234567890123 } ] } ",
    );
}

#[test]
fn elements_are_inserted_and_removed_anywhere() {
    for (patch, result) in [
        (r#"[{"op":"add","path":"/0","value":9}]"#, "[ 9,1, 2 , 3 ]"),
        (r#"[{"op":"add","path":"/1","value":9}]"#, "[ 1,9, 2 , 3 ]"),
        (r#"[{"op":"add","path":"/3","value":9}]"#, "[ 1, 2 , 3,9 ]"),
        (r#"[{"op":"add","path":"/-","value":9}]"#, "[ 1, 2 , 3,9 ]"),
        (r#"[{"op":"remove","path":"/0"}]"#, "[ 2 , 3 ]"),
        (r#"[{"op":"remove","path":"/1"}]"#, "[ 1 , 3 ]"),
        (r#"[{"op":"remove","path":"/2"}]"#, "[ 1, 2 ]"),
        (r#"[{"op":"replace","path":"/1","value":9}]"#, "[ 1,9 , 3 ]"),
        (r#"[{"op":"move","from":"/0","path":"/2"}]"#, "[ 2 , 3,1 ]"),
        (
            r#"[{"op":"copy","from":"/2","path":"/0"}]"#,
            "[ 3,1, 2 , 3 ]",
        ),
        (
            r#"[{"op":"remove","path":"/0"},{"op":"add","path":"/0","value":1}]"#,
            "[ 1, 2 , 3 ]",
        ),
    ] {
        assert_patched("[ 1, 2 , 3 ]", patch, result);
    }
    assert_patched("[ ]", r#"[{"op":"add","path":"/0","value":1}]"#, "[1]");
    assert_patched("[ 1 ]", r#"[{"op":"remove","path":"/0"}]"#, "[]");
    let back = r#"[{"op":"add","path":"/0","value":1},{"op":"remove","path":"/0"}]"#;
    assert_patched("[ ]", back, "[ ]");
}

#[test]
fn setting_an_equal_value_is_no_change() {
    let document = r#" {"a": 1.0, "b": {"c": [1, 2]}} "#;
    for patch in [
        "[]",
        r#"[{"op":"add","path":"/a","value":1}]"#,
        r#"[{"op":"replace","path":"/b/c/1","value":2.0}]"#,
        r#"[{"op":"test","path":"","value":{"b":{"c":[1,2]},"a":1}}]"#,
        r#"[{"op":"replace","path":"","value":{"b":{"c":[1,2]},"a":1}}]"#,
        r#"[{"op":"add","path":"","value":{"b":{"c":[1,2]},"a":1}}]"#,
        r#"[{"op":"add","path":"/x","value":1},{"op":"remove","path":"/x"}]"#,
        r#"[{"op":"move","from":"/b","path":"/b"}]"#,
    ] {
        assert_patched(document, patch, document);
    }
}

#[test]
fn the_whole_document_can_be_replaced() {
    let add = r#"[{"op":"add","path":"","value": [ 1 ] }]"#;
    assert_patched(" {\"a\":1} ", add, "[ 1 ]");
    let copy = r#"[{"op":"copy","from":"/a","path":""}]"#;
    assert_patched("{\"a\":[1]}", copy, "[1]");
    let wrap = r#"[{"op":"copy","from":"","path":"/b"},{"op":"remove","path":"/a"},
        {"op":"add","path":"/b/c","value":0}]"#;
    assert_patched("{\"a\":1}", wrap, "{\"b\":{\"a\":1,\"c\":0}}");
}

#[test]
fn copies_change_apart_from_one_another() {
    let patch = r#"[
        {"op":"add","path":"/a/0","value":0},
        {"op":"copy","from":"/a","path":"/b"},
        {"op":"add","path":"/b/0","value":-1},
        {"op":"remove","path":"/a/1"},
        {"op":"copy","from":"","path":"/c"},
        {"op":"remove","path":"/c/a"},
        {"op":"add","path":"/c/b/-","value":9},
        {"op":"test","path":"/c","value":{"b":[-1,0,1,2,9]}},
        {"op":"test","path":"","value":{"a":[0,2],"b":[-1,0,1,2],"c":{"b":[-1,0,1,2,9]}}}]"#;
    assert_patched(
        "{\"a\":[1,2]}",
        patch,
        r#"{"a":[0,2],"b":[-1,0,1,2],"c":{"b":[-1,0,1,2,9]}}"#,
    );
}

#[test]
fn a_member_is_one_however_its_name_is_escaped() {
    let document = r#"{"\u0061":1}"#;
    assert_patched(
        document,
        r#"[{"op":"add","path":"/a","value":2}]"#,
        r#"{"\u0061":2}"#,
    );
    assert_patched(
        "{}",
        r#"[{"op":"add","path":"/\u0061~1~0\"\\\n\u0001é","value":1},
            {"op":"add","path":"/a~1~0\"\\\u000a\u0001\u00e9","value":2}]"#,
        r#"{"a/~\"\\\n\u0001é":2}"#,
    );
}

#[test]
fn a_removed_member_that_is_added_again_is_at_the_end() {
    let patch = r#"[{"op":"remove","path":"/a"},{"op":"add","path":"/a","value":3},
        {"op":"add","path":"/c","value":4},{"op":"remove","path":"/a"},
        {"op":"add","path":"/a","value":5},{"op":"replace","path":"/c","value":6}]"#;
    assert_patched(r#"{"a": 1, "b": 2}"#, patch, r#"{"b": 2,"c":6,"a":5}"#);
}
