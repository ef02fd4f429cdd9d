//! Changing a live session, as SET, PATCH and POP do: check the new state, store it, publish it.
//!
//! Everything that can fail comes before the first change.

use super::check;
use super::effect::{holds_back, publish, publish_splice, replicate_access, replicate_value};
use super::live::WriteSession;
use super::splice;
use super::store::{sooner_expiry, Update};
use crate::error::Result;
use crate::json::Edits;
use crate::keyspace::state::Scratch;
use crate::schema::Entry;
use crate::server::args::Arg;
use crate::server::context::{Ctx, OwnedString};
use crate::server::event_name::EventName;
use crate::session::{codec, Timeouts};
use crate::stats;
use std::sync::Arc;

/// The new state of a session, as a command asks for it.
pub struct NewState<'d> {
    /// The data.
    pub data: &'d [u8],
    /// The edits that make this data of the present data, if they are known. Replicas get them in the
    /// place of the data where they are clearly shorter.
    pub edits: Option<&'d Edits>,
    /// Whether the data is known to be strict JSON; it is then not parsed again for that alone.
    pub is_strict_json: bool,
    /// The deadline and the idle timeout.
    pub timeouts: Timeouts,
    /// Whether the command names a timeout. Only then the key can expire later than it would now.
    pub names_timeout: bool,
    /// The schema that the data must satisfy.
    pub schema: Option<Arc<Entry>>,
    /// The event to fire if the session changes.
    pub event: &'static EventName,
}

/// Gives a live session a new state, and returns its version after that. If the state is the
/// present one, only an access is recorded.
///
/// `named` is the name that the session was opened by.
///
/// # Errors
/// As for [`check::new_data`]; nothing has changed then.
pub fn apply(
    ctx: Ctx<'_>,
    named: Arg<'_>,
    mut found: WriteSession<'_>,
    new: &NewState<'_>,
    now: i64,
) -> Result<u64> {
    let mut session = found.session();
    let same_data = match new.edits {
        Some(edits) => edits.is_empty(),
        None => session.data() == new.data,
    };
    match new.schema.as_deref() {
        None if same_data => {}
        Some(entry) if same_data && session.is_known_to_satisfy(entry.revision.get()) => {
            stats::CHECKS_SKIPPED.add();
        }
        None if new.is_strict_json => check::length(new.data)?,
        schema => check::new_data(new.data, schema)?,
    }

    // Nothing fails from here on.
    let sooner = sooner_expiry(&found.key, &session).filter(|_| !new.names_timeout);
    let before = session;
    session.record_access(now);
    let corrected = session.correct_times(now);
    let mut changed = session.replace_data(new.data);
    changed |= session.set_timeouts(new.timeouts);
    if let Some(entry) = &new.schema {
        changed |= session.set_schema(&entry.name);
        session.remember_satisfies(entry.revision.get());
        // For the case that only an access is stored: the block then keeps its own set of schemas.
        found.remember_satisfies(entry.revision.get());
    }
    let (version, accessed, accessed_before) =
        (session.version(), session.accessed(), before.accessed());
    // A splice has no corrected times. And it tells by the version whether it was made, which the last
    // version cannot show.
    let edits = new.edits.filter(|edits| {
        let is_short = 2 * edits.max_encoded_len() < new.data.len();
        let next = before.version() + u64::from(!edits.is_empty());
        is_short && changed && !corrected && version == next && !holds_back()
    });
    let mut bytes = Scratch::take();
    if let Some(edits) = edits {
        let same_schema = before.schema() == session.schema();
        let len_before = before.data().len();
        splice::encode(&session, same_schema, len_before, edits, &mut bytes.0);
    } else if changed || corrected {
        codec::encode_session(&session, &mut bytes.0);
    }
    let update = Update::to(&session, changed || corrected, sooner);
    let expire = update.expire();
    let expiry_changed = found.store(named, update);
    let successor = found.close();
    let name = successor.as_ref().map_or(named, OwnedString::arg);
    if changed {
        let publish = if edits.is_some() {
            publish_splice
        } else {
            publish
        };
        publish(ctx, name, &bytes.0, new.event, expire);
        stats::UPDATED.add();
    } else if corrected {
        replicate_value(ctx, name, &bytes.0, expire);
    } else if expiry_changed || accessed != accessed_before {
        replicate_access(ctx, name, accessed, expire);
    }
    Ok(version)
}
