//! A native type of the module, and the result of looking for its value under a key.

use redis_module::raw::RedisModuleType;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// A native type of this module. Its values are `Block`s whose ownership the server holds.
pub struct NativeType {
    raw: AtomicPtr<RedisModuleType>,
}

impl NativeType {
    /// A type that is not registered yet.
    pub const fn new() -> Self {
        Self {
            raw: AtomicPtr::new(null_mut()),
        }
    }

    /// Stores the server's pointer to the type, once it is registered.
    pub fn registered(&self, raw: *mut RedisModuleType) {
        self.raw.store(raw, Relaxed);
    }

    /// The server's pointer to the type; null before it is registered.
    pub fn raw(&self) -> *mut RedisModuleType {
        self.raw.load(Relaxed)
    }
}

/// The content of a key, seen from one native type.
pub enum Found<V> {
    /// The key does not exist.
    Nothing,
    /// The key holds a value of another type.
    Other,
    /// The key holds this value of the type.
    Value(V),
}

impl<V> Found<V> {
    /// Applies a function to the value, if there is one.
    pub fn map<W>(self, of: impl FnOnce(V) -> W) -> Found<W> {
        match self {
            Self::Nothing => Found::Nothing,
            Self::Other => Found::Other,
            Self::Value(value) => Found::Value(of(value)),
        }
    }
}
