//! What a set of subschemas says of a value, type by type, before tables are made of it.
//!
//! The subschemas of members and elements are not read here: a shape holds the numbers of the subschemas
//! that describe them. So a shape is small, and two can be joined without reading what is below.

use std::collections::BTreeSet;

use super::super::rule::{Bound, Types};
use super::sets::Set;

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape<'r> {
    pub types: Types,
    /// Types of which more is asked than is known here.
    pub unsure: Types,
    pub text: TextShape<'r>,
    pub number: NumberShape,
    pub array: ArrayShape,
    pub object: ObjectShape<'r>,
    pub choices: Vec<Choice<'r>>,
}

/// What a string must be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TextShape<'r> {
    pub min: u32,
    pub max: Option<u32>,
    pub one_of: Option<BTreeSet<&'r str>>,
    pub patterns: BTreeSet<&'r str>,
    pub formats: BTreeSet<&'r str>,
    pub is_unsure: bool,
}

/// What a number must be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NumberShape {
    pub min: Option<Bound>,
    pub max: Option<Bound>,
    pub one_of: Option<BTreeSet<i64>>,
    pub multiple_of: Option<i64>,
    pub is_unsure: bool,
}

/// What an array must be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArrayShape {
    pub min: u32,
    pub max: Option<u32>,
    pub is_unique: bool,
    /// The subschemas with keywords for elements.
    pub parts: Vec<u32>,
}

/// What an object must be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ObjectShape<'r> {
    pub min: u32,
    pub max: Option<u32>,
    pub required: BTreeSet<&'r str>,
    /// If the first member is there, the second must be.
    pub needs: BTreeSet<(&'r str, &'r str)>,
    /// The subschemas with keywords for members.
    pub parts: Vec<u32>,
}

/// What a value must satisfy too.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice<'r> {
    Any(Vec<Set>),
    One(Vec<Set>),
    Not(Set),
    If {
        condition: Set,
        then: Set,
        otherwise: Set,
    },
    /// An object with a member of this name must satisfy the set.
    Dependent(&'r str, Set),
}

impl<'r> Shape<'r> {
    /// The shape of all values of some types.
    pub fn of(types: Types) -> Self {
        Self {
            types,
            unsure: Types::NONE,
            text: TextShape::default(),
            number: NumberShape::default(),
            array: ArrayShape::default(),
            object: ObjectShape::default(),
            choices: Vec::new(),
        }
    }

    /// The shape of which nothing is known.
    pub fn unsure() -> Self {
        Self {
            unsure: Types::ALL,
            ..Self::of(Types::ALL)
        }
    }

    /// Whether it asks no more than a type.
    pub fn is_types(&self) -> bool {
        *self == Self::of(self.types)
    }

    /// How much work it is to copy it.
    pub fn size(&self) -> u64 {
        let sizes = [
            self.text.one_of.as_ref().map_or(0, BTreeSet::len),
            self.number.one_of.as_ref().map_or(0, BTreeSet::len),
            self.text.patterns.len() + self.text.formats.len(),
            self.object.required.len() + self.object.needs.len(),
            self.object.parts.len() + self.array.parts.len(),
            self.choices.iter().map(Choice::size).sum(),
        ];
        1 + sizes.iter().sum::<usize>() as u64
    }

    /// Adds what another shape asks.
    pub fn and(&mut self, other: &Self) {
        self.types = self.types.and(other.types);
        self.unsure = self.unsure.or(other.unsure);
        self.text.and(&other.text);
        self.number.and(&other.number);
        self.array.and(&other.array);
        self.object.and(&other.object);
        for choice in &other.choices {
            if !self.choices.contains(choice) {
                self.choices.push(choice.clone());
            }
        }
    }
}

impl Choice<'_> {
    fn size(&self) -> usize {
        match self {
            Self::Any(sets) | Self::One(sets) => sets.len(),
            _ => 2,
        }
    }
}

impl TextShape<'_> {
    fn and(&mut self, other: &Self) {
        self.min = self.min.max(other.min);
        self.max = least(self.max, other.max);
        common(&mut self.one_of, &other.one_of);
        self.patterns.extend(&other.patterns);
        self.formats.extend(&other.formats);
        self.is_unsure |= other.is_unsure;
    }
}

impl NumberShape {
    fn and(&mut self, other: &Self) {
        if let Some(min) = other.min {
            self.at_least(min);
        }
        if let Some(max) = other.max {
            self.at_most(max);
        }
        common(&mut self.one_of, &other.one_of);
        if let Some(factor) = other.multiple_of {
            self.multiple(factor);
        }
        self.is_unsure |= other.is_unsure;
    }

    pub fn at_least(&mut self, bound: Bound) {
        if self.min.is_none_or(|min| bound.is_above(min)) {
            self.min = Some(bound);
        }
    }

    pub fn at_most(&mut self, bound: Bound) {
        if self.max.is_none_or(|max| bound.is_below(max)) {
            self.max = Some(bound);
        }
    }

    /// Demands a multiple of `factor`, which is positive.
    pub fn multiple(&mut self, factor: i64) {
        match self.multiple_of {
            Some(other) if other % factor == 0 => {}
            Some(other) if factor % other != 0 => self.is_unsure = true,
            _ => self.multiple_of = Some(factor),
        }
    }
}

impl ArrayShape {
    fn and(&mut self, other: &Self) {
        self.min = self.min.max(other.min);
        self.max = least(self.max, other.max);
        self.is_unique |= other.is_unique;
        join(&mut self.parts, &other.parts);
    }
}

impl ObjectShape<'_> {
    fn and(&mut self, other: &Self) {
        self.min = self.min.max(other.min);
        self.max = least(self.max, other.max);
        self.required.extend(&other.required);
        self.needs.extend(&other.needs);
        join(&mut self.parts, &other.parts);
    }
}

fn least(left: Option<u32>, right: Option<u32>) -> Option<u32> {
    match (left, right) {
        (None, other) | (other, None) => other,
        (Some(left), Some(right)) => Some(left.min(right)),
    }
}

/// The values that both allow.
fn common<T: Ord + Copy>(left: &mut Option<BTreeSet<T>>, right: &Option<BTreeSet<T>>) {
    match (left, right) {
        (Some(left), Some(right)) => left.retain(|value| right.contains(value)),
        (left @ None, right) => left.clone_from(right),
        (_, None) => {}
    }
}

fn join(left: &mut Vec<u32>, right: &[u32]) {
    for part in right {
        if !left.contains(part) {
            left.push(*part);
        }
    }
}
