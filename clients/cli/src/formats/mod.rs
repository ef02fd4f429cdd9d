//! What other session stores keep in Redis, as data and times. Pure: no server, no file.
//!
//! A format says which keys are its sessions, and reads one. Nothing here unpickles or otherwise builds objects:
//! what only another language's runtime can read is refused by name.

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
    /// For a hash whose fields have times of their own: milliseconds until the first field that the format
    /// names in `Format::field` goes.
    pub field_left: Option<i64>,
}

#[derive(Clone, Debug)]
pub enum Stored {
    Text(Vec<u8>),
    Hash(Vec<(Vec<u8>, Vec<u8>)>),
}

/// From what the key of the new session follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// What the visitor's cookie holds, once the framework has checked its signature.
    Cookie(Vec<u8>),
    /// The SHA-256 of that, where the old store kept only it.
    Sha256([u8; 32]),
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
    fn kept(&self) -> Kept;

    /// For a hash whose fields expire: the field whose time is the idle timeout.
    fn field(&self) -> Option<&'static str> {
        None
    }

    /// The ID in the key behind the prefix. `None` if the key is another thing of the same prefix: it is then
    /// passed over, and not counted as refused.
    fn id(&self, rest: &[u8]) -> Option<Id>;

    /// Reads a session. `now` is the time of the source's server, Unix ms.
    ///
    /// # Errors
    ///
    /// What is there instead, without any of its content.
    fn read(&self, entry: &Entry, now: i64) -> Result<Old, Refused>;
}

/// The key of the new session: `<prefix>t` and 32 hex digits of the hash of the ID, as the clients compute it
/// from a cookie. In a cluster the first four of these digits are the hash tag.
pub fn key_of(prefix: &str, id: &Id, cluster: bool) -> String {
    use sha2::{Digest, Sha256};
    let hash = match id {
        Id::Cookie(text) => data_encoding::HEXLOWER.encode(&Sha256::digest(text)),
        Id::Sha256(hash) => data_encoding::HEXLOWER.encode(hash),
    };
    let (tag, id) = (&hash[..4], &hash[..32]);
    if cluster {
        format!("{prefix}{{{tag}}}:t{id}")
    } else {
        format!("{prefix}t{id}")
    }
}

#[cfg(test)]
mod tests {
    use super::{key_of, Id};

    #[test]
    fn the_key_is_that_of_the_clients() {
        let id = Id::Cookie(b"abc".to_vec());
        assert_eq!(
            key_of("session:", &id, false),
            "session:tba7816bf8f01cfea414140de5dae2223"
        );
        assert_eq!(
            key_of("session:", &id, true),
            "session:{ba78}:tba7816bf8f01cfea414140de5dae2223"
        );
    }
}
