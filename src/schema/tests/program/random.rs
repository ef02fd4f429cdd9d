//! Programs of random schemas: they say of random data what jsonschema says.

use super::suites::compare;
use crate::schema::Validator;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{json, Map, Value};

const DRAFTS: [&str; 5] = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
];

fn name() -> impl Strategy<Value = String> {
    let names = ["a", "b", "c", "ab", "kind", "a long name"];
    prop::sample::select(names.to_vec()).prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(2),
        json!(7),
        json!(-3),
        json!(1.5),
        json!(1.0),
        json!(-0.25),
        json!(123456789012345678901.0),
        json!(9007199254740993u64),
        json!(""),
        json!("a"),
        json!("ab"),
        json!("cat"),
        json!("a longer string"),
        json!("\u{e9}\u{e9}"),
        json!("2026-11-29"),
    ])
}

fn pattern() -> impl Strategy<Value = String> {
    let patterns = ["^a", "b$", "a|c", "^.{2}$", "[^a]", "^\\d", "\\w+ \\w"];
    prop::sample::select(patterns.to_vec()).prop_map(str::to_owned)
}

/// A keyword that applies no subschema.
fn assertion() -> impl Strategy<Value = (&'static str, Value)> {
    let types = [
        "null", "boolean", "integer", "number", "string", "array", "object",
    ];
    let kind = prop::sample::select(types.to_vec());
    let bound = prop::sample::select(vec![
        json!(0),
        json!(1),
        json!(1.5),
        json!(2),
        json!(-3),
        json!(0.1),
        json!(9007199254740993u64),
        json!(18446744073709551615u64),
    ]);
    let bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
    let counts = [
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
    ];
    let formats = ["date", "ipv4", "uuid", "unknown", "regex"];
    prop_oneof![
        4 => kind.clone().prop_map(|kind| ("type", json!(kind))),
        2 => prop::collection::btree_set(kind, 1..4).prop_map(|types| ("type", json!(types))),
        2 => vec(scalar(), 1..4).prop_map(|values| ("enum", json!(values))),
        1 => Just(("enum", json!([{"a": 1}, [1], "a"]))),
        2 => scalar().prop_map(|value| ("const", value)),
        2 => (prop::sample::select(bounds.to_vec()), bound),
        2 => (prop::sample::select(counts.to_vec()), (0..4u32).prop_map(|count| json!(count))),
        1 => prop::sample::select(vec![json!(2), json!(3), json!(0.5)])
            .prop_map(|factor| ("multipleOf", factor)),
        2 => pattern().prop_map(|pattern| ("pattern", json!(pattern))),
        1 => prop::sample::select(formats.to_vec()).prop_map(|format| ("format", json!(format))),
        1 => any::<bool>().prop_map(|is_unique| ("uniqueItems", json!(is_unique))),
        3 => prop::collection::btree_set(name(), 1..3).prop_map(|names| ("required", json!(names))),
        1 => btree_map(name(), prop::collection::btree_set(name(), 1..3), 1..3)
            .prop_map(|needs| ("dependentRequired", json!(needs))),
    ]
}

/// A keyword that applies subschemas.
fn applicator(inner: BoxedStrategy<Value>) -> impl Strategy<Value = (&'static str, Value)> {
    let one = inner.clone();
    let few = vec(inner.clone(), 1..4);
    let named = btree_map(name(), inner.clone(), 1..4);
    let by_pattern = btree_map(pattern(), inner, 1..3);
    let ones = [
        "not",
        "if",
        "then",
        "else",
        "items",
        "additionalItems",
        "contains",
        "additionalProperties",
        "propertyNames",
        "unevaluatedProperties",
    ];
    let maps = [
        "properties",
        "properties",
        "dependentSchemas",
        "dependencies",
    ];
    prop_oneof![
        4 => (prop::sample::select(ones.to_vec()), one),
        3 => (prop::sample::select(vec!["allOf", "anyOf", "oneOf"]), few.clone())
            .prop_map(|(keyword, schemas)| (keyword, json!(schemas))),
        1 => (prop::sample::select(vec!["items", "prefixItems"]), few)
            .prop_map(|(keyword, schemas)| (keyword, json!(schemas))),
        6 => (prop::sample::select(maps.to_vec()), named)
            .prop_map(|(keyword, schemas)| (keyword, json!(schemas))),
        2 => by_pattern.prop_map(|schemas| ("patternProperties", json!(schemas))),
        1 => (0..3u32).prop_map(|count| ("minContains", json!(count))),
        1 => (0..3u32).prop_map(|count| ("maxContains", json!(count))),
        2 => prop::sample::select(vec!["#/definitions/d", "#"])
            .prop_map(|target| ("$ref", json!(target))),
    ]
}

fn schemas() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        1 => any::<bool>().prop_map(Value::from),
        6 => vec(assertion(), 0..3).prop_map(object),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        (vec(assertion(), 0..3), vec(applicator(inner), 1..3)).prop_map(|(mut all, more)| {
            all.extend(more);
            object(all)
        })
    })
    .boxed()
}

fn object(keywords: Vec<(&'static str, Value)>) -> Value {
    let keywords = keywords.into_iter();
    Value::Object(
        keywords
            .map(|(keyword, value)| (keyword.to_owned(), value))
            .collect::<Map<_, _>>(),
    )
}

fn data() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            3 => btree_map(name(), inner.clone(), 0..4).prop_map(|members| json!(members)),
            2 => vec(inner, 0..4).prop_map(Value::Array),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_program_says_what_jsonschema_says(
        schema in schemas(),
        definition in schemas(),
        draft in prop::sample::select(DRAFTS.to_vec()),
        data in vec(data(), 8),
    ) {
        prop_assume!(schema.is_object());
        let mut schema = schema;
        schema["$schema"] = json!(draft);
        schema["definitions"] = json!({"d": definition});
        let validator = Validator::compile(schema.to_string().as_bytes(), data[0].is_string());
        if let Ok(validator) = validator {
            for data in data {
                compare(&schema, &validator, &data);
            }
        }
    }
}
