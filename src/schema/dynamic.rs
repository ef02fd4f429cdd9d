//! The targets that `$dynamicRef` and `$recursiveRef` may lead to.
//!
//! Which one it is depends on the path of references by which a check came there. The graph has an
//! edge to each of them, so that limits hold whatever the path is.

use std::collections::HashMap;

use serde_json::Value;

use super::graph::Graph;

/// Nodes by their `$dynamicAnchor`; those with `$recursiveAnchor: true` under "".
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
                // jsonschema takes a `$ref` to such an anchor as dynamic, too.
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
