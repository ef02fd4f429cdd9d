//! What a node of a cluster knows of it.

use super::api;
use super::args::Arg;
use super::context::Ctx;
use crate::slots::Slots;
use redis_module::raw;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The server's reason for not calling a command whose keys are not, or not all, on this node.
const EPERM: i32 = 1;

static CLUSTER: AtomicBool = AtomicBool::new(false);

/// Whether the server runs in cluster mode.
pub fn is_cluster() -> bool {
    CLUSTER.load(Relaxed)
}

/// Asks the server for its mode, once, when the module is loaded: the mode never changes while the
/// server runs, and to ask each time would cost a call.
pub(super) fn learn_mode() {
    // SAFETY: without a context the server tells only its own state.
    let flags = unsafe { api!(RedisModule_GetContextFlags(std::ptr::null_mut())) };
    let cluster = flags.cast_unsigned() & raw::REDISMODULE_CTX_FLAGS_CLUSTER != 0;
    CLUSTER.store(cluster, Relaxed);
}

/// The slots that this node serves; none where the server does not tell.
pub fn served_slots(ctx: Ctx<'_>) -> Option<Slots> {
    // SAFETY: the format has a `c` for the one C string that follows; the reply is freed once, and
    // the text that it points to is read before.
    unsafe {
        let reply = api!(RedisModule_Call(
            ctx.raw(),
            c"CLUSTER".as_ptr(),
            c"c".as_ptr(),
            c"NODES".as_ptr()
        ));
        if reply.is_null() {
            return None;
        }
        let mut len = 0;
        let text = api!(RedisModule_CallReplyStringPtr(reply, &raw mut len));
        let slots = if text.is_null() {
            None
        } else {
            let bytes = std::slice::from_raw_parts(text.cast::<u8>(), len);
            Slots::of_myself(&String::from_utf8_lossy(bytes))
        };
        api!(RedisModule_FreeCallReply(reply));
        slots
    }
}

/// Whether the slot of these keys is being moved key by key, and the server would not run a command
/// on both now: one is here, and the other is, or may be, on the other node.
pub fn are_apart(ctx: Ctx<'_>, first: Arg<'_>, second: Arg<'_>) -> bool {
    // Before it calls a command for a module, the server checks where its keys are as it does for
    // a client's own. EXISTS counts no access.
    // SAFETY: the format has an `s` for each of the two server strings that follow; a reply is freed
    // once.
    unsafe {
        let reply = api!(RedisModule_Call(
            ctx.raw(),
            c"EXISTS".as_ptr(),
            c"ss".as_ptr(),
            first.raw(),
            second.raw()
        ));
        if reply.is_null() {
            return io::Error::last_os_error().raw_os_error() == Some(EPERM);
        }
        api!(RedisModule_FreeCallReply(reply));
        false
    }
}
