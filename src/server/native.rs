//! A native type, as keys see it.

use redis_module::raw::RedisModuleType;
use std::marker::PhantomData;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// A type that this module has registered; its values are `Box<T>` given to the server.
pub struct NativeType<T> {
    raw: AtomicPtr<RedisModuleType>,
    value: PhantomData<fn(T)>,
}

impl<T> NativeType<T> {
    /// A type that is not registered yet.
    pub const fn new() -> Self {
        Self {
            raw: AtomicPtr::new(null_mut()),
            value: PhantomData,
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
