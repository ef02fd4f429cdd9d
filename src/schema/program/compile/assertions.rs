//! Reads the keywords that apply no subschemas to the same value.

use std::collections::BTreeSet;

use referencing::Draft;
use serde_json::{Map, Value};

use super::super::rule::{Bound, Types};
use super::decimal::integer;
use super::shape::{NumberShape, Shape};

/// The greatest divisor by which jsonschema divides integers exactly.
const MAX_DIVISOR: i64 = 1 << 53;

/// A bound that no number of at most 18 digits is beyond.
const FAR: i64 = 999_999_999_999_999_999;

/// A subschema whose keywords are read.
#[derive(Clone, Copy)]
pub struct Source<'r> {
    /// Its number in the graph.
    pub node: u32,
    pub draft: Draft,
    pub keywords: &'r Map<String, Value>,
}

/// Adds what a keyword asks. Returns whether it is one of these keywords; `None` if its value is not known
/// here.
pub fn read<'r>(
    shape: &mut Shape<'r>,
    source: Source<'r>,
    keyword: &str,
    value: &'r Value,
) -> Option<bool> {
    let Source { node, draft, .. } = source;
    match keyword {
        "type" => shape.types = shape.types.and(types(value)?),
        "enum" => one_of(shape, value.as_array()?),
        "const" if draft >= Draft::Draft6 => one_of(shape, std::slice::from_ref(value)),
        "minLength" => raise(&mut shape.text.min, value)?,
        "maxLength" => lower(&mut shape.text.max, value)?,
        "pattern" => {
            shape.text.patterns.insert(value.as_str()?);
        }
        "format" => {
            shape.text.formats.insert(value.as_str()?);
        }
        "minItems" => raise(&mut shape.array.min, value)?,
        "maxItems" => lower(&mut shape.array.max, value)?,
        "uniqueItems" => shape.array.is_unique |= value.as_bool()?,
        // Keywords that only work beside these are read with them.
        "items" | "prefixItems" | "contains" => part(&mut shape.array.parts, node),
        "minProperties" => raise(&mut shape.object.min, value)?,
        "maxProperties" => lower(&mut shape.object.max, value)?,
        "required" => {
            for name in value.as_array()? {
                shape.object.required.insert(name.as_str()?);
            }
        }
        "properties" | "patternProperties" | "additionalProperties" | "propertyNames" => {
            part(&mut shape.object.parts, node);
        }
        "dependentRequired" if draft >= Draft::Draft201909 => {
            for (name, names) in value.as_object()? {
                needs(shape, name, names.as_array()?)?;
            }
        }
        "unevaluatedProperties" if draft >= Draft::Draft201909 => {
            shape.unsure = shape.unsure.or(Types::OBJECT);
        }
        "unevaluatedItems" if draft >= Draft::Draft201909 => {
            shape.unsure = shape.unsure.or(Types::ARRAY);
        }
        _ => return number(&mut shape.number, source, keyword, value),
    }
    Some(true)
}

/// Adds what a keyword for numbers asks.
fn number(
    shape: &mut NumberShape,
    source: Source<'_>,
    keyword: &str,
    value: &Value,
) -> Option<bool> {
    // In draft 4 a bound is exclusive if `true` stands beside it.
    let beside = |keyword| source.keywords.get(keyword) == Some(&Value::Bool(true));
    let (is_lower, is_exclusive) = match (keyword, source.draft) {
        ("minimum", Draft::Draft4) => (true, beside("exclusiveMinimum")),
        ("maximum", Draft::Draft4) => (false, beside("exclusiveMaximum")),
        ("exclusiveMinimum" | "exclusiveMaximum", Draft::Draft4) => return Some(true),
        ("minimum", _) => (true, false),
        ("maximum", _) => (false, false),
        ("exclusiveMinimum", _) => (true, true),
        ("exclusiveMaximum", _) => (false, true),
        ("multipleOf", _) => {
            match integer(value.as_number()?) {
                Some(factor @ 1..=MAX_DIVISOR) => shape.multiple(factor),
                _ => shape.is_unsure = true,
            }
            return Some(true);
        }
        _ => return Some(false),
    };
    let number = value.as_number()?;
    let far = || {
        let is_harmless = number.as_f64()? < 0.0;
        (is_harmless == is_lower).then_some(Bound {
            digits: if is_lower { -FAR } else { FAR },
            scale: 0,
            is_exclusive: false,
        })
    };
    let is_whole = number.is_i64() || number.is_u64();
    let bound = Bound::new(number, is_exclusive).or_else(|| is_whole.then(far)?);
    match bound {
        Some(bound) if is_lower => shape.at_least(bound),
        Some(bound) => shape.at_most(bound),
        None => shape.is_unsure = true,
    }
    Some(true)
}

/// Demands the members `names` where there is one of the name `name`. `None` if they are no names.
pub fn needs<'r>(shape: &mut Shape<'r>, name: &'r str, names: &'r [Value]) -> Option<()> {
    for needed in names {
        shape.object.needs.insert((name, needed.as_str()?));
    }
    Some(())
}

fn types(value: &Value) -> Option<Types> {
    let names = match value {
        Value::Array(names) => &names[..],
        name => std::slice::from_ref(name),
    };
    let mut types = Types::NONE;
    for name in names {
        types = types.or(match name.as_str()? {
            "null" => Types::NULL,
            "boolean" => Types::BOOLEAN,
            "integer" => Types::INTEGER,
            "number" => Types::NUMBER,
            "string" => Types::STRING,
            "array" => Types::ARRAY,
            "object" => Types::OBJECT,
            _ => return None,
        });
    }
    Some(types)
}

/// Allows only some values. Of those that are objects, arrays or fractions only the type is kept.
fn one_of<'r>(shape: &mut Shape<'r>, values: &'r [Value]) {
    let mut only = Shape::of(Types::NONE);
    let mut add = |types: Types| only.types = only.types.or(types);
    let mut strings = BTreeSet::new();
    let mut integers = BTreeSet::new();
    let mut has_fractions = false;
    let mut unsure = Types::NONE;
    for value in values {
        match value {
            Value::Null => add(Types::NULL),
            Value::Bool(false) => add(Types::FALSE),
            Value::Bool(true) => add(Types::TRUE),
            Value::String(string) => {
                add(Types::STRING);
                strings.insert(&**string);
            }
            Value::Number(number) => {
                // 1.0 is equal to 1, and not an integer in draft 4.
                add(Types::NUMBER);
                match integer(number) {
                    Some(integer) if !number.is_f64() => {
                        integers.insert(integer);
                    }
                    _ => has_fractions = true,
                }
            }
            Value::Array(_) => unsure = unsure.or(Types::ARRAY),
            Value::Object(_) => unsure = unsure.or(Types::OBJECT),
        }
    }
    add(unsure);
    only.unsure = unsure;
    only.text.one_of = Some(strings);
    match has_fractions {
        true => only.number.is_unsure = true,
        false => only.number.one_of = Some(integers),
    }
    shape.and(&only);
}

/// A length or a number of elements. A greater one than any text can have is as good as the greatest.
fn count(value: &Value) -> Option<u32> {
    let number = value.as_number()?;
    let whole = number.as_u64().or_else(|| {
        let float = number.as_f64()?;
        (float >= 0.0 && float.fract() == 0.0).then_some(float as u64)
    })?;
    Some(u32::try_from(whole).unwrap_or(u32::MAX))
}

fn raise(min: &mut u32, value: &Value) -> Option<()> {
    *min = (*min).max(count(value)?);
    Some(())
}

fn lower(max: &mut Option<u32>, value: &Value) -> Option<()> {
    let count = count(value)?;
    *max = Some(max.map_or(count, |max| max.min(count)));
    Some(())
}

fn part(parts: &mut Vec<u32>, node: u32) {
    if !parts.contains(&node) {
        parts.push(node);
    }
}
