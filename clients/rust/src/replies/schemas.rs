//! The registry of schemas.

use super::parts::{array, integer, map, optional_text, text};
use crate::Error;
use redis::Value;

const LIST: &str = "SESSION.SCHEMA LIST";

/// A registered schema, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaEntry {
    /// Its name.
    pub name: String,
    /// SHA-256 of the text, in hex.
    pub digest: String,
    /// Whether it checks `format` in every draft.
    pub assert_format: bool,
    /// New sessions whose keys begin with this take the schema.
    pub prefix: Option<String>,
}

pub(crate) fn read_schemas(value: Value) -> Result<Vec<SchemaEntry>, Error> {
    array(value, LIST)?.into_iter().map(read_one).collect()
}

fn read_one(value: Value) -> Result<SchemaEntry, Error> {
    let (mut name, mut digest, mut assert_format, mut prefix) = (None, None, None, None);
    for (field, value) in map(value, LIST)? {
        match text(field, LIST)?.as_str() {
            "name" => name = Some(text(value, LIST)?),
            "digest" => digest = Some(text(value, LIST)?),
            "assertformat" => assert_format = Some(integer(value, LIST)? == 1),
            "prefix" => prefix = optional_text(value, LIST)?,
            _ => {} // later servers may add some
        }
    }
    match (name, digest, assert_format) {
        (Some(name), Some(digest), Some(assert_format)) => Ok(SchemaEntry {
            name,
            digest,
            assert_format,
            prefix,
        }),
        _ => Err(Error::UnexpectedReply { command: LIST }),
    }
}

/// The schemas that are the same in all lists.
pub(crate) fn common(mut lists: Vec<Vec<SchemaEntry>>) -> Vec<SchemaEntry> {
    let mut first = lists.pop().unwrap_or_default();
    first.retain(|entry| lists.iter().all(|list| list.contains(entry)));
    first
}
