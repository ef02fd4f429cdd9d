//! The arguments of a command, borrowed from the server for the length of the call.
//!
//! No argument is copied or retained: to decode all of them into a `Vec`, as the crate
//! `redis-module` does, costs more than a read of a session.

use super::api;
use redis_module::raw::RedisModuleString;
use std::marker::PhantomData;

/// A borrowed server string: an argument, or the name of a key.
#[derive(Clone, Copy)]
pub struct Arg<'a> {
    raw: *mut RedisModuleString,
    lifetime: PhantomData<&'a RedisModuleString>,
}

impl<'a> Arg<'a> {
    /// Borrows a server string.
    ///
    /// # Safety
    /// `raw` is valid, and is neither changed nor freed during `'a`.
    pub unsafe fn new(raw: *mut RedisModuleString) -> Self {
        Self {
            raw,
            lifetime: PhantomData,
        }
    }

    /// The server's own pointer.
    pub fn raw(self) -> *mut RedisModuleString {
        self.raw
    }

    /// The bytes.
    pub fn bytes(self) -> &'a [u8] {
        let mut len = 0;
        // SAFETY: the string is valid and unchanged during `'a` (the promise of `new`), and so are
        // the `len` bytes of it that the server points to.
        unsafe {
            let start = api!(RedisModule_StringPtrLen(self.raw, &raw mut len));
            std::slice::from_raw_parts(start.cast(), len)
        }
    }

    /// Whether the argument is this option word; case does not matter.
    pub fn is(self, word: &str) -> bool {
        self.bytes().eq_ignore_ascii_case(word.as_bytes())
    }
}

/// An iterator over the arguments of one call.
#[derive(Clone)]
pub struct Args<'a> {
    rest: &'a [*mut RedisModuleString],
}

impl<'a> Args<'a> {
    /// The arguments after the first `skip` (the command's name, and its subcommand's).
    ///
    /// # Safety
    /// `argv` is an array of `argc` valid strings; the array and the strings live, unchanged, during
    /// `'a`. `argv` may be null if `argc` is 0.
    pub unsafe fn new(argv: *mut *mut RedisModuleString, argc: i32, skip: usize) -> Self {
        let argc = usize::try_from(argc).unwrap_or(0);
        // A module that is loaded without arguments gets a null array.
        let all: &[_] = if argc == 0 {
            &[]
        } else {
            // SAFETY: the array has `argc` elements that live, unchanged, during `'a` (the caller's
            // promise).
            unsafe { std::slice::from_raw_parts(argv, argc) }
        };
        Self {
            rest: all.get(skip..).unwrap_or(&[]),
        }
    }

    /// Whether no argument is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

impl<'a> Iterator for Args<'a> {
    type Item = Arg<'a>;

    fn next(&mut self) -> Option<Arg<'a>> {
        let (&raw, rest) = self.rest.split_first()?;
        self.rest = rest;
        // SAFETY: the string is valid and unchanged during `'a` (the promise of `Args::new`).
        Some(unsafe { Arg::new(raw) })
    }
}
