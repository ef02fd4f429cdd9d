//! A native type, as keys see it.

use redis_module::raw::RedisModuleType;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// A type that this module has registered; its values are [`Block`](super::block::Block)s given to
/// the server.
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

    /// Keeps what the server gave when the type was registered.
    pub fn registered(&self, raw: *mut RedisModuleType) {
        self.raw.store(raw, Relaxed);
    }

    /// The server's own pointer.
    pub fn raw(&self) -> *mut RedisModuleType {
        self.raw.load(Relaxed)
    }
}

/// What a key holds.
pub enum Found<V> {
    /// Nothing: there is no such key.
    Nothing,
    /// A value of another type.
    Other,
    /// A value of this type.
    Value(V),
}

impl<V> Found<V> {
    /// The same of what a value stands for.
    pub fn map<W>(self, of: impl FnOnce(V) -> W) -> Found<W> {
        match self {
            Self::Nothing => Found::Nothing,
            Self::Other => Found::Other,
            Self::Value(value) => Found::Value(of(value)),
        }
    }
}
