//! The name of the ACL user who calls a command, by a way that is safe on every server.
//!
//! Workaround. Servers: all that were tried (Redis 7.0.15, Valkey 8.1 and 9.1). Fault:
//! `RedisModule_GetCurrentUserName` follows a null pointer where the client has no user, which is so
//! for the link to the primary and for calls by another module. Symptom: the server crashes with
//! signal 11. So the client's ID is looked up first, which finds no client in these cases.

use super::api;
use super::context::{Ctx, OwnedString};

/// The name of the ACL user of this call's client; none if the client has no user.
pub fn caller_name(ctx: Ctx<'_>) -> Option<OwnedString<'_>> {
    // SAFETY: the context is valid. Both functions that look up an ID accept every ID. A script's
    // client cannot be found by its ID, but always has a user, that of the client who runs the
    // script, so RedisModule_GetCurrentUserName has a user to read. The server hands over a new
    // reference to the name, which the `OwnedString` frees.
    unsafe {
        let id = api!(RedisModule_GetClientId(ctx.raw()));
        let mut name = api!(RedisModule_GetClientUserNameById(ctx.raw(), id));
        if name.is_null() && ctx.is_in_script() {
            name = api!(RedisModule_GetCurrentUserName(ctx.raw()));
        }
        (!name.is_null()).then(|| OwnedString::from_raw(ctx, name))
    }
}
