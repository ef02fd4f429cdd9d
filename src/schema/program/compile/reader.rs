//! Reads subschemas into shapes: the keywords that apply subschemas to the same value.

use std::collections::HashMap;
use std::rc::Rc;

use referencing::Draft;
use serde_json::{Map, Value};

use super::super::rule::Types;
use super::assertions::{self, Source};
use super::nodes::Nodes;
use super::sets::Set;
use super::shape::{Choice, Shape};
use super::union::{union, Among};

/// Reads the subschemas of one schema.
pub struct Reader<'g, 'r> {
    pub nodes: Nodes<'g, 'r>,
    shapes: HashMap<Set, Rc<Shape<'r>>>,
}

impl<'g, 'r> Reader<'g, 'r> {
    pub fn new(nodes: Nodes<'g, 'r>) -> Self {
        Self {
            nodes,
            shapes: HashMap::new(),
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
            set => match &*self.nodes.sets.list(set) {
                [node] => self.read(*node),
                nodes => {
                    let mut shape = Shape::of(Types::ALL);
                    for &node in nodes {
                        let set = self.nodes.sets.one(node);
                        let other = self.shape(set);
                        shape.and(&other);
                    }
                    shape
                }
            },
        };
        let shape = match self.nodes.charge(shape.size()) {
            true => shape,
            false => Shape::unsure(),
        };
        let shape = Rc::new(shape);
        self.shapes.insert(set, Rc::clone(&shape));
        shape
    }

    fn read(&mut self, node: u32) -> Shape<'r> {
        let subschema = &self.nodes.graph.nodes[node as usize];
        let Some(keywords) = subschema.schema.as_object() else {
            return Shape::unsure();
        };
        if subschema.draft != self.nodes.draft || !self.nodes.charge(keywords.len() as u64) {
            return Shape::unsure();
        }
        let mut shape = Shape::of(Types::ALL);
        for reference in &subschema.references {
            if reference.keyword != "$ref" || reference.dynamic {
                return Shape::unsure();
            }
            let target = self
                .nodes
                .set(self.nodes.graph.nodes[reference.target as usize].schema);
            shape.and(&self.shape(target));
        }
        if keywords.contains_key("$ref") {
            if subschema.references.is_empty() {
                return Shape::unsure();
            }
            if !self.nodes.is_from(Draft::Draft201909) {
                return shape;
            }
        }
        let source = Source {
            node,
            draft: self.nodes.draft,
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
                    let set = self.nodes.set(schema);
                    shape.and(&self.shape(set));
                }
            }
            "anyOf" => self.choose(shape, value, Among::Any)?,
            "oneOf" => self.choose(shape, value, Among::One)?,
            "not" => {
                let set = self.nodes.set(value);
                let not = self.shape(set);
                match not.is_types() {
                    true => shape.types = shape.types.without(not.types),
                    false => shape.choices.push(Choice::Not(set)),
                }
            }
            "if" if self.nodes.is_from(Draft::Draft7) => {
                let mut branch =
                    |keyword| keywords.get(keyword).map(|schema| self.nodes.set(schema));
                let then = branch("then").unwrap_or(Set::ALL);
                let otherwise = branch("else").unwrap_or(Set::ALL);
                if then != Set::ALL || otherwise != Set::ALL {
                    shape.choices.push(Choice::If {
                        condition: self.nodes.set(value),
                        then,
                        otherwise,
                    });
                }
            }
            "dependentSchemas" if self.nodes.is_from(Draft::Draft201909) => {
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
        let mut sets: Vec<Set> = alternatives.map(|schema| self.nodes.set(schema)).collect();
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
            if !self.nodes.charge(work / 8) {
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
                    let set = self.nodes.set(schema);
                    if set != Set::ALL {
                        shape.choices.push(Choice::Dependent(name, set));
                    }
                }
            }
        }
        Some(())
    }
}
