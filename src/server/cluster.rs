//! The server's role in a cluster: whether it runs in cluster mode, which slots this node serves, and
//! whether keys are on different nodes during a migration.
//!
//! The module API has no function for slots, so core's own commands are called.

use super::api;
use super::args::Arg;
use super::call::call;
use super::context::Ctx;
use crate::slots::Slots;
use redis_module::raw;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The `errno` with which the server refuses a call because not all keys of the command are on
/// this node.
const EPERM: i32 = 1;

static CLUSTER: AtomicBool = AtomicBool::new(false);

/// Whether the server runs in cluster mode.
pub fn is_cluster() -> bool {
    CLUSTER.load(Relaxed)
}

/// Stores the server's mode, for [`is_cluster`]. Called once, when the module is loaded: the mode
/// never changes while the server runs, and a query for each command would cost a call.
pub(super) fn read_mode() {
    // SAFETY: the function accepts a null context, and then returns the flags of the server alone.
    let flags = unsafe { api!(RedisModule_GetContextFlags(std::ptr::null_mut())) };
    let cluster = flags.cast_unsigned() & raw::REDISMODULE_CTX_FLAGS_CLUSTER != 0;
    CLUSTER.store(cluster, Relaxed);
}

/// The slots that this node serves, by CLUSTER NODES; none if the server refuses the call or its
/// reply is not understood.
pub fn served_slots(ctx: Ctx<'_>) -> Option<Slots> {
    let nodes = ctx.string(b"NODES");
    let reply = call(ctx, c"CLUSTER", &[nodes.arg()]).ok()?;
    Slots::of_myself(&String::from_utf8_lossy(reply.text()?))
}

/// Whether the slot of two keys is being moved key by key, and the server would now refuse a
/// command on both: one key is on this node, and the other is, or may be, on the other node.
pub fn are_apart(ctx: Ctx<'_>, first: Arg<'_>, second: Arg<'_>) -> bool {
    // The server checks where the keys of a call are, as it does for a client's own command. EXISTS
    // counts no access to them.
    call(ctx, c"EXISTS", &[first, second]).is_err_and(|reason| reason.raw_os_error() == Some(EPERM))
}
