//! What a change sends beyond this server's own data: commands for replicas and the AOF, signals for
//! WATCH and client caches, keyspace events.

use super::args::Arg;
use super::context::Ctx;
use super::event_name::EventName;
use super::{api, log, OK};
use redis_module::raw;
use std::ffi::CStr;
use std::os::raw::{c_int, c_longlong};

impl Ctx<'_> {
    /// Fires a keyspace event of class `d` (module) on a key.
    pub fn notify(self, event: &EventName, key: Arg<'_>) {
        // SAFETY: event and name live through the call.
        unsafe {
            api!(RedisModule_NotifyKeyspaceEvent(
                self.raw(),
                raw::REDISMODULE_NOTIFY_MODULE,
                event.name().as_ptr(),
                key.raw()
            ));
        }
    }

    /// Tells WATCH and client-side caches that a key's value has changed.
    pub fn signal_modified(self, key: Arg<'_>) {
        // SAFETY: the name is valid.
        unsafe { api!(RedisModule_SignalModifiedKey(self.raw(), key.raw())) };
    }

    /// Sends a command to the replicas and the AOF in place of the one that runs: its key, a
    /// buffer, and an event's name.
    pub fn replicate_bytes(self, command: &CStr, key: Arg<'_>, bytes: &[u8], event: &EventName) {
        // SAFETY: the format has an `s` for a server string, and a `b` for a pointer and a length, and
        // those are what follows. The server counts who else holds a string.
        let outcome = unsafe {
            api!(RedisModule_Replicate(
                self.raw(),
                command.as_ptr(),
                c"sbs".as_ptr(),
                key.raw(),
                bytes.as_ptr(),
                bytes.len(),
                event.string()
            ))
        };
        Self::replicated(outcome);
    }

    /// The same: a key and integers, at most three.
    pub fn replicate_integers(self, command: &CStr, key: Arg<'_>, integers: &[i64]) {
        let format = [c"s", c"sl", c"sll", c"slll"][integers.len()];
        let at = |i: usize| integers.get(i).copied().unwrap_or(0) as c_longlong;
        // SAFETY: an `s` for the key and an `l` for each integer; those without an `l` are passed
        // and not read.
        let outcome = unsafe {
            api!(RedisModule_Replicate(
                self.raw(),
                command.as_ptr(),
                format.as_ptr(),
                key.raw(),
                at(0),
                at(1),
                at(2)
            ))
        };
        Self::replicated(outcome);
    }

    /// The same: strings of the server's.
    pub fn replicate_strings(self, command: &CStr, strings: &[Arg<'_>]) {
        let raws: Vec<_> = strings.iter().map(|s| s.raw()).collect();
        // SAFETY: the `v` stands for an array of server strings and its length.
        let outcome = unsafe {
            api!(RedisModule_Replicate(
                self.raw(),
                command.as_ptr(),
                c"v".as_ptr(),
                raws.as_ptr(),
                raws.len()
            ))
        };
        Self::replicated(outcome);
    }

    /// Sends the command that runs as it was given.
    pub fn replicate_verbatim(self) {
        // SAFETY: the context is valid, and this is called within a command.
        let outcome = unsafe { api!(RedisModule_ReplicateVerbatim(self.raw())) };
        Self::replicated(outcome);
    }

    fn replicated(outcome: c_int) {
        if outcome != OK {
            log::warning("the server refused to replicate a change");
        }
    }
}
