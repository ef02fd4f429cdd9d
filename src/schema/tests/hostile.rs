//! Schemas and data that are made to keep a server busy, and large ones that must be accepted.

use super::{check, compile, says};
use crate::cpu_time::of_this_thread;
use proptest::prelude::*;
use serde_json::{json, Map, Value};
use std::time::Duration;

fn object(count: usize, member: impl Fn(usize) -> (String, Value)) -> Value {
    Value::Object((0..count).map(member).collect::<Map<_, _>>())
}

/// Definitions `d0` to `d{count}`, each an `anyOf` of two references to the next: 2^`count` paths.
fn doubling(count: usize) -> Value {
    let next = |n: usize| json!({"$ref": format!("#/$defs/d{}", n + 1)});
    let mut definitions = object(count, |n| {
        (format!("d{n}"), json!({"anyOf": [next(n), next(n)]}))
    });
    definitions[format!("d{count}")] = json!({"type": "string"});
    json!({"$ref": "#/$defs/d0", "$defs": definitions})
}

#[track_caller]
fn refused(schema: &Value, why: &str) {
    let start = of_this_thread().unwrap();
    let refusal = compile(schema).expect_err("should be refused");
    assert!(refusal.contains(why), "{refusal}");
    let taken = Duration::from_nanos(of_this_thread().unwrap() - start);
    assert!(taken < Duration::from_secs(20), "{taken:?}");
}

#[test]
fn paths_that_multiply_are_refused() {
    refused(&doubling(30), "too many ways");
    assert_eq!(says(doubling(4), json!("x")), "ok");
}

#[test]
fn a_schema_that_applies_itself_to_the_same_value_is_refused() {
    refused(&json!({"$ref": "#"}), "without end");
    let clique = object(12, |n| {
        let others: Vec<Value> = (0..12)
            .filter(|other| *other != n)
            .map(|other| json!({"$ref": format!("#/$defs/d{other}")}))
            .collect();
        (format!("d{n}"), json!({"anyOf": others}))
    });
    refused(
        &json!({"$ref": "#/$defs/d0", "$defs": clique}),
        "without end",
    );
}

#[test]
fn long_chains_of_references_are_refused_for_one_value_only() {
    let chain = |count: usize, link: fn(Value) -> Value| {
        let mut definitions = object(count, |n| {
            let next = json!({"$ref": format!("#/$defs/d{}", n + 1)});
            (format!("d{n}"), link(next))
        });
        definitions[format!("d{count}")] = json!({});
        json!({"$ref": "#/$defs/d0", "$defs": definitions})
    };
    refused(&chain(20_000, |next| next), "nests more than");
    let through_members = chain(5_000, |next| json!({"properties": {"a": next}}));
    assert_eq!(says(through_members, json!({"a": {"a": 1}})), "ok");
}

#[test]
fn many_resources_that_refer_to_each_other_are_accepted() {
    let parts = object(30, |n| {
        let others = object(30, |other| {
            (format!("p{other}"), json!({"$ref": format!("r{other}")}))
        });
        let part = json!({"$id": format!("r{n}"), "properties": others, "maxProperties": 2});
        (format!("d{n}"), part)
    });
    let schema = json!({"$id": "http://example.com/", "$ref": "r0", "$defs": parts});
    assert_eq!(says(schema.clone(), json!({"p3": {"p4": {}}})), "ok");
    let data = json!({"p3": {"a": 1, "b": 2, "c": 3}});
    assert_eq!(says(schema, data), "/p3: maxProperties 2");
}

#[test]
fn dynamic_references_still_depend_on_the_path_to_them() {
    let schema = json!({
        "$id": "http://example.com/strict", "$dynamicAnchor": "node", "$ref": "tree",
        "unevaluatedProperties": false,
        "$defs": {"tree": {
            "$id": "tree", "$dynamicAnchor": "node", "type": "object",
            "properties": {"value": true, "children": {"items": {"$dynamicRef": "#node"}}},
        }},
    });
    assert_eq!(
        says(schema.clone(), json!({"children": [{"value": 1}]})),
        "ok"
    );
    let data = json!({"children": [{"valeu": 1}]});
    assert_eq!(says(schema, data), "/children/0: unevaluatedProperties");
}

#[test]
fn recursive_schemas_unions_and_meta_schemas_are_accepted() {
    let tree = json!({"type": "object", "properties": {
        "left": {"$ref": "#"}, "right": {"$ref": "#"}, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
    }});
    assert_eq!(
        says(tree, json!({"left": {"left": {}}, "next": null})),
        "ok"
    );
    for draft in ["draft-04", "draft-06", "draft-07"] {
        let uri = format!("http://json-schema.org/{draft}/schema#");
        let schema = json!({"$schema": uri, "$ref": uri});
        assert_eq!(says(schema.clone(), json!({"type": "string"})), "ok");
        assert_ne!(says(schema, json!({"type": 5})), "ok");
    }
    for draft in ["2019-09", "2020-12"] {
        let uri = format!("https://json-schema.org/draft/{draft}/schema");
        let schema = json!({"$schema": uri, "$ref": uri});
        assert_eq!(says(schema.clone(), json!({"type": "string"})), "ok");
        assert_ne!(
            says(schema, json!({"properties": {"a": {"type": 5}}})),
            "ok"
        );
    }
    let alternatives: Vec<Value> = (0..200)
        .map(|n| {
            json!({"type": "object", "required": ["kind"], "properties": {
                "kind": {"const": format!("kind-{n}")}, "a": {"type": "string"}, "b": {"pattern": "^[a-z]+$"},
            }})
        })
        .collect();
    let events = json!({"items": {"oneOf": alternatives}});
    let data: Vec<Value> = (0..200)
        .map(|n| json!({"kind": format!("kind-{n}"), "b": "x"}))
        .collect();
    assert_eq!(says(events, json!(data)), "ok");
}

#[test]
fn a_check_ends_when_its_work_outgrows_the_sizes() {
    const TOO_MUCH: &str =
        "(root): checking takes more work than the sizes of data and schema allow";
    let patterns = object(2000, |n| (format!("a{n}|b+"), json!(true)));
    let members = object(20_000, |n| (format!("m{n}"), json!(1)));
    assert_eq!(
        says(json!({"patternProperties": patterns}), members),
        TOO_MUCH
    );
    let names = object(3_000, |n| (format!("a{n}"), json!(["x"])));
    let objects = vec![json!({}); 50_000];
    assert_eq!(
        says(
            json!({"items": {"dependentRequired": names}}),
            json!(objects)
        ),
        TOO_MUCH
    );
    let text: String = noise(300_000)
        .map(|bit| if bit { 'a' } else { 'b' })
        .collect();
    assert_eq!(
        says(json!({"pattern": "[ab]*a[ab]{9000}[xy]"}), json!(text)),
        TOO_MUCH
    );
}

/// Bits without a pattern, the same each time.
fn noise(count: usize) -> impl Iterator<Item = bool> {
    let mut state = 88_172_645_463_325_252u64;
    (0..count).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state & 1 == 0
    })
}

#[test]
fn collecting_violations_is_bounded_too() {
    let rule = json!({"not": {"enum": (0..5_000).collect::<Vec<_>>()}});
    let violations = says(json!({"items": rule}), json!(vec![1; 50_000]));
    assert_eq!(violations, "/0: not; and more");
    let long = "k".repeat(100_000);
    let violations = says(
        json!({"additionalProperties": {"items": false}}),
        json!({long: vec![1; 50_000]}),
    );
    assert!(violations.ends_with("/0: items; and more"), "{violations}");
}

#[test]
fn schemas_that_take_long_to_compile_are_refused() {
    refused(
        &json!({"pattern": "((\\p{L}x){1000}){1000}"}),
        "a pattern that is too large",
    );
    let patterns: Vec<Value> = (0..30_000)
        .map(|n| json!({"pattern": format!("a{n}|b")}))
        .collect();
    refused(&json!({"prefixItems": patterns}), "patterns");
    let long = "k".repeat(20_000);
    let many = object(10_000, |n| (n.to_string(), json!({"minimum": 1})));
    refused(
        &json!({"properties": {long: {"properties": many}}}),
        "long names",
    );
    refused(
        &json!({"$id": format!("http://example.com/{}", "k".repeat(3000))}),
        "$id of",
    );
    let mut nested = json!({"$ref": "#/$defs/d0"});
    nested["$defs"] = doubling(12)["$defs"].clone();
    nested["unevaluatedProperties"] = json!(false);
    refused(&nested, "too many ways");
}

#[test]
fn deep_data_under_deep_schemas_needs_little_stack() {
    let count = 31;
    let mut definitions = object(count, |n| {
        (
            format!("d{n}"),
            json!({"anyOf": [{"$ref": format!("#/$defs/d{}", n + 1)}]}),
        )
    });
    definitions[format!("d{count}")] =
        json!({"properties": {"a": {"$ref": "#/$defs/d0"}}, "required": ["z"]});
    let schema = json!({"$ref": "#/$defs/d0", "$defs": definitions});
    let mut data = json!({});
    for _ in 0..125 {
        data = json!({"a": data});
    }
    // The server's main thread has 8 MiB. Without optimisation a build needs several times as much.
    let stack = if cfg!(debug_assertions) {
        32 << 20
    } else {
        6 << 20
    };
    std::thread::Builder::new()
        .stack_size(stack)
        .spawn(move || assert_ne!(says(schema, data), "ok"))
        .unwrap()
        .join()
        .unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any bytes compile, or are refused in one line of ASCII.
    #[test]
    fn any_bytes_compile_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Err(refusal) = super::Validator::compile(&bytes, true) {
            prop_assert!(refusal.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }

    /// Random graphs of references neither hang nor overflow the stack.
    #[test]
    fn random_graphs_compile_or_are_refused(
        edges in proptest::collection::vec((0usize..8, 0usize..8, 0usize..6), 1..40),
        ids in any::<u8>(),
    ) {
        let mut definitions = object(8, |n| {
            let mut part = json!({});
            if ids & (1 << n) != 0 {
                part["$id"] = json!(format!("r{n}"));
                part["$dynamicAnchor"] = json!("x");
            }
            (format!("d{n}"), part)
        });
        for (at, (from, to, kind)) in edges.into_iter().enumerate() {
            let to = json!({"$ref": format!("http://example.com/#/$defs/d{to}")});
            let part = &mut definitions[format!("d{from}")];
            match kind {
                0 => part["allOf"] = json!([to, {"minProperties": at}]),
                1 => part["anyOf"] = json!([to]),
                2 => part["items"] = to,
                3 => part["additionalProperties"] = json!({"$dynamicRef": "#x"}),
                4 => part["unevaluatedProperties"] = to,
                _ => part["properties"] = json!({"a": to}),
            }
        }
        let schema = json!({
            "$id": "http://example.com/", "$dynamicAnchor": "x",
            "$ref": "#/$defs/d0", "$defs": definitions,
        });
        if let Ok(validator) = compile(&schema) {
            let _ = check(&validator, r#"{"a": {"a": [1, {"b": {}}]}}"#);
        }
    }
}
