//! The keywords of JSON Schema, by their use of the value that is checked.
//!
//! The lists hold the keywords of all drafts together. Where a draft lacks a keyword, the limits
//! that build on these lists are stricter than necessary, and never too lax.

use serde_json::Value;

/// Keywords that check nothing and apply nothing: identifiers, definitions and annotations.
pub(super) const INERT: [&str; 17] = [
    "$schema",
    "$id",
    "id",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$comment",
    "$defs",
    "definitions",
    "$vocabulary",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// Keywords that apply subschemas to the same value without reading it themselves.
pub(super) const FORWARDING: [&str; 11] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "extends",
    "$ref",
    "$dynamicRef",
    "$recursiveRef",
];

/// Keywords that apply subschemas to the same value: one subschema, a list of them, and a map to
/// them.
const IN_PLACE: [&str; 5] = ["not", "if", "then", "else", "extends"];
const IN_PLACE_LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "extends"];
const IN_PLACE_MAPS: [&str; 2] = ["dependentSchemas", "dependencies"];

/// Keywords that apply subschemas to members, member names or elements: one subschema, a list of
/// them, and a map to them.
const CHILD: [&str; 8] = [
    "additionalProperties",
    "propertyNames",
    "unevaluatedProperties",
    "items",
    "additionalItems",
    "contains",
    "unevaluatedItems",
    "contentSchema",
];
const CHILD_LISTS: [&str; 2] = ["items", "prefixItems"];
const CHILD_MAPS: [&str; 2] = ["properties", "patternProperties"];

/// Keywords whose values are data, in which nothing is a schema.
const DATA: [&str; 4] = ["enum", "const", "default", "examples"];
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

/// What the value of a keyword may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Data, and no schema.
    Data,
    /// A map from names to schemas, of which some may be unused.
    Map,
    /// A schema, or a list of schemas.
    Schemas,
    /// Anything: no draft knows the keyword, or its value is neither data nor a schema.
    Unknown,
}

/// What the value of `keyword` may hold, whatever it applies.
pub(super) fn holds(keyword: &str) -> Holds {
    let is_in = |lists: &[&[&str]]| lists.iter().any(|list| list.contains(&keyword));
    if is_in(&[&DATA]) {
        Holds::Data
    } else if is_in(&[&IN_PLACE_MAPS, &CHILD_MAPS, &DEFINITIONS]) {
        Holds::Map
    } else if is_in(&[&IN_PLACE, &IN_PLACE_LISTS, &CHILD, &CHILD_LISTS]) {
        Holds::Schemas
    } else {
        Holds::Unknown
    }
}

/// The values that a keyword applies its subschemas to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AppliesTo {
    /// The value that the keyword's own schema is applied to.
    SameValue,
    /// Members, member names or elements of that value.
    Children,
}

/// Whether a keyword applies subschemas to the same value; references are not counted.
fn is_in_place(keyword: &str) -> bool {
    IN_PLACE.contains(&keyword)
        || IN_PLACE_LISTS.contains(&keyword)
        || IN_PLACE_MAPS.contains(&keyword)
}

/// The subschemas in the `value` of a keyword, and the values that they apply to; `None` for a
/// keyword that applies nothing.
pub(super) fn subschemas<'r>(
    keyword: &str,
    value: &'r Value,
) -> Option<(AppliesTo, Vec<&'r Value>)> {
    let (to, one, lists, maps) = if is_in_place(keyword) {
        let to = AppliesTo::SameValue;
        (to, &IN_PLACE[..], &IN_PLACE_LISTS[..], &IN_PLACE_MAPS)
    } else {
        (
            AppliesTo::Children,
            &CHILD[..],
            &CHILD_LISTS[..],
            &CHILD_MAPS,
        )
    };
    let found: Vec<&Value> = match value {
        Value::Array(items) if lists.contains(&keyword) => items.iter().collect(),
        Value::Object(members) if maps.contains(&keyword) => members.values().collect(),
        Value::Object(_) | Value::Bool(_) if one.contains(&keyword) => vec![value],
        _ => return None,
    };
    // `dependencies` may hold lists of names as well.
    let is_schema = |value: &&Value| value.is_object() || value.is_boolean();
    Some((to, found.into_iter().filter(is_schema).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn exactly_the_subschemas_of_a_keyword_are_found() {
        use AppliesTo::{Children, SameValue};
        for (keyword, value, expected) in [
            ("not", json!({}), Some((SameValue, 1))),
            (
                "allOf",
                json!([{}, true, "no schema"]),
                Some((SameValue, 2)),
            ),
            ("extends", json!([{}, {}]), Some((SameValue, 2))),
            ("extends", json!({}), Some((SameValue, 1))),
            (
                "dependencies",
                json!({"a": ["b"], "c": {}}),
                Some((SameValue, 1)),
            ),
            ("items", json!(false), Some((Children, 1))),
            ("items", json!([{}, {}]), Some((Children, 2))),
            ("properties", json!({"a": {}, "b": {}}), Some((Children, 2))),
            ("properties", json!([{}]), None),
            ("not", json!([{}]), None),
            ("enum", json!([{}]), None),
            ("title", json!("x"), None),
        ] {
            let found = subschemas(keyword, &value).map(|(to, found)| (to, found.len()));
            assert_eq!(found, expected, "{keyword}: {value}");
        }
    }
}
