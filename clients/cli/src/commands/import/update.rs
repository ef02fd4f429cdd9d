//! Follows a session that the old store changed after it was moved, as long as nobody uses it in the target yet.

use super::replies::{integer, refused, Outcome};
use super::session::{Left, Session};
use crate::failure::Failure;
use redis::{cmd, Cmd, Value};

/// One step on the server: nothing can come between the look and the change. The new session is made beside the
/// old one, so that nothing has changed if it is refused. A session of version 1 was never changed in the target,
/// `issued` is `created` as long as its ID is the imported one, and `accessed` tells of reads.
const SCRIPT: &str = "\
local old = redis.call('SESSION.GET', KEYS[1], 'NOTOUCH', 'FIELDS', 4, 'version', 'accessed', 'issued', 'created')
if not old then return 0 end
local version, accessed, issued, created = unpack(old[1])
if version ~= 1 or issued ~= created or accessed > tonumber(ARGV[1]) then return 0 end
local may = redis.pcall('RENAME', KEYS[2], KEYS[2])
if not (may.err and may.err:find('no such key', 1, true)) then return may end
local new = redis.pcall('SESSION.IMPORT', KEYS[2], unpack(ARGV, 2))
if not new then return 0 end
if type(new) == 'table' and new.err then return new end
redis.call('RENAME', KEYS[2], KEYS[1])
return 1";

/// Replaces the session by what the old store has of it.
pub fn update(session: &Session, now: i64, schema: Option<&str>) -> Cmd {
    let mut eval = cmd("EVAL");
    eval.arg(SCRIPT)
        .arg(2)
        .arg(&session.key)
        .arg(format!("{}:import", session.key))
        .arg(session.accessed(now));
    session.arguments(&mut eval, now, schema);
    eval
}

/// The reply to `update`: `There` if the session is used in the target, or has ended there.
pub fn updated(reply: &Value) -> Result<Outcome, Failure> {
    match reply {
        Value::ServerError(error) if is_refusal_of_scripts(error) => Ok(Outcome::Left(Left::Because(
            "changed in the old store since it was moved; to follow, the user of the target needs +eval +rename +session.get"
                .to_owned(),
        ))),
        Value::ServerError(error) => refused(error),
        reply if integer(reply) == Some(1) => Ok(Outcome::Moved),
        _ => Ok(Outcome::There),
    }
}

fn is_refusal_of_scripts(error: &redis::ServerError) -> bool {
    let text = error.details().unwrap_or_default();
    error.code() == "NOPERM"
        || text.contains("unknown command")
        || text.contains("can't run")
        || text.contains("ACL")
}
