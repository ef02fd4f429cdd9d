//! Finds what a reference `#/...` means where it does not follow RFC 6901 and RFC 3986.
//!
//! By the RFCs the fragment is decoded first, and split into names at each `/` then. Tools differ:
//! some encode a `/` in a name as `%2F`, and some write names into `definitions` as they stand in the
//! reference, encoded.

use std::borrow::Cow;

use referencing::{unescape_segment, Draft};
use serde_json::Value;

use super::keywords::{holds, Holds};
use super::percent::{decoded, encoded, fragment};
use super::pointer::push_token;

/// A reference to replace.
pub(super) struct Correction {
    /// The pointer to the subschema that holds the reference.
    pub pointer: String,
    pub keyword: &'static str,
    pub reference: String,
}

/// The references in `schema` that lead to a part of it only if they are written in another way.
/// `draft` is the draft of schemas without `$schema`.
pub(super) fn corrections(schema: &Value, draft: Draft) -> Vec<Correction> {
    let mut search = Search {
        pointer: String::new(),
        found: Vec::new(),
    };
    search.visit(schema, draft, schema);
    search.found
}

struct Search {
    /// The pointer to the value that is visited.
    pointer: String,
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
                for (keyword, value) in keywords {
                    self.below(keyword, |search| match (holds(keyword), value) {
                        (Holds::Data, _) => {}
                        (Holds::Map, Value::Object(schemas)) => {
                            for (name, schema) in schemas {
                                search.below(name, |search| search.visit(schema, draft, resource));
                            }
                        }
                        _ => search.visit(value, draft, resource),
                    });
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.below(&index.to_string(), |search| {
                        search.visit(item, draft, resource);
                    });
                }
            }
            _ => {}
        }
    }

    /// Runs `work` with the pointer to a member of the present value.
    fn below(&mut self, token: &str, work: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        push_token(&mut self.pointer, token);
        work(self);
        self.pointer.truncate(length);
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
                pointer: self.pointer.clone(),
                keyword,
                reference: fragment(&target),
            });
        }
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

    /// The reference in the place of `reference` to a definition with this name.
    fn corrected(reference: &str, name: &str) -> Option<String> {
        let schema = json!({"items": {"$ref": reference}, "definitions": {name: {"a": [{}]}}});
        let mut corrections = corrections(&schema, Draft::Draft7);
        assert!(corrections.len() < 2);
        let correction = corrections.pop()?;
        assert_eq!(
            (&*correction.pointer, correction.keyword),
            ("/items", "$ref")
        );
        Some(correction.reference)
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
            "#/items/x/0",
        ] {
            assert_eq!(corrected(reference, "A/B"), None, "{reference}");
        }
    }

    #[test]
    fn data_is_not_read_and_a_number_sign_means_the_resource_around_it() {
        let reference = json!({"$ref": "#/definitions/A%2FB"});
        let inner = json!({"$id": "inner", "items": reference});
        let schema = json!({
            "enum": [reference], "default": reference,
            "properties": {"default": reference, "inner": inner},
            "definitions": {"A/B": {}}
        });
        let found = corrections(&schema, Draft::Draft7);
        let pointers: Vec<&str> = found.iter().map(|one| &*one.pointer).collect();
        assert_eq!(pointers, ["/properties/default"]);
    }
}
