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

use super::api;
use super::context::{is_loading, Ctx};

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
