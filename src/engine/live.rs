//! Finding the live session under the key that a client names. Every command that works on one
//! session begins here.
//!
//! A live session is one that has neither passed its deadline nor idled out. If the key holds an
//! alias, the session is found under its successor. Nearly all calls name the session's own key, so
//! that path is kept short, and following aliases is out of line.

use super::alias;
use super::store::Update;
use crate::error::{Error, Result};
use crate::keyspace::session_type::{unpack_shape, SESSION};
use crate::schema::revision_set;
use crate::server::acl::{Access, Caller};
use crate::server::args::Arg;
use crate::server::block::BlockRef;
use crate::server::cluster::{are_apart, is_cluster};
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::{Key, Read, ReadKey, Write, WriteKey};
use crate::server::native::Found;
use crate::session::packed::{PackedValue, Shape};
use crate::session::Session;

/// A live session under an open key.
pub struct Live<'c, Mode> {
    /// The open key.
    pub key: Key<'c, Mode>,
    shape: Shape,
    /// The name of the open key, if the client named an alias.
    successor: Option<OwnedString<'c>>,
}

/// A live session whose key is open for reading.
pub type ReadSession<'c> = Live<'c, Read>;
/// A live session whose key is open for writing.
pub type WriteSession<'c> = Live<'c, Write>;

/// Opens the live session under `named`, or under its successor, for reading. None if there is no
/// live session. With `notouch` the server does not count the key as used (LRU, LFU).
///
/// # Errors
/// WRONGTYPE; NOPERM if `named` is an alias and the ACL refuses the caller this command on its
/// successor; TRYAGAIN if the successor is missing only because its slot is being moved to another node.
pub fn open_read<'c>(
    ctx: Ctx<'c>,
    named: Arg<'_>,
    now: i64,
    notouch: bool,
) -> Result<Option<ReadSession<'c>>> {
    find(ctx, named, now, |name| ReadKey::open(ctx, name, notouch))
}

/// Opens the live session under `named`, or under its successor, for writing. None if there is no
/// live session.
///
/// # Errors
/// As for [`open_read`].
pub fn open_write<'c>(ctx: Ctx<'c>, named: Arg<'_>, now: i64) -> Result<Option<WriteSession<'c>>> {
    find(ctx, named, now, |name| WriteKey::open(ctx, name))
}

/// Whether something lives under this key, so that NX must not write there: a live session, an alias
/// that leads to one, or a value of another type.
pub fn is_taken(ctx: Ctx<'_>, key: Arg<'_>, now: i64) -> bool {
    !matches!(open_read(ctx, key, now, true), Ok(None))
}

#[inline]
fn find<'c, Mode>(
    ctx: Ctx<'c>,
    named: Arg<'_>,
    now: i64,
    open: impl Fn(Arg<'_>) -> Key<'c, Mode>,
) -> Result<Option<Live<'c, Mode>>> {
    let key = open(named);
    let shape = match key.get(&SESSION) {
        Found::Value(block) => match unpack_shape(block) {
            PackedValue::Session(shape) => shape,
            PackedValue::Alias(alias) => {
                let first = alias::successor(ctx, named, alias, now);
                drop(key);
                return find_successor(ctx, named, first, now, open);
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

/// Continues [`find`] where `named` is an alias and `first` its successor. Out of line, to keep the
/// common path small.
#[cold]
#[inline(never)]
fn find_successor<'c, Mode>(
    ctx: Ctx<'c>,
    named: Arg<'_>,
    first: Option<OwnedString<'c>>,
    now: i64,
    open: impl Fn(Arg<'_>) -> Key<'c, Mode>,
) -> Result<Option<Live<'c, Mode>>> {
    let last = alias::last_key(ctx, first, now, |name| {
        // The server has checked whether the caller may run this command on the key that was named,
        // and on no other.
        if Caller::of(ctx)?.may(Access::Running, name) {
            Ok(open(name))
        } else {
            Err(Error::no_permission())
        }
    })?;
    let Some((successor, key)) = last else {
        return Ok(None);
    };
    let shape = match key.get(&SESSION).map(unpack_shape) {
        Found::Value(PackedValue::Session(shape)) => shape,
        // The grace period of the last alias has ended.
        Found::Value(PackedValue::Alias(_)) => return Ok(None),
        // While a slot is moved key by key, alias and session can be on different nodes. Reply as
        // core does for several keys then; otherwise a read would take a live session for ended,
        // and a logout would not end it.
        Found::Nothing | Found::Other if is_cluster() && are_apart(ctx, named, successor.arg()) => {
            return Err(Error::try_again())
        }
        Found::Nothing | Found::Other => return Ok(None),
    };
    Ok(shape.is_live(now).then_some(Live {
        key,
        shape,
        successor: Some(successor),
    }))
}

impl<'c, Mode> Live<'c, Mode> {
    #[inline(always)]
    fn block(&self) -> BlockRef<'_> {
        match self.key.get(&SESSION) {
            Found::Value(block) => block,
            _ => unreachable!("a session was found there, and nothing has changed it since"),
        }
    }

    /// The session.
    #[inline]
    pub fn session(&self) -> Session<'_> {
        self.shape.session(self.block().bytes())
    }

    /// The session's data.
    #[inline(always)] // So that a read's reply is made in one place.
    pub fn data(&self) -> &[u8] {
        self.shape.data(self.block().bytes())
    }

    /// Remembers in the stored session that its data satisfies the schema of this revision.
    pub fn remember_satisfies(&self, revision: u32) {
        let block = self.block();
        block.set_satisfied(revision_set::with(block.satisfied(), revision));
    }

    /// Whether reads of this session are ever recorded; see [`Shape::keeps_accesses`].
    pub fn keeps_accesses(&self) -> bool {
        self.shape.keeps_accesses()
    }

    /// Whether a read at `now` should be recorded; see [`Shape::access_is_due`].
    pub fn access_is_due(&self, now: i64, interval: i64, slower: i64) -> bool {
        self.shape.access_is_due(now, interval, slower)
    }

    /// The name of the open key. `named` is the name that this session was opened by.
    pub fn name<'a>(&'a self, named: Arg<'a>) -> Arg<'a> {
        self.successor.as_ref().map_or(named, OwnedString::arg)
    }

    /// Closes the key. Returns its name if the session was opened by an alias.
    pub fn close(self) -> Option<OwnedString<'c>> {
        self.successor
    }
}

impl WriteSession<'_> {
    /// Stores a change of the session. `named` is the name that it was opened by. Returns whether the
    /// key's expiry changed, see [`Update::store`].
    pub fn store(&mut self, named: Arg<'_>, update: Update) -> bool {
        let name = self.successor.as_ref().map_or(named, OwnedString::arg);
        update.store(name, &mut self.key)
    }
}

impl<'c> ReadSession<'c> {
    /// Goes on with another handle on the same key, and reads the session anew. Returns whether the
    /// key still holds a session.
    pub fn go_on_with(&mut self, key: ReadKey<'c>) -> bool {
        let shape = match key.get(&SESSION).map(unpack_shape) {
            Found::Value(PackedValue::Session(shape)) => shape,
            _ => return false,
        };
        self.shape = shape;
        self.key = key;
        true
    }

    /// When the key expires, in Unix ms.
    pub fn expire(&self) -> Option<i64> {
        self.key.expire()
    }
}
