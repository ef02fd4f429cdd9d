//! ACL categories of the module's commands.
//!
//! Workaround. Servers: all derive the categories `@read`, `@write`, `@fast` and `@slow` from the
//! flags of core's own commands, but not from those of a module's. Symptom: a user with `+@read`
//! alone may not call SESSION.GET. So the module sets them where the server has a function for that:
//! Redis 7.2 and later, and Valkey. From Redis 7.4 on, and in Valkey, a module can also add a
//! category, here `@session`. On Redis 7.0 a user must be given the commands by name.

use super::command_spec::Spec;
use super::{c_string, log, OK};
use redis_module::raw::{self, RedisModuleCommand, RedisModuleCtx};

/// Adds the category `@session`. Returns whether the server has it now.
///
/// # Safety
/// `ctx` is that of the module's load function, which has not returned.
pub unsafe fn add_session(ctx: *mut RedisModuleCtx) -> bool {
    // SAFETY: the context is valid (the caller's promise), and the server copies the name.
    unsafe {
        raw::RedisModule_AddACLCategory.is_some_and(|add| add(ctx, c"session".as_ptr()) == OK)
    }
}

/// Sets the categories of a command, with `@session` among them if `has_session_category`. A refusal
/// is only logged, because the command works without categories.
///
/// # Safety
/// `command` is a command of this module, whose load function has not returned.
pub unsafe fn set(command: *mut RedisModuleCommand, spec: &Spec, has_session_category: bool) {
    let mut categories = spec.categories();
    if has_session_category {
        categories.push("session");
    }
    let categories = c_string(&categories.join(" "));
    // SAFETY: the command is valid (the caller's promise), and the server reads the text only during
    // the call.
    unsafe {
        if let Some(set) = raw::RedisModule_SetCommandACLCategories {
            if set(command, categories.as_ptr()) != OK {
                log::warning(&format!("no ACL categories for {}", spec.name));
            }
        }
    }
}
