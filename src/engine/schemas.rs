//! Which schema of the registry data must satisfy.

use crate::error::{printable, Error, Result};
use crate::keyspace::state;
use crate::schema::Entry;
use crate::session::Session;
use std::sync::Arc;

/// The schema of this name.
///
/// # Errors
/// NOSCHEMA.
pub fn named(name: &str) -> Result<Arc<Entry>> {
    state::REGISTRY
        .with(|registry| registry.get(name).cloned())
        .ok_or_else(|| Error::no_schema(name))
}

/// The schema that a session has now, as it stands in the registry.
///
/// # Errors
/// NOSCHEMA.
pub fn of_session(session: &Session<'_>) -> Result<Option<Arc<Entry>>> {
    session.schema().map(named).transpose()
}

/// The schema that data under this key must satisfy: the one whose PREFIX the key has, else the
/// one named.
pub fn for_key(key: &[u8], named: Option<&str>) -> Result<Option<Arc<Entry>>> {
    let bound = state::REGISTRY.with(|registry| registry.for_key(key).cloned());
    match (bound, named) {
        (Some(bound), Some(named)) if *bound.name != *named => Err(Error::err(format_args!(
            "keys with this prefix take the schema '{}'; name that one, or none",
            printable(bound.name.as_bytes())
        ))),
        (Some(bound), _) => Ok(Some(bound)),
        (None, Some(named)) => self::named(named).map(Some),
        (None, None) => Ok(None),
    }
}
