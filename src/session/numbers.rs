//! The numbers of a session, and which of its times are believed.
//!
//! A clock can be wrong for a while. Times that it gave then stay in the sessions, and one in the
//! future would keep a session from idling out, and an authentication from ageing. So no time that
//! lies more than [`AHEAD_MS`] in the future is believed, and the next access puts it right. A deadline
//! is no such time: it lies in the future by its nature.

use super::timeouts::Timeouts;

/// How far in the future a time is still believed, in ms: clocks of two servers differ a little.
pub const AHEAD_MS: i64 = 60_000;

/// The fields of a session that are numbers. All times are Unix time in ms.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    pub version: u64,
    pub created: i64,
    pub issued: i64,
    pub accessed: i64,
    pub authenticated: Option<i64>,
    pub timeouts: Timeouts,
}

/// Whether something can have happened at `time`, as seen at `now`.
#[inline]
pub fn is_believed(time: i64, now: i64) -> bool {
    time <= now.saturating_add(AHEAD_MS)
}

impl Numbers {
    /// Whether every time is believed at `now`.
    #[inline]
    pub fn are_believed(&self, now: i64) -> bool {
        let latest = self.created.max(self.issued).max(self.accessed);
        is_believed(latest.max(self.authenticated.unwrap_or(0)), now)
    }

    /// Whether a read should record its access: by `Timeouts::access_is_due`, and where a time is to
    /// be put right. `interval` is the setting `session.touch-interval-ms`; while the server saves,
    /// `slower` is more than 1.
    #[inline]
    pub fn access_is_due(&self, has_user: bool, now: i64, interval: i64, slower: i64) -> bool {
        (self.timeouts).access_is_due(self.accessed, has_user, now, interval, slower)
            || !self.are_believed(now)
    }

    /// Puts the times right that are not believed at `now`, except for the last access. Returns
    /// whether one has changed.
    ///
    /// A creation and an issue were not later than now. Of an authentication that is not believed
    /// only that much is known that it was not before the creation: so it counts as of then, or, if
    /// that is not known either, as of 1970, which is fresh for nobody.
    pub fn correct(&mut self, now: i64) -> bool {
        let mut changed = false;
        let known_creation = is_believed(self.created, now).then_some(self.created);
        for time in [&mut self.created, &mut self.issued] {
            if !is_believed(*time, now) {
                *time = now;
                changed = true;
            }
        }
        if let Some(at) = &mut self.authenticated {
            if !is_believed(*at, now) {
                *at = known_creation.unwrap_or(0);
                changed = true;
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_790_000_000_000;

    fn numbers(created: i64, authenticated: Option<i64>) -> Numbers {
        Numbers {
            version: 1,
            created,
            issued: created,
            accessed: created,
            authenticated,
            timeouts: Timeouts::default(),
        }
    }

    #[test]
    fn a_minute_ahead_is_believed_and_no_more() {
        assert!(is_believed(NOW + AHEAD_MS, NOW));
        assert!(!is_believed(NOW + AHEAD_MS + 1, NOW));
        assert!(is_believed(i64::MAX, i64::MAX));
    }

    #[test]
    fn an_authentication_in_the_future_counts_from_the_creation_or_is_not_fresh_at_all() {
        let mut known = numbers(NOW - 5, Some(NOW + AHEAD_MS + 1));
        assert!(known.correct(NOW));
        assert_eq!(known.authenticated, Some(NOW - 5));
        let mut unknown = numbers(NOW + AHEAD_MS + 1, Some(NOW + AHEAD_MS + 1));
        assert!(unknown.correct(NOW));
        assert_eq!((unknown.created, unknown.issued), (NOW, NOW));
        assert_eq!(unknown.authenticated, Some(0));
    }

    proptest! {
        #[test]
        fn corrected_numbers_are_believed_and_right_ones_stay(
            times in any::<[u32; 3]>(),
            authenticated in proptest::option::of(0..i64::MAX),
            now in 0..i64::from(u32::MAX),
        ) {
            let mut numbers = Numbers {
                version: 1,
                created: times[0].into(),
                issued: times[1].into(),
                accessed: times[2].into(),
                authenticated,
                timeouts: Timeouts::default(),
            };
            let before = numbers;
            let changed = numbers.correct(now);
            prop_assert_eq!(changed, format!("{before:?}") != format!("{numbers:?}"));
            numbers.accessed = now;
            prop_assert!(numbers.are_believed(now));
            prop_assert!(!numbers.correct(now));
            if before.are_believed(now) {
                prop_assert!(!changed);
            }
        }
    }
}
