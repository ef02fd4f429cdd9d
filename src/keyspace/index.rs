//! The upkeep of the index from users to sessions.
//!
//! An entry is made where a key comes to hold a session: by a command of this module (`stored`) or
//! by one of core's (`arrived`). It goes where such a key is unlinked (`unlinked`, which the server
//! calls for DEL, overwriting, expiry, eviction, MOVE and RENAME) or a whole database is emptied.
//! Nothing is noted when a value is read from a file or freed: the server does both for values that
//! never come under a key, or no longer are under theirs.

use super::session_type::{unpack, SESSION};
use super::state;
use crate::server::args::Arg;
use crate::server::context::Ctx;
use crate::server::key::ReadKey;
use crate::server::main_thread::MainThread;
use crate::server::native::Found;
use crate::session::Value;
use crate::stats::{self, Counter};
use crate::users::Remains;
use ahash::RandomState;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{LazyLock, Mutex};

/// Notes that a key now holds a session of this user, or none that has one, in place of one of
/// `before`.
pub fn stored(database: usize, name: Arg<'_>, before: Option<&str>, user: Option<&str>) {
    if before.is_none() && user.is_none() {
        return;
    }
    state::USERS.with(|index| {
        if let Some(before) = before.filter(|&before| Some(before) != user) {
            index.remove(database, before, name.bytes());
        }
        if let Some(user) = user {
            index.add(database, user, name.bytes());
        }
    });
}

/// Whether a session has been read from a file that has not been told of as loaded.
static READ: AtomicBool = AtomicBool::new(false);

/// Notes that a session is being read from a file, as the server does just before it tells of the
/// key.
pub fn read() {
    READ.store(true, Relaxed);
}

/// Notes what a key holds that has come from a file. The server tells of every key, and most may
/// be of other types: those are not opened.
pub fn loaded(ctx: Ctx<'_>, name: Arg<'_>) {
    if READ.swap(false, Relaxed) {
        arrived(ctx, name);
    }
}

/// Notes what a key holds that has come by a command of core's, or from a file.
pub fn arrived(ctx: Ctx<'_>, name: Arg<'_>) {
    // The server cannot keep the string of the event itself.
    let name = ctx.string(name.bytes());
    let key = ReadKey::open_quietly(ctx, name.arg());
    if let Found::Value(value) = key.get(&SESSION).map(unpack) {
        // Not the database that is selected: in a transaction Valkey 9 gives that of the client,
        // also where MOVE or COPY has brought the key to another.
        stored(key.database(), name.arg(), None, value.user());
    }
}

/// The session that was unlinked last, as a hash of its key: expiry and eviction are told of only
/// then, when it is too late to look at the key.
static LAST_UNLINKED: MainThread<Option<u64>> = MainThread::new(None);

fn hash(key: &[u8]) -> u64 {
    static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    HASHER.hash_one(key)
}

/// Notes that a key no longer holds this value.
pub fn unlinked(database: usize, key: &[u8], value: &Value<'_>) {
    let is_session = value.session().is_some();
    LAST_UNLINKED.with(|last| *last = is_session.then(|| hash(key)));
    if let Some(user) = value.user() {
        state::USERS.with(|index| index.remove(database, user, key));
    }
}

fn count_last(name: Arg<'_>, counter: &Counter) {
    let last = LAST_UNLINKED.with(Option::take);
    if last.is_some_and(|last| last == hash(name.bytes())) {
        counter.add();
    }
}

/// Counts a session that expired.
pub fn expired(name: Arg<'_>) {
    count_last(name, &stats::EXPIRED);
}

/// Counts a session that was evicted.
pub fn evicted(name: Arg<'_>) {
    count_last(name, &stats::EVICTED);
}

/// Notes that two databases have changed places.
pub fn swapped(first: usize, second: usize) {
    state::USERS.with(|index| index.swap(first, second));
}

/// What flushes have left of the index, and whether that is anything.
static REMAINS: Mutex<Vec<Remains>> = Mutex::new(Vec::new());
static ANY_REMAINS: AtomicBool = AtomicBool::new(false);

/// Forgets a database, or all. To free a large index takes as long as to free the sessions, so it
/// is left to [`free_some_remains`].
pub fn flushing(database: Option<usize>) {
    let remains = state::USERS.with(|index| index.forget(database));
    if let Ok(mut all) = REMAINS.lock() {
        if !remains.is_empty() {
            all.push(remains);
            ANY_REMAINS.store(true, Relaxed);
        }
    }
}

/// More than there is of the index for one session: a table, a user, a key, and the end of each.
const STEPS_PER_SESSION: usize = 16;

/// Frees a little of what flushes have left. Called for each session that is freed, on whatever
/// thread that is: when the flush is asynchronous, so is this, and no thread is needed for it. A
/// flush frees as many sessions as the index had, so nothing is left when it is done.
pub fn free_some_remains() {
    if !ANY_REMAINS.load(Relaxed) {
        return;
    }
    // Whoever finds it locked leaves the work to the other.
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
