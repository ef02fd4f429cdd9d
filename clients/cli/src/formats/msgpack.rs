//! MessagePack as Python's libraries write it, as the JSON that a new client stores of the same values.
//!
//! rmpv reads the bytes. What JSON has no form for, each client has its own for, or none: see `Forms`.

use super::format::Refused;
use super::json::{DEEPEST, NOT_FINITE, NOT_UTF8, TOO_DEEP};
use rmpv::decode::{read_value_ref_with_max_depth, Error};
use rmpv::ValueRef;
use serde_json::{Map, Number, Value};

/// What a client stores of values for which JSON has no form.
pub trait Forms {
    /// Bytes.
    ///
    /// # Errors
    ///
    /// `Unstorable`, if the client stores none.
    fn bytes(&self, bytes: &[u8]) -> Result<Value, Refused>;

    /// A time with a time zone, as Unix seconds and nanoseconds below a second.
    ///
    /// # Errors
    ///
    /// `Unstorable`, if the client stores none.
    fn time(&self, seconds: i64, nanos: u32) -> Result<Value, Refused>;

    /// An object inside of the data.
    fn object(&self, members: Map<String, Value>) -> Value {
        Value::Object(members)
    }
}

const NOT_MSGPACK: Refused = Refused::NotASession("neither MessagePack nor JSON");

/// The levels that rmpv counts: two for each array or map, and three for a string in the innermost.
const LEVELS: usize = 2 * DEEPEST + 4;

/// The members of a map, and nothing behind it.
///
/// # Errors
///
/// `NotASession` for anything else; `Unstorable` for values that have no place in a session of the module.
pub fn object(bytes: &[u8], forms: &dyn Forms) -> Result<Map<String, Value>, Refused> {
    match value(bytes)? {
        ValueRef::Map(pairs) => members(pairs, forms, 1),
        _ => Err(Refused::NotASession("MessagePack, but no map")),
    }
}

/// The value of a MessagePack text, which has nothing behind it.
///
/// # Errors
///
/// `NotASession` for other bytes, `Unstorable` for too many levels.
pub fn value(bytes: &[u8]) -> Result<ValueRef<'_>, Refused> {
    let mut rest = bytes;
    let found = read_value_ref_with_max_depth(&mut rest, LEVELS).map_err(|error| match error {
        Error::DepthLimitExceeded => TOO_DEEP,
        _ => NOT_MSGPACK,
    })?;
    if rest.is_empty() {
        Ok(found)
    } else {
        Err(NOT_MSGPACK)
    }
}

/// The members of a map in JSON. `depth` counts the map itself and what is around it.
///
/// # Errors
///
/// `Unstorable`.
pub fn members(
    pairs: Vec<(ValueRef<'_>, ValueRef<'_>)>,
    forms: &dyn Forms,
    depth: usize,
) -> Result<Map<String, Value>, Refused> {
    let mut members = Map::with_capacity(pairs.len());
    for (key, value) in pairs {
        members.insert(name(key)?, json(value, forms, depth)?);
    }
    Ok(members)
}

fn json(value: ValueRef<'_>, forms: &dyn Forms, depth: usize) -> Result<Value, Refused> {
    Ok(match value {
        ValueRef::Nil => Value::Null,
        ValueRef::Boolean(value) => Value::Bool(value),
        ValueRef::Integer(value) => Value::Number(integer(value)),
        ValueRef::F32(value) => float(f64::from(value))?,
        ValueRef::F64(value) => float(value)?,
        ValueRef::String(text) => Value::from(text.as_str().ok_or(NOT_UTF8)?),
        ValueRef::Binary(bytes) => forms.bytes(bytes)?,
        ValueRef::Ext(-1, bytes) => {
            let (seconds, nanos) = time(bytes).ok_or(NOT_MSGPACK)?;
            forms.time(seconds, nanos)?
        }
        ValueRef::Ext(..) => return Err(Refused::Unstorable("a MessagePack extension")),
        ValueRef::Array(_) | ValueRef::Map(_) if depth == DEEPEST => return Err(TOO_DEEP),
        ValueRef::Array(items) => {
            let items = items.into_iter().map(|item| json(item, forms, depth + 1));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        ValueRef::Map(pairs) => forms.object(members(pairs, forms, depth + 1)?),
    })
}

/// The name of a member, as Python's `json` makes it of a key.
fn name(key: ValueRef<'_>) -> Result<String, Refused> {
    match key {
        ValueRef::String(text) => Ok(text.as_str().ok_or(NOT_UTF8)?.to_owned()),
        ValueRef::Integer(value) => Ok(value.to_string()),
        ValueRef::Nil => Ok("null".to_owned()),
        ValueRef::Boolean(value) => Ok(value.to_string()),
        _ => Err(Refused::Unstorable(
            "a name of a member that is no text and no whole number",
        )),
    }
}

fn integer(value: rmpv::Integer) -> Number {
    match (value.as_u64(), value.as_i64()) {
        (Some(value), _) => value.into(),
        (None, Some(value)) => value.into(),
        (None, None) => unreachable!("an integer of MessagePack has 64 bits"),
    }
}

fn float(value: f64) -> Result<Value, Refused> {
    Number::from_f64(value).map(Value::Number).ok_or(NOT_FINITE)
}

/// The three forms of the timestamp extension.
fn time(bytes: &[u8]) -> Option<(i64, u32)> {
    let (seconds, nanos) = match bytes.len() {
        4 => (i64::from(u32::from_be_bytes(bytes.try_into().ok()?)), 0),
        8 => {
            let both = u64::from_be_bytes(bytes.try_into().ok()?);
            ((both & 0x3_ffff_ffff) as i64, (both >> 34) as u32)
        }
        12 => {
            let (nanos, seconds) = bytes.split_at(4);
            let nanos = u32::from_be_bytes(nanos.try_into().ok()?);
            (i64::from_be_bytes(seconds.try_into().ok()?), nanos)
        }
        _ => return None,
    };
    (nanos < 1_000_000_000).then_some((seconds, nanos))
}

#[cfg(test)]
mod tests;
