//! Follows a session that the old store changed after it was moved, as long as nobody uses it in the target yet.

use super::replies::{integer, refused, Outcome};
use super::session::{Left, Session};
use super::untouched::{if_untouched, is_forbidden};
use crate::failure::Failure;
use redis::{Cmd, Value};

/// The new session is made beside the old one, so that nothing has changed if it is refused.
const REPLACE: &str = "\
local may = redis.pcall('RENAME', KEYS[2], KEYS[2])
if not (may.err and may.err:find('no such key', 1, true)) then return may end
local new = redis.pcall('SESSION.IMPORT', KEYS[2], unpack(ARGV, 2))
if not new then return 0 end
if type(new) == 'table' and new.err then return new end
redis.call('RENAME', KEYS[2], KEYS[1])
return 1";

/// Replaces the session by what the old store has of it.
pub fn update(session: &Session, now: i64, schema: Option<&str>) -> Cmd {
    let mut eval = if_untouched(REPLACE);
    eval.arg(2)
        .arg(&session.key)
        .arg(format!("{}:import", session.key))
        .arg(session.accessed(now));
    session.arguments(&mut eval, now, schema);
    eval
}

/// The reply to `update`: `There` if the session is used in the target, or has ended there.
pub fn updated(reply: &Value) -> Result<Outcome, Failure> {
    match reply {
        Value::ServerError(error) if is_forbidden(error) => Ok(Outcome::Left(Left::Because(
            "changed in the old store since it was moved; to follow, the user of the target needs +eval +rename +session.get"
                .to_owned(),
        ))),
        Value::ServerError(error) => refused(error),
        reply if integer(reply) == Some(1) => Ok(Outcome::Moved),
        _ => Ok(Outcome::There),
    }
}
