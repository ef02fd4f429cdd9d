//! The command table, told to the server: names, flags, and all that COMMAND DOCS shows.

use super::command::{ArgSpec, Keys, Kind, Repeat, Spec};
use super::{api, log, ERR, OK};
use redis_module::raw::{self, RedisModuleCommand, RedisModuleCommandArg, RedisModuleCtx};
use std::ffi::{CStr, CString};
use std::os::raw::c_int;
use std::ptr::{null, null_mut};

/// Registers every command of the table. Gives the name of the first that the server refused.
///
/// # Safety
/// `ctx` is that of the module's load function.
pub unsafe fn commands(ctx: *mut RedisModuleCtx, table: &[Spec]) -> Result<(), String> {
    // Servers from 7.4 on, and Valkey, let a module have a category of its own.
    // SAFETY: the context is valid (the caller's promise), here and below.
    let own_category = unsafe {
        raw::RedisModule_AddACLCategory.is_some_and(|add| add(ctx, c"session".as_ptr()) == OK)
    };
    for spec in table {
        let name = text(spec.name);
        let create = |name: &CStr, spec: &Spec, parent: *mut RedisModuleCommand| {
            let flags = text(spec.flags);
            // Where the keys are is told later, by key specifications.
            // SAFETY: all strings are copied; the function is a trampoline, or none for a
            // container, which the server answers for itself.
            unsafe {
                if parent.is_null() {
                    api!(RedisModule_CreateCommand(
                        ctx,
                        name.as_ptr(),
                        spec.entry,
                        flags.as_ptr(),
                        0,
                        0,
                        0
                    ))
                } else {
                    api!(RedisModule_CreateSubcommand(
                        parent,
                        name.as_ptr(),
                        spec.entry,
                        flags.as_ptr(),
                        0,
                        0,
                        0
                    ))
                }
            }
        };
        let failed = |name: &str| Err(format!("the server refused command {name}"));
        if create(&name, spec, null_mut()) != OK {
            return failed(spec.name);
        }
        // SAFETY: the command has just been made.
        let command = unsafe { api!(RedisModule_GetCommand(ctx, name.as_ptr())) };
        // SAFETY: `command` is a command of this module, and its load function has not returned.
        if unsafe { describe(command, spec, own_category) } != OK {
            return failed(spec.name);
        }
        for sub in spec.subcommands {
            let full = text(&format!("{}|{}", spec.name, sub.name));
            if create(&text(sub.name), sub, command) != OK {
                return failed(sub.name);
            }
            // SAFETY: as above; the server finds a subcommand by its full name.
            let described = unsafe {
                let command = api!(RedisModule_GetCommand(ctx, full.as_ptr()));
                describe(command, sub, own_category)
            };
            if described != OK {
                return failed(sub.name);
            }
        }
    }
    Ok(())
}

/// Tells the server what the table says of one command.
///
/// # Safety
/// `command` is a command of this module, which is being loaded.
unsafe fn describe(command: *mut RedisModuleCommand, spec: &Spec, own_category: bool) -> c_int {
    if command.is_null() {
        return ERR;
    }
    let mut categories = spec.categories();
    if own_category {
        categories.push("session");
    }
    // Servers from 7.2 on take categories from a module; core derives its own from the flags.
    // SAFETY: the command is valid (the caller's promise), the text is copied.
    unsafe {
        if let Some(set) = raw::RedisModule_SetCommandACLCategories {
            if set(command, text(&categories.join(" ")).as_ptr()) != OK {
                log::warning(&format!("no ACL categories for {}", spec.name));
            }
        }
    }
    let mut hold = Hold::default();
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
        summary: hold.text(spec.summary),
        complexity: hold.text(spec.complexity),
        since: hold.text(spec.since),
        history: null_mut(),
        tips: if spec.tips.is_empty() {
            null()
        } else {
            hold.text(spec.tips)
        },
        arity: spec.arity,
        key_specs: key_specs.as_mut_ptr(),
        args: hold.args(spec.args),
    };
    // SAFETY: the server copies everything; what the pointers point to lives until here.
    unsafe { api!(RedisModule_SetCommandInfo(command, &raw mut info)) }
}

/// The key specifications, ended by one that is all zero; `words` is how many the name has.
fn key_specs(keys: Keys, words: c_int) -> Vec<raw::RedisModuleCommandKeySpec> {
    // SAFETY: a C structure of pointers and integers, for which zero is "none".
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

/// A C string of the table's own text, which has no NUL.
fn text(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
}

/// Keeps C strings and arrays alive while the server reads them.
#[derive(Default)]
struct Hold {
    texts: Vec<CString>,
    keys: c_int,
    arrays: Vec<Vec<RedisModuleCommandArg>>,
}

impl Hold {
    fn text(&mut self, content: &str) -> *const std::os::raw::c_char {
        self.texts.push(text(content));
        self.texts[self.texts.len() - 1].as_ptr()
    }

    /// The arguments, ended by one that is all zero.
    fn args(&mut self, specs: &[ArgSpec]) -> *mut RedisModuleCommandArg {
        if specs.is_empty() {
            return null_mut();
        }
        let mut args: Vec<_> = specs.iter().map(|spec| self.arg(spec)).collect();
        // SAFETY: as for the key specifications.
        args.push(unsafe { std::mem::zeroed() });
        // A Vec's buffer stays where it is when the Vec is moved.
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
            Repeat::Value => REDISMODULE_CMD_ARG_MULTIPLE,
            Repeat::WithToken => REDISMODULE_CMD_ARG_MULTIPLE | REDISMODULE_CMD_ARG_MULTIPLE_TOKEN,
        };
        // Each argument that is a key, or repeats as one, has a key specification, in their order.
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
            since: null(),
            flags: (optional | multiple).cast_signed(),
            deprecated_since: null(),
            subargs: self.args(sub),
            display_text: spec.display.map_or(null(), |text| self.text(text)),
        }
    }
}
