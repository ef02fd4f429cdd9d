//! What one subschema costs when it is compiled and when it runs, as far as the fuel of a
//! [`Document`](crate::json::Document) cannot see it.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::pattern::{self, Pattern};
use crate::json::ReadingCost;

/// Keywords that apply other subschemas to the same value and do not look at it themselves.
const FORWARDING: [&str; 11] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "extends",
    "$ref",
    "$dynamicRef",
    "$recursiveRef",
];

/// Keywords that say nothing about the value.
pub(super) const SILENT: [&str; 17] = [
    "$schema",
    "$id",
    "id",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$comment",
    "$defs",
    "definitions",
    "$vocabulary",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
];

/// Adds what matching `pattern` costs to `cost`.
fn add(cost: &mut ReadingCost, pattern: Pattern) {
    cost.base = cost.base.saturating_add(pattern.base);
    cost.per_16_bytes = cost.per_16_bytes.saturating_add(pattern.per_16_bytes);
}

/// What one subschema holds itself, without those that it applies.
#[derive(Debug, Clone, Default)]
pub(super) struct Own {
    /// Whether checking a value begins with looking at it, which burns fuel.
    pub looks: bool,
    /// Names under `properties` and `required`.
    pub names: u64,
    /// Values under `enum` and `const`.
    pub values: u64,
    /// Each string that reaches its `pattern` or `format`.
    pub strings: ReadingCost,
    /// Each member of an object that reaches its `patternProperties` and `properties`.
    pub members: ReadingCost,
}

/// Weighs patterns, each text once.
pub(super) struct Patterns<'r> {
    known: HashMap<&'r str, Pattern>,
    credit: u64,
    /// States of all patterns together.
    pub states: u64,
}

impl<'r> Patterns<'r> {
    pub fn new() -> Self {
        Self {
            known: HashMap::new(),
            credit: pattern::CREDIT,
            states: 0,
        }
    }

    /// The weight of a pattern.
    ///
    /// # Errors
    ///
    /// It is too large by itself, or with those before it.
    pub fn weigh(&mut self, text: &'r str) -> Result<Pattern, String> {
        if let Some(&known) = self.known.get(text) {
            return Ok(known);
        }
        let weight = pattern::weigh(text, &mut self.credit);
        if weight.states > pattern::MAX_STATES {
            return Err(
                "has a pattern that is too large; use a shorter one with smaller repetitions"
                    .to_owned(),
            );
        }
        // Compiling takes about as long as 50 states even for the smallest.
        self.states = self.states.saturating_add(weight.states + 50);
        // Here and not at the end: weighing them all would take as long as compiling them.
        if self.states > pattern::MAX_ALL_STATES {
            return Err("has too many or too large patterns; use fewer, smaller ones".to_owned());
        }
        self.known.insert(text, weight);
        Ok(weight)
    }
}

impl Own {
    pub fn of<'r>(schema: &'r Value, patterns: &mut Patterns<'r>) -> Result<Own, String> {
        let mut own = Own::default();
        let Value::Object(keywords) = schema else {
            return Ok(own);
        };
        for (keyword, value) in keywords {
            let keyword = keyword.as_str();
            if FORWARDING.contains(&keyword) || SILENT.contains(&keyword) {
                continue;
            }
            own.looks = true;
            match (keyword, value) {
                ("properties", Value::Object(properties)) => {
                    own.names += properties.len() as u64;
                    own.members.base += fullest_bucket(properties);
                }
                ("required", Value::Array(names)) => own.names += names.len() as u64,
                ("enum", Value::Array(values)) => own.values += values.len() as u64,
                ("const", _) => own.values += 1,
                ("pattern", Value::String(text)) => add(&mut own.strings, patterns.weigh(text)?),
                ("patternProperties", Value::Object(properties)) => {
                    for text in properties.keys() {
                        add(&mut own.members, patterns.weigh(text)?);
                    }
                }
                ("format", Value::String(format)) => add(&mut own.strings, format_cost(format)),
                ("contentMediaType" | "contentEncoding", _) => add(&mut own.strings, CONTENT),
                _ => {}
            }
        }
        Ok(own)
    }
}

/// Decoding and parsing a string once more.
const CONTENT: Pattern = Pattern {
    states: 0,
    base: 40,
    per_16_bytes: 64,
};

fn format_cost(format: &str) -> Pattern {
    let (base, per_16_bytes) = match format {
        // The string is parsed as a pattern, or normalised.
        "regex" | "idn-hostname" | "idn-email" => (200, 256),
        _ => (16, 32),
    };
    Pattern {
        states: 0,
        base,
        per_16_bytes,
    }
}

/// How many names jsonschema compares a member's name with at worst.
///
/// From 15 names on it sorts them into buckets, by their length and first and last eight bytes,
/// multiplied by the best of four constants (`NameBuckets` in its `properties.rs`). Names can be
/// chosen to fall into one bucket.
fn fullest_bucket(properties: &Map<String, Value>) -> u64 {
    if properties.len() < 15 {
        return 0;
    }
    const SEEDS: [u64; 4] = [
        0x9e37_79b9_7f4a_7c15,
        0xc2b2_ae3d_27d4_eb4f,
        0x1656_67b1_9e37_79f9,
        0xd6e8_feb8_6659_fd93,
    ];
    let bits = properties.len().next_power_of_two().trailing_zeros() + 1;
    let folds: Vec<u64> = properties
        .keys()
        .map(|name| fold(name.as_bytes()))
        .collect();
    let mut sizes = vec![0u32; 1 << bits];
    let (mut fewest, mut fullest) = (u64::MAX, 0);
    for seed in SEEDS {
        sizes.fill(0);
        let mut compares = 0;
        for fold in &folds {
            let size = &mut sizes[(fold.wrapping_mul(seed) >> (64 - bits)) as usize];
            compares += 2 * u64::from(*size) + 1;
            *size += 1;
        }
        if compares < fewest {
            fewest = compares;
            fullest = sizes.iter().copied().max().unwrap_or(0);
        }
    }
    u64::from(fullest)
}

fn fold(name: &[u8]) -> u64 {
    let word = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0u64, |word, &byte| word << 8 | u64::from(byte))
    };
    let length = name.len();
    let (first, last) = match length {
        8.. => (word(&name[..8]), word(&name[length - 8..])),
        4.. => (word(&name[..4]), word(&name[length - 4..])),
        _ => (word(name), 0),
    };
    first ^ last.rotate_left(32) ^ length as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn own(schema: Value) -> Own {
        // Leaked: the weights borrow from the schema.
        let schema: &'static Value = Box::leak(Box::new(schema));
        Own::of(schema, &mut Patterns::new()).unwrap()
    }

    #[test]
    fn only_assertions_look_at_the_value() {
        assert!(!own(json!({})).looks);
        assert!(!own(json!(true)).looks);
        assert!(!own(json!({"title": "x", "allOf": [{}], "$ref": "#/$defs/a"})).looks);
        assert!(own(json!({"type": "string"})).looks);
        assert!(own(json!({"properties": {}})).looks);
    }

    #[test]
    fn names_that_share_a_bucket_are_counted() {
        let same: Map<String, Value> = (0..1000)
            .map(|n| (format!("abcdefgh{n:08}stuvwxyz"), json!(true)))
            .collect();
        assert_eq!(fullest_bucket(&same), 1000);
        let different: Map<String, Value> = (0..1000)
            .map(|n| (format!("name{n}"), json!(true)))
            .collect();
        assert!(fullest_bucket(&different) < 100);
    }

    #[test]
    fn every_pattern_of_pattern_properties_counts_for_a_member() {
        let properties: Map<String, Value> = (0..100)
            .map(|n| (format!("a{n}|b{n}+"), json!(true)))
            .collect();
        assert!(own(json!({"patternProperties": properties})).members.base >= 1000);
    }
}
