//! How a session is shown by every subcommand.

use crate::failure::Failure;
use crate::output::words;
use redis_session_client::Info;
use serde::Deserialize;
use serde_json::{json, Value};
use std::time::Duration;

/// The fields as the server has them: times in Unix ms, spans in ms.
pub fn document(info: &Info) -> Value {
    json!({
        "version": info.version,
        "created": info.created.0,
        "issued": info.issued.0,
        "accessed": info.accessed.0,
        "authenticated": info.authenticated.map(|time| time.0),
        "deadline": info.deadline.map(|time| time.0),
        "idle": info.idle.map(ms),
        "schema": info.schema,
        "user": info.user,
        "bytes": info.bytes,
        "ttl": info.ttl.map(ms),
    })
}

/// A span in whole milliseconds.
pub fn ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// Data as JSON: numbers as they are written, and members in their order. The server allows 128 levels, which is
/// one more than serde_json's own limit.
pub fn json(text: &str) -> Result<Value, Failure> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.disable_recursion_limit();
    Value::deserialize(&mut reader)
        .map_err(|_| Failure::new("the data is not JSON that this program can read"))
}

/// When it ends if nobody uses it, in words.
pub fn ends(info: &Info) -> String {
    match info.ttl {
        Some(left) => format!("in {}", words::duration(ms(left))),
        None => "never".to_owned(),
    }
}

/// The keys that a person may mean: what was typed, or the handle with the prefix before it.
pub fn keys(typed: &str, prefix: &str) -> Vec<String> {
    if typed.starts_with(prefix) {
        return vec![typed.to_owned()];
    }
    vec![typed.to_owned(), format!("{prefix}{typed}")]
}

/// Whether a key that expires in `left` ms is an old ID. A session lives no longer than its key; but an alias of a
/// session ends before the session does.
pub fn is_alias(left: i64, info: &Info) -> bool {
    info.ttl.is_none_or(|ttl| left < ms(ttl))
}
