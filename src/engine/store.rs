//! Storing a value under a key, together with all that must agree with it: the key's expiry, the
//! index of users and the count of sessions.
//!
//! [`store`] is for any value under any key. [`Update`] is for a session that is changed in place
//! and keeps its user, so that the count stays the same, and the index changes only where it knows
//! the time of the last access.

use crate::keyspace::index;
use crate::keyspace::session_type::{count_in, count_out, pack, unpack, SESSION};
use crate::server::args::Arg;
use crate::server::block::Block;
use crate::server::key::{Key, WriteKey};
use crate::server::native::Found;
use crate::session::{self, Session, UserAccess, Value};

/// The expiry of a session's key, if it is sooner than the session's own end: core's EXPIRE has set
/// it. It stays through each change by a command that names no timeout.
pub fn sooner_expiry<Mode>(key: &Key<'_, Mode>, session: &Session<'_>) -> Option<i64> {
    let expire = key.expire()?;
    session
        .end()
        .is_none_or(|end| expire < end)
        .then_some(expire)
}

/// Stores a value in the place of any value that the key holds. The key expires at the end of the
/// value, or at `sooner` if that comes first. Returns its expiry if that is not the value's end.
pub fn store(
    name: Arg<'_>,
    key: &mut WriteKey<'_>,
    value: &Value<'_>,
    sooner: Option<i64>,
) -> Option<i64> {
    let end = session::sooner(value.end(), sooner);
    let database = key.database();
    count_in(value);
    if let Found::Value(before) = key.get(&SESSION).map(unpack) {
        index::set_user(database, name, before.user(), value.user_access());
        count_out(&before);
        key.replace(&SESSION, pack(value));
        key.set_expire(end);
    } else {
        index::set_user(database, name, None, value.user_access());
        key.set(&SESSION, pack(value), end);
    }
    end.filter(|_| end != value.end())
}

/// A change of a session in place, prepared while the session is borrowed from its key and stored
/// after that borrow has ended.
pub struct Update {
    /// The whole new value; none if only the last access has changed.
    whole: Option<Block>,
    accessed: i64,
    /// The end of the session.
    end: Option<i64>,
    /// The expiry of its key.
    key_end: Option<i64>,
    has_user: bool,
}

impl Update {
    /// Prepares the change to `session`. `changed` says whether more than the last access differs.
    /// The key expires at the end of the session, or at `sooner` if that comes first.
    pub fn to(session: &Session<'_>, changed: bool, sooner: Option<i64>) -> Self {
        let end = session.end();
        Self {
            whole: changed.then(|| pack(&Value::Session(*session))),
            accessed: session.accessed(),
            end,
            key_end: session::sooner(end, sooner),
            has_user: session.user().is_some(),
        }
    }

    /// The expiry of the key, if that is not the end of the session: replicas need it then.
    pub fn expire(&self) -> Option<i64> {
        self.key_end.filter(|_| self.key_end != self.end)
    }

    /// Stores the change under the key that the session came from, whose name this is. Returns whether
    /// the key's expiry
    /// changed: each access moves it if there is an idle timeout, and core's PERSIST or EXPIRE may
    /// have set the key to expire at another time than the end of the session.
    pub fn store(self, name: Arg<'_>, key: &mut WriteKey<'_>) -> bool {
        if self.has_user {
            self.record_in_index(name, key);
        }
        if let Some(session) = self.whole {
            key.replace(&SESSION, session);
        } else if let Found::Value(block) = key.get(&SESSION) {
            block.set_time(self.accessed);
        }
        key.set_expire(self.key_end)
    }

    fn record_in_index(&self, name: Arg<'_>, key: &WriteKey<'_>) {
        let database = key.database();
        if !index::keeps_times(database) {
            return;
        }
        if let Found::Value(Value::Session(session)) = key.get(&SESSION).map(unpack) {
            if let Some(user) = session.user() {
                let accessed = self.accessed;
                index::record_access(database, name, UserAccess { user, accessed });
            }
        }
    }
}
