//! Registers the commands of the table with the server: their names, functions and flags, then their
//! ACL categories (`acl_categories`) and their descriptions (`command_info`).

use super::command_spec::Spec;
use super::{acl_categories, api, c_string, command_info, OK};
use redis_module::raw::{RedisModuleCommand, RedisModuleCtx};
use std::ffi::CStr;
use std::os::raw::c_int;
use std::ptr::null_mut;
use std::sync::OnceLock;

/// The table of the registered commands.
static TABLE: OnceLock<&[Spec]> = OnceLock::new();

/// The registered command with this full name: `session.set`, or `session.schema|set` for a
/// subcommand.
pub fn command(full: &str) -> Option<&'static Spec> {
    let table = TABLE.get()?;
    let (name, sub) = full.split_once('|').unwrap_or((full, ""));
    let spec = table.iter().find(|spec| spec.name == name)?;
    if sub.is_empty() {
        return Some(spec);
    }
    spec.subcommands.iter().find(|spec| spec.name == sub)
}

/// Registers every command of the table, each with its subcommands.
///
/// # Errors
/// The name of the first command that the server refuses, in a line for the log.
///
/// # Safety
/// `ctx` is that of the module's load function, which has not returned.
pub unsafe fn commands(ctx: *mut RedisModuleCtx, table: &'static [Spec]) -> Result<(), String> {
    TABLE.get_or_init(|| table);
    // SAFETY: the context is that of the load function (the caller's promise).
    let has_session_category = unsafe { acl_categories::add_session(ctx) };
    for spec in table {
        let name = c_string(spec.name);
        // SAFETY: as above; the parent is null or the command that was created just before, which
        // belongs to this module.
        unsafe {
            let command = create(ctx, null_mut(), spec, &name, has_session_category)?;
            for sub in spec.subcommands {
                let full = c_string(&format!("{}|{}", spec.name, sub.name));
                create(ctx, command, sub, &full, has_session_category)?;
            }
        }
    }
    Ok(())
}

/// Creates a command, or a subcommand of `parent` if that is not null, and describes it. `full` is
/// the name by which the server finds it.
///
/// # Safety
/// `ctx` is that of the module's load function, which has not returned. `parent` is null or a command
/// of this module.
unsafe fn create(
    ctx: *mut RedisModuleCtx,
    parent: *mut RedisModuleCommand,
    spec: &Spec,
    full: &CStr,
    has_session_category: bool,
) -> Result<*mut RedisModuleCommand, String> {
    let refused = || {
        format!(
            "the server refused command {}; perhaps another module, or a rename-command, has that name",
            spec.name
        )
    };
    // SAFETY: the context and the parent are valid (the caller's promise).
    unsafe {
        // A server that does not know a flag refuses the command before it creates anything.
        if create_bare(ctx, parent, spec, spec.flags) != OK
            && create_bare(ctx, parent, spec, &spec.flags_of_old_servers()) != OK
        {
            return Err(refused());
        }
        // The name must resolve: `RedisModule_Replicate` looks an effect's command up in the same
        // way, and refuses to replicate if there is none.
        let command = api!(RedisModule_GetCommand(ctx, full.as_ptr()));
        if command.is_null() {
            return Err(refused());
        }
        acl_categories::set(command, spec, has_session_category);
        if command_info::set(command, spec) != OK {
            return Err(refused());
        }
        Ok(command)
    }
}

/// Creates the command without a description. The three zeros declare no keys, because the
/// description has key specifications instead.
///
/// # Safety
/// As for [`create`].
unsafe fn create_bare(
    ctx: *mut RedisModuleCtx,
    parent: *mut RedisModuleCommand,
    spec: &Spec,
    flags: &str,
) -> c_int {
    let (name, flags) = (c_string(spec.name), c_string(flags));
    let (name, flags) = (name.as_ptr(), flags.as_ptr());
    let function = spec.entry;
    // SAFETY: the context and the parent are valid (the caller's promise), and the server copies the
    // strings. The function is static; a container has none, and the server answers for it.
    unsafe {
        if parent.is_null() {
            api!(RedisModule_CreateCommand(
                ctx, name, function, flags, 0, 0, 0
            ))
        } else {
            api!(RedisModule_CreateSubcommand(
                parent, name, function, flags, 0, 0, 0
            ))
        }
    }
}
