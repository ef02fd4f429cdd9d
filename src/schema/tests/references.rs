//! Tests of the references that are rewritten.

use crate::schema::references::correct;
use referencing::Draft;
use serde_json::json;

/// The reference in the place of `reference` to a definition with this name, if it is another.
fn corrected(reference: &str, name: &str) -> Option<String> {
    let with = |reference: &str| {
        json!({
            "properties": {"$ref": {}, "a": {"items": [{}, {"$ref": reference}]}},
            "definitions": {name: {"a": [{}]}, "z": {"enum": [{}]}}
        })
    };
    let mut schema = with(reference);
    correct(&mut schema, Draft::Draft7);
    let now = schema["properties"]["a"]["items"][1]["$ref"].clone();
    let now = now.as_str().unwrap();
    assert_eq!(schema, with(now), "nothing else has changed");
    (now != reference).then(|| now.to_owned())
}

#[test]
fn a_reference_that_follows_the_rfcs_stays() {
    for (reference, name) in [
        ("#/definitions/a", "a"),
        ("#/definitions/A<B>", "A<B>"),
        ("#/definitions/A%3cB%3E/a/0", "A<B>"),
        ("#/definitions/a~1b~0c", "a/b~c"),
        ("#/definitions/a%25b", "a%b"),
        ("#/definitions/100%", "100%"),
    ] {
        assert_eq!(corrected(reference, name), None, "{reference}");
    }
}

#[test]
fn another_spelling_of_a_name_is_found() {
    for (reference, name, expected) in [
        (
            "#/definitions/A%3CB%3E/a/0",
            "A%3CB%3E",
            "#/definitions/A%253CB%253E/a/0",
        ),
        (
            "#/definitions/A<B>",
            "A%3CB%3E",
            "#/definitions/A%253CB%253E",
        ),
        ("#/definitions/A%3CB>", "A%3CB>", "#/definitions/A%253CB%3E"),
        ("#/definitions/A%2FB", "A/B", "#/definitions/A~1B"),
        ("#/definitions/A%2FB", "A%2FB", "#/definitions/A%252FB"),
        ("#/definitions/a~b", "a~b", "#/definitions/a~0b"),
        (
            "#/definitions/Page[host/a%20b.User]",
            "Page[host/a b.User]",
            "#/definitions/Page%5Bhost~1a%20b.User%5D",
        ),
    ] {
        assert_eq!(corrected(reference, name).as_deref(), Some(expected));
    }
}

#[test]
fn a_reference_to_nothing_stays() {
    for reference in [
        "#/definitions/b",
        "#",
        "#b",
        "other#/definitions/A%2FB",
        "#/definitions/A%2FB/a/1",
    ] {
        assert_eq!(corrected(reference, "A/B"), None, "{reference}");
    }
}

#[test]
fn data_is_not_read_and_a_number_sign_means_the_resource_around_it() {
    let with = |first: &str, last: &str| {
        let reference = json!({"$ref": "#/definitions/A%2FB"});
        let inner = json!({"$id": "inner", "items": reference});
        json!({
            "enum": [reference], "default": reference,
            "properties": {"default": {"$ref": first}, "inner": inner},
            "definitions": {"A/B": {}},
            "x": [{"y": {"$dynamicRef": last}}]
        })
    };
    let mut schema = with("#/definitions/A%2FB", "#/definitions/A%2FB");
    correct(&mut schema, Draft::Draft7);
    let right = "#/definitions/A~1B";
    assert_eq!(schema, with(right, right));
}

#[test]
fn many_corrections_below_a_long_name_take_no_memory_for_it() {
    let reference = json!({"$ref": "#/definitions/a~b"});
    let name = "n".repeat(400_000);
    let mut schema = json!({
        "definitions": {"a~b": {}},
        "properties": {name.clone(): {"allOf": vec![reference; 20_000]}}
    });
    correct(&mut schema, Draft::Draft7);
    let last = &schema["properties"][&name]["allOf"][19_999]["$ref"];
    assert_eq!(last, "#/definitions/a~0b");
}
