//! Stores that keep each member of a session as a text of its own, which is JSON.

use super::format::Refused;
use super::json;
use serde_json::{Map, Value};

/// The members with the values of their texts.
///
/// # Errors
///
/// `NotASession` if a member is no text of JSON; `Unstorable` for what the module does not take.
pub fn values(members: Map<String, Value>) -> Result<Map<String, Value>, Refused> {
    let value = |(name, value)| match value {
        Value::String(text) => {
            // One level is that of the object around it.
            let value = json::nested(text.as_bytes(), 1)?;
            Ok((name, value))
        }
        _ => Err(Refused::NotASession("a member that is no JSON text")),
    };
    members.into_iter().map(value).collect()
}
