//! The entry point of every command: one trampoline, which the server calls.
//!
//! The trampoline turns errors and panics into error replies, and redacts secrets. So a command is
//! plain Rust: arguments in, `Result` out.

use super::args::Args;
use super::context::Ctx;
use super::guard::caught;
use super::reply::Owed;
use super::{log, redaction, OK};
use crate::error::{Error, Result};
use redis_module::raw::{RedisModuleCtx, RedisModuleString};
use std::os::raw::c_int;

/// An option whose value SLOWLOG and MONITOR must not show.
pub struct SecretOption {
    /// The option word.
    pub word: &'static str,
    /// The number of the first argument that can be an option, where 0 is the name.
    pub first: usize,
}

/// A command.
pub trait Command {
    /// The number of arguments that are the command's name: 2 for a subcommand.
    const WORDS: usize = 1;

    /// The number of the argument (0 is the name) that SLOWLOG and MONITOR must not show. It is
    /// called with all arguments, names included, after a call whose arguments were right. After any
    /// other call they show only keys and option words.
    fn secret(_args: Args<'_>) -> Option<i32> {
        None
    }

    /// In place of `secret` where that argument is the value of an option. Every argument after the
    /// word is redacted: the word can also be another option's value, and to show too little is
    /// harmless.
    const SECRET_OPTION: Option<SecretOption> = None;

    /// Parses the arguments after the name, does the work, and replies once if it succeeds. The
    /// server has checked the arity. Everything that can fail comes before the first change and
    /// before the reply.
    ///
    /// # Errors
    /// The error to reply with; nothing has changed then.
    fn run(ctx: Ctx<'_>, args: Args<'_>) -> Result<()>;
}

/// Runs a command. An error becomes an error reply. A panic does too, and the server lives on.
///
/// # Safety
/// For the server to call, with the context and the arguments of a command.
pub unsafe extern "C" fn trampoline<C: Command>(
    ctx: *mut RedisModuleCtx,
    argv: *mut *mut RedisModuleString,
    argc: c_int,
) -> c_int {
    // SAFETY: the context and the arguments are the server's (the caller's promise), valid and
    // unchanged until this function returns or redacts.
    let (ctx, args) = unsafe { (Ctx::new(ctx), Args::new(argv, argc, C::WORDS)) };
    let owed = Owed::begin();
    let outcome = caught(|| C::run(ctx, args));
    let is_understood = match &outcome {
        Some(Ok(())) => true,
        Some(Err(error)) => error.is_of_state(),
        None => false,
    };
    match outcome {
        Some(Ok(())) => debug_assert_eq!(owed.missing(), 0, "a command replies once"),
        Some(Err(error)) if !owed.has_begun() => ctx.reply_error(&error),
        Some(Err(error)) => ctx.break_off(&owed, &error),
        None => fail(ctx, &owed),
    }
    // SAFETY: the arguments are valid until this function returns (the caller's promise), and both
    // users of `all` have read them before anything is redacted.
    let all = unsafe { Args::new(argv, argc, 0) };
    if !is_understood {
        redaction::redact_unless_known(ctx, C::WORDS, all);
    } else if let Some(option) = C::SECRET_OPTION {
        redaction::redact_after(ctx, option.word, option.first, all);
    } else if let Some(at) = C::secret(all) {
        redaction::redact(ctx, at);
    }
    OK
}

/// Ends a command that has panicked, with an error if it has not begun its reply.
#[cold]
fn fail(ctx: Ctx<'_>, owed: &Owed) {
    let error = Error::err("internal error: nothing more was done; the server's log has the place");
    if owed.has_begun() {
        log::warning("a command failed unexpectedly in the middle of its reply");
        ctx.break_off(owed, &error);
    } else {
        log::warning("a command failed unexpectedly; its client got an error");
        ctx.reply_error(&error);
    }
}
