//! Open keys.

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
use std::os::raw::c_int;
use std::ptr::{null, null_mut};

/// For reading.
pub enum Read {}
/// For writing.
pub enum Write {}

/// A key that is open for reading.
pub type ReadKey<'c> = Key<'c, Read>;
/// A key that is open for writing. Closing it signals nothing: see `Ctx::signal_modified`.
pub type WriteKey<'c> = Key<'c, Write>;

/// An open key; closed when dropped.
pub struct Key<'c, Mode> {
    /// Null where there is no such key to read.
    raw: *mut RedisModuleKey,
    /// The block that the key holds, once that has been asked: each question is a call. Null where it
    /// has not been, or there is none.
    block: Cell<*const c_void>,
    lifetime: PhantomData<(Ctx<'c>, Mode)>,
}

impl<'c, Mode> Key<'c, Mode> {
    fn open_as(ctx: Ctx<'c>, name: Arg<'_>, mode: u32) -> Self {
        // SAFETY: context and name are valid; the name is retained by the server.
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
            lifetime: PhantomData,
        }
    }

    /// The value.
    pub fn get(&self, ty: &NativeType) -> Found<BlockRef<'_>> {
        // SAFETY: the key is open, or null where checked. A module type's value is what this module
        // gave, a block, if the type is `ty`, and this module has one type alone. The server owns it and
        // frees or moves it in no call that takes `&self`, nor through another handle: commands hold
        // one on a key at a time. What takes `&mut self` and changes the value forgets it.
        unsafe {
            if !self.block.get().is_null() {
                return Found::Value(BlockRef::from_raw(self.block.get()));
            }
            if self.raw.is_null() {
                return Found::Nothing;
            }
            // Most keys are ours: their type is asked first, and saves the question what else.
            if api!(RedisModule_ModuleTypeGetType(self.raw)) == ty.raw() {
                let value = api!(RedisModule_ModuleTypeGetValue(self.raw));
                self.block.set(value);
                return Found::Value(BlockRef::from_raw(value));
            }
            if api!(RedisModule_KeyType(self.raw)) == raw::REDISMODULE_KEYTYPE_EMPTY as c_int {
                return Found::Nothing;
            }
            Found::Other
        }
    }

    /// When the key expires, in Unix ms.
    pub fn expire(&self) -> Option<i64> {
        if self.raw.is_null() {
            return None;
        }
        // SAFETY: the key is open.
        let at = unsafe { api!(RedisModule_GetAbsExpire(self.raw)) };
        (at >= 0).then_some(at)
    }

    /// The number of the database that the key is in.
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
            // SAFETY: opened by `open_as`, closed once.
            unsafe { api!(RedisModule_CloseKey(self.raw)) };
        }
    }
}

impl<'c> ReadKey<'c> {
    /// Opens a key for reading; with `notouch` the server does not count it as used (LRU, LFU).
    pub fn open(ctx: Ctx<'c>, name: Arg<'_>, notouch: bool) -> Self {
        let touch = if notouch {
            raw::REDISMODULE_OPEN_KEY_NOTOUCH
        } else {
            0
        };
        Self::open_as(ctx, name, raw::REDISMODULE_READ | touch)
    }

    /// Opens a key only to see what it holds: with no trace in statistics, clocks or events where
    /// the server can do that (Redis 7.2 and later).
    pub fn open_quietly(ctx: Ctx<'c>, name: Arg<'_>) -> Self {
        let mode = raw::REDISMODULE_OPEN_KEY_NOTOUCH | raw::REDISMODULE_OPEN_KEY_NOEFFECTS;
        Self::open_as(ctx, name, raw::REDISMODULE_READ | mode)
    }
}

impl<'c> WriteKey<'c> {
    /// Opens a key for writing.
    pub fn open(ctx: Ctx<'c>, name: Arg<'_>) -> Self {
        let mode = raw::REDISMODULE_READ | raw::REDISMODULE_WRITE;
        Self::open_as(ctx, name, mode)
    }

    /// Puts a value in the place of one of the same type. The expiry stays.
    pub fn replace(&mut self, ty: &NativeType, value: Block) {
        self.block.set(null());
        let mut old = null_mut();
        let value = value.into_raw();
        // SAFETY: the key is open for writing and has a value of the type, or else this gives an
        // error and takes nothing. The server owns the new value from here on, and the old one is
        // ours again; `&mut self` says that nothing borrows it.
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

    /// Puts a value in the place of whatever the key holds, to expire at a Unix time in ms or not
    /// at all.
    pub fn set(&mut self, ty: &NativeType, value: Block, expire: Option<i64>) {
        self.block.set(null());
        // SAFETY: the key is open for writing and the type is registered, so this cannot fail, and
        // the server owns the value from here on (the type's `free` makes it a block again).
        unsafe {
            api!(RedisModule_ModuleTypeSetValue(
                self.raw,
                ty.raw(),
                value.into_raw()
            ));
            // The new value has no expiry yet.
            if let Some(at) = expire {
                api!(RedisModule_SetAbsExpire(self.raw, at));
            }
        }
    }

    /// Lets the key expire at a Unix time in ms, or not at all. Needs a value. Gives whether that
    /// changed anything.
    pub fn set_expire(&mut self, at: Option<i64>) -> bool {
        if at == self.expire() {
            return false;
        }
        // SAFETY: the key is open for writing. -1 stands for none.
        unsafe { api!(RedisModule_SetAbsExpire(self.raw, at.unwrap_or(-1))) };
        true
    }

    /// Removes the key and its value.
    pub fn delete(&mut self) {
        self.block.set(null());
        // SAFETY: the key is open for writing.
        unsafe { api!(RedisModule_DeleteKey(self.raw)) };
    }
}
