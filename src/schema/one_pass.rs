//! Writes objects so that jsonschema checks `type`, `required` and `properties` in one pass.
//!
//! Beside each other, each of the three is a validator of its own, and `required` reads the names
//! of all members once more. Two branches of `allOf` that only say what members an object has are
//! merged by jsonschema into one look at each member, so
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
//! which means the same. Violations come in the same order, too, as jsonschema takes branches in
//! turn, and keywords in the order that they have here.
//!
//! What this costs: every member is passed, where jsonschema would look up the names of the schema
//! in an object of far more members. With six names in the schema that is dearer from some sixty
//! members on; of an object of a thousand, by an eighth of parsing and checking it.

use serde_json::{json, Map, Value};

use super::costs::SILENT;
use super::text::push_token;
use super::walk::applies_to_same;

/// With fewer names than this jsonschema compares them one by one. It makes a table of more, and
/// names can be chosen that all stand in one place of it: then members would cost more than is known.
const TABLE_OF_NAMES: usize = 15;

/// Keywords whose meaning or cost may depend on where a subschema stands.
const BOUND_TO_PLACES: [&str; 7] = [
    "$dynamicRef",
    "$recursiveRef",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "unevaluatedProperties",
    "unevaluatedItems",
];

/// The schema written so; `None` when there is nothing to gain in it, or something in it forbids.
///
/// Where references are, they are pointers in this document, and stay right.
pub(super) fn in_one_pass(schema: &Value) -> Option<Value> {
    let mut references = References::default();
    references.gather(schema, true)?;
    references.targets.sort_unstable();
    if references.combining && !references.targets.is_empty() {
        // What is referred to may be an alternative.
        return None;
    }
    let mut written = schema.clone();
    references
        .write(&mut written, &mut String::new())
        .then_some(written)
}

#[derive(Default)]
struct References {
    /// The pointers, each with a slash at its end, sorted.
    targets: Vec<String>,
    /// Whether any keyword applies subschemas to the same value: jsonschema tells some alternatives
    /// apart by the keywords that they begin with, so that nothing in them is written anew.
    combining: bool,
}

impl References {
    /// Reads everything, data in `enum` and the like too: that can only forbid too much.
    fn gather(&mut self, value: &Value, root: bool) -> Option<()> {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match (name.as_str(), member) {
                        ("$ref", Value::String(reference)) => {
                            let pointer = reference.strip_prefix('#')?;
                            if !(pointer.is_empty() || pointer.starts_with('/'))
                                || pointer.contains('%')
                            {
                                return None;
                            }
                            self.targets.push(format!("{pointer}/"));
                        }
                        ("$id" | "id", Value::String(_)) if !root => return None,
                        (name, _) if BOUND_TO_PLACES.contains(&name) => return None,
                        (name, _) => self.combining |= applies_to_same(name),
                    }
                    self.gather(member, false)?;
                }
            }
            Value::Array(items) => items.iter().try_for_each(|item| self.gather(item, false))?,
            _ => {}
        }
        Some(())
    }

    /// Writes the schema at `pointer` and all below it anew; whether anything has changed.
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

    /// Whether a reference leads to somewhere that begins with this.
    fn leads_into(&self, beginning: &str) -> bool {
        let next = self.targets.partition_point(|target| &**target < beginning);
        (self.targets.get(next)).is_some_and(|target| target.starts_with(beginning))
    }

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

/// Whether an object with these keywords can be written in one pass, and gains by it.
fn fits(keywords: &Map<String, Value>) -> bool {
    let (Some(Value::Array(required)), Some(Value::Object(properties))) =
        (keywords.get("required"), keywords.get("properties"))
    else {
        return false;
    };
    !required.is_empty()
        && required.iter().all(Value::is_string)
        && required.len() + properties.len() < TABLE_OF_NAMES
        && keywords
            .iter()
            .all(|(keyword, value)| match keyword.as_str() {
                "required" | "properties" => true,
                "type" => value == "object",
                keyword => SILENT.contains(&keyword),
            })
}

/// Puts the keywords that say something into two branches of `allOf`.
fn split(keywords: &mut Map<String, Value>) {
    let mut first = Map::new();
    let mut second = Map::new();
    for keyword in ["type", "required", "properties"] {
        let Some(value) = keywords.remove(keyword) else {
            continue;
        };
        match value {
            // The validator of two or three names alone is none of those that are merged, but those
            // of one name are, and of two beside `properties`.
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
