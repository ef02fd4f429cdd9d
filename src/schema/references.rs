//! Finds what a reference `#/...` means where it does not follow RFC 6901 and RFC 3986.
//!
//! By the RFCs the fragment is decoded first, and split into names at each `/` then. Tools differ:
//! some encode a `/` in a name as `%2F`, and some write names into `definitions` as they stand in the
//! reference, encoded.

use std::borrow::Cow;
use std::iter::Peekable;

use referencing::{unescape_segment, Draft};
use serde_json::Value;

use super::keywords::{holds, Holds};
use super::percent::{decoded, encoded, fragment};
use super::pointer::push_token;

/// A reference to replace.
struct Correction {
    /// The number of the object that holds it, in the order in which [`Search`] visits objects. A
    /// pointer could be as long as the schema, and so could those of many others.
    object: usize,
    keyword: &'static str,
    reference: String,
}

/// Rewrites the references `#/...` that lead to a part of the schema only if they are written in
/// another way. `draft` is the draft of schemas without `$schema`.
pub(super) fn correct(schema: &mut Value, draft: Draft) {
    let mut search = Search {
        objects: 0,
        found: Vec::new(),
    };
    search.visit(schema, draft, schema);
    let mut corrections = search.found.into_iter().peekable();
    if corrections.peek().is_some() {
        apply(schema, &mut 0, &mut corrections);
    }
}

struct Search {
    /// The number of objects that were visited.
    objects: usize,
    found: Vec<Correction>,
}

impl Search {
    /// Visits a schema, or a value that may hold one. `resource` is the part around it that a `#`
    /// means.
    fn visit(&mut self, value: &Value, draft: Draft, resource: &Value) {
        match value {
            Value::Object(keywords) => {
                let draft = draft.detect(value);
                let is_resource = draft.create_resource_ref(value).id().is_some();
                let resource = if is_resource { value } else { resource };
                for keyword in ["$ref", "$dynamicRef"] {
                    if let Some(Value::String(reference)) = keywords.get(keyword) {
                        self.correct(keyword, reference, resource);
                    }
                }
                self.objects += 1;
                for (keyword, value) in keywords {
                    match (holds(keyword), value) {
                        (Holds::Data, _) => {}
                        (Holds::Map, Value::Object(schemas)) => {
                            for schema in schemas.values() {
                                self.visit(schema, draft, resource);
                            }
                        }
                        _ => self.visit(value, draft, resource),
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.visit(item, draft, resource);
                }
            }
            _ => {}
        }
    }

    fn correct(&mut self, keyword: &'static str, reference: &str, resource: &Value) {
        let Some(path) = reference.strip_prefix("#/") else {
            return;
        };
        let Some(target) = find(resource, path) else {
            return;
        };
        if target != decoded(&reference[1..]) {
            self.found.push(Correction {
                object: self.objects,
                keyword,
                reference: fragment(&target),
            });
        }
    }
}

/// Makes the corrections that are left, in the order of [`Search::visit`].
fn apply(
    value: &mut Value,
    objects: &mut usize,
    corrections: &mut Peekable<impl Iterator<Item = Correction>>,
) {
    match value {
        Value::Object(keywords) => {
            while let Some(correction) = corrections.next_if(|next| next.object == *objects) {
                let reference = Value::String(correction.reference);
                keywords.insert(correction.keyword.to_owned(), reference);
            }
            *objects += 1;
            for (keyword, value) in keywords {
                match (holds(keyword), value) {
                    (Holds::Data, _) => {}
                    (Holds::Map, Value::Object(schemas)) => {
                        for schema in schemas.values_mut() {
                            apply(schema, objects, corrections);
                        }
                    }
                    (_, value) => apply(value, objects, corrections),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                apply(item, objects, corrections);
            }
        }
        _ => {}
    }
}

/// The pointer to the part of `resource` that a fragment means, given after its first `/`: the part
/// that the RFCs name if there is one, or else the one that its author meant.
fn find(resource: &Value, path: &str) -> Option<String> {
    let strictly = decoded(path);
    follow(resource, strictly.split('/'), |name| {
        [name, name, name].map(Cow::Borrowed)
    })
    .or_else(|| {
        follow(resource, path.split('/'), |name| {
            let encoded = encoded(name).map_or(Cow::Borrowed(name), Cow::Owned);
            [decoded(name), Cow::Borrowed(name), encoded]
        })
    })
}

/// Follows names from `value` on; `spellings` gives the names to try for each name.
fn follow<'n>(
    value: &Value,
    names: impl Iterator<Item = &'n str>,
    spellings: impl Fn(&'n str) -> [Cow<'n, str>; 3],
) -> Option<String> {
    let mut pointer = String::new();
    let mut value = value;
    for name in names {
        let step = |spelling: &Cow<'_, str>| {
            let token = unescape_segment(spelling).into_owned();
            let next = match value {
                Value::Object(members) => members.get(&token),
                Value::Array(items) => items.get(token.parse::<usize>().ok()?),
                _ => None,
            };
            next.map(|next| (token, next))
        };
        let (token, next) = spellings(name).iter().find_map(step)?;
        push_token(&mut pointer, &token);
        value = next;
    }
    Some(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
