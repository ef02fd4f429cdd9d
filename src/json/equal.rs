//! Equality as JSON Schema defines it (2020-12 core, section 4.2.2): numbers by mathematical value,
//! objects without the order of their members.
//!
//! Comparing and hashing burn fuel for each node, since one accessor of a validator can compare
//! whole trees.

use std::hash::{BuildHasher, Hash, Hasher};

use ahash::RandomState;
use jsonschema::json::cmp::equal_numbers;
use serde_json::Value as Tree;

use super::value::{Value, ValueKind};

/// Arrays of up to this many elements are compared pairwise.
const PAIRWISE: usize = 8;

/// Whether `value` equals `expected`, a value of a schema.
///
/// Recurses no deeper than `value` nests.
pub(super) fn equals_tree(value: Value<'_>, expected: &Tree) -> bool {
    let fuel = value.document.fuel();
    match expected {
        Tree::String(expected) => value.as_str().is_some_and(|string| {
            fuel.burn_bytes(string.len().min(expected.len()));
            string == expected
        }),
        Tree::Number(expected) => value.as_number().is_some_and(|number| {
            fuel.burn_bytes(number.text().len());
            equal_numbers(&number, expected)
        }),
        Tree::Object(expected) => {
            fuel.burn(1);
            let Some(mut members) = value.members() else {
                return false;
            };
            value.len() == expected.len()
                && members.all(|(name, member)| {
                    fuel.burn_bytes(name.len());
                    expected
                        .get(name)
                        .is_some_and(|expected| equals_tree(member, expected))
                })
        }
        Tree::Array(expected) => {
            fuel.burn(1);
            let Some(elements) = value.elements() else {
                return false;
            };
            value.len() == expected.len()
                && elements
                    .zip(expected)
                    .all(|(element, expected)| equals_tree(element, expected))
        }
        Tree::Bool(expected) => {
            fuel.burn(1);
            value.as_bool() == Some(*expected)
        }
        Tree::Null => {
            fuel.burn(1);
            value.is_null()
        }
    }
}

/// Whether two values, of one document or of two, are equal. Burns the fuel of the left one's
/// document.
pub(super) fn equal(left: Value<'_>, right: Value<'_>) -> bool {
    let fuel = left.document.fuel();
    fuel.burn(1);
    let kind = left.kind();
    if kind != right.kind() || left.len() != right.len() {
        return false;
    }
    match kind {
        ValueKind::Null => true,
        ValueKind::Boolean => left.as_bool() == right.as_bool(),
        ValueKind::Number => {
            fuel.burn_bytes(left.text().len() + right.text().len());
            left.as_number() == right.as_number()
        }
        ValueKind::String => {
            let (left, right) = (left.as_str(), right.as_str());
            fuel.burn_bytes(left.map_or(0, str::len));
            left == right
        }
        ValueKind::Array => {
            let pairs = left.elements().into_iter().flatten();
            let mut pairs = pairs.zip(right.elements().into_iter().flatten());
            pairs.all(|(left, right)| equal(left, right))
        }
        ValueKind::Object => {
            let mut members = left.members().into_iter().flatten();
            members.all(|(name, left)| {
                fuel.burn_bytes(name.len());
                right.get(name).is_some_and(|right| equal(left, right))
            })
        }
    }
}

/// A hash: the same for values that are [`equal`].
fn hash(value: Value<'_>, random: &RandomState) -> u64 {
    let fuel = value.document.fuel();
    fuel.burn(1);
    let mut hasher = random.build_hasher();
    let kind = value.kind();
    hasher.write_u8(kind as u8);
    match kind {
        ValueKind::Null => {}
        ValueKind::Boolean => value.as_bool().hash(&mut hasher),
        ValueKind::Number => {
            fuel.burn_bytes(value.text().len());
            value.as_number().hash(&mut hasher);
        }
        ValueKind::String => {
            let string = value.as_str();
            fuel.burn_bytes(string.map_or(0, str::len));
            string.hash(&mut hasher);
        }
        ValueKind::Array => {
            for element in value.elements().into_iter().flatten() {
                hasher.write_u64(hash(element, random));
            }
        }
        ValueKind::Object => {
            // A sum does not depend on the order of members.
            let mut sum: u64 = 0;
            for (name, member) in value.members().into_iter().flatten() {
                fuel.burn_bytes(name.len());
                sum = sum.wrapping_add(random.hash_one((name, hash(member, random))));
            }
            hasher.write_u64(sum);
        }
    }
    hasher.finish()
}

/// Whether no two elements of `array` are equal.
pub(super) fn is_unique(array: Value<'_>) -> bool {
    let Some(elements) = array.elements() else {
        return true;
    };
    if array.len() <= PAIRWISE {
        let mut rest = elements;
        while let Some(first) = rest.next() {
            if rest.clone().any(|other| equal(first, other)) {
                return false;
            }
        }
        return true;
    }
    // A random key, so that an attacker cannot write many elements that share a hash.
    let random = RandomState::new();
    let mut hashed: Vec<_> = elements
        .map(|element| (hash(element, &random), element.index))
        .collect();
    hashed.sort_unstable();
    hashed
        .chunk_by(|left, right| left.0 == right.0)
        .all(|group| {
            group.iter().enumerate().all(|(at, first)| {
                let others = &group[at + 1..];
                !others
                    .iter()
                    .any(|other| equal(array.at(first.1), array.at(other.1)))
            })
        })
}
