//! Rewrites a schema of several resources (`$id`s) as one resource.
//!
//! jsonschema compiles a subschema anew for each sequence of resources through which it is reached,
//! because a dynamic reference may have another target then. Eight resources that refer to each
//! other, 1.5 KB together, take it half a minute. Without dynamic references nothing depends on that
//! sequence, so every reference can become a pointer into one document.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::graph::Graph;
use super::pointer::push_token;

/// The most subschemas that are compiled where references are dynamic: each subschema counts once
/// for each sequence of references that leads to it.
const MAX_DYNAMIC: usize = 20_000;

/// The longest of those sequences.
const MAX_DYNAMIC_CHAIN: usize = 100;

/// The number of subschemas that a published meta-schema counts as.
const PUBLISHED: usize = 200;

/// The most bytes in the references of the rewritten schema.
const MAX_REFERENCE_BYTES: usize = 8 << 20;

/// The schema with all references as pointers, without inner `$id`s and anchors. `None` when it has
/// one resource only, or dynamic references within the limits.
///
/// # Errors
///
/// The schema has too many resources and dynamic references, or the pointers would be too long.
pub(super) fn flatten(root: &Value, graph: &Graph<'_>) -> Result<Option<Value>, String> {
    let mut local = Local {
        graph,
        pointers: HashMap::new(),
        ancestors: Vec::new(),
    };
    local.visit(root, &mut String::new(), &mut Vec::new());
    let mut resources: Vec<u32> = local
        .pointers
        .keys()
        .map(|&node| graph.nodes[node as usize].resource)
        .collect();
    resources.sort_unstable();
    resources.dedup();
    let published = local.pointers.len() < graph.nodes.len();
    if local.is_dynamic(published) {
        if resources.len() > 1 || published {
            local.limit_dynamic(root)?;
        }
        return Ok(None);
    }
    if resources.len() < 2 {
        return Ok(None);
    }
    local.rewrite(root).map(Some)
}

/// The part of the graph that lies in the schema itself, not in a published meta-schema.
struct Local<'g, 'r> {
    graph: &'g Graph<'r>,
    /// The pointers to the nodes, by their numbers.
    pointers: HashMap<u32, String>,
    /// The pointers to all values that contain a node.
    ancestors: Vec<String>,
}

impl Local<'_, '_> {
    /// Adds all nodes at and below `value`. `pending` holds the lengths of the pointers to the
    /// values around `value` that are not among `ancestors` yet.
    fn visit(&mut self, value: &Value, pointer: &mut String, pending: &mut Vec<usize>) {
        if let Some(node) = self.graph.find(value) {
            self.pointers.insert(node, pointer.clone());
            for length in pending.drain(..) {
                self.ancestors.push(pointer[..length].to_owned());
            }
        }
        let length = pointer.len();
        let depth = pending.len();
        pending.push(length);
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    push_token(pointer, name);
                    self.visit(member, pointer, pending);
                    pointer.truncate(length);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    push_token(pointer, &index.to_string());
                    self.visit(item, pointer, pending);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
        // A node below may have emptied the list.
        pending.truncate(depth);
    }

    /// Whether a reference may have several targets. `published` says that a published meta-schema
    /// is referred to, which has dynamic references of its own.
    fn is_dynamic(&self, published: bool) -> bool {
        let anchors = self.pointers.keys().any(|&node| {
            let schema = self.graph.nodes[node as usize].schema;
            // The anchors of the published meta-schemas.
            schema.get("$dynamicAnchor").and_then(Value::as_str) == Some("meta")
                || schema.get("$recursiveAnchor") == Some(&Value::Bool(true))
        });
        (anchors && published)
            || self.pointers.keys().any(|&node| {
                let references = &self.graph.nodes[node as usize].references;
                references.iter().any(|reference| reference.dynamic)
            })
    }

    /// Limits the subschemas to compile, each counted as often as jsonschema compiles it.
    fn limit_dynamic(&self, root: &Value) -> Result<(), String> {
        let mut sequence = Vec::new();
        let mut left = MAX_DYNAMIC;
        let root = self.graph.find(root).unwrap_or(0);
        if self.follow(root, &mut sequence, &mut left).is_none() {
            return Err(
                "has dynamic references that can mean too many things; use $ref instead of \
                 $dynamicRef and $recursiveRef, or fewer $ids"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Counts the subschema `target` and all that it refers to. `sequence` holds the targets that
    /// led here, which are not entered again. `None` beyond the limits.
    fn follow(&self, target: u32, sequence: &mut Vec<u32>, left: &mut usize) -> Option<()> {
        if sequence.contains(&target) {
            return Some(());
        }
        if !self.pointers.contains_key(&target) {
            *left = left.checked_sub(PUBLISHED)?;
            return Some(());
        }
        if sequence.len() >= MAX_DYNAMIC_CHAIN {
            return None;
        }
        sequence.push(target);
        let mut open = vec![target];
        while let Some(node) = open.pop() {
            *left = left.checked_sub(1)?;
            let node = &self.graph.nodes[node as usize];
            let (nested, referred) = node.in_place.split_at(node.nested);
            open.extend(nested.iter().chain(&node.children));
            for &other in referred {
                self.follow(other, sequence, left)?;
            }
        }
        sequence.pop();
        Some(())
    }

    /// The schema as one resource.
    fn rewrite(&self, root: &Value) -> Result<Value, String> {
        let mut flat = root.clone();
        let leading: HashSet<&str> = self
            .pointers
            .values()
            .chain(&self.ancestors)
            .map(String::as_str)
            .collect();
        let nodes: HashSet<&str> = self.pointers.values().map(String::as_str).collect();
        prune(&mut flat, &mut String::new(), true, &nodes, &leading);
        for pointer in self.ancestors.iter().chain(self.pointers.values()) {
            let Some(Value::Object(keywords)) = flat.pointer_mut(pointer) else {
                continue;
            };
            if !pointer.is_empty() {
                for keyword in ["$id", "id"] {
                    if keywords.get(keyword).is_some_and(Value::is_string) {
                        keywords.remove(keyword);
                    }
                }
            }
        }
        let mut written = 0;
        for (&node, pointer) in &self.pointers {
            let Some(Value::Object(keywords)) = flat.pointer_mut(pointer) else {
                continue;
            };
            for keyword in ["$anchor", "$dynamicAnchor", "$recursiveAnchor"] {
                keywords.remove(keyword);
            }
            for reference in &self.graph.nodes[node as usize].references {
                let Some(target) = self.pointers.get(&reference.target) else {
                    continue;
                };
                let target = fragment(target);
                written += target.len();
                if written > MAX_REFERENCE_BYTES {
                    return Err("refers to its parts by too long paths; use shorter names".into());
                }
                let mut keyword = reference.keyword;
                if keyword == "$recursiveRef" {
                    // `$recursiveRef` takes no pointer.
                    keywords.remove(keyword);
                    keyword = "$ref";
                    if keywords.contains_key(keyword) {
                        return Err("has $ref beside $recursiveRef; put one under allOf".into());
                    }
                }
                keywords.insert(keyword.to_owned(), Value::String(target));
            }
        }
        Ok(flat)
    }
}

/// Removes the parts that never apply: without the `$id`s their references would have no target.
///
/// `nodes` are the pointers to all subschemas that apply, and `leading` the pointers to these and to
/// all values that contain one. `whole` says that `value` belongs to a keyword that applies: all its
/// members stay. A definition stays only if it is among `leading`.
fn prune(
    value: &mut Value,
    pointer: &mut String,
    whole: bool,
    nodes: &HashSet<&str>,
    leading: &HashSet<&str>,
) {
    let used = nodes.contains(pointer.as_str());
    let length = pointer.len();
    let mut keep = |name: &str, member: &mut Value| {
        push_token(pointer, name);
        let definitions = matches!(name, "$defs" | "definitions");
        let leads = leading.contains(pointer.as_str());
        if leads {
            prune(member, pointer, used && !definitions, nodes, leading);
        }
        pointer.truncate(length);
        leads || (used && !definitions) || (whole && !used)
    };
    match value {
        Value::Object(members) => members.retain(|name, member| keep(name, member)),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                // Replaced, so that the others keep their places.
                if !keep(&index.to_string(), item) {
                    *item = Value::Bool(true);
                }
            }
        }
        _ => {}
    }
}

/// The pointer as a URI fragment (RFC 6901, section 6).
pub(super) fn fragment(pointer: &str) -> String {
    let mut text = String::with_capacity(pointer.len() + 1);
    text.push('#');
    for byte in pointer.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/$".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
