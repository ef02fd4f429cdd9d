//! What the replies of the server say.

use crate::call::{Call, NewKey};
use crate::data::{Data, Serial};
use crate::history::Outcome;
use serde::{Deserialize, Serialize};
use support::Value;

/// A live session as a read shows it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub version: i64,
    /// Whether it has a user. None for LIST, which shows only sessions that have.
    pub has_user: Option<bool>,
    /// None for INFO, which shows no data.
    pub data: Option<Data>,
}

/// What a reply says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// The key of the session that was written.
    Key(String),
    /// The version after the write.
    Version(i64),
    /// How many sessions it was.
    Count(i64),
    /// What POP took.
    Taken(Vec<Option<Serial>>),
    Seen(Seen),
    /// nil: no live session for a read; for NX, an existing key.
    Nil,
    List(Vec<(String, Seen)>),
    NoSession,
    Conflict,
    TooMany,
    OtherUser,
    Stale,
}

/// The codes of errors by which a server says that it did not run the command.
const REFUSALS: [&str; 13] = [
    "LOADING",
    "READONLY",
    "MASTERDOWN",
    "MISCONF",
    "NOREPLICAS",
    "OOM",
    "BUSY",
    "TRYAGAIN",
    "CLUSTERDOWN",
    "MOVED",
    "ASK",
    "CROSSSLOT",
    "UNBLOCKED",
];

impl Call {
    /// What a reply of the server to this command says.
    pub fn outcome(&self, reply: &Value) -> Outcome {
        let unexpected = || Outcome::Unexpected(reply.to_string());
        if let Some(line) = reply.error() {
            return self.error(line).unwrap_or_else(unexpected);
        }
        self.done(reply).map_or_else(unexpected, Outcome::Done)
    }

    fn error(&self, line: &str) -> Option<Outcome> {
        let code = line.split(' ').next().unwrap_or_default();
        // In a cluster whose nodes do not know their slots for a moment.
        if REFUSALS.contains(&code) || line.starts_with("ERR CLUSTER NODES does not answer") {
            return Some(Outcome::Refused(code.into()));
        }
        use Call::*;
        let reply = match (code, self) {
            ("NOSESSION", Replace { .. } | Patch { .. } | Pop { .. } | Rotate { .. }) => {
                Reply::NoSession
            }
            ("CONFLICT", Replace { version, .. }) if version.is_some() => Reply::Conflict,
            ("CONFLICT", Patch { version, test, .. }) if version.is_some() || test.is_some() => {
                Reply::Conflict
            }
            ("TOOMANY", Create { .. } | Rotate { .. }) => Reply::TooMany,
            ("OTHERUSER", Rotate { login, .. }) if login.is_some() => Reply::OtherUser,
            ("STALE", Verify { fresh: true, .. }) => Reply::Stale,
            _ => return None,
        };
        Some(Outcome::Done(reply))
    }

    fn done(&self, reply: &Value) -> Option<Reply> {
        use Call::*;
        match (self, reply) {
            (Create { key, .. } | Rotate { new: key, .. }, Value::Nil) => {
                matches!(key, NewKey::Own(_)).then_some(Reply::Nil)
            }
            (Create { key, .. } | Rotate { new: key, .. }, _) => {
                let named = text(reply)?;
                let fits = match key {
                    NewKey::Own(key) => named == *key,
                    NewKey::Made(stem) => named.starts_with(stem.as_str()),
                };
                fits.then_some(Reply::Key(named))
            }
            (Replace { key, .. }, _) => {
                let named = text(reply)?;
                (named == *key).then_some(Reply::Key(named))
            }
            (Patch { .. }, Value::Int(version)) => Some(Reply::Version(*version)),
            (Pop { members, .. }, _) => {
                let values: Vec<&Value> = match reply {
                    Value::Array(items) if members.len() > 1 => items.iter().collect(),
                    one if members.len() == 1 => vec![one],
                    _ => return None,
                };
                let values: Option<Vec<_>> = values.into_iter().map(serial).collect();
                Some(Reply::Taken(values.filter(|v| v.len() == members.len())?))
            }
            (Delete { .. } | Revoke { .. } | Touch { .. }, Value::Int(n)) => Some(Reply::Count(*n)),
            (Get { .. } | Verify { .. } | Info { .. }, Value::Nil) => Some(Reply::Nil),
            (Get { .. } | Verify { .. }, Value::Array(parts)) => {
                let [Value::Array(fields), data] = parts.as_slice() else {
                    return None;
                };
                let [Value::Int(version), user] = fields.as_slice() else {
                    return None;
                };
                Some(Reply::Seen(Seen {
                    version: *version,
                    has_user: Some(!user.is_nil()),
                    data: Some(data_of(data)?),
                }))
            }
            (Info { .. }, Value::Array(flat)) => {
                let field = |name: &str| {
                    let mut pairs = flat.chunks_exact(2);
                    Some(&pairs.find(|kv| text(&kv[0]).as_deref() == Some(name))?[1])
                };
                let Value::Int(version) = field("version")? else {
                    return None;
                };
                Some(Reply::Seen(Seen {
                    version: *version,
                    has_user: Some(!field("user")?.is_nil()),
                    data: None,
                }))
            }
            (List { .. }, Value::Array(sessions)) => {
                let sessions: Option<Vec<_>> = sessions.iter().map(listed).collect();
                Some(Reply::List(sessions?))
            }
            _ => None,
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Bulk(bytes) => String::from_utf8(bytes.clone()).ok(),
        _ => None,
    }
}

/// A serial, none for nil; no reply of POP otherwise.
fn serial(value: &Value) -> Option<Option<Serial>> {
    match value {
        Value::Nil => Some(None),
        value => Some(Some(text(value)?.parse().ok()?)),
    }
}

fn data_of(value: &Value) -> Option<Data> {
    match value {
        Value::Bulk(bytes) => Data::parse(bytes),
        _ => None,
    }
}

fn listed(entry: &Value) -> Option<(String, Seen)> {
    let Value::Array(parts) = entry else {
        return None;
    };
    let [key, Value::Array(fields), data] = parts.as_slice() else {
        return None;
    };
    let [Value::Int(version)] = fields.as_slice() else {
        return None;
    };
    let seen = Seen {
        version: *version,
        has_user: None,
        data: Some(data_of(data)?),
    };
    Some((text(key)?, seen))
}
