//! What single subschemas say of the members of an object.

use serde_json::{Map, Value};

use super::nodes::Nodes;
use super::sets::Set;
use super::shape::ObjectShape;
use super::texts::Texts;

/// What one subschema says of members.
pub struct Part<'r> {
    pub properties: Option<&'r Map<String, Value>>,
    pub patterns: Vec<(u32, Set)>,
    pub additional: Set,
}

/// The subschemas as parts. Those whose patterns cannot stand beside others go to `more`.
pub fn parts<'r>(
    shape: &ObjectShape<'r>,
    nodes: &mut Nodes<'_, 'r>,
    texts: &mut Texts<'_, 'r>,
    more: &mut Vec<ObjectShape<'r>>,
) -> Option<Vec<Part<'r>>> {
    let mut parts: Vec<Part<'r>> = Vec::new();
    for &node in &shape.parts {
        let part = part(node, nodes, texts)?;
        // A name that matches no pattern of one part may match one of another, and must satisfy what is
        // additional to the first one then.
        let stands_alone = |other: &Part<'_>| {
            !part.patterns.is_empty()
                && !other.patterns.is_empty()
                && (part.additional != Set::ALL || other.additional != Set::ALL)
        };
        if parts.iter().any(stands_alone) {
            more.push(ObjectShape {
                parts: vec![node],
                ..ObjectShape::default()
            });
        } else {
            parts.push(part);
        }
    }
    Some(parts)
}

fn part<'r>(node: u32, nodes: &mut Nodes<'_, 'r>, texts: &mut Texts<'_, 'r>) -> Option<Part<'r>> {
    let keywords = nodes.keywords(node)?;
    let properties = match keywords.get("properties") {
        Some(properties) => Some(properties.as_object()?),
        None => None,
    };
    let additional = keywords.get("additionalProperties");
    let additional = additional.map_or(Set::ALL, |schema| nodes.set(schema));
    let mut patterns = Vec::new();
    if let Some(map) = keywords.get("patternProperties") {
        for (pattern, schema) in map.as_object()? {
            let set = nodes.set(schema);
            if set != Set::ALL || additional != Set::ALL {
                patterns.push((texts.automaton(pattern)?, set));
            }
        }
    }
    Some(Part {
        properties,
        patterns,
        additional,
    })
}
