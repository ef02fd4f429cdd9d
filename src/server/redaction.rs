//! Keeps secret arguments out of SLOWLOG, MONITOR and Valkey's COMMANDLOG.
//!
//! Two workarounds are needed around `RedisModule_RedactClientCommandArgument`:
//!
//! - Server: Redis 7.0 (later servers were not examined). Fault: while an AOF is loaded, the server
//!   does not drop the redacted copy of the arguments between two commands. Symptom: the server
//!   crashes at the second redaction of a load. So nothing is redacted during a load, whose
//!   commands appear in none of the three anyway.
//! - Server: Valkey 8.1. Fault: `(redacted)` is put into the array of arguments that the command
//!   reads. Symptom: a command that redacts first then takes the text `(redacted)` for its
//!   argument. So redact only when the command has run.

use super::args::Args;
use super::context::{is_loading, Ctx};
use super::{api, register};

/// Redacts argument number `at`, where 0 is the command's name. Call it after the command has run,
/// when nothing reads its arguments any more.
pub fn redact(ctx: Ctx<'_>, at: i32) {
    if is_loading() {
        return;
    }
    // SAFETY: the context is valid, and the server checks the number. No `Arg` of this call is
    // used afterwards.
    unsafe {
        api!(RedisModule_RedactClientCommandArgument(ctx.raw(), at));
    }
}

/// Redacts every argument that follows this option word. `first` is the number of the first argument
/// that can be an option, among `all`.
pub fn redact_after(ctx: Ctx<'_>, word: &str, first: usize, all: Args<'_>) {
    let words = all.enumerate().skip(first);
    // All arguments are read before the first is redacted, for the fault of Valkey 8.1.
    let found: Vec<_> = words.filter(|(_, arg)| arg.is(word)).collect();
    for (at, _) in found {
        redact(ctx, i32::try_from(at + 1).unwrap_or(i32::MAX));
    }
}

/// Redacts every argument that is neither a key nor an option word of the running command, after its
/// arguments could not be parsed: any of them can be data in a wrong place. `names` is the number of
/// arguments that are the command's name; `all` has them too.
pub fn redact_unless_known(ctx: Ctx<'_>, names: usize, all: Args<'_>) {
    let spec = ctx
        .command()
        .and_then(|name| register::command(name.to_str().ok()?));
    let args: Vec<_> = all.skip(names).collect();
    let is_known = |at: usize| {
        spec.is_some_and(|spec| spec.is_key(at, args.len()) || spec.has_option(args[at].bytes()))
    };
    // All arguments are read before the first is redacted, for the fault of Valkey 8.1.
    let unknown: Vec<_> = (0..args.len()).filter(|&at| !is_known(at)).collect();
    for at in unknown {
        redact(ctx, i32::try_from(names + at).unwrap_or(i32::MAX));
    }
}
