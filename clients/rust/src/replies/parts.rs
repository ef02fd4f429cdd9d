//! The parts that replies are made of.

use crate::Error;
use redis::Value;

/// The reply to a command, or the error that the server sent in its place.
pub(crate) fn checked(reply: Value) -> Result<Value, Error> {
    match reply.extract_error()? {
        Value::Attribute { data, .. } => Ok(*data),
        reply => Ok(reply),
    }
}

pub(crate) fn text(value: Value, command: &'static str) -> Result<String, Error> {
    optional_text(value, command)?.ok_or(Error::UnexpectedReply { command })
}

/// A text, or nil. Bytes that are not UTF-8, which only keys can have, become replacement characters.
pub(crate) fn optional_text(value: Value, command: &'static str) -> Result<Option<String>, Error> {
    match value {
        Value::BulkString(bytes) => {
            Ok(Some(String::from_utf8(bytes).unwrap_or_else(|error| {
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            })))
        }
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Ok(Some(text)),
        Value::Nil => Ok(None),
        _ => Err(Error::UnexpectedReply { command }),
    }
}

pub(crate) fn integer(value: Value, command: &'static str) -> Result<i64, Error> {
    match value {
        Value::Int(n) => Ok(n),
        _ => Err(Error::UnexpectedReply { command }),
    }
}

/// A count or a version, which is never negative.
pub(crate) fn count(value: Value, command: &'static str) -> Result<u64, Error> {
    u64::try_from(integer(value, command)?).map_err(|_| Error::UnexpectedReply { command })
}

pub(crate) fn array(value: Value, command: &'static str) -> Result<Vec<Value>, Error> {
    match value {
        Value::Array(values) => Ok(values),
        _ => Err(Error::UnexpectedReply { command }),
    }
}

/// A map, which RESP2 sends as a flat array.
pub(crate) fn map(value: Value, command: &'static str) -> Result<Vec<(Value, Value)>, Error> {
    match value {
        Value::Map(pairs) => Ok(pairs),
        value => {
            let mut values = array(value, command)?.into_iter();
            let mut pairs = Vec::new();
            while let Some(name) = values.next() {
                let value = values.next().ok_or(Error::UnexpectedReply { command })?;
                pairs.push((name, value));
            }
            Ok(pairs)
        }
    }
}

/// `OK`.
pub(crate) fn okay(value: Value, command: &'static str) -> Result<(), Error> {
    match value {
        Value::Okay => Ok(()),
        _ => Err(Error::UnexpectedReply { command }),
    }
}

/// Whether NX has created the key: its name, or nil.
pub(crate) fn made(value: Value, command: &'static str) -> Result<bool, Error> {
    Ok(optional_text(value, command)?.is_some())
}
