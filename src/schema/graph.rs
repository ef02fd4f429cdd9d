//! A schema as a graph: a node for each subschema, an edge for each subschema that it applies.
//!
//! References are resolved by the `referencing` crate, as jsonschema does, so that both find the
//! same target. The graph may hold an edge that jsonschema does not follow (a keyword that an older
//! draft lacks, a sibling of `$ref`). Limits that are checked on it are only stricter for that.

use std::collections::HashMap;

use referencing::Draft;
use serde_json::Value;

use super::pointer::place;

/// A node of the graph: one subschema and its edges. The number of a node is its index in
/// [`Graph::nodes`].
pub(super) struct Subschema<'r> {
    pub schema: &'r Value,
    /// Subschemas applied to the same value: first those nested in this one (`allOf`, `not`, ...),
    /// then the targets of its references.
    pub in_place: Vec<u32>,
    /// The number of nested subschemas at the beginning of `in_place`.
    pub nested: usize,
    /// Subschemas applied to members, member names or elements (`properties`, `items`, ...).
    pub children: Vec<u32>,
    /// Its references; the targets are in `in_place` too.
    pub references: Vec<Reference>,
    /// The number of the schema resource that it lies in: a document, or a part with its own `$id`.
    pub resource: u32,
    pub draft: Draft,
}

impl Subschema<'_> {
    /// The nodes to which its edges lead, of both kinds.
    fn edges(&self) -> impl Iterator<Item = usize> + '_ {
        let all = self.in_place.iter().chain(&self.children);
        all.map(|&to| to as usize)
    }
}

/// A resolved `$ref`, `$dynamicRef` or `$recursiveRef`.
pub(super) struct Reference {
    pub keyword: &'static str,
    /// The node that the text of the reference names.
    pub target: u32,
    /// Whether the text names an anchor, rather than a document or a pointer.
    pub named: bool,
    /// Whether jsonschema may choose another target, depending on the path of references to here.
    pub dynamic: bool,
}

/// A schema as a graph of its subschemas.
pub(super) struct Graph<'r> {
    pub nodes: Vec<Subschema<'r>>,
    /// The numbers of nodes by the address of their schema.
    by_address: HashMap<usize, u32>,
}

/// Identifies a value within a document that is not moved or changed.
fn address(schema: &Value) -> usize {
    std::ptr::from_ref(schema) as usize
}

impl<'r> Graph<'r> {
    pub fn empty() -> Self {
        Self {
            nodes: Vec::new(),
            by_address: HashMap::new(),
        }
    }

    /// Adds a node without edges. Returns its number.
    pub fn add(&mut self, schema: &'r Value, resource: u32, draft: Draft) -> u32 {
        let index = self.nodes.len() as u32;
        self.by_address.insert(address(schema), index);
        self.nodes.push(Subschema {
            schema,
            in_place: Vec::new(),
            nested: 0,
            children: Vec::new(),
            references: Vec::new(),
            resource,
            draft,
        });
        index
    }

    /// The number of the node for `schema`, if it is one.
    pub fn find(&self, schema: &Value) -> Option<u32> {
        self.by_address.get(&address(schema)).copied()
    }

    /// Whether a subschema leads to itself, by any edges.
    pub fn has_circle(&self) -> bool {
        // How many edges lead to each node. A node that none leads to is in no circle, and is taken away
        // with its own edges. What cannot be taken away so is in a circle, or behind one.
        let mut led_to = vec![0_usize; self.nodes.len()];
        for node in &self.nodes {
            node.edges().for_each(|to| led_to[to] += 1);
        }
        let mut free: Vec<usize> = (0..led_to.len()).filter(|&n| led_to[n] == 0).collect();
        let mut taken = 0;
        while let Some(node) = free.pop() {
            taken += 1;
            for to in self.nodes[node].edges() {
                led_to[to] -= 1;
                if led_to[to] == 0 {
                    free.push(to);
                }
            }
        }
        taken < self.nodes.len()
    }

    /// The nodes in topological order: each node after all nodes that it applies in place.
    ///
    /// # Errors
    ///
    /// A subschema applies itself to the same value again, so that checking it has no end.
    pub fn order(&self, root: &Value) -> Result<Vec<usize>, String> {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            New,
            Open,
            Done,
        }
        let mut states = vec![State::New; self.nodes.len()];
        let mut order = Vec::with_capacity(self.nodes.len());
        // No recursion: a chain of references may be as long as the schema.
        let mut stack: Vec<(usize, usize)> = Vec::new();
        for start in 0..self.nodes.len() {
            if states[start] == State::New {
                states[start] = State::Open;
                stack.push((start, 0));
            }
            while let Some((node, next)) = stack.last_mut() {
                let Some(&other) = self.nodes[*node].in_place.get(*next) else {
                    states[*node] = State::Done;
                    order.push(*node);
                    stack.pop();
                    continue;
                };
                *next += 1;
                let other = other as usize;
                match states[other] {
                    State::Done => {}
                    State::New => {
                        states[other] = State::Open;
                        stack.push((other, 0));
                    }
                    State::Open => {
                        return Err(format!(
                            "applies a subschema to a value and, through it, to the same value again \
                             without end; remove the circle of $ref (at {})",
                            place(root, self.nodes[other].schema)
                        ));
                    }
                }
            }
        }
        Ok(order)
    }
}
