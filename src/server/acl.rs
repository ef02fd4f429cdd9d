//! What the ACL lets the caller do with keys that it did not name.

use super::args::Arg;
use super::context::Ctx;
use super::{api, OK};
use crate::error::{Error, Result};
use redis_module::raw::{self, RedisModuleUser};

/// What is to be done with a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its content is shown.
    Read,
    /// Its content is read and changed.
    Change,
    /// It is removed, unseen.
    End,
}

/// The ACL user who calls.
pub struct Caller {
    user: *mut RedisModuleUser,
}

impl Caller {
    /// Finds out who calls. For commands of clients, not for effects.
    ///
    /// # Errors
    /// NOPERM where the server knows no user: the call is another module's.
    pub fn of(ctx: Ctx<'_>) -> Result<Self> {
        // SAFETY: the context is valid. The user's name is asked for by the client's number, which
        // the server looks up: a client without a user (another module's call, the link to the
        // primary) is not found, where RedisModule_GetCurrentUserName would follow a null pointer.
        // Only a script has no number that is known; its client has the user of who runs it. The
        // name is freed once, and not used after.
        unsafe {
            let id = api!(RedisModule_GetClientId(ctx.raw()));
            let mut name = api!(RedisModule_GetClientUserNameById(ctx.raw(), id));
            if name.is_null() && ctx.is_in_script() {
                name = api!(RedisModule_GetCurrentUserName(ctx.raw()));
            }
            if name.is_null() {
                return Err(Error::no_user());
            }
            let user = api!(RedisModule_GetModuleUserFromUserName(name));
            api!(RedisModule_FreeString(ctx.raw(), name));
            if user.is_null() {
                return Err(Error::no_user());
            }
            Ok(Self { user })
        }
    }

    /// Whether the user may do this with the key.
    pub fn may(&self, access: Access, key: Arg<'_>) -> bool {
        let flags = match access {
            Access::Read => raw::REDISMODULE_CMD_KEY_ACCESS,
            Access::Change => raw::REDISMODULE_CMD_KEY_ACCESS | raw::REDISMODULE_CMD_KEY_UPDATE,
            Access::End => raw::REDISMODULE_CMD_KEY_DELETE,
        };
        // SAFETY: the user is valid until it is dropped, and so is the key's name.
        let allowed = unsafe {
            api!(RedisModule_ACLCheckKeyPermissions(
                self.user,
                key.raw(),
                flags.cast_signed()
            ))
        };
        allowed == OK
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        // SAFETY: made by `of`, freed once.
        unsafe { api!(RedisModule_FreeModuleUser(self.user)) };
    }
}
