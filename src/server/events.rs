//! What the server tells of its own accord: loads, flushes, swaps, keys that come and go.

use super::args::Arg;
use super::context::{set_loading, Ctx};
use super::guard::guarded;
use super::{api, preamble, source_database, OK};
use redis_module::raw::{self, RedisModuleCtx, RedisModuleEvent, RedisModuleString};
use std::ffi::{c_char, c_void, CStr};
use std::os::raw::c_int;
use std::sync::OnceLock;

/// Whom to tell.
pub struct Handlers {
    /// The server begins to load a data set in place of the one it has.
    pub loading: fn(),
    /// A database (none: all) is about to be emptied at once: no key is unlinked then.
    pub flushing: fn(Option<usize>),
    /// Two databases have changed places.
    pub swapped: fn(usize, usize),
    /// A key has come by a command of core's: restored, copied, renamed or moved.
    pub arrived: fn(Ctx<'_>, Arg<'_>),
    /// A key of whatever type has been loaded from an RDB file.
    pub loaded: fn(Ctx<'_>, Arg<'_>),
    /// A key that was unlinked just before had expired.
    pub expired: fn(Arg<'_>),
    /// A key that was unlinked just before has been evicted.
    pub evicted: fn(Arg<'_>),
}

static HANDLERS: OnceLock<&'static Handlers> = OnceLock::new();

fn tell(work: impl FnOnce(&Handlers)) {
    if let Some(handlers) = HANDLERS.get() {
        guarded((), || work(handlers));
    }
}

/// Subscribes to everything. Gives whether the server took all of it.
///
/// # Safety
/// `ctx` is that of the module's load function.
pub unsafe fn subscribe(ctx: *mut RedisModuleCtx, handlers: &'static Handlers) -> bool {
    let _ = HANDLERS.set(handlers);
    let to = |id: u64, callback: raw::RedisModuleEventCallback| {
        let event = RedisModuleEvent { id, dataver: 1 };
        // SAFETY: the context is valid (the caller's promise), here and below; callbacks are
        // static functions of the right type.
        unsafe { api!(RedisModule_SubscribeToServerEvent(ctx, event, callback)) == OK }
    };
    let classes = raw::REDISMODULE_NOTIFY_GENERIC
        | raw::REDISMODULE_NOTIFY_LOADED
        | raw::REDISMODULE_NOTIFY_EXPIRED
        | raw::REDISMODULE_NOTIFY_EVICTED;
    to(raw::REDISMODULE_EVENT_LOADING, Some(loading))
        && to(raw::REDISMODULE_EVENT_FLUSHDB, Some(flush))
        && to(raw::REDISMODULE_EVENT_SWAPDB, Some(swap))
        // SAFETY: see above.
        && unsafe { api!(RedisModule_SubscribeToKeyspaceEvents(ctx, classes, Some(key))) == OK }
        // SAFETY: see above.
        && unsafe { preamble::watch(ctx) }
}

unsafe extern "C" fn loading(
    _ctx: *mut RedisModuleCtx,
    _event: RedisModuleEvent,
    subevent: u64,
    _data: *mut c_void,
) {
    let starts = [
        raw::REDISMODULE_SUBEVENT_LOADING_RDB_START,
        raw::REDISMODULE_SUBEVENT_LOADING_AOF_START,
        raw::REDISMODULE_SUBEVENT_LOADING_REPL_START,
    ];
    let begins = starts.contains(&subevent);
    set_loading(begins);
    if begins {
        tell(|to| (to.loading)());
    }
}

unsafe extern "C" fn flush(
    _ctx: *mut RedisModuleCtx,
    _event: RedisModuleEvent,
    subevent: u64,
    data: *mut c_void,
) {
    if subevent == raw::REDISMODULE_SUBEVENT_FLUSHDB_START {
        // SAFETY: this event's data is such a structure, valid during the call.
        let number = unsafe { (*data.cast::<raw::RedisModuleFlushInfo>()).dbnum };
        // -1 stands for all.
        tell(|to| (to.flushing)(usize::try_from(number).ok()));
    }
}

unsafe extern "C" fn swap(
    _ctx: *mut RedisModuleCtx,
    _event: RedisModuleEvent,
    _subevent: u64,
    data: *mut c_void,
) {
    // SAFETY: as for `flush`.
    let info = unsafe { &*data.cast::<raw::RedisModuleSwapDbInfo>() };
    let numbers = [info.dbnum_first, info.dbnum_second].map(usize::try_from);
    if let [Ok(first), Ok(second)] = numbers {
        tell(|to| (to.swapped)(first, second));
    }
}

/// The events by which a key comes under a name, not by a command of this module.
const ARRIVALS: [&CStr; 4] = [c"restore", c"copy_to", c"rename_to", c"move_to"];

unsafe extern "C" fn key(
    ctx: *mut RedisModuleCtx,
    class: c_int,
    event: *const c_char,
    name: *mut RedisModuleString,
) -> c_int {
    // SAFETY: context, event and name are valid during the call.
    let (ctx, name, event) = unsafe { (Ctx::new(ctx), Arg::new(name), CStr::from_ptr(event)) };
    match class {
        raw::REDISMODULE_NOTIFY_LOADED => tell(|to| (to.loaded)(ctx, name)),
        raw::REDISMODULE_NOTIFY_EXPIRED => tell(|to| (to.expired)(name)),
        raw::REDISMODULE_NOTIFY_EVICTED => tell(|to| (to.evicted)(name)),
        // Most generic events are deletions and expiries of somebody else's keys.
        _ if ARRIVALS.contains(&event) => {
            tell(|to| (to.arrived)(ctx, name));
            source_database::restore(ctx, event);
        }
        _ if event == c"move_from" => source_database::note(ctx.database()),
        _ => {}
    }
    OK
}
