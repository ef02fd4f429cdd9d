//! `SESSION.IMPORT key data CREATED ms [AUTHENTICATED ms] [ACCESSED ms] [expiry] [SCHEMA name] [USER
//! name]`: creates a session that lived elsewhere, with the times that it had there.
//!
//! It is SET with NX, except for the times. A time that the client states decides what FRESH and
//! `session.max-ttl` allow, so the command is for operators: it is in the category `@dangerous`.

use super::shared::expiry::Expiry;
use super::shared::options::{number, once, schema_name, user_name};
use crate::engine::create::create;
use crate::engine::{check, live, schema_lookup};
use crate::error::{Error, Result};
use crate::id;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::key::WriteKey;
use crate::session::Session;
use crate::stats;

const COMMAND: &str = "session.import";

/// Implements `SESSION.IMPORT`.
pub struct Import;

#[derive(Default)]
struct Options<'a> {
    created: Option<Arg<'a>>,
    authenticated: Option<Arg<'a>>,
    accessed: Option<Arg<'a>>,
    expiry: Expiry<'a>,
    schema: Option<&'a str>,
    user: Option<&'a str>,
}

impl<'a> Options<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(word) = args.next() {
            let mut value = || args.next().ok_or_else(Error::syntax);
            if word.is("CREATED") {
                once(&mut options.created, value()?)?;
            } else if word.is("AUTHENTICATED") {
                once(&mut options.authenticated, value()?)?;
            } else if word.is("ACCESSED") {
                once(&mut options.accessed, value()?)?;
            } else if word.is("SCHEMA") {
                once(&mut options.schema, schema_name(value()?)?)?;
            } else if word.is("USER") {
                once(&mut options.user, user_name(value()?)?)?;
            } else if !options.expiry.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        Ok(options)
    }
}

/// The times that the session had where it comes from, in Unix ms.
struct Times {
    created: i64,
    /// When the user authenticated; of use only if there is a user.
    authenticated: i64,
    accessed: i64,
}

impl Times {
    /// Reads the times, and replaces those that were not given: the import counts as an access, and
    /// the user authenticated when the session was created. An authentication was not earlier, so
    /// FRESH never passes that should not.
    ///
    /// # Errors
    /// ERR without CREATED; syntax for AUTHENTICATED without USER; core's text for a time that is not
    /// an integer; ERR for one in the future, and for one before CREATED.
    fn of(options: &Options<'_>, now: i64) -> Result<Self> {
        let created = options.created.ok_or_else(|| {
            Error::err(
                "CREATED must be given: the Unix time in ms at which the session was created",
            )
        })?;
        if options.authenticated.is_some() && options.user.is_none() {
            return Err(Error::contradiction(
                "AUTHENTICATED needs USER: it is the time at which that user authenticated",
            ));
        }
        let created = past("CREATED", created, now)?;
        let later = |option, given: Option<Arg<'_>>, otherwise| {
            let Some(given) = given else {
                return Ok(otherwise);
            };
            let at = past(option, given, now)?;
            if at < created {
                return Err(Error::err(format_args!(
                    "CREATED must not be later than {option}"
                )));
            }
            Ok(at)
        };
        Ok(Self {
            created,
            authenticated: later("AUTHENTICATED", options.authenticated, created)?,
            accessed: later("ACCESSED", options.accessed, now)?,
        })
    }
}

/// Reads a Unix time in ms that has passed.
fn past(option: &str, at: Arg<'_>, now: i64) -> Result<i64> {
    let at = number(at)?;
    if at < 0 {
        return Err(Error::err(format_args!(
            "{option} must be a Unix time in ms, 0 or more"
        )));
    }
    if at > now {
        return Err(Error::err(format_args!(
            "{option} must not be in the future; it is a Unix time in ms, by this server's clock"
        )));
    }
    Ok(at)
}

impl Command for Import {
    fn secret(_args: Args<'_>) -> Option<i32> {
        Some(2)
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let (Some(key), Some(data)) = (args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let options = Options::parse(args)?;
        if id::stem(key.bytes()).is_some() {
            return Err(Error::err(
                "the key must not end in '*': a session is imported under its own ID",
            ));
        }
        let now = ctx.now();
        let times = Times::of(&options, now)?;
        options.expiry.check(COMMAND, now)?;
        if live::is_taken(ctx, key, now) {
            ctx.reply_null();
            return Ok(());
        }
        let schema = schema_lookup::for_key(key.bytes(), options.schema)?;
        let ended = |why| Error::err(format_args!("the session would have ended already: {why}"));
        let base = options.user.map_or(times.created, |_| times.authenticated);
        let timeouts = options
            .expiry
            .for_new_since(COMMAND, now, base)
            // The options themselves have been checked above, so only the setting is left.
            .map_err(|_| ended("session.max-ttl counts from its creation or authentication"))?;
        if !timeouts.allow(times.accessed, now) {
            return Err(ended("its idle timeout has run out since ACCESSED"));
        }
        check::new_data(data.bytes(), schema.as_deref())?;

        // Nothing fails from here on.
        let name = schema.as_deref().map(|entry| &*entry.name);
        let mut session =
            Session::create(times.created, data.bytes(), timeouts, name, options.user);
        session.set_accessed(times.accessed);
        if let Some(user) = options.user {
            session.authenticate(user, times.authenticated);
        }
        create(
            ctx,
            key,
            WriteKey::open(ctx, key),
            session,
            data,
            schema.as_deref(),
            now,
        );
        stats::IMPORTED.add();
        ctx.reply(key.bytes());
        Ok(())
    }
}
