//! The deadline and the idle timeout: when a session ends, and how often its reads are recorded to
//! keep the idle timeout exact enough.

/// How often reads record accesses of a session that has a user but no idle timeout, in ms. That is
/// often enough to list a user's sessions by their last use.
const USER_TOUCH_INTERVAL_MS: i64 = 60_000;

/// The sooner of two times, where none is never.
pub fn sooner(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The timeouts that end a session without a command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// The absolute timeout: a Unix time in ms.
    pub deadline: Option<i64>,
    /// The idle timeout: how long the session lives without an access, in ms; at least 1.
    pub idle: Option<i64>,
}

impl Timeouts {
    /// When a session ends that was last accessed at `accessed`: the sooner of the two.
    pub fn end(self, accessed: i64) -> Option<i64> {
        let idle_end = self.idle.map(|ms| accessed.saturating_add(ms));
        sooner(self.deadline, idle_end)
    }

    /// Whether a session that was last accessed at `accessed` is live at `now`. The millisecond of
    /// the end still counts, as it does for the expiry of a core key.
    pub fn allow(self, accessed: i64, now: i64) -> bool {
        self.end(accessed).is_none_or(|end| now <= end)
    }

    /// Whether a read at `now` should record its access.
    ///
    /// With an idle timeout reads record an access at most every `interval` ms (0: every read), but at
    /// least every tenth of the timeout, so that a session idles out at most 10 % too early. Without
    /// one only sessions with a user record accesses, every [`USER_TOUCH_INTERVAL_MS`], or at every
    /// read if `interval` is 0. `slower` multiplies both intervals, but not the tenth.
    pub(super) fn access_is_due(
        self,
        accessed: i64,
        has_user: bool,
        now: i64,
        interval: i64,
        slower: i64,
    ) -> bool {
        let interval = match self.idle {
            Some(idle) => interval.saturating_mul(slower).min(idle / 10),
            None if !has_user => return false,
            None if interval == 0 => 0,
            None => USER_TOUCH_INTERVAL_MS * slower,
        };
        now > accessed && now - accessed >= interval
    }
}
