//! The sessions of a user, as LIST, REVOKE and MAXSESSIONS find them: those of this database and
//! this node whose keys the caller may touch.

use super::effect::publish_end;
use crate::error::{Error, Result};
use crate::keyspace::session_type::{unpack, SESSION};
use crate::keyspace::state;
use crate::server::acl::{Access, Caller};
use crate::server::args::Arg;
use crate::server::cluster::{is_cluster, served_slots};
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::{ReadKey, WriteKey};
use crate::server::native::Found;
use crate::session::{Session, Value};
use crate::slots::slot_of;
use crate::stats;
use std::cmp::Reverse;

/// A session of the user's, its key open to read.
pub struct Owned<'c> {
    /// The key's name.
    pub name: OwnedString<'c>,
    key: ReadKey<'c>,
}

impl Owned<'_> {
    /// The session.
    pub fn session(&self) -> Session<'_> {
        match self.key.get(&SESSION).map(unpack) {
            Found::Value(Value::Session(session)) => session,
            _ => unreachable!("`open` found a session, and nothing has changed it since"),
        }
    }

    /// When the key expires.
    pub fn expire(&self) -> Option<i64> {
        self.key.expire()
    }

    /// What sorts the sessions of a user: the most recently accessed first, of several the youngest,
    /// of several the first by its key.
    pub fn order(&self) -> (Reverse<i64>, Reverse<i64>, &[u8]) {
        let session = self.session();
        let times = (Reverse(session.accessed()), Reverse(session.created()));
        (times.0, times.1, self.name.arg().bytes())
    }
}

impl<'c> Owned<'c> {
    /// Closes the key.
    pub fn close(self) -> OwnedString<'c> {
        self.name
    }
}

/// Opens a key, if it holds a session of this user, live or not.
pub fn open<'c>(ctx: Ctx<'c>, name: OwnedString<'c>, user: &str) -> Option<Owned<'c>> {
    let key = ReadKey::open(ctx, name.arg(), true);
    let is_users = match key.get(&SESSION).map(unpack) {
        Found::Value(value) => value.user() == Some(user),
        _ => false,
    };
    is_users.then_some(Owned { name, key })
}

/// Where the sessions of a user are sought.
#[derive(Clone, Copy)]
pub enum Scope {
    /// On this node: in a cluster, in the slots that it serves or is importing.
    Node,
    /// In one slot of a cluster.
    Slot(usize),
}

/// The user's sessions that the caller may do this with, live or not, in no order.
pub fn all<'c>(
    ctx: Ctx<'c>,
    caller: &Caller,
    user: &str,
    access: Access,
    scope: Scope,
) -> Vec<Owned<'c>> {
    // A copy: opening a key that has expired changes the index.
    let keys = state::USERS.with(|index| index.keys(ctx.database(), user));
    let served = match scope {
        Scope::Node if is_cluster() => served_slots(ctx),
        _ => None,
    };
    let in_scope = |key: &[u8]| match scope {
        Scope::Node => served.as_ref().is_none_or(|slots| slots.has(slot_of(key))),
        Scope::Slot(slot) => slot_of(key) == slot,
    };
    keys.iter()
        .filter(|key| in_scope(key))
        .map(|key| ctx.string(key))
        .filter(|name| caller.may(access, name.arg()))
        .filter_map(|name| open(ctx, name, user))
        .collect()
}

/// A command that declares no keys is refused where the server would look up every key in the slot
/// of another command's: in a transaction or script of a cluster.
///
/// # Errors
/// ERR in those.
pub fn refuse_foreign_slot(ctx: Ctx<'_>, command: &str) -> Result<()> {
    if is_cluster() && (ctx.is_in_transaction() || ctx.is_in_script()) {
        return Err(Error::err(format_args!(
            "{command} does not run in transactions and scripts of a cluster; send it by itself, to \
             every primary"
        )));
    }
    Ok(())
}

/// Where MAXSESSIONS of a session under this key looks for the user's others.
pub fn scope_of(key: Arg<'_>) -> Scope {
    if is_cluster() {
        Scope::Slot(slot_of(key.bytes()))
    } else {
        Scope::Node
    }
}

/// Ends sessions, those too that have ended and whose keys are still there. Gives how many were
/// live.
pub fn end(ctx: Ctx<'_>, sessions: Vec<Owned<'_>>, now: i64) -> i64 {
    let mut live = 0_i64;
    let mut names: Vec<OwnedString<'_>> = Vec::with_capacity(sessions.len());
    for owned in sessions {
        live += i64::from(owned.session().is_live(now));
        let name = owned.close();
        WriteKey::open(ctx, name.arg()).delete();
        names.push(name);
    }
    let keys: Vec<Arg<'_>> = names.iter().map(OwnedString::arg).collect();
    publish_end(ctx, &keys);
    stats::REVOKED.add_many(live.cast_unsigned());
    live
}
