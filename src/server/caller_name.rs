//! The name of the ACL user who calls a command, by a way that is safe on every server.
//!
//! Workaround. Servers: all (Redis 7.0 to 8.0, Valkey 8.0 to 9.1). Fault: `RedisModule_GetCurrentUserName`
//! follows a null pointer where the client has no user. The link to the primary has none, and neither has
//! a call by another module (`RedisModule_Call` without the flag `C`), also where a script that such a
//! call runs makes it, or a script runs the command that calls. Symptom: the server crashes with signal
//! 11. So the module first lets the server itself tell whether there is a user.

use super::context::{Ctx, OwnedString};
use super::{api, call};

/// The name of the ACL user of this call's client; none if the client has no user.
pub fn caller_name(ctx: Ctx<'_>) -> Option<OwnedString<'_>> {
    if !call::has_user(ctx) {
        return None;
    }
    // SAFETY: the context is valid. Its client has a user, whose name the function copies. The server
    // hands over the only reference to the copy, which the `OwnedString` frees.
    unsafe {
        let name = api!(RedisModule_GetCurrentUserName(ctx.raw()));
        (!name.is_null()).then(|| OwnedString::from_raw(ctx, name))
    }
}
