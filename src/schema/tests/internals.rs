//! The parts of jsonschema's implementation that the schema layer relies on.
//!
//! jsonschema does not promise them, so `Cargo.toml` pins it and its sister crates to one version.
//! These tests fail when the version changes, or when a part that can be observed does. The fuel
//! that a check burns counts the steps that jsonschema takes through the data.

use super::says;
use crate::json::{Arena, Representation};
use serde_json::{json, Map, Value};

const REVIEWED: &str = "0.61.2";

const TO_REVIEW: &str = "\
Before another version is pinned in Cargo.toml and named here, compare its sources with:
- json/fuel.rs: a check may unwind out of any accessor. No state outlives the unwinding, no lock is
  poisoned, and nothing of the crate's catches it.
- json/representation.rs, json/metered.rs: the traits, and how often each accessor is called.
- schema/costs.rs, schema/keywords.rs: the buckets of names (seeds, hash, limit of 15 names), the
  keywords that do not read the value, the cost of formats.
- schema/formats.rs, schema/compile.rs: the formats of each draft, the content encodings and media
  types that are known.
- schema/prepare.rs, schema/references.rs: how references are decoded and identifiers resolved.
- schema/pattern.rs, schema/patterns.rs: which patterns run without the regex engine, and how the
  others are translated.
- schema/compile.rs: only the schema that is built is checked by its meta-schema, not one that it
  refers to in a registry.
- schema/matcher.rs: custom keywords, and which errors they make.
- schema/bounds.rs: the work of compiling unions, allOf and unevaluated keywords; stack per level.
- schema/flatten.rs: subschemas are compiled once for each sequence of resources.
- schema/dynamic.rs: which references are dynamic.
- schema/program/: what each keyword means in each draft, and how numbers are compared.
- schema/rule.rs: the kinds of violations and the schema paths in them.";

/// The versions of a package in `Cargo.lock`.
fn locked(package: &str) -> Vec<&'static str> {
    include_str!("../../../Cargo.lock")
        .split("[[package]]")
        .filter_map(|entry| {
            let value = |key: &str| {
                let lines = &mut entry.lines();
                lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))
            };
            (value("name")?.trim_matches('"') == package).then(|| value("version"))?
        })
        .map(|version| version.trim_matches('"'))
        .collect()
}

#[test]
fn the_version_is_the_one_whose_sources_were_read() {
    for package in [
        "jsonschema",
        "jsonschema-regex",
        "jsonschema-value",
        "referencing",
    ] {
        assert_eq!(locked(package), [REVIEWED], "{package}\n{TO_REVIEW}");
    }
}

/// The fuel that jsonschema burns to find `data` valid; the schema is built as it is.
#[track_caller]
fn steps(schema: &Value, data: &Value) -> u64 {
    let validator = jsonschema::options_for::<Representation>()
        .build(schema)
        .unwrap();
    let text = data.to_string();
    let mut arena = Arena::new();
    let document = arena.parse(text.as_bytes()).unwrap();
    document.set_fuel(u64::MAX);
    assert!(validator.is_valid(document.root()), "{schema}");
    u64::MAX - document.fuel_left()
}

fn object(count: usize, member: impl Fn(usize) -> Value) -> Value {
    let members = (0..count).map(|n| (format!("n{n}"), member(n)));
    Value::Object(members.collect::<Map<_, _>>())
}

/// The limit in `costs.rs`.
#[test]
fn from_fifteen_names_on_jsonschema_reads_all_members() {
    let data = object(200, |n| json!(n));
    let steps_with = |names| {
        let schema = json!({"properties": object(names, |_| json!(true))});
        steps(&schema, &data)
    };
    assert!(steps_with(14) < 20, "one look-up for each name");
    assert!(steps_with(15) > 200, "one step for each member");
}

/// The limit in `bounds.rs` from which on the alternatives of a union are analysed.
#[test]
fn from_three_alternatives_on_jsonschema_dispatches_among_them() {
    let data = |last| json!({"a": vec![1; 1000], "kind": last});
    let steps_with = |count| {
        let branch = |n| {
            json!({
                "required": ["kind"],
                "properties": {"a": {"items": {"type": "integer"}}, "kind": {"const": n}}
            })
        };
        let schema = json!({"anyOf": (1..=count).map(branch).collect::<Vec<_>>()});
        steps(&schema, &data(count))
    };
    assert!(steps_with(2) > 6000, "both are tried");
    assert!(steps_with(3) < 4000, "only the last is tried");
}

/// The reason why `dynamic.rs` reads `$ref` too. By the specification a `$ref` has one target, the
/// anchor that its text names.
#[test]
fn a_ref_to_a_dynamic_anchor_is_dynamic() {
    for keyword in ["$dynamicRef", "$ref"] {
        let schema = json!({
            "$id": "http://example.com/strict", "$dynamicAnchor": "node", "$ref": "tree",
            "unevaluatedProperties": false,
            "$defs": {"tree": {
                "$id": "tree", "$dynamicAnchor": "node", "type": "object",
                "properties": {"children": {"items": {keyword: "#node"}}},
            }},
        });
        let data = json!({"children": [{"x": 1}]});
        assert_eq!(says(schema, data), "/children/0: unevaluatedProperties");
    }
}
