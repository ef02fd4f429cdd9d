//! Plans the rule for an array: which subschemas apply to which elements.

use referencing::Draft;
use serde_json::Value;

use super::nodes::Nodes;
use super::sets::Set;
use super::shape::ArrayShape;

/// The most elements with a rule of their own.
const MAX_PREFIX: usize = 1024;

/// What an array must be.
#[derive(Debug)]
pub struct ArrayPlan {
    pub min: u32,
    pub max: u32,
    pub is_unique: bool,
    pub prefix: Vec<Set>,
    pub items: Set,
    /// Each demands that a number of elements satisfy a set.
    pub contains: Vec<ContainsPlan>,
}

impl Default for ArrayPlan {
    fn default() -> Self {
        Self {
            min: 0,
            max: u32::MAX,
            is_unique: false,
            prefix: Vec::new(),
            items: Set::ALL,
            contains: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct ContainsPlan {
    pub set: Set,
    pub min: u32,
    pub max: u32,
}

/// Plans the rule for a shape; `None` if more is asked than is known.
pub fn plan(shape: &ArrayShape, nodes: &mut Nodes<'_, '_>) -> Option<ArrayPlan> {
    let mut plan = ArrayPlan {
        min: shape.min,
        max: shape.max.unwrap_or(u32::MAX),
        is_unique: shape.is_unique,
        ..ArrayPlan::default()
    };
    for &node in &shape.parts {
        let (prefix, items) = elements(node, nodes)?;
        if prefix.len() > MAX_PREFIX || !nodes.charge(prefix.len() as u64) {
            return None;
        }
        let length = plan.prefix.len().max(prefix.len());
        plan.prefix.resize(length, plan.items);
        for (index, all) in plan.prefix.iter_mut().enumerate() {
            let other = prefix.get(index).copied().unwrap_or(items);
            *all = nodes.both(*all, other);
        }
        plan.items = nodes.both(plan.items, items);
        plan.contains.extend(contains(node, nodes)?);
    }
    // An element that can be nothing is one that must not be.
    if let Some(length) = plan.prefix.iter().position(|&set| set == Set::NONE) {
        plan.prefix.truncate(length);
        plan.items = Set::NONE;
    }
    if plan.items == Set::NONE {
        plan.max = plan.max.min(plan.prefix.len() as u32);
        plan.items = Set::ALL;
    }
    Some(plan)
}

/// The sets for the first elements, and that for all others.
fn elements(node: u32, nodes: &mut Nodes<'_, '_>) -> Option<(Vec<Set>, Set)> {
    let keywords = nodes.keywords(node)?;
    let (first, rest) = match (keywords.get("items"), nodes.draft) {
        (items, Draft::Draft202012) => {
            let first = match keywords.get("prefixItems") {
                Some(prefix) => &prefix.as_array()?[..],
                None => &[],
            };
            (first, items)
        }
        (Some(Value::Array(items)), _) => (&items[..], keywords.get("additionalItems")),
        (items, _) => (&[][..], items),
    };
    let first = first.iter().map(|schema| nodes.set(schema)).collect();
    let rest = rest.map_or(Set::ALL, |schema| nodes.set(schema));
    Some((first, rest))
}

/// What `contains` asks, if it does.
fn contains(node: u32, nodes: &mut Nodes<'_, '_>) -> Option<Option<ContainsPlan>> {
    let keywords = nodes.keywords(node)?;
    let Some(schema) = keywords.get("contains") else {
        return Some(None);
    };
    if !nodes.is_from(Draft::Draft6) {
        return Some(None);
    }
    let limit = |keyword, otherwise| match keywords.get(keyword) {
        Some(value) if nodes.is_from(Draft::Draft201909) => {
            let count = value.as_u64()?;
            Some(u32::try_from(count).unwrap_or(u32::MAX))
        }
        _ => Some(otherwise),
    };
    let (min, max) = (limit("minContains", 1)?, limit("maxContains", u32::MAX)?);
    let plan = ContainsPlan {
        set: nodes.set(schema),
        min,
        max,
    };
    Some((min > 0 || max < u32::MAX).then_some(plan))
}
