//! Random texts, with serde_json and jsonschema over serde_json's values as the oracles.

use jsonschema::json::{unique, Array, Node};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{json, Value as Tree};

use crate::json::{Arena, Pointer, Representation, Value};

fn scalar() -> impl Strategy<Value = Tree> {
    prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::from),
        any::<i64>().prop_map(Tree::from),
        any::<u64>().prop_map(Tree::from),
        any::<f64>().prop_map(Tree::from), // null if not finite
        any::<String>().prop_map(Tree::from),
        "[a-z\"\\\\/\\n\\x00-\\x20~é😀]{0,12}".prop_map(Tree::from),
    ]
}

/// Any value. Objects have up to 40 members, so that some get a name index.
fn tree() -> impl Strategy<Value = Tree> {
    scalar().prop_recursive(5, 80, 40, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..40).prop_map(Tree::from),
            btree_map("[a-c\"\\\\é]{0,3}", inner, 0..40)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Texts of few different scalars in small containers, so that equal values are common.
fn repetitive() -> impl Strategy<Value = String> {
    const SCALARS: &[&str] = &[
        "0",
        "-0.0",
        "1",
        "1.0",
        "10e-1",
        "2",
        "\"1\"",
        "\"\\u0031\"",
        "null",
        "true",
        "[]",
        "{}",
        "18446744073709551615",
        "1.5",
        "15e-1",
    ];
    let scalar = prop::sample::select(SCALARS).prop_map(str::to_owned);
    scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(","))),
            btree_map("[ab]", inner, 0..3).prop_map(|members| {
                let members = members
                    .iter()
                    .rev()
                    .map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

/// A text with up to three changes: a byte inserted, replaced or removed, or the rest cut off.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => prop::sample::select(&b"{}[]:,\"\\/ \n\t0123456789.-+eEtrufalsnd\x00\x1f"[..]),
        1 => any::<u8>(),
    ];
    let change = (any::<prop::sample::Index>(), 0..4_u8, byte);
    let text = prop_oneof![
        tree().prop_map(|tree| tree.to_string()),
        Just(super::SESSION.to_owned()),
        Just(r#"[1.5e-7, -0, 1e308, "\ud83d\ude00\u0041", 123456789012345678901]"#.to_owned()),
    ];
    (text, vec(change, 0..4)).prop_map(|(text, changes)| {
        let mut bytes = text.into_bytes();
        for (index, how, byte) in changes {
            let at = index.index(bytes.len() + 1);
            match how {
                0 => bytes.insert(at, byte),
                1 => bytes.truncate(at),
                _ if at == bytes.len() => {}
                2 => bytes[at] = byte,
                _ => drop(bytes.remove(at)),
            }
        }
        bytes
    })
}

/// `root` and all values in it.
fn all(root: Value<'_>) -> Vec<Value<'_>> {
    let members = root.members().into_iter().flatten().map(|(_, value)| value);
    let elements = root.elements().into_iter().flatten();
    let children: Vec<_> = members.chain(elements).flat_map(all).collect();
    [vec![root], children].concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn texts_that_serde_json_writes_read_back_unchanged(tree in tree(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&tree) } else { serde_json::to_string(&tree) };
        prop_assert_eq!(super::read(&text.unwrap()), tree);
    }

    #[test]
    fn any_string_reads_the_same_fully_escaped(string: String) {
        let units = string.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        let text = format!("\"{}\"", units.collect::<String>());
        prop_assert_eq!(super::read(&text), Tree::from(string));
    }

    #[test]
    fn the_span_of_a_value_parses_to_the_same_value(tree in tree(), pretty: bool) {
        let text = if pretty { format!("{tree:#}") } else { tree.to_string() };
        let mut arena = Arena::new();
        let root = arena.parse(text.as_bytes()).unwrap().root();
        for value in all(root) {
            prop_assert_eq!(super::read(&text[value.span()]), value.to_value());
        }
    }

    #[test]
    fn pointers_find_what_serde_json_finds(tree in tree(), tokens in vec("[a-c0-9~/é-]{0,2}", 0..4)) {
        let text = tree.to_string();
        let mut arena = Arena::new();
        let root = arena.parse(text.as_bytes()).unwrap().root();
        let escape = |token: &String| format!("/{}", token.replace('~', "~0").replace('/', "~1"));
        let pointer: String = tokens.iter().map(escape).collect();
        let found = Pointer::parse(&pointer).unwrap().resolve(root).map(Value::to_value);
        prop_assert_eq!(found.as_ref(), tree.pointer(&pointer));
    }

    #[test]
    fn unique_items_agrees_with_jsonschema_over_serde_json(elements in vec(repetitive(), 0..20)) {
        let text = format!("[{}]", elements.join(","));
        let trees: Vec<Tree> = serde_json::from_str(&text).unwrap();
        let mut arena = Arena::new();
        let root = arena.parse(text.as_bytes()).unwrap().root();
        prop_assert_eq!(root.as_array().unwrap().is_unique(), unique::is_unique(&trees));
    }

    #[test]
    fn equality_agrees_with_jsonschema_over_serde_json(left in repetitive(), right in repetitive()) {
        let trees: [Tree; 2] = [&left, &right].map(|text| serde_json::from_str(text).unwrap());
        let mut arena = Arena::new();
        let root = arena.parse(left.as_bytes()).unwrap().root();
        prop_assert_eq!(root.equals_value(&trees[1]), (&trees[0]).equals_value(&trees[1]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn damaged_texts_are_taken_and_refused_as_serde_json_does(text in damaged()) {
        super::check_as_serde_json(&mut Arena::new(), &text);
    }
}

#[test]
fn validators_judge_as_they_do_over_serde_json() {
    let schemas = [
        json!({"type": "integer"}),
        json!({"type": ["array", "number"], "minItems": 2, "minimum": 1}),
        json!({"anyOf": [{"const": 1}, {"enum": ["1", [1], {"a": 1}, null]}]}),
        json!({"items": {"not": {"type": "object"}}, "uniqueItems": true}),
        json!({"properties": {"a": {"multipleOf": 0.5}}, "additionalProperties": {"type": "array"}}),
        json!({"required": ["a"], "propertyNames": {"pattern": "^a"}, "maxProperties": 1}),
        json!({"contains": {"exclusiveMaximum": 1.5}, "unevaluatedItems": {"maxLength": 0}}),
        json!({"$schema": "http://json-schema.org/draft-04/schema#", "type": "integer"}),
        json!({"$ref": "#/$defs/t", "$defs": {"t": {"type": ["object", "integer", "string"],
            "additionalProperties": {"$ref": "#/$defs/t"}, "dependentRequired": {"a": ["b"]}}}}),
    ];
    let ours = schemas.each_ref().map(|schema| {
        jsonschema::options_for::<Representation>()
            .build(schema)
            .unwrap()
    });
    let theirs = schemas
        .each_ref()
        .map(|schema| jsonschema::options().build(schema).unwrap());
    proptest!(ProptestConfig::with_cases(400), |(text in repetitive())| {
        let tree: Tree = serde_json::from_str(&text).unwrap();
        let mut arena = Arena::new();
        let root = arena.parse(text.as_bytes()).unwrap().root();
        for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            prop_assert_eq!(ours.is_valid(root), theirs.is_valid(&tree), "{} {}", schemas[at], text);
        }
    });
}
