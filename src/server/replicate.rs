//! Publishes a change: commands to the replicas and the AOF, signals to WATCH and client-side
//! caches, keyspace events.
//!
//! Replicas get the effect of a change, not the command that made it, so that a clock or a random ID
//! cannot make them differ. The server refuses to replicate a command that it does not know, and a
//! format that is not valid, and nothing else. The formats are those below, and every command is the
//! module's own: it was registered when the module was loaded, and can then be neither renamed nor
//! removed. So no refusal is possible once a change has been made.

use super::args::Arg;
use super::context::Ctx;
use super::event_name::EventName;
use super::{api, OK};
use redis_module::raw;
use std::ffi::CStr;
use std::os::raw::{c_int, c_longlong};

impl Ctx<'_> {
    /// Fires a keyspace event of class `d` (module) on a key.
    pub fn notify(self, event: &EventName, key: Arg<'_>) {
        // SAFETY: the context is valid, and the event's name and the key's are valid during the call.
        unsafe {
            api!(RedisModule_NotifyKeyspaceEvent(
                self.raw(),
                raw::REDISMODULE_NOTIFY_MODULE,
                event.name().as_ptr(),
                key.raw()
            ));
        }
    }

    /// Signals to WATCH and to client-side caches that a key's value has changed.
    pub fn signal_modified(self, key: Arg<'_>) {
        // SAFETY: the context is valid, and the key's name is valid during the call.
        unsafe { api!(RedisModule_SignalModifiedKey(self.raw(), key.raw())) };
    }

    /// Replicates `command` in place of the running command. Its arguments are the key, the bytes,
    /// the name of the event, and the integer if there is one.
    pub fn replicate_bytes(
        self,
        command: &CStr,
        key: Arg<'_>,
        bytes: &[u8],
        event: &EventName,
        integer: Option<i64>,
    ) {
        let format = if integer.is_some() { c"sbsl" } else { c"sbs" };
        // SAFETY: the context is valid. The format's `s` takes a server string, its `b` a pointer and a
        // length, and its `l` a long long; exactly these follow. A long long is passed always; the
        // server reads as many arguments as the format has, and C ignores the rest. The server takes
        // references to the strings and copies the bytes.
        let outcome = unsafe {
            api!(RedisModule_Replicate(
                self.raw(),
                command.as_ptr(),
                format.as_ptr(),
                key.raw(),
                bytes.as_ptr(),
                bytes.len(),
                event.string(),
                integer.unwrap_or(0) as c_longlong
            ))
        };
        Self::accepted(outcome);
    }

    /// Replicates `command` in place of the running command. Its arguments are the key, the bytes, the
    /// string and the name of the event.
    pub fn replicate_bytes_and_string(
        self,
        command: &CStr,
        key: Arg<'_>,
        bytes: &[u8],
        string: Arg<'_>,
        event: &EventName,
    ) {
        // SAFETY: the context is valid. The format's `s` takes a server string, and its `b` a pointer and a
        // length; exactly these follow. The server takes references to the strings and copies the bytes.
        let outcome = unsafe {
            api!(RedisModule_Replicate(
                self.raw(),
                command.as_ptr(),
                c"sbss".as_ptr(),
                key.raw(),
                bytes.as_ptr(),
                bytes.len(),
                string.raw(),
                event.string()
            ))
        };
        Self::accepted(outcome);
    }

    /// Replicates `command` in place of the running command. Its arguments are the key, and up to
    /// four integers.
    ///
    /// # Panics
    /// If there are more than four.
    pub fn replicate_integers(self, command: &CStr, key: Arg<'_>, integers: &[i64]) {
        let format = [c"s", c"sl", c"sll", c"slll", c"sllll"][integers.len()];
        let at = |i: usize| integers.get(i).copied().unwrap_or(0) as c_longlong;
        // SAFETY: the context is valid. The format's `s` takes a server string and each `l` a long
        // long. Four long longs are passed always; the server reads as many as the format has, and
        // C ignores the rest.
        let outcome = unsafe {
            api!(RedisModule_Replicate(
                self.raw(),
                command.as_ptr(),
                format.as_ptr(),
                key.raw(),
                at(0),
                at(1),
                at(2),
                at(3)
            ))
        };
        Self::accepted(outcome);
    }

    /// Replicates `command` in place of the running command. Its arguments are the strings.
    pub fn replicate_strings(self, command: &CStr, strings: &[Arg<'_>]) {
        let raws: Vec<_> = strings.iter().map(|s| s.raw()).collect();
        // SAFETY: the context is valid. The format's `v` takes an array of server strings and its
        // length; these follow. The server takes references to the strings.
        let outcome = unsafe {
            api!(RedisModule_Replicate(
                self.raw(),
                command.as_ptr(),
                c"v".as_ptr(),
                raws.as_ptr(),
                raws.len()
            ))
        };
        Self::accepted(outcome);
    }

    /// Replicates the running command, as it was received.
    pub fn replicate_verbatim(self) {
        // SAFETY: the context is valid, and is that of a command: only commands call this.
        let outcome = unsafe { api!(RedisModule_ReplicateVerbatim(self.raw())) };
        Self::accepted(outcome);
    }

    /// Checks that the server has accepted a command. A panic becomes an error reply: a client must
    /// not take a change for done that no replica and no AOF will have.
    fn accepted(outcome: c_int) {
        assert!(outcome == OK, "the server refused to replicate a change");
    }
}
