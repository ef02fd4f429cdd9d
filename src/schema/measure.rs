//! The text of a schema: how long its parts are, and where they stand.

use serde_json::Value;

use super::graph::Graph;
use super::text::{printable, push_token};

/// Lengths in a schema, in bytes.
pub(super) struct Size {
    /// Of the pointers to all keywords together.
    pub pointer_bytes: usize,
    /// Most that a violation may copy of it.
    pub error_bytes: u64,
}

/// Measures the text of the schema itself; published meta-schemas are small.
pub(super) fn measure(root: &Value, graph: &Graph<'_>) -> Size {
    let mut size = Size {
        pointer_bytes: 0,
        error_bytes: 0,
    };
    fn walk(value: &Value, pointer: usize, graph: &Graph<'_>, size: &mut Size) -> u64 {
        match value {
            Value::Object(members) => {
                if graph.find(value).is_some() {
                    size.pointer_bytes += (pointer + 24) * (1 + members.len());
                }
                let mut bytes = 32;
                for (name, member) in members {
                    let below = walk(member, pointer + 1 + name.len(), graph, size);
                    if name == "not" {
                        // The violation of `not` copies it.
                        size.error_bytes = size.error_bytes.max(below);
                    }
                    bytes += 32 + name.len() as u64 + below;
                }
                size.error_bytes = size.error_bytes.max(pointer as u64);
                bytes
            }
            Value::Array(items) => items.iter().fold(32, |bytes, item| {
                bytes + walk(item, pointer + 8, graph, size)
            }),
            Value::String(string) => {
                size.error_bytes = size.error_bytes.max(string.len() as u64);
                32 + string.len() as u64
            }
            _ => 32,
        }
    }
    // As deep as the text nests, which the parser limits.
    walk(root, 0, graph, &mut size);
    size
}

/// Where `schema` is in `root`, as a pointer.
pub(super) fn place(root: &Value, schema: &Value) -> String {
    fn find(at: &Value, wanted: &Value, pointer: &mut String) -> bool {
        if std::ptr::eq(at, wanted) {
            return true;
        }
        let length = pointer.len();
        let step = |token: &str, next: &Value, pointer: &mut String| {
            push_token(pointer, token);
            let found = find(next, wanted, pointer);
            if !found {
                pointer.truncate(length);
            }
            found
        };
        match at {
            Value::Object(members) => members
                .iter()
                .any(|(name, member)| step(name, member, pointer)),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .any(|(index, item)| step(&index.to_string(), item, pointer)),
            _ => false,
        }
    }
    let mut pointer = String::new();
    if !find(root, schema, &mut pointer) {
        "a meta-schema".to_owned()
    } else if pointer.is_empty() {
        "(root)".to_owned()
    } else {
        printable(&pointer, 120)
    }
}
