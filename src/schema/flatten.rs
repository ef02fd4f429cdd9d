//! Turns a schema of several resources into one.
//!
//! jsonschema compiles a subschema anew for each sequence of resources (`$id`s) through which it
//! is reached, because dynamic references may mean something else then: eight resources that refer
//! to each other, 1.5 KB together, take it half a minute. Without dynamic references nothing depends
//! on that sequence, so every reference can be a pointer into one document.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::graph::Graph;
use super::text::push_token;

/// Most subschemas that are compiled because of references that really are dynamic: once for each
/// sequence of references that leads to them.
const MAX_DYNAMIC: usize = 20_000;

/// Longest such sequence.
const MAX_DYNAMIC_CHAIN: usize = 100;

/// What a published meta-schema counts for.
const PUBLISHED: usize = 200;

/// Most bytes of references that this writes.
const MAX_REFERENCE_BYTES: usize = 8 << 20;

/// The schema with all references as pointers, without inner `$id`s and anchors; `None` when it is
/// fine as it is.
///
/// # Errors
///
/// It has too many resources and dynamic references, or the pointers come out too long.
pub(super) fn flatten(root: &Value, graph: &Graph<'_>) -> Result<Option<Value>, String> {
    let mut own = Own {
        graph,
        pointers: HashMap::new(),
        stops: Vec::new(),
    };
    own.visit(root, &mut String::new(), &mut Vec::new());
    let mut resources: Vec<u32> = own
        .pointers
        .keys()
        .map(|&node| graph.nodes[node as usize].resource)
        .collect();
    resources.sort_unstable();
    resources.dedup();
    let published = own.pointers.len() < graph.nodes.len();
    if own.is_dynamic(published) {
        if resources.len() > 1 || published {
            own.limit_dynamic(root)?;
        }
        return Ok(None);
    }
    if resources.len() < 2 {
        return Ok(None);
    }
    own.rewrite(root).map(Some)
}

struct Own<'g, 'r> {
    graph: &'g Graph<'r>,
    /// Nodes of the schema itself, with their pointers.
    pointers: HashMap<u32, String>,
    /// Pointers to all objects on the way to such a node.
    stops: Vec<String>,
}

impl Own<'_, '_> {
    /// Notes all nodes at and below `value`; `way` holds the pointers to all objects above.
    fn visit(&mut self, value: &Value, pointer: &mut String, way: &mut Vec<usize>) {
        if let Some(node) = self.graph.find(value) {
            self.pointers.insert(node, pointer.clone());
            for length in way.drain(..) {
                self.stops.push(pointer[..length].to_owned());
            }
        }
        let length = pointer.len();
        let depth = way.len();
        way.push(length);
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    push_token(pointer, name);
                    self.visit(member, pointer, way);
                    pointer.truncate(length);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    push_token(pointer, &index.to_string());
                    self.visit(item, pointer, way);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
        // A node below has emptied the list, down to here or further.
        way.truncate(depth);
    }

    /// Whether a reference can mean several things, of which one is in the schema itself.
    fn is_dynamic(&self, published: bool) -> bool {
        let anchors = self.pointers.keys().any(|&node| {
            let schema = self.graph.nodes[node as usize].schema;
            // The published meta-schemas use these two.
            schema.get("$dynamicAnchor").and_then(Value::as_str) == Some("meta")
                || schema.get("$recursiveAnchor") == Some(&Value::Bool(true))
        });
        (anchors && published)
            || self.pointers.keys().any(|&node| {
                let references = &self.graph.nodes[node as usize].references;
                references.iter().any(|reference| reference.dynamic)
            })
    }

    /// Counts what is compiled when nothing is compiled once only.
    fn limit_dynamic(&self, root: &Value) -> Result<(), String> {
        let mut way = Vec::new();
        let mut left = MAX_DYNAMIC;
        let root = self.graph.find(root).unwrap_or(0);
        if self.follow(root, &mut way, &mut left).is_none() {
            return Err(
                "has dynamic references that can mean too many things; use $ref instead of \
                 $dynamicRef and $recursiveRef, or fewer $ids"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Walks the subschema `target` and what it refers to, except for what is on the `way` here.
    fn follow(&self, target: u32, way: &mut Vec<u32>, left: &mut usize) -> Option<()> {
        if way.contains(&target) {
            return Some(());
        }
        if !self.pointers.contains_key(&target) {
            *left = left.checked_sub(PUBLISHED)?;
            return Some(());
        }
        if way.len() >= MAX_DYNAMIC_CHAIN {
            return None;
        }
        way.push(target);
        let mut open = vec![target];
        while let Some(node) = open.pop() {
            *left = left.checked_sub(1)?;
            let node = &self.graph.nodes[node as usize];
            let (inside, referred) = node.same.split_at(node.inside);
            open.extend(inside.iter().chain(&node.parts));
            for &other in referred {
                self.follow(other, way, left)?;
            }
        }
        way.pop();
        Some(())
    }

    fn rewrite(&self, root: &Value) -> Result<Value, String> {
        let mut flat = root.clone();
        let on_the_way: HashSet<&str> = self
            .pointers
            .values()
            .chain(&self.stops)
            .map(String::as_str)
            .collect();
        let nodes: HashSet<&str> = self.pointers.values().map(String::as_str).collect();
        prune(&mut flat, &mut String::new(), true, &nodes, &on_the_way);
        for pointer in self.stops.iter().chain(self.pointers.values()) {
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
                    // It takes no pointer.
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

/// Removes what never applies: its references would lead nowhere once the `$id`s are gone.
///
/// `whole` says that the members are no schemas of their own, but what a used schema is made of.
fn prune(
    value: &mut Value,
    pointer: &mut String,
    whole: bool,
    nodes: &HashSet<&str>,
    on_the_way: &HashSet<&str>,
) {
    let used = nodes.contains(pointer.as_str());
    let length = pointer.len();
    let mut keep = |name: &str, member: &mut Value| {
        push_token(pointer, name);
        let definitions = matches!(name, "$defs" | "definitions");
        let wanted = on_the_way.contains(pointer.as_str());
        if wanted {
            prune(member, pointer, used && !definitions, nodes, on_the_way);
        }
        pointer.truncate(length);
        wanted || (used && !definitions) || (whole && !used)
    };
    match value {
        Value::Object(members) => members.retain(|name, member| keep(name, member)),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                // The others keep their places.
                if !keep(&index.to_string(), item) {
                    *item = Value::Bool(true);
                }
            }
        }
        _ => {}
    }
}

/// `pointer` as a URI fragment.
fn fragment(pointer: &str) -> String {
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
