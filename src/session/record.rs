//! One session: its fields, and each change that a command can make to it.
//!
//! A session borrows its strings, so a command reads it from its block, changes the copy of the
//! fields, and packs the result again.

use super::numbers::{is_believed, Numbers};
use super::timeouts::Timeouts;
use crate::schema::revision_set;
use std::cmp::Reverse;

/// The greatest version, because an integer reply holds no greater number. No session gets there by
/// changes of its data, but a RESTORE payload can start there; its version then stays the same.
pub const MAX_VERSION: u64 = i64::MAX.cast_unsigned();

/// What the index of users has of a session beside its key.
#[derive(Debug, Clone, Copy)]
pub struct UserAccess<'a> {
    /// The session's user.
    pub user: &'a str,
    /// The last access, in Unix ms.
    pub accessed: i64,
}

/// A session. Its strings are borrowed: from the block that the server holds, from arguments, or
/// from a buffer. Making or changing a session copies nothing; packing it for storage does.
#[derive(Debug, Clone, Copy)]
pub struct Session<'a> {
    pub(super) data: &'a [u8],
    pub(super) numbers: Numbers,
    pub(super) schema: Option<&'a str>,
    pub(super) user: Option<&'a str>,
    /// The schemas that the data is known to satisfy, see [`revision_set`]. Neither saved, nor
    /// replicated, nor part of the digest.
    pub(super) satisfied: u32,
}

/// A time is so far in the future that it is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotBelieved;

impl<'a> Session<'a> {
    /// Makes a session at version 1. A session with a user counts as authenticated now.
    pub fn create(
        now: i64,
        data: &'a [u8],
        timeouts: Timeouts,
        schema: Option<&'a str>,
        user: Option<&'a str>,
    ) -> Self {
        Self {
            data,
            numbers: Numbers {
                version: 1,
                created: now,
                issued: now,
                accessed: now,
                authenticated: user.map(|_| now),
                timeouts,
            },
            schema,
            user,
            satisfied: 0,
        }
    }

    /// The JSON text, byte for byte as it was written.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// The version: 1 at creation, one more at each change of the data.
    pub fn version(&self) -> u64 {
        self.numbers.version
    }

    /// When the session was created. A rotation keeps it.
    pub fn created(&self) -> i64 {
        self.numbers.created
    }

    /// When the session's present ID was made.
    pub fn issued(&self) -> i64 {
        self.numbers.issued
    }

    /// When the last access was recorded.
    pub fn accessed(&self) -> i64 {
        self.numbers.accessed
    }

    /// When the user last authenticated.
    pub fn authenticated(&self) -> Option<i64> {
        self.numbers.authenticated
    }

    /// The deadline and the idle timeout.
    pub fn timeouts(&self) -> Timeouts {
        self.numbers.timeouts
    }

    /// The name of the schema that the data must satisfy.
    pub fn schema(&self) -> Option<&'a str> {
        self.schema
    }

    /// The name of the session's user.
    pub fn user(&self) -> Option<&'a str> {
        self.user
    }

    /// The session's user and its last access.
    pub fn user_access(&self) -> Option<UserAccess<'a>> {
        let accessed = self.numbers.accessed;
        self.user.map(|user| UserAccess { user, accessed })
    }

    /// When the session ends without another access: at the deadline, or at the end of the idle
    /// timeout if that is sooner. None if it has neither.
    pub fn end(&self) -> Option<i64> {
        self.numbers.timeouts.end(self.numbers.accessed)
    }

    /// Whether the session has neither passed its deadline nor idled out. It is still live in the
    /// millisecond of its end, as a core key is in the millisecond of its expiry.
    pub fn is_live(&self, now: i64) -> bool {
        self.numbers.timeouts.allow(self.numbers.accessed, now)
    }

    /// The time from which `session.max-ttl` is counted: the later of the creation and the last
    /// authentication, as far as they are believed at `now`.
    pub fn limit_base(&self, now: i64) -> i64 {
        let mut numbers = self.numbers;
        numbers.correct(now);
        numbers.authenticated.unwrap_or(0).max(numbers.created)
    }

    /// When the user last authenticated; `Err` if that time is too far in the future to be believed
    /// at `now`.
    pub fn believed_authentication(&self, now: i64) -> Result<Option<i64>, NotBelieved> {
        match self.numbers.authenticated {
            Some(at) if !is_believed(at, now) => Err(NotBelieved),
            at => Ok(at),
        }
    }

    /// The sort key of a user's sessions at `now`, before their names: the most recently accessed
    /// first, then the most recently created. A time that is not believed does not count as recent.
    pub fn order(&self, now: i64) -> (Reverse<i64>, Reverse<i64>) {
        let Numbers {
            accessed,
            issued,
            created,
            ..
        } = self.numbers;
        let first_believed = |times: &[i64]| {
            let mut times = times.iter().copied();
            times.find(|&time| is_believed(time, now)).unwrap_or(0)
        };
        (
            Reverse(first_believed(&[accessed, issued, created])),
            Reverse(first_believed(&[created])),
        )
    }

    /// Sets the times of creation, issue and authentication right, if they lie too far in the future
    /// to be believed at `now`, as after a clock was wrong for a while. Returns whether one has
    /// changed. [`Session::record_access`] does the same for the last access.
    pub fn correct_times(&mut self, now: i64) -> bool {
        self.numbers.correct(now)
    }

    /// Records an access at `now`. The recorded time does not go back by a minute or less, as where
    /// the clock was set back a little. A time further in the future is not believed.
    pub fn record_access(&mut self, now: i64) {
        if self.numbers.accessed < now || !is_believed(self.numbers.accessed, now) {
            self.numbers.accessed = now;
        }
    }

    /// Sets the time of the last access, as the primary recorded it.
    pub fn set_accessed(&mut self, accessed: i64) {
        self.numbers.accessed = accessed;
    }

    /// Replaces deadline and idle timeout. Returns whether they differ from before.
    pub fn set_timeouts(&mut self, timeouts: Timeouts) -> bool {
        std::mem::replace(&mut self.numbers.timeouts, timeouts) != timeouts
    }

    /// Sets the name of the schema. Returns whether it differs from before.
    pub fn set_schema(&mut self, schema: &'a str) -> bool {
        self.schema.replace(schema) != Some(schema)
    }

    /// Replaces the data and increases the version by one, up to `i64::MAX`. The same bytes
    /// change nothing. Returns whether the bytes differ.
    pub fn replace_data(&mut self, data: &'a [u8]) -> bool {
        if self.data == data {
            return false;
        }
        self.data = data;
        self.numbers.version = self.numbers.version.saturating_add(1).min(MAX_VERSION);
        self.satisfied = 0;
        true
    }

    /// The same session under a new ID: issued and accessed now.
    pub fn rotated(&self, now: i64) -> Self {
        let mut successor = *self;
        successor.correct_times(now);
        successor.numbers.issued = now;
        successor.record_access(now);
        successor
    }

    /// Sets the user, who has authenticated now.
    pub fn authenticate(&mut self, user: &'a str, now: i64) {
        self.user = Some(user);
        self.numbers.authenticated = Some(now);
    }

    /// Whether the data is known to satisfy the schema of this revision.
    pub fn is_known_to_satisfy(&self, revision: u32) -> bool {
        revision_set::contains(self.satisfied, revision)
    }

    /// Remembers the revision of a schema that the data has been found to satisfy.
    pub fn remember_satisfies(&mut self, revision: u32) {
        self.satisfied = revision_set::with(self.satisfied, revision);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(deadline: Option<i64>, idle: Option<i64>, user: Option<&str>) -> Session<'_> {
        Session::create(1000, b"{}", Timeouts { deadline, idle }, None, user)
    }

    fn due(session: &Session<'_>, now: i64, interval: i64) -> bool {
        (session.numbers).access_is_due(session.user.is_some(), now, interval, 1)
    }

    #[test]
    fn the_sooner_of_deadline_and_idle_timeout_ends_it() {
        assert_eq!(session(None, None, None).end(), None);
        assert_eq!(session(Some(5000), None, None).end(), Some(5000));
        assert_eq!(session(None, Some(300), None).end(), Some(1300));
        assert_eq!(session(Some(1200), Some(300), None).end(), Some(1200));
        assert_eq!(session(Some(5000), Some(300), None).end(), Some(1300));
        assert_eq!(session(None, Some(i64::MAX), None).end(), Some(i64::MAX));
    }

    #[test]
    fn it_lives_through_the_last_millisecond_and_no_longer() {
        let session = session(Some(5000), None, None);
        assert!(session.is_live(5000));
        assert!(!session.is_live(5001));
    }

    #[test]
    fn an_access_pushes_the_idle_end_out_but_not_the_deadline() {
        let mut session = session(Some(1500), Some(300), None);
        session.record_access(1250);
        assert_eq!(session.end(), Some(1500));
        session.set_timeouts(Timeouts {
            deadline: Some(9000),
            idle: Some(300),
        });
        assert_eq!(session.end(), Some(1550));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_age_a_session() {
        let mut session = session(None, Some(300), None);
        session.record_access(500);
        assert_eq!(session.accessed(), 1000);
        assert!(!due(&session, 500, 0));
    }

    #[test]
    fn accesses_are_recorded_at_the_interval_or_a_tenth_of_the_idle_timeout() {
        let long = session(None, Some(60_000), None);
        assert!(!due(&long, 1999, 1000));
        assert!(due(&long, 2000, 1000));
        let short = session(None, Some(50), None);
        assert!(!due(&short, 1004, 1000));
        assert!(due(&short, 1005, 1000));
        let tiny = session(None, Some(5), None);
        assert!(due(&tiny, 1001, 1000));
        assert!(!due(&tiny, 1000, 0), "nothing would change");
    }

    #[test]
    fn without_an_idle_timeout_reads_are_recorded_for_a_user_once_a_minute() {
        assert!(!due(&session(None, None, None), i64::MAX, 0));
        let users = session(None, None, Some("u"));
        assert!(!due(&users, 60_999, 1000));
        assert!(due(&users, 61_000, 1000));
        assert!(due(&users, 1001, 0));
    }

    #[test]
    fn only_other_bytes_raise_the_version_and_forget_the_verdicts() {
        let mut session = session(None, None, None);
        session.remember_satisfies(7);
        assert!(!session.replace_data(b"{}"));
        assert_eq!(
            (session.version(), session.is_known_to_satisfy(7)),
            (1, true)
        );
        assert!(session.replace_data(b"{ }"));
        assert_eq!(
            (session.version(), session.is_known_to_satisfy(7)),
            (2, false)
        );
    }

    #[test]
    fn the_last_version_is_not_passed() {
        let mut session = session(None, None, None);
        session.numbers.version = MAX_VERSION;
        assert!(session.replace_data(b"1"));
        assert_eq!(session.version(), MAX_VERSION);
    }

    #[test]
    fn a_session_with_a_user_is_authenticated_at_creation() {
        assert_eq!(session(None, None, Some("u")).authenticated(), Some(1000));
        assert_eq!(session(None, None, None).authenticated(), None);
    }
}
