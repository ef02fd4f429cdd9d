//! ACL checks for keys that a command uses although the client did not name them, for example the
//! other sessions of a user.
//!
//! The server checks only the keys that a command declares. All others are checked here, each as if the
//! caller ran a certain command on that key, so that selectors count, which grant some commands on some
//! keys. This is the only place that asks the ACL.

use super::args::Arg;
use super::caller_name::caller_name;
use super::context::{Ctx, OwnedString};
use super::{api, register, OK};
use crate::error::{Error, Result};
use redis_module::raw::{self, RedisModuleUser};
use std::cell::{Cell, OnceCell};
use std::ptr::null_mut;

/// The most words that the least form of a command has, its name included.
const MOST_WORDS: usize = 5;

/// The use of a key, as the command that the caller must be allowed to run on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Shows the session: SESSION.INFO.
    Read,
    /// Ends the session: SESSION.DEL.
    End,
    /// Does to the key what the running command does to the keys that it names: the running command.
    Running,
}

/// A command that the ACL is asked about.
struct Asked<'c> {
    name: OwnedString<'c>,
    /// How many words its least form has, its name included; at least 2, at most [`MOST_WORDS`].
    words: usize,
}

/// The ACL user who calls a command.
pub struct Caller<'c> {
    ctx: Ctx<'c>,
    user: *mut RedisModuleUser,
    /// The command for each [`Access`], in that order. Looked up when first needed: MAXSESSIONS mostly
    /// finds nothing to end, and asks for no access; LIST asks for thousands of keys.
    commands: [OnceCell<Asked<'c>>; 3],
    /// Whether a refusal is in the ACL log already.
    has_logged: Cell<bool>,
}

impl<'c> Caller<'c> {
    /// Looks up the user of a client's call. Not for internal commands: the link to the primary has
    /// no user.
    ///
    /// # Errors
    /// NOPERM if the call has no user, as when another module makes it.
    pub fn of(ctx: Ctx<'c>) -> Result<Self> {
        let name = caller_name(ctx).ok_or_else(Error::no_user)?;
        // SAFETY: the name is a valid string, which the server reads during the call only.
        let user = unsafe { api!(RedisModule_GetModuleUserFromUserName(name.arg().raw())) };
        if user.is_null() {
            return Err(Error::no_user());
        }
        Ok(Self {
            ctx,
            user,
            commands: [const { OnceCell::new() }; 3],
            has_logged: Cell::new(false),
        })
    }

    /// The command that stands for an access.
    fn command(&self, access: Access) -> &Asked<'c> {
        self.commands[access as usize].get_or_init(|| {
            let name = match access {
                Access::Read => c"session.info",
                Access::End => c"session.del",
                Access::Running => self.ctx.command().unwrap_or(c""),
            };
            let spec = name.to_str().ok().and_then(register::command);
            let words = spec.map_or(2, |spec| spec.arity.unsigned_abs() as usize);
            Asked {
                name: self.ctx.string(name.to_bytes()),
                words: words.clamp(2, MOST_WORDS),
            }
        })
    }

    /// Whether the ACL allows the user this access to the key. The first refusal is added to the
    /// ACL log, and no other, because LIST can pass over many keys.
    pub fn may(&self, access: Access, key: Arg<'_>) -> bool {
        let command = self.command(access);
        // Security updates of some servers (Debian's of Redis 8.0.2) refuse a command that has fewer
        // arguments than it must have. So the key stands in the place of those that are missing. Where
        // they are keys too, that asks the same again.
        let mut words = [key; MOST_WORDS];
        words[0] = command.name.arg();
        let allowed = self.may_run(&words[..command.words]);
        if !allowed && !self.has_logged.replace(true) {
            self.log(access, command.name.arg(), key);
        }
        allowed
    }

    /// Whether the user may run a command, which is given as its name and its arguments.
    fn may_run(&self, words: &[Arg<'_>]) -> bool {
        let mut argv = [null_mut(); MOST_WORDS];
        for (raw, word) in argv.iter_mut().zip(words) {
            *raw = word.raw();
        }
        // SAFETY: the user is valid until `self` is dropped. The array has as many strings as `words`,
        // which are at most `MOST_WORDS` and valid during their borrow; the server only reads them.
        let allowed = unsafe {
            api!(RedisModule_ACLCheckCommandPermissions(
                self.user,
                argv.as_mut_ptr(),
                words.len().min(MOST_WORDS) as i32
            ))
        };
        allowed == OK
    }

    /// Whether some rule of the user's names the key, for whatever command.
    fn may_open(&self, key: Arg<'_>) -> bool {
        // SAFETY: the user is valid until `self` is dropped. The key is valid during its borrow; the
        // server only reads it.
        let allowed = unsafe {
            api!(RedisModule_ACLCheckKeyPermissions(
                self.user,
                key.raw(),
                raw::REDISMODULE_CMD_KEY_ACCESS as i32
            ))
        };
        allowed == OK
    }

    /// Adds a refusal to the ACL log. Like core, it names the command if the user may run it on no
    /// key, and otherwise the key. The running command is one that the user may run. Of another one the
    /// servers that ask for all arguments do not tell; then the key is named if no rule allows it.
    fn log(&self, access: Access, command: Arg<'_>, key: Arg<'_>) {
        let by_key = access == Access::Running || self.may_run(&[command]) || !self.may_open(key);
        let (object, reason) = if by_key {
            (
                key,
                raw::RedisModuleACLLogEntryReason_REDISMODULE_ACL_LOG_KEY,
            )
        } else {
            (
                command,
                raw::RedisModuleACLLogEntryReason_REDISMODULE_ACL_LOG_CMD,
            )
        };
        // SAFETY: the context is that of the running command, whose client the entry describes. The user
        // is valid until `self` is dropped, and the server copies the object.
        unsafe {
            api!(RedisModule_ACLAddLogEntry(
                self.ctx.raw(),
                self.user,
                object.raw(),
                reason
            ));
        }
    }
}

impl Drop for Caller<'_> {
    fn drop(&mut self) {
        // SAFETY: `of` got this handle from the server; it is freed once, here. The user that it
        // refers to stays.
        unsafe { api!(RedisModule_FreeModuleUser(self.user)) };
    }
}
