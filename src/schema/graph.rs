//! A schema as a graph: which subschema applies which others, and to what.
//!
//! References are resolved by the `referencing` crate, the one that the validator itself uses, so
//! that both mean the same subschema. An edge that jsonschema would not follow (a keyword that an
//! older draft does not know, a sibling of `$ref`) may be here too: the limits in
//! [`bounds`](super::bounds) can only be stricter for it.

use std::collections::HashMap;

use serde_json::Value;

use super::measure::place;

/// One subschema.
pub(super) struct Node<'r> {
    pub schema: &'r Value,
    /// Subschemas applied to the same value (`allOf`, `$ref`, ...), as indices of nodes.
    pub same: Vec<u32>,
    /// How many of these stand inside the subschema; after them, `same` has what references lead to.
    pub inside: usize,
    /// Subschemas applied to parts of the value (`properties`, `items`, ...).
    pub parts: Vec<u32>,
    /// What its references lead to; these targets are in `same` too.
    pub references: Vec<Reference>,
    /// The schema document, or part with an own `$id`, that it lies in.
    pub resource: u32,
}

/// A resolved `$ref`, `$dynamicRef` or `$recursiveRef`.
pub(super) struct Reference {
    pub keyword: &'static str,
    pub target: u32,
    /// Whether it names an anchor, rather than a document or a pointer.
    pub(super) named: bool,
    /// Whether where it leads depends on how it was reached: there are several targets then, of
    /// which this is the one that the text itself names.
    pub dynamic: bool,
}

pub(super) struct Graph<'r> {
    pub nodes: Vec<Node<'r>>,
    /// How many resources there are, published ones included.
    pub resources: u32,
    pub(super) by_address: HashMap<usize, u32>,
}

/// The node number of a value, which lives as long as the document that it is in.
pub(super) fn address(schema: &Value) -> usize {
    std::ptr::from_ref(schema) as usize
}

impl<'r> Graph<'r> {
    /// The node that `schema` is, if it is one.
    pub fn find(&self, schema: &Value) -> Option<u32> {
        self.by_address.get(&address(schema)).copied()
    }

    /// The nodes, each after all that apply to the same value from it on.
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
        // Own stack: a chain of references may be as long as the schema.
        let mut stack: Vec<(usize, usize)> = Vec::new();
        for start in 0..self.nodes.len() {
            if states[start] == State::New {
                states[start] = State::Open;
                stack.push((start, 0));
            }
            while let Some((node, next)) = stack.last_mut() {
                let Some(&other) = self.nodes[*node].same.get(*next) else {
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
