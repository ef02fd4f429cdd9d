//! A command's arguments, borrowed from the server for the length of the call.

use super::api;
use redis_module::raw::RedisModuleString;
use std::marker::PhantomData;

/// One string of the server's: an argument, or a key name.
#[derive(Clone, Copy)]
pub struct Arg<'a> {
    raw: *mut RedisModuleString,
    lifetime: PhantomData<&'a RedisModuleString>,
}

impl<'a> Arg<'a> {
    /// Borrows a string of the server's.
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
        // SAFETY: the string is valid for 'a (the promise of `new`), and so is what it points to.
        unsafe {
            let start = api!(RedisModule_StringPtrLen(self.raw, &raw mut len));
            std::slice::from_raw_parts(start.cast(), len)
        }
    }

    /// Whether it is this option's word, in upper or lower case.
    pub fn is(self, word: &str) -> bool {
        self.bytes().eq_ignore_ascii_case(word.as_bytes())
    }
}

/// A cursor over the arguments of one call.
pub struct Args<'a> {
    rest: &'a [*mut RedisModuleString],
}

impl<'a> Args<'a> {
    /// The arguments after the first `skip` (the command's name, and its subcommand's).
    ///
    /// # Safety
    /// `argv` has `argc` valid strings that live, unchanged, during `'a`.
    pub unsafe fn new(argv: *mut *mut RedisModuleString, argc: i32, skip: usize) -> Self {
        let argc = usize::try_from(argc).unwrap_or(0);
        // A module without load arguments gets a null array.
        let all: &[_] = if argc == 0 {
            &[]
        } else {
            // SAFETY: the caller's promise.
            unsafe { std::slice::from_raw_parts(argv, argc) }
        };
        Self {
            rest: all.get(skip..).unwrap_or(&[]),
        }
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

impl<'a> Iterator for Args<'a> {
    type Item = Arg<'a>;

    fn next(&mut self) -> Option<Arg<'a>> {
        let (&raw, rest) = self.rest.split_first()?;
        self.rest = rest;
        // SAFETY: the strings live during 'a, as `Args::new` was promised.
        Some(unsafe { Arg::new(raw) })
    }
}
