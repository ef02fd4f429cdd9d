//! The upkeep of the index from users to the keys of their sessions, and the counts of sessions
//! that the server removed by itself.
//!
//! An entry is added where a key comes to hold a session that has a user: by a command of this
//! module ([`set_user`]), by a command of core or by a load ([`arrived`], [`loaded`]). It is
//! removed where the key is unlinked ([`unlinked`]: DEL, overwriting, expiry, eviction, MOVE,
//! RENAME) or a whole database is emptied ([`flushing`]). The callbacks that read a value from a
//! file and that free one change no entry: the server also calls them for values that never get a
//! key, or no longer have one.

use super::session_type::{unpack, SESSION};
use super::state;
use crate::server::args::Arg;
use crate::server::context::Ctx;
use crate::server::key::ReadKey;
use crate::server::main_thread::MainThread;
use crate::server::native::Found;
use crate::session::{UserAccess, Value};
use crate::slots::slot_of;
use crate::stats::{self, Counter};
use crate::users::Remains;
use ahash::RandomState;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{LazyLock, Mutex};

/// Records that a key now holds a value of `user`, in the place of a value of `before`. An alias,
/// and a session that has no user, are values of none.
pub fn set_user(
    database: usize,
    name: Arg<'_>,
    before: Option<&str>,
    user: Option<UserAccess<'_>>,
) {
    if before.is_none() && user.is_none() {
        return;
    }
    state::USERS.with(|index| {
        if let Some(before) = before.filter(|&before| user.is_none_or(|now| now.user != before)) {
            index.remove(database, before, name.bytes());
        }
        if let Some(UserAccess { user, accessed }) = user {
            index.add(database, user, name.bytes(), accessed);
        }
    });
}

/// Whether accesses to the sessions of any user in a database are recorded in the index: only where
/// a user has many.
pub fn keeps_times(database: usize) -> bool {
    state::USERS.with(|index| index.keeps_times(database))
}

/// Records the last access of a session that is in the index.
pub fn record_access(database: usize, name: Arg<'_>, access: UserAccess<'_>) {
    let UserAccess { user, accessed } = access;
    state::USERS.with(|index| index.record(database, user, name.bytes(), accessed));
}

/// Whether the next LOADED event is for a value of this module. Set by rdb_load; cleared by that
/// event.
static LOADED_EXPECTED: AtomicBool = AtomicBool::new(false);

/// Prepares for the LOADED event of a value that rdb_load has read. In a load the server fires it
/// right after. RESTORE fires none, and a later load then opens one key in vain.
pub fn expect_loaded() {
    LOADED_EXPECTED.store(true, Relaxed);
}

/// Handles the LOADED event of a key: adds its session to the index. The event is fired for keys of
/// every type; only those of this module are opened.
pub fn loaded(ctx: Ctx<'_>, name: Arg<'_>) {
    if LOADED_EXPECTED.swap(false, Relaxed) {
        arrived(ctx, name);
    }
}

/// Adds to the index the session under a key that a command of core, or a load, has created.
pub fn arrived(ctx: Ctx<'_>, name: Arg<'_>) {
    // A copy of the name: the server aborts if a module retains the string of an event, as opening
    // a key does.
    let name = ctx.string(name.bytes());
    let key = ReadKey::open_quietly(ctx, name.arg());
    if let Found::Value(value) = key.get(&SESSION).map(unpack) {
        // The database of the key, not the selected one: in a transaction on Valkey 9 that is the
        // client's, even if MOVE or COPY has brought the key to another.
        set_user(key.database(), name.arg(), None, value.user_access());
    }
}

/// The hash of the key that was unlinked last, if it held a session. The events of expiry and
/// eviction come after the unlinking, when the key can no longer be looked into.
static LAST_UNLINKED: MainThread<Option<u64>> = MainThread::new(None);

fn hash(key: &[u8]) -> u64 {
    static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    HASHER.hash_one(key)
}

/// Removes a key from the index, because it no longer holds this value.
pub fn unlinked(database: usize, key: &[u8], value: &Value<'_>) {
    let is_session = value.session().is_some();
    LAST_UNLINKED.with(|last| *last = is_session.then(|| hash(key)));
    if let Some(user) = value.user() {
        state::USERS.with(|index| index.remove(database, user, key));
    }
}

/// Counts the key if it was the last key to be unlinked, and held a session.
fn count_last(name: Arg<'_>, counter: &Counter) {
    let last = LAST_UNLINKED.with(Option::take);
    if last.is_some_and(|last| last == hash(name.bytes())) {
        counter.add();
    }
}

/// Handles the event that a key expired: counts it if it held a session.
pub fn expired(name: Arg<'_>) {
    count_last(name, &stats::EXPIRED);
}

/// Handles the event that a key was evicted: counts it if it held a session.
pub fn evicted(name: Arg<'_>) {
    count_last(name, &stats::EVICTED);
}

/// Handles SWAPDB: exchanges the entries of two databases.
pub fn swapped(first: usize, second: usize) {
    state::USERS.with(|index| index.swap(first, second));
}

/// Removes the entries of all keys in these slots, which the server drops without unlinking each. A
/// cluster has database 0 alone. Takes time in proportion to the whole index; servers drop slots in
/// this way only if a debug setting says so (`server/trim.rs`).
pub fn trimmed(slots: &[RangeInclusive<usize>]) {
    let is_dropped = |key: &[u8]| {
        let slot = slot_of(key);
        slots.iter().any(|range| range.contains(&slot))
    };
    state::USERS.with(|index| index.remove_if(0, is_dropped));
}

/// The memory of dropped index entries that is still to be freed.
static REMAINS: Mutex<Vec<Remains>> = Mutex::new(Vec::new());
/// Whether [`REMAINS`] has any, to be read without its lock.
static ANY_REMAINS: AtomicBool = AtomicBool::new(false);

/// Drops the entries of a database, or of all, which is about to be emptied. Freeing the memory of
/// a large index takes as long as freeing the sessions, so [`free_some_remains`] does that bit by
/// bit.
pub fn flushing(database: Option<usize>) {
    let remains = state::USERS.with(|index| index.forget(database));
    if let Ok(mut all) = REMAINS.lock() {
        if !remains.is_empty() {
            all.push(remains);
            ANY_REMAINS.store(true, Relaxed);
        }
    }
}

/// How many steps of freeing are done for each freed session. The entry of one session takes fewer,
/// about five: beginning and ending a table, beginning and ending a user, and freeing a key.
const STEPS_PER_SESSION: usize = 16;

/// Frees some memory of dropped entries. Called for each session that is freed, on the same thread,
/// so that an asynchronous flush also frees the index in the background.
///
/// A flush frees at least as many sessions as the index had entries, so all of that memory is freed
/// when it is done. The exception is a flush of few sessions: each database also has its tables to
/// free, and the rest waits until further sessions are freed.
pub fn free_some_remains() {
    if !ANY_REMAINS.load(Relaxed) {
        return;
    }
    // If another thread holds the lock, it is doing this work.
    let Ok(mut all) = REMAINS.try_lock() else {
        return;
    };
    if let Some(last) = all.last_mut() {
        last.free_some(STEPS_PER_SESSION);
        if last.is_empty() {
            all.pop();
        }
    }
    ANY_REMAINS.store(!all.is_empty(), Relaxed);
}
