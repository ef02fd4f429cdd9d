//! The options that set when a session ends, `[expiry]` in the reference.
//!
//! Parsing and applying are two steps: the options are read word by word first, and turned into
//! timeouts when the session has been read, because a timeout that was not given stays as it is.

use super::options::{number, once};
use crate::config;
use crate::error::{Error, Result};
use crate::server::args::{Arg, Args};
use crate::server::command_spec::{ArgSpec, Kind};
use crate::session::{Session, Timeouts};

/// The options as the command table declares them.
pub const EXPIRY: [ArgSpec; 2] = [
    ArgSpec::required(
        "deadline",
        Kind::OneOf(&[
            ArgSpec::after("EX", "seconds", Kind::Integer),
            ArgSpec::after("PX", "milliseconds", Kind::Integer),
            ArgSpec::after("EXAT", "unix-time-seconds", Kind::UnixTime),
            ArgSpec::after("PXAT", "unix-time-milliseconds", Kind::UnixTime),
            ArgSpec::word("persist", "PERSIST"),
        ]),
    )
    .optional(),
    ArgSpec::required(
        "idle-timeout",
        Kind::OneOf(&[
            ArgSpec::after("IDLE", "idle-seconds", Kind::Integer).shown("seconds"),
            ArgSpec::after("PIDLE", "idle-milliseconds", Kind::Integer).shown("milliseconds"),
        ]),
    )
    .optional(),
];

/// A deadline option as it was given. Its number is read only after all arguments have been parsed,
/// because a syntax error takes precedence over a wrong number.
#[derive(Clone, Copy)]
enum Deadline<'a> {
    /// EX or PX: a span from now, and its unit in ms.
    In(Arg<'a>, i64),
    /// EXAT or PXAT: a Unix time, and its unit in ms.
    At(Arg<'a>, i64),
    /// PERSIST.
    Persist,
}

/// The expiry options as they were given.
#[derive(Clone, Copy, Default)]
pub struct Expiry<'a> {
    deadline: Option<Deadline<'a>>,
    /// IDLE or PIDLE: a span, and its unit in ms.
    idle: Option<(Arg<'a>, i64)>,
}

/// A second, in ms.
const SECOND: i64 = 1000;

impl<'a> Expiry<'a> {
    /// Reads one option with its value, if `word` is an expiry option. Returns whether it was.
    ///
    /// # Errors
    /// Syntax for an option that is repeated, contradicts another, or lacks its value.
    pub fn accept(&mut self, word: Arg<'a>, args: &mut Args<'a>) -> Result<bool> {
        let mut value = || args.next().ok_or_else(Error::syntax);
        let deadline = if word.is("EX") {
            Deadline::In(value()?, SECOND)
        } else if word.is("PX") {
            Deadline::In(value()?, 1)
        } else if word.is("EXAT") {
            Deadline::At(value()?, SECOND)
        } else if word.is("PXAT") {
            Deadline::At(value()?, 1)
        } else if word.is("PERSIST") {
            Deadline::Persist
        } else if word.is("IDLE") {
            once(&mut self.idle, (value()?, SECOND))?;
            return Ok(true);
        } else if word.is("PIDLE") {
            once(&mut self.idle, (value()?, 1))?;
            return Ok(true);
        } else {
            return Ok(false);
        };
        once(&mut self.deadline, deadline)?;
        Ok(true)
    }

    /// Whether any of the options was given.
    pub fn is_given(&self) -> bool {
        self.deadline.is_some() || self.idle.is_some()
    }

    /// Checks the numbers by themselves. Commands do so before they look at the key, as core's SET
    /// does.
    ///
    /// # Errors
    /// As for [`Expiry::for_new`].
    pub fn check(self, command: &str, now: i64) -> Result<()> {
        self.resolve(command, now, Timeouts::default()).map(drop)
    }

    /// The timeouts of a session that is created now. The settings `session.ttl` and
    /// `session.idle-timeout` replace options that were not given, and no deadline lies further
    /// than `session.max-ttl` from now.
    ///
    /// # Errors
    /// Core's texts for a value that is not an integer, and for a time that is not in the future.
    pub fn for_new(self, command: &str, now: i64) -> Result<Timeouts> {
        self.for_new_since(command, now, now)
    }

    /// As [`Expiry::for_new`], but `session.max-ttl` counts from `base`, for a session that is older
    /// than its key.
    ///
    /// # Errors
    /// As for [`Expiry::for_new`].
    pub fn for_new_since(self, command: &str, now: i64, base: i64) -> Result<Timeouts> {
        let after = |seconds: i64| (seconds > 0).then_some(seconds * SECOND);
        let defaults = Timeouts {
            deadline: after(config::TTL.get()).map(|ms| now.saturating_add(ms)),
            idle: after(config::IDLE_TIMEOUT.get()),
        };
        let mut timeouts = self.resolve(command, now, defaults)?;
        timeouts.deadline = within_max_ttl(timeouts.deadline, base, command, now)?;
        Ok(timeouts)
    }

    /// The timeouts of a live session after these options. A timeout that was not given stays as it
    /// is. A deadline that was given lies at most `session.max-ttl` after [`Session::limit_base`].
    ///
    /// # Errors
    /// As for [`Expiry::for_new`].
    pub fn for_session(self, command: &str, now: i64, session: &Session<'_>) -> Result<Timeouts> {
        let mut timeouts = self.resolve(command, now, session.timeouts())?;
        if self.deadline.is_some() {
            let base = session.limit_base(now);
            timeouts.deadline = within_max_ttl(timeouts.deadline, base, command, now)?;
        }
        Ok(timeouts)
    }

    /// Applies the options to the present timeouts, without regard to `session.max-ttl`.
    fn resolve(self, command: &str, now: i64, present: Timeouts) -> Result<Timeouts> {
        let invalid = || Error::invalid_expire(command);
        let ms = |value: Arg<'_>, unit: i64| number(value)?.checked_mul(unit).ok_or_else(invalid);
        let deadline = match self.deadline {
            None => present.deadline,
            Some(Deadline::Persist) => None,
            Some(Deadline::In(value, unit)) => {
                let span = ms(value, unit)?;
                let at = now.checked_add(span).filter(|_| span > 0);
                Some(at.ok_or_else(invalid)?)
            }
            Some(Deadline::At(value, unit)) => {
                let at = Some(ms(value, unit)?).filter(|&at| at > now);
                Some(at.ok_or_else(invalid)?)
            }
        };
        let idle = match self.idle {
            None => present.idle,
            Some((value, unit)) => {
                let span = ms(value, unit)?;
                if span < 0 || now.checked_add(span).is_none() {
                    return Err(invalid());
                }
                // 0 removes the idle timeout.
                (span > 0).then_some(span)
            }
        };
        Ok(Timeouts { deadline, idle })
    }
}

/// Limits a deadline to `session.max-ttl` after `base`. Without a deadline, that limit becomes the
/// deadline.
///
/// # Errors
/// Core's text for an expiry that is not valid, if the limit has passed.
fn within_max_ttl(
    deadline: Option<i64>,
    base: i64,
    command: &str,
    now: i64,
) -> Result<Option<i64>> {
    let seconds = config::MAX_TTL.get();
    if seconds == 0 {
        return Ok(deadline);
    }
    let last = base.saturating_add(seconds * SECOND);
    if last <= now {
        return Err(Error::invalid_expire(command));
    }
    Ok(Some(deadline.map_or(last, |at| at.min(last))))
}
