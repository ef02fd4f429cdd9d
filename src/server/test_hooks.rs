//! `SESSION._TEST`, a command for the tests of this module: it brings about what no other command
//! can, such as a fault of the module itself.
//!
//! Builds with debug assertions have it; a release build does not. It stands outside the command
//! table, so that no document and no test of the table knows it.

use super::args::Args;
use super::command::{trampoline, Command};
use super::context::Ctx;
use super::{api, OK};
use crate::error::{Error, Result};
use redis_module::raw::RedisModuleCtx;

/// Implements `SESSION._TEST PANIC BEFORE | WITHIN | AFTER`.
struct Test;

/// Registers the command. Returns whether the server accepted it.
///
/// # Safety
/// `ctx` is that of the module's load function, which has not returned.
pub unsafe fn register(ctx: *mut RedisModuleCtx) -> bool {
    // SAFETY: the context is valid (the caller's promise), the strings and the function are static.
    let outcome = unsafe {
        api!(RedisModule_CreateCommand(
            ctx,
            c"session._test".as_ptr(),
            Some(trampoline::<Test>),
            c"readonly".as_ptr(),
            0,
            0,
            0
        ))
    };
    outcome == OK
}

impl Command for Test {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let mut next = || args.next().ok_or_else(Error::syntax);
        let (hook, detail) = (next()?, next()?);
        if hook.is("PANIC") && detail.is("BEFORE") {
            panic!("planted before the reply");
        } else if hook.is("PANIC") && detail.is("WITHIN") {
            // Two elements are missing in the map, and one in the array.
            ctx.reply_array(2);
            ctx.reply_map(2);
            ctx.reply(b"one");
            ctx.reply_integer(1);
            panic!("planted within the reply");
        } else if hook.is("PANIC") && detail.is("AFTER") {
            ctx.reply(b"whole");
            panic!("planted after the reply");
        }
        Err(Error::syntax())
    }
}
