//! Counters of the module's work since the server started, shown by `INFO session`.
//!
//! The macro `counters` declares each counter together with its field, so that none can be left out
//! of INFO.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A counter. It is read on the main thread. Most counters are also changed only there; the count of
/// values changes on any thread on which the server frees one.
pub struct Counter(AtomicU64);

impl Counter {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Adds one, on the main thread only: a load and a store suffice, which is cheaper than an
    /// atomic addition.
    pub fn add(&self) {
        self.add_many(1);
    }

    /// Adds a number, on the main thread only.
    pub fn add_many(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
    }

    /// Adds one, on any thread.
    pub fn add_anywhere(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// Subtracts one, on any thread.
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

        /// All counters, each with the name of its INFO field.
        pub static ALL: &[(&std::ffi::CStr, &Counter)] = &[$(($field, &$name),)*];
    };
}

counters! {
    /// Session values in memory, in all databases.
    SESSIONS: c"sessions",
    /// Sessions that SET created.
    CREATED: c"created",
    /// Sessions that IMPORT created.
    IMPORTED: c"imported",
    /// Changes of a live session by SET, PATCH or POP.
    UPDATED: c"updated",
    /// Sessions to which ROTATE gave a new ID.
    ROTATED: c"rotated",
    /// Sessions that DEL ended.
    DELETED: c"deleted",
    /// Sessions that REVOKE and MAXSESSIONS ended.
    REVOKED: c"revoked",
    /// Sessions that the server removed because they expired. Not on a replica, where the primary's
    /// DEL removes them.
    EXPIRED: c"expired",
    /// Sessions that the server evicted for lack of memory.
    EVICTED: c"evicted",
    /// VERIFY commands that passed.
    VERIFY_PASSED: c"verify_passed",
    /// VERIFY commands that ended with an error.
    VERIFY_FAILED: c"verify_failed",
    /// VERIFY commands that found no live session.
    VERIFY_MISSING: c"verify_missing",
    /// Checks of data with a schema.
    CHECKS_RUN: c"schema_checks_run",
    /// Checks that were not needed, because the data was known to satisfy the schema.
    CHECKS_SKIPPED: c"schema_checks_skipped",
    /// Accesses by reads that were recorded.
    ACCESSES_RECORDED: c"accesses_recorded",
    /// Accesses by reads that were not recorded: too soon after the last (more so while a child of the
    /// server saves), on a replica, or while the server avoids replica traffic.
    ACCESSES_NOT_RECORDED: c"accesses_not_recorded",
}
