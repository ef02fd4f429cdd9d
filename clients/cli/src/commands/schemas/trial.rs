//! Whether a server takes a schema, and whether data satisfies it, without anybody seeing the schema.
//!
//! Only the server has the rules by which it compiles. So the schema is registered under a name that nobody has,
//! used, and removed in one transaction: no other client can run a command between, and if the connection breaks,
//! nothing has happened. A user without the right to MULTI gets the same commands without a transaction; the name is
//! then seen for a moment, and no session takes it, because it has no prefix.

use super::folder::Schema;
use crate::failure::Failure;
use crate::server::{refused, Node};
use redis::{pipe, ServerError, Value};
use redis_session_client::{Json, Sessions};
use std::hash::{BuildHasher, RandomState};

/// What came of it.
pub enum Verdict {
    /// For each text of data the reason why it is refused, or `None`.
    Accepted(Vec<Option<redis_session_client::Error>>),
    /// The server's words.
    Refused(String),
}

/// A name that no schema has.
fn name() -> String {
    let random = |n: u64| RandomState::new().hash_one(n);
    format!("sessionctl-trial-{:016x}{:016x}", random(1), random(2))
}

/// Tries a schema, with data to check against it.
pub async fn attempt(node: &Node, schema: &Schema, data: &[String]) -> Result<Verdict, Failure> {
    let sessions = Sessions::unconnected();
    let schemas = sessions.schema();
    let name = name();
    let mut set = schemas.set(&name, Json(&schema.text));
    if schema.settings.assertformat {
        set = set.assert_format();
    }
    let mut commands = pipe();
    commands.cmd("MULTI");
    commands.add_command(set.to_cmd()?);
    for text in data {
        commands.add_command(schemas.check(&name, Json(text)).to_cmd()?);
    }
    commands.add_command(schemas.delete([&name]).to_cmd()?);
    commands.cmd("EXEC");
    let mut replies = node.pipeline(&commands).await?;
    let last = replies.pop().unwrap_or(Value::Nil);
    let in_transaction = !matches!(replies.first(), Some(Value::ServerError(_)));
    let results = if in_transaction {
        match last {
            Value::Array(results) => results,
            Value::ServerError(error) => {
                // EXECABORT says less than the reply to the command that was not queued.
                let first = replies.iter().find_map(|reply| match reply {
                    Value::ServerError(error) => Some(error),
                    _ => None,
                });
                return refusal(node, first.unwrap_or(&error));
            }
            _ => {
                return Err(Failure::new(format!(
                    "{node} gave a reply to EXEC that cannot be read"
                )))
            }
        }
    } else {
        replies.split_off(1)
    };
    let mut results = results.into_iter();
    if let Some(Value::ServerError(error)) = results.next() {
        return refusal(node, &error);
    }
    let checks = results.take(data.len()).map(|reply| match reply {
        Value::ServerError(error) => Some(redis::RedisError::from(error).into()),
        _ => None,
    });
    Ok(Verdict::Accepted(checks.collect()))
}

/// A schema that is refused is an answer. A right that is missing, or a server that takes no writes, is none.
fn refusal(node: &Node, error: &ServerError) -> Result<Verdict, Failure> {
    let said = error.details().unwrap_or_default();
    match error.code() {
        "BADSCHEMA" => Ok(Verdict::Refused(said.to_owned())),
        // The registry is full: even a schema that would replace another cannot be tried.
        "ERR" | "ResponseError" if said.contains("session.max-schemas") => Ok(Verdict::Refused(
            format!("{said}; so there is no room to try one: raise the limit on this node"),
        )),
        "ERR" | "ResponseError" if !said.starts_with("unknown command") => {
            Ok(Verdict::Refused(said.to_owned()))
        }
        _ => Err(refused(node.address(), error)),
    }
}
