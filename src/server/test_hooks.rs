//! `SESSION._TEST`, a command for the tests of this project: it brings about what no other command can.
//!
//! - `SESSION._TEST CLOCK ms` adds so many milliseconds to the time that every command of the module
//!   sees. The clock of the server stays as it is, and with it the expiry of keys.
//! - `SESSION._TEST PANIC BEFORE | WITHIN | AFTER` panics before, within or after a reply, as a fault of
//!   the module would.
//!
//! No release has it. `server/mod.rs` compiles this file only with debug assertions, which the profile
//! `release` does not have; without them neither the command nor the addition in `Ctx::now` is part of
//! the module, and `tests/reference/sources.rs` checks that no profile of Cargo.toml turns them on. The
//! command stands outside the command table, which describes the module as it is released.

use super::args::Args;
use super::command::{trampoline, Command};
use super::context::{Ctx, TEST_CLOCK_MS};
use super::{api, OK};
use crate::error::{Error, Result};
use crate::integer::integer;
use redis_module::raw::RedisModuleCtx;
use std::sync::atomic::Ordering::Relaxed;

/// Implements `SESSION._TEST`.
struct Test;

impl Command for Test {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let mut next = || args.next().ok_or_else(Error::syntax);
        let (hook, detail) = (next()?, next()?);
        if hook.is("CLOCK") {
            let ms = integer(detail.bytes()).ok_or_else(Error::not_an_integer)?;
            TEST_CLOCK_MS.store(ms, Relaxed);
            ctx.reply_ok();
            return Ok(());
        } else if hook.is("PANIC") && detail.is("BEFORE") {
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

/// Registers the command.
///
/// # Errors
/// A line for the log.
///
/// # Safety
/// `ctx` is that of the module's load function, which has not returned.
pub unsafe fn register(ctx: *mut RedisModuleCtx) -> std::result::Result<(), String> {
    // SAFETY: the context is valid (the caller's promise), the strings are static, and the function is
    // one that the server may call for a command. The three zeros declare no keys.
    let created = unsafe {
        api!(RedisModule_CreateCommand(
            ctx,
            c"session._test".as_ptr(),
            Some(trampoline::<Test>),
            c"readonly allow-loading allow-stale".as_ptr(),
            0,
            0,
            0
        ))
    };
    if created == OK {
        Ok(())
    } else {
        Err("the server refused the command session._test".to_owned())
    }
}
