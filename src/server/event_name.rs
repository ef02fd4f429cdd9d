//! Keyspace events that this module fires.

use super::api;
use redis_module::raw::RedisModuleString;
use std::ffi::CStr;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// An event by its name.
pub struct EventName {
    name: &'static CStr,
    string: AtomicPtr<RedisModuleString>,
}

impl EventName {
    /// The event of this name.
    pub const fn new(name: &'static CStr) -> Self {
        Self {
            name,
            string: AtomicPtr::new(null_mut()),
        }
    }

    /// Its name.
    pub fn name(&self) -> &'static CStr {
        self.name
    }

    /// Its name as a string of the server's, which is made once and kept: it goes out with every
    /// change, and to make it each time would be a tenth of what replicating one takes.
    pub fn string(&self) -> *mut RedisModuleString {
        let made = self.string.load(Relaxed);
        if !made.is_null() {
            return made;
        }
        let bytes = self.name.to_bytes();
        // SAFETY: the bytes are copied. Without a context the string is nobody's but ours, and is
        // never freed. Commands run one at a time, so no two of them make it.
        let made = unsafe {
            api!(RedisModule_CreateString(
                null_mut(),
                bytes.as_ptr().cast(),
                bytes.len()
            ))
        };
        self.string.store(made, Relaxed);
        made
    }
}
