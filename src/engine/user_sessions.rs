//! The sessions of a user, for LIST, REVOKE and MAXSESSIONS: opening and sorting them, and the part of
//! the keyspace that a command may look at. `user_search` finds them.

use crate::error::{Error, Result};
use crate::keyspace::session_type::{unpack, unpack_shape, SESSION};
use crate::keyspace::state;
use crate::server::args::Arg;
use crate::server::cluster::{is_cluster, served_slots};
use crate::server::context::{Ctx, OwnedString};
use crate::server::key::ReadKey;
use crate::server::native::Found;
use crate::session::packed::PackedValue;
use crate::session::{Session, Value};
use crate::slots::slot_of;
use crate::users::{End, Rank, Spans, EVERYWHERE};
use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::ops::RangeInclusive;

/// A session that has a user, live or not, under a key that is open for reading.
pub struct Owned<'c> {
    /// The key's name.
    pub name: OwnedString<'c>,
    /// Whether the session is live.
    pub is_live: bool,
    accessed: i64,
    created: i64,
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

    /// The order of a user's sessions: the most recently accessed first, then the most recently
    /// created, then by name.
    fn order(&self, other: &Self) -> Ordering {
        let times = |owned: &Self| (owned.accessed, owned.created);
        times(other)
            .cmp(&times(self))
            .then_with(|| self.name.arg().bytes().cmp(other.name.arg().bytes()))
    }

    /// The place among the times of access, as the index has it.
    pub fn rank(&self, end: End) -> Rank {
        end.rank(self.accessed)
    }
}

impl<'c> Owned<'c> {
    /// Closes the key and returns its name.
    pub fn close(self) -> OwnedString<'c> {
        self.name
    }
}

/// Opens a key for reading; none if it does not hold a session of this user.
pub fn open<'c>(ctx: Ctx<'c>, name: OwnedString<'c>, user: &str, now: i64) -> Option<Owned<'c>> {
    let key = ReadKey::open(ctx, name.arg(), true);
    let Found::Value(block) = key.get(&SESSION) else {
        return None;
    };
    let PackedValue::Session(shape) = unpack_shape(block) else {
        return None;
    };
    let session = shape.session(block.bytes());
    if session.user() != Some(user) {
        return None;
    }
    let is_live = shape.is_live(now);
    let (Reverse(accessed), Reverse(created)) = session.order(now);
    Some(Owned {
        name,
        is_live,
        accessed,
        created,
        key,
    })
}

/// Sorts sessions from this end of their order.
pub fn sort(sessions: &mut [Owned<'_>], from: End) {
    match from {
        End::MostRecent => sessions.sort_unstable_by(Owned::order),
        End::LeastRecent => sessions.sort_unstable_by(|a, b| b.order(a)),
    }
}

/// Moves the first `count` sessions from this end of their order to the front, in any order. There
/// are more than `count`.
pub fn partition(sessions: &mut [Owned<'_>], from: End, count: usize) {
    sessions.select_nth_unstable_by(count, |a, b| match from {
        End::MostRecent => a.order(b),
        End::LeastRecent => b.order(a),
    });
}

/// The position behind the first `count` live sessions, at least 1, if there are as many.
pub fn behind_live(sessions: &[Owned<'_>], count: usize) -> Option<usize> {
    let mut live = (0..sessions.len()).filter(|&at| sessions[at].is_live);
    live.nth(count - 1).map(|at| at + 1)
}

/// Drops all sessions behind the first `count` live ones; `count` is at least 1.
pub fn cut(sessions: &mut Vec<Owned<'_>>, count: usize) {
    if let Some(end) = behind_live(sessions, count) {
        sessions.truncate(end);
    }
}

/// The part of the keyspace in which sessions are looked for, as ranges of slots.
pub struct Scope(Cow<'static, [RangeInclusive<u16>]>);

impl Scope {
    /// This node; in a cluster, the slots that it serves or is importing.
    ///
    /// # Errors
    /// As for [`served_slots`].
    pub fn node(ctx: Ctx<'_>) -> Result<Self> {
        if !is_cluster() {
            return Ok(Self(Cow::Borrowed(EVERYWHERE)));
        }
        Ok(Self(Cow::Owned(served_slots(ctx)?.ranges())))
    }

    /// The keys that a command which declares `key` may open: in a cluster those in the same slot.
    pub fn around(key: Arg<'_>) -> Self {
        if !is_cluster() {
            return Self(Cow::Borrowed(EVERYWHERE));
        }
        let slot = slot_of(key.bytes()) as u16;
        Self(Cow::Owned(vec![slot..=slot]))
    }

    /// Whether the index has more than `max` sessions of the user here. It has every session that
    /// there is, and perhaps some that do not count.
    pub fn may_exceed(&self, ctx: Ctx<'_>, user: &str, max: usize) -> bool {
        state::USERS.with(|index| index.exceeds(ctx.database(), user, self.spans(), max))
    }

    /// The ranges of slots.
    pub fn spans(&self) -> Spans<'_> {
        &self.0
    }
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
