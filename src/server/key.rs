//! Open keys, for reading or for writing.
//!
//! The mode is a type parameter, so that only a key that is open for writing has functions that
//! change it. A command holds at most one handle on a key at a time: a value read through one handle
//! must not be freed through another.
//!
//! The name in a notification must be copied before its key is opened: the server aborts when it
//! takes a reference to the notification's own string.

use super::api;
use super::args::Arg;
use super::block::{Block, BlockRef};
use super::context::Ctx;
use super::native::{Found, NativeType};
use super::OK;
use redis_module::raw::{self, RedisModuleKey};
use std::cell::Cell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::os::raw::c_int;
use std::ptr::{null, null_mut};

/// The mode of a key that is open for reading.
pub enum Read {}
/// The mode of a key that is open for writing.
pub enum Write {}

/// A key that is open for reading.
pub type ReadKey<'c> = Key<'c, Read>;
/// A key that is open for writing. Closing it signals nothing to WATCH and client caches: see
/// `Ctx::signal_modified`.
pub type WriteKey<'c> = Key<'c, Write>;

/// The expiry of a key that has none; REDISMODULE_NO_EXPIRE, which is also that of a missing key.
const NONE: i64 = -1;
/// In the place of an expiry that is not known yet.
const UNKNOWN: i64 = i64::MIN;

/// An open key; closed when dropped.
pub struct Key<'c, Mode> {
    /// Null if the key was opened for reading and does not exist.
    raw: *mut RedisModuleKey,
    /// The value that `get` has found, to save the calls that find it again. Null before that, if
    /// the key holds none, and after each change of the value.
    block: Cell<*const c_void>,
    /// The expiry that `expire` has found or a function here has set, to save the lookup that finds it
    /// again; [`UNKNOWN`] before that.
    expire: Cell<i64>,
    lifetime: PhantomData<(Ctx<'c>, Mode)>,
}

impl<'c, Mode> Key<'c, Mode> {
    fn open_as(ctx: Ctx<'c>, name: Arg<'_>, mode: u32) -> Self {
        // SAFETY: the context is valid during `'c`, to which the handle is bound; the name is valid
        // during the call, and the server takes a reference to it.
        let raw = unsafe {
            api!(RedisModule_OpenKey(
                ctx.raw(),
                name.raw(),
                mode.cast_signed()
            ))
        };
        Self {
            raw,
            block: Cell::new(null()),
            expire: Cell::new(UNKNOWN),
            lifetime: PhantomData,
        }
    }

    /// The key's value, if it is of this type.
    #[inline(always)] // Only the part that most calls take.
    pub fn get(&self, ty: &NativeType) -> Found<BlockRef<'_>> {
        let block = self.block.get();
        if block.is_null() {
            return self.look_up(ty);
        }
        // SAFETY: the module has one type, `ty`, whose values are all made by `Block::into_raw`. The
        // value stays where it is while the result borrows `self`: the server frees or moves it in no
        // call that takes `&self`, a command holds no second handle on the key, and functions that take
        // `&mut self` and change the value clear `block`. All of this is on one thread.
        Found::Value(unsafe { BlockRef::from_raw(block) })
    }

    #[inline]
    fn look_up(&self, ty: &NativeType) -> Found<BlockRef<'_>> {
        if self.raw.is_null() {
            return Found::Nothing;
        }
        // SAFETY: the key is open and not null. As in `get` for the value.
        unsafe {
            // The module type comes first: most keys hold it, and then one call is enough.
            if api!(RedisModule_ModuleTypeGetType(self.raw)) == ty.raw() {
                let value = api!(RedisModule_ModuleTypeGetValue(self.raw));
                self.block.set(value);
                return Found::Value(BlockRef::from_raw(value));
            }
            if api!(RedisModule_KeyType(self.raw)) == raw::REDISMODULE_KEYTYPE_EMPTY as c_int {
                return Found::Nothing;
            }
        }
        Found::Other
    }

    /// The time at which the key expires, in Unix ms; none if it does not expire or exist.
    pub fn expire(&self) -> Option<i64> {
        if self.raw.is_null() {
            return None;
        }
        if self.expire.get() == UNKNOWN {
            // SAFETY: the key is open.
            self.expire
                .set(unsafe { api!(RedisModule_GetAbsExpire(self.raw)) });
        }
        let at = self.expire.get();
        (at >= 0).then_some(at)
    }

    /// The number of the database that the key is in; 0 if it does not exist.
    pub fn database(&self) -> usize {
        if self.raw.is_null() {
            return 0;
        }
        // SAFETY: the key is open.
        let number = unsafe { api!(RedisModule_GetDbIdFromModuleKey(self.raw)) };
        usize::try_from(number).unwrap_or(0)
    }
}

impl<Mode> Drop for Key<'_, Mode> {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: `open_as` opened the key; it is closed once, here, and nothing borrows it.
            unsafe { api!(RedisModule_CloseKey(self.raw)) };
        }
    }
}

impl<'c> ReadKey<'c> {
    /// Opens a key for reading. With `notouch` the server does not count this as a use of the key
    /// (LRU, LFU).
    pub fn open(ctx: Ctx<'c>, name: Arg<'_>, notouch: bool) -> Self {
        let touch = if notouch {
            raw::REDISMODULE_OPEN_KEY_NOTOUCH
        } else {
            0
        };
        Self::open_as(ctx, name, raw::REDISMODULE_READ | touch)
    }

    /// Opens a key for reading, without effect on the server's statistics, LRU and LFU clocks and
    /// events. Redis before 7.2 ignores NOEFFECTS.
    pub fn open_quietly(ctx: Ctx<'c>, name: Arg<'_>) -> Self {
        let mode = raw::REDISMODULE_OPEN_KEY_NOTOUCH | raw::REDISMODULE_OPEN_KEY_NOEFFECTS;
        Self::open_as(ctx, name, raw::REDISMODULE_READ | mode)
    }
}

impl ReadKey<'_> {
    /// Closes the key now, so that it can be opened for writing. From then on it reads as a key that
    /// does not exist.
    pub fn close(&mut self) {
        self.block.set(null());
        let raw = std::mem::replace(&mut self.raw, null_mut());
        if !raw.is_null() {
            // SAFETY: `open_as` opened the key; it is closed once, here, because `drop` passes over
            // null. `&mut self` excludes a borrow of its value.
            unsafe { api!(RedisModule_CloseKey(raw)) };
        }
    }
}

impl<'c> WriteKey<'c> {
    /// Opens a key for writing. It need not exist.
    pub fn open(ctx: Ctx<'c>, name: Arg<'_>) -> Self {
        let mode = raw::REDISMODULE_READ | raw::REDISMODULE_WRITE;
        Self::open_as(ctx, name, mode)
    }

    /// Gives up the right to change the key. The server's handle stays the same, so this costs nothing.
    pub fn into_read(self) -> ReadKey<'c> {
        let key = ManuallyDrop::new(self);
        ReadKey {
            raw: key.raw,
            block: Cell::new(key.block.get()),
            expire: Cell::new(key.expire.get()),
            lifetime: PhantomData,
        }
    }

    /// Replaces a value by one of the same type. The expiry stays. If the key holds no value of this
    /// type, nothing changes.
    pub fn replace(&mut self, ty: &NativeType, value: Block) {
        self.block.set(null());
        let mut old = null_mut();
        let value = value.into_raw();
        // SAFETY: a key opened for writing is never null, and the type is registered. On success
        // the server owns the new value, and returns the old one, a block of this type; on failure
        // the new value stays the module's. Either way the block that is dropped has no other owner,
        // and no borrow: `&mut self` excludes one.
        unsafe {
            let outcome = api!(RedisModule_ModuleTypeReplaceValue(
                self.raw,
                ty.raw(),
                value,
                &raw mut old
            ));
            drop(Block::from_raw(if outcome == OK { old } else { value }));
        }
    }

    /// Stores a value in the place of any value that the key holds, to expire at a Unix time in ms or
    /// not at all.
    pub fn set(&mut self, ty: &NativeType, value: Block, expire: Option<i64>) {
        self.block.set(null());
        self.expire.set(expire.unwrap_or(NONE));
        // SAFETY: the key is open for writing and the type is registered, so the call succeeds, and
        // the server owns the value from then on (the type's `free` takes it back). Nothing borrows
        // the value that is overwritten: `&mut self` excludes that.
        unsafe {
            api!(RedisModule_ModuleTypeSetValue(
                self.raw,
                ty.raw(),
                value.into_raw()
            ));
            // A new value has no expiry.
            if let Some(at) = expire {
                api!(RedisModule_SetAbsExpire(self.raw, at));
            }
        }
    }

    /// Sets the time at which the key expires, in Unix ms; with none it does not expire. The key
    /// must hold a value. Returns whether the time has changed.
    pub fn set_expire(&mut self, at: Option<i64>) -> bool {
        if at == self.expire() {
            return false;
        }
        let at = at.unwrap_or(NONE);
        self.expire.set(at);
        // SAFETY: the key is open for writing. The server refuses negative numbers other than `NONE`.
        unsafe { api!(RedisModule_SetAbsExpire(self.raw, at)) };
        true
    }

    /// Removes the key and its value.
    pub fn delete(&mut self) {
        self.block.set(null());
        self.expire.set(NONE);
        // SAFETY: the key is open for writing, and `&mut self` excludes a borrow of its value.
        unsafe { api!(RedisModule_DeleteKey(self.raw)) };
    }
}
