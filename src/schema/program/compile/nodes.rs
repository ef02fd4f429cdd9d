//! The subschemas of one schema, and the work that is left for reading them.

use referencing::Draft;
use serde_json::{Map, Value};

use super::super::super::graph::Graph;
use super::super::super::keywords::INERT;
use super::sets::{Set, Sets};

/// The longest chain of references that is followed at once.
const MAX_REFERENCES: usize = 64;

/// The subschemas of one schema.
pub struct Nodes<'g, 'r> {
    pub graph: &'g Graph<'r>,
    pub draft: Draft,
    pub sets: Sets,
    /// The work that is left, in steps of some 100 ns. When it is gone, no more is known of anything.
    left: u64,
}

impl<'g, 'r> Nodes<'g, 'r> {
    pub fn new(graph: &'g Graph<'r>, draft: Draft, work: u64) -> Self {
        Self {
            graph,
            draft,
            sets: Sets::default(),
            left: work,
        }
    }

    /// Takes work from what is left. False if there is not enough.
    pub fn charge(&mut self, work: u64) -> bool {
        let left = self.left.checked_sub(work);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// Whether the draft is at least `draft`.
    pub fn is_from(&self, draft: Draft) -> bool {
        self.draft >= draft
    }

    /// The keywords of a subschema.
    pub fn keywords(&self, node: u32) -> Option<&'r Map<String, Value>> {
        self.graph.nodes[node as usize].schema.as_object()
    }

    /// The set of one subschema. A reference and nothing else is its target.
    pub fn set(&mut self, schema: &Value) -> Set {
        let mut schema = schema;
        for _ in 0..MAX_REFERENCES {
            match schema {
                Value::Bool(true) => return Set::ALL,
                Value::Bool(false) => return Set::NONE,
                Value::Object(keywords) if keywords.is_empty() => return Set::ALL,
                Value::Object(keywords) => {
                    let Some(node) = self.graph.find(schema) else {
                        return Set::UNSURE;
                    };
                    match self.only_target(node, keywords) {
                        Some(target) => schema = target,
                        None => return self.sets.one(node),
                    }
                }
                _ => return Set::UNSURE,
            }
        }
        Set::UNSURE
    }

    /// The set of the subschemas of both.
    pub fn both(&mut self, left: Set, right: Set) -> Set {
        let work = self.sets.list(left).len() + self.sets.list(right).len();
        match self.charge(work as u64 / 8) {
            true => self.sets.both(left, right),
            false => Set::UNSURE,
        }
    }

    /// The target of a reference that is all that a subschema says.
    fn only_target(&self, node: u32, keywords: &Map<String, Value>) -> Option<&'r Value> {
        let node = &self.graph.nodes[node as usize];
        let is_only = !self.is_from(Draft::Draft201909)
            || (keywords.keys()).all(|keyword| keyword == "$ref" || INERT.contains(&&**keyword));
        match &node.references[..] {
            [reference] if is_only && reference.keyword == "$ref" && !reference.dynamic => {
                let target = &self.graph.nodes[reference.target as usize];
                (node.draft == self.draft && target.draft == self.draft).then_some(target.schema)
            }
            _ => None,
        }
    }
}
