//! Reads subschemas into shapes: the keywords that apply subschemas to the same value.

use std::collections::HashMap;
use std::rc::Rc;

use referencing::Draft;
use serde_json::{Map, Value};

use super::super::super::graph::Graph;
use super::super::super::keywords::INERT;
use super::super::rule::Types;
use super::assertions::{self, Source};
use super::sets::{Set, Sets};
use super::shape::{Choice, Shape};
use super::union::{union, Among};

/// The longest chain of references that is followed at once.
const MAX_REFERENCES: usize = 64;

/// Reads the subschemas of one schema.
pub struct Reader<'g, 'r> {
    graph: &'g Graph<'r>,
    pub draft: Draft,
    sets: Sets,
    shapes: HashMap<Set, Rc<Shape<'r>>>,
    /// The work that is left, in steps of some 100 ns. When it is gone, no more is known of anything.
    left: u64,
}

impl<'g, 'r> Reader<'g, 'r> {
    pub fn new(graph: &'g Graph<'r>, draft: Draft, work: u64) -> Self {
        Self {
            graph,
            draft,
            sets: Sets::default(),
            shapes: HashMap::new(),
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
                (target.draft == node.draft).then_some(target.schema)
            }
            _ => None,
        }
    }

    /// What the subschemas of a set say of a value.
    pub fn shape(&mut self, set: Set) -> Rc<Shape<'r>> {
        if let Some(known) = self.shapes.get(&set) {
            return Rc::clone(known);
        }
        let shape = match set {
            Set::ALL => Shape::of(Types::ALL),
            Set::NONE => Shape::of(Types::NONE),
            Set::UNSURE => Shape::unsure(),
            set => match &*self.sets.list(set) {
                [node] => self.read(*node),
                nodes => {
                    let mut shape = Shape::of(Types::ALL);
                    for &node in nodes {
                        let set = self.sets.one(node);
                        let other = self.shape(set);
                        shape.and(&other);
                    }
                    shape
                }
            },
        };
        let shape = match self.charge(shape.size()) {
            true => shape,
            false => Shape::unsure(),
        };
        let shape = Rc::new(shape);
        self.shapes.insert(set, Rc::clone(&shape));
        shape
    }

    fn read(&mut self, node: u32) -> Shape<'r> {
        let subschema = &self.graph.nodes[node as usize];
        let Some(keywords) = subschema.schema.as_object() else {
            return Shape::unsure();
        };
        if subschema.draft != self.draft || !self.charge(keywords.len() as u64) {
            return Shape::unsure();
        }
        let mut shape = Shape::of(Types::ALL);
        for reference in &subschema.references {
            if reference.keyword != "$ref" || reference.dynamic {
                return Shape::unsure();
            }
            let target = self.set(self.graph.nodes[reference.target as usize].schema);
            shape.and(&*self.shape(target));
        }
        if keywords.contains_key("$ref") {
            if subschema.references.is_empty() {
                return Shape::unsure();
            }
            if !self.is_from(Draft::Draft201909) {
                return shape;
            }
        }
        let source = Source {
            node,
            draft: self.draft,
            keywords,
        };
        for (keyword, value) in keywords {
            let known = match assertions::read(&mut shape, source, keyword, value) {
                Some(false) => self.combine(&mut shape, keywords, keyword, value),
                known => known.map(|_| ()),
            };
            if known.is_none() {
                return Shape::unsure();
            }
        }
        shape
    }

    /// Adds what a keyword asks that applies subschemas to the same value. `None` if it has a value that is
    /// not known here.
    fn combine(
        &mut self,
        shape: &mut Shape<'r>,
        keywords: &'r Map<String, Value>,
        keyword: &str,
        value: &'r Value,
    ) -> Option<()> {
        match keyword {
            "allOf" => {
                for schema in value.as_array()? {
                    let set = self.set(schema);
                    shape.and(&*self.shape(set));
                }
            }
            "anyOf" => self.choose(shape, value, Among::Any)?,
            "oneOf" => self.choose(shape, value, Among::One)?,
            "not" => {
                let set = self.set(value);
                let not = self.shape(set);
                match not.is_types() {
                    true => shape.types = shape.types.without(not.types),
                    false => shape.choices.push(Choice::Not(set)),
                }
            }
            "if" if self.is_from(Draft::Draft7) => {
                let mut branch = |keyword| keywords.get(keyword).map(|schema| self.set(schema));
                let then = branch("then").unwrap_or(Set::ALL);
                let otherwise = branch("else").unwrap_or(Set::ALL);
                if then != Set::ALL || otherwise != Set::ALL {
                    shape.choices.push(Choice::If {
                        condition: self.set(value),
                        then,
                        otherwise,
                    });
                }
            }
            "dependentSchemas" if self.is_from(Draft::Draft201909) => {
                self.dependencies(shape, value)?;
            }
            // jsonschema knows it in all drafts.
            "dependencies" => self.dependencies(shape, value)?,
            // No draft knows other keywords, or this one does not.
            _ => {}
        }
        Some(())
    }

    fn choose(&mut self, shape: &mut Shape<'r>, value: &Value, among: Among) -> Option<()> {
        let alternatives = value.as_array()?.iter();
        let mut sets: Vec<Set> = alternatives.map(|schema| self.set(schema)).collect();
        sets.retain(|&set| set != Set::NONE);
        if among == Among::Any {
            if sets.contains(&Set::ALL) {
                return Some(());
            }
            // Equal alternatives next to each other, as `dedup` removes, are not worth more care.
            sets.dedup();
        }
        let shapes: Vec<_> = sets.iter().map(|&set| self.shape(set)).collect();
        let mut joined = Some(Shape::of(Types::NONE));
        let mut types = Types::NONE;
        for other in &shapes {
            types = types.or(other.types);
            joined = joined.and_then(|joined| union(&joined, other, among));
            let work = joined.as_ref().map_or(0, Shape::size);
            if !self.charge(work / 8) {
                return None;
            }
        }
        match (&shapes[..], joined) {
            // All that it says, which may include choices.
            ([only], _) => shape.and(only),
            (_, Some(joined)) => shape.and(&joined),
            (_, None) => {
                shape.types = shape.types.and(types);
                shape.choices.push(match among {
                    Among::Any => Choice::Any(sets),
                    Among::One => Choice::One(sets),
                });
            }
        }
        Some(())
    }

    fn dependencies(&mut self, shape: &mut Shape<'r>, value: &'r Value) -> Option<()> {
        for (name, dependency) in value.as_object()? {
            match dependency {
                Value::Array(names) => assertions::needs(shape, name, names)?,
                schema => {
                    let set = self.set(schema);
                    if set != Set::ALL {
                        shape.choices.push(Choice::Dependent(name, set));
                    }
                }
            }
        }
        Some(())
    }
}
