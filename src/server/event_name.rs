//! The name of a keyspace event that this module fires.
//!
//! An event's name is an argument of the internal commands that replicate a change, so it is needed
//! both as a C string and as a server string.

use super::context::new_string;
use redis_module::raw::RedisModuleString;
use std::ffi::CStr;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// The name of one event.
pub struct EventName {
    name: &'static CStr,
    /// Null until [`EventName::string`] is first called.
    string: AtomicPtr<RedisModuleString>,
}

impl EventName {
    /// Makes the name of an event. For a `static`: its server string is never freed.
    pub const fn new(name: &'static CStr) -> Self {
        Self {
            name,
            string: AtomicPtr::new(null_mut()),
        }
    }

    /// The name as a C string.
    pub fn name(&self) -> &'static CStr {
        self.name
    }

    /// The name as a server string. It is made at the first call and kept, because every change is
    /// replicated with it: making it anew would take a tenth of the time of replicating a change.
    pub fn string(&self) -> *mut RedisModuleString {
        let made = self.string.load(Relaxed);
        if !made.is_null() {
            return made;
        }
        // SAFETY: null is allowed. The reference is kept for ever, so that the string stays valid.
        // Two threads cannot both make it: commands run one at a time.
        let made = unsafe { new_string(null_mut(), self.name.to_bytes()) };
        self.string.store(made, Relaxed);
        made
    }
}
