//! Plans the rule for an object: which subschemas apply to which members.

use std::collections::{BTreeMap, BTreeSet};

use referencing::Draft;

use super::super::rule::{Text, Types};
use super::nodes::Nodes;
use super::parts::{parts, Part};
use super::reader::Reader;
use super::sets::Set;
use super::shape::ObjectShape;
use super::texts::Texts;

/// The most members with bits of their own.
const MAX_BITS: usize = 64;

/// The most patterns of names: each reads a name once more.
const MAX_PATTERNS: usize = 8;

/// The most objects that one is divided into.
const MAX_MORE: usize = 4;

/// The work on a member: it takes about 150 bytes.
const MEMBER: u64 = 4;

/// What an object must be.
#[derive(Debug)]
pub struct ObjectPlan<'r> {
    pub min: u32,
    pub max: u32,
    pub members: Vec<MemberPlan<'r>>,
    pub required: u64,
    pub needs: Vec<(u64, u64)>,
    pub additional: Set,
    pub patterns: Vec<(u32, Set)>,
    pub names: Option<Text>,
    /// What the object must be too, which one rule cannot say.
    pub more: Vec<ObjectShape<'r>>,
}

/// A member that the schema names.
#[derive(Debug)]
pub struct MemberPlan<'r> {
    pub name: &'r str,
    pub set: Set,
    pub bit: u64,
}

/// Plans the rule for a shape; `None` if more is asked than is known.
pub fn plan<'r>(
    shape: &ObjectShape<'r>,
    reader: &mut Reader<'_, 'r>,
    texts: &mut Texts<'_, 'r>,
) -> Option<ObjectPlan<'r>> {
    let mut plan = ObjectPlan {
        min: shape.min,
        max: shape.max.unwrap_or(u32::MAX),
        members: Vec::new(),
        required: 0,
        needs: Vec::new(),
        additional: Set::ALL,
        patterns: Vec::new(),
        names: None,
        more: Vec::new(),
    };
    let parts = parts(shape, &mut reader.nodes, texts, &mut plan.more)?;
    plan.names = names(shape, reader, texts, &mut plan.max)?;
    let required = beyond_bits(shape, &mut plan.more);
    let mut mentioned: BTreeSet<&str> = shape.required.clone();
    mentioned.extend(
        shape
            .needs
            .iter()
            .flat_map(|&(name, needed)| [name, needed]),
    );
    for part in &parts {
        mentioned.extend(
            part.properties
                .iter()
                .flat_map(|map| map.keys().map(|name| &**name)),
        );
    }
    let bits = bits(&required, shape, &mentioned);
    let bit = |name: &str| bits.get(name).copied().unwrap_or(0);
    plan.required = required.iter().fold(0, |all, name| all | bit(name));
    for &(name, needed) in &shape.needs {
        let (name, needed) = (bit(name), bit(needed));
        if name == 0 || needed == 0 {
            return None;
        }
        plan.needs.push((name, needed));
    }
    for name in mentioned {
        let set = match &plan.names {
            Some(text) if !texts.allows(text, name) => Set::NONE,
            _ => member(name, &parts, &mut reader.nodes, texts)?,
        };
        let bit = bit(name);
        plan.members.push(MemberPlan { name, set, bit });
    }
    others(&mut plan, &parts, &mut reader.nodes);
    (plan.more.len() <= MAX_MORE && plan.patterns.len() <= MAX_PATTERNS).then_some(plan)
}

/// What names must be. `None` within if they may be anything, or must not be at all: `max` is 0 then.
fn names<'r>(
    shape: &ObjectShape<'r>,
    reader: &mut Reader<'_, 'r>,
    texts: &mut Texts<'_, 'r>,
    max: &mut u32,
) -> Option<Option<Text>> {
    if !reader.nodes.is_from(Draft::Draft6) {
        return Some(None);
    }
    let mut set = Set::ALL;
    for &node in &shape.parts {
        if let Some(schema) = reader.nodes.keywords(node)?.get("propertyNames") {
            let other = reader.nodes.set(schema);
            set = reader.nodes.both(set, other);
        }
    }
    let names = reader.shape(set);
    if !names.types.meet(Types::STRING) {
        *max = 0;
        return Some(None);
    }
    if names.unsure.meet(Types::STRING) || !names.choices.is_empty() {
        return None;
    }
    let text = texts.text(&names.text);
    match text.is_unsure {
        true => None,
        false => Some((!text.is_any()).then_some(text)),
    }
}

/// The required names that have bits; the others go to `more`.
fn beyond_bits<'r>(shape: &ObjectShape<'r>, more: &mut Vec<ObjectShape<'r>>) -> Vec<&'r str> {
    let all: Vec<&str> = shape.required.iter().copied().collect();
    let mut chunks = all.chunks(MAX_BITS);
    let first = chunks.next().unwrap_or_default().to_vec();
    more.extend(chunks.map(|chunk| ObjectShape {
        required: chunk.iter().copied().collect(),
        ..ObjectShape::default()
    }));
    first
}

/// The bits of members: first of those that are required, then of those that others need.
fn bits<'r>(
    required: &[&'r str],
    shape: &ObjectShape<'r>,
    mentioned: &BTreeSet<&'r str>,
) -> BTreeMap<&'r str, u64> {
    let needs = shape
        .needs
        .iter()
        .flat_map(|&(name, needed)| [name, needed]);
    let mut bits = BTreeMap::new();
    for name in required
        .iter()
        .copied()
        .chain(needs)
        .chain(mentioned.iter().copied())
    {
        let count = bits.len();
        if count == MAX_BITS {
            break;
        }
        bits.entry(name).or_insert(1 << count);
    }
    bits
}

/// What a member of this name must satisfy.
fn member<'r>(
    name: &'r str,
    parts: &[Part<'r>],
    nodes: &mut Nodes<'_, 'r>,
    texts: &Texts<'_, 'r>,
) -> Option<Set> {
    let mut set = Set::ALL;
    for part in parts {
        if !nodes.charge(MEMBER + part.patterns.len() as u64) {
            return None;
        }
        let property = part.properties.and_then(|properties| properties.get(name));
        let mut is_known = property.is_some();
        if let Some(schema) = property {
            let other = nodes.set(schema);
            set = nodes.both(set, other);
        }
        for &(pattern, other) in &part.patterns {
            if texts.matches(pattern, name) {
                is_known = true;
                set = nodes.both(set, other);
            }
        }
        if !is_known {
            set = nodes.both(set, part.additional);
        }
    }
    Some(set)
}

/// Plans for members that the schema does not name.
fn others<'r>(plan: &mut ObjectPlan<'r>, parts: &[Part<'r>], nodes: &mut Nodes<'_, 'r>) {
    let mut without_patterns = Set::ALL;
    for part in parts {
        plan.additional = nodes.both(plan.additional, part.additional);
        if part.patterns.is_empty() {
            without_patterns = nodes.both(without_patterns, part.additional);
        }
    }
    for &(pattern, set) in parts.iter().flat_map(|part| &part.patterns) {
        let set = nodes.both(set, without_patterns);
        plan.patterns.push((pattern, set));
    }
    if plan.patterns.iter().all(|&(_, set)| set == plan.additional) {
        plan.patterns.clear();
    }
}
