//! A clock for the tests of this project, which runs ahead of or behind the server's own.
//!
//! `SESSION-TESTCLOCK ms` adds so many milliseconds to the time that every command of the module sees.
//! The clock of the server stays as it is, and with it the expiry of keys.
//!
//! No release has it. `server/mod.rs` compiles this file only with debug assertions, which the profile
//! `release` does not have; without them neither the command nor the addition in `Ctx::now` is part of
//! the module, and `tests/reference/sources.rs` checks that no profile of Cargo.toml turns them on.

use super::args::Args;
use super::command::{trampoline, Command};
use super::context::{Ctx, TEST_CLOCK_MS};
use super::{api, OK};
use crate::error::{Error, Result};
use crate::integer::integer;
use redis_module::raw::RedisModuleCtx;
use std::sync::atomic::Ordering::Relaxed;

struct TestClock;

impl Command for TestClock {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let ms = args.next().and_then(|ms| integer(ms.bytes()));
        TEST_CLOCK_MS.store(ms.ok_or_else(Error::not_an_integer)?, Relaxed);
        ctx.reply_ok();
        Ok(())
    }
}

/// Registers the command. It is not in the command table, which describes the module as it is
/// released.
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
            c"session-testclock".as_ptr(),
            Some(trampoline::<TestClock>),
            c"allow-loading allow-stale fast".as_ptr(),
            0,
            0,
            0
        ))
    };
    if created == OK {
        Ok(())
    } else {
        Err("the server refused the command session-testclock".to_owned())
    }
}
