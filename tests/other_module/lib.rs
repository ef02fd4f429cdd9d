//! Another module: it calls commands from every kind of context that a module can call from.
//!
//! ```text
//! OTHER.CALL from user flags command [arg ...]
//! ```
//!
//! It replies with the command's reply, or with an error that has the `errno` of `RedisModule_Call` if
//! the server did not run the command.
//!
//! `from` is where the call is made: `command` in this command, `timer` in a timer, `blocked` in a thread
//! with the context of the blocked client, `detached` in a thread with a context that has no client.
//! `user` is the name of an ACL user for `RedisModule_SetContextUser`, `*` for a user of the module's own
//! who may do everything, or `-` for none. `flags` are those of `RedisModule_Call`, such as `C`, or `-`.

#![allow(clippy::missing_safety_doc)] // Only the server calls the exported functions.

use redis_module::raw::{
    self, RedisModuleBlockedClient, RedisModuleCallReply, RedisModuleCtx, RedisModuleString,
    RedisModuleUser,
};
use std::ffi::{c_int, c_void, CString};
use std::ptr::{null, null_mut};
use std::slice::from_raw_parts;

/// Calls a function of the module API.
macro_rules! api {
    ($function:ident($($argument:expr),* $(,)?)) => {
        (raw::$function.expect(stringify!($function)))($($argument),*)
    };
}

const OK: c_int = raw::REDISMODULE_OK as c_int;
const ERR: c_int = raw::REDISMODULE_ERR as c_int;

#[no_mangle]
#[allow(non_snake_case)]
pub unsafe extern "C" fn RedisModule_OnLoad(
    ctx: *mut RedisModuleCtx,
    _argv: *mut *mut RedisModuleString,
    _argc: c_int,
) -> c_int {
    // SAFETY: the context is valid while the module loads; all texts are static.
    unsafe {
        if raw::Export_RedisModule_Init(ctx, c"other".as_ptr(), 1, 1) != OK {
            return ERR;
        }
        let (name, flags) = (c"other.call".as_ptr(), c"write".as_ptr());
        api!(RedisModule_CreateCommand(
            ctx,
            name,
            Some(run),
            flags,
            0,
            0,
            0
        ))
    }
}

/// A call to make, and the client that waits for its reply.
struct Task {
    user: Vec<u8>,
    /// The format of `RedisModule_Call`: the flags, then `v` for an array of arguments.
    format: CString,
    command: CString,
    arguments: Vec<Vec<u8>>,
    client: *mut RedisModuleBlockedClient,
}

// SAFETY: the blocked client is a handle that any thread may use.
unsafe impl Send for Task {}

unsafe extern "C" fn run(
    ctx: *mut RedisModuleCtx,
    argv: *mut *mut RedisModuleString,
    argc: c_int,
) -> c_int {
    // SAFETY: `argv` holds `argc` valid arguments. The context of a client that waits belongs to the
    // functions that get it, until they free it.
    unsafe {
        let words = from_raw_parts(argv, argc as usize).iter();
        let words: Vec<Vec<u8>> = words.map(|word| bytes(*word)).collect();
        let [_, from, user, flags, command, arguments @ ..] = &words[..] else {
            return api!(RedisModule_WrongArity(ctx));
        };
        let flags = if flags == b"-" { &[][..] } else { flags };
        let mut task = Task {
            user: user.clone(),
            format: CString::new([flags, b"v"].concat()).unwrap_or_default(),
            command: CString::new(command.clone()).unwrap_or_default(),
            arguments: arguments.to_vec(),
            client: null_mut(),
        };
        if from == b"command" {
            reply(ctx, task.call(ctx));
            return OK;
        }
        task.client = api!(RedisModule_BlockClient(ctx, None, None, None, 0));
        match &from[..] {
            b"timer" => {
                let task = Box::into_raw(Box::new(task)).cast();
                api!(RedisModule_CreateTimer(ctx, 1, Some(on_timer), task));
            }
            b"blocked" => drop(std::thread::spawn(move || {
                let context = api!(RedisModule_GetThreadSafeContext(task.client));
                in_thread(context, task);
            })),
            _ => drop(std::thread::spawn(move || {
                in_thread(api!(RedisModule_GetThreadSafeContext(null_mut())), task);
            })),
        }
        OK
    }
}

/// # Safety
/// `context` is a thread-safe context, which this function frees.
unsafe fn in_thread(context: *mut RedisModuleCtx, task: Task) {
    // SAFETY: the context is locked around the call, which is what the server demands of a thread.
    unsafe {
        api!(RedisModule_ThreadSafeContextLock(context));
        task.call_and_unblock(context);
        api!(RedisModule_ThreadSafeContextUnlock(context));
        api!(RedisModule_FreeThreadSafeContext(context));
    }
}

unsafe extern "C" fn on_timer(ctx: *mut RedisModuleCtx, task: *mut c_void) {
    // SAFETY: `task` is the box that `run` gave to this timer, which fires once.
    unsafe { Box::from_raw(task.cast::<Task>()).call_and_unblock(ctx) }
}

impl Task {
    /// # Safety
    /// `ctx` is a context in which the module may call commands now.
    unsafe fn call_and_unblock(&self, ctx: *mut RedisModuleCtx) {
        // SAFETY: the context is valid (the caller's promise). The client has been blocked for this
        // task, and is unblocked once, here.
        unsafe {
            let answer = self.call(ctx);
            let of_client = api!(RedisModule_GetThreadSafeContext(self.client));
            reply(of_client, answer);
            api!(RedisModule_FreeThreadSafeContext(of_client));
            api!(RedisModule_UnblockClient(self.client, null_mut()));
        }
    }

    /// The reply, or the reason why the server did not run the command.
    ///
    /// # Safety
    /// As for `call_and_unblock`.
    unsafe fn call(&self, ctx: *mut RedisModuleCtx) -> Result<*mut RedisModuleCallReply, String> {
        // SAFETY: the context is valid (the caller's promise). The strings and the user live until they
        // are freed here, after the call.
        unsafe {
            let arguments: Vec<_> = self.arguments.iter().map(|word| string(word)).collect();
            let user = self.user();
            if !user.is_null() {
                api!(RedisModule_SetContextUser(ctx, user));
            }
            let reply = api!(RedisModule_Call(
                ctx,
                self.command.as_ptr(),
                self.format.as_ptr(),
                arguments.as_ptr(),
                arguments.len()
            ));
            let reason = std::io::Error::last_os_error();
            if !user.is_null() {
                api!(RedisModule_SetContextUser(ctx, null()));
                api!(RedisModule_FreeModuleUser(user));
            }
            for string in arguments {
                api!(RedisModule_FreeString(null_mut(), string));
            }
            if reply.is_null() {
                return Err(format!("ERR not run: {reason}"));
            }
            Ok(reply)
        }
    }

    /// The user to call as; null for none.
    unsafe fn user(&self) -> *mut RedisModuleUser {
        // SAFETY: the texts are static, and the name lives during its use.
        unsafe {
            match &self.user[..] {
                b"-" => null_mut(),
                b"*" => {
                    let user = api!(RedisModule_CreateModuleUser(c"other".as_ptr()));
                    for rule in [c"on", c"allkeys", c"allcommands"] {
                        api!(RedisModule_SetModuleUserACL(user, rule.as_ptr()));
                    }
                    user
                }
                name => {
                    let name = string(name);
                    let user = api!(RedisModule_GetModuleUserFromUserName(name));
                    api!(RedisModule_FreeString(null_mut(), name));
                    user
                }
            }
        }
    }
}

/// # Safety
/// `ctx` is valid, and so is the reply, which this function frees.
unsafe fn reply(ctx: *mut RedisModuleCtx, answer: Result<*mut RedisModuleCallReply, String>) {
    // SAFETY: the caller's promise. The server copies the text of an error.
    unsafe {
        match answer {
            Ok(reply) => {
                api!(RedisModule_ReplyWithCallReply(ctx, reply));
                api!(RedisModule_FreeCallReply(reply));
            }
            Err(why) => {
                let why = CString::new(why).unwrap_or_default();
                api!(RedisModule_ReplyWithError(ctx, why.as_ptr()));
            }
        }
    }
}

/// A new string, which belongs to the caller.
unsafe fn string(bytes: &[u8]) -> *mut RedisModuleString {
    // SAFETY: the server copies the bytes; without a context it keeps no record of the string.
    unsafe {
        api!(RedisModule_CreateString(
            null_mut(),
            bytes.as_ptr().cast(),
            bytes.len()
        ))
    }
}

/// # Safety
/// `string` is valid.
unsafe fn bytes(string: *mut RedisModuleString) -> Vec<u8> {
    let mut len = 0;
    // SAFETY: the server returns `len` bytes, which are unchanged during this call.
    unsafe {
        let start = api!(RedisModule_StringPtrLen(string, &raw mut len));
        from_raw_parts(start.cast::<u8>(), len).to_vec()
    }
}
