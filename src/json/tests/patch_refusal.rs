//! JSON Patches that are refused: error texts and limits.

use super::patch::{patched, LIMIT};
use crate::json::MAX_DEPTH;

fn assert_refused(document: &str, patch: &str, error: &str) {
    let result = patched(document, patch, LIMIT);
    assert_eq!(result, Err(error.to_owned()), "{document} {patch}");
}

#[test]
fn an_error_says_which_operation_and_why() {
    let document = r#"{"a":{"b":[1,2]},"n":1}"#;
    for (patch, error) in [
        (
            r#"[{"op":"test","path":"/n","value":1.0},{"op":"test","path":"/n","value":2}]"#,
            "operation 1 (test '/n'): the value differs",
        ),
        (
            r#"[{"op":"remove","path":"/x\n"}]"#,
            "operation 0 (remove '/x\\n'): there is nothing at this path",
        ),
        (
            r#"[{"op":"remove","path":""}]"#,
            "operation 0 (remove ''): the whole document cannot be removed",
        ),
        (
            r#"[{"op":"remove","path":"/a/b/-"}]"#,
            "operation 0 (remove '/a/b/-'): there is nothing at this path",
        ),
        (
            r#"[{"op":"replace","path":"/a/b/2","value":1}]"#,
            "operation 0 (replace '/a/b/2'): there is nothing at this path",
        ),
        (
            r#"[{"op":"add","path":"/x/y","value":1}]"#,
            "operation 0 (add '/x/y'): there is nothing to add to at this path",
        ),
        (
            r#"[{"op":"add","path":"/n/y","value":1}]"#,
            "operation 0 (add '/n/y'): there is nothing to add to at this path",
        ),
        (
            r#"[{"op":"add","path":"/a/b/3","value":1}]"#,
            "operation 0 (add '/a/b/3'): the array has no such place",
        ),
        (
            r#"[{"op":"add","path":"/a/b/01","value":1}]"#,
            "operation 0 (add '/a/b/01'): the array has no such place",
        ),
        (
            r#"[{"op":"copy","from":"/x","path":"/n"}]"#,
            "operation 0 (copy '/n'): there is nothing at 'from'",
        ),
        (
            r#"[{"op":"move","from":"/a/b/-","path":"/n"}]"#,
            "operation 0 (move '/n'): there is nothing at 'from'",
        ),
        (
            r#"[{"op":"move","from":"/x","path":"/x"}]"#,
            "operation 0 (move '/x'): there is nothing at 'from'",
        ),
        (
            r#"[{"op":"move","from":"/a","path":"/n/x"}]"#,
            "operation 0 (move '/n/x'): there is nothing to add to at this path",
        ),
    ] {
        assert_refused(document, patch, error);
    }
    let long = format!(r#"[{{"op":"remove","path":"/{}"}}]"#, "x".repeat(100));
    let shown = "x".repeat(63);
    let error = format!("operation 0 (remove '/{shown}...'): there is nothing at this path");
    assert_refused(document, &long, &error);
}

#[test]
fn a_malformed_patch_is_not_reported_as_one_that_cannot_be_applied() {
    for (patch, error) in [
        ("1", "a JSON Patch is an array of operations"),
        ("{}", "a JSON Patch is an array of operations"),
        ("[1]", "operation 0: an operation is an object"),
        (
            r#"[{"op":"remove","path":"/x"},{}]"#,
            "operation 1: there is no 'op'",
        ),
        (
            r#"[{"op":1,"path":"/x"}]"#,
            "operation 0: 'op' must be a string",
        ),
        (
            r#"[{"op":"secret","path":"/x"}]"#,
            "operation 0: 'op' must be add, remove, replace, move, copy or test",
        ),
        (r#"[{"op":"remove"}]"#, "operation 0: there is no 'path'"),
        (
            r#"[{"op":"remove","path":null}]"#,
            "operation 0: 'path' must be a JSON pointer",
        ),
        (
            r#"[{"op":"remove","path":"x"}]"#,
            "operation 0: 'path' must be a JSON pointer",
        ),
        (
            r#"[{"op":"remove","path":"/~"}]"#,
            "operation 0: 'path' must be a JSON pointer",
        ),
        (
            r#"[{"op":"add","path":"/a"}]"#,
            "operation 0: there is no 'value'",
        ),
        (
            r#"[{"op":"replace","path":"/a"}]"#,
            "operation 0: there is no 'value'",
        ),
        (
            r#"[{"op":"test","path":"/a"}]"#,
            "operation 0: there is no 'value'",
        ),
        (
            r#"[{"op":"move","path":"/a"}]"#,
            "operation 0: there is no 'from'",
        ),
        (
            r#"[{"op":"copy","path":"/a","from":"~"}]"#,
            "operation 0: 'from' must be a JSON pointer",
        ),
        (
            r#"[{"op":"move","from":"/a","path":"/a/b"}]"#,
            "operation 0: a value cannot be moved into itself",
        ),
    ] {
        assert_refused(r#"{"a":{}}"#, patch, &format!("malformed: {error}"));
    }
}

#[test]
fn the_size_limit_holds_for_the_result_and_not_between_operations() {
    let document = r#"{"a":[1,2,3]}"#;
    let patch = r#"[{"op":"copy","from":"/a","path":"/b"},{"op":"remove","path":"/a"}]"#;
    assert_eq!(
        patched(document, patch, 13),
        Ok((r#"{"b":[1,2,3]}"#.to_owned(), true))
    );
    let error = "the result is larger than the limit of 12 bytes";
    assert_eq!(patched(document, patch, 12), Err(error.to_owned()));
    let error = "the result is larger than the limit of 9 bytes";
    assert_eq!(patched("[\"12345678\"]", "[]", 9), Err(error.to_owned()));
}

#[test]
fn the_result_has_128_levels_at_most() {
    let nest = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    // The document has four levels, and the patch's text adds two around the value.
    let document = r#"[[[{"a":0}]]]"#;
    for (levels, fits) in [(MAX_DEPTH - 4, true), (MAX_DEPTH - 3, false)] {
        let (whole, less) = (nest(levels), nest(levels - 1));
        for patch in [
            format!(r#"[{{"op":"add","path":"/0/0/0/x","value":{whole}}}]"#),
            format!(r#"[{{"op":"replace","path":"/0/0/0/a","value":{whole}}}]"#),
            format!(
                r#"[{{"op":"add","path":"/0/0/0/x","value":[]}},
                    {{"op":"add","path":"/0/0/0/x/-","value":{less}}}]"#
            ),
        ] {
            let result = patched(document, &patch, LIMIT);
            let too_deep = result == Err("the result is nested deeper than 128 levels".to_owned());
            assert_eq!(too_deep, !fits, "{levels} {patch}");
        }
    }
    // Only the result counts: too deep between two operations is allowed.
    let document = format!(r#"{{"a":{},"b":[]}}"#, nest(MAX_DEPTH - 1));
    let deeper = r#"{"op":"move","from":"/a","path":"/b/0"}"#;
    let back = r#"{"op":"move","from":"/b/0","path":"/a"}"#;
    let copy = r#"{"op":"copy","from":"/a","path":"/b/-"}"#;
    assert!(patched(&document, &format!("[{deeper}]"), LIMIT).is_err());
    assert!(patched(&document, &format!("[{copy}]"), LIMIT).is_err());
    assert!(patched(&document, &format!("[{deeper},{back}]"), LIMIT).is_ok());
}

#[test]
fn copies_that_multiply_are_refused_without_being_made() {
    let double = r#"{"op":"copy","from":"","path":"/-"}"#;
    for count in [5, 30, 200] {
        let patch = format!("[{}]", vec![double; count].join(","));
        let result = patched("[1]", &patch, 100);
        assert!(result.is_err(), "{count}");
    }
    let double = r#"{"op":"copy","from":"/a","path":"/a/-"},{"op":"add","path":"/a/0","value":1}"#;
    let patch = format!("[{}]", vec![double; 40].join(","));
    let error = patched(r#"{"a":[1]}"#, &patch, LIMIT).unwrap_err();
    assert!(
        error.ends_with("the patch copies or compares too much"),
        "{error}"
    );
}
