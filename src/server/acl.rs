//! ACL checks for keys that a command opens although the client did not name them, for example the
//! other sessions of a user.
//!
//! The server checks only the keys that a command declares. All others are checked here, against
//! the key patterns of the user who calls.

use super::args::Arg;
use super::caller_name::caller_name;
use super::context::Ctx;
use super::{api, OK};
use crate::error::{Error, Result};
use redis_module::raw::{self, RedisModuleUser};

/// The use of a key, which decides the ACL permission that it needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Returns content of the key: needs read permission.
    Read,
    /// Reads and changes the key: needs read and write permission.
    Change,
    /// Removes the key without returning its content: needs write permission.
    End,
}

/// The ACL user who calls a command.
pub struct Caller {
    user: *mut RedisModuleUser,
}

impl Caller {
    /// Looks up the user of a client's call. Not for internal commands: the link to the primary has
    /// no user.
    ///
    /// # Errors
    /// NOPERM if the call has no user, as when another module makes it.
    pub fn of(ctx: Ctx<'_>) -> Result<Self> {
        let name = caller_name(ctx).ok_or_else(Error::no_user)?;
        // SAFETY: the name is a valid string, which the server reads during the call only.
        let user = unsafe { api!(RedisModule_GetModuleUserFromUserName(name.arg().raw())) };
        if user.is_null() {
            return Err(Error::no_user());
        }
        Ok(Self { user })
    }

    /// Whether the ACL allows the user this access to the key.
    pub fn may(&self, access: Access, key: Arg<'_>) -> bool {
        let flags = match access {
            Access::Read => raw::REDISMODULE_CMD_KEY_ACCESS,
            Access::Change => raw::REDISMODULE_CMD_KEY_ACCESS | raw::REDISMODULE_CMD_KEY_UPDATE,
            Access::End => raw::REDISMODULE_CMD_KEY_DELETE,
        };
        // SAFETY: the user is valid until `self` is dropped, and the key's name during its borrow.
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
        // SAFETY: `of` got this handle from the server; it is freed once, here. The user that it
        // refers to stays.
        unsafe { api!(RedisModule_FreeModuleUser(self.user)) };
    }
}
