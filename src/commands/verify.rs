//! `SESSION.VERIFY`: the guard of a protected route, in one round trip.

use super::effect::record_access;
use super::{find, flag, once, reply, verdict};
use crate::error::{Error, Result};
use crate::integer::integer;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::session::Session;
use crate::stats;

/// The command.
pub struct Verify;

#[derive(Default)]
struct Options<'a> {
    schemas: Vec<&'a str>,
    fresh: Option<Arg<'a>>,
    notouch: bool,
    withinfo: bool,
}

impl<'a> Options<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(word) = args.next() {
            let mut value = || args.next().ok_or_else(Error::syntax);
            if word.is("SCHEMA") {
                options.schemas.push(super::schema::name(value()?)?);
            } else if word.is("FRESH") {
                once(&mut options.fresh, value()?)?;
            } else if word.is("NOTOUCH") {
                flag(&mut options.notouch)?;
            } else if word.is("WITHINFO") {
                flag(&mut options.withinfo)?;
            } else {
                return Err(Error::syntax());
            }
        }
        Ok(options)
    }
}

impl Command for Verify {
    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let name = args.next().ok_or_else(Error::syntax)?;
        let options = Options::parse(args)?;
        let fresh = options.fresh.map(fresh_ms).transpose()?;
        let now = ctx.now();
        let Some(found) = find::read(ctx, name, now, options.notouch)? else {
            stats::VERIFY_MISSING.add();
            ctx.reply_null();
            return Ok(());
        };
        let session = found.session();
        let verdict =
            verdict::check_session(&session, options.schemas.iter().copied(), |revision| {
                found.remember_satisfies(revision);
            })
            .and_then(|()| fresh.map_or(Ok(()), |ms| check_fresh(&session, now, ms)));
        if let Err(error) = verdict {
            stats::VERIFY_FAILED.add();
            return Err(error);
        }
        stats::VERIFY_PASSED.add();
        reply::data(ctx, &session, found.expire(), now, options.withinfo);
        if !options.notouch {
            record_access(ctx, name, found, now);
        }
        Ok(())
    }
}

fn fresh_ms(seconds: Arg<'_>) -> Result<i64> {
    let seconds = integer(seconds.bytes()).ok_or_else(Error::not_an_integer)?;
    seconds
        .checked_mul(1000)
        .filter(|&ms| ms >= 0)
        .ok_or_else(|| Error::err("FRESH must be a number of seconds, 0 or more"))
}

fn check_fresh(session: &Session<'_>, now: i64, ms: i64) -> Result<()> {
    match session.authenticated() {
        Some(at) if now - at <= ms => Ok(()),
        Some(at) => Err(Error::stale(format_args!(
            "the user authenticated {} seconds ago, and at most {} are asked for",
            (now - at) / 1000,
            ms / 1000
        ))),
        None => Err(Error::stale("no user has authenticated in this session")),
    }
}
