//! Sets the description of a command that COMMAND DOCS and COMMAND INFO show
//! (`RedisModule_SetCommandInfo`).
//!
//! The server reads a tree of C structures and copies it. `Storage` owns the strings and arrays of
//! that tree until the call returns.

use super::command_spec::{ArgSpec, Change, Keys, Kind, Repeat, Spec};
use super::{api, c_string};
use redis_module::raw::{self, RedisModuleCommand, RedisModuleCommandArg};
use std::ffi::CString;
use std::os::raw::{c_char, c_int};
use std::ptr::{null, null_mut};

/// Sets the description of a command. Returns `OK` or `ERR`.
///
/// # Safety
/// `command` is a command of this module, whose load function has not returned.
pub unsafe fn set(command: *mut RedisModuleCommand, spec: &Spec) -> c_int {
    let mut storage = Storage::default();
    let version = raw::RedisModuleCommandInfoVersion {
        version: 1,
        sizeof_historyentry: size_of::<raw::RedisModuleCommandHistoryEntry>(),
        sizeof_keyspec: size_of::<raw::RedisModuleCommandKeySpec>(),
        sizeof_arg: size_of::<RedisModuleCommandArg>(),
    };
    let words = if spec.name.contains('.') { 1 } else { 2 };
    let mut key_specs = key_specs(spec.keys, words);
    let mut info = raw::RedisModuleCommandInfo {
        version: &raw const version,
        summary: storage.text(spec.summary),
        complexity: storage.text(spec.complexity),
        since: storage.text(spec.since),
        history: storage.history(spec.history),
        tips: if spec.tips.is_empty() {
            null()
        } else {
            storage.text(spec.tips)
        },
        arity: spec.arity,
        key_specs: key_specs.as_mut_ptr(),
        args: storage.args(spec.args),
    };
    // SAFETY: the command is valid (the caller's promise). `version`, `key_specs` and `storage` own
    // everything that `info` points to, and live through the call; each array ends with an element
    // that is all zero, as the server expects.
    unsafe { api!(RedisModule_SetCommandInfo(command, &raw mut info)) }
}

/// The key specifications, with an element that is all zero at the end. `words` is the number of
/// arguments that are the command's name.
fn key_specs(keys: Keys, words: c_int) -> Vec<raw::RedisModuleCommandKeySpec> {
    // SAFETY: the structure consists of integers, pointers, and unions of those; for all of them
    // zero bytes are a valid value.
    let none: raw::RedisModuleCommandKeySpec = unsafe { std::mem::zeroed() };
    let mut specs: Vec<_> = keys
        .ranges()
        .iter()
        .map(|range| {
            let mut spec = none;
            spec.flags = u64::from(range.flags);
            spec.begin_search_type =
                raw::RedisModuleKeySpecBeginSearchType_REDISMODULE_KSPEC_BS_INDEX;
            spec.bs.index.pos = words + range.first;
            spec.find_keys_type = raw::RedisModuleKeySpecFindKeysType_REDISMODULE_KSPEC_FK_RANGE;
            spec.fk.range.lastkey = range.last;
            spec.fk.range.keystep = 1;
            spec
        })
        .collect();
    specs.push(none);
    specs
}

/// Owns the C strings and the arrays of arguments of one command's description.
#[derive(Default)]
struct Storage {
    texts: Vec<CString>,
    arrays: Vec<Vec<RedisModuleCommandArg>>,
    changes: Vec<raw::RedisModuleCommandHistoryEntry>,
    /// The number of keys among the arguments so far.
    keys: c_int,
}

impl Storage {
    /// Stores a text, and returns a pointer to it. The text stays where it is when `texts` grows,
    /// because a `CString` is a pointer to the heap.
    fn text(&mut self, content: &str) -> *const c_char {
        self.texts.push(c_string(content));
        self.texts[self.texts.len() - 1].as_ptr()
    }

    /// Stores the history, with an element that is all zero at the end, and returns a pointer to it;
    /// null if there is none.
    fn history(&mut self, history: &[Change]) -> *mut raw::RedisModuleCommandHistoryEntry {
        if history.is_empty() {
            return null_mut();
        }
        for change in history {
            let entry = raw::RedisModuleCommandHistoryEntry {
                since: self.text(change.since),
                changes: self.text(change.what),
            };
            self.changes.push(entry);
        }
        self.changes.push(raw::RedisModuleCommandHistoryEntry {
            since: null(),
            changes: null(),
        });
        self.changes.as_mut_ptr()
    }

    /// Stores an array of arguments, with an element that is all zero at the end, and returns a
    /// pointer to it; null if there are none. The elements stay where they are when `arrays` grows,
    /// because a `Vec` is a pointer to the heap.
    fn args(&mut self, specs: &[ArgSpec]) -> *mut RedisModuleCommandArg {
        if specs.is_empty() {
            return null_mut();
        }
        let mut args: Vec<_> = specs.iter().map(|spec| self.arg(spec)).collect();
        // SAFETY: the structure consists of integers and pointers, for which zero bytes are a valid
        // value.
        args.push(unsafe { std::mem::zeroed() });
        let start = args.as_mut_ptr();
        self.arrays.push(args);
        start
    }

    fn arg(&mut self, spec: &ArgSpec) -> RedisModuleCommandArg {
        use raw::*;
        let (kind, sub): (_, &[ArgSpec]) = match spec.kind {
            Kind::Key => (RedisModuleCommandArgType_REDISMODULE_ARG_TYPE_KEY, &[]),
            Kind::String => (RedisModuleCommandArgType_REDISMODULE_ARG_TYPE_STRING, &[]),
            Kind::Integer => (RedisModuleCommandArgType_REDISMODULE_ARG_TYPE_INTEGER, &[]),
            Kind::UnixTime => (
                RedisModuleCommandArgType_REDISMODULE_ARG_TYPE_UNIX_TIME,
                &[],
            ),
            Kind::Token => (
                RedisModuleCommandArgType_REDISMODULE_ARG_TYPE_PURE_TOKEN,
                &[],
            ),
            Kind::OneOf(sub) => (RedisModuleCommandArgType_REDISMODULE_ARG_TYPE_ONEOF, sub),
            Kind::Block(sub) => (RedisModuleCommandArgType_REDISMODULE_ARG_TYPE_BLOCK, sub),
        };
        let optional = if spec.optional {
            REDISMODULE_CMD_ARG_OPTIONAL
        } else {
            REDISMODULE_CMD_ARG_NONE
        };
        let multiple = match spec.repeat {
            Repeat::No => REDISMODULE_CMD_ARG_NONE,
            Repeat::Value | Repeat::Counted => REDISMODULE_CMD_ARG_MULTIPLE,
            Repeat::WithToken => REDISMODULE_CMD_ARG_MULTIPLE | REDISMODULE_CMD_ARG_MULTIPLE_TOKEN,
        };
        // Each argument of type key has a key specification, in the order of the arguments.
        let key_spec_index = if matches!(spec.kind, Kind::Key) {
            self.keys += 1;
            self.keys - 1
        } else {
            -1
        };
        RedisModuleCommandArg {
            name: self.text(spec.name),
            type_: kind,
            key_spec_index,
            token: spec.token.map_or(null(), |token| self.text(token)),
            summary: null(),
            since: spec.since.map_or(null(), |version| self.text(version)),
            flags: (optional | multiple).cast_signed(),
            deprecated_since: null(),
            subargs: self.args(sub),
            display_text: spec.display.map_or(null(), |text| self.text(text)),
        }
    }
}
