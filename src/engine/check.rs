//! Whether data may stand in a session: strict JSON, and what its schema says of it.

use super::schemas;
use crate::config;
use crate::error::{Error, Result};
use crate::json::Document;
use crate::keyspace::state;
use crate::schema::Entry;
use crate::session::Session;
use crate::stats;
use std::sync::Arc;

/// Checks data that is to be written.
///
/// # Errors
/// ERR where it is too long, BADJSON, INVALID, or BADSCHEMA for a schema that no longer compiles.
pub fn check_new(data: &[u8], schema: Option<&Entry>) -> Result<()> {
    check_length(data)?;
    state::ARENA.with(|arena| {
        let bad = |error| Error::bad_json("data", error);
        match schema {
            None => arena.check(data).map_err(bad),
            Some(entry) => satisfies(arena.parse(data).map_err(bad)?, entry),
        }
    })
}

/// Checks the length of data that is to be written, and is known to be JSON.
///
/// # Errors
/// ERR where it is too long.
pub fn check_length(data: &[u8]) -> Result<()> {
    let limit = config::MAX_DATA_BYTES.get();
    if data.len() as u64 > limit.cast_unsigned() {
        return Err(Error::err(format_args!(
            "the data has {} bytes; session.max-data-bytes allows {limit}",
            data.len()
        )));
    }
    Ok(())
}

/// Checks a live session's data against its own schema as that stands now, and against others.
/// What is known from before is not checked again; what is new of that kind goes to `remember`.
///
/// # Errors
/// NOSCHEMA, INVALID, or BADSCHEMA for a schema that no longer compiles.
pub fn check_session<'n>(
    session: &Session<'n>,
    others: impl Iterator<Item = &'n str>,
    remember: impl Fn(u32),
) -> Result<()> {
    let mut pending: Vec<Arc<Entry>> = Vec::new();
    for name in session.schema().into_iter().chain(others) {
        let entry = schemas::named(name)?;
        if session.is_known_to_satisfy(entry.revision.get()) {
            stats::CHECKS_SKIPPED.add();
        } else if !pending.iter().any(|other| Arc::ptr_eq(other, &entry)) {
            pending.push(entry);
        }
    }
    if pending.is_empty() {
        return Ok(());
    }
    state::ARENA.with(|arena| {
        let document = arena
            .parse(session.data())
            .map_err(|error| Error::bad_json("stored data", error))?;
        pending.iter().try_for_each(|entry| {
            satisfies(document, entry)?;
            remember(entry.revision.get());
            Ok(())
        })
    })
}

fn satisfies(document: Document<'_>, entry: &Entry) -> Result<()> {
    let validator = entry.validator.as_ref().map_err(|reason| {
        Error::bad_schema(format_args!(
            "'{}' does not compile in this version, so nothing satisfies it: {reason}",
            crate::error::printable(entry.name.as_bytes())
        ))
    })?;
    stats::CHECKS_RUN.add();
    validator
        .check(document)
        .map_err(|violations| Error::invalid(&entry.name, violations))
}
