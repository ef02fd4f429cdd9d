//! `SESSION.ROTATE key pattern [TOKEN] [GRACE ms] [PATCH patch] [expiry] [SCHEMA name] [USER name
//! [MAXSESSIONS count [REFUSE]]]`: moves a live session to a new ID, in one step with the changes of a login.
//!
//! A new ID at each change of privilege shuts out an attacker who planted or learned the old one
//! (OWASP Session Management Cheat Sheet, "Renew the Session ID After Any Privilege Level Change").
//! The session is stored under the new key. The old key is deleted, or with GRACE becomes an alias
//! until the grace period ends.

use super::shared::issue::IssueOptions;
use super::shared::options::{number, once};
use super::shared::reply;
use crate::config;
use crate::engine::effect::{publish, publish_end};
use crate::engine::event::ROTATE_EVENT;
use crate::engine::new_id::NewId;
use crate::engine::store::store;
use crate::engine::{check, patch, schema_lookup};
use crate::error::{Error, Result};
use crate::id;
use crate::keyspace::session_type::{unpack, SESSION};
use crate::keyspace::state::Scratch;
use crate::schema::Entry;
use crate::server::args::{Arg, Args};
use crate::server::command::Command;
use crate::server::context::Ctx;
use crate::server::key::{ReadKey, WriteKey};
use crate::server::native::Found;
use crate::session::{codec, Alias, Session, Value};
use crate::stats;

const COMMAND: &str = "session.rotate";

/// Implements `SESSION.ROTATE`.
pub struct Rotate;

#[derive(Default)]
struct Options<'a> {
    grace: Option<Arg<'a>>,
    patch: Option<&'a [u8]>,
    issue: IssueOptions<'a>,
}

impl<'a> Options<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(word) = args.next() {
            let mut value = || args.next().ok_or_else(Error::syntax);
            if word.is("GRACE") {
                once(&mut options.grace, value()?)?;
            } else if word.is("PATCH") {
                once(&mut options.patch, value()?.bytes())?;
            } else if !options.issue.accept(word, &mut args)? {
                return Err(Error::syntax());
            }
        }
        options.issue.check_max_sessions()?;
        if options.grace.is_some() && options.issue.user.is_some() {
            return Err(Error::contradiction(
                "GRACE does not go with USER: at a login the old ID must end at once",
            ));
        }
        Ok(options)
    }

    /// The length of the grace period in ms; none without GRACE.
    fn grace(&self) -> Result<Option<i64>> {
        let Some(grace) = self.grace else {
            return Ok(None);
        };
        let ms = number(grace)?;
        let limit = config::MAX_GRACE_MS.get();
        if (1..=limit).contains(&ms) {
            return Ok(Some(ms));
        }
        if limit == 0 {
            return Err(Error::err("session.max-grace-ms is 0: leave GRACE out"));
        }
        Err(Error::err(format_args!(
            "GRACE must be 1 to {limit} ms, as session.max-grace-ms says"
        )))
    }
}

impl Command for Rotate {
    fn secret(args: Args<'_>) -> Option<i32> {
        // Reads option by option, as `Options::parse` does, because the value of another option can
        // be the word PATCH.
        let mut args = args.enumerate().skip(3);
        while let Some((at, word)) = args.next() {
            if word.is("PATCH") {
                return i32::try_from(at + 1).ok();
            }
            if !(word.is("TOKEN") || word.is("PERSIST")) {
                args.next();
            }
        }
        None
    }

    fn run(ctx: Ctx<'_>, mut args: Args<'_>) -> Result<()> {
        let (Some(name), Some(pattern)) = (args.next(), args.next()) else {
            return Err(Error::syntax());
        };
        let stem = id::stem(pattern.bytes()).ok_or_else(|| {
            Error::err("the new key must end in '*': the server makes the new ID")
        })?;
        let options = Options::parse(args)?;
        let grace = options.grace()?;
        let limit = options.issue.session_limit(ctx)?;
        let now = ctx.now();
        options.issue.expiry.check(COMMAND, now)?;
        let key = ReadKey::open(ctx, name, false);
        let session = match key.get(&SESSION).map(unpack) {
            Found::Other => return Err(Error::wrong_type()),
            Found::Value(Value::Session(session)) if session.is_live(now) => session,
            // An alias is not followed: its session has a new ID already.
            _ => return Err(Error::no_session("; nothing was rotated")),
        };
        let mut new = NewId::make(ctx, stem, options.issue.token)?;
        let successor = renew(&session, &options, now)?;
        let chosen = schema_lookup::for_key(new.key.arg().bytes(), options.issue.schema)?;
        let schema = schema_lookup::chosen_or_present(chosen, &session)?;
        let mut data = Scratch::take();
        let successor = patch_and_check(successor, schema.as_deref(), &mut data.0, &options)?;
        if let Some(limit) = &limit {
            limit.check(ctx, new.key.arg(), Some(name), now)?;
        }

        // Nothing fails from here on.
        let until = grace.map(|ms| now.saturating_add(ms));
        let successor = Value::Session(successor);
        store(new.key.arg(), &mut new.open, &successor);
        let mut bytes = Scratch::take();
        codec::encode(&successor, &mut bytes.0);
        drop((key, new.open));
        publish(ctx, new.key.arg(), &bytes.0, &ROTATE_EVENT);
        retire(ctx, name, new.key.arg(), bytes, until);
        stats::ROTATED.add();
        if let Some(limit) = limit {
            limit.enforce(ctx, new.key.arg(), now);
        }
        reply::new_key(ctx, &new.key, new.token.as_ref());
        Ok(())
    }
}

/// The session with a new time of issue, and with the user and timeouts of the options.
fn renew<'a>(session: &Session<'a>, options: &Options<'a>, now: i64) -> Result<Session<'a>> {
    let mut successor = session.rotated(now);
    if let Some(user) = options.issue.user {
        if session.user().is_some_and(|present| present != user) {
            return Err(Error::err(
                "the session has another user; end it, and make a new one, so that nobody \
                 inherits data",
            ));
        }
        successor.authenticate(user, now);
    }
    let timeouts = options.issue.expiry.for_session(COMMAND, now, &successor)?;
    successor.set_timeouts(timeouts);
    Ok(successor)
}

/// The session with PATCH applied to its data and with this schema, which the data satisfies.
/// `data` is the buffer for the patched data.
fn patch_and_check<'a>(
    mut successor: Session<'a>,
    schema: Option<&'a Entry>,
    data: &'a mut Vec<u8>,
    options: &Options<'a>,
) -> Result<Session<'a>> {
    if let Some(text) = options.patch {
        patch::apply(successor.data(), text, data)?;
        successor.replace_data(data);
    }
    if let Some(entry) = schema {
        successor.set_schema(&entry.name);
        if !successor.is_known_to_satisfy(entry.revision.get()) {
            check::new_data(successor.data(), Some(entry))?;
            successor.remember_satisfies(entry.revision.get());
        }
    } else if options.patch.is_some() {
        check::new_data(successor.data(), None)?;
    }
    Ok(successor)
}

/// Turns the old key into an alias of the new one until `until` (Unix ms), or deletes it if that is
/// none, and publishes the change. `bytes` is a buffer to encode the alias in.
fn retire(ctx: Ctx<'_>, old: Arg<'_>, new: Arg<'_>, mut bytes: Scratch, until: Option<i64>) {
    let mut key = WriteKey::open(ctx, old);
    if let Some(until) = until {
        let alias = Value::Alias(Alias {
            successor: new.bytes(),
            until,
        });
        bytes.0.clear();
        codec::encode(&alias, &mut bytes.0);
        store(old, &mut key, &alias);
        drop(key);
        publish(ctx, old, &bytes.0, &ROTATE_EVENT);
    } else {
        key.delete();
        drop(key);
        publish_end(ctx, &[old]);
    }
}
