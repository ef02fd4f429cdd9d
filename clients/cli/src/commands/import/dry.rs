//! What an import would do with sessions, without doing it.

use super::plan::Plan;
use super::remote::Remote;
use super::replies::{denied, integer, refused, Outcome};
use super::session::{Left, Session};
use super::tally::Fate;
use crate::failure::Failure;
use redis::{cmd, Value};

/// The schemas of the target that have a prefix: its bytes, and the name.
#[derive(Default)]
pub struct PrefixSchemas(Vec<(Vec<u8>, String)>);

impl PrefixSchemas {
    /// Reads the reply of SESSION.SCHEMA LIST. What cannot be read is none.
    pub fn read(reply: &Value) -> PrefixSchemas {
        let Value::Array(schemas) = reply else {
            return PrefixSchemas::default();
        };
        let found = schemas.iter().filter_map(|schema| {
            let fields = match schema {
                Value::Array(parts) => parts
                    .chunks_exact(2)
                    .map(|pair| (&pair[0], &pair[1]))
                    .collect(),
                Value::Map(pairs) => pairs
                    .iter()
                    .map(|(name, value)| (name, value))
                    .collect::<Vec<_>>(),
                _ => return None,
            };
            let field = |wanted: &[u8]| {
                fields.iter().find_map(|pair| match pair {
                    (Value::BulkString(name), Value::BulkString(value)) if name == wanted => {
                        Some(value)
                    }
                    _ => None,
                })
            };
            let name = String::from_utf8(field(b"name")?.clone()).ok()?;
            Some((field(b"prefix")?.clone(), name))
        });
        PrefixSchemas(found.collect())
    }

    /// The schema that a session with this key takes by itself.
    fn of(&self, key: &str) -> Option<&str> {
        let matching = self
            .0
            .iter()
            .filter(|(prefix, _)| key.as_bytes().starts_with(prefix));
        let longest = matching.max_by_key(|(prefix, _)| prefix.len());
        longest.map(|(_, name)| name.as_str())
    }
}

/// What would become of each.
pub async fn fates(
    plan: &Plan,
    target: &Remote,
    prefixes: &PrefixSchemas,
    sessions: &[Session],
) -> Result<Vec<Fate>, Failure> {
    let answers = target
        .send(
            sessions,
            |session| session.key.as_bytes(),
            2,
            |session, _, to| {
                to.push(cmd("EXISTS").arg(&session.key).take());
                match plan.schema.as_deref().or_else(|| prefixes.of(&session.key)) {
                    Some(schema) => {
                        let check = &mut cmd("SESSION.SCHEMA");
                        to.push(check.arg("CHECK").arg(schema).arg(&session.data).take());
                    }
                    // A second reply for each, whatever it is.
                    None => to.push(cmd("EXISTS").arg(&session.key).take()),
                }
            },
        )
        .await?;
    answers
        .iter()
        .map(|answer| {
            for reply in &answer.replies {
                if let Some(failure) = denied(reply, "the target") {
                    return Err(failure);
                }
            }
            if answer
                .replies
                .first()
                .and_then(integer)
                .is_some_and(|count| count > 0)
            {
                return Ok(Fate::There);
            }
            match answer.replies.get(1) {
                Some(Value::ServerError(error)) => Ok(match refused(error)? {
                    Outcome::Left(Left::Because(why)) => Fate::Refused(why),
                    _ => Fate::Moved,
                }),
                _ => Ok(Fate::Moved),
            }
        })
        .collect()
}
