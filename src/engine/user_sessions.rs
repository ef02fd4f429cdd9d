//! Finding and ending the sessions of a user, for LIST, REVOKE and MAXSESSIONS: those in the
//! selected database, on this node, and under keys that the ACL lets the caller use.
//!
//! The index of users only says where to look. Each key is opened and checked before it counts.

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
use crate::slots::{slot_of, Slots};
use crate::stats;
use std::cmp::Reverse;

/// A session that has a user, live or not, under a key that is open for reading.
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

    /// When the key expires, in Unix ms.
    pub fn expire(&self) -> Option<i64> {
        self.key.expire()
    }

    /// The sort key of a user's sessions: as [`Session::order`], then by name.
    pub fn order(&self, now: i64) -> (Reverse<i64>, Reverse<i64>, &[u8]) {
        let (accessed, created) = self.session().order(now);
        (accessed, created, self.name.arg().bytes())
    }
}

impl<'c> Owned<'c> {
    /// Closes the key and returns its name.
    pub fn close(self) -> OwnedString<'c> {
        self.name
    }
}

/// Opens a key for reading; none if it does not hold a session of this user.
pub fn open<'c>(ctx: Ctx<'c>, name: OwnedString<'c>, user: &str) -> Option<Owned<'c>> {
    let key = ReadKey::open(ctx, name.arg(), true);
    let is_users = match key.get(&SESSION).map(unpack) {
        Found::Value(value) => value.user() == Some(user),
        _ => false,
    };
    is_users.then_some(Owned { name, key })
}

/// The part of the keyspace in which sessions are looked for.
pub enum Scope {
    /// The whole keyspace of a server that is no node of a cluster.
    Everything,
    /// The slots that this node of a cluster serves or is importing.
    Node(Slots),
    /// One slot of a cluster.
    Slot(usize),
}

impl Scope {
    /// This node; in a cluster, the slots that it serves or is importing.
    ///
    /// # Errors
    /// As for [`served_slots`].
    pub fn node(ctx: Ctx<'_>) -> Result<Self> {
        if is_cluster() {
            served_slots(ctx).map(Self::Node)
        } else {
            Ok(Self::Everything)
        }
    }

    /// The keys that a command which declares `key` may open: in a cluster those in the same slot.
    pub fn around(key: Arg<'_>) -> Self {
        if is_cluster() {
            Self::Slot(slot_of(key.bytes()))
        } else {
            Self::Everything
        }
    }
}

/// The user's sessions in `scope`, live or not, in no particular order. Those under keys to which
/// the ACL does not grant the caller `access` are left out.
pub fn all<'c>(
    ctx: Ctx<'c>,
    caller: &Caller,
    user: &str,
    access: Access,
    scope: &Scope,
) -> Vec<Owned<'c>> {
    // A copy of the index's list: opening an expired key changes the index.
    let keys = state::USERS.with(|index| index.keys(ctx.database(), user));
    let in_scope = |key: &[u8]| match scope {
        Scope::Everything => true,
        Scope::Node(slots) => slots.has(slot_of(key)),
        Scope::Slot(slot) => slot_of(key) == *slot,
    };
    keys.iter()
        .filter(|key| in_scope(key))
        .map(|key| ctx.string(key))
        .filter(|name| caller.may(access, name.arg()))
        .filter_map(|name| open(ctx, name, user))
        .collect()
}

/// Refuses a command that declares no keys in the transactions and scripts of a cluster. There the
/// server looks up every key in the slot of the keys that another command declared, and would not
/// find those of other slots.
///
/// # Errors
/// ERR there.
pub fn refuse_in_cluster_transaction(ctx: Ctx<'_>, command: &str) -> Result<()> {
    if is_cluster() && (ctx.is_in_transaction() || ctx.is_in_script()) {
        return Err(Error::err(format_args!(
            "{command} does not run in transactions and scripts of a cluster; send it by itself, to \
             every primary"
        )));
    }
    Ok(())
}

/// Ends sessions: deletes their keys, publishes that, and returns how many of them were live. The
/// others had already ended, but the server had not removed their keys yet.
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
