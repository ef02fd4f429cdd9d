//! jsonschema's validators over a parsed text.

use jsonschema::json::conformance::{assert_conformance, document};
use jsonschema::json::{cmp, Array, Json, Node, Object};
use serde_json::{json, Value as Tree};

use super::SESSION;
use crate::json::{Arena, Representation};

/// A typical schema for a session.
pub(super) fn session_schema() -> Tree {
    json!({
        "type": "object",
        "required": ["user", "email", "csrf", "roles", "cart"],
        "properties": {
            "user": {"type": "integer", "minimum": 1},
            "email": {"type": "string", "minLength": 3, "maxLength": 254},
            "roles": {"type": "array", "uniqueItems": true, "maxItems": 10,
                "items": {"enum": ["customer", "reviewer", "admin"]}},
            "csrf": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "cart": {"type": "array", "items": {
                "type": "object", "required": ["sku", "n"],
                "properties": {"sku": {"type": "string", "maxLength": 20},
                    "n": {"type": "integer", "minimum": 1, "maximum": 99}}}},
            "theme": {"enum": ["dark", "light"]}
        }
    })
}

/// Whether `text` satisfies `schema`.
fn is_valid(schema: &Tree, text: &str) -> bool {
    let validator = jsonschema::options_for::<Representation>()
        .build(schema)
        .unwrap();
    let mut arena = Arena::new();
    validator.is_valid(arena.parse(text.as_bytes()).unwrap().root())
}

#[test]
fn the_representation_keeps_the_contract() {
    let text = document().to_string();
    let mut arena = Arena::new();
    assert_conformance::<Representation>(&arena.parse(text.as_bytes()).unwrap().root());
}

#[test]
fn a_session_is_checked_in_place() {
    let schema = session_schema();
    assert!(is_valid(&schema, SESSION));
    for (from, to) in [
        ("18472", "0"),
        ("18472", "1.5"),
        ("\"reviewer\"", "\"customer\""),
        ("9f1b3c", "9F1B3C"),
        ("\"n\":5", "\"n\":100"),
        ("dark", "blue"),
        ("\"csrf\"", "\"token\""),
    ] {
        assert!(SESSION.contains(from));
        assert!(!is_valid(&schema, &SESSION.replace(from, to)), "{to}");
    }
}

#[test]
fn equality_with_a_schema_value_is_that_of_json_schema() {
    let mut arena = Arena::new();
    let values = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "0.0",
        "1",
        "1.0",
        "10e-1",
        "-1",
        "1.5",
        "\"\"",
        "\"1\"",
        "\"\\u0031\"",
        "[]",
        "[1]",
        "[1.0]",
        "[1,2]",
        "{}",
        r#"{"a":1}"#,
        r#"{"a":1.0}"#,
        r#"{"a":2}"#,
        r#"{"b":1}"#,
        r#"{"a":1,"b":[2]}"#,
        r#"{"b":[2.0],"a":1}"#,
        "9007199254740993",
        "9007199254740992.0",
        "18446744073709551615",
        "1e400",
    ];
    let expected: Vec<Tree> = values
        .iter()
        .filter_map(|value| serde_json::from_str(value).ok())
        .collect();
    for text in values {
        let value = arena.parse(text.as_bytes()).unwrap().root();
        for expected in &expected {
            // `to_value` clamps 1e400 to the largest `f64`, but 1e400 equals no `f64`.
            let equal = text != "1e400" && cmp::equal(&value.to_value(), expected);
            assert_eq!(value.equals_value(expected), equal, "{text} {expected}");
        }
    }
}

#[test]
fn duplicates_in_arrays_are_found_by_value_in_arrays_of_every_size() {
    let unique = |elements: &[String]| {
        let text = format!("[{}]", elements.join(","));
        let mut arena = Arena::new();
        let root = arena.parse(text.as_bytes()).unwrap().root();
        root.as_array().unwrap().is_unique()
    };
    for (first, second, equal) in [
        ("1000", "1e3", true),
        ("-0", "0.0", true),
        (
            "123456789012345678901234567890",
            "1234567890123456789012345678.90e2",
            true,
        ),
        ("\"a\"", "\"\\u0061\"", true),
        (r#"{"x":1,"y":[2]}"#, r#"{"y":[2.0],"x":1}"#, true),
        (r#"[{"x":null}]"#, r#"[{"x":null}]"#, true),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567891",
            false,
        ),
        (r#"{"x":1,"y":2}"#, r#"{"x":2,"y":1}"#, false),
        ("[[\"a\"],\"b\"]", "[[\"a\",\"b\"]]", false),
        ("\"1\"", "null", false),
        ("false", "null", false),
        ("[]", "{}", false),
        ("\"\"", "[]", false),
    ] {
        for size in [2, 3, 8, 9, 100] {
            for at in [1, size / 2, size - 1] {
                let mut elements: Vec<_> = (0..size).map(|at| format!("[{at},\"x\"]")).collect();
                elements[0] = first.to_owned();
                elements[at] = second.to_owned();
                assert_eq!(unique(&elements), !equal, "{first} {second} among {size}");
            }
        }
    }
    assert!(unique(&[]));
    assert!(unique(&["1".to_owned()]));
}

#[test]
fn numbers_of_one_float_do_not_make_unique_items_quadratic() {
    let near = |at: u32| format!("1180591620717411{at:06}");
    let text = format!("[{}]", (0..50_000).map(near).collect::<Vec<_>>().join(","));
    assert!(is_valid(&json!({"uniqueItems": true}), &text));
}

#[test]
fn property_names_are_checked_as_strings() {
    let schema = json!({"propertyNames": {"maxLength": 2, "pattern": "^[a-z]"}});
    assert!(is_valid(&schema, r#"{"a":1,"\u0062é":2}"#));
    assert!(!is_valid(&schema, r#"{"a":1,"abc":2}"#));
    assert!(!is_valid(&schema, r#"{"":1}"#));
}

#[test]
fn references_to_themselves_end_for_values_and_for_names() {
    let looping = json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}});
    assert!(is_valid(&looping, "[1]"));
    let names =
        json!({"propertyNames": {"$ref": "#/$defs/a"}, "$defs": {"a": {"$ref": "#/$defs/a"}}});
    assert!(is_valid(&names, r#"{"x":1}"#));
}

#[test]
fn lengths_count_characters() {
    for (text, min, max, within) in [
        ("\"ab\"", 0, 2, true),
        ("\"ab\"", 3, 9, false),
        ("\"abc\"", 0, 2, false),
        ("\"😀😀\"", 2, 2, true),
        ("\"😀😀\"", 3, 9, false),
        ("\"😀😀😀\"", 0, 2, false),
        (r#""\ud83d\ude00\u0000""#, 2, 2, true),
        ("\"\"", 1, 5, false),
    ] {
        let mut arena = Arena::new();
        let root = arena.parse(text.as_bytes()).unwrap().root();
        assert_eq!(root.string_length_within(min, max), Some(within), "{text}");
        let length = root.string_length().unwrap();
        assert_eq!((min..=max).contains(&length), within, "{text}");
    }
    let mut arena = Arena::new();
    let root = arena.parse(b"1").unwrap().root();
    assert_eq!(
        (root.string_length(), root.string_length_within(0, 9)),
        (None, None)
    );
}

#[test]
fn errors_name_the_place_but_hold_nothing_of_the_data() {
    let schema = json!({"properties": {"a": {"maxLength": 3}}, "required": ["b"]});
    let validator = jsonschema::options_for::<Representation>()
        .build(&schema)
        .unwrap();
    let mut arena = Arena::new();
    let document = arena.parse(br#"{"a":"secret"}"#).unwrap();
    let errors: Vec<_> = validator.iter_errors(document.root()).collect();
    assert_eq!(errors.len(), 2);
    for error in errors {
        assert!(!format!("{error:?} {error}").contains("secret"));
    }
}

#[test]
fn every_node_of_a_document_has_its_own_identity() {
    let mut arena = Arena::new();
    let root = arena.parse(br#"{"a":[[],[]],"b":{}}"#).unwrap().root();
    let object = root.as_object().unwrap();
    let a = object.get(&Representation::prepare_key("a")).unwrap();
    let mut all = vec![
        root,
        a,
        object.get(&Representation::prepare_key("b")).unwrap(),
    ];
    all.extend(a.as_array().unwrap().elements());
    for (left, value) in all.iter().enumerate() {
        for (right, other) in all.iter().enumerate() {
            assert_eq!(value.identity() == other.identity(), left == right);
        }
        assert_eq!(value.container_identity(), value.identity());
    }
}
