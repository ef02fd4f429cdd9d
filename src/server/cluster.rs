//! The server's role in a cluster: whether it runs in cluster mode, which slots this node serves, and
//! whether keys are on different nodes during a migration.
//!
//! The module API has no function for slots, so commands are called: CLUSTER NODES of core, which can
//! be renamed or disabled, and one of the module's own.

use super::api;
use super::args::Arg;
use super::call::call;
use super::context::Ctx;
use crate::error::{Error, Result};
use crate::slots::Slots;
use redis_module::raw;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

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

/// The slots that this node serves, by CLUSTER NODES.
///
/// # Errors
/// ERR if the server does not run the command or its reply is not understood, as with
/// `rename-command CLUSTER`: keys of slots that another node serves by now would be taken for this
/// node's.
pub fn served_slots(ctx: Ctx<'_>) -> Result<Slots> {
    let nodes = ctx.string(b"NODES");
    let reply = call(ctx, c"CLUSTER", &[nodes.arg()]).ok();
    let text = reply.as_ref().and_then(|reply| reply.text());
    text.and_then(|text| Slots::of_myself(&String::from_utf8_lossy(text)))
        .ok_or_else(|| {
            Error::err(
                "CLUSTER NODES does not answer, so the slots of this node are not known; is the \
                 command renamed or disabled?",
            )
        })
}

/// Set while [`are_apart`] calls a command.
static ASKS_FOR_KEYS: AtomicBool = AtomicBool::new(false);

/// Whether the command that runs was called by [`are_apart`].
pub fn asks_for_keys() -> bool {
    ASKS_FOR_KEYS.load(Relaxed)
}

/// Whether the slot of two keys is being moved key by key, and the server would now refuse a
/// command on both: one key is on this node, and the other is, or may be, on the other node. Also true
/// if the server does not say.
pub fn are_apart(ctx: Ctx<'_>, first: Arg<'_>, second: Arg<'_>) -> bool {
    // The server checks where the keys of a call are, as it does for a client's own command, before
    // the command runs. This command does nothing, and no configuration can rename it.
    ASKS_FOR_KEYS.store(true, Relaxed);
    let reply = call(ctx, c"SESSION._LOCAL", &[first, second]);
    ASKS_FOR_KEYS.store(false, Relaxed);
    reply.is_err()
}
