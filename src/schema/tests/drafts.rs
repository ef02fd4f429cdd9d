//! Tests of what depends on the draft, and of schemas that are of no draft exactly.

use super::{check, compile, says};
use crate::schema::Validator;
use serde_json::{json, Value};

const DRAFT_4: &str = "http://json-schema.org/draft-04/schema#";
const DRAFT_7: &str = "http://json-schema.org/draft-07/schema#";
const DRAFTS: [&str; 5] = [
    DRAFT_4,
    "http://json-schema.org/draft-06/schema#",
    DRAFT_7,
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
];

/// Whether `data` is valid, with `format` as an assertion in every draft or not.
fn accepts(schema: &Value, assert_format: bool, data: &Value) -> bool {
    let validator = Validator::compile(schema.to_string().as_bytes(), assert_format).unwrap();
    check(&validator, &data.to_string()).is_ok()
}

#[test]
fn format_asserts_by_the_draft_or_at_the_callers_wish() {
    for draft in DRAFTS {
        let bad = json!("not an address");
        let schema = json!({"$schema": draft, "format": "email"});
        let asserts = !draft.contains("draft/20");
        assert_eq!(accepts(&schema, false, &bad), !asserts, "{draft}");
        assert!(!accepts(&schema, true, &bad), "{draft}");
        // These are of draft 2019-09.
        for format in ["uuid", "duration"] {
            let schema = json!({"$schema": draft, "format": format});
            assert!(accepts(&schema, false, &bad), "{draft} {format}");
            assert!(!accepts(&schema, true, &bad), "{draft} {format}");
            assert!(accepts(&schema, true, &json!(1)), "{draft} {format}");
        }
        let unknown = json!({"$schema": draft, "format": "shoe-size"});
        assert!(accepts(&unknown, true, &bad), "{draft}");
    }
}

#[test]
fn a_later_format_in_an_older_draft_is_named_in_the_violation() {
    let schema = json!({"$schema": DRAFT_7, "properties": {"a": {"format": "uuid"}}});
    let validator = Validator::compile(schema.to_string().as_bytes(), true).unwrap();
    let violations = check(&validator, r#"{"a": "secret"}"#).unwrap_err();
    assert_eq!(violations.to_string(), "/a: format uuid");
}

#[test]
fn content_keywords_never_assert() {
    for draft in DRAFTS {
        for encoding in ["base64", "base64url", "base32", "base32hex", "base16"] {
            for assert_format in [false, true] {
                let schema = json!({
                    "$schema": draft, "contentEncoding": encoding, "contentMediaType": "application/json",
                    "contentSchema": {"type": "object"}
                });
                for data in [json!("{secret"), json!("?"), json!("")] {
                    assert!(accepts(&schema, assert_format, &data), "{schema} {data}");
                }
            }
        }
    }
}

#[test]
fn references_to_names_that_are_no_uris_are_followed() {
    let names = [
        "A<B>",
        "a b",
        "\"a\"",
        "a|b",
        "a^b",
        "{a}",
        "a`b",
        "a\\b",
        "Gr\u{f6}\u{df}e",
        "100%",
        "A[]",
        "a#b",
        "a%3Cb",
        "a~b",
        "\u{1f600}",
    ];
    for draft in DRAFTS {
        for name in names {
            let schema = json!({
                "$schema": draft,
                "properties": {"a": {"$ref": format!("#/definitions/{name}")}},
                "definitions": {name: {"type": "string"}}
            });
            assert_eq!(says(schema.clone(), json!({"a": "x"})), "ok", "{schema}");
            assert_eq!(says(schema, json!({"a": 1})), "/a: type string");
        }
    }
    let schema = json!({
        "$ref": "#/$defs/A%3CB%3E/properties/a",
        "$defs": {"A<B>": {"properties": {"a": {"type": "string"}}, "required": ["a"]}}
    });
    assert_eq!(says(schema, json!(1)), "(root): type string");
}

#[test]
fn identifiers_and_references_agree_however_they_are_written() {
    for (id, reference) in [
        ("http://x/A<B>", "A%3CB%3E"),
        ("b\u{e9}", "b\u{e9}"),
        ("a b#", "a b"),
    ] {
        let schema = json!({
            "$schema": DRAFT_7, "$id": "http://x/{root}", "items": {"$ref": reference},
            "definitions": {"a": {"$id": id, "type": "string"}}
        });
        assert_eq!(says(schema, json!([1])), "/0: type string");
    }
    let schema = json!({
        "$schema": DRAFT_7, "items": {"$ref": "#A<B>"},
        "definitions": {"a": {"$id": "#A<B>", "type": "string"}}
    });
    assert_eq!(says(schema, json!([1])), "/0: type string");
    let schema =
        json!({"items": {"$dynamicRef": "#/$defs/a b"}, "$defs": {"a b": {"type": "string"}}});
    assert_eq!(says(schema, json!([1])), "/0: type string");
}

#[test]
fn const_asserts_in_draft_4() {
    let schema = json!({
        "$schema": DRAFT_4, "properties": {"a": {"oneOf": [{"const": 1}, {"const": 2}]}}
    });
    assert_eq!(says(schema.clone(), json!({"a": 1})), "ok");
    assert_eq!(says(schema, json!({"a": 3})), "/a: oneOf, none matches");
}

#[test]
fn hyper_schemas_and_the_uri_without_a_version_name_a_draft() {
    let schema = json!({
        "$schema": "http://json-schema.org/draft-04/hyper-schema#",
        "minimum": 1, "exclusiveMinimum": true, "links": [{"rel": "self", "href": "/"}]
    });
    assert_eq!(says(schema, json!(1)), "(root): exclusiveMinimum 1");
    let schema =
        json!({"$schema": "http://json-schema.org/schema#", "prefixItems": [{"type": "null"}]});
    assert_eq!(says(schema, json!([1])), "/0: type null");
}

#[test]
fn a_schema_of_an_older_draft_without_schema_is_told_to_name_it() {
    let advised = |schema: &Value, draft: &str| {
        let refusal = compile(schema).unwrap_err();
        let advice = format!("; add $schema for an older draft (it compiles as draft {draft})");
        assert!(refusal.ends_with(&advice), "{schema}: {refusal}");
    };
    let tuple = json!({"properties": {"a": {"items": [{}], "additionalItems": false}}});
    advised(&tuple, "7");
    advised(
        &json!({"$schema": "http://json-schema.org/schema#", "items": [{}]}),
        "7",
    );
    advised(&json!({"items": [{}], "dependentRequired": {}}), "2019-09");
    advised(&json!({"minimum": 1, "exclusiveMinimum": true}), "4");
    advised(
        &json!({"$ref": "#a", "definitions": {"a": {"$id": "#a"}}}),
        "7",
    );
    advised(
        &json!({"id": "http://a/b", "$ref": "#a", "definitions": {"a": {"id": "#a"}}}),
        "4",
    );
}

#[test]
fn the_advice_is_given_only_where_the_draft_is_the_cause() {
    for schema in [
        json!({"type": "sting"}),
        json!({"$ref": "#/definitions/none"}),
        json!({"$schema": DRAFTS[4], "items": [{}]}),
        // A keyword that an older draft lacks, so that its fault would be ignored.
        json!({"$anchor": "a b"}),
        json!({"prefixItems": {}}),
        json!({"$dynamicRef": "#none"}),
        // Another fault beside it.
        json!({"items": [{"minimum": "1"}]}),
        json!({"$schema": 7}),
        json!([]),
    ] {
        let refusal = compile(&schema).unwrap_err();
        assert!(!refusal.contains("add $schema"), "{schema}: {refusal}");
    }
}
