//! Counters of what the module has done since the server started, shown by `INFO session`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A count. The server frees values in the background too, and reads all counts on the main thread.
pub struct Counter(AtomicU64);

impl Counter {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// One more, on the main thread: nobody else counts there, and so it need not be one step.
    pub fn add(&self) {
        self.add_many(1);
    }

    /// So many more, likewise.
    pub fn add_many(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
    }

    /// One more, on whatever thread.
    pub fn add_anywhere(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// One less, on whatever thread.
    pub fn sub_anywhere(&self) {
        self.0.fetch_sub(1, Relaxed);
    }

    /// The present count.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident: $field:literal,)*) => {
        $($(#[$doc])* pub static $name: Counter = Counter::new();)*

        /// Every counter with the name of its INFO field.
        pub static ALL: &[(&std::ffi::CStr, &Counter)] = &[$(($field, &$name),)*];
    };
}

counters! {
    /// Session values in memory, of all databases.
    SESSIONS: c"sessions",
    /// Sessions that SET has made.
    CREATED: c"created",
    /// Changes of a live session by SET, PATCH or POP.
    UPDATED: c"updated",
    /// Sessions that ROTATE has given a new ID.
    ROTATED: c"rotated",
    /// Sessions that DEL has ended.
    DELETED: c"deleted",
    /// Sessions that REVOKE and MAXSESSIONS have ended.
    REVOKED: c"revoked",
    /// Sessions that the server found expired and removed. Not on a replica, which is told.
    EXPIRED: c"expired",
    /// Sessions that the server removed for want of memory.
    EVICTED: c"evicted",
    /// VERIFY commands that passed.
    VERIFY_PASSED: c"verify_passed",
    /// VERIFY commands that an error refused.
    VERIFY_FAILED: c"verify_failed",
    /// VERIFY commands that found no live session.
    VERIFY_MISSING: c"verify_missing",
    /// Times that data was run through a schema.
    CHECKS_RUN: c"schema_checks_run",
    /// Times that a remembered verdict spared a check.
    CHECKS_SKIPPED: c"schema_checks_skipped",
    /// Accesses by reads that were recorded.
    ACCESSES_RECORDED: c"accesses_recorded",
    /// Accesses by reads that were not: too soon after the last, on a replica, or while the server
    /// wants no replica traffic.
    ACCESSES_NOT_RECORDED: c"accesses_not_recorded",
}
