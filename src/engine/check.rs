//! Checking data: its length, strict JSON, and the schema that it must satisfy.
//!
//! A schema is compiled when data is first checked against it, before the arena is borrowed.
//!
//! A check that has passed is remembered with the session, by the revision of the schema, and
//! skipped the next time: VERIFY costs no parse while neither data nor schema changes.

use super::schema_lookup;
use crate::config;
use crate::error::{printable, Error, Result};
use crate::json::Document;
use crate::keyspace::state;
use crate::schema::{Entry, Validator};
use crate::server::log;
use crate::session::Session;
use crate::stats;
use std::sync::Arc;

/// Checks data before it is stored.
///
/// # Errors
/// ERR if it is longer than `session.max-data-bytes`; BADJSON; INVALID; BADSCHEMA if the schema no
/// longer compiles.
pub fn new_data(data: &[u8], schema: Option<&Entry>) -> Result<()> {
    length(data)?;
    let bad = |error| Error::bad_json("data", error);
    let Some(entry) = schema else {
        return match state::is_strict_json(data) {
            true => Ok(()),
            false => state::ARENA.with(|arena| arena.parse(data).map(drop).map_err(bad)),
        };
    };
    let validator = compiled(entry);
    if accepts(&validator, data) {
        return Ok(());
    }
    state::ARENA.with(|arena| {
        let document = arena.parse(data).map_err(bad)?;
        satisfies(document, entry, validator?)
    })
}

/// Checks only the length of data before it is stored.
///
/// # Errors
/// ERR if it is longer than `session.max-data-bytes`.
pub fn length(data: &[u8]) -> Result<()> {
    let limit = config::MAX_DATA_BYTES.get();
    if data.len() as u64 > limit.cast_unsigned() {
        return Err(Error::err(format_args!(
            "the data has {} bytes; session.max-data-bytes allows {limit}",
            data.len()
        )));
    }
    Ok(())
}

/// Checks a session's data against its own schema, as registered now, and then against the schemas
/// named in `others`, in their order. The first failure is the error. Skips schemas whose verdict is
/// remembered; passes the revision of each schema that was checked and satisfied to `remember`.
///
/// # Errors
/// NOSCHEMA; INVALID; BADSCHEMA if a schema no longer compiles.
pub fn stored_session<'n>(
    session: &Session<'n>,
    others: impl Iterator<Item = &'n str>,
    remember: impl Fn(u32),
) -> Result<()> {
    let is_known = |revision| session.is_known_to_satisfy(revision);
    let mut pending: Vec<Arc<Entry>> = Vec::new();
    for name in session.schema().into_iter().chain(others) {
        match schema_lookup::unless(name, is_known) {
            Ok(None) => stats::CHECKS_SKIPPED.add(),
            Ok(Some(entry)) if pending.iter().any(|other| Arc::ptr_eq(other, &entry)) => {}
            Ok(Some(entry)) => pending.push(entry),
            Err(missing) => {
                // A schema that is missing is an error only if the data satisfies all before it.
                check_pending(session, &pending, remember)?;
                return Err(missing);
            }
        }
    }
    if pending.is_empty() {
        return Ok(());
    }
    check_pending(session, &pending, remember)
}

/// Checks a session's data against schemas, in their order. Out of line, because most calls have
/// nothing to check.
#[inline(never)]
fn check_pending(
    session: &Session<'_>,
    pending: &[Arc<Entry>],
    remember: impl Fn(u32),
) -> Result<()> {
    if pending.is_empty() {
        return Ok(());
    }
    let validators: Vec<_> = pending.iter().map(|entry| compiled(entry)).collect();
    let checks = || pending.iter().zip(&validators);
    let accepted = checks().take_while(|(entry, validator)| {
        let accepts = accepts(validator, session.data());
        if accepts {
            remember(entry.revision.get());
        }
        accepts
    });
    let accepted = accepted.count();
    if accepted == pending.len() {
        return Ok(());
    }
    state::ARENA.with(|arena| {
        let document = arena
            .parse(session.data())
            .map_err(|error| Error::bad_json("stored data", error))?;
        pending
            .iter()
            .zip(validators)
            .skip(accepted)
            .try_for_each(|(entry, validator)| {
                satisfies(document, entry, validator?)?;
                remember(entry.revision.get());
                Ok(())
            })
    })
}

/// The compiled schema. Logs it if the schema is compiled here for the first time, and fails to.
fn compiled(entry: &Entry) -> Result<&Validator> {
    let is_first = !entry.is_compiled();
    entry.validator().map_err(|reason| {
        let reason = format!(
            "'{}' does not compile in this version, so nothing satisfies it: {reason}",
            printable(entry.name.as_bytes())
        );
        if is_first {
            log::warning(&format!("the schema {reason}"));
        }
        Error::bad_schema(reason)
    })
}

/// Whether the data satisfies a schema for certain, found without parsing it.
fn accepts(validator: &Result<&Validator>, data: &[u8]) -> bool {
    let accepts = matches!(validator, Ok(validator) if state::accepts(validator, data));
    if accepts {
        stats::CHECKS_RUN.add();
    }
    accepts
}

fn satisfies(document: Document<'_>, entry: &Entry, validator: &Validator) -> Result<()> {
    stats::CHECKS_RUN.add();
    validator
        .check(document)
        .map_err(|violations| Error::invalid(&entry.name, violations))
}
