//! The possible targets of `$dynamicRef` and `$recursiveRef`.
//!
//! The target depends on the path of references that a check has taken. The graph gets an edge to
//! each possible target, so that the limits hold for every path.

use std::collections::HashMap;

use serde_json::Value;

use super::graph::Graph;

/// The nodes with each `$dynamicAnchor`, and under "" those with `$recursiveAnchor: true`.
pub(super) type Anchored<'r> = HashMap<&'r str, Vec<u32>>;

/// Adds an edge from every dynamic reference to each node with the anchor that it names.
pub(super) fn link(graph: &mut Graph<'_>, anchored: &Anchored<'_>) {
    for index in 0..graph.nodes.len() {
        let mut more: Vec<u32> = Vec::new();
        for at in 0..graph.nodes[index].references.len() {
            let reference = &graph.nodes[index].references[at];
            let target = &graph.nodes[reference.target as usize].schema;
            let name = match reference.keyword {
                "$recursiveRef" => {
                    (target.get("$recursiveAnchor") == Some(&Value::Bool(true))).then_some("")
                }
                // jsonschema treats a `$ref` to a `$dynamicAnchor` as dynamic, too.
                _ if reference.named => target.get("$dynamicAnchor").and_then(Value::as_str),
                _ => None,
            };
            let candidates = name.and_then(|name| anchored.get(name));
            if let Some(candidates) = candidates.filter(|found| found.len() > 1) {
                let named = reference.target;
                more.extend(candidates.iter().filter(|&&other| other != named));
                graph.nodes[index].references[at].dynamic = true;
            }
        }
        graph.nodes[index].in_place.extend(more);
    }
}
