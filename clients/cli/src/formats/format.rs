//! What a format is: the keys and values that it is given, and the session that it makes of them.

use serde_json::{Map, Value};
use std::fmt;

/// How a store keeps the value of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In a string: GET.
    Text,
    /// In a hash: HGETALL.
    Hash,
}

/// A key of the source, as it was read.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Vec<u8>,
    pub value: Stored,
    /// Milliseconds until the server removes the key; `None` if it never does.
    pub left: Option<i64>,
    /// For a hash whose fields have times of their own: milliseconds until the field that `Format::field` names
    /// goes.
    pub field_left: Option<i64>,
}

#[derive(Clone, Debug)]
pub enum Stored {
    Text(Vec<u8>),
    Hash(Vec<Field>),
}

/// The name and the value of a field of a hash.
pub type Field = (Vec<u8>, Vec<u8>);

/// Longer values are refused unread: no session has so much, and reading takes many times the memory.
const LARGEST: usize = 64 << 20;
const TOO_LARGE: Refused = Refused::Unstorable("more than 64 MiB");

impl Entry {
    /// The value of a string.
    ///
    /// # Errors
    ///
    /// `NotASession` for a hash, `Unstorable` for a value that is too large.
    pub fn text(&self) -> Result<&[u8], Refused> {
        match &self.value {
            Stored::Text(text) if text.len() > LARGEST => Err(TOO_LARGE),
            Stored::Text(text) => Ok(text),
            Stored::Hash(_) => Err(Refused::NotASession("a hash")),
        }
    }

    /// The fields of a hash.
    ///
    /// # Errors
    ///
    /// `NotASession` for a string, `Unstorable` for values that are too large together.
    pub fn hash(&self) -> Result<&[Field], Refused> {
        match &self.value {
            Stored::Hash(fields) => {
                let bytes: usize = fields
                    .iter()
                    .map(|(name, value)| name.len() + value.len())
                    .sum();
                if bytes > LARGEST {
                    return Err(TOO_LARGE);
                }
                Ok(fields)
            }
            Stored::Text(_) => Err(Refused::NotASession("a string")),
        }
    }

    /// The value of a field of a hash.
    ///
    /// # Errors
    ///
    /// As `hash`, and `NotASession` with `missing` if there is no such field.
    pub fn field(&self, name: &str, missing: &'static str) -> Result<&[u8], Refused> {
        let fields = self.hash()?;
        let found = fields.iter().find(|(field, _)| field == name.as_bytes());
        found
            .map(|(_, value)| value.as_slice())
            .ok_or(Refused::NotASession(missing))
    }
}

/// From what the key of the new session follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// What the visitor's cookie holds, once the framework has checked its signature.
    Cookie(Vec<u8>),
    /// The SHA-256 of that, where the old store kept only it.
    Sha256([u8; 32]),
}

impl Id {
    /// The ID that stands in the key as the cookie has it; `None` for an empty one.
    pub fn cookie(text: &[u8]) -> Option<Id> {
        (!text.is_empty()).then(|| Id::Cookie(text.to_vec()))
    }
}

/// A session, in terms of the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Old {
    /// The data as the new client of the same framework stores it.
    pub data: Map<String, Value>,
    /// When it was created, Unix ms. `None` if the store does not say.
    pub created: Option<i64>,
    /// The idle timeout, which accesses renew.
    pub idle: Option<Idle>,
    /// Milliseconds until it ends, whatever is accessed.
    pub deadline_left: Option<i64>,
}

/// An idle timeout, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    pub timeout: i64,
    pub left: i64,
}

/// Why a key of the source is not moved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// A format that only its runtime can read, such as Python's pickle.
    Runtime(&'static str),
    /// The value is not what this store writes.
    NotASession(&'static str),
    /// A session, with a value that the new client of the same framework cannot store.
    Unstorable(&'static str),
    /// It is compressed by this.
    Compressed(&'static str),
    /// It is encrypted.
    Encrypted,
    /// Its time is over.
    Ended,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Runtime(format) => {
                write!(f, "{format}, which only its own runtime can read safely")
            }
            Refused::NotASession(why) => write!(f, "not a session of this store: {why}"),
            Refused::Unstorable(what) => write!(f, "cannot be stored: {what}"),
            Refused::Compressed(by) => write!(f, "compressed with {by}"),
            Refused::Encrypted => f.write_str("encrypted"),
            Refused::Ended => f.write_str("ended already"),
        }
    }
}

/// One kind of store.
pub trait Format: Send + Sync {
    /// What the store's keys begin with where its settings say nothing.
    fn default_prefix(&self) -> &'static str;

    /// How the values are kept.
    fn kept(&self) -> Kept {
        Kept::Text
    }

    /// For a hash whose fields expire: the field whose time is the idle timeout.
    fn field(&self) -> Option<&'static str> {
        None
    }

    /// The JSON Pointer of the member that names the user, where the framework itself puts it.
    fn user(&self) -> Option<&'static str> {
        None
    }

    /// The idle timeout, in milliseconds, that `read` takes where the data names none: the default of the store's
    /// setting. `None` if the data always says it.
    fn assumed_idle(&self) -> Option<i64> {
        None
    }

    /// The ID in the key, which is `prefix` and `rest`. `None` if the key is another thing of the same prefix: it is
    /// then passed over, and not counted as refused. Most stores keep the cookie's ID behind the prefix.
    fn id(&self, _prefix: &[u8], rest: &[u8]) -> Option<Id> {
        Id::cookie(rest)
    }

    /// Reads a session. `now` is the time of the source's server, Unix ms.
    ///
    /// # Errors
    ///
    /// What is there instead, without any of its content.
    fn read(&self, entry: &Entry, now: i64) -> Result<Old, Refused>;
}
