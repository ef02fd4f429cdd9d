//! The options that say when a session ends, `[expiry]` in the reference.

use super::options::once;
use crate::config;
use crate::error::{Error, Result};
use crate::integer::integer;
use crate::server::args::{Arg, Args};
use crate::server::command_spec::{ArgSpec, Kind};
use crate::session::Timeouts;

/// `[expiry]` for the command table.
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

/// How a deadline was given; the numbers are read when all the syntax has been found right.
#[derive(Clone, Copy)]
enum Deadline<'a> {
    In { value: Arg<'a>, unit: i64 },
    At { value: Arg<'a>, unit: i64 },
    Persist,
}

/// Expiry options as they were given.
#[derive(Clone, Copy, Default)]
pub struct Expiry<'a> {
    deadline: Option<Deadline<'a>>,
    idle: Option<(Arg<'a>, i64)>,
}

const SECOND: i64 = 1000;

impl<'a> Expiry<'a> {
    /// Takes one option and its value, if `word` is an expiry option; gives whether it was.
    ///
    /// # Errors
    /// Syntax: doubled, contradicted, or without its value.
    pub fn accept(&mut self, word: Arg<'a>, args: &mut Args<'a>) -> Result<bool> {
        let mut value = || args.next().ok_or_else(Error::syntax);
        let deadline = if word.is("EX") {
            Deadline::In {
                value: value()?,
                unit: SECOND,
            }
        } else if word.is("PX") {
            Deadline::In {
                value: value()?,
                unit: 1,
            }
        } else if word.is("EXAT") {
            Deadline::At {
                value: value()?,
                unit: SECOND,
            }
        } else if word.is("PXAT") {
            Deadline::At {
                value: value()?,
                unit: 1,
            }
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

    /// Finds what is wrong with the numbers, whatever they will be applied to. As in core's SET,
    /// that is told before anything is said of the key.
    ///
    /// # Errors
    /// As for [`Expiry::for_new`].
    pub fn check(self, command: &str, now: i64) -> Result<()> {
        self.resolve(command, now, Timeouts::default()).map(drop)
    }

    /// The timeouts of a session that is made now.
    ///
    /// # Errors
    /// Core's texts for a number that is none, or a time that is not to come.
    pub fn for_new(self, command: &str, now: i64) -> Result<Timeouts> {
        let after = |seconds: i64| (seconds > 0).then_some(seconds * SECOND);
        let present = Timeouts {
            deadline: after(config::TTL.get()).map(|ms| now.saturating_add(ms)),
            idle: after(config::IDLE_TIMEOUT.get()),
        };
        let mut timeouts = self.resolve(command, now, present)?;
        timeouts.deadline =
            limited(timeouts.deadline, now, now).ok_or_else(|| Error::invalid_expire(command))?;
        Ok(timeouts)
    }

    /// The timeouts of a live session after these options. What is not given stays. A deadline
    /// that is given lies at most `session.max-ttl` after `base`.
    ///
    /// # Errors
    /// As for [`Expiry::for_new`].
    pub fn for_present(
        self,
        command: &str,
        now: i64,
        base: i64,
        present: Timeouts,
    ) -> Result<Timeouts> {
        let mut timeouts = self.resolve(command, now, present)?;
        if self.deadline.is_some() {
            timeouts.deadline = limited(timeouts.deadline, base, now)
                .ok_or_else(|| Error::invalid_expire(command))?;
        }
        Ok(timeouts)
    }

    fn resolve(self, command: &str, now: i64, present: Timeouts) -> Result<Timeouts> {
        let invalid = || Error::invalid_expire(command);
        let read = |value: Arg<'_>, unit: i64| -> Result<i64> {
            let number = integer(value.bytes()).ok_or_else(Error::not_an_integer)?;
            number.checked_mul(unit).ok_or_else(invalid)
        };
        let deadline = match self.deadline {
            None => present.deadline,
            Some(Deadline::Persist) => None,
            Some(Deadline::In { value, unit }) => {
                let ms = read(value, unit)?;
                Some(now.checked_add(ms).filter(|_| ms > 0).ok_or_else(invalid)?)
            }
            Some(Deadline::At { value, unit }) => Some(read(value, unit)?)
                .filter(|&at| at > now)
                .ok_or_else(invalid)
                .map(Some)?,
        };
        let idle = match self.idle {
            None => present.idle,
            Some((value, unit)) => {
                let ms = read(value, unit)?;
                if ms < 0 || now.checked_add(ms).is_none() {
                    return Err(invalid());
                }
                (ms > 0).then_some(ms)
            }
        };
        Ok(Timeouts { deadline, idle })
    }
}

/// Brings a deadline within `session.max-ttl` of `base`. Gives none if that has passed already.
#[allow(clippy::option_option)]
fn limited(deadline: Option<i64>, base: i64, now: i64) -> Option<Option<i64>> {
    match config::MAX_TTL.get() {
        0 => Some(deadline),
        seconds => {
            let last = base.saturating_add(seconds * SECOND);
            (last > now).then(|| Some(deadline.map_or(last, |at| at.min(last))))
        }
    }
}
