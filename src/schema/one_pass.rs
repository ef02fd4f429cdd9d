//! Rewrites object schemas so that jsonschema checks `type`, `required` and `properties` in one
//! pass over the members.
//!
//! Side by side, the three keywords are validators of their own, and `required` reads the names of
//! all members once more. jsonschema merges branches of `allOf` that only describe members into one
//! pass, so
//!
//! ```json
//! {"type": "object", "required": ["a"], "properties": {"a": {}}}
//! ```
//!
//! becomes
//!
//! ```json
//! {"allOf": [{"type": "object", "required": ["a"]}, {"properties": {"a": {}}}]}
//! ```
//!
//! which means the same. Violations keep their order, because jsonschema takes branches in turn,
//! and keywords in the order that they have here.
//!
//! The price: every member is read. In an object of far more members than the schema has names,
//! jsonschema would look up the names instead. With six names one pass is slower from some sixty
//! members on; for a thousand members, by an eighth of the time to parse and check them.

use serde_json::{json, Map, Value};

use super::costs::BUCKETS_FROM;
use super::keywords::{is_in_place, INERT};
use super::percent::decoded;
use super::pointer::push_token;

/// Keywords whose meaning or cost may depend on the place of a subschema in the document.
const BOUND_TO_PLACES: [&str; 7] = [
    "$dynamicRef",
    "$recursiveRef",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "unevaluatedProperties",
    "unevaluatedItems",
];

/// The rewritten schema; `None` when there is nothing to gain, or when a keyword forbids it.
///
/// References in it are pointers into this document, and keep their targets.
pub(super) fn in_one_pass(schema: &Value) -> Option<Value> {
    let mut references = References::default();
    references.gather(schema, true)?;
    references.targets.sort_unstable();
    if references.combining && !references.targets.is_empty() {
        // The target of a reference may be an alternative of a union.
        return None;
    }
    let mut written = schema.clone();
    references
        .write(&mut written, &mut String::new())
        .then_some(written)
}

#[derive(Default)]
struct References {
    /// The pointers to targets, each with a slash at its end, sorted.
    targets: Vec<String>,
    /// Whether any keyword applies subschemas to the same value. jsonschema distinguishes some
    /// alternatives by the keywords that they begin with, so they must not be rewritten.
    combining: bool,
}

impl References {
    /// Collects the references in `value`; `None` for a keyword that forbids rewriting. Data (under
    /// `enum`, for example) is read as well, which can only forbid too much.
    fn gather(&mut self, value: &Value, root: bool) -> Option<()> {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match (name.as_str(), member) {
                        ("$ref", Value::String(reference)) => {
                            let pointer = reference.strip_prefix('#')?;
                            if !(pointer.is_empty() || pointer.starts_with('/')) {
                                return None;
                            }
                            self.targets.push(format!("{}/", decoded(pointer)));
                        }
                        ("$id" | "id", Value::String(_)) if !root => return None,
                        (name, _) if BOUND_TO_PLACES.contains(&name) => return None,
                        (name, _) => self.combining |= is_in_place(name),
                    }
                    self.gather(member, false)?;
                }
            }
            Value::Array(items) => items.iter().try_for_each(|item| self.gather(item, false))?,
            _ => {}
        }
        Some(())
    }

    /// Rewrites the schema at `pointer` and all below it. Returns whether anything has changed.
    fn write(&self, schema: &mut Value, pointer: &mut String) -> bool {
        let Value::Object(keywords) = schema else {
            return false;
        };
        let mut changed = false;
        let length = pointer.len();
        for (keyword, value) in keywords.iter_mut() {
            push_token(pointer, keyword);
            changed |= match (keyword.as_str(), value) {
                (
                    "properties" | "patternProperties" | "$defs" | "definitions",
                    Value::Object(members),
                ) => self.write_all(members, pointer),
                ("items" | "prefixItems", Value::Array(items)) => self.write_all(
                    items
                        .iter_mut()
                        .enumerate()
                        .map(|(index, item)| (index.to_string(), item)),
                    pointer,
                ),
                ("items" | "additionalItems" | "additionalProperties" | "contains", value) => {
                    self.write(value, pointer)
                }
                _ => false,
            };
            pointer.truncate(length);
        }
        if !fits(keywords) {
            return changed;
        }
        pointer.push_str("/properties/");
        let moves_target = self.leads_into(pointer);
        pointer.truncate(length);
        if !moves_target {
            split(keywords);
        }
        changed | !moves_target
    }

    /// Whether the pointer to the target of a reference begins with `beginning`.
    fn leads_into(&self, beginning: &str) -> bool {
        let next = self.targets.partition_point(|target| &**target < beginning);
        (self.targets.get(next)).is_some_and(|target| target.starts_with(beginning))
    }

    /// Rewrites schemas by their names or indices, see [`References::write`].
    fn write_all<'v, N: AsRef<str>>(
        &self,
        schemas: impl IntoIterator<Item = (N, &'v mut Value)>,
        pointer: &mut String,
    ) -> bool {
        let length = pointer.len();
        let mut changed = false;
        for (name, schema) in schemas {
            push_token(pointer, name.as_ref());
            changed |= self.write(schema, pointer);
            pointer.truncate(length);
        }
        changed
    }
}

/// Whether a schema with these keywords can be rewritten, and gains by it.
fn fits(keywords: &Map<String, Value>) -> bool {
    let (Some(Value::Array(required)), Some(Value::Object(properties))) =
        (keywords.get("required"), keywords.get("properties"))
    else {
        return false;
    };
    !required.is_empty()
        && required.iter().all(Value::is_string)
        // In a bucket of names, members might cost more than was counted.
        && required.len() + properties.len() < BUCKETS_FROM
        && keywords
            .iter()
            .all(|(keyword, value)| match keyword.as_str() {
                "required" | "properties" => true,
                "type" => value == "object",
                keyword => INERT.contains(&keyword),
            })
}

/// Moves `type`, `required` and `properties` into two branches of `allOf`.
fn split(keywords: &mut Map<String, Value>) {
    let mut first = Map::new();
    let mut second = Map::new();
    for keyword in ["type", "required", "properties"] {
        let Some(value) = keywords.remove(keyword) else {
            continue;
        };
        match value {
            // jsonschema's validator of two or three names alone cannot be merged; that of one name
            // can, and so can that of two names beside `properties`.
            Value::Array(mut names) if names.len() == 2 || names.len() == 3 => {
                second.insert(keyword.to_owned(), names.split_off(1).into());
                first.insert(keyword.to_owned(), names.into());
            }
            Value::Object(_) => {
                second.insert(keyword.to_owned(), value);
            }
            _ => {
                first.insert(keyword.to_owned(), value);
            }
        }
    }
    keywords.insert("allOf".to_owned(), json!([first, second]));
}
