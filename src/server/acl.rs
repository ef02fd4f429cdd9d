//! What the ACL lets the caller do with keys that it did not name.

use super::args::Arg;
use super::context::Ctx;
use super::{api, OK};
use redis_module::raw;

/// Whether the user who calls may read (or, with `write`, change) this key.
///
/// For commands of clients only: on the link from the primary there is no user to ask for, and the
/// server crashes when it is asked.
pub fn may_touch(ctx: Ctx<'_>, key: Arg<'_>, write: bool) -> bool {
    let flags = if write {
        raw::REDISMODULE_CMD_KEY_ACCESS | raw::REDISMODULE_CMD_KEY_UPDATE
    } else {
        raw::REDISMODULE_CMD_KEY_ACCESS
    };
    // SAFETY: the context is that of a client's command; name and user are freed once, and not
    // used after.
    unsafe {
        let name = api!(RedisModule_GetCurrentUserName(ctx.raw()));
        if name.is_null() {
            return false;
        }
        let user = api!(RedisModule_GetModuleUserFromUserName(name));
        api!(RedisModule_FreeString(ctx.raw(), name));
        if user.is_null() {
            return false;
        }
        let allowed = api!(RedisModule_ACLCheckKeyPermissions(
            user,
            key.raw(),
            flags.cast_signed()
        )) == OK;
        api!(RedisModule_FreeModuleUser(user));
        allowed
    }
}
