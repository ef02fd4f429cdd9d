//! Open keys.

use super::api;
use super::args::Arg;
use super::context::Ctx;
use super::native::{Found, NativeType};
use redis_module::raw::{self, RedisModuleKey};
use std::marker::PhantomData;
use std::os::raw::c_int;

/// A key that is open for reading; closed when dropped.
pub struct ReadKey<'c>(Handle<'c>);

/// A key that is open for writing; closed when dropped. Closing signals nothing: see
/// `Ctx::signal_modified`.
pub struct WriteKey<'c>(Handle<'c>);

struct Handle<'c> {
    /// Null where there is no such key to read.
    raw: *mut RedisModuleKey,
    lifetime: PhantomData<Ctx<'c>>,
}

impl Handle<'_> {
    fn open(ctx: Ctx<'_>, name: Arg<'_>, mode: u32) -> Self {
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
            lifetime: PhantomData,
        }
    }

    fn value<T>(&self, ty: &NativeType<T>) -> Found<*mut T> {
        // SAFETY: the handle is open, or null where checked. A module type's value is what this
        // module gave, a `Box<T>`, if the type is `ty`.
        unsafe {
            if self.raw.is_null() {
                return Found::Nothing;
            }
            // Most keys are ours: their type is asked first, and saves the question what else.
            if api!(RedisModule_ModuleTypeGetType(self.raw)) == ty.raw() {
                return Found::Value(api!(RedisModule_ModuleTypeGetValue(self.raw)).cast());
            }
            if api!(RedisModule_KeyType(self.raw)) == raw::REDISMODULE_KEYTYPE_EMPTY as c_int {
                return Found::Nothing;
            }
            Found::Other
        }
    }

    fn expire(&self) -> Option<i64> {
        if self.raw.is_null() {
            return None;
        }
        // SAFETY: the handle is open.
        let at = unsafe { api!(RedisModule_GetAbsExpire(self.raw)) };
        (at >= 0).then_some(at)
    }

    fn database(&self) -> usize {
        if self.raw.is_null() {
            return 0;
        }
        // SAFETY: the handle is open.
        let number = unsafe { api!(RedisModule_GetDbIdFromModuleKey(self.raw)) };
        usize::try_from(number).unwrap_or(0)
    }
}

impl Drop for Handle<'_> {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: opened by `open`, closed once.
            unsafe { api!(RedisModule_CloseKey(self.raw)) };
        }
    }
}

impl ReadKey<'_> {
    pub(super) fn open(ctx: Ctx<'_>, name: Arg<'_>, notouch: bool) -> Self {
        let touch = if notouch {
            raw::REDISMODULE_OPEN_KEY_NOTOUCH
        } else {
            0
        };
        Self(Handle::open(ctx, name, raw::REDISMODULE_READ | touch))
    }

    pub(super) fn open_quietly(ctx: Ctx<'_>, name: Arg<'_>) -> Self {
        let mode = raw::REDISMODULE_OPEN_KEY_NOTOUCH | raw::REDISMODULE_OPEN_KEY_NOEFFECTS;
        Self(Handle::open(ctx, name, raw::REDISMODULE_READ | mode))
    }

    /// The value.
    pub fn get<T>(&self, ty: &NativeType<T>) -> Found<&T> {
        match self.0.value(ty) {
            Found::Nothing => Found::Nothing,
            Found::Other => Found::Other,
            // SAFETY: the server owns the value and changes or frees it in no call that takes
            // `&self`; commands hold one handle on a key at a time.
            Found::Value(value) => Found::Value(unsafe { &*value }),
        }
    }

    /// When the key expires, in Unix ms.
    pub fn expire(&self) -> Option<i64> {
        self.0.expire()
    }

    /// The number of the database that the key is in.
    pub fn database(&self) -> usize {
        self.0.database()
    }
}

impl WriteKey<'_> {
    pub(super) fn open(ctx: Ctx<'_>, name: Arg<'_>) -> Self {
        let mode = raw::REDISMODULE_READ | raw::REDISMODULE_WRITE;
        Self(Handle::open(ctx, name, mode))
    }

    /// The value.
    pub fn get<T>(&mut self, ty: &NativeType<T>) -> Found<&mut T> {
        match self.0.value(ty) {
            Found::Nothing => Found::Nothing,
            Found::Other => Found::Other,
            // SAFETY: as for `ReadKey::get`, and `&mut self` makes this the only reference.
            Found::Value(value) => Found::Value(unsafe { &mut *value }),
        }
    }

    /// Puts a value in the place of whatever the key holds, to expire at a Unix time in ms or not
    /// at all.
    pub fn set<T>(&mut self, ty: &NativeType<T>, value: T, expire: Option<i64>) {
        let value = Box::into_raw(Box::new(value));
        // SAFETY: the key is open for writing and the type is registered, so this cannot fail, and
        // the server owns the value from here on (the type's `free` makes it a Box again).
        unsafe {
            api!(RedisModule_ModuleTypeSetValue(
                self.0.raw,
                ty.raw(),
                value.cast()
            ));
            // The new value has no expiry yet.
            if let Some(at) = expire {
                api!(RedisModule_SetAbsExpire(self.0.raw, at));
            }
        }
    }

    /// Lets the key expire at a Unix time in ms, or not at all. Needs a value.
    pub fn set_expire(&mut self, at: Option<i64>) {
        if at == self.0.expire() {
            return;
        }
        // SAFETY: the key is open for writing. -1 stands for none.
        unsafe { api!(RedisModule_SetAbsExpire(self.0.raw, at.unwrap_or(-1))) };
    }

    /// The number of the database that the key is in.
    pub fn database(&self) -> usize {
        self.0.database()
    }

    /// Removes the key and its value.
    pub fn delete(&mut self) {
        // SAFETY: the key is open for writing.
        unsafe { api!(RedisModule_DeleteKey(self.0.raw)) };
    }
}
