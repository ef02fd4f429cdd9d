//! The exact words of violations and refusals, which clients may match.

use super::{check, compile, says};
use crate::schema::Validator;
use serde_json::{json, Value};

const DRAFT_7: &str = "http://json-schema.org/draft-07/schema#";

#[test]
fn a_violation_names_the_pointer_and_the_rule() {
    let cases: &[(Value, Value, &str)] = &[
        (json!({"type": "string"}), json!(1), "(root): type string"),
        (
            json!({"type": ["string", "null"]}),
            json!(1),
            "(root): type null or string",
        ),
        (
            json!({"required": ["email"]}),
            json!({}),
            "(root): required \"email\"",
        ),
        (
            json!({"dependentRequired": {"a": ["b"]}}),
            json!({"a": 1}),
            "(root): required \"b\"",
        ),
        (json!({"minimum": 18}), json!(1), "(root): minimum 18"),
        (json!({"maximum": 1.5}), json!(2), "(root): maximum 1.5"),
        (
            json!({"exclusiveMinimum": 0}),
            json!(0),
            "(root): exclusiveMinimum 0",
        ),
        (
            json!({"exclusiveMaximum": 0}),
            json!(0),
            "(root): exclusiveMaximum 0",
        ),
        (
            json!({"multipleOf": 0.5}),
            json!(0.7),
            "(root): multipleOf 0.5",
        ),
        (json!({"minLength": 3}), json!("ab"), "(root): minLength 3"),
        (json!({"maxLength": 1}), json!("ab"), "(root): maxLength 1"),
        (
            json!({"pattern": "^secret$"}),
            json!("ab"),
            "(root): pattern",
        ),
        (json!({"enum": ["x", "y"]}), json!("ab"), "(root): enum"),
        (json!({"const": "x"}), json!("ab"), "(root): const"),
        (json!({"minItems": 1}), json!([]), "(root): minItems 1"),
        (json!({"maxItems": 1}), json!([1, 2]), "(root): maxItems 1"),
        (
            json!({"uniqueItems": true}),
            json!([1, 1]),
            "(root): uniqueItems",
        ),
        (
            json!({"contains": {"const": 1}}),
            json!([2]),
            "(root): contains",
        ),
        (
            json!({"contains": {"const": 1}, "minContains": 2}),
            json!([1]),
            "(root): minContains",
        ),
        (
            json!({"contains": {"const": 1}, "maxContains": 1}),
            json!([1, 1]),
            "(root): maxContains",
        ),
        (
            json!({"minProperties": 1}),
            json!({}),
            "(root): minProperties 1",
        ),
        (
            json!({"maxProperties": 0}),
            json!({"secret": 1}),
            "(root): maxProperties 0",
        ),
        (
            json!({"additionalProperties": false}),
            json!({"secret": 1}),
            "(root): additionalProperties",
        ),
        (
            json!({"unevaluatedProperties": false}),
            json!({"secret": 1}),
            "(root): unevaluatedProperties",
        ),
        (
            json!({"unevaluatedItems": false}),
            json!(["secret"]),
            "(root): unevaluatedItems",
        ),
        (
            json!({"$schema": DRAFT_7, "items": [true], "additionalItems": false}),
            json!([1, "secret"]),
            "(root): additionalItems after 1",
        ),
        (
            json!({"propertyNames": {"maxLength": 3}}),
            json!({"secret": 1}),
            "(root): propertyNames",
        ),
        (
            json!({"not": {"type": "string"}}),
            json!("secret"),
            "(root): not",
        ),
        (
            json!({"anyOf": [{"type": "null"}, false]}),
            json!(1),
            "(root): anyOf",
        ),
        (
            json!({"oneOf": [{"type": "null"}, false]}),
            json!(1),
            "(root): oneOf, none matches",
        ),
        (
            json!({"oneOf": [true, true]}),
            json!(1),
            "(root): oneOf, more than one matches",
        ),
        (
            json!({"properties": {"a": false}}),
            json!({"a": 1}),
            "/a: false",
        ),
        (json!(false), json!(1), "(root): false"),
        (
            json!({"$schema": DRAFT_7, "format": "email"}),
            json!("secret"),
            "(root): format email",
        ),
    ];
    for (schema, data, expected) in cases {
        assert_eq!(says(schema.clone(), data.clone()), *expected, "{schema}");
    }
}

#[test]
fn at_most_five_violations_are_listed() {
    let schema = json!({"items": {"type": "string"}});
    assert_eq!(
        says(schema, json!([1, 2, 3, 4, 5, 6, 7])),
        "/0: type string; /1: type string; /2: type string; /3: type string; /4: type string; \
         and 2 more"
    );
}

#[test]
fn a_violation_is_one_bounded_line_of_ascii() {
    let name = "n\u{e9}\n".repeat(1000);
    let schema = json!({"properties": {&name: {"required": [&name], "format": name}}});
    let violations = says(schema, json!({&name: {}}));
    assert!(violations.len() < 300, "{violations}");
    assert!(
        violations.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{violations}"
    );
    assert!(
        violations.contains("required \"n\\u00e9\\u000a"),
        "{violations}"
    );
}

#[test]
fn pointers_are_escaped() {
    let schema = json!({"additionalProperties": {"type": "string"}});
    assert_eq!(says(schema, json!({"a/b~c": 1})), "/a~1b~0c: type string");
}

#[test]
fn a_refusal_says_what_is_wrong_where_and_what_to_do() {
    let cases: &[(&str, &str)] = &[
        ("{\"type\": }", "the schema is not JSON: "),
        ("[]", "the schema must be an object, true or false"),
        (
            r#"{"$schema": "http://json-schema.org/draft-03/schema#"}"#,
            "the schema has the unknown $schema \"http://json-schema.org/draft-03/schema#\"; use \
             that of draft 4, 6, 7, 2019-09 or 2020-12, or none for 2020-12",
        ),
        (
            r#"{"properties": {"a": {"type": "sting"}}}"#,
            "the schema is not valid at /properties/a/type: breaks a rule of its draft: anyOf",
        ),
        (
            r##"{"properties": {"a": {"$ref": "#/$defs/x"}}}"##,
            "the schema has a $ref to \"#/$defs/x\", which is not in it; nothing is fetched, so \
             put it under $defs (at /properties/a)",
        ),
        (
            r#"{"$ref": "http://example.com/other.json"}"#,
            "the schema refers to \"http://example.com/other.json\", which is not in it; nothing \
             is fetched, so put it under $defs",
        ),
        (
            r#"{"$ref": "file:///etc/passwd"}"#,
            "the schema refers to \"file:///etc/passwd\", which is not in it; nothing is \
             fetched, so put it under $defs",
        ),
    ];
    for (schema, expected) in cases {
        let refusal = Validator::compile(schema.as_bytes(), false).unwrap_err();
        assert!(refusal.starts_with(expected), "{schema}: {refusal}");
    }
}

#[test]
fn look_around_and_back_references_are_refused() {
    for pattern in ["(?=a)b", "(?<!a)b", "(a)\\1"] {
        let refusal = compile(&json!({"items": {"pattern": pattern}})).unwrap_err();
        assert!(refusal.contains("linear time"), "{pattern}: {refusal}");
        assert!(refusal.contains("/items/pattern"), "{pattern}: {refusal}");
        let refusal =
            compile(&json!({"patternProperties": {pattern: true}, "title": "x"})).unwrap_err();
        assert!(refusal.contains("linear time"), "{pattern}: {refusal}");
    }
}

#[test]
fn member_names_that_serde_json_reserves_are_ordinary() {
    let schema = r#"{"const": {"$serde_json::private::Number": "1"}}"#;
    let validator = Validator::compile(schema.as_bytes(), false).unwrap();
    assert!(check(&validator, r#"{"$serde_json::private::Number": "1"}"#).is_ok());
    assert!(check(&validator, "1").is_err());
}
