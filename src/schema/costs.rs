//! The costs of one subschema beyond reading the data.
//!
//! Each read of a [`Document`](crate::json::Document) burns fuel by itself. Matching a pattern, or
//! looking up a name in a table, works on a string after it was read, so that work is weighed here.

use serde_json::{Map, Value};

use super::keywords::{FORWARDING, INERT};
use super::patterns::Patterns;
use super::pointer::push_token;
use crate::json::ReadingCost;

/// The least number of names under `properties` that jsonschema sorts into buckets.
const BUCKETS_FROM: usize = 15;

/// The costs of one subschema, without the subschemas that it applies.
#[derive(Debug, Clone, Default)]
pub(super) struct SubschemaCost {
    /// Whether a check reads the value, which burns fuel, before it does anything else.
    pub reads: bool,
    /// The number of names under `properties` and `required`.
    pub names: u64,
    /// The number of values under `enum` and `const`.
    pub values: u64,
    /// The cost of each string that is matched with `pattern` or `format`.
    pub strings: ReadingCost,
    /// The cost of each member that is matched with `patternProperties` and `properties`.
    pub members: ReadingCost,
}

impl SubschemaCost {
    /// The cost of `schema`; its patterns are weighed by `patterns`.
    ///
    /// # Errors
    ///
    /// A pattern is refused: the reason as [`Patterns`] gives it, and the pointer to the pattern
    /// from `schema` on.
    pub fn of<'r>(
        schema: &'r Value,
        patterns: &mut Patterns<'r>,
    ) -> Result<Self, (String, String)> {
        let mut cost = Self::default();
        let Value::Object(keywords) = schema else {
            return Ok(cost);
        };
        for (keyword, value) in keywords {
            let keyword = keyword.as_str();
            if FORWARDING.contains(&keyword) || INERT.contains(&keyword) {
                continue;
            }
            cost.reads = true;
            match (keyword, value) {
                ("properties", Value::Object(properties)) => {
                    cost.names += properties.len() as u64;
                    cost.members.base += fullest_bucket(properties);
                }
                ("required", Value::Array(names)) => cost.names += names.len() as u64,
                ("enum", Value::Array(values)) => cost.values += values.len() as u64,
                ("const", _) => cost.values += 1,
                ("pattern", Value::String(text)) => {
                    let reading = patterns.of_string(text);
                    add(
                        &mut cost.strings,
                        reading.map_err(|why| (why, "/pattern".into()))?,
                    );
                }
                ("patternProperties", Value::Object(properties)) => {
                    for text in properties.keys() {
                        let reading = patterns.of_member(text);
                        let place = || {
                            let mut place = "/patternProperties".to_owned();
                            push_token(&mut place, text);
                            place
                        };
                        add(&mut cost.members, reading.map_err(|why| (why, place()))?);
                    }
                }
                ("format", Value::String(format)) => add(&mut cost.strings, format_cost(format)),
                _ => {}
            }
        }
        Ok(cost)
    }
}

fn add(sum: &mut ReadingCost, cost: ReadingCost) {
    sum.base = sum.base.saturating_add(cost.base);
    sum.per_16_bytes = sum.per_16_bytes.saturating_add(cost.per_16_bytes);
}

fn format_cost(format: &str) -> ReadingCost {
    let (base, per_16_bytes) = match format {
        // The string is parsed as a pattern, or normalised.
        "regex" | "idn-hostname" | "idn-email" => (200, 256),
        _ => (16, 32),
    };
    ReadingCost { base, per_16_bytes }
}

/// The size of the fullest bucket: at worst jsonschema compares a member's name with all names in
/// it. 0 without buckets, because the fuel of a step covers so few comparisons.
///
/// jsonschema (`NameBuckets` in its `properties.rs`) chooses a bucket by the length and the first and
/// last eight bytes of a name, multiplied by the best of four constants. The names of a schema can
/// be chosen so that they all fall into one bucket.
fn fullest_bucket(properties: &Map<String, Value>) -> u64 {
    if properties.len() < BUCKETS_FROM {
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

/// The hash of a name by which its bucket is chosen (`KeyHead::fold` in jsonschema).
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

    fn cost(schema: Value) -> SubschemaCost {
        SubschemaCost::of(&schema, &mut Patterns::new()).unwrap()
    }

    #[test]
    fn only_assertions_read_the_value() {
        assert!(!cost(json!({})).reads);
        assert!(!cost(json!(true)).reads);
        assert!(!cost(json!({"title": "x", "allOf": [{}], "$ref": "#/$defs/a"})).reads);
        assert!(cost(json!({"type": "string"})).reads);
        assert!(cost(json!({"properties": {}})).reads);
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
        assert!(cost(json!({"patternProperties": properties})).members.base >= 1000);
    }
}
