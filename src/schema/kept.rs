//! Memory that compiled schemas never give back.
//!
//! jsonschema (0.61) lets what it collects for `unevaluatedProperties` and `unevaluatedItems` refer to
//! itself where references go in a circle, and then never frees it. That is some thirty times the text of
//! a schema each time it is compiled. Who may set schemas could fill the memory so. So the texts of such
//! schemas are added up, and when they have come to a limit, clients can set no more of them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::graph::{Graph, Subschema};

/// The most bytes of texts that may be compiled to what is never freed.
const MOST: u64 = 16 << 20;

/// The bytes of texts that were compiled to what may never be freed, for clients, since the process started.
/// Texts of a load do not count: each is compiled once, and `session.max-schemas-bytes` limited them when
/// they were set.
static COMPILED: AtomicU64 = AtomicU64::new(0);

/// Whether compiling this schema may take memory for good, even if that fails in the end.
pub(super) fn may_keep(graph: &Graph<'_>) -> bool {
    let collects = |node: &Subschema<'_>| {
        let keywords = ["unevaluatedProperties", "unevaluatedItems"];
        keywords.iter().any(|name| node.schema.get(name).is_some())
    };
    graph.nodes.iter().any(collects) && (is_dynamic(graph) || graph.has_circle())
}

/// Whether jsonschema may follow another edge than the graph has.
fn is_dynamic(graph: &Graph<'_>) -> bool {
    let mut references = graph.nodes.iter().flat_map(|node| &node.references);
    references.any(|reference| reference.dynamic)
}

/// Adds a text that was compiled for a client.
pub(super) fn add(bytes: usize) {
    COMPILED.fetch_add(bytes as u64, Relaxed);
}

/// Whether clients may set no more of such schemas.
pub(super) fn is_full() -> bool {
    COMPILED.load(Relaxed) >= MOST
}
