//! Measures the parts of a schema that decide how much memory it takes and how long a violation can
//! get.

use serde_json::Value;

use super::graph::Graph;

/// Lengths in a schema, in bytes.
pub(super) struct Size {
    /// The length of the pointers to all keywords together, which the compiled schema holds.
    pub pointer_bytes: usize,
    /// The most that one violation may copy from the schema.
    pub error_bytes: u64,
}

/// Measures the schema itself. Published meta-schemas are left out, as they are small.
pub(super) fn measure(root: &Value, graph: &Graph<'_>) -> Size {
    let mut size = Size {
        pointer_bytes: 0,
        error_bytes: 0,
    };
    /// Returns about how many bytes a copy of `value` takes. The pointer to it has `pointer` bytes.
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
                        // A violation of `not` copies the whole subschema.
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
    // The parser limits how deep this recurses.
    walk(root, 0, graph, &mut size);
    size
}
