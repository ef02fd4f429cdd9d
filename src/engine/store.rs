//! Storing a value under a key: the value, its expiry, the index of users and the counters together.

use crate::keyspace::index;
use crate::keyspace::session_type::{count_in, count_out, pack, unpack, SESSION};
use crate::server::args::Arg;
use crate::server::block::Block;
use crate::server::key::WriteKey;
use crate::server::native::Found;
use crate::session::{Session, Value};

/// Puts a value in the place of whatever the key holds.
pub fn store(name: Arg<'_>, key: &mut WriteKey<'_>, value: &Value<'_>) {
    let end = value.end();
    let database = key.database();
    count_in(value);
    if let Found::Value(before) = key.get(&SESSION).map(unpack) {
        index::stored(database, name, before.user(), value.user());
        count_out(&before);
        key.replace(&SESSION, pack(value));
        key.set_expire(end);
    } else {
        index::stored(database, name, None, value.user());
        key.set(&SESSION, pack(value), end);
    }
}

/// What has become of a live session: all of it where more than its last access has changed.
pub struct Update {
    whole: Option<Block>,
    accessed: i64,
    end: Option<i64>,
}

impl Update {
    /// To this, which differs in more than the last access if `changed`.
    pub fn to(session: &Session<'_>, changed: bool) -> Self {
        Self {
            whole: changed.then(|| pack(&Value::Session(*session))),
            accessed: session.accessed(),
            end: session.end(),
        }
    }

    /// Puts it in the place of the session that it was made from. Gives whether the key now expires
    /// at another time than before, as it does after each access with an idle timeout, and where
    /// PERSIST or EXPIRE had parted the key's expiry from the session's end.
    pub fn store(self, key: &mut WriteKey<'_>) -> bool {
        if let Some(session) = self.whole {
            key.replace(&SESSION, session);
        } else if let Found::Value(block) = key.get(&SESSION) {
            block.set_time(self.accessed);
        }
        key.set_expire(self.end)
    }
}
