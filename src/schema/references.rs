//! Finds what a reference `#/...` means where it does not follow RFC 6901 and RFC 3986.
//!
//! By the RFCs the fragment is decoded first, and split into names at each `/` then. Tools differ:
//! some encode a `/` in a name as `%2F` or leave it, and some write names into `definitions` as they
//! stand in the reference, encoded.

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
    strictly(resource, &decoded(path)).or_else(|| leniently(resource, path))
}

/// The pointer for a path that is decoded already.
fn strictly(resource: &Value, path: &str) -> Option<String> {
    let mut pointer = String::new();
    let mut value = resource;
    for name in path.split('/') {
        value = step(value, name, &mut pointer)?;
    }
    Some(pointer)
}

/// The pointer for a path whose names may be spelled as they are, decoded or encoded, and whose last
/// name may hold a `/`.
fn leniently(resource: &Value, path: &str) -> Option<String> {
    let mut pointer = String::new();
    let mut value = resource;
    let mut rest = Some(path);
    while let Some(path) = rest {
        let (name, after) = match path.split_once('/') {
            Some((name, after)) => (name, Some(after)),
            None => (path, None),
        };
        let mut any_spelling = |name| {
            let encoded = encoded(name).map_or(Cow::Borrowed(name), Cow::Owned);
            let spellings = [decoded(name), Cow::Borrowed(name), encoded];
            let mut spellings = spellings.iter();
            spellings.find_map(|spelling| step(value, spelling, &mut pointer))
        };
        (value, rest) = match any_spelling(name) {
            Some(next) => (next, after),
            None => (any_spelling(path)?, None),
        };
    }
    Some(pointer)
}

/// The member or element of this name, which may be escaped as in a pointer. Appends it to `pointer`.
fn step<'v>(value: &'v Value, name: &str, pointer: &mut String) -> Option<&'v Value> {
    let token = unescape_segment(name);
    let next = match value {
        Value::Object(members) => members.get(&*token),
        Value::Array(items) => items.get(token.parse::<usize>().ok()?),
        _ => None,
    }?;
    push_token(pointer, &token);
    Some(next)
}
