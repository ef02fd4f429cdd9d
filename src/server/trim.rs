//! Keys that the server drops because their slots have moved to another node.
//!
//! Workaround. Server: Redis 8.4 (`cluster_asm.c`). After CLUSTER MIGRATION it drops the keys of the
//! moved slots: either key by key, unlinking each, or whole slots at once and without a word about any
//! key. Symptom of the second way: the index of users keeps entries of keys that are gone. A server
//! drops key by key if a module listens to the event of such keys, so this module does. It also
//! handles the event of whole slots, because a debug setting of the server can ask for that.
//!
//! Valkey has other events under the same numbers, so everything here depends on a function that only
//! Redis 8.4 and later have.

use redis_module::raw::{
    self, RedisModuleClusterSlotMigrationTrimInfo, RedisModuleEvent, RedisModuleSlotRangeArray,
};
use std::ffi::c_void;
use std::ops::RangeInclusive;
use std::os::raw::c_int;

/// The sub-event of slots that are dropped as a whole.
const BACKGROUND: u64 = raw::REDISMODULE_SUBEVENT_CLUSTER_SLOT_MIGRATION_TRIM_BACKGROUND;

/// Ranges of slots.
pub type SlotRanges = Vec<RangeInclusive<usize>>;

/// Whether the server drops keys in these ways.
fn is_redis_8_4() -> bool {
    // SAFETY: the pointer is only tested; it was written at the start of loading.
    unsafe { { raw::RedisModule_ClusterCanAccessKeysInSlot }.is_some() }
}

/// The class of keyspace events for keys that are dropped one by one; 0 if the server has none. By the
/// time of the event the key has been unlinked, and that has changed the index.
pub fn event_class() -> c_int {
    // SAFETY: the function has no arguments or conditions.
    let known = unsafe { raw::RedisModule_GetKeyspaceNotificationFlagsAll.map_or(0, |all| all()) };
    if is_redis_8_4() {
        (raw::REDISMODULE_NOTIFY_KEY_TRIMMED as c_int) & known
    } else {
        0
    }
}

/// The server event of slots that are dropped as a whole; none if the server has none.
pub fn server_event() -> Option<u64> {
    let id = raw::REDISMODULE_EVENT_CLUSTER_SLOT_MIGRATION_TRIM;
    let event = RedisModuleEvent { id, dataver: 1 };
    // SAFETY: the function has no conditions: it only looks the numbers up.
    let known = unsafe {
        raw::RedisModule_IsSubEventSupported.is_some_and(|is| is(event, BACKGROUND) != 0)
    };
    (is_redis_8_4() && known).then_some(id)
}

/// The slots that are dropped as a whole, if this sub-event is about such. The other sub-events say
/// that dropping key by key begins or ends.
///
/// # Safety
/// `data` is the data of the event [`server_event`] with this sub-event, during its callback.
pub unsafe fn dropped_slots(subevent: u64, data: *const c_void) -> Option<SlotRanges> {
    if subevent != BACKGROUND {
        return None;
    }
    // SAFETY: the data of this event is a RedisModuleClusterSlotMigrationTrimInfo, whose pointer to the
    // ranges is valid (the caller's promise).
    Some(unsafe { ranges((*data.cast::<RedisModuleClusterSlotMigrationTrimInfo>()).slots) })
}

/// # Safety
/// `slots` points to an array of ranges with its length before it, as the server has them.
unsafe fn ranges(slots: *const RedisModuleSlotRangeArray) -> SlotRanges {
    // SAFETY: the length is valid, and so are as many elements after it (the caller's promise).
    let ranges = unsafe {
        let count = usize::try_from((*slots).num_ranges).unwrap_or(0);
        (*slots).ranges.as_slice(count)
    };
    let range = |range: &raw::RedisModuleSlotRange| range.start.into()..=range.end.into();
    ranges.iter().map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    struct Three {
        count: i32,
        ranges: [[u16; 2]; 3],
    }

    #[test]
    fn the_slots_of_a_background_trim_are_read_and_those_of_others_are_not() {
        let array = Three {
            count: 2,
            ranges: [[0, 5], [16_383, 16_383], [7, 7]],
        };
        let info = RedisModuleClusterSlotMigrationTrimInfo {
            version: 1,
            slots: (&raw const array).cast_mut().cast(),
        };
        let data = (&raw const info).cast();
        // SAFETY: the data is as the server makes it, and lives through the calls.
        let of = |subevent| unsafe { dropped_slots(subevent, data) };
        assert_eq!(of(0), None);
        assert_eq!(of(1), None);
        assert_eq!(of(2), Some(vec![0..=5, 16_383..=16_383]));
    }

    #[test]
    fn a_server_without_these_events_is_not_asked_for_them() {
        assert_eq!((event_class(), server_event()), (0, None));
    }
}
