//! When a session ends, and how often its reads are recorded for that.

/// A session without an idle timeout, but with a user, records an access this often, in ms: enough
/// to order a user's sessions by their last use.
pub const USER_TOUCH_INTERVAL_MS: i64 = 60_000;

/// When a session ends by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Fixed end of life, in Unix ms.
    pub deadline: Option<i64>,
    /// How long it lives without an access, in ms; at least 1.
    pub idle: Option<i64>,
}

impl Timeouts {
    /// The sooner of the two, for a session that was last accessed then.
    pub fn end(self, accessed: i64) -> Option<i64> {
        let idle_end = self.idle.map(|ms| accessed.saturating_add(ms));
        match (self.deadline, idle_end) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// Whether neither has run out. The last millisecond counts as life, as it does for a key of
    /// core's.
    pub fn allow(self, accessed: i64, now: i64) -> bool {
        self.end(accessed).is_none_or(|end| now <= end)
    }

    /// Whether a read at `now` should record its access, when reads are to do so at most once in
    /// `interval` ms (0: each). Never more coarsely than a tenth of the idle timeout, so that the
    /// life that is measured from recorded accesses is right to 10 %.
    pub(super) fn access_is_due(
        self,
        accessed: i64,
        has_user: bool,
        now: i64,
        interval: i64,
    ) -> bool {
        let interval = match self.idle {
            Some(idle) => interval.min(idle / 10),
            None if !has_user => return false,
            None if interval == 0 => 0,
            None => USER_TOUCH_INTERVAL_MS,
        };
        now > accessed && now - accessed >= interval
    }
}
