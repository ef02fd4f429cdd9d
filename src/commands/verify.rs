//! `SESSION.VERIFY key [SCHEMA name …] [FRESH seconds] [NOTOUCH] [WITHINFO | FIELDS n field …] [PATH
//! pointer …]`: returns the data of a live session that satisfies its schema, the schemas named, and
//! FRESH, or parts of it. It guards a protected route in one round trip.
//!
//! A check that has passed is remembered with the session, so most calls check nothing again.

use super::shared::options::{flag, number, once, schema_name};
use super::shared::view::View;
use crate::engine::{check, live, record_access};
use crate::error::{Error, Result};
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::session::{NotBelieved, Session};
use crate::stats;

/// Implements `SESSION.VERIFY`.
pub struct Verify;

#[derive(Default)]
struct Options<'a> {
    schemas: Vec<&'a str>,
    fresh: Option<Arg<'a>>,
    notouch: bool,
    view: View<'a>,
}

impl<'a> Options<'a> {
    /// Reads all options, in place: to return them would copy them.
    fn parse(&mut self, mut args: Args<'a>) -> Result<()> {
        while let Some(word) = args.next() {
            let mut value = || args.next().ok_or_else(Error::syntax);
            if word.is("SCHEMA") {
                self.schemas.push(schema_name(value()?)?);
            } else if word.is("FRESH") {
                once(&mut self.fresh, value()?)?;
            } else if word.is("NOTOUCH") {
                flag(&mut self.notouch)?;
            } else if !self.view.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        Ok(())
    }
}

impl Command for Verify {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = args.next().ok_or_else(Error::syntax)?;
        let mut options = Options::default();
        options.parse(args)?;
        let fresh = options.fresh.map(fresh_ms).transpose()?;
        let now = ctx.now();
        let mut found = live::open_read(ctx, name, now, options.notouch)?;
        let Some(found) = &mut found else {
            stats::VERIFY_MISSING.add();
            ctx.reply_null();
            return Ok(());
        };
        let session = found.session();
        let schemas = options.schemas.iter().copied();
        let verdict = check::stored_session(&session, schemas, |revision| {
            found.remember_satisfies(revision);
        })
        .and_then(|()| fresh.map_or(Ok(()), |ms| check_fresh(&session, now, ms)));
        if let Err(error) = verdict {
            stats::VERIFY_FAILED.add();
            return Err(error);
        }
        let spans = options.view.spans(session.data())?;

        // Nothing fails from here on.
        stats::VERIFY_PASSED.add();
        let is_due = !options.notouch && record_access::is_due(ctx, found, now);
        let session = if !is_due {
            session
        } else if record_access::record(ctx, name, found, now) {
            found.session()
        } else {
            ctx.reply_null();
            return Ok(());
        };
        (options.view).reply(ctx, found, || session, spans, now);
        Ok(())
    }
}

/// Reads the argument of FRESH, in seconds, and returns it in ms.
fn fresh_ms(seconds: Arg<'_>) -> Result<i64> {
    number(seconds)?
        .checked_mul(1000)
        .filter(|&ms| ms >= 0)
        .ok_or_else(|| Error::err("FRESH must be a number of seconds, 0 or more"))
}

/// Checks that the user authenticated at most `ms` ago.
fn check_fresh(session: &Session<'_>, now: i64, ms: i64) -> Result<()> {
    match session.believed_authentication(now) {
        Err(NotBelieved) => Err(Error::stale(
            "the time at which the user authenticated lies in the future, and is not believed",
        )),
        Ok(Some(at)) if now - at <= ms => Ok(()),
        Ok(Some(at)) => Err(Error::stale(format_args!(
            "the user authenticated {} seconds ago, and at most {} are asked for",
            (now - at) / 1000,
            ms / 1000
        ))),
        Ok(None) => Err(Error::stale("no user has authenticated in this session")),
    }
}
