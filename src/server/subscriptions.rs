//! Subscriptions to server events (loads, flushes, swaps, settings) and to keyspace events (keys
//! that arrive, expire or are evicted).
//!
//! The callbacks here turn the server's C arguments into Rust values and call the handlers, which
//! `load` is given as an [`EventHandlers`]: so this layer does not depend on the layers above it.

use super::args::Arg;
use super::context::{set_loading, Ctx};
use super::guard::guarded;
use super::{aof_preamble, api, source_database, trim, OK};
use redis_module::raw::{self, RedisModuleCtx, RedisModuleEvent, RedisModuleString};
use std::ffi::{c_char, c_void, CStr};
use std::ops::RangeInclusive;
use std::os::raw::c_int;
use std::sync::OnceLock;

/// The module's handlers of events, called on the server's main thread.
pub struct EventHandlers {
    /// The server begins to load a data set, which replaces the present one.
    pub loading: fn(),
    /// The server is about to empty a database (none: all of them) without unlinking each key.
    pub flushing: fn(Option<usize>),
    /// Two databases have changed places.
    pub swapped: fn(usize, usize),
    /// One of core's commands has restored, copied, renamed or moved a key to this name.
    pub arrived: fn(Ctx<'_>, Arg<'_>),
    /// A key, of any type, has been loaded from an RDB file.
    pub loaded: fn(Ctx<'_>, Arg<'_>),
    /// A key has expired; it was unlinked just before.
    pub expired: fn(Arg<'_>),
    /// A key has been evicted; it was unlinked just before.
    pub evicted: fn(Arg<'_>),
    /// The server is about to drop all keys of these slots without unlinking each key.
    pub trimmed: fn(&[RangeInclusive<usize>]),
}

static HANDLERS: OnceLock<&'static EventHandlers> = OnceLock::new();

/// Calls one of the handlers; a panic in it ends here.
fn handle(call: impl FnOnce(&EventHandlers)) {
    if let Some(handlers) = HANDLERS.get() {
        guarded((), || call(handlers));
    }
}

/// Subscribes to all events. Returns whether the server accepted every subscription.
///
/// # Safety
/// `ctx` is that of the module's load function, which has not returned.
pub unsafe fn subscribe(ctx: *mut RedisModuleCtx, handlers: &'static EventHandlers) -> bool {
    let _ = HANDLERS.set(handlers);
    let server_event = |id: u64, callback: raw::RedisModuleEventCallback| {
        let event = RedisModuleEvent { id, dataver: 1 };
        // SAFETY: the context is valid (the caller's promise), and the callback, of the type that
        // the server calls for this event, is static.
        unsafe { api!(RedisModule_SubscribeToServerEvent(ctx, event, callback)) == OK }
    };
    let classes = raw::REDISMODULE_NOTIFY_GENERIC
        | raw::REDISMODULE_NOTIFY_LOADED
        | raw::REDISMODULE_NOTIFY_EXPIRED
        | raw::REDISMODULE_NOTIFY_EVICTED
        | trim::event_class();
    server_event(raw::REDISMODULE_EVENT_LOADING, Some(loading))
        && server_event(raw::REDISMODULE_EVENT_FLUSHDB, Some(flush))
        && server_event(raw::REDISMODULE_EVENT_SWAPDB, Some(swap))
        && trim::server_event().is_none_or(|event| server_event(event, Some(trimmed)))
        && server_event(
            raw::REDISMODULE_EVENT_CONFIG,
            Some(aof_preamble::config_changed),
        )
        // SAFETY: the context is valid (the caller's promise), and the callback is static.
        && unsafe {
            api!(RedisModule_SubscribeToKeyspaceEvents(
                ctx,
                classes,
                Some(keyspace_event)
            )) == OK
        }
}

/// # Safety
/// For the server to call, for the event LOADING.
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
        handle(|handlers| (handlers.loading)());
    }
}

/// # Safety
/// For the server to call, for the event FLUSHDB.
unsafe extern "C" fn flush(
    _ctx: *mut RedisModuleCtx,
    _event: RedisModuleEvent,
    subevent: u64,
    data: *mut c_void,
) {
    if subevent == raw::REDISMODULE_SUBEVENT_FLUSHDB_START {
        // SAFETY: the data of a FLUSHDB event is a RedisModuleFlushInfo, valid during this callback.
        let number = unsafe { (*data.cast::<raw::RedisModuleFlushInfo>()).dbnum };
        // The number is -1 for all databases.
        handle(|handlers| (handlers.flushing)(usize::try_from(number).ok()));
    }
}

/// # Safety
/// For the server to call, for the event SWAPDB.
unsafe extern "C" fn swap(
    _ctx: *mut RedisModuleCtx,
    _event: RedisModuleEvent,
    _subevent: u64,
    data: *mut c_void,
) {
    // SAFETY: the data of a SWAPDB event is a RedisModuleSwapDbInfo, valid during this callback.
    let info = unsafe { &*data.cast::<raw::RedisModuleSwapDbInfo>() };
    let numbers = [info.dbnum_first, info.dbnum_second].map(usize::try_from);
    if let [Ok(first), Ok(second)] = numbers {
        handle(|handlers| (handlers.swapped)(first, second));
    }
}

/// # Safety
/// For the server to call, for the event of `trim`.
unsafe extern "C" fn trimmed(
    _ctx: *mut RedisModuleCtx,
    _event: RedisModuleEvent,
    subevent: u64,
    data: *mut c_void,
) {
    // SAFETY: the data is that of this event, during its callback (the caller's promise).
    if let Some(slots) = unsafe { trim::dropped_slots(subevent, data) } {
        handle(|handlers| (handlers.trimmed)(&slots));
    }
}

/// The events by which one of core's commands brings a value to a key.
const ARRIVALS: [&CStr; 4] = [c"restore", c"copy_to", c"rename_to", c"move_to"];

/// # Safety
/// For the server to call, for keyspace events.
unsafe extern "C" fn keyspace_event(
    ctx: *mut RedisModuleCtx,
    class: c_int,
    event: *const c_char,
    name: *mut RedisModuleString,
) -> c_int {
    // SAFETY: the context, the C string and the key's name are valid during this callback.
    let (ctx, name, event) = unsafe { (Ctx::new(ctx), Arg::new(name), CStr::from_ptr(event)) };
    match class {
        raw::REDISMODULE_NOTIFY_LOADED => handle(|handlers| (handlers.loaded)(ctx, name)),
        raw::REDISMODULE_NOTIFY_EXPIRED => handle(|handlers| (handlers.expired)(name)),
        raw::REDISMODULE_NOTIFY_EVICTED => handle(|handlers| (handlers.evicted)(name)),
        // Other events are of the generic class: mostly DEL and EXPIRE of any key, which match
        // nothing.
        _ if ARRIVALS.contains(&event) => {
            handle(|handlers| (handlers.arrived)(ctx, name));
            source_database::restore(ctx, event);
        }
        _ if event == c"move_from" => source_database::remember(ctx.database()),
        _ => {}
    }
    OK
}
