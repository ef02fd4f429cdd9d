//! Finding the schema that data must satisfy: by name, by the session that holds the data, or by
//! the key. A schema whose PREFIX the key has takes precedence over one that a command names.

use crate::error::{printable, Error, Result};
use crate::keyspace::state;
use crate::schema::Entry;
use crate::session::Session;
use std::sync::Arc;

/// The schema that is registered under this name.
pub fn find(name: &str) -> Option<Arc<Entry>> {
    state::REGISTRY.with(|registry| registry.get(name).cloned())
}

/// The schema that is registered under this name.
///
/// # Errors
/// NOSCHEMA if there is none.
pub fn by_name(name: &str) -> Result<Arc<Entry>> {
    find(name).ok_or_else(|| Error::no_schema(name))
}

/// The schema that is registered under this name, or none if `is_known` says so of its revision: then
/// it is not needed, and finding it costs no reference to it.
///
/// # Errors
/// NOSCHEMA if there is none.
#[inline]
pub fn unless(name: &str, is_known: impl Fn(u32) -> bool) -> Result<Option<Arc<Entry>>> {
    let found = state::REGISTRY.with(|registry| {
        let entry = registry.get(name)?;
        Some((!is_known(entry.revision.get())).then(|| entry.clone()))
    });
    found.ok_or_else(|| Error::no_schema(name))
}

/// The schema that a session names, as registered now; none if the session names none.
///
/// # Errors
/// NOSCHEMA if it is no longer registered.
pub fn of_session(session: &Session<'_>) -> Result<Option<Arc<Entry>>> {
    session.schema().map(by_name).transpose()
}

/// The schema for data under this key: the schema whose PREFIX the key has, or else the schema
/// `named`.
///
/// # Errors
/// ERR if the key's prefix and `named` ask for different schemas; NOSCHEMA.
pub fn for_key(key: &[u8], named: Option<&str>) -> Result<Option<Arc<Entry>>> {
    let bound = state::REGISTRY.with(|registry| registry.for_key(key).cloned());
    match (bound, named) {
        (Some(bound), Some(named)) if *bound.name != *named => Err(Error::err(format_args!(
            "keys with this prefix take the schema '{}'; name that one, or none",
            printable(bound.name.as_bytes())
        ))),
        (Some(bound), _) => Ok(Some(bound)),
        (None, Some(named)) => by_name(named).map(Some),
        (None, None) => Ok(None),
    }
}

/// The schema that a change of the session under this key asks for. Without `named` it asks for none:
/// the session keeps its schema, even if the key's prefix has another by now.
///
/// # Errors
/// As for [`for_key`].
pub fn chosen(key: &[u8], named: Option<&str>) -> Result<Option<Arc<Entry>>> {
    match named {
        Some(_) => for_key(key, named),
        None => Ok(None),
    }
}

/// The schema of a session after a change: `chosen`, or else the schema that the session names.
///
/// # Errors
/// NOSCHEMA if the session's own schema is needed and no longer registered.
pub fn chosen_or_present(
    chosen: Option<Arc<Entry>>,
    session: &Session<'_>,
) -> Result<Option<Arc<Entry>>> {
    match chosen {
        Some(schema) => Ok(Some(schema)),
        None => of_session(session),
    }
}
