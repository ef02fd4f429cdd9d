//! From the key that a client names to the live session: by way of an alias, if the ID has been
//! superseded and its grace lasts.

use crate::error::{Error, Result};
use crate::keyspace::session_type::{unpack_shape, SESSION};
use crate::schema::revision_set;
use crate::server::acl::{Access, Caller};
use crate::server::args::Arg;
use crate::server::cluster::{are_apart, is_cluster};
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::{Key, Read, ReadKey, Write, WriteKey};
use crate::server::native::Found;
use crate::session::packed::{PackedValue, Shape};
use crate::session::{Alias, Session};
use crate::slots::slot_of;

/// So many rotations within one grace are followed; no client of good will makes more.
const HOPS: usize = 8;

/// A live session under an open key.
pub struct Live<'c, Mode> {
    /// The key.
    pub key: Key<'c, Mode>,
    shape: Shape,
    /// The session's key, where it is not the one that was named.
    successor: Option<OwnedString<'c>>,
}

/// A live session, open to read.
pub type Reading<'c> = Live<'c, Read>;
/// A live session, open to change.
pub type Writing<'c> = Live<'c, Write>;

/// Opens the live session that `named` stands for; none if there is none.
///
/// # Errors
/// WRONGTYPE, NOPERM where the caller may not touch the key that superseded the one it named, or
/// TRYAGAIN where that key is not here only because the slot is being moved.
pub fn read<'c>(
    ctx: Ctx<'c>,
    named: Arg<'_>,
    now: i64,
    notouch: bool,
) -> Result<Option<Reading<'c>>> {
    follow(ctx, named, now, Access::Read, |name| {
        ReadKey::open(ctx, name, notouch)
    })
}

/// The same, to change it.
///
/// # Errors
/// As for [`read`].
pub fn write<'c>(ctx: Ctx<'c>, named: Arg<'_>, now: i64) -> Result<Option<Writing<'c>>> {
    follow(ctx, named, now, Access::Change, |name| {
        WriteKey::open(ctx, name)
    })
}

#[inline]
fn follow<'c, Mode>(
    ctx: Ctx<'c>,
    named: Arg<'_>,
    now: i64,
    access: Access,
    open: impl Fn(Arg<'_>) -> Key<'c, Mode>,
) -> Result<Option<Live<'c, Mode>>> {
    let key = open(named);
    let shape = match key.get(&SESSION) {
        Found::Value(block) => match unpack_shape(block) {
            PackedValue::Session(shape) => shape,
            PackedValue::Alias(alias) => {
                let next = hop(ctx, named, alias, now);
                drop(key);
                return follow_aliases(ctx, named, next, now, access, open);
            }
        },
        Found::Other => return Err(Error::wrong_type()),
        Found::Nothing => return Ok(None),
    };
    Ok(shape.is_live(now).then_some(Live {
        key,
        shape,
        successor: None,
    }))
}

/// From a first alias on. Apart from the way that nearly all calls take, which is short without it.
#[cold]
#[inline(never)]
fn follow_aliases<'c, Mode>(
    ctx: Ctx<'c>,
    named: Arg<'_>,
    mut next: Option<OwnedString<'c>>,
    now: i64,
    access: Access,
    open: impl Fn(Arg<'_>) -> Key<'c, Mode>,
) -> Result<Option<Live<'c, Mode>>> {
    for _ in 0..HOPS {
        let Some(successor) = next else {
            return Ok(None);
        };
        // The caller named the superseded key and was let through by the server for that one alone.
        if !Caller::of(ctx)?.may(access, successor.arg()) {
            return Err(Error::no_permission());
        }
        let key = open(successor.arg());
        next = match key.get(&SESSION).map(unpack_shape) {
            Found::Value(PackedValue::Session(shape)) => {
                return Ok(shape.is_live(now).then_some(Live {
                    key,
                    shape,
                    successor: Some(successor),
                }))
            }
            Found::Value(PackedValue::Alias(alias)) => hop(ctx, successor.arg(), alias, now),
            Found::Nothing | Found::Other => return nothing(ctx, named, successor.arg()),
        };
    }
    Ok(None)
}

/// The key that superseded the one that is named, if that is an alias: the last that can be found,
/// whatever it holds. Who may touch which of them is for the caller to ask.
pub fn successor<'c>(ctx: Ctx<'c>, named: Arg<'_>, now: i64) -> Option<OwnedString<'c>> {
    let mut successor: Option<OwnedString<'c>> = None;
    for _ in 0..HOPS {
        let name = successor.as_ref().map_or(named, OwnedString::arg);
        let key = ReadKey::open(ctx, name, true);
        let Found::Value(PackedValue::Alias(alias)) = key.get(&SESSION).map(unpack_shape) else {
            break;
        };
        let Some(next) = hop(ctx, name, alias, now) else {
            break;
        };
        successor = Some(next);
    }
    successor
}

/// The key that an alias under `key` leads to, while its grace lasts.
#[inline(never)]
fn hop<'c>(ctx: Ctx<'c>, key: Arg<'_>, alias: Alias<'_>, now: i64) -> Option<OwnedString<'c>> {
    let leads = now <= alias.until && in_one_slot(key.bytes(), alias.successor);
    leads.then(|| ctx.string(alias.successor))
}

/// In a cluster an alias that somebody restored to another slot leads nowhere: no command looks
/// outside the slot of the keys that it declares.
fn in_one_slot(key: &[u8], successor: &[u8]) -> bool {
    !is_cluster() || slot_of(key) == slot_of(successor)
}

/// What it means that the last key of the way is not there: no session, or, where the slot is being
/// moved key by key and the two keys are apart just now, what core says of several keys then. Without
/// that a read would find a live session ended, and a logout would not end it.
fn nothing<T>(ctx: Ctx<'_>, named: Arg<'_>, successor: Arg<'_>) -> Result<Option<T>> {
    if is_cluster() && are_apart(ctx, named, successor) {
        return Err(Error::try_again());
    }
    Ok(None)
}

impl<'c, Mode> Live<'c, Mode> {
    /// The session.
    pub fn session(&self) -> Session<'_> {
        match self.key.get(&SESSION) {
            Found::Value(block) => self.shape.session(block.bytes()),
            _ => unreachable!("a session was found there, and nothing has changed it since"),
        }
    }

    /// The session's data.
    #[inline]
    pub fn data(&self) -> &[u8] {
        match self.key.get(&SESSION) {
            Found::Value(block) => self.shape.data(block.bytes()),
            _ => unreachable!("a session was found there, and nothing has changed it since"),
        }
    }

    /// Remembers the revision of a schema that the data has been found to satisfy.
    pub fn remember_satisfies(&self, revision: u32) {
        if let Found::Value(block) = self.key.get(&SESSION) {
            block.set_satisfied(revision_set::with(block.satisfied(), revision));
        }
    }

    /// Whether reads of it are ever recorded; see [`Session::keeps_accesses`].
    pub fn keeps_accesses(&self) -> bool {
        self.shape.keeps_accesses()
    }

    /// Whether a read at `now` should be recorded; see [`Session::access_is_due`].
    pub fn access_is_due(&self, now: i64, interval: i64) -> bool {
        self.shape.access_is_due(now, interval)
    }

    /// The session's own key.
    pub fn name<'a>(&'a self, named: Arg<'a>) -> Arg<'a> {
        self.successor.as_ref().map_or(named, OwnedString::arg)
    }

    /// Closes the key, and gives its name where it is not the one that was named.
    pub fn close(self) -> Option<OwnedString<'c>> {
        self.successor
    }
}

impl Reading<'_> {
    /// When that key expires.
    pub fn expire(&self) -> Option<i64> {
        self.key.expire()
    }
}
