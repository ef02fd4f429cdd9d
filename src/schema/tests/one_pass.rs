//! Schemas that are rewritten to be checked in one pass: same verdicts, same violations.

use super::{check, compile, says};
use crate::schema::one_pass::in_one_pass;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{json, Value};

/// The same schema, with a keyword that forbids rewriting it.
fn not_rewritten(schema: &Value) -> Value {
    let mut schema = schema.clone();
    schema["unevaluatedItems"] = json!(true);
    assert_eq!(in_one_pass(&schema), None);
    schema
}

#[test]
fn the_three_keywords_become_two_branches_and_annotations_stay() {
    let schema = json!({
        "$id": "http://example.com/",
        "title": "order",
        "type": "object",
        "required": ["a", "b", "c", "d"],
        "properties": {"a": {"type": "string"}},
        "$defs": {"line": {"required": ["n"], "properties": {"n": true}}}
    });
    let written = json!({
        "$id": "http://example.com/",
        "title": "order",
        "allOf": [
            {"type": "object", "required": ["a", "b", "c", "d"]},
            {"properties": {"a": {"type": "string"}}}
        ],
        "$defs": {"line": {"allOf": [{"required": ["n"]}, {"properties": {"n": true}}]}}
    });
    assert_eq!(in_one_pass(&schema), Some(written));
}

#[test]
fn two_or_three_required_names_are_divided_among_the_branches() {
    let written = |names: &[&str]| {
        let schema = json!({"required": names, "properties": {"a": true}});
        in_one_pass(&schema).unwrap()["allOf"].take()
    };
    assert_eq!(
        written(&["a", "b"]),
        json!([{"required": ["a"]}, {"required": ["b"], "properties": {"a": true}}])
    );
    assert_eq!(
        written(&["a", "b", "c"]),
        json!([{"required": ["a"]}, {"required": ["b", "c"], "properties": {"a": true}}])
    );
}

#[test]
fn object_schemas_are_rewritten_under_every_keyword_for_children() {
    let object = json!({"required": ["a"], "properties": {"a": true}});
    let written = in_one_pass(&object).unwrap();
    for place in [
        |object: &Value| json!({"items": object}),
        |object: &Value| json!({"items": [true, object]}),
        |object: &Value| json!({"prefixItems": [object]}),
        |object: &Value| json!({"additionalItems": object}),
        |object: &Value| json!({"contains": object}),
        |object: &Value| json!({"additionalProperties": object}),
        |object: &Value| json!({"properties": {"properties": object}}),
        |object: &Value| json!({"patternProperties": {"^a": object}}),
        |object: &Value| json!({"properties": {"a": {"items": object}}, "anyOf": [{}, {}]}),
    ] {
        assert_eq!(in_one_pass(&place(&object)), Some(place(&written)));
    }
}

#[test]
fn schemas_are_not_rewritten_where_meaning_or_cost_could_change() {
    let object = json!({"required": ["a"], "properties": {"a": true}});
    let names: serde_json::Map<_, _> = (0..14).map(|n| (format!("n{n}"), json!(true))).collect();
    for schema in [
        // Nothing to gain.
        json!(true),
        json!({"type": "object", "properties": {"a": true}}),
        json!({"type": "object", "required": ["a"]}),
        // Further keywords.
        json!({"required": ["a"], "properties": {"a": true}, "additionalProperties": false}),
        json!({"required": ["a"], "properties": {"a": true}, "minProperties": 1}),
        json!({"required": ["a"], "properties": {"a": true}, "type": ["object", "null"]}),
        // So many names that jsonschema makes buckets.
        json!({"required": ["a"], "properties": names}),
        // Alternatives, and targets that they may refer to.
        json!({"anyOf": [object, true]}),
        json!({"not": object}),
        json!({"anyOf": [{"$ref": "#/$defs/o"}, true], "$defs": {"o": object}}),
        // Data.
        json!({"const": object}),
        json!({"default": object}),
        // Not valid.
        json!({"required": "a", "properties": {"a": true}}),
        json!({"required": ["a", 1], "properties": {"a": true}}),
        json!({"required": [], "properties": {"a": true}}),
        json!({"required": ["a"], "properties": ["a"]}),
        // References that are not pointers in this document, or whose targets may change.
        json!({"items": object, "$ref": "http://example.com/"}),
        json!({"items": object, "$ref": "#name"}),
        json!({"items": object, "$dynamicRef": "#a"}),
        json!({"items": object, "$defs": {"a": {"$id": "a"}}}),
        json!({"items": object, "unevaluatedProperties": false}),
    ] {
        assert_eq!(in_one_pass(&schema), None, "{schema}");
    }
}

#[test]
fn the_target_of_a_reference_keeps_its_place() {
    let leads = |reference: &str| {
        in_one_pass(&json!({
            "required": ["a"],
            "properties": {
                "a": {"required": ["b"], "properties": {"b": {}, "c": {"$ref": reference}}},
                "a~/b": {"required": ["b"], "properties": {"b": {}}},
                "ab": {}
            }
        }))
    };
    for reference in ["#/properties/a/properties/b", "#/properties/a/properties"] {
        let written = leads(reference).unwrap();
        assert!(written.get("allOf").is_none(), "{written}");
        assert!(written["properties"]["a"].get("allOf").is_none());
        assert!(written["properties"]["a~/b"].get("allOf").is_some());
    }
    for reference in [
        "#/properties/a~0~1b/properties/b",
        "#/properties/a%7E0~1%62/properties/b",
    ] {
        let written = leads(reference).unwrap();
        assert!(written["properties"]["a"].get("allOf").is_some());
        assert!(written["properties"]["a~/b"].get("allOf").is_none());
    }
    // The root keeps its place in any case.
    assert!(leads("#").unwrap().get("allOf").is_some());
}

#[test]
fn references_keep_their_meaning() {
    let schema = json!({
        "type": "object",
        "required": ["next"],
        "properties": {"next": {"$ref": "#/$defs/link"}},
        "$defs": {"link": {
            "type": "object",
            "required": ["n"],
            "properties": {"n": {"type": "integer"}, "next": {"$ref": "#/$defs/link"}}
        }}
    });
    assert!(in_one_pass(&schema).is_some());
    let good = json!({"next": {"n": 1, "next": {"n": 2}}});
    assert_eq!(says(schema.clone(), good), "ok");
    let bad = json!({"next": {"n": 1, "next": {"n": "x", "next": {}}}});
    assert_eq!(
        says(schema, bad),
        "/next/next/n: type integer; /next/next/next: required \"n\""
    );
}

#[test]
fn a_refusal_names_places_in_the_schema_as_it_was_given() {
    let schema = json!({
        "required": ["a"],
        "properties": {"a": {"required": ["b"], "properties": {"b": {"type": "text"}}}}
    });
    assert!(in_one_pass(&schema).is_some());
    let error = compile(&schema).unwrap_err();
    assert!(error.contains("/properties/a/properties/b/type"), "{error}");
    assert!(!error.contains("allOf"), "{error}");
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "de", "name", "a longer name", "~/"])
        .prop_map(str::to_owned)
}

fn schemas() -> impl Strategy<Value = Value> {
    let leaf = prop::sample::select(vec![
        json!({}),
        json!({"type": "string", "minLength": 2}),
        json!({"type": "integer", "maximum": 5}),
        json!({"enum": ["x", 1]}),
        json!({"$ref": "#/$defs/d"}),
        json!({"$ref": "#/properties/a"}),
        json!(false),
    ]);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let object = (
            prop::option::of(Just("object")),
            vec(name(), 0..6),
            btree_map(name(), inner.clone(), 0..5),
        );
        prop_oneof![
            4 => object.prop_map(|(kind, mut required, properties)| {
                required.sort();
                required.dedup();
                let mut schema = json!({"required": required, "properties": properties});
                if let Some(kind) = kind {
                    schema["type"] = json!(kind);
                }
                schema
            }),
            1 => inner.clone().prop_map(|items| json!({"items": items})),
            1 => inner.prop_map(|rest| json!({"additionalProperties": rest})),
        ]
    })
}

fn data() -> impl Strategy<Value = Value> {
    let leaf = prop::sample::select(vec![
        json!(null),
        json!("x"),
        json!("xyz"),
        json!(1),
        json!(7),
    ]);
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            3 => btree_map(name(), inner.clone(), 0..6).prop_map(|members| json!(members)),
            // So many members that jsonschema looks up the names of the schema.
            1 => (btree_map(name(), inner.clone(), 0..4), 0..40).prop_map(|(members, more)| {
                let mut object = json!(members);
                (0..more).for_each(|n| object[format!("n{n}")] = json!(n));
                object
            }),
            1 => vec(inner, 0..4).prop_map(Value::Array),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn verdicts_and_violations_are_the_same(
        schema in schemas(),
        definition in schemas(),
        data in vec(data(), 4),
    ) {
        prop_assume!(schema.is_object());
        let mut schema = schema;
        schema["$defs"] = json!({"d": definition});
        match (compile(&schema), compile(&not_rewritten(&schema))) {
            (Ok(one), Ok(other)) => {
                for data in data {
                    let data = data.to_string();
                    prop_assert_eq!(check(&one, &data), check(&other, &data));
                }
            }
            (one, other) => prop_assert_eq!(one.map(|_| ()), other.map(|_| ())),
        }
    }
}

#[test]
fn a_name_twice_under_required_has_the_same_result_as_without_rewriting() {
    for names in [
        json!(["a", "a"]),
        json!(["a", "b", "a"]),
        json!(["a", "b", "b"]),
    ] {
        let schema = json!({"required": names, "properties": {"a": true}});
        assert_eq!(
            compile(&schema).map(|_| ()),
            compile(&not_rewritten(&schema)).map(|_| ()),
            "{schema}"
        );
    }
}
