//! A change of a live session, as SET, PATCH and POP make it: checked, stored, told to the world.

use super::effect::{publish, replicate_access, Update};
use super::find::Writing;
use super::state::{self, Scratch};
use super::verdict;
use crate::error::{Error, Result};
use crate::integer::integer;
use crate::schema::Entry;
use crate::server::args::Arg;
use crate::server::context::{Ctx, OwnedString};
use crate::server::keyspace::Event;
use crate::session::{codec, Session, Timeouts};
use crate::stats;
use std::sync::Arc;

/// What a session shall be.
pub struct Change<'d> {
    /// Its data.
    pub data: &'d [u8],
    /// Whether that is known to be JSON as SESSION.SET takes it.
    pub is_json: bool,
    /// When it ends.
    pub timeouts: Timeouts,
    /// The schema that it must satisfy.
    pub schema: Option<Arc<Entry>>,
    /// The event to fire if anything changes.
    pub event: &'static Event,
}

/// Makes the change, and gives the version after it. What is so already is an access and no more.
///
/// # Errors
/// As for [`verdict::check_new`]; nothing has changed then.
pub fn apply(
    ctx: Ctx<'_>,
    named: Arg<'_>,
    mut found: Writing<'_>,
    change: &Change<'_>,
    now: i64,
) -> Result<u64> {
    let mut session = found.session();
    let same_data = session.data() == change.data;
    match change.schema.as_deref() {
        None if same_data => {}
        Some(entry) if same_data && session.is_known_to_satisfy(entry.revision.get()) => {
            stats::CHECKS_SKIPPED.add();
        }
        None if change.is_json => verdict::check_length(change.data)?,
        schema => verdict::check_new(change.data, schema)?,
    }

    // Nothing fails from here on.
    let before = session.accessed();
    session.record_access(now);
    let mut changed = session.replace_data(change.data);
    changed |= session.set_timeouts(change.timeouts);
    if let Some(entry) = &change.schema {
        changed |= session.set_schema(&entry.name);
        session.remember_satisfies(entry.revision.get());
        found.remember_satisfies(entry.revision.get());
    }
    let (version, accessed) = (session.version(), session.accessed());
    let mut bytes = Scratch::take();
    if changed {
        codec::encode_session(&session, &mut bytes.0);
    }
    let moved = Update::to(&session, changed).store(&mut found.key);
    let successor = found.close();
    let name = successor.as_ref().map_or(named, OwnedString::arg);
    if changed {
        publish(ctx, name, &bytes.0, change.event);
        stats::UPDATED.add();
    } else if moved || accessed != before {
        replicate_access(ctx, name, accessed);
    }
    Ok(version)
}

/// The schema that a session has now, as it stands in the registry.
///
/// # Errors
/// NOSCHEMA.
pub fn present_schema(session: &Session<'_>) -> Result<Option<Arc<Entry>>> {
    session.schema().map(state::schema).transpose()
}

/// Reads the argument of IFVERSION.
///
/// # Errors
/// Core's text for what is no integer.
pub fn version(arg: Arg<'_>) -> Result<i64> {
    integer(arg.bytes()).ok_or_else(Error::not_an_integer)
}

/// Checks IFVERSION.
///
/// # Errors
/// CONFLICT with the present version.
pub fn check_version(session: &Session<'_>, expected: Option<i64>) -> Result<()> {
    let version = session.version();
    match expected {
        Some(expected) if u64::try_from(expected) != Ok(version) => Err(Error::conflict(
            format_args!("the version is {version}, not {expected}; read the session again"),
        )),
        _ => Ok(()),
    }
}
